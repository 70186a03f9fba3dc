//! Bits, binary relaxations and normal variables of batches against the core, row by row, bit for bit, at every width.

#[path = "common/batches.rs"]
mod common;

use samplegrad_core::{Bernoulli, BinaryConcrete, Gaussian};
use samplegrad_host::{
    F32x4, F32x8, F32x16, Vector,
    batch::{
        self,
        binary_concrete::{Density, Relaxed},
        gaussian::Gaussians,
    },
};

use common::{as_floats, at_every_width, batches};

fn scalars<L: Vector>() {
    for batch in batches() {
        let tau = batch.tau;
        let finite: Vec<f32> = batch.logits.iter().take(batch.rows).map(|l| l.max(-50.0)).collect();
        let bernoulli = |b: usize| Bernoulli::new(finite[b]).unwrap();
        batch.drawn(
            "Bernoulli",
            |streams, [out]| {
                let mut b = vec![9; batch.rows];
                batch::bernoulli::sample::<L>(&finite, streams, &mut b).unwrap();
                *out = as_floats(&b);
            },
            |b, rng, [out]| out.push(f32::from(u8::from(bernoulli(b).sample(rng)))),
        );
        batch.drawn(
            "binary Concrete",
            |streams, out| {
                batch.room(out, [1, 1, 1, 0]);
                let [y, derivative, temperature_derivative, sample] = out;
                let mut hard = vec![9; batch.rows];
                let room = Relaxed { y, derivative, temperature_derivative, hard: &mut hard };
                batch::binary_concrete::sample::<L>(&finite, tau, streams, room).unwrap();
                *sample = as_floats(&hard);
            },
            |b, rng, [y, derivative, temperature_derivative, hard]| {
                let sample = BinaryConcrete::new(finite[b], tau).unwrap().sample(rng);
                y.push(sample.value());
                derivative.push(sample.derivative());
                temperature_derivative.push(sample.temperature_derivative());
                hard.push(f32::from(u8::from(sample.hard())));
            },
        );
        // Near both corners and between them.
        let points: Vec<f32> =
            (0..batch.rows).map(|b| [0.375, 1e-10, 1.0 - f32::EPSILON / 2.0, 1e-42, 0.5][b % 5]).collect();
        batch.computed(
            "Bernoulli densities",
            |out| {
                batch.room(out, [1; 11]);
                let [log_prob, score, entropy, slope, kl, by_l, by_m, log_density, logit, temperature, point] = out;
                let b: Vec<u32> = batch.classes.iter().map(|class| class % 2).collect();
                batch::bernoulli::log_prob::<L>(&finite, &b, log_prob, score).unwrap();
                batch::bernoulli::entropy::<L>(&finite, entropy, slope).unwrap();
                batch::bernoulli::kl::<L>(&finite, &batch.others[..batch.rows], kl, by_l, by_m).unwrap();
                let room = Density { log_density, logit, temperature, point };
                batch::binary_concrete::log_density::<L>(&finite, tau, &points, room).unwrap();
            },
            |b, [log_prob, score, entropy, slope, kl, by_l, by_m, log_density, logit, temperature, point]| {
                let one = batch.classes[b] % 2 == 1;
                log_prob.push(bernoulli(b).log_prob(one));
                score.push(bernoulli(b).score(one));
                entropy.push(bernoulli(b).entropy());
                slope.push(bernoulli(b).entropy_derivative());
                let other = Bernoulli::new(batch.others[b]).unwrap();
                let (of_l, of_m) = bernoulli(b).kl_derivatives(other);
                kl.push(bernoulli(b).kl(other));
                by_l.push(of_l);
                by_m.push(of_m);
                let at = BinaryConcrete::new(finite[b], tau).unwrap().log_density(points[b]).unwrap();
                log_density.push(at.log_density);
                logit.push(at.logit);
                temperature.push(at.temperature);
                point.push(at.point);
            },
        );
        let log_std = &batch.others[..batch.rows];
        let gaussians = Gaussians::new(&finite, log_std).unwrap();
        let gaussian = |b: usize| Gaussian::new(finite[b], log_std[b]).unwrap();
        batch.drawn(
            "Gaussian",
            |streams, out| {
                batch.room(out, [1, 1]);
                let [x, noise] = out;
                gaussians.sample::<L>(streams, x, noise).unwrap();
            },
            |b, rng, [x, noise]| {
                let (value, epsilon) = gaussian(b).sample(rng);
                x.push(value);
                noise.push(epsilon);
            },
        );
        batch.computed(
            "Gaussian densities",
            |out| {
                batch.room(out, [1; 12]);
                let [
                    log_prob,
                    by_mean,
                    by_log_std,
                    entropy,
                    path_mean,
                    path_std,
                    kl,
                    kl_mean,
                    kl_std,
                    to,
                    to_mean,
                    to_std,
                ] = out;
                let (noise, cotangent) = (&batch.noise[..batch.rows], &batch.cotangent[..batch.rows]);
                let others = Gaussians::new(cotangent, log_std).unwrap();
                gaussians.entropy::<L>(entropy).unwrap();
                gaussians.pathwise::<L>(noise, cotangent, path_mean, path_std).unwrap();
                gaussians.kl::<L>(Some(&others), kl, kl_mean, kl_std).unwrap();
                gaussians.kl::<L>(None, to, to_mean, to_std).unwrap();
                gaussians.log_prob::<L>(&batch.cotangent[..batch.rows], log_prob, by_mean, by_log_std).unwrap();
            },
            |b, out| {
                let (p, cotangent) = (gaussian(b), batch.cotangent[b]);
                let other = Gaussian::new(cotangent, log_std[b]).unwrap();
                let (score_mean, score_std) = p.score(cotangent);
                let (path_mean, path_std) = p.pathwise(batch.noise[b], cotangent);
                let [kl_mean, kl_std, ..] = p.kl_derivatives(other);
                let (to_mean, to_std) = p.kl_to_standard_derivatives();
                let all = [
                    [p.log_prob(cotangent), score_mean, score_std],
                    [p.entropy(), path_mean, path_std],
                    [p.kl(other), kl_mean, kl_std],
                    [p.kl_to_standard(), to_mean, to_std],
                ];
                out.iter_mut().zip(all.as_flattened()).for_each(|(out, &x)| out.push(x));
            },
        );
    }
}

at_every_width! { scalars: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16 }
