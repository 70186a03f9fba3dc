//! Tests that compare categorical distributions and score functions of batches with the core, row by row and bit for
//! bit, at every width.

#[path = "common/batches.rs"]
mod common;

use samplegrad_core::{Categorical, leave_one_out, score_function, self_critical};
use samplegrad_host::{
    Lanes,
    batch::{self, Logits},
};

use common::{Row, as_floats, batches, in_all_lanes};

fn categorical(lanes: Lanes) {
    for batch in batches() {
        let k = batch.k;
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes(lanes);
        let others = Logits::new(&batch.others, k).unwrap().in_lanes(lanes);
        batch.computed(
            "categorical",
            |out| {
                batch.room(out, [k, k, 0, 1, 1, k, k, 1]);
                let [p, log_p, mode, log_prob, entropy, by_entropy, score, kl] = out;
                let mut modes = vec![u32::MAX; batch.rows];
                batch::categorical::probabilities(&logits, p, log_p).unwrap();
                batch::categorical::modes(&logits, &mut modes).unwrap();
                *mode = as_floats(&modes);
                batch::categorical::log_prob(&logits, &batch.classes, log_prob).unwrap();
                batch::categorical::entropy(&logits, entropy).unwrap();
                batch::categorical::entropy_gradient(&logits, by_entropy).unwrap();
                batch::categorical::score(&logits, &batch.classes, score).unwrap();
                batch::categorical::kl(&logits, &others, kl).unwrap();
            },
            |b, [p, log_p, mode, log_prob, entropy, by_entropy, score, kl]| {
                let one = batch.distribution(b);
                p.extend(one.probabilities());
                log_p.extend(one.log_probabilities());
                mode.push(one.mode() as f32);
                log_prob.push(one.log_prob(batch.classes[b]));
                entropy.push(one.entropy());
                by_entropy.extend(one.entropy_gradient());
                score.extend(one.score(batch.classes[b]).unwrap());
                kl.push(one.kl(&Categorical::new(&Row::new(batch.row(&batch.others, b)).unwrap())).unwrap());
            },
        );
        batch.computed(
            "divergences",
            |out| {
                batch.room(out, [k, k, 1]);
                let [of_p, of_q, to_uniform] = out;
                batch::categorical::kl_gradients(&logits, &others, of_p, of_q).unwrap();
                batch::categorical::kl_to_uniform(&logits, to_uniform).unwrap();
            },
            |b, [of_p, of_q, to_uniform]| {
                let one = batch.distribution(b);
                let other = Categorical::new(&Row::new(batch.row(&batch.others, b)).unwrap());
                let (by_p, by_q) = one.kl_gradients(&other).unwrap();
                of_p.extend(by_p);
                of_q.extend(by_q);
                to_uniform.push(one.kl_to_uniform());
            },
        );
        for samples in [2, 5] {
            let classes: Vec<u32> = (0..batch.rows * samples).map(|i| (i * i % k) as u32).collect();
            let values: Vec<f32> = (0..batch.rows * samples).map(|i| (i % 7) as f32 - 2.5).collect();
            batch.computed(
                "score function",
                |out| {
                    batch.room(out, [samples, k, samples]);
                    let [advantages, gradient, critical] = out;
                    let of_mode = &batch.cotangent[..batch.rows];
                    batch::score_function::self_critical(&values, of_mode, samples, critical).unwrap();
                    batch::score_function::leave_one_out(&values, samples, advantages).unwrap();
                    batch::score_function::estimate(&logits, samples, &classes, advantages, gradient).unwrap();
                },
                |b, [advantages, gradient, critical]| {
                    let mut a = vec![0.0; samples];
                    let values = &values[b * samples..][..samples];
                    self_critical::advantages(values, batch.cotangent[b], &mut a).unwrap();
                    critical.extend(&a);
                    leave_one_out::advantages(values, &mut a).unwrap();
                    let classes = &classes[b * samples..][..samples];
                    gradient.extend(score_function::estimate(&batch.distribution(b), classes, &a).unwrap());
                    advantages.extend(a);
                },
            );
        }
    }
}

in_all_lanes! { categorical }
