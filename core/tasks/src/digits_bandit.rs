//! Digits bandit: a policy learns to read digits from reward alone.
//!
//! The policy sees a picture, draws one of ten actions, receives the reward 1 if the action is the digit and 0 if not,
//! makes one step, and forgets. It never sees the label. All code is generic over the lane: the device runs it in
//! `f32`, a host runs the same code in SIMD vectors, one device per lane.

use core::ops::ControlFlow;

use samplegrad_core::{
    ActionMask, ActionModel, EntropyBonus, Error, Features, LearningRate, Reinforce, Reward, Source,
    lane::{Lane, Word},
    reduce,
};

use crate::{
    fingerprint,
    log::{Ended, lines, log},
    optdigits::{self, DIGITS, Example, PIXELS},
};

/// The seed of all devices. The number of a device selects its stream.
pub const SEED: u64 = 2026;
/// Passes over the training rows.
pub const PASSES: u32 = 20;
/// The names and default values of a device's arguments: its number, the passes to make, the passes of the schedule.
pub const ARGUMENTS: [(&str, u32); 3] = [("DEVICE", 0), ("PASSES", PASSES), ("SCHEDULE", PASSES)];

/// The learning rate of the policy in the first pass; it falls linearly to 1/20 of this in the last pass.
const RATE: f32 = 0.4;
/// The weight of the entropy in the first pass; it falls like the learning rate.
const ENTROPY_BONUS: f32 = 0.2;
/// The learning rate of the model of rewards.
const MODEL_RATE: f32 = 0.02;

/// The whole state of the device: the policy, the per-action model of its rewards, and their rates.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_tasks::digits_bandit::{Bandit, SEED};
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
    /// Creates a policy that has not seen a digit.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn new() -> Result<Self, Error> {
        let model = ActionModel::new(LearningRate::new(MODEL_RATE)?);
        let learner = Reinforce::new(model, LearningRate::new(RATE)?, EntropyBonus::new(ENTROPY_BONUS)?);
        Ok(Self { learner })
    }

    /// Returns the policy's weights, `[pixel][digit]`.
    pub fn weights(&self) -> &[[L; DIGITS]; PIXELS] {
        self.learner.policy().weights()
    }

    /// Returns the policy's biases.
    pub fn bias(&self) -> &[L; DIGITS] {
        self.learner.policy().bias()
    }

    /// Makes pass number `pass` of `passes` over the training rows in order; returns the number of rewards in each
    /// lane.
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

    /// Sets the learning rate and the weight of the entropy for pass number `pass` of `passes`.
    ///
    /// # Errors
    /// None for `pass < passes`: the constants are in range.
    pub fn begin(&mut self, pass: u32, passes: u32) -> Result<(), Error> {
        let left = (passes - pass.min(passes - 1)) as f32 / passes as f32;
        self.learner.set_rate(LearningRate::new(RATE * left)?);
        self.learner.set_entropy_bonus(EntropyBonus::new(ENTROPY_BONUS * left)?);
        Ok(())
    }

    /// Makes one step of a pass: sees a picture, acts, learns from the reward, and returns the reward. Takes one word
    /// of the source.
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

    /// Returns the digit that the policy reads, without randomness: the action of the largest logit.
    pub fn read(&self, example: Example) -> L::Word {
        reduce::arg_max(&self.learner.policy().logits(&see(example))).0
    }

    /// Returns the number of held-out digits that each lane reads correctly.
    pub fn held_out_right(&self) -> L {
        optdigits::held_out().fold(L::ZERO, |right, example| {
            let is_right = self.read(example).equals(L::Word::splat(u32::from(example.digit)));
            right + L::select(is_right, L::ONE, L::ZERO)
        })
    }

    /// Returns a hash of the bits of every weight and bias of one lane: 64-bit FNV-1a over the words, weights first.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let numbers = self.weights().iter().flatten().chain(self.bias());
        fingerprint::of_words(numbers.map(|x| x.extract(lane).to_bits()))
    }
}

/// Converts a picture to features; ink is 1.
fn see<L: Lane>(example: Example) -> Features<PIXELS, L> {
    Features::from_fixed_point(example.pixels, 4)
}

lines! {
    /// A line of the log.
    ///
    /// ```
    /// use samplegrad_tasks::digits_bandit::Line;
    ///
    /// assert_eq!(Line::Pass { pass: 1, rewards: 752, held_out: 299 }.to_string(), "pass 1 rewards 752 held out 299");
    /// ```
    pub enum Line {
        /// The number of held-out digits that are read correctly before the first step.
        Start { device: u32, held_out: u32 } => "device {} knows nothing: held out {}",
        /// The number of a pass, counted from 1; the number of rewards in the pass; the number of held-out digits that
        /// are read correctly after the pass.
        Pass { pass: u32, rewards: u32, held_out: u32 } => "pass {} rewards {} held out {}",
        /// The bits of one pixel's weights.
        Weights { pixel: usize, bits: [u32; DIGITS] } => "weights {} {:?}",
        /// The bits of the biases.
        Bias { bits: [u32; DIGITS] } => "bias {:?}",
        /// [`Bandit::fingerprint`].
        Fingerprint { hash: u64 } => "fingerprint {:016x}",
    }
}

/// Runs a device with these arguments (number, passes, passes of the schedule) and logs one lane of it. The device's
/// stream is made from its number.
///
/// # Errors
/// None for no more passes than the schedule has: the constants are in range.
pub fn live<L: Lane, S: Source<L> + ?Sized>(
    [device, passes, schedule]: [u32; 3],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended {
    let mut bandit = Bandit::<L>::new()?;
    let word = |x: L| x.extract(lane) as u32;
    log!(listener, 0_u32, Line::Start { device, held_out: word(bandit.held_out_right()) });
    let mut steps = 0;
    for pass in 0..passes {
        let rewards = word(bandit.pass(pass, schedule, source)?);
        steps += optdigits::TRAINING;
        log!(listener, steps, Line::Pass { pass: pass + 1, rewards, held_out: word(bandit.held_out_right()) });
    }
    let bits = |row: &[L; DIGITS]| row.map(|x| x.extract(lane).to_bits());
    for (pixel, row) in bandit.weights().iter().enumerate() {
        log!(listener, steps, Line::Weights { pixel, bits: bits(row) });
    }
    log!(listener, steps, Line::Bias { bits: bits(bandit.bias()) });
    log!(listener, steps, Line::Fingerprint { hash: bandit.fingerprint(lane) });
    Ok(ControlFlow::Continue(()))
}
