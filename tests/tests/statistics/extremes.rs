//! Tests of the online fit of a Gumbel distribution to block maxima. The fit is compared with the maximum-likelihood
//! fit of the batch. The standard errors are compared with the exact Fisher information. Other tests check fits to
//! nearly Gumbel-distributed maxima, and the results for any finite input.
//!
//! Tests that compare counts raise a false alarm with a probability of at most 10^−6 ([`ALARM`](crate::common::ALARM)).
//! Seeds are fixed.

use std::f64::consts::PI;

use crate::common::{self, L, QUICK, Rng, Verdict, accept, quick_and_long, reject};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, RngSeed},
};
use samplegrad_core::{
    Error, Gumbel, LearningRate,
    gumbel_fit::{GumbelFit, ReturnPeriod},
    lane::Lane,
    noise,
};

/// The constant `1 − γ`; the next constant is `π²/6`.
const A: f64 = 0.422_784_335_098_467_1;
const C: f64 = PI * PI / 6.0;

/// The location and scale of a distribution.
type Law = (f64, f64);

/// Returns the squared distance between two distributions. The unit of the distance is the standard error of a fit to
/// `n` maxima. The squared distance is `n dᵀ J d` with `d = (Δμ/β, Δ ln β)`.
fn distance((location, scale): Law, from: Law, n: f64) -> f64 {
    let (d, e) = ((location - from.0) / from.1, (scale / from.1).ln());
    n * (d * d - 2.0 * A * d * e + (C + A * A) * e * e)
}

/// Computes the maximum-likelihood fit of a batch. Newton's method solves `β = x̄ − Σ x w/Σ w` with `w = e^{−x/β}`.
fn batch(x: &[f64]) -> Law {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let sums = |beta: f64| {
        x.iter().fold([0.0; 3], |[s, t, u], x| {
            let (d, w) = (x - mean, (-(x - mean) / beta).exp());
            [s + w, t + d * w, u + d * d * w]
        })
    };
    // Newton's method starts from the moment estimate.
    let mut beta = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n * 6.0).sqrt() / PI;
    for _ in 0..100 {
        let [s, t, u] = sums(beta);
        let slope = 1.0 + (u / s - (t / s).powi(2)) / (beta * beta);
        beta = (beta - (beta + t / s) / slope).max(beta / 3.0);
    }
    (mean - beta * (sums(beta)[0] / n).ln(), beta)
}

fn start<T: Lane>(location: f32, scale: f32) -> Gumbel<T> {
    Gumbel::new(T::splat(location), T::splat(scale)).expect("a valid law")
}

fn law_of(law: Gumbel<L>, lane: usize) -> Law {
    (law.location().extract(lane).into(), law.scale().extract(lane).into())
}

/// Fits a sequence of maxima in each lane: first the maxima `before`, then `count` maxima drawn from a distribution.
/// Returns the fits and the drawn maxima.
fn fitted(
    mut fit: GumbelFit<L>,
    seed: u64,
    to: (f32, f32),
    before: &[f32],
    count: usize,
) -> (Gumbel<L>, Vec<Vec<f64>>) {
    let (law, mut rng) = (start::<L>(to.0, to.1), Rng::new(seed, 0));
    let mut seen = vec![Vec::new(); L::LANES];
    before.iter().for_each(|&x| fit.observe(L::splat(x)).expect("finite"));
    for _ in 0..count {
        let x = law.sample(&mut rng);
        fit.observe(x).expect("finite");
        seen.iter_mut().zip(common::lanes(x)).for_each(|(seen, x)| seen.push(x.into()));
    }
    (fit.law(), seen)
}

/// A test case: a name, the start of the fit, the distribution, and the maxima that the fit observes before the drawn
/// maxima.
type Start = (&'static str, (f32, f32), (f32, f32), &'static [f32]);

