//! The digits bandit in integers, for cores without a floating-point unit.
//!
//! The task is [`digits_bandit`](crate::digits_bandit), but the baseline is a moving average of the rewards. All code
//! is generic over the lane: a device runs it in words, a host runs the same code in SIMD vectors, one device per lane.

use core::ops::ControlFlow;

use samplegrad_core::{
    Decay, Error, LearningRate, Source,
    integer::{ByteFeatures, FixedRate, FixedReward, IntegerPolicy, IntegerReinforce},
    lane::{Lane, Word},
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

/// The learning rate in the first pass; it falls linearly to 1/20 of this in the last pass.
const RATE: f32 = 0.03;
/// The weight of the past in the average of the rewards.
pub const DECAY: f32 = 0.99;

/// The whole state of the device: the policy and the average of its rewards.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_tasks::digits_integer::{IntegerBandit, SEED};
///
/// let mut bandit = IntegerBandit::<f32>::new()?;
/// let before = bandit.held_out_right();
/// bandit.pass(0, 1, &mut stream::xorshift(SEED, 0))?;
/// assert!(bandit.held_out_right() > 2 * before);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct IntegerBandit<L: Lane = f32> {
    learner: IntegerReinforce<PIXELS, DIGITS, L>,
}

impl<L: Lane> IntegerBandit<L> {
    /// Creates a policy that has not seen a digit.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn new() -> Result<Self, Error> {
        let rate = FixedRate::from_nats(rate(0, 1)?)?;
        Ok(Self { learner: IntegerReinforce::new(rate, Decay::new(DECAY)?) })
    }

    /// Returns the policy.
    pub fn policy(&self) -> &IntegerPolicy<PIXELS, DIGITS, L> {
        self.learner.policy()
    }

    /// Makes pass number `pass` of `passes` over the training rows in order; returns the number of rewards in each
    /// lane.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn pass<S: Source<L> + ?Sized>(&mut self, pass: u32, passes: u32, source: &mut S) -> Result<L::Word, Error> {
        self.learner.set_rate(FixedRate::from_nats(rate(pass, passes)?)?);
        let mut rewards = L::Word::splat(0);
        for example in optdigits::training() {
            let features = see(example);
            let decision = self.learner.act(&features, source);
            let right = decision.action().equals(L::Word::splat(example.digit.into()));
            self.learner.learn(&features, &decision, FixedReward::one_where(right));
            rewards = rewards.wrapping_add(L::Word::select(right, L::Word::splat(1), L::Word::splat(0)));
        }
        Ok(rewards)
    }

    /// Returns the digit that the policy reads, without randomness: the action of the largest logit, the first one on
    /// ties.
    pub fn read(&self, example: Example) -> L::Word {
        self.policy().logits(&see(example)).arg_max()
    }

    /// Returns the number of held-out digits that each lane reads correctly.
    pub fn held_out_right(&self) -> L::Word {
        optdigits::held_out().fold(L::Word::splat(0), |right, example| {
            let is_right = self.read(example).equals(L::Word::splat(example.digit.into()));
            right.wrapping_add(L::Word::select(is_right, L::Word::splat(1), L::Word::splat(0)))
        })
    }

    /// Returns a hash of every weight and bias of one lane: 64-bit FNV-1a over the words, weights first.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let words = self.policy().weights().iter().flatten().chain(self.policy().bias());
        fingerprint::of_words(words.map(|word| word.extract(lane)))
    }
}

/// Returns the learning rate of a pass, in natural logits.
///
/// # Errors
/// None: the constants are in range.
pub fn rate(pass: u32, passes: u32) -> Result<LearningRate, Error> {
    let left = passes.saturating_sub(pass).max(1) as f32 / passes.max(1) as f32;
    LearningRate::new(RATE * left)
}

/// Converts a picture to bytes with 7 fraction bits; ink is 7/8.
pub fn bytes(example: Example) -> [u8; PIXELS] {
    example.pixels.map(|ink| ink.min(16) * 7)
}

fn see<L: Lane>(example: Example) -> ByteFeatures<PIXELS, L> {
    ByteFeatures::new(bytes(example).map(|x| x as i8))
}

lines! {
    /// A line of the log.
    ///
    /// ```
    /// use samplegrad_tasks::digits_integer::Line;
    ///
    /// assert_eq!(Line::Pass { pass: 1, rewards: 752, held_out: 299 }.to_string(), "pass 1 rewards 752 held out 299");
    /// ```
    pub enum Line {
        /// The number of a pass, counted from 1; the number of rewards in the pass; the number of held-out digits that
        /// are read correctly after the pass.
        Pass { pass: u32, rewards: u32, held_out: u32 } => "pass {} rewards {} held out {}",
        /// [`IntegerBandit::fingerprint`].
        Fingerprint { hash: u64 } => "fingerprint {:016x}",
    }
}

/// Runs a device with these arguments (number, passes, passes of the schedule) and logs one lane of it. The device's
/// stream is made from its number.
///
/// # Errors
/// None: the constants are in range.
pub fn live<L: Lane, S: Source<L> + ?Sized>(
    [_, passes, schedule]: [u32; 3],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended {
    let mut bandit = IntegerBandit::<L>::new()?;
    let mut steps = 0;
    for pass in 0..passes {
        let rewards = bandit.pass(pass, schedule, source)?.extract(lane);
        let held_out = bandit.held_out_right().extract(lane);
        steps += optdigits::TRAINING;
        log!(listener, steps, Line::Pass { pass: pass + 1, rewards, held_out });
    }
    log!(listener, steps, Line::Fingerprint { hash: bandit.fingerprint(lane) });
    Ok(ControlFlow::Continue(()))
}
