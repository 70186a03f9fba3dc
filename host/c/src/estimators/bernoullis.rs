use std::ffi::c_void;

use samplegrad_host::batch::{
    Logits,
    estimator_kind::{BitsEstimator, MOST_BITS},
};

use super::callback::{Callback, Lanes};
use crate::{
    memory::{Memory, sg_floats, sg_floats_out},
    status::{Failure, guarded, sg_status},
    streams::sg_streams,
};

/// The cost function `f` of a row of `count` bits, each 0 or 1; `context` is the pointer passed with the function. The
/// function must return: no `longjmp` and no C++ exception may leave it. The function may not use the streams of the
/// call that evaluates it.
pub type sg_cost =
    Option<unsafe extern "C" fn(bits: *const f32, count: usize, row: usize, context: *mut c_void) -> f32>;

/// The most bits of a row.
pub const SG_MOST_BITS: usize = 64;
const _: () = assert!(SG_MOST_BITS == MOST_BITS);

/// Estimates `E[f(b)]` and its gradient with respect to the logits by an `sg_estimator`. A row has `bits` independent
/// bits with P(b = 1) = 1/(1 + e^−l).
///
/// `logits` and `gradient` have rows of `bits` numbers. `bits` is at most SG_MOST_BITS, or 16 for
/// SG_ESTIMATOR_ENUMERATION. `mean` has room for one number per row. `cost` is called in the caller's thread, for four
/// rows at a time, one row after the other. If a cost is not finite, nothing is written and the streams are unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_bernoullis_estimate(
    estimator: u32,
    logits: sg_floats,
    bits: usize,
    cost: sg_cost,
    context: *mut c_void,
    streams: *mut sg_streams,
    mean: sg_floats_out,
    gradient: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let logits = memory.read(logits, "logits")?;
        let (mean, gradient) = (memory.write(mean, "mean")?, memory.write(gradient, "gradient")?);
        let cost = Callback::new(cost, context)?;
        let estimator = BitsEstimator::from_number(estimator).ok_or_else(|| Failure::no_estimator(estimator))?;
        estimator.check(bits)?;
        sg_streams::with(streams, |streams| {
            let logits = Logits::new(logits, bits)?;
            Ok(estimator.estimate::<Lanes, _>(&logits, |rows| cost.of(rows), streams, mean, gradient)?)
        })
    })
}