/// Test cases. Starts differ from the distribution by little or by much, in location or in scale. In some cases, the first
/// maxima are outliers.
const CASES: [Start; 7] = [
    ("from the law itself", (0.0, 1.0), (0.0, 1.0), &[]),
    ("a tide in metres", (0.0, 1.0), (3.9, 0.2), &[]),
    ("far up", (0.0, 1.0), (1e4, 100.0), &[]),
    ("narrow", (100.0, 1e3), (0.0, 1e-2), &[]),
    ("wide", (0.0, 1.0), (0.0, 1e5), &[]),
    ("after a maximum far above", (0.0, 1.0), (0.0, 1.0), &[1e6]),
    ("after maxima far off", (0.0, 1.0), (-50.0, 3.0), &[f32::MAX, f32::MIN]),
];

/// Checks that a fit from any start ends near the maximum-likelihood fit of the batch. The distance between the two
/// fits is computed for 64 seeds. Its root mean square must be below 0.6 standard errors after 1000 maxima, and below
/// 0.25 standard errors after 10 000 maxima. The largest distance must be below twice the limit for
/// the root mean square.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn ends_at_the_maximum_likelihood() {
    for (name, from, to, before) in CASES {
        for (count, within) in [(1000, 0.6), (10_000, 0.25)] {
            let mut squares = Vec::new();
            for seed in 0..64_u64.div_ceil(L::LANES as u64) {
                let (law, seen) = fitted(GumbelFit::new(start(from.0, from.1)), seed, to, before, count);
                squares.extend((0..L::LANES).map(|lane| distance(law_of(law, lane), batch(&seen[lane]), count as f64)));
            }
            let root = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
            let worst = squares.iter().copied().fold(0.0, f64::max).sqrt();
            println!("{name}, {count} maxima: {root:.3} standard errors from the batch's, at worst {worst:.3}");
            assert!(root < within && worst < 2.0 * within, "{name}: {root}, at worst {worst}");
        }
    }
}

/// Checks that the rule for the count is needed: a fit whose gain is `1/n` regardless of the scores must not converge.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn without_waiting_it_does_not_arrive() {
    let (law, mut rng) = (start::<L>(3.9, 0.2), Rng::new(0, 0));
    let (mut location, mut log_scale) = (0.0, 0.0_f64);
    for n in 1..=10_000 {
        let scale = log_scale.exp();
        let z = (f64::from(law.sample(&mut rng).extract(0)) - location) / scale;
        let slope = 1.0 - (-z).exp();
        let score = (slope, (A * slope + z * slope - 1.0) / C.sqrt());
        let gain = (1.0 / f64::from(n)).min(1.0 / score.0.hypot(score.1));
        log_scale += gain * score.1 / C.sqrt();
        location += gain * scale * (score.0 + A * score.1 / C.sqrt());
    }
    let off = distance((location, log_scale.exp()), (f64::from(3.9_f32), f64::from(0.2_f32)), 1e4).sqrt();
    assert!(off > 10.0, "{off} standard errors");
}

/// Returns scores of the Gumbel distribution at equally probable points. In the coordinates of these scores, the Fisher
/// information is the identity matrix.
fn scores(points: u32) -> impl Iterator<Item = (f64, f64)> {
    (0..points).map(move |i| {
        let t = -((f64::from(i) + 0.5) / f64::from(points)).ln();
        let (z, slope) = (-t.ln(), 1.0 - t);
        (slope, (A * slope + z * slope - 1.0) / C.sqrt())
    })
}

