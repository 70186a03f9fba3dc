use std::ffi::c_void;

use samplegrad_host::batch::{
    Logits,
    estimator_kind::{ClassesEstimator, MOST_LOGITS, MOST_VALUES},
};

use super::callback::{Callback, Lanes};
use crate::{
    memory::{Memory, sg_floats, sg_floats_out, sg_words},
    status::{Failure, guarded, sg_status},
    streams::sg_streams,
};

/// The cost function `f` of a row of `count` categorical variables; `classes` has the class of each variable, from 0,
/// and `context` is the pointer passed with the function. The function must return: no `longjmp` and no C++ exception
/// may leave it. The function may not use the streams of the call that evaluates it.
///
/// Four rows are computed at a time. SG_CLASS_ESTIMATOR_ENUMERATION and SG_CLASS_ESTIMATOR_LOCAL_EXPECTATION may pass a
/// class that is masked in this row and possible in another row. They ignore the cost in this row then.
pub type sg_class_cost =
    Option<unsafe extern "C" fn(classes: *const u32, count: usize, row: usize, context: *mut c_void) -> f32>;

/// The most logits of a row of categorical variables.
pub const SG_MOST_LOGITS: usize = 64;
/// The most values of a row of categorical variables, the product of the numbers of classes, for
/// SG_CLASS_ESTIMATOR_ENUMERATION.
pub const SG_MOST_VALUES: usize = 65536;
const _: () = assert!(SG_MOST_LOGITS == MOST_LOGITS && SG_MOST_VALUES == MOST_VALUES);

/// Estimates `E[f(x)]` and its gradient with respect to the logits by an `sg_class_estimator`. A row has independent
/// categorical variables, and `sizes` has the number of classes of each variable, the same for all rows.
///
/// `logits` and `gradient` have rows of the logits of all variables, one variable after the other. The number of logits
/// of a row is the sum of `sizes`, at most SG_MOST_LOGITS. −INFINITY masks a class. `mean` has room for one number per
/// row. `cost` is called in the caller's thread, for four rows at a time, one row after the other. If a cost is not
/// finite, nothing is written and the streams are unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_categoricals_estimate(
    estimator: u32,
    logits: sg_floats,
    sizes: sg_words,
    cost: sg_class_cost,
    context: *mut c_void,
    streams: *mut sg_streams,
    mean: sg_floats_out,
    gradient: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, sizes) = (memory.read(logits, "logits")?, memory.read(sizes, "sizes")?);
        let (mean, gradient) = (memory.write(mean, "mean")?, memory.write(gradient, "gradient")?);
        let cost = Callback::new(cost, context)?;
        let estimator = ClassesEstimator::from_number(estimator).ok_or_else(|| Failure::no_estimator(estimator))?;
        let sizes: Vec<usize> = sizes.iter().map(|&size| size as usize).collect();
        let columns = sizes.iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
        estimator.check(&sizes, columns)?;
        sg_streams::with(streams, |streams| {
            let logits = Logits::new(logits, columns)?;
            Ok(estimator.estimate::<Lanes, _>(&logits, &sizes, |rows| cost.of(rows), streams, mean, gradient)?)
        })
    })
}
