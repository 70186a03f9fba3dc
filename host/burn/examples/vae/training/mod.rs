//! A variational autoencoder with discrete latent variables, trained by any estimator.
//!
//! Its bound on the log-probability of a picture, `E_q[ln p(x|z)] − KL(q ‖ uniform)`, has an expectation over discrete `z` that
//! the estimators are for; the divergence is exact.

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
