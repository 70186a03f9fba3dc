//! Policies that go on learning on the device.

mod actor_critic;
mod bernoulli_head;
pub mod discounted_returns;
mod eligibility;
mod episodic_reinforce;
mod features;
mod gaussian_head;
mod head;
mod linear_policy;
mod parameters;
pub mod reinforce;
mod return_baseline;
mod softmax_head;
pub mod softmax_policy;
mod steering;
mod trace_reinforce;

pub use actor_critic::ActorCritic;
pub use bernoulli_head::BernoulliHead;
pub use episodic_reinforce::EpisodicReinforce;
pub use features::Features;
pub use gaussian_head::{GaussianActions, GaussianHead};
pub use head::Head;
pub use linear_policy::{BernoulliPolicy, CategoricalPolicy, Choice, ChoiceOf, GaussianPolicy, LinearPolicy};
#[cfg(feature = "serde")]
pub(crate) use parameters::LARGEST_RETURN;
pub use parameters::Parameters;
pub(crate) use parameters::bounded;
pub use return_baseline::{AverageReturn, ReturnBaseline, ReturnCritic};
pub use softmax_head::SoftmaxHead;
pub use steering::{Discount, Ending, MaxNorm, Steering, StepWeight, TraceDecay};
pub use trace_reinforce::TraceReinforce;