/// Checks the constants of the fit: the Fisher information, and the probability that the angle between two scores
/// exceeds 90°.
#[test]
fn constants_are_those_of_the_scores() {
    let points = 1_000_000;
    let moments =
        scores(points).fold([0.0; 5], |m, (s, w)| [m[0] + s, m[1] + w, m[2] + s * s, m[3] + s * w, m[4] + w * w]);
    for (moment, exact) in moments.map(|m| m / f64::from(points)).into_iter().zip([0.0, 0.0, 1.0, 0.0, 1.0]) {
        assert!((moment - exact).abs() < 2e-4, "{moment} for {exact}");
    }
    let mut angles: Vec<f64> = scores(20_000).map(|(s, w)| w.atan2(s)).collect();
    angles.sort_by(f64::total_cmp);
    let below = |angle: f64| angles.partition_point(|&other| other < angle) as f64;
    let against = |angle: &f64| {
        let turned = |by: f64| below(angle + 1.5 * PI + by) - below(angle + 0.5 * PI + by);
        turned(0.0) + turned(-2.0 * PI)
    };
    let p = angles.iter().map(against).sum::<f64>() / (angles.len() as f64).powi(2);
    assert!((p - 1.0 / 2.273_613).abs() < 2e-5, "{p}");

    let mut fit = GumbelFit::new(start::<f32>(2.0, 3.0));
    (0..25).for_each(|i| fit.observe(i as f32).expect("finite"));
    let (scale, (by_location, by_log_scale)) = (f64::from(fit.law().scale()), fit.standard_errors());
    assert!((f64::from(by_location) / scale - ((1.0 + A * A / C) / 25.0).sqrt()).abs() < 1e-6);
    assert!((f64::from(by_log_scale) - (1.0 / C / 25.0).sqrt()).abs() < 1e-7);
    let y = -(-(0.99_f64).ln()).ln();
    let by_level = f64::from(fit.level_standard_error(ReturnPeriod::new(100.0).expect("a period")));
    assert!((by_level / scale - ((1.0 + (A + y).powi(2) / C) / 25.0).sqrt()).abs() < 1e-5);
}

/// Checks how often the confidence region around a fit to 1000 maxima contains the true distribution. In the region,
/// the squared [`distance`] is at most the quantile of χ² with two degrees of freedom. The tolerance of 0.02 allows for
/// the error of the χ² approximation at 1000 maxima.
fn coverage(draws: u64, level: f64, claimed: f64) -> Verdict {
    let count = 1000;
    let (mut held, mut fits) = (0.0, 0.0);
    for seed in 0..(draws / count).div_ceil(L::LANES as u64) {
        let (law, _) = fitted(GumbelFit::new(start(3.25, 0.25)), seed, (3.5, 0.25), &[], count as usize);
        for lane in 0..L::LANES {
            let inside = distance((3.5, 0.25), law_of(law, lane), count as f64) <= -2.0 * (1.0 - level).ln();
            held += f64::from(u8::from(inside));
            fits += 1.0;
        }
    }
    let excess = ((held / fits - claimed).abs() - 0.02).max(0.0);
    let z = excess / (claimed * (1.0 - claimed) / fits).sqrt();
    Verdict::new(format!("{held} of {fits} hold the law"), common::normal(z))
}

quick_and_long! {
    /// The confidence region of 90 %. Of 50 000 fits, 90 % must have a region that contains the true distribution.
    region_of_confidence: accept, 50_000_000, |draws| coverage(draws, 0.9, 0.9);
    /// The negative control. Standard errors that are too small by a fifth must be rejected.
    wrong_region_is_rejected: reject, |draws| coverage(draws, 0.77, 0.9);
}

/// Checks that the fit follows a distribution that changes. The variance of the fit must equal the variance of a fit to
/// `2/rate − 1` maxima.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn follows_a_law_that_moves() {
    let rate = LearningRate::new(0.02).expect("a rate");
    let mut fit = GumbelFit::following(start::<L>(0.0, 1.0), rate).expect("a rate below 1");
    let mut rng = Rng::new(7, 0);
    let (mut square, mut count) = (0.0, 0.0);
    for (location, scale) in [(0.0, 1.0), (10.0, 1.0), (10.0, 0.1), (-3.0, 5.0)] {
        let law = start::<L>(location, scale);
        for step in 0..20_000 {
            fit.observe(law.sample(&mut rng)).expect("finite");
            if step >= 1000 {
                let off = |lane| distance(law_of(fit.law(), lane), (location.into(), scale.into()), 2.0 / 0.02 - 1.0);
                square += (0..L::LANES).map(off).sum::<f64>();
                count += L::LANES as f64;
            }
        }
    }
    // The mean is per coordinate, and there are two coordinates. The linear theory is accurate to a few percent.
    let mean = square / count / 2.0;
    println!("mean square of a coordinate: {mean:.3} squared standard errors");
    assert!((mean - 1.0).abs() < 0.1, "{mean}");
    assert!((fit.standard_errors().1.extract(0) - (1.0 / C / 99.0).sqrt() as f32).abs() < 1e-6);
}

