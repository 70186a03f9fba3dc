//! `K` independent bits, each with its own logit.

use crate::{
    arithmetic::lane::{Lane, Mask},
    distributions::bernoulli::Bernoulli,
    error::Error,
    noise::source::Source,
    policies::{head::Head, softmax_policy::within_limits},
};

/// `K` independent bits for valves, relays, lights. The probability of each bit is the logistic function of its
/// output; the mask marks the bits that may be on.
///
/// Logits are kept within ±10^30.
///
/// Source: R. J. Williams, Machine Learning 8, 1992, section 4 (Bernoulli logistic units).
///
/// ```
/// use samplegrad_core::{BernoulliHead, BitMask, Head};
///
/// let bits = BernoulliHead.distribution(&[[0.0, 100.0, 3.0]], &BitMask::new([true, true, false]));
/// let mut score = [[0.0_f32; 3]];
/// BernoulliHead.score(&bits, [false, true, false], &mut score);
/// assert_eq!(score, [[-0.5, bits[1].complement(), 0.0]]);
/// assert!(BernoulliHead.check(&bits, [false, false, true]).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BernoulliHead;

/// A mask of the bits that may be on among `K`. A masked bit is off, without a score.
///
/// ```
/// use samplegrad_core::{BernoulliHead, BernoulliPolicy, BitMask, Features, stream};
///
/// let policy = BernoulliPolicy::<1, 2>::new(BernoulliHead);
/// let broken = BitMask::new([true, false]);
/// let choice = policy.act(&Features::new([1.0])?, &broken, &mut stream::xorshift(2026, 0));
/// assert!(!choice.action()[1]);
/// assert_eq!(BitMask::<2>::default(), BitMask::all());
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BitMask<const K: usize, L: Lane = f32> {
    allowed: [L::Mask; K],
}

impl<const K: usize, L: Lane> BitMask<K, L> {
    /// Creates a mask from one truth value per bit and lane. All bits may be masked: the action is then all bits off.
    pub fn new(allowed: [L::Mask; K]) -> Self {
        Self { allowed }
    }

    /// Creates a mask in which every bit may be on.
    pub fn all() -> Self {
        Self { allowed: [L::Mask::splat(true); K] }
    }
}

/// Every bit may be on.
impl<const K: usize, L: Lane> Default for BitMask<K, L> {
    fn default() -> Self {
        Self::all()
    }
}

/// The smallest logit; its probability is 0.
const OFF: f32 = -1e30;

impl<const K: usize, L: Lane> Head<K, 1, L> for BernoulliHead {
    type Distribution = [Bernoulli<L>; K];
    type Action = [L::Mask; K];
    type Constraint = BitMask<K, L>;

    #[inline]
    fn sees_features(&self, _: usize) -> bool {
        true
    }

    #[inline]
    fn distribution(&self, [logits]: &[[L; K]; 1], mask: &BitMask<K, L>) -> [Bernoulli<L>; K] {
        let mut possible = *logits;
        for (l, &allowed) in possible.iter_mut().zip(&mask.allowed) {
            *l = L::select(allowed, within_limits(*l), L::splat(OFF));
        }
        possible.map(Bernoulli::trusted)
    }

    /// Draws the bits from first to last. Each bit takes one word of the source.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &[Bernoulli<L>; K], source: &mut S) -> [L::Mask; K] {
        distribution.map(|bit| bit.sample(source))
    }

    #[inline]
    fn mode(&self, distribution: &[Bernoulli<L>; K]) -> [L::Mask; K] {
        distribution.map(|bit| L::ZERO.lt(bit.logit()))
    }

    /// Returns [`Error::OutOfRange`] for an action with a masked bit on, or a bit whose probability is 0.
    #[inline]
    fn check(&self, distribution: &[Bernoulli<L>; K], action: [L::Mask; K]) -> Result<(), Error> {
        let mut impossible = L::Mask::splat(false);
        for (bit, &on) in distribution.iter().zip(&action) {
            impossible = impossible.or(on.and(bit.probability().equals(L::ZERO)));
        }
        if impossible.any() {
            let requirement = "0 where the mask, or a probability of 0, keeps the bit off";
            return Err(Error::OutOfRange { what: "bit of the action", value: 1.0, requirement });
        }
        Ok(())
    }

    #[inline]
    fn score(&self, distribution: &[Bernoulli<L>; K], action: [L::Mask; K], [score]: &mut [[L; K]; 1]) {
        for ((s, bit), &on) in score.iter_mut().zip(distribution).zip(&action) {
            *s = bit.score(on);
        }
    }

    /// Returns the sum over the bits, from first to last.
    #[inline]
    fn log_ratio(&self, now: &mut [Bernoulli<L>; K], then: &[Bernoulli<L>; K], action: [L::Mask; K]) -> L {
        let bits = now.iter().zip(then).zip(&action);
        bits.fold(L::ZERO, |sum, ((now, then), &on)| sum + (now.log_prob(on) - then.log_prob(on)))
    }

    #[inline]
    fn entropy_gradient(&self, distribution: &[Bernoulli<L>; K], [gradient]: &mut [[L; K]; 1]) {
        for (g, bit) in gradient.iter_mut().zip(distribution) {
            *g = bit.entropy_derivative();
        }
    }
}
