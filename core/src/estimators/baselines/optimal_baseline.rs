//! The variance-optimal constant baseline: among all baselines that do not depend on the sample, the one with the
//! smallest variance of the score function. It is the mean cost weighted by the square of the score.
//!
//! ```text
//! b* = E[f ‖s‖²] / E[‖s‖²]            one for all coordinates: the smallest total variance
//! b*_j = E[f s_j²] / E[s_j²]          one per coordinate: the smallest variance of each
//! ```
//!
//! The score is `s = ∇ ln p(x)`. The means are estimated from earlier samples. With each sample, the weight of the
//! older samples decays by the factor `ρ`: `W ← ρ W + ‖s‖²`, `b ← b + (f − b) ‖s‖²/W`. For discrete variables
//! [`enumeration::Law`](crate::enumeration::Law) gives the exact baselines.
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample |
//! | bias | none: the baseline of a step is computed from earlier samples only |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: in the limit 0 at every logit, as for any single bit. For the gradient in `μ` of `N(1, 1)` with `f = x²`: 14 (without a baseline 30) |
//! | cost | one call of `f`, one sample, two numbers of memory, or two per coordinate |
//! | use it | instead of a moving average where costs and scores are correlated: a skewed distribution, few samples |
//! | avoid it | per coordinate with many coordinates and few samples, since each baseline must be learned |
//!
//! Sources: L. Weaver and N. Tao, *The optimal reward baseline for gradient-based reinforcement learning*, UAI 2001;
//! E. Greensmith, P. L. Bartlett and J. Baxter, *Variance reduction techniques for gradient estimates in reinforcement
//! learning*, JMLR 5, 2004; per coordinate, J. Peters and S. Schaal, *Reinforcement learning of motor skills with
//! policy gradients*, Neural Networks 21, 2008.

use crate::{
    arithmetic::{lane::Lane, reduce},
    estimators::baselines::{
        baseline::{Baseline, scale},
        weighted_mean::WeightedMean,
    },
    settings::learning::Decay,
};

/// The optimal baseline common to all coordinates.
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, Decay, estimator::Estimator, optimal_baseline::OptimalBaseline, score_function::ScoreFunction, stream,
/// };
///
/// let (b, rng) = (Bernoullis::<1>::new(&[2.0])?, &mut stream::xorshift(2026, 0));
/// let mut estimator = ScoreFunction { baseline: OptimalBaseline::new(Decay::new(1.0)?) };
/// let mut toy = |b: &[f32]| (b[0] - 0.45) * (b[0] - 0.45);
/// for _ in 0..1000 {
///     estimator.estimate(&b, &mut toy, rng).unwrap();
/// }
/// assert!((estimator.baseline.get() - 0.21442_f32).abs() < 5e-3);
/// assert!((estimator.estimate(&b, &mut toy, rng).unwrap().gradient[0] - 1.049936e-2).abs() < 5e-3);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct OptimalBaseline<L: Lane = f32> {
    estimate: WeightedMean<L>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::settings::learning::stored_decay"))]
    decay: f32,
}

impl<L: Lane> OptimalBaseline<L> {
    /// Creates a baseline that is 0 until the first sample. With a decay of 1 it forgets nothing.
    pub fn new(decay: Decay) -> Self {
        Self { estimate: WeightedMean::starting_at(L::ZERO), decay: decay.get() }
    }

    /// Returns the baseline so far.
    #[inline]
    pub fn get(&self) -> L {
        self.estimate.mean
    }
}

/// The sum `‖s‖²` runs from first to last.
impl<L: Lane, X: ?Sized> Baseline<L, X> for OptimalBaseline<L> {
    fn centre(&mut self, _: &X, value: L, score: &mut [L]) {
        let weight = reduce::dot(score, score);
        scale(score, value - self.estimate.mean);
        self.estimate.take(value, weight, self.decay);
    }
}

/// The optimal baselines of at most `N` coordinates, one for each.
///
/// ```
/// use samplegrad_core::{
///     Bernoullis, Decay, estimator::Estimator, optimal_baseline::OptimalBaselines, score_function::ScoreFunction, stream,
/// };
///
/// let (b, rng) = (Bernoullis::<2>::new(&[2.0, -1.0])?, &mut stream::xorshift(2026, 0));
/// let mut estimator = ScoreFunction { baseline: OptimalBaselines::<2>::new(Decay::new(1.0)?) };
/// for _ in 0..1000 {
///     estimator.estimate(&b, &mut |b: &[f32]| b[0] + 2.0 * b[1], rng).unwrap();
/// }
/// let [one, other] = estimator.baseline.get();
/// assert!((one - 0.657).abs() < 0.15 && (other - 2.343).abs() < 0.15);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OptimalBaselines<const N: usize, L: Lane = f32> {
    estimates: [WeightedMean<L>; N],
    decay: f32,
}

impl<const N: usize, L: Lane> OptimalBaselines<N, L> {
    /// Creates baselines that are 0 until the first sample. With a decay of 1 they forget nothing.
    pub fn new(decay: Decay) -> Self {
        Self { estimates: [WeightedMean::starting_at(L::ZERO); N], decay: decay.get() }
    }

    /// Returns the baselines so far.
    #[inline]
    pub fn get(&self) -> [L; N] {
        self.estimates.map(|estimate| estimate.mean)
    }
}

/// Coordinates beyond the first `N` have no baseline.
impl<const N: usize, L: Lane, X: ?Sized> Baseline<L, X> for OptimalBaselines<N, L> {
    fn centre(&mut self, _: &X, value: L, score: &mut [L]) {
        let mut estimates = self.estimates.iter_mut();
        for s in score {
            let Some(estimate) = estimates.next() else {
                *s = value * *s;
                continue;
            };
            let weight = *s * *s;
            *s = (value - estimate.mean) * *s;
            estimate.take(value, weight, self.decay);
        }
    }
}
