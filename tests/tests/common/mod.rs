//! Shared parts of the statistics suite: draws in lanes, p-values, moments.
//!
//! A test function returns a [`Verdict`]: the smallest of its p-values, times their number (Bonferroni). A correct
//! sampler gets a verdict below [`ALARM`] with a probability of at most [`ALARM`], for any choice of compared numbers.
//! A wrong sampler passed to the same function must get a verdict below [`ALARM`], which shows that the test is able to
//! fail.

#![allow(dead_code, unused_macros, unused_imports, reason = "each test file uses its own part")]

use std::fmt::Display;

use samplegrad_core::{
    cost::CostError,
    estimator::Estimate,
    lane::{Lane, Word},
    variables::Variables,
};
use samplegrad_host::{LaneRng, Native};
use statrs::distribution::{ChiSquared, ContinuousCDF, DiscreteCDF, Normal, Poisson};

/// Lane type of all draws.
pub type L = Native;
/// A word per lane.
pub type Words = <L as Lane>::Word;
/// Generators of all lanes.
pub type Rng = LaneRng<L>;

/// Draws of a test that runs by default, in release builds. A debug build, which returns the same bits, would take
/// minutes.
pub const QUICK: u64 = 1_000_000;

/// Probability below which a verdict is rejected: half of 10^−6. With the error of the normal and chi-square
/// approximations, a test raises a false alarm with probability 10^−6 at most.
pub const ALARM: f64 = 5e-7;

/// Expected count below which a cell is compared with its own Poisson distribution instead of the chi-square
/// approximation.
const RARE: f64 = 500.0;

/// Result of a test: the smallest of several p-values.
#[derive(Clone, Debug)]
pub struct Verdict {
    smallest: f64,
    tests: usize,
    place: String,
}

impl Verdict {
    /// Creates a verdict of one p-value; `place` describes it.
    pub fn new(place: impl Display, p: f64) -> Self {
        Self { smallest: p, tests: 1, place: place.to_string() }
    }

    /// Adds the name of a part to the place of the verdict.
    pub fn within(self, part: impl Display) -> Self {
        Self { place: format!("{part}: {}", self.place), ..self }
    }

    /// Returns the Bonferroni bound: the smallest p-value times the number of p-values, at most 1.
    pub fn p(&self) -> f64 {
        (self.smallest * self.tests as f64).min(1.0)
    }
}

impl FromIterator<Self> for Verdict {
    fn from_iter<I: IntoIterator<Item = Self>>(verdicts: I) -> Self {
        let nothing = Self { smallest: 1.0, tests: 0, place: "nothing".to_owned() };
        verdicts.into_iter().fold(nothing, |all, one| {
            let tests = all.tests + one.tests;
            Self { tests, ..if one.smallest <= all.smallest { one } else { all } }
        })
    }
}

/// Fails if the verdict is improbable.
#[track_caller]
pub fn accept(verdict: Verdict) {
    println!("p = {:.2e} of {} (least at {})", verdict.p(), verdict.tests, verdict.place);
    assert!(verdict.p() >= ALARM, "rejected: p = {:.2e} of {verdict:?}", verdict.p());
}

/// Fails unless the verdict is improbable: for samplers that are wrong.
#[track_caller]
pub fn reject(verdict: Verdict) {
    println!("rejected, as it must be: p = {:.2e} of {} (least at {})", verdict.p(), verdict.tests, verdict.place);
    assert!(verdict.p() < ALARM, "a wrong sampler passes: p = {:.2e} of {verdict:?}", verdict.p());
}

