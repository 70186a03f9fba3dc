//! Tests that compare bits, binary relaxations and normal variables of batches with the core, row by row and bit for
//! bit, at every width.

#[path = "common/batches.rs"]
mod common;

use samplegrad_core::{Bernoulli, BinaryConcrete, LogStdNormal};
use samplegrad_host::{
    Lanes,
    batch::{
        bernoulli::Bernoullis,
        binary_concrete::{BinaryConcretes, Density, Relaxed},
        log_std_normal::LogStdNormals,
    },
};

use common::{as_floats, batches, in_all_lanes};

fn scalars(lanes: Lanes) {
    for batch in batches() {
        let tau = batch.tau;
        let finite: Vec<f32> = batch.logits.iter().take(batch.rows).map(|l| l.max(-50.0)).collect();
        let bernoulli = |b: usize| Bernoulli::new(finite[b]).unwrap();
        let bernoullis = Bernoullis::new(&finite).unwrap().in_lanes(lanes);
        let concretes = BinaryConcretes::new(&finite, tau).unwrap().in_lanes(lanes);
        batch.drawn(
            "Bernoulli",
            |streams, [out]| {
                let mut b = vec![9; batch.rows];
                bernoullis.sample(streams, &mut b).unwrap();
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
                concretes.sample(streams, room).unwrap();
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
        // Points near both corners and between them.
        let points: Vec<f32> =
            (0..batch.rows).map(|b| [0.375, 1e-10, 1.0 - f32::EPSILON / 2.0, 1e-42, 0.5][b % 5]).collect();
        batch.computed(
            "Bernoulli densities",
            |out| {
                batch.room(out, [1; 11]);
                let [log_prob, score, entropy, slope, kl, by_l, by_m, log_density, logit, temperature, point] = out;
                let b: Vec<u32> = batch.classes.iter().map(|class| class % 2).collect();
                bernoullis.log_prob(&b, log_prob, score).unwrap();
                bernoullis.entropy(entropy, slope).unwrap();
                let others = Bernoullis::new(&batch.others[..batch.rows]).unwrap();
                bernoullis.kl(&others, kl, by_l, by_m).unwrap();
                let room = Density { log_density, logit, temperature, point };
                concretes.log_density(&points, room).unwrap();
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
        let gaussians = LogStdNormals::new(&finite, log_std).unwrap().in_lanes(lanes);
        let gaussian = |b: usize| LogStdNormal::new(finite[b], log_std[b]).unwrap();
        batch.drawn(
            "LogStdNormal",
            |streams, out| {
                batch.room(out, [1, 1]);
                let [x, noise] = out;
                gaussians.sample(streams, x, noise).unwrap();
            },
            |b, rng, [x, noise]| {
                let (value, epsilon) = gaussian(b).sample(rng);
                x.push(value);
                noise.push(epsilon);
            },
        );
        batch.computed(
            "LogStdNormal densities",
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
                let others = LogStdNormals::new(cotangent, log_std).unwrap();
                gaussians.entropy(entropy).unwrap();
                gaussians.pathwise(noise, cotangent, path_mean, path_std).unwrap();
                gaussians.kl(Some(&others), kl, kl_mean, kl_std).unwrap();
                gaussians.kl(None, to, to_mean, to_std).unwrap();
                gaussians.log_prob(&batch.cotangent[..batch.rows], log_prob, by_mean, by_log_std).unwrap();
            },
            |b, out| {
                let (p, cotangent) = (gaussian(b), batch.cotangent[b]);
                let other = LogStdNormal::new(cotangent, log_std[b]).unwrap();
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

in_all_lanes! { scalars }
