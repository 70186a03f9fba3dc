//! Online REINFORCE in integers. In each step, the learner draws an action, gets a reward and moves along the gradient. It
//! stores no past steps.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    check,
    error::Error,
    integer::{
        exp2::exp2, fixed_point::FixedRate, fixed_point::FixedReward, fixed_point::share_of_the_new,
        inverse_cdf::FixedWeights, log2::log2, policy::ByteFeatures, policy::IntegerPolicy, product,
    },
    noise::source::Source,
    settings::learning::Decay,
};

/// The largest change of a logit in one step. It is 32.
const LARGEST_STEP: i32 = 32 << 16;

/// A linear-softmax policy that learns from one reward at a time. The baseline is a moving average of the rewards.
///
/// ```
/// use samplegrad_core::{
///     Decay, LearningRate,
///     integer::{ByteFeatures, FixedRate, FixedReward, IntegerReinforce},
///     stream,
/// };
///
/// let mut rng = stream::xorshift(2026, 0);
/// let rate = FixedRate::from_nats(LearningRate::new(0.5)?)?;
/// let mut learner = IntegerReinforce::<1, 2>::new(rate, Decay::new(0.9)?);
/// let x = ByteFeatures::new([127]);
/// for _ in 0..200 {
///     let decision = learner.act(&x, &mut rng);
///     learner.learn(&x, &decision, FixedReward::one_where(decision.action() == 1));
/// }
/// let logits = learner.policy().logits(&x).as_array().map(|l| l as i32);
/// assert!(logits[1] - logits[0] > 3 << 16);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct IntegerReinforce<const D: usize, const K: usize, L: Lane = f32> {
    policy: IntegerPolicy<D, K, L>,
    average: FixedReward<L>,
    /// The weight `1 − ρ` of a new reward in the average.
    #[cfg_attr(feature = "serde", serde(with = "super::stored::share"))]
    share: u32,
    rate: FixedRate,
}

/// An action that was taken and the weights from which it was drawn.
///
/// ```
/// use samplegrad_core::integer::{FixedLogits, FixedWeights, IntegerDecision};
///
/// let weights = FixedWeights::<2>::new(&FixedLogits::new([0, 0])?);
/// let explored = IntegerDecision::new(1, weights, 0)?;
/// assert_eq!((explored.action(), explored.probabilities()), (1, [32767; 2]));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntegerDecision<const K: usize, L: Lane = f32> {
    action: L::Word,
    weights: FixedWeights<K, L>,
    /// The random number from 0 to 255 by which the step is rounded.
    dither: L::Word,
}

impl<const K: usize, L: Lane> IntegerDecision<K, L> {
    /// Creates a decision from an action that other code selected, and from the weights of the actions. The step is
    /// rounded by the lower 8 bits of the random word `word`, so that the rounding is unbiased.
    ///
    /// # Errors
    /// [`Error::NoSuchIndex`] for an action that does not exist.
    pub fn new(action: L::Word, weights: FixedWeights<K, L>, word: L::Word) -> Result<Self, Error> {
        check::class(action, K)?;
        Ok(Self::drawn(action, weights, word))
    }

    #[inline]
    fn drawn(action: L::Word, weights: FixedWeights<K, L>, word: L::Word) -> Self {
        Self { action, weights, dither: word.and(L::Word::splat(0xff)) }
    }

    /// Returns the action, `0..K`.
    #[inline]
    pub fn action(&self) -> L::Word {
        self.action
    }

    /// Returns the weights from which the action was drawn.
    #[inline]
    pub fn weights(&self) -> &FixedWeights<K, L> {
        &self.weights
    }