/// Checks the 100-block return level. The data are maxima of 365 exponential numbers. Such maxima have nearly a Gumbel
/// distribution with `μ = ln 365` and `β = 1`.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn century_level_of_maxima() {
    let (century, mut rng) = (ReturnPeriod::new(100.0).expect("a period"), Rng::new(3, 0));
    let mut fit = GumbelFit::new(start::<L>(0.0, 1.0));
    for _ in 0..QUICK / 365 {
        let days = (0..365).map(|_| noise::exponential::sample::<L, _>(&mut rng));
        fit.observe(days.fold(L::ZERO, Lane::max)).expect("finite");
    }
    // The exact level follows from P(max ≤ x) = (1 − e^{−x})^365.
    let exact = -(1.0 - 0.99_f64.powf(1.0 / 365.0)).ln();
    let (level, error) = (fit.law().return_level(century), fit.level_standard_error(century));
    for (level, error) in common::lanes(level).zip(common::lanes(error)) {
        assert!((f64::from(level) - exact).abs() < 4.5 * f64::from(error), "{level} ± {error} for {exact}");
        assert!(error < 0.08);
    }
}

/// Checks return levels against the closed form. Also checks that a level of period `T` is exceeded with probability
/// `1/T`.
#[test]
fn return_levels() {
    let law = start::<f32>(3.9, 0.2);
    for blocks in [1.000_000_2, 1.5, 2.0, 10.0, 100.0, 1e4, 1e7, 1e9] {
        let level = f64::from(law.return_level(ReturnPeriod::new(blocks).expect("a period")));
        let exceeded = 1.0 / f64::from(blocks);
        let exact = f64::from(3.9_f32) - f64::from(0.2_f32) * (-(-exceeded).ln_1p()).ln();
        assert!((level - exact).abs() < 2e-6 * exact.abs().max(1.0), "{level} for {exact}");
    }
    for blocks in [1.0, 0.5, -1.0, 1.1e9, f32::INFINITY, f32::NAN] {
        assert!(matches!(ReturnPeriod::new(blocks), Err(Error::OutOfRange { what: "return period", .. })));
    }
    let rate = |rate| GumbelFit::following(law, LearningRate::new(rate).expect("a rate"));
    assert!(rate(1.0).is_ok());
    assert!(matches!(rate(1.5), Err(Error::OutOfRange { what: "learning rate", value: 1.5, .. })));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    })]

    /// Checks that any finite input gives a valid distribution and finite standard errors. Non-finite input must be
    /// refused, and must not change the fit.
    #[test]
    fn anything_finite_leaves_a_law(
        maxima in prop::collection::vec(prop_oneof![
            any::<f32>(), -10.0_f32..10.0, -1e6_f32..1e6, Just(f32::MAX), Just(f32::MIN), Just(0.0), Just(1e-45)
        ], 1..60),
        from in (-1e6_f32..=1e6, -6.0_f32..6.0),
        rate in prop_oneof![Just(None), (1e-6_f32..=1.0).prop_map(Some)],
    ) {
        let start = start::<f32>(from.0, 10_f32.powf(from.1));
        let rate = rate.map(|rate| LearningRate::new(rate).unwrap());
        let mut fit = rate.map_or(GumbelFit::new(start), |rate| GumbelFit::following(start, rate).unwrap());
        let century = ReturnPeriod::new(100.0).unwrap();
        let mut count = 0;
        for x in maxima {
            let before = fit;
            match fit.observe(x) {
                Ok(()) => count += 1,
                Err(error) => {
                    prop_assert!(!x.is_finite());
                    let expected = match x.is_nan() {
                        true => Error::NotANumber { what: "maximum", index: 0 },
                        false => Error::Infinite { what: "maximum", index: 0 },
                    };
                    prop_assert_eq!((error, fit), (expected, before));
                }
            }
            prop_assert!(Gumbel::new(fit.law().location(), fit.law().scale()).is_ok());
            let (by_location, by_log_scale) = fit.standard_errors();
            let of_level = [fit.law().return_level(century), fit.level_standard_error(century)];
            prop_assert!([by_location, by_log_scale].iter().chain(&of_level).all(|x| x.is_finite()));
        }
        prop_assert_eq!(fit.count(), count);
    }
}
