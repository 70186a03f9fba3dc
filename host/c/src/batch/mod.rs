//! The operations of [`samplegrad_host::batch`]: row-major numbers in and out, one distribution per row.

mod categorical;
mod concrete;
mod gumbel_softmax;
mod noise;
mod samplers;
mod score_function;
mod straight_through;

pub use categorical::*;
pub use concrete::*;
pub use gumbel_softmax::*;
pub use noise::*;
pub use samplers::*;
pub use score_function::*;
pub use straight_through::*;
