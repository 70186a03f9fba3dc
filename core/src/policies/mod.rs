//! Policies that continue to learn on the device.

pub mod actor_critic;
pub mod bernoulli_head;
pub mod beta_head;
pub mod discounted_returns;
pub mod eligibility;
pub mod episodic_reinforce;
pub mod gaussian_head;
pub mod head;
pub mod network_policy;
pub mod policy;
pub mod ppo;
pub mod reinforce;
pub mod return_baseline;
pub mod running_statistics;
pub mod softmax_head;
pub mod softmax_policy;
pub mod squashed_gaussian_head;
pub mod steering;
pub mod streaming_actor_critic;
pub mod trace_reinforce;
