//! Self-critical: the cost of the most probable value as the baseline. The gradient then compares a sample with the
//! greedy choice. The baseline does not learn; it needs one call of the cost at the mode in place of another sample.
//!
//! ```text
//! g = (f(x) − f(mode)) ∇ ln p(x)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample and at the mode |
//! | bias | none: the mode does not depend on the sample |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 6.25e-4 at logit 0, 8.145439e-4 at logit 2 |
//! | cost | two calls of `f`, one sample, no state between estimates |
//! | use it | where the greedy choice is deployed and its cost is near the mean cost, as for a trained model with sharp distributions |
//! | avoid it | where the mode is not typical; [`leave_one_out`](crate::leave_one_out) then makes better use of two calls |
//!
//! Source: S. J. Rennie, E. Marcheret, Y. Mroueh, J. Ross and V. Goel, *Self-critical sequence training for image
//! captioning*, CVPR 2017.

use crate::{
    arithmetic::lane::Lane,
    check,
    distributions::variables::Modal,
    error::Error,
    estimators::{
        baselines::baseline::scale,
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    noise::source::Source,
};

/// Writes `f_s − f(mode)`: the value of the most probable class ([`Categorical::mode`](crate::Categorical::mode)) is
/// the baseline of every sample.
///
/// ```
/// use samplegrad_core::self_critical;
///
/// let mut advantages = [0.0_f32; 2];
/// self_critical::advantages(&[1.0, 3.0], 2.0, &mut advantages)?;
/// assert_eq!(advantages, [-1.0, 1.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless `advantages` has the length of `values`.
pub fn advantages<L: Lane>(values: &[L], of_mode: L, advantages: &mut [L]) -> Result<(), Error> {
    check::length("advantages", values.len(), advantages.len())?;
    for (advantage, &value) in advantages.iter_mut().zip(values) {
        *advantage = value - of_mode;
    }
    Ok(())
}

/// The self-critical estimator. It evaluates the cost at the sample, then at the mode. Ties of the mode resolve to the
/// first value; a masked class is never the mode.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, self_critical::SelfCritical, stream};
///
/// let (b, rng) = (Bernoullis::<1>::new(&[0.0])?, &mut stream::xorshift(2026, 0));
/// let estimate = SelfCritical.estimate(&b, &mut |b: &[f32]| 7.0 + b[0], rng).unwrap();
/// assert_eq!(estimate.gradient[0], 0.5 * (estimate.mean - 7.0));     // zero at the mode, b = 0
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SelfCritical;

impl<V, F> Estimator<V, F> for SelfCritical
where
    V: Modal,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, mut gradient) = variables.sample_score(source);
        let mean = cost::finite(cost, &x)?;
        let greedy = cost::finite(cost, &variables.mode())?;
        scale(&mut gradient, mean - greedy);
        Ok(Estimate { mean, gradient })
    }
}
