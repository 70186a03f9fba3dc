//! The trainer of control tasks: a streaming actor–critic with a small network learns any of them with one setting.

use core::ops::ControlFlow;

use samplegrad_core::{
    ActorCritic, Block, Dense, Ending, Error, Hidden, NetworkPolicy, Observation, Optimizer, Policy, Ppo, Reward,
    SoftmaxHead, Source, StreamingActorCritic, StreamingSettings,
    lane::{Lane, Mask},
};

use crate::{
    control::ControlTask,
    fingerprint,
    log::{Ended, lines, log},
};

/// The seed of all devices. The number of a device selects its stream.
pub const SEED: u64 = 2026;
/// The number of steps of a device, unless its arguments say otherwise.
pub const STEPS: u32 = 100_000;
/// The number of hidden units of the policy, and of the critic.
pub const UNITS: usize = 16;
/// The names and default values of a device's arguments.
pub const ARGUMENTS: [(&str, u32); 2] = [("DEVICE", 0), ("STEPS", STEPS)];

/// The policy for a task of `D` observed numbers and `K` actions: one hidden layer of 16 units.
pub type Small<const D: usize, const K: usize, L = f32> =
    NetworkPolicy<SoftmaxHead, Hidden<Dense<D, UNITS, 1, L>, Dense<UNITS, K, 1, L>>>;

/// A learner that learns from every step of a control task.
///
/// ```
/// use samplegrad_core::{NetworkPolicy, SoftmaxHead, StreamingActorCritic, StreamingSettings};
/// use samplegrad_tasks::streaming::{Small, StreamingLearner};
///
/// fn of_three_actions<A: StreamingLearner<Policy = Small<3, 3>>>(learner: A) -> A {
///     learner
/// }
/// of_three_actions(StreamingActorCritic::new(NetworkPolicy::new(SoftmaxHead), StreamingSettings::DEFAULT));
/// ```
pub trait StreamingLearner {
    /// The policy that learns.
    type Policy: Policy<Constraint: Default>;

    /// Sets the parameters to random numbers, in place.
    fn initialise<S: Source<LaneOf<Self>> + ?Sized>(&mut self, source: &mut S);
    /// Takes an observation into account in the lanes where the mask holds, and returns the policy's input. By default
    /// that is the observation.
    #[inline]
    fn observe(&mut self, observation: &InputOf<Self>, _lanes: <LaneOf<Self> as Lane>::Mask) -> InputOf<Self> {
        *observation
    }
    /// Draws an action.
    fn act<S: Source<LaneOf<Self>> + ?Sized>(
        &self,
        input: &InputOf<Self>,
        source: &mut S,
    ) -> <Self::Policy as Policy>::Choice;
    /// Learns from the reward of a choice and from the input after it.
    fn learn(
        &mut self,
        input: &InputOf<Self>,
        choice: &<Self::Policy as Policy>::Choice,
        reward: Reward<LaneOf<Self>>,
        next: &InputOf<Self>,
        ending: &Ending<LaneOf<Self>>,
    );
}

/// The lanes of a learner.
pub type LaneOf<A> = <<A as StreamingLearner>::Policy as Policy>::Lane;
/// The inputs of a learner's policy.
pub type InputOf<A> = <<A as StreamingLearner>::Policy as Policy>::Input;

impl<P: Policy<Constraint: Default>> StreamingLearner for StreamingActorCritic<P> {
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        StreamingActorCritic::initialise(self, source);
    }

    #[inline]
    fn observe(&mut self, observation: &P::Input, lanes: <P::Lane as Lane>::Mask) -> P::Input {
        StreamingActorCritic::observe(self, observation, lanes)
    }

    #[inline]
    fn act<S: Source<P::Lane> + ?Sized>(&self, input: &P::Input, source: &mut S) -> P::Choice {
        StreamingActorCritic::act(self, input, &P::Constraint::default(), source)
    }

    #[inline]
    fn learn(
        &mut self,
        input: &P::Input,
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) {
        StreamingActorCritic::learn(self, input, choice, reward, next, ending);
    }
}

impl<P, A, C> StreamingLearner for ActorCritic<P, A, C>
where
    P: Policy<Constraint: Default>,
    A: Optimizer<P::Parameters>,
    C: Optimizer<P::Critic>,
{
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        ActorCritic::initialise(self, source);
    }

    #[inline]
    fn act<S: Source<P::Lane> + ?Sized>(&self, input: &P::Input, source: &mut S) -> P::Choice {
        ActorCritic::act(self, input, &P::Constraint::default(), source)
    }

    #[inline]
    fn learn(
        &mut self,
        input: &P::Input,
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) {
        ActorCritic::learn(self, input, choice, reward, next, ending);
    }
}

