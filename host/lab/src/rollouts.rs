//! A learner of control tasks that learns from rollouts by proximal policy optimization.

use samplegrad_core::{
    Adam, ClipRange, Ending, LearningRate, MaxNorm, Observation, Passes, Policy, Ppo, Reward, RewardScale, Source,
    Standardizer, Steering, StreamingSettings, TraceDecay, lane::Lane,
};
use samplegrad_tasks::streaming::StreamingLearner;

/// Steps of a rollout.
const STEPS: usize = 256;

/// Proximal policy optimization with the normalisation of observations and the reward scale of the streaming
/// actor–critic: rollouts of 256 steps, 4 passes of 8 minibatches, Adam with the rate 10^−3, clip range 0.2, `λ = 0.95`.
///
/// ```
/// use samplegrad_core::{SoftmaxHead, StreamingSettings};
/// use samplegrad_lab::{control, rollouts::ClippedPasses, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     Clipped: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
///     with ClippedPasses<Small<2, 3, L>> = ClippedPasses::new
/// );
/// assert!(control::learn::<Clipped>(8, 1600, &StreamingSettings::DEFAULT, None)?.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub struct ClippedPasses<P: Policy> {
    learner: Ppo<P, Adam<P::Parameters>, Adam<P::Critic>, STEPS>,
    observations: Standardizer<P::Input>,
    rewards: RewardScale<P::Lane>,
    settings: StreamingSettings,
}

impl<P: Policy> ClippedPasses<P> {
    /// Creates a learner with a critic of zeros. Discount, entropy bonus and memory are those of the settings.
    pub fn new(policy: P, settings: StreamingSettings) -> Self {
        let rate = LearningRate::new(1e-3).expect("a rate");
        let steering = Steering {
            discount: settings.discount,
            trace_decay: TraceDecay::new(0.95).expect("a decay"),
            entropy_bonus: settings.entropy_bonus,
            max_norm: Some(MaxNorm::new(0.5).expect("a norm")),
            ..Steering::default()
        };
        let passes = Passes::new(ClipRange::new(0.2).expect("a range"), 4, 8).expect("passes");
        Self {
            learner: Ppo::new(policy, Adam::new(rate), Adam::new(rate), steering, passes),
            observations: Standardizer::new(settings.memory),
            rewards: RewardScale::new(settings.memory),
            settings,
        }
    }
}

impl<P: Policy<Constraint: Default, Input: Observation>> StreamingLearner for ClippedPasses<P> {
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
        self.learner.learn((input, &P::Constraint::default()), choice, scaled, next, ending);
    }
}
