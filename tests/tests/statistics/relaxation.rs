//! Relaxed samples against known properties of the Gumbel-softmax (Concrete) distribution: the probabilities of the
//! largest coordinate, the limits of the temperature, the density, and the maximum, which is independent of the
//! arg-max.
//!
//! Tests that draw raise a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)), the others
//! never; seeds are fixed.

use std::f64::consts::LN_2;

use crate::common::{
    self, L, Moments, Rng, Verdict, Words, accept, continuous, counts, discrete, quick_and_long, reject, repeat,
};
use samplegrad_core::{
    BinaryConcrete, Concrete, GumbelSoftmax, Logits, Temperature, gumbel_max,
    lane::{Lane, Mask, Word},
    noise, reduce,
};

const LONG: u64 = 1 << 26;
const LOGITS: [f32; 4] = [1.0, 0.0, -1.0, 2.0];

fn temperature(tau: f32) -> Temperature {
    Temperature::new(tau).expect("a temperature")
}

fn logits<T: Lane>(of: &[f32]) -> Logits<4, T> {
    let of: Vec<T> = of.iter().map(|&l| T::splat(l)).collect();
    Logits::new(&of).expect("valid logits")
}

/// Checks the probabilities of the largest coordinate, at a temperature.
fn largest(draws: u64, tau: f32) -> Verdict {
    let l = logits(&LOGITS);
    let sample = |rng: &mut Rng| reduce::arg_max(GumbelSoftmax::sample(&l, temperature(tau), rng).values()).0;
    discrete(draws, 1, &LOGITS, sample).within(format!("temperature {tau}"))
}

/// Checks the probability that a relaxed Bernoulli variable is above one half, at a temperature.
fn side(draws: u64, tau: f32) -> Verdict {
    let p = BinaryConcrete::new(L::splat(2.0), temperature(tau)).expect("a finite logit");
    let sample = |rng: &mut Rng| {
        let above = L::splat(0.5).lt(p.sample(rng).value());
        Words::select(above, Words::splat(1), Words::splat(0))
    };
    discrete(draws, 2, &[0.0, 2.0], sample).within(format!("binary, temperature {tau}"))
}

/// Compares the mean distance of the largest coordinate from 1 with `τ ln 2 (1 − Σ p²)`, which holds to first order in
/// `τ`. The gap of the two largest perturbed logits has the density `Σ_{i≠j} p_i p_j` at zero, and only a gap of about
/// `τ` matters.
fn cold(draws: u64, exponent: i32) -> Verdict {
    let tau = 5e-4;
    let repeated: f64 = common::softmax(&LOGITS).iter().map(|p| p.powi(exponent)).sum();
    let mut moments = Moments::about(f64::from(tau) * LN_2 * (1.0 - repeated));
    let l = logits(&LOGITS);
    repeat(draws, 3, |rng| {
        let y = GumbelSoftmax::sample(&l, temperature(tau), rng);
        let mode = reduce::arg_max(y.values()).0;
        let others = (0..)
            .zip(y.values())
            .fold(L::ZERO, |total, (k, &y)| total + L::select(mode.equals(Words::splat(k)), L::ZERO, y));
        moments.take(others);
    });
    moments.mean()
}

/// Checks that no coordinate differs from `1/K` by more than the span of the perturbed logits divided by `τ`. The span
/// is at most 3 for the logits plus 26 for the noise.
fn hot(draws: u64, tau: f32, bound: f32) -> Verdict {
    let l = logits(&LOGITS);
    let mut inside = true;
    repeat(draws, 4, |rng| {
        let y = GumbelSoftmax::sample(&l, temperature(tau), rng);
        inside &= y.values().iter().all(|&y| (y - 0.25).abs().lt(L::splat(bound)).all());
    });
    Verdict::new("distance from uniform", f64::from(u8::from(inside)))
}

