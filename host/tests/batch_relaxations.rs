//! Tests that compare relaxed samples of batches, their densities and their gradients with the core, row by row and bit
//! for bit, at every width.

#[path = "common/batches.rs"]
mod common;

use samplegrad_core::{Concrete, GumbelSoftmax, StraightThrough};
use samplegrad_host::{
    Lanes,
    batch::{self, Logits},
};

use common::{Row, as_floats, batches, in_all_lanes};

fn relaxed(lanes: Lanes) {
    for batch in batches() {
        let (k, tau) = (batch.k, batch.tau);
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes(lanes);
        let one = |b: usize| Row::new(batch.row(&batch.logits, b)).unwrap();
        let given = |b| GumbelSoftmax::with_noise(&one(b), tau, batch.row(&batch.noise, b)).unwrap();
        batch.drawn(
            "Gumbel-softmax",
            |streams, out| {
                batch.room(out, [k]);
                batch::gumbel_softmax::sample(&logits, tau, streams, &mut out[0]).unwrap();
            },
            |b, rng, [y]| y.extend(GumbelSoftmax::sample(&one(b), tau, rng).values()),
        );
        batch.drawn(
            "Gumbel-softmax with the gradient of a cost",
            |streams, out| {
                batch.room(out, [k, k]);
                let [y, gradient] = out;
                let cost = |row, y: &[f32], c: &mut [f32]| c.copy_from_slice(&batch.cotangent[row * k..][..y.len()]);
                batch::gumbel_softmax::sample_and_vjp(&logits, tau, streams, y, gradient, cost).unwrap();
            },
            |b, rng, [y, gradient]| {
                let sample = GumbelSoftmax::sample(&one(b), tau, rng);
                y.extend(sample.values());
                gradient.extend(sample.vjp(batch.row(&batch.cotangent, b)).unwrap());
            },
        );
        batch.drawn(
            "Gumbel-softmax with the gradient of a cost that is known before",
            |streams, out| {
                batch.room(out, [k, k]);
                let [y, gradient] = out;
                batch::gumbel_softmax::sample_with_vjp(&logits, tau, streams, &batch.cotangent, y, gradient).unwrap();
            },
            |b, rng, [y, gradient]| {
                let sample = GumbelSoftmax::sample(&one(b), tau, rng);
                y.extend(sample.values());
                gradient.extend(sample.vjp(batch.row(&batch.cotangent, b)).unwrap());
            },
        );
        batch.drawn(
            "straight-through",
            |streams, out| {
                batch.room(out, [k, 0]);
                let mut classes = vec![u32::MAX; batch.rows];
                batch::straight_through::sample(&logits, tau, streams, &mut classes, &mut out[0]).unwrap();
                out[1] = as_floats(&classes);
            },
            |b, rng, [soft, class]| {
                let sample = StraightThrough::sample(&one(b), tau, rng);
                soft.extend(sample.soft().values());
                class.push(sample.class() as f32);
            },
        );
        batch.computed(
            "Gumbel-softmax of given noise, its gradients and its class",
            |out| {
                batch.room(out, [k, k, 1, 0, k]);
                let [y, by_logits, by_tau, class, log_y] = out;
                let mut classes = vec![u32::MAX; batch.rows];
                batch::gumbel_softmax::with_noise(&logits, tau, &batch.noise, y).unwrap();
                batch::gumbel_softmax::vjp_in(lanes, y, &batch.cotangent, k, tau, by_logits).unwrap();
                batch::gumbel_softmax::vjp_temperature(&logits, tau, &batch.noise, &batch.cotangent, by_tau).unwrap();
                batch::gumbel_softmax::hard(&logits, &batch.noise, &mut classes).unwrap();
                batch::gumbel_softmax::log_with_noise(&logits, tau, &batch.noise, log_y).unwrap();
                *class = as_floats(&classes);
            },
            |b, [y, by_logits, by_tau, class, log_y]| {
                let (sample, cotangent) = (given(b), batch.row(&batch.cotangent, b));
                y.extend(sample.values());
                by_logits.extend(sample.vjp(cotangent).unwrap());
                by_tau.push(sample.vjp_temperature(cotangent).unwrap());
                class.push(sample.hard() as f32);
                log_y.extend(sample.log_values());
            },
        );
        // A point of the open simplex, for any temperature of the density.
        let mut point = vec![0.0; batch.rows * k];
        let finite: Vec<f32> = batch.others.clone();
        let of_point = Logits::new(&finite, k).unwrap();
        batch::categorical::probabilities(&of_point, &mut point, &mut vec![0.0; batch.rows * k]).unwrap();
        // In every other row the point is near a corner, where the gradients have separate formulas. A masked class has
        // no coordinate.
        let mut log_point = finite.clone();
        for (place, &l) in batch.logits.iter().enumerate() {
            if place / k % 2 == 1 && place % k == place / k % k {
                point[place] = [1e-7, 1e-20, 1e-42][place / k % 3];
            }
            if l == f32::NEG_INFINITY {
                (point[place], log_point[place]) = (0.0, f32::NEG_INFINITY);
            }
        }
        batch.computed(
            "Concrete densities",
            |out| {
                batch.room(out, [1, 1, k, k, 1, k, k, 1]);
                let [of_point, of_logarithm, by_logits, by_point, by_tau, of_point_by_logits, by_y, of_point_by_tau] =
                    out;
                batch::concrete::log_density(&logits, tau, &point, of_point).unwrap();
                batch::concrete::log_density_exp(&logits, tau, &log_point, of_logarithm).unwrap();
                batch::concrete::gradient_exp(&logits, tau, &log_point, by_logits, by_point, by_tau).unwrap();
                batch::concrete::gradient(&logits, tau, &point, of_point_by_logits, by_y, of_point_by_tau).unwrap();
            },
            |b, [of_point, of_logarithm, by_logits, by_point, by_tau, of_point_by_logits, by_y, of_point_by_tau]| {
                let law = Concrete::new(&one(b), tau);
                of_point.push(law.log_density(batch.row(&point, b)).unwrap());
                let x = batch.row(&log_point, b);
                of_logarithm.push(law.log_density_exp(x).unwrap());
                let gradient = law.log_density_exp_gradient(x).unwrap();
                by_logits.extend(gradient.logits);
                by_point.extend(gradient.point);
                by_tau.push(gradient.temperature);
                let gradient = law.log_density_gradient(batch.row(&point, b)).unwrap();
                of_point_by_logits.extend(gradient.logits);
                by_y.extend(gradient.point);
                of_point_by_tau.push(gradient.temperature);
            },
        );
    }
}

in_all_lanes! { relaxed }
