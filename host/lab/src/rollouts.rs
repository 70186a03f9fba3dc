//! A learner of control tasks that learns from rollouts by proximal policy optimization.

use samplegrad_core::{
    Adam, ClipRange, LearningRate, MaxNorm, Passes, Policy, Ppo, Steering, StreamingSettings, TraceDecay,
};

use crate::normalized::Normalized;

/// Steps of a rollout.
const STEPS: usize = 256;

/// Proximal policy optimization with the normalisation of observations and the reward scale of the streaming
/// actor–critic: rollouts of 256 steps, 4 passes of 8 minibatches, Adam with the rate 10^−3, clip range 0.2, `λ = 0.95`.
///
/// ```
/// use samplegrad_core::{SoftmaxHead, StreamingSettings};
/// use samplegrad_lab::{control, rollouts::{ClippedPasses, clipped_passes}, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     Clipped: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
///     with ClippedPasses<Small<2, 3, L>> = clipped_passes
/// );
/// assert!(control::learn::<Clipped>(8, 1600, &StreamingSettings::DEFAULT, None)?.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub type ClippedPasses<P> = Normalized<Ppo<P, Adam<<P as Policy>::Parameters>, Adam<<P as Policy>::Critic>, STEPS>>;

/// Creates the learner with a critic of zeros. Discount, entropy bonus and memory are those of the settings.
pub fn clipped_passes<P: Policy<Constraint: Default>>(policy: P, settings: StreamingSettings) -> ClippedPasses<P> {
    let rate = LearningRate::new(1e-3).expect("a rate");
    let steering = Steering {
        discount: settings.discount,
        trace_decay: TraceDecay::new(0.95).expect("a decay"),
        entropy_bonus: settings.entropy_bonus,
        max_norm: Some(MaxNorm::new(0.5).expect("a norm")),
        ..Steering::default()
    };
    let passes = Passes::new(ClipRange::new(0.2).expect("a range"), 4, 8).expect("passes");
    Normalized::new(Ppo::new(policy, Adam::new(rate), Adam::new(rate), steering, passes), &settings)
}