impl<P, A, C, const ROLLOUT: usize> StreamingLearner for Ppo<P, A, C, ROLLOUT>
where
    P: Policy<Constraint: Default>,
    A: Optimizer<P::Parameters>,
    C: Optimizer<P::Critic>,
{
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        Ppo::initialise(self, source);
    }

    #[inline]
    fn act<S: Source<P::Lane> + ?Sized>(&self, input: &P::Input, source: &mut S) -> P::Choice {
        Ppo::act(self, input, &P::Constraint::default(), source)
    }

    #[inline]
    fn learn(
        &mut self,
        input: &P::Input,
        choice: &P::Choice,
        reward: Reward<P::Lane>,
        next: &P::Input,
        ending: &Ending<P::Lane>,
    ) {
        Ppo::learn(self, (input, &P::Constraint::default()), choice, reward, next, ending);
    }
}

/// The whole state of a device that learns the task `T` with the learner `A`.
///
/// ```
/// use samplegrad_core::{NetworkPolicy, SoftmaxHead, StreamingActorCritic, StreamingSettings, stream};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::{SEED, Small, Trainer}};
///
/// let policy: Small<2, 3> = NetworkPolicy::new(SoftmaxHead);
/// let (learner, mut rng) = (StreamingActorCritic::new(policy, StreamingSettings::DEFAULT), stream::xorshift(SEED, 0));
/// let mut trainer = Trainer::<MountainCar, _>::new(learner, &mut rng)?;
/// trainer.train(1000, &mut rng)?;
/// assert_eq!(trainer.take_returns(), (-1000.0, 5.0));         // no episode of 200 steps has reached the flag
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trainer<T, A: StreamingLearner> {
    learner: A,
    task: T,
    /// The input of the policy in the present state.
    input: InputOf<A>,
    /// The return of the episode so far.
    earned: LaneOf<A>,
    /// The sum of the returns of the episodes that ended, and their number.
    ended: (LaneOf<A>, LaneOf<A>),
}

impl<T, A> Trainer<T, A>
where
    A: StreamingLearner,
    T: ControlTask<LaneOf<A>, Input = InputOf<A>, Action = <A::Policy as Policy>::Action>,
{
    /// Starts a learner before its first episode, with random parameters.
    ///
    /// # Errors
    /// Returns no error for a task whose observations are within ±10^6.
    pub fn new<S: Source<LaneOf<A>> + ?Sized>(mut learner: A, source: &mut S) -> Result<Self, Error> {
        learner.initialise(source);
        let task = T::start(source);
        let input = learner.observe(&task.observation()?, <LaneOf<A> as Lane>::Mask::splat(true));
        let zero = LaneOf::<A>::ZERO;
        Ok(Self { learner, task, input, earned: zero, ended: (zero, zero) })
    }

    /// Returns the learner.
    pub fn learner(&self) -> &A {
        &self.learner
    }

    /// Trains for `steps` more steps, across episodes. Every step takes the words of an action and of the start of an
    /// episode from the source, even if no episode starts. Each lane therefore draws the same words as a device.
    ///
    /// # Errors
    /// Returns no error for a task whose observations and rewards are within ±10^6.
    pub fn train<S: Source<LaneOf<A>> + ?Sized>(&mut self, steps: u32, source: &mut S) -> Result<(), Error> {
        for _ in 0..steps {
            self.step(source)?;
        }
        Ok(())
    }

    #[inline]
    fn step<S: Source<LaneOf<A>> + ?Sized>(&mut self, source: &mut S) -> Result<(), Error> {
        let choice = self.learner.act(&self.input, source);
        let (reward, ending) = self.task.step(A::Policy::action(&choice));
        let next = self.learner.observe(&self.task.observation()?, <LaneOf<A> as Lane>::Mask::splat(true));
        self.learner.learn(&self.input, &choice, Reward::new(reward)?, &next, &ending);
        self.input = next;
        self.earned = self.earned + reward;
        let (ended, start) = (ending.ended(), T::start(source));
        if ended.any() {
            let zero = LaneOf::<A>::ZERO;
            self.ended.0 = self.ended.0 + Lane::select(ended, self.earned, zero);
            self.ended.1 = self.ended.1 + Lane::select(ended, LaneOf::<A>::ONE, zero);
            self.earned = Lane::select(ended, zero, self.earned);
            self.task.replace(ended, &start);
            let first = self.learner.observe(&self.task.observation()?, ended);
            self.input = Observation::select(ended, &first, &next);
        }
        Ok(())
    }

    /// Returns the sum of the returns of the episodes that ended since the last call, and their number.
    pub fn take_returns(&mut self) -> (LaneOf<A>, LaneOf<A>) {
        core::mem::replace(&mut self.ended, (LaneOf::<A>::ZERO, LaneOf::<A>::ZERO))
    }
}

impl<T, P: Policy<Constraint: Default>> Trainer<T, StreamingActorCritic<P>> {
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
    let learner = StreamingActorCritic::new(policy, StreamingSettings::DEFAULT);
    let mut trainer = Trainer::<T, _>::new(learner, source)?;
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
