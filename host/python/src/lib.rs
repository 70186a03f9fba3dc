//! samplegrad for Python: the module `samplegrad._samplegrad`, on NumPy arrays in place.
//!
//! The interface for users is `python/samplegrad/_samplegrad.pyi`, and the docstrings, which are the comments of this
//! crate. The functions mirror [`samplegrad_host::batch`], which has the formulas, their sources and the order of every
//! sum.

mod arguments;
mod arrays;
mod concrete;
mod detached;
mod distributions;
mod estimators;
mod gumbel_softmax;
mod learners;
mod samples;
mod score_function;
mod streams;
mod threads;

use pyo3::prelude::*;

/// Gradients through random samples, with the same bits as on a microcontroller: the operations, in Rust.
#[pymodule]
mod _samplegrad {
    #[pymodule_export]
    use super::{
        concrete::{concrete_gradient, concrete_log_density, concrete_log_density_exp},
        distributions::{entropy, log_prob, probabilities},
        estimators::{estimate_bernoullis, estimate_categoricals},
        gumbel_softmax::{
            gumbel_softmax, gumbel_softmax_vjp, gumbel_softmax_vjp_temperature, gumbel_softmax_with_noise,
            straight_through,
        },
        learners::Learners,
        samples::{gumbel_max, inverse_cdf, noise},
        score_function::{leave_one_out, score_function},
        streams::Streams,
        threads::Threads,
    };

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        super::estimators::add_names(module)
    }
}
