//! The trainer of control tasks: a streaming actor–critic with a small network learns any of them with one setting.

use core::ops::ControlFlow;

use samplegrad_core::{
    Block, Dense, Error, Hidden, NetworkPolicy, Observation, Policy, Reward, SoftmaxHead, Source, StreamingActorCritic,
    StreamingSettings,
    lane::{Lane, Mask},
};

use crate::{
    control::ControlTask,
    fingerprint,
    log::{Ended, lines, log},
};

/// The seed of all devices. The number of a device selects its stream.
pub const SEED: u64 = 2026;
/// The number of hidden units of the policy, and of the critic.
pub const UNITS: usize = 16;
/// The names and default values of a device's arguments.
pub const ARGUMENTS: [(&str, u32); 2] = [("DEVICE", 0), ("STEPS", 100_000)];

/// The policy for a task of `D` observed numbers and `K` actions: one hidden layer of 16 units.
pub type Small<const D: usize, const K: usize, L = f32> =
    NetworkPolicy<SoftmaxHead, Hidden<Dense<D, UNITS, 1, L>, Dense<UNITS, K, 1, L>>>;

/// The whole state of a device that learns the task `T` with the policy `P`.
///
/// ```
/// use samplegrad_core::{NetworkPolicy, SoftmaxHead, StreamingSettings, stream};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::{SEED, Small, Trainer}};
///
/// let (mut rng, policy) = (stream::xorshift(SEED, 0), NetworkPolicy::new(SoftmaxHead));
/// let mut trainer = Trainer::<MountainCar, Small<2, 3>>::new(policy, StreamingSettings::DEFAULT, &mut rng)?;
/// trainer.train(1000, &mut rng)?;
/// assert_eq!(trainer.take_returns(), (-1000.0, 5.0));         // no episode of 200 steps has reached the flag
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trainer<T, P: Policy> {
    learner: StreamingActorCritic<P>,
    task: T,
    /// The normalised observation of the present state.
    input: P::Input,
    /// The return of the episode so far.
    earned: P::Lane,
    /// The sum of the returns of the episodes that ended, and their number.
    ended: (P::Lane, P::Lane),
}

impl<T, P> Trainer<T, P>
where
    P: Policy<Constraint: Default>,
    T: ControlTask<P::Lane, Input = P::Input, Action = P::Action>,
{
    /// Creates a learner with random parameters, before its first episode.
    ///
    /// # Errors
    /// Returns no error for a task whose observations are within ±10^6.
    pub fn new<S: Source<P::Lane> + ?Sized>(
        policy: P,
        settings: StreamingSettings,
        source: &mut S,
    ) -> Result<Self, Error> {
        let mut learner = StreamingActorCritic::new(policy, settings);
        learner.initialise(source);
        let task = T::start(source);
        let input = learner.observe(&task.observation()?, <P::Lane as Lane>::Mask::splat(true));
        let zero = P::Lane::ZERO;
        Ok(Self { learner, task, input, earned: zero, ended: (zero, zero) })
    }

    /// Returns the learner.
    pub fn learner(&self) -> &StreamingActorCritic<P> {
        &self.learner
    }

    /// Trains for `steps` more steps, across episodes. Every step takes the words of an action and of the start of an
    /// episode from the source, even if no episode starts. Each lane therefore draws the same words as a device.
    ///
    /// # Errors
    /// Returns no error for a task whose observations and rewards are within ±10^6.
    pub fn train<S: Source<P::Lane> + ?Sized>(&mut self, steps: u32, source: &mut S) -> Result<(), Error> {
        for _ in 0..steps {
            self.step(source)?;
        }
        Ok(())
    }

    #[inline]
    fn step<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) -> Result<(), Error> {
        let choice = self.learner.act(&self.input, &P::Constraint::default(), source);
        let (reward, ending) = self.task.step(P::action(&choice));
        let next = self.learner.observe(&self.task.observation()?, <P::Lane as Lane>::Mask::splat(true));
        self.learner.learn(&self.input, &choice, Reward::new(reward)?, &next, &ending);
        self.input = next;
        self.earned = self.earned + reward;
        let (ended, start) = (ending.ended(), T::start(source));
        if ended.any() {
            let zero = P::Lane::ZERO;
            self.ended.0 = self.ended.0 + P::Lane::select(ended, self.earned, zero);
            self.ended.1 = self.ended.1 + P::Lane::select(ended, P::Lane::ONE, zero);
            self.earned = P::Lane::select(ended, zero, self.earned);
            self.task.replace(ended, &start);
            let first = self.learner.observe(&self.task.observation()?, ended);
            self.input = P::Input::select(ended, &first, &next);
        }
        Ok(())
    }

    /// Returns the sum of the returns of the episodes that ended since the last call, and their number.
    pub fn take_returns(&mut self) -> (P::Lane, P::Lane) {
        core::mem::replace(&mut self.ended, (P::Lane::ZERO, P::Lane::ZERO))
    }

    /// Returns a hash of the bits of every parameter of one lane: those of the policy, then those of the critic, in
    /// their order. The hash is 64-bit FNV-1a over the words.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let add = |hash, x: &P::Lane| fingerprint::add(hash, x.extract(lane).to_bits());
        self.learner.critic().fold(self.learner.policy().parameters().fold(fingerprint::EMPTY, add), add)
    }
}

lines! {
    /// A line of the log.
    ///
    /// ```
    /// use samplegrad_tasks::streaming::Line;
    ///
    /// let line = Line::Trained { steps: 20_000, episodes: 50, mean: -199.5 };
    /// assert_eq!(line.to_string(), "20000 steps, mean return of the last 50 episodes: -199.5");
    /// ```
    pub enum Line {
        /// A part of the training.
        Trained { steps: u32, episodes: u32, mean: f32 } => "{} steps, mean return of the last {} episodes: {:?}",
        /// The hash of [`Trainer::fingerprint`].
        Fingerprint { hash: u64 } => "fingerprint {:016x}",
    }
}

/// Runs a device that learns the task `T`, and logs one lane. The arguments are the number of the device and the steps
/// of training. The caller creates `source` from the number of the device.
///
/// # Errors
/// Returns no error for a task whose observations and rewards are within ±10^6.
pub fn live<T, P, S>(
    policy: P,
    [_, steps]: [u32; 2],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended
where
    P: Policy<Constraint: Default>,
    T: ControlTask<P::Lane, Input = P::Input, Action = P::Action>,
    S: Source<P::Lane> + ?Sized,
{
    /// Number of steps between two lines of the log.
    const PART: u32 = 10_000;
    let mut trainer = Trainer::<T, P>::new(policy, StreamingSettings::DEFAULT, source)?;
    let mut trained = 0;
    while trained < steps {
        let part = PART.min(steps - trained);
        trainer.train(part, source)?;
        trained += part;
        let (total, count) = trainer.take_returns();
        let (total, count) = (total.extract(lane), count.extract(lane));
        let mean = if count > 0.0 { total / count } else { 0.0 };
        log!(listener, trained, Line::Trained { steps: trained, episodes: count as u32, mean });
    }
    log!(listener, steps, Line::Fingerprint { hash: trainer.fingerprint(lane) });
    Ok(ControlFlow::Continue(()))
}
