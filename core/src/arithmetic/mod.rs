//! Arithmetic: lanes, elementary and special functions, reductions, softmax.

pub(crate) mod decay;
pub mod elementary;
pub(crate) mod gamma_function;
pub(crate) mod hyperbolic;
pub mod lane;
pub mod largest_sum;
pub mod linear;
pub(crate) mod powers;
pub mod reduce;
pub mod softmax;
pub mod special;
mod straight_line;
pub(crate) mod trigonometry;
pub(crate) mod u64_lanes;
pub(crate) mod unit_log;
