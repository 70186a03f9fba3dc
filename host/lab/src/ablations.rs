//! Learners of control tasks that each leave out a part of the streaming actor–critic.

use samplegrad_core::{
    ActorCritic, Ending, LearningRate, Observation, Policy, Reward, RewardScale, Sgd, Source, Standardizer, Steering,
    StreamingActorCritic, StreamingSettings, lane::Lane,
};
use samplegrad_tasks::streaming::StreamingLearner;

/// A streaming actor–critic whose input is the observation as the task gives it, without normalisation.
///
/// ```
/// use samplegrad_core::{SoftmaxHead, StreamingSettings};
/// use samplegrad_lab::{ablations::RawObservations, control, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     Raw: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
///     with RawObservations<Small<2, 3, L>> = RawObservations::new
/// );
/// assert!(control::learn::<Raw>(8, 1600, &StreamingSettings::DEFAULT, None)?.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub struct RawObservations<P: Policy>(StreamingActorCritic<P>);

impl<P: Policy> RawObservations<P> {
    /// Creates a learner with a critic of zeros.
    pub fn new(policy: P, settings: StreamingSettings) -> Self {
        Self(StreamingActorCritic::new(policy, settings))
    }
}

impl<P: Policy<Constraint: Default, Input: Copy>> StreamingLearner for RawObservations<P> {
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        self.0.initialise(source);
    }

    #[inline]
    fn observe(&mut self, observation: &P::Input, _: <P::Lane as Lane>::Mask) -> P::Input {
        *observation
    }

    #[inline]
    fn act<S: Source<P::Lane> + ?Sized>(&self, input: &P::Input, source: &mut S) -> P::Choice {
        StreamingLearner::act(&self.0, input, source)
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
        StreamingLearner::learn(&mut self.0, input, choice, reward, next, ending);
    }
}

/// An actor–critic with the traces, the normalisation and the reward scale of the streaming actor–critic, and steps of
/// stochastic gradient descent at a fixed rate, whose length has no bound.
///
/// ```
/// use samplegrad_core::{SoftmaxHead, StreamingSettings};
/// use samplegrad_lab::{ablations::FixedRate, control, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     Plain: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
///     with FixedRate<Small<2, 3, L>> = FixedRate::new
/// );
/// assert!(control::learn::<Plain>(8, 1600, &StreamingSettings::DEFAULT, None)?.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub struct FixedRate<P: Policy> {
    learner: ActorCritic<P, Sgd, Sgd>,
    observations: Standardizer<P::Input>,
    rewards: RewardScale<P::Lane>,
    settings: StreamingSettings,
}

impl<P: Policy> FixedRate<P> {
    /// The learning rate of the policy and of the critic.
    pub const RATE: f32 = 1e-3;

    /// Creates a learner with a critic of zeros. The optimizers of the settings do not count.
    pub fn new(policy: P, settings: StreamingSettings) -> Self {
        let sgd = Sgd::new(LearningRate::new(Self::RATE).expect("a rate"));
        let steering = Steering {
            discount: settings.discount,
            trace_decay: settings.trace_decay,
            entropy_bonus: settings.entropy_bonus,
            ..Steering::default()
        };
        Self {
            learner: ActorCritic::new(policy, sgd, sgd, steering, settings.trace_decay),
            observations: Standardizer::new(settings.memory),
            rewards: RewardScale::new(settings.memory),
            settings,
        }
    }
}

impl<P: Policy<Constraint: Default, Input: Observation>> StreamingLearner for FixedRate<P> {
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        self.learner.initialise(source);
    }

    #[inline]
    fn observe(&mut self, observation: &P::Input, lanes: <P::Lane as Lane>::Mask) -> P::Input {
        self.observations.normalize(observation, lanes)
    }

    #[inline]
    fn act<S: Source<P::Lane> + ?Sized>(&self, input: &P::Input, source: &mut S) -> P::Choice {
        self.learner.act(input, &P::Constraint::default(), source)
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
        let scaled = self.rewards.scale(reward, self.settings.discount, ending);
        let scaled = Reward::new(scaled).expect("a scaled reward is within ±10");
        self.learner.learn(input, choice, scaled, next, ending);
    }
}
