//! Learners of control tasks with the statistics of the streaming actor–critic.

use samplegrad_core::{
    Discount, Ending, Policy, Reward, RewardScale, Source, Standardizer, StreamingSettings, lane::Lane,
};
use samplegrad_tasks::streaming::{InputOf, LaneOf, StreamingLearner};

/// A learner behind the normalisation of observations and the reward scale of the streaming actor–critic. The examples
/// are [`FixedRate`](crate::ablations::FixedRate) and [`ClippedPasses`](crate::rollouts::ClippedPasses).
///
/// ```
/// use samplegrad_core::{
///     ActorCritic, CategoricalPolicy, LearningRate, Sgd, SoftmaxHead, Steering, StreamingSettings, TraceDecay,
/// };
/// use samplegrad_lab::normalized::Normalized;
///
/// let sgd = Sgd::new(LearningRate::new(0.01)?);
/// let policy = CategoricalPolicy::<2, 3>::new(SoftmaxHead);
/// let learner = ActorCritic::new(policy, sgd, sgd, Steering::default(), TraceDecay::new(0.9)?);
/// let _normalized = Normalized::new(learner, &StreamingSettings::DEFAULT);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub struct Normalized<A: StreamingLearner> {
    learner: A,
    observations: Standardizer<InputOf<A>>,
    rewards: RewardScale<LaneOf<A>>,
    discount: Discount,
}

impl<A: StreamingLearner> Normalized<A> {
    /// Creates a learner without statistics. Of the settings, the memory and the discount count.
    pub fn new(learner: A, settings: &StreamingSettings) -> Self {
        let (observations, rewards) = (Standardizer::new(settings.memory), RewardScale::new(settings.memory));
        Self { learner, observations, rewards, discount: settings.discount }
    }
}

impl<A: StreamingLearner> StreamingLearner for Normalized<A> {
    type Policy = A::Policy;

    fn initialise<S: Source<LaneOf<A>> + ?Sized>(&mut self, source: &mut S) {
        self.learner.initialise(source);
    }

    #[inline]
    fn observe(&mut self, observation: &InputOf<A>, lanes: <LaneOf<A> as Lane>::Mask) -> InputOf<A> {
        self.observations.normalize(observation, lanes)
    }

    #[inline]
    fn act<S: Source<LaneOf<A>> + ?Sized>(&self, input: &InputOf<A>, source: &mut S) -> <A::Policy as Policy>::Choice {
        self.learner.act(input, source)
    }

    #[inline]
    fn learn(
        &mut self,
        input: &InputOf<A>,
        choice: &<A::Policy as Policy>::Choice,
        reward: Reward<LaneOf<A>>,
        next: &InputOf<A>,
        ending: &Ending<LaneOf<A>>,
    ) {
        let scaled = self.rewards.scale(reward, self.discount, ending);
        let scaled = Reward::new(scaled).expect("a scaled reward is within ±10");
        self.learner.learn(input, choice, scaled, next, ending);
    }
}
