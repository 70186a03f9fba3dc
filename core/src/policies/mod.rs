//! Policies that go on learning on the device.

mod features;
pub mod reinforce;
pub mod softmax_policy;

pub use features::Features;
