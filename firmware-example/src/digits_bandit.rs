//! A policy learns to read digits from reward alone.
//!
//! It sees a picture, draws one of ten actions, is told 1 if that was the digit and 0 if not, makes one step, and
//! forgets. It is never told the digit. Everything is generic over the lane: the device runs it in `f32`, a host runs
//! the same lines in SIMD vectors, one device a lane.

use samplegrad_core::{
    ActionMask, EntropyBonus, Error, Features, LearningRate, Reinforce, Reward, Source,
    baseline::ActionModel,
    lane::{Lane, Word},
    reduce,
};

use crate::{
    fingerprint,
    optdigits::{self, DIGITS, Example, PIXELS},
};

/// The seed of every device of this example; its stream is the device's number.
pub const SEED: u64 = 2026;
/// Passes over the training rows.
pub const PASSES: u32 = 20;

/// Step length of the policy in the first pass; it falls on a line to 1/20 of it in the last.
const RATE: f32 = 0.4;
/// Weight of the entropy in the first pass; it falls alike.
const ENTROPY_BONUS: f32 = 0.2;
/// Step length of the model of rewards.
const MODEL_RATE: f32 = 0.02;

/// The policy, the per-action model of its rewards, and how they learn: all that the device remembers.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_firmware_example::digits_bandit::{Bandit, SEED};
///
/// let mut bandit = Bandit::<f32>::new()?;
/// let before = bandit.held_out_right();
/// bandit.pass(0, 1, &mut stream::xorshift(SEED, 0))?;
/// assert!(bandit.held_out_right() > 4.0 * before);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct Bandit<L: Lane = f32> {
    learner: Reinforce<PIXELS, DIGITS, ActionModel<PIXELS, DIGITS, L>, L>,
}

impl<L: Lane> Bandit<L> {
    /// A policy that has not seen a digit.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn new() -> Result<Self, Error> {
        let model = ActionModel::new(LearningRate::new(MODEL_RATE)?);
        let learner = Reinforce::new(model, LearningRate::new(RATE)?, EntropyBonus::new(ENTROPY_BONUS)?);
        Ok(Self { learner })
    }

    /// The policy's weights, `[pixel][digit]`.
    pub fn weights(&self) -> &[[L; DIGITS]; PIXELS] {
        self.learner.policy().weights()
    }

    /// The policy's biases.
    pub fn bias(&self) -> &[L; DIGITS] {
        self.learner.policy().bias()
    }

    /// One pass, number `pass` of `passes`, over the training rows in order; returns how many rewards each lane got.
    ///
    /// # Errors
    /// None for `pass < passes`: the constants are in range.
    pub fn pass<S: Source<L> + ?Sized>(&mut self, pass: u32, passes: u32, source: &mut S) -> Result<L, Error> {
        self.begin(pass, passes)?;
        let mut rewards = L::ZERO;
        for example in optdigits::training() {
            rewards = rewards + self.step(example, source)?;
        }
        Ok(rewards)
    }

    /// Sets how pass number `pass` of `passes` learns.
    ///
    /// # Errors
    /// None for `pass < passes`: the constants are in range.
    pub fn begin(&mut self, pass: u32, passes: u32) -> Result<(), Error> {
        let left = (passes - pass.min(passes - 1)) as f32 / passes as f32;
        self.learner.set_rate(LearningRate::new(RATE * left)?);
        self.learner.set_entropy_bonus(EntropyBonus::new(ENTROPY_BONUS * left)?);
        Ok(())
    }

    /// One step of a pass: sees a picture, acts, and learns from the reward, which is returned. One word of the source.
    ///
    /// # Errors
    /// None: rewards are 0 and 1.
    #[inline]
    pub fn step<S: Source<L> + ?Sized>(&mut self, example: Example, source: &mut S) -> Result<L, Error> {
        let features = see(example);
        let decision = self.learner.act(&features, &ActionMask::all(), source);
        let right = decision.action().equals(L::Word::splat(u32::from(example.digit)));
        let reward = L::select(right, L::ONE, L::ZERO);
        self.learner.learn(&features, &decision, Reward::new(reward)?);
        Ok(reward)
    }

    /// What the policy reads, without chance: the action of the largest logit.
    pub fn read(&self, example: Example) -> L::Word {
        reduce::arg_max(&self.learner.policy().logits(&see(example))).0
    }

    /// How many of the digits held out each lane reads right.
    pub fn held_out_right(&self) -> L {
        optdigits::held_out().fold(L::ZERO, |right, example| {
            let is_right = self.read(example).equals(L::Word::splat(u32::from(example.digit)));
            right + L::select(is_right, L::ONE, L::ZERO)
        })
    }

    /// A hash of the bits of every weight and bias of one lane: 64-bit FNV-1a over the words, weights first.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let numbers = self.weights().iter().flatten().chain(self.bias());
        fingerprint::of_words(numbers.map(|x| x.extract(lane).to_bits()))
    }
}

/// A picture as features: ink is 1.
fn see<L: Lane>(example: Example) -> Features<PIXELS, L> {
    Features::from_fixed_point(example.pixels, 4)
}