/// Returns the quantile function of a binary Concrete variable's logit, `(l + logit u)/τ`.
fn scaled_logistic(l: f64, tau: f64) -> impl Fn(f64, f64) -> f64 {
    move |p, q| (l + p.ln() - q.ln()) / tau
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Checks `y_0` of two classes.
fn of_two_classes(draws: u64, tau: f32) -> Verdict {
    let quantile = scaled_logistic(0.5, 2.0);
    let l = logits(&[0.75, 0.25]);
    continuous(
        draws,
        5,
        (3, 3),
        |p, q| sigmoid(quantile(p, q)),
        |rng| GumbelSoftmax::sample(&l, temperature(tau), rng).values()[0],
    )
}

/// Checks `ln y_0 − ln y_1` of two classes at a temperature at which `y` itself is often 0.
fn logarithms_of_two_classes(draws: u64) -> Verdict {
    let l = logits(&[0.75, 0.25]);
    continuous(draws, 6, (4, 4), scaled_logistic(0.5, 0.125), |rng| {
        let log_y = GumbelSoftmax::sample(&l, temperature(0.125), rng).log_values();
        log_y[0] - log_y[1]
    })
}

/// Checks a relaxed Bernoulli variable.
fn binary(draws: u64) -> Verdict {
    let quantile = scaled_logistic(0.5, 2.0);
    let law = BinaryConcrete::new(L::splat(0.5), temperature(2.0)).expect("a finite logit");
    continuous(draws, 7, (3, 3), |p, q| sigmoid(quantile(p, q)), |rng| law.sample(rng).value())
}

/// Checks `ln y_0 − ln y_2` and `ln y_1 − ln y_2` of three classes jointly:
/// `P(≤ r, ≤ s) = 1/(1 + e^{l_0 − l_2 − τr} + e^{l_1 − l_2 − τs})` (E. J. Gumbel, *Bivariate logistic distributions*,
/// 1961), which determines the distribution of the whole relaxed sample. The samples are drawn at `tau` and compared
/// with the distribution at `claimed`.
fn three_classes(draws: u64, tau: f32, claimed: f64) -> Verdict {
    const OF: [f32; 3] = [1.0, 0.0, -1.0];
    // Sixteen equally probable intervals for each.
    let edges = |k: usize| -> Vec<f64> {
        let quantile = scaled_logistic(f64::from(OF[k] - OF[2]), claimed);
        (1..16).map(|i| f64::from(i) / 16.0).map(|p| quantile(p, 1.0 - p)).collect()
    };
    let (rows, columns) = (edges(0), edges(1));
    let below = |i: usize, j: usize| {
        let tail = |edges: &[f64], k: usize, i: usize| match i {
            0 => f64::INFINITY,
            16 => 0.0,
            _ => (f64::from(OF[k] - OF[2]) - claimed * edges[i - 1]).exp(),
        };
        1.0 / (1.0 + tail(&rows, 0, i) + tail(&columns, 1, j))
    };
    let cell = |n: usize| (n / 16, n % 16);
    let probability = |(i, j)| below(i + 1, j + 1) - below(i, j + 1) - below(i + 1, j) + below(i, j);
    let probabilities: Vec<f64> = (0..256).map(cell).map(probability).collect();

    let (l, mut observed) = (logits(&OF), vec![0; 256]);
    repeat(draws, 13, |rng| {
        let log_y = GumbelSoftmax::sample(&l, temperature(tau), rng).log_values();
        let ratios = common::lanes(log_y[0] - log_y[2]).zip(common::lanes(log_y[1] - log_y[2]));
        for (r, s) in ratios {
            let place = |edges: &[f64], x: f32| edges.partition_point(|&edge| edge <= f64::from(x));
            observed[place(&rows, r) * 16 + place(&columns, s)] += 1;
        }
    });
    counts(&observed, &probabilities)
}

/// Checks which coordinate, if any, is exactly 1. The other coordinates then sum to at most 2^−24. To first order in
/// `τ`, this happens if the gap to the second largest perturbed logit is at least `g = 24 τ ln 2`. The probability of
/// such a gap with class `k` the largest is `p_k/(p_k + (1 − p_k) e^g)`.
fn exactly_one_hot(draws: u64, tau: f32, claimed: f64) -> Verdict {
    let (l, mut observed) = (logits(&LOGITS), vec![0; 5]);
    repeat(draws, 14, |rng| {
        let y = GumbelSoftmax::sample(&l, temperature(tau), rng);
        let class = (0..)
            .zip(y.values())
            .fold(Words::splat(4), |class, (k, y)| Words::select(y.equals(L::ONE), Words::splat(k), class));
        (0..L::LANES).for_each(|lane| observed[class.extract(lane) as usize] += 1);
    });
    let gap = (24.0 * claimed * LN_2).exp();
    let mut probabilities: Vec<f64> = common::softmax(&LOGITS).iter().map(|p| p / (p + (1.0 - p) * gap)).collect();
    probabilities.push(1.0 - probabilities.iter().sum::<f64>());
    counts(&observed, &probabilities)
}

/// Compares the maximum of the perturbed logits, both tails, with `Gumbel(l)`.
fn law_of_maximum(draws: u64, location: f64) -> Verdict {
    let quantile = |p: f64, q: f64| location - (if q < p { -(-q).ln_1p() } else { -p.ln() }).ln();
    continuous(draws, 15, (4, 4), quantile, |rng| gumbel_max::draw(&LOGITS.map(L::splat), rng).1)
}

fn log_sum_exp() -> f64 {
    LOGITS.iter().map(|&l| f64::from(l).exp()).sum::<f64>().ln()
}

/// Compares a class and a number with `softmax(l)` times `Gumbel(ln Σ e^l)`: every class in 32 equally probable cells.
fn joint(draws: u64, seed: u64, mut sample: impl FnMut(&mut Rng) -> (Words, L)) -> Verdict {
    let edges: Vec<f64> = (1..32).map(|i| log_sum_exp() - (-(f64::from(i) / 32.0).ln()).ln()).collect();
    let mut observed = vec![0; 4 * 32];
    repeat(draws, seed, |rng| {
        let (classes, numbers) = sample(rng);
        for (lane, x) in common::lanes(numbers).enumerate() {
            let cell = edges.partition_point(|&edge| edge <= f64::from(x));
            observed[classes.extract(lane) as usize * 32 + cell] += 1;
        }
    });
    let probabilities: Vec<f64> = common::softmax(&LOGITS).iter().flat_map(|p| [p / 32.0; 32]).collect();
    counts(&observed, &probabilities)
}

/// Checks the winner's own noise, shifted to the mean of the maximum. It depends on the winner, so it must not pass for
/// the maximum.
fn joint_of_winners_noise(draws: u64) -> Verdict {
    let l = LOGITS.map(L::splat);
    let shift: f32 = LOGITS.iter().zip(common::softmax(&LOGITS)).map(|(l, p)| l * p as f32).sum();
    joint(draws, 9, |rng| {
        let (class, max) = gumbel_max::draw(&l, rng);
        (class, max - L::gather(&l, class) + shift)
    })
}

quick_and_long! {
    /// Probability of the largest coordinate: `P(y_k = max y) = p_k`, at low, medium and high temperatures.
    largest_coordinate: accept, 100_000_000, |draws| {
        [0.1, 1.0, 10.0].into_iter().flat_map(|tau| [largest(draws, tau), side(draws, tau)]).collect()
    };
    /// Limit `τ → 0`: one-hot.
    one_hot_when_cold: accept, LONG, |draws| cold(draws, 2);
    /// Negative control: a constant that is wrong.
    wrong_limit_is_rejected: reject, |draws| cold(draws, 3);
    /// Limit `τ → ∞`: uniform in every draw.
    uniform_when_hot: accept, LONG, |draws| hot(draws, 1e5, 29.0 / 1e5);
    /// Negative control: a relaxed sample that is not uniform.
    not_uniform_when_warm: reject, |draws| hot(draws, 1.0, 29.0 / 1e5);
    /// Distribution of the relaxed sample for two classes.
    two_classes: accept, LONG, |draws| of_two_classes(draws, 2.0);
    /// Negative control: a temperature that is off by a twentieth.
    wrong_temperature_is_rejected: reject, |draws| of_two_classes(draws, 2.1);
    /// Distribution of the logarithm of the relaxed sample for two classes.
    two_classes_logarithm: accept, LONG, logarithms_of_two_classes;
    /// Distribution of the relaxed sample for three classes.
    three_classes_together: accept, LONG, |draws| three_classes(draws, 0.75, 0.75);
    /// Negative control: a temperature that is off by a twentieth.
    wrong_temperature_of_three_is_rejected: reject, |draws| three_classes(draws, 0.75, 0.7875);
    /// Limit `τ → 0`: exactly one-hot, each class with its probability.
    one_hot_to_the_last_bit: accept, LONG, |draws| exactly_one_hot(draws, 1e-5, 1e-5);
    /// Negative control: another temperature.
    not_one_hot_is_rejected: reject, |draws| exactly_one_hot(draws, 2e-5, 1e-5);
    /// Negative control: classes drawn with other probabilities than the largest coordinate has.
    wrong_class_when_cold_is_rejected: reject, |draws| {
        let l = logits(&[1.0, 0.0, -1.0, 2.02]);
        discrete(draws, 16, &LOGITS, |rng| GumbelSoftmax::sample(&l, temperature(1e-3), rng).hard())
    };
    /// Distribution of the relaxed Bernoulli variable.
    relaxed_bernoulli: accept, LONG, binary;
    /// Maximum: distributed as `Gumbel(ln Σ e^l)` and independent of the arg-max.
    maximum: accept, LONG, |draws| joint(draws, 8, |rng| gumbel_max::draw(&LOGITS.map(L::splat), rng));
    /// Maximum by itself, with both tails.
    maximum_and_its_tails: accept, LONG, |draws| law_of_maximum(draws, log_sum_exp());
    /// Negative control: a location that is off by a fortieth of a deviation.
    wrong_maximum_is_rejected: reject, |draws| law_of_maximum(draws, log_sum_exp() + 0.03);
    /// Negative control: a number that depends on the arg-max.
    dependent_maximum_is_rejected: reject, joint_of_winners_noise;
}

/// Checks that the logarithm of the density is convex along random segments of the simplex, at their midpoints.
fn log_convex(draws: u64, of: &[f32], tau: f32) -> Verdict {
    let density = Concrete::new(&logits::<L>(of), temperature(tau));
    let at = |y: &[L]| density.log_density(y).expect("a point inside of the simplex");
    let mut lowest = L::ZERO;
    repeat(draws, 11, |rng| {
        let mut point = || {
            let mut y = [L::ZERO; 4];
            noise::fill(noise::exponential::sample, rng, &mut y[..of.len()]);
            let scale = reduce::sum(&y).recip();
            y.map(|y| y * scale)
        };
        let (a, b) = (point(), point());
        let middle: [L; 4] = std::array::from_fn(|k| (a[k] + b[k]) * 0.5);
        let [a, b, middle] = [a, b, middle].map(|y| at(&y[..of.len()]));
        lowest = lowest.min((a - middle) + (b - middle));
    });
    // Tolerance for the rounding of zero in single precision.
    let lowest = common::lanes(lowest).fold(0.0, f32::min);
    Verdict::new(format!("second difference {lowest:e}"), f64::from(u8::from(lowest > -2e-4)))
}

quick_and_long! {
    /// Log-convexity of the density where `τ ≤ 1/(K − 1)`.
    density_is_log_convex: accept, 10_000_000, |draws| [
        log_convex(draws, &[0.5, -1.0], 1.0),
        log_convex(draws, &[0.5, -1.0], 0.25),
        log_convex(draws, &[1.0, 0.0, -1.0], 0.5),
        log_convex(draws, &LOGITS, 1.0 / 3.0),
        log_convex(draws, &LOGITS, 0.1),
    ].into_iter().collect();
    /// Negative control: a higher temperature, where the density is not log-convex.
    hot_density_is_not_log_convex: reject, |draws| log_convex(draws, &[1.0, 0.0, -1.0], 0.7);
}

/// Computes the integral over the simplex of `f` times the product of the coordinates. `f` is a function of the
/// logarithms of the coordinates. The method is the trapezoidal rule in the coordinates `r_k = ln y_k − ln y_K`: `dy =
/// Π y_k dr`.
fn integral(classes: usize, tau: f64, mut f: impl FnMut(&[f64]) -> f64) -> f64 {
    // In these units the density falls off as e^−|r| or faster, and is analytic up to a distance of π/2 from the real
    // axis.
    let step = 0.25 / tau;
    let axis = || (-80..=80).map(|i| f64::from(i) * step);
    let mut sum = 0.0;
    for r in axis() {
        for s in axis().filter(|&s| classes == 3 || s == 0.0) {
            let ratios = if classes == 3 { vec![r, s, 0.0] } else { vec![r, 0.0] };
            let max = ratios.iter().copied().fold(0.0, f64::max);
            let lse = max + ratios.iter().map(|r| (r - max).exp()).sum::<f64>().ln();
            let log_y: Vec<f64> = ratios.iter().map(|r| r - lse).collect();
            sum += f(&log_y);
        }
    }
    sum * step.powi(classes as i32 - 1)
}

/// Converts the coordinates to single precision, as the density needs them.
fn single(x: &[f64]) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

/// Checks that the density integrates to 1: of the sample, of its logarithm, and of the binary forms.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn density_integrates_to_one() {
    for (of, tau) in [(&[0.5, -1.0][..], 0.5), (&[0.5, -1.0], 2.0), (&[1.0, 0.0, -1.0], 0.5), (&[1.0, 0.0, -1.0], 2.0)]
    {
        let p = Concrete::<4>::new(&logits(of), temperature(tau));
        let of_point = |x: &[f64]| {
            let y: Vec<f64> = x.iter().map(|x| x.exp()).collect();
            // The density has no mass where coordinates underflow single precision.
            p.log_density(&single(&y)).map_or(0.0, |density| (f64::from(density) + x.iter().sum::<f64>()).exp())
        };
        let of_logarithm = |x: &[f64]| f64::from(p.log_density_exp(&single(x)).expect("finite")).exp();
        let of_two = |x: &[f64]| {
            let q = BinaryConcrete::new(of[0] - of[1], temperature(tau)).expect("a finite logit");
            let logit = f64::from(q.log_density_logit((x[0] - x[1]) as f32)).exp();
            let y = x[0].exp() as f32;
            // Near 1, rounding of the point is too large for a comparison; the logit density replaces the density
            // there.
            match q.log_density(y) {
                Ok(density) if y < 0.9 => (f64::from(density.log_density) + x[0] + x[1]).exp(),
                _ => logit,
            }
        };
        let mut integrals =
            vec![integral(of.len(), tau.into(), of_point), integral(of.len(), tau.into(), of_logarithm)];
        if of.len() == 2 {
            integrals.push(integral(2, tau.into(), of_two));
        }
        println!("{of:?}, temperature {tau}: {integrals:?}");
        assert!(integrals.iter().all(|i| (i - 1.0).abs() < 1e-5), "{of:?}, temperature {tau}: {integrals:?}");

        // Without the factor of the last coordinate, the Jacobian is wrong; the test must fail.
        let wrong = integral(of.len(), tau.into(), |x| of_point(x) / x[of.len() - 1].exp());
        assert!((wrong - 1.0).abs() > 1e-3, "{wrong}");
    }
}
