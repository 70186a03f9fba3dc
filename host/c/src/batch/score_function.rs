use samplegrad_host::batch::{Logits, score_function};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out, sg_words},
    status::{guarded, sg_status},
    threads::{sg_threads, spread},
};

/// Writes leave-one-out advantages: each cost minus the mean of the other costs in its row. A row has `samples` finite
/// costs, at least two.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_leave_one_out_advantages(
    costs: sg_floats,
    samples: usize,
    advantages: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (costs, advantages) = (memory.read(costs, "costs")?, memory.write(advantages, "advantages")?);
        Ok(score_function::leave_one_out(costs, samples, advantages)?)
    })
}

/// Writes the score-function (REINFORCE) estimate of `∂E[f]/∂l` of each row. The estimate is the mean of the advantage
/// times `onehot(class) − softmax(l)` over the `samples` of the row.
///
/// `logits` and `gradient` have rows of `classes` numbers, `drawn` and `advantages` rows of `samples` numbers. (R. J.
/// Williams, Machine Learning 8, 1992; with `sg_leave_one_out_advantages` the estimate is unbiased.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_score_function_estimate(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    samples: usize,
    drawn: sg_words,
    advantages: sg_floats,
    gradient: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, drawn) = (memory.read(logits, "logits")?, memory.read(drawn, "drawn classes")?);
        let (advantages, gradient) = (memory.read(advantages, "advantages")?, memory.write(gradient, "gradient")?);
        spread(threads, || {
            score_function::estimate(&Logits::new(logits, classes)?, samples, drawn, advantages, gradient)
        })
    })
}
