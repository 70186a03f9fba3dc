//! The arithmetic that everything is made of.

pub mod elementary;
pub mod lane;
pub mod reduce;
pub mod softmax;
pub mod special;
pub(crate) mod u64_lanes;