    /// Computes the probabilities of the actions with 16 fraction bits. The error of each is at most 1e−4. The
    /// probabilities are computed from tables as `W_k · 2^{−log2 total}`, without a division.
    #[inline]
    pub fn probabilities(&self) -> [L::Word; K] {
        let scale = FixedWeights::<K, L>::SCALE;
        // This is the logarithm of total/2^S. The quotient is at least 1.
        let logarithm = L::Word::splat((32 - scale) << 16).wrapping_sub(log2(self.weights.total()).shr(11));
        let reciprocal = exp2(product::clamped(logarithm, 0, i32::MAX)).shr(14);
        let half = L::Word::splat(1 << 14);
        self.weights.as_array().map(|w| w.shr(scale - 15).wrapping_mul(reciprocal).wrapping_add(half).shr(15))
    }
}

impl<const D: usize, const K: usize, L: Lane> IntegerReinforce<D, K, L> {
    /// Creates a learner with an untrained policy. The average of the rewards starts at 0. At each step, the old
    /// average has the weight `decay` in the new average.
    pub fn new(rate: FixedRate, decay: Decay) -> Self {
        Self::with_policy(IntegerPolicy::new(), FixedReward::one_where(L::Mask::splat(false)), rate, decay)
    }

    /// Creates a learner that continues from a policy and an average of rewards.
    pub fn with_policy(policy: IntegerPolicy<D, K, L>, average: FixedReward<L>, rate: FixedRate, decay: Decay) -> Self {
        Self { policy, average, share: share_of_the_new(decay), rate }
    }

    /// Returns the policy.
    #[inline]
    pub fn policy(&self) -> &IntegerPolicy<D, K, L> {
        &self.policy
    }

    /// Returns the average of the rewards as a signed word with 16 fraction bits.
    #[inline]
    pub fn average(&self) -> L::Word {
        self.average.to_word()
    }

    /// Sets the learning rate of the next steps.
    pub fn set_rate(&mut self, rate: FixedRate) {
        self.rate = rate;
    }

    /// Draws an action by the inverse of the distribution function, from one word of the source. The step is rounded by
    /// the lower 8 bits of the same word. These bits affect the action only once in 2^24 draws.
    #[inline]
    pub fn act<S: Source<L> + ?Sized>(&self, features: &ByteFeatures<D, L>, source: &mut S) -> IntegerDecision<K, L> {
        self.act_with(features, source.next_word())
    }

    /// Returns the action drawn by a given word.
    #[inline]
    pub fn act_with(&self, features: &ByteFeatures<D, L>, word: L::Word) -> IntegerDecision<K, L> {
        let weights = FixedWeights::new(&self.policy.logits(features));
        IntegerDecision::drawn(weights.draw(word), weights, word)
    }

    /// Learns from the reward of a decision. Takes one step of gradient ascent along `(r − b)(onehot(a) − p) xᵀ`. Then
    /// updates the baseline: `b ← b + (1 − ρ)(r − b)`.
    ///
    /// A logit changes by at most 32 in one step. If a weight is at an end of the range of weights, learning takes
    /// three times as long, because all weights are then checked.
    #[inline]
    pub fn learn(&mut self, features: &ByteFeatures<D, L>, decision: &IntegerDecision<K, L>, reward: FixedReward<L>) {
        let advantage = reward.to_word().wrapping_sub(self.average.to_word());
        let scaled = product::fixed(advantage, L::Word::splat(self.rate.get()));
        let length = product::clamped(scaled, -LARGEST_STEP, LARGEST_STEP);
        // The length is split into two parts, so that the product of each part and a probability fits into 32 bits.
        let (high, low) = (length.shr_signed(15), length.and(L::Word::splat(0x7fff)));
        let one = L::Word::splat(1 << 16);
        let mut k = 0;
        let step = decision.probabilities().map(|p| {
            let chosen = decision.action.equals(L::Word::splat(k));
            k += 1;
            let score = L::Word::select(chosen, one, L::Word::splat(0)).wrapping_sub(p);
            high.wrapping_mul(score).wrapping_add(low.wrapping_mul(score).shr_signed(15))
        });
        self.policy.ascend(features, &step, decision.dither);
        self.average = self.average.towards(product::fixed(advantage, L::Word::splat(self.share)));
    }
}
