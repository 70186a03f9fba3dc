//! Bounded actions: scores have mean zero and give the gradient of a cost, and entropies have their gradients.
//!
//! Each of the 36 comparisons allows 4.5 standard errors, so it fails by chance with a probability of 7e-6; the seed is
//! fixed.

use samplegrad_core::{BetaHead, GaussianHead, Head, SquashedGaussianHead, stream};
use statrs::function::{beta::ln_beta, gamma::digamma};

const DRAWS: u32 = 400_000;

/// A mean with its standard error.
#[derive(Clone, Copy, Default)]
struct Mean {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Mean {
    fn add(&mut self, x: f64) {
        (self.count, self.sum, self.squares) = (self.count + 1.0, self.sum + x, self.squares + x * x);
    }

    fn check(&self, expected: f64, what: &str) {
        let mean = self.sum / self.count;
        let error = ((self.squares / self.count - mean * mean).max(0.0) / self.count).sqrt();
        // Rounding of the core is far below an error of 1e-4.
        assert!((mean - expected).abs() < 4.5 * error + 1e-4, "{what}: {mean} ± {error}, exact {expected}");
    }
}

/// Compares a head at some outputs: the mean score with 0, the mean of cost × score and the mean gradient of the entropy
/// with central differences of `exact`, which returns the mean cost and the entropy.
fn compare<P>(head: &P, outputs: [f32; 2], exact: impl Fn([f64; 2]) -> [f64; 2])
where
    P: Head<1, 2, f32, Action = [f32; 1], Constraint = ()>,
{
    let mut rng = stream::xorshift(2026, 3);
    let (mut scores, mut gradients, mut entropies) = ([Mean::default(); 2], [Mean::default(); 2], [Mean::default(); 2]);
    let mut distribution = head.distribution(&outputs.map(|o| [o]), &());
    for _ in 0..DRAWS {
        let action = head.draw_kept(&mut distribution, &mut rng);
        let (mut score, mut entropy) = ([[0.0]; 2], [[0.0]; 2]);
        head.score(&distribution, action, &mut score);
        head.entropy_gradient(&distribution, &mut entropy);
        for k in 0..2 {
            scores[k].add(f64::from(score[k][0]));
            gradients[k].add(cost(f64::from(action[0])) * f64::from(score[k][0]));
            entropies[k].add(f64::from(entropy[k][0]));
        }
    }
    const STEP: f64 = 1e-4;
    for k in 0..2 {
        let [above, below] = [STEP, -STEP].map(|step| {
            let mut outputs = outputs.map(f64::from);
            outputs[k] += step;
            exact(outputs)
        });
        let slope = |of: usize| (above[of] - below[of]) / (2.0 * STEP);
        scores[k].check(0.0, &format!("score in output {k} at {outputs:?}"));
        gradients[k].check(slope(0), &format!("gradient in output {k} at {outputs:?}"));
        entropies[k].check(slope(1), &format!("entropy in output {k} at {outputs:?}"));
    }
}

fn cost(action: f64) -> f64 {
    (action - 0.3) * (action - 0.3)
}

/// Sums over 40 000 points of the normal number, within ten deviations.
fn of_squashed([mean, log_std]: [f64; 2]) -> [f64; 2] {
    const POINTS: i32 = 40_000;
    let (mut costs, mut entropy, std) = (0.0, 0.0, log_std.exp());
    for i in -POINTS / 2..=POINTS / 2 {
        let noise = f64::from(i) * 20.0 / f64::from(POINTS);
        let weight = (-0.5 * noise * noise).exp() / std::f64::consts::TAU.sqrt() * 20.0 / f64::from(POINTS);
        let u = mean + std * noise;
        // ln(1 − tanh² u) in a form that does not cancel.
        let ln_slope = 2.0 * (std::f64::consts::LN_2 - u.abs() - (-2.0 * u.abs()).exp().ln_1p());
        costs += weight * cost(u.tanh());
        entropy += weight * (0.5 * noise * noise + 0.5 * std::f64::consts::TAU.ln() + log_std + ln_slope);
    }
    [costs, entropy]
}

#[test]
fn squashed_normal() {
    let head = SquashedGaussianHead::new(GaussianHead::new(-5.0, 2.0).unwrap());
    // At the last outputs, most actions are rounded to 1.
    for outputs in [[0.0, 0.0], [0.7, -1.0], [12.0, -2.0]] {
        compare(&head, outputs, of_squashed);
    }
}

fn of_beta(outputs: [f64; 2]) -> [f64; 2] {
    let [a, b] = outputs.map(|o| 1.0 + o.exp().ln_1p());
    let (mean, total) = (a / (a + b), a + b);
    let variance = a * b / (total * total * (total + 1.0));
    let entropy = ln_beta(a, b) - (a - 1.0) * digamma(a) - (b - 1.0) * digamma(b) + (total - 2.0) * digamma(total);
    [variance + (mean - 0.3) * (mean - 0.3), entropy]
}

#[test]
fn beta() {
    // At the last outputs, shapes are near 1 and 20: many actions are near 0.
    for outputs in [[0.0, 0.0], [1.0, -1.0], [-6.0, 20.0]] {
        compare(&BetaHead, outputs, of_beta);
    }
}
