//! `K` independent bits, each with its own logit.

use crate::{
    arithmetic::lane::Lane,
    distributions::bernoulli::Bernoulli,
    error::Error,
    noise::source::Source,
    policies::{head::Head, softmax_policy::within_limits},
};

/// `K` independent bits for valves, relays, lights. The probability of each bit is the logistic function of its
/// output.
///
/// Logits are kept within ±10^30.
///
/// Source: R. J. Williams, Machine Learning 8, 1992, section 4 (Bernoulli logistic units).
///
/// ```
/// use samplegrad_core::{BernoulliHead, Head};
///
/// let bits = BernoulliHead.distribution(&[[0.0, 100.0]], &());
/// let mut score = [[0.0_f32; 2]];
/// BernoulliHead.score(&bits, [false, true], &mut score);
/// assert_eq!(score, [[-0.5, bits[1].complement()]]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BernoulliHead;

impl<const K: usize, L: Lane> Head<K, 1, L> for BernoulliHead {
    type Distribution = [Bernoulli<L>; K];
    type Action = [L::Mask; K];
    type Constraint = ();

    #[inline]
    fn sees_features(&self, _: usize) -> bool {
        true
    }

    #[inline]
    fn distribution(&self, [logits]: &[[L; K]; 1], (): &()) -> [Bernoulli<L>; K] {
        logits.map(|l| Bernoulli::trusted(within_limits(l)))
    }

    /// Draws the bits with one word of the source each, from first to last.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &[Bernoulli<L>; K], source: &mut S) -> [L::Mask; K] {
        distribution.map(|bit| bit.sample(source))
    }

    #[inline]
    fn mode(&self, distribution: &[Bernoulli<L>; K]) -> [L::Mask; K] {
        distribution.map(|bit| L::ZERO.lt(bit.logit()))
    }

    /// Accepts every action, since every combination of bits is possible.
    #[inline]
    fn check(&self, _: &[Bernoulli<L>; K], _: [L::Mask; K]) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn score(&self, distribution: &[Bernoulli<L>; K], action: [L::Mask; K], [score]: &mut [[L; K]; 1]) {
        for ((s, bit), &on) in score.iter_mut().zip(distribution).zip(&action) {
            *s = bit.score(on);
        }
    }

    #[inline]
    fn entropy_gradient(&self, distribution: &[Bernoulli<L>; K], [gradient]: &mut [[L; K]; 1]) {
        for (g, bit) in gradient.iter_mut().zip(distribution) {
            *g = bit.entropy_derivative();
        }
    }
}
