//! A policy head that chooses among `K` actions with probabilities `softmax(outputs)`.

use crate::{
    arithmetic::lane::{Lane, Word},
    check,
    distributions::categorical::{self, Categorical},
    error::Error,
    noise::source::Source,
    policies::{
        head::Head,
        softmax_policy::{ActionMask, within_limits},
    },
    samplers::inverse_cdf,
};

/// A choice among `K` actions with probabilities `softmax(outputs)`; the mask marks the possible actions.
///
/// Logits are kept within ±10^30.
///
/// ```
/// use samplegrad_core::{ActionMask, Head, SoftmaxHead};
///
/// let mask = ActionMask::new([true, true, false])?;
/// let p = SoftmaxHead.distribution(&[[0.0, 0.0, 5.0]], &mask);
/// assert_eq!(p.probabilities(), [0.5, 0.5, 0.0]);
/// assert!(SoftmaxHead.check(&p, 2).is_err());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SoftmaxHead;

impl<const K: usize, L: Lane> Head<K, 1, L> for SoftmaxHead {
    type Distribution = Categorical<K, L>;
    type Action = L::Word;
    type Constraint = ActionMask<K, L>;

    #[inline]
    fn sees_features(&self, _: usize) -> bool {
        true
    }

    #[inline]
    fn distribution(&self, [logits]: &[[L; K]; 1], mask: &ActionMask<K, L>) -> Categorical<K, L> {
        mask.distribution(&logits.map(within_limits))
    }

    /// Draws an action by the inverse of the distribution function, from one word of the source.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &Categorical<K, L>, source: &mut S) -> L::Word {
        let mut weights = [L::Word::splat(0); K];
        inverse_cdf::draw_from_probabilities(distribution.probabilities(), &mut weights, source.next_word())
    }

    #[inline]
    fn mode(&self, distribution: &Categorical<K, L>) -> L::Word {
        distribution.mode()
    }

    /// Returns [`Error::NoSuchIndex`] for an action that does not exist, [`Error::OutOfRange`] for a masked action.
    fn check(&self, distribution: &Categorical<K, L>, action: L::Word) -> Result<(), Error> {
        check::class(action, K)?;
        let log_p = distribution.log_prob(action);
        check::within("log-probability of the action", log_p, -f32::MAX, f32::MAX, "finite")
    }

    #[inline]
    fn score(&self, distribution: &Categorical<K, L>, action: L::Word, [score]: &mut [[L; K]; 1]) {
        categorical::score(distribution.probabilities(), action, L::ONE, score);
    }

    #[inline]
    fn log_ratio(&self, now: &mut Categorical<K, L>, then: &Categorical<K, L>, action: L::Word) -> L {
        now.log_prob(action) - then.log_prob(action)
    }

    #[inline]
    fn entropy_gradient(&self, distribution: &Categorical<K, L>, [gradient]: &mut [[L; K]; 1]) {
        categorical::entropy_gradient(distribution.probabilities(), distribution.log_probabilities(), gradient);
    }
}
