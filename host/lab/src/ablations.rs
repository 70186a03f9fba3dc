//! Learners of control tasks that each leave out a part of the streaming actor–critic.

use samplegrad_core::{
    ActorCritic, Ending, LearningRate, Policy, Reward, Sgd, Source, Steering, StreamingActorCritic, StreamingSettings,
};
use samplegrad_tasks::streaming::StreamingLearner;

use crate::normalized::Normalized;

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

impl<P: Policy<Constraint: Default>> StreamingLearner for RawObservations<P> {
    type Policy = P;

    fn initialise<S: Source<P::Lane> + ?Sized>(&mut self, source: &mut S) {
        self.0.initialise(source);
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
/// use samplegrad_lab::{ablations::{FixedRate, fixed_rate}, control, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     Plain: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
///     with FixedRate<Small<2, 3, L>> = fixed_rate
/// );
/// assert!(control::learn::<Plain>(8, 1600, &StreamingSettings::DEFAULT, None)?.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub type FixedRate<P> = Normalized<ActorCritic<P, Sgd, Sgd>>;

/// The learning rate of the policy and of the critic.
const RATE: f32 = 1e-3;

/// Creates the learner with a critic of zeros. The optimizers of the settings do not count.
pub fn fixed_rate<P: Policy<Constraint: Default>>(policy: P, settings: StreamingSettings) -> FixedRate<P> {
    let sgd = Sgd::new(LearningRate::new(RATE).expect("a rate"));
    let steering = Steering {
        discount: settings.discount,
        trace_decay: settings.trace_decay,
        entropy_bonus: settings.entropy_bonus,
        ..Steering::default()
    };
    Normalized::new(ActorCritic::new(policy, sgd, sgd, steering, settings.trace_decay), &settings)
}
