//! The moving average: the costs so far, averaged, as the baseline of the score function. It costs nothing and takes the
//! common offset of the costs away; a step is compared with earlier ones only.
//!
//! ```text
//! g = (f(x) − b) ∇ ln p(x),   then   b ← ρ b + (1 − ρ) f(x)
//! ```
//!
//! | | |
//! |---|---|
//! | asks of `f` | a value at one sample |
//! | bias | none: the baseline of a step does not contain its own cost |
//! | variance on the toy | in the long run 3.289474e-5 at logit 0, 6.147917e-4 at logit 2 with ρ = 0.9; 3.140704e-6, 6.095437e-4 with ρ = 0.99 |
//! | cost | one call of `f`, one sample, one number of memory |
//! | use it | as the first baseline to try, when one sample a step is all there is |
//! | not | where costs depend on what is seen ([`linear_critic`](crate::linear_critic)), or change faster than `1/(1 − ρ)` steps |
//!
//! The long run's variance is that with `b = E[f]`, and `E[s²] Var[f] (1 − ρ)/(1 + ρ)` for the average's own noise.
//!
//! Source: R. J. Williams, *Simple statistical gradient-following algorithms for connectionist reinforcement learning*,
//! Machine Learning 8, 1992 (reinforcement comparison, after R. S. Sutton, 1984).
//!
//! ```
//! use samplegrad_core::{
//!     Bernoullis, Decay, baseline::MovingAverage, estimator::Estimator, score_function::ScoreFunction, stream,
//! };
//!
//! let b = Bernoullis::<2>::new(&[0.0, 1.0])?;
//! let mut estimator = ScoreFunction { baseline: MovingAverage::new(Decay::new(0.5)?) };
//! let estimate = estimator.estimate(&b, &mut |b: &[f32]| 1.0 + b[0], &mut stream::xorshift(2026, 0)).unwrap();
//! assert_eq!(estimator.baseline.get(), 0.5 * estimate.mean);
//! # Ok::<(), samplegrad_core::Error>(())
//! ```

use crate::{
    baseline::{Baseline, MovingAverage, bounded, scale},
    lane::Lane,
};

/// Learns from costs up to 10^30 in magnitude; a larger one counts as that.
impl<L: Lane> Baseline<L> for MovingAverage<L> {
    fn centre(&mut self, value: L, score: &mut [L]) {
        scale(score, value - self.get());
        self.take(bounded(value));
    }
}