/// Defines tests from functions that take the number of draws and return a verdict. `name: accept, LONG, f` defines a
/// quick test, which runs by default, and a long one, which runs on demand. `name: reject, f` defines a quick test: a
/// wrong sampler that the quick form rejects would not pass with more draws.
macro_rules! quick_and_long {
    () => {};
    ($(#[$doc:meta])* $name:ident: accept, $long:expr, $test:expr; $($rest:tt)*) => {
        $(#[$doc])*
        mod $name {
            use super::*;

            #[test]
            #[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
            fn quick() {
                accept(($test)(common::QUICK));
            }

            #[test]
            #[ignore = "statistics: long"]
            fn long() {
                accept(($test)($long));
            }
        }
        quick_and_long! { $($rest)* }
    };
    ($(#[$doc:meta])* $name:ident: reject, $test:expr; $($rest:tt)*) => {
        $(#[$doc])*
        #[test]
        #[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
        fn $name() {
            reject(($test)(common::QUICK));
        }
        quick_and_long! { $($rest)* }
    };
}
pub(crate) use quick_and_long;

/// Calls `draw` until all lanes together have drawn at least `draws` times.
pub fn repeat(draws: u64, seed: u64, mut draw: impl FnMut(&mut Rng)) {
    let mut rng = Rng::new(seed, 0);
    for _ in 0..draws.div_ceil(L::LANES as u64) {
        draw(&mut rng);
    }
}

/// Returns the numbers of all lanes.
pub fn lanes(x: L) -> impl Iterator<Item = f32> {
    x.to_array().into_iter()
}

fn two_sided(lower: f64, upper: f64) -> f64 {
    (2.0 * lower.min(upper)).min(1.0)
}

/// Returns the two-sided p-value of a standard normal number.
pub fn normal(z: f64) -> f64 {
    let upper = Normal::standard().sf(z.abs());
    two_sided(upper, upper)
}

/// Returns the two-sided p-value of a Poisson count.
pub fn poisson(count: u64, mean: f64) -> f64 {
    match (Poisson::new(mean), count) {
        (Ok(law), 0) => two_sided(law.cdf(0), 1.0),
        (Ok(law), _) => two_sided(law.cdf(count), law.sf(count - 1)),
        // If the expected count is zero, the observed count must be zero.
        (Err(_), _) => f64::from(u8::from(count == 0)),
    }
}

/// Returns the p-value of a sum of squares: one-sided (too large) for few degrees of freedom, two-sided for many.
pub fn chi_square(statistic: f64, freedom: usize) -> f64 {
    let Ok(law) = ChiSquared::new(freedom as f64) else { return 1.0 };
    // A few squares may all be zero by chance because counts are integers; many may not.
    if freedom < 30 { law.sf(statistic) } else { two_sided(law.cdf(statistic), law.sf(statistic)) }
}

/// Compares counts with the probabilities of their cells. Each rare cell is compared by itself. The other cells are
/// compared together, given their total count.
pub fn counts(observed: &[u64], probabilities: &[f64]) -> Verdict {
    let total = observed.iter().sum::<u64>() as f64;
    let cells = || observed.iter().zip(probabilities).map(|(&n, &p)| (n, p * total));
    let common = || cells().filter(|&(_, mean)| mean >= RARE).map(|(n, mean)| (n as f64, mean));
    let (seen, expected) = common().fold((0.0, 0.0), |(seen, expected), (n, mean)| (seen + n, expected + mean));
    let scale = seen / expected;
    let statistic = common().map(|(n, mean)| (n - mean * scale).powi(2) / (mean * scale)).sum();
    let together = Verdict::new("common cells", chi_square(statistic, common().count().saturating_sub(1)));
    let rare = cells().enumerate().filter(|&(_, (_, mean))| mean < RARE);
    let rare = rare.map(|(k, (n, mean))| Verdict::new(format!("cell {k}, {n} for {mean:.1}"), poisson(n, mean)));
    rare.chain([together]).collect()
}

/// Computes the softmax in double precision.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let e: Vec<f64> = logits.iter().map(|&l| (f64::from(l) - f64::from(max)).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}

/// Tail probabilities that bound the outer cells of [`continuous`]. The last is beyond the reach of uniforms on a grid
/// of 2^−24.
const TAILS: [f64; 4] = [1.0 / 4096.0, 1.0 / 65_536.0, 1.0 / 1_048_576.0, 0.75 / 16_777_216.0];

/// Compares numbers with a continuous distribution, given by its quantile function of the probabilities on the left and
/// on the right. There are 1024 equally probable cells. The first and the last cell are divided further at the first
/// tail probabilities of [`TAILS`]: `ends` is their number at the lower and at the upper end.
pub fn continuous(
    draws: u64,
    seed: u64,
    ends: (usize, usize),
    quantile: impl Fn(f64, f64) -> f64,
    mut sample: impl FnMut(&mut Rng) -> L,
) -> Verdict {
    let lower = TAILS[..ends.0].iter().rev().map(|&p| (p, 1.0 - p));
    let inner = (1..1024).map(|i| f64::from(i) / 1024.0).map(|p| (p, 1.0 - p));
    let upper = TAILS[..ends.1].iter().map(|&q| (1.0 - q, q));
    let edges: Vec<(f64, f64)> = lower.chain(inner).chain(upper).collect();
    // The smallest float that is not below the edge: a comparison with it equals a comparison with the edge itself.
    let not_below = |x: f64| if f64::from(x as f32) < x { (x as f32).next_up() } else { x as f32 };
    let places: Vec<f32> = edges.iter().map(|&(p, q)| not_below(quantile(p, q))).collect();

    let mut observed = vec![0; edges.len() + 1];
    repeat(draws, seed, |rng| {
        for x in lanes(sample(rng)) {
            observed[places.partition_point(|&place| place <= x)] += 1;
        }
    });
    let probabilities: Vec<f64> = [(0.0, 1.0)]
        .iter()
        .chain(&edges)
        .zip(edges.iter().chain(&[(1.0, 0.0)]))
        // Subtracting the probabilities of the nearer end avoids cancellation.
        .map(|(&(p, q), &(next_p, next_q))| if p < 0.5 { next_p - p } else { q - next_q })
        .collect();
    counts(&observed, &probabilities)
}

/// Compares drawn classes with `softmax(logits)`.
pub fn discrete(draws: u64, seed: u64, logits: &[f32], mut sample: impl FnMut(&mut Rng) -> Words) -> Verdict {
    // One extra cell counts classes that do not exist and must not be drawn.
    let mut observed = vec![0; logits.len() + 1];
    repeat(draws, seed, |rng| {
        let classes = sample(rng);
        for lane in 0..L::LANES {
            observed[(classes.extract(lane) as usize).min(logits.len())] += 1;
        }
    });
    let mut probabilities = softmax(logits);
    probabilities.push(0.0);
    counts(&observed, &probabilities).within(format!("logits {logits:?}"))
}

/// Sums for the first four moments of an estimator about its exact mean.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    exact: f64,
    count: f64,
    sums: [f64; 3],
}

impl Moments {
    /// Creates empty sums about this mean.
    pub fn about(exact: f64) -> Self {
        Self { exact, count: 0.0, sums: [0.0; 3] }
    }

    /// Adds the estimates of all lanes.
    pub fn take(&mut self, x: L) {
        for x in lanes(x) {
            let d = f64::from(x) - self.exact;
            let square = d * d;
            self.count += 1.0;
            self.sums[0] += d;
            self.sums[1] += square;
            self.sums[2] += square * square;
        }
    }

    /// Compares the mean with the exact one, in standard errors. Estimates may depend on earlier estimates, for example
    /// through a learned baseline, if each estimate is unbiased given the earlier ones (the central limit theorem of
    /// martingales).
    pub fn mean(&self) -> Verdict {
        let error = (self.sums[1] / self.count / self.count).sqrt();
        let z = self.sums[0] / self.count / (error + 1e-8);
        Verdict::new(format!("mean, {z:+.2} standard errors"), normal(z))
    }

    /// Compares the variance with the exact one, in standard errors computed from the fourth moment. A tolerance allows
    /// for the rounding of single precision. For an estimator with two values at equal distance from the mean, rounding
    /// is the only error of the variance.
    pub fn variance(&self, exact: f64) -> Verdict {
        let [_, second, fourth] = self.sums.map(|sum| sum / self.count);
        let error = ((fourth - second * second).max(0.0) / self.count).sqrt();
        let z = (second - exact) / (error + exact * 2e-6 + 1e-14);
        Verdict::new(format!("variance {second:.6e} for {exact:.6e}, {z:+.2} standard errors"), normal(z))
    }
}

/// Draws estimates and compares every coordinate's mean, and its variance where known, with the exact ones.
pub fn estimates<V: Variables<Lane = L>, X: std::fmt::Debug>(
    draws: u64,
    exact: &[f64],
    variances: &[f64],
    mut estimate: impl FnMut(&mut Rng) -> Result<Estimate<V>, CostError<X>>,
) -> Verdict {
    let mut moments: Vec<Moments> = exact.iter().map(|&g| Moments::about(g)).collect();
    repeat(draws, 9, |rng| {
        let gradient = estimate(rng).expect("finite costs").gradient;
        moments.iter_mut().zip(gradient.iter()).for_each(|(m, &g)| m.take(g));
    });
    let means = moments.iter().enumerate().map(|(j, m)| m.mean().within(format!("logit {j}")));
    let known = moments.iter().zip(variances).enumerate();
    means.chain(known.map(|(j, (m, &v))| m.variance(v).within(format!("logit {j}")))).collect()
}

/// Converts numbers to double precision.
pub fn f64s(x: impl IntoIterator<Item = f32>) -> Vec<f64> {
    x.into_iter().map(f64::from).collect()
}
