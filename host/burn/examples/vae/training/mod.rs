//! A variational autoencoder with discrete latent variables, trained by any estimator.
//!
//! Its bound on the log-probability of a picture is `E_q[ln p(x|z)] − KL(q ‖ uniform)`. The estimators estimate the
//! gradient of the expectation over discrete `z`; the divergence is exact.

mod checkpoint;
mod data;
mod estimator;
mod latents;
mod model;
mod run;

pub use checkpoint::write_whole;
pub use data::Images;
pub use estimator::EstimatorKind;
pub use latents::Latents;
pub use run::{Settings, Training};
