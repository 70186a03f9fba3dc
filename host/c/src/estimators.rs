//! Estimators that call a cost function of the caller.

use std::{
    ffi::c_void,
    sync::atomic::{AtomicPtr, Ordering},
};

use samplegrad_core::{
    Bernoullis, arm::Arm, disarm::DisArm, enumeration::Enumeration, estimator::Estimator, lane::Lane,
    leave_one_out::LeaveOneOut,
};
use samplegrad_host::{
    Error, F32x4, Streams,
    batch::{
        Logits,
        estimator::{self, Rows},
    },
};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out},
    status::{Failure, guarded, sg_status},
    streams::sg_streams,
};

/// Unbiased estimators of the gradient of `E[f(b)]` with respect to the logits of independent bits, from values of `f`
/// alone.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_estimator {
    /// The score function of 2 samples; the baseline of each sample is the cost of the other.
    LeaveOneOut2 = 0,
    /// The score function of 4 samples; the baseline of each sample is the mean cost of the others.
    LeaveOneOut4 = 1,
    /// Two antithetic samples. (M. Yin and M. Zhou, ICLR 2019.)
    Arm = 2,
    /// Two antithetic samples as in ARM, with the randomness that they share averaged out. (Z. Dong, A. Mnih and G.
    /// Tucker, NeurIPS 2020.)
    Disarm = 3,
    /// The exact sum over all values, at most 16 bits: no variance.
    Enumeration = 4,
}

/// The cost function `f` of a row of `count` bits, each 0 or 1; `context` is the pointer passed with the function. The
/// function must return: no `longjmp` and no C++ exception may leave it. The function may not use the streams of the
/// call that evaluates it.
pub type sg_cost =
    Option<unsafe extern "C" fn(bits: *const f32, count: usize, row: usize, context: *mut c_void) -> f32>;

type CostFunction = unsafe extern "C" fn(*const f32, usize, usize, *mut c_void) -> f32;

/// The most bits of a row.
pub const SG_MOST_BITS: usize = 64;
/// The most bits for enumeration: 65 536 values.
const MOST_ENUMERATED: usize = 16;

/// The vector of the four rows that are computed at a time. The cost function is called lane after lane.
type Lanes = F32x4;

/// The arguments of one estimate.
struct Call<'a> {
    logits: Logits<'a>,
    cost: CostFunction,
    context: *mut c_void,
    streams: &'a mut Streams,
    mean: &'a mut [f32],
    gradient: &'a mut [f32],
}

impl Call<'_> {
    fn run<E>(self, estimator: E) -> Result<(), Error>
    where
        E: for<'r> Estimator<Bernoullis<SG_MOST_BITS, Lanes>, CallbackCost> + Clone + Sync,
    {
        let Call { logits, cost, context, streams, mean, gradient } = self;
        let context = AtomicPtr::new(context);
        let asked = |rows: Rows| CallbackCost { rows, cost, context: context.load(Ordering::Relaxed) };
        estimator::bernoullis::<SG_MOST_BITS, Lanes, _>(&logits, &estimator, asked, streams, mean, gradient)
    }
}

/// The cost function of some rows.
struct CallbackCost {
    rows: Rows,
    cost: CostFunction,
    context: *mut c_void,
}

impl samplegrad_core::cost::Cost<[Lanes], Lanes> for CallbackCost {
    fn value(&mut self, bits: &[Lanes]) -> Lanes {
        let mut costs = [0.0; Lanes::LANES];
        let mut last = None;
        for (lane, cost) in costs.iter_mut().enumerate() {
            let row = self.rows.row(lane);
            // Lanes beyond the last row repeat the last row; their costs are not used.
            if last == Some(row) {
                break;
            }
            last = Some(row);
            let mut of_row = [0.0; SG_MOST_BITS];
            for (to, bits) in of_row.iter_mut().zip(bits) {
                *to = bits.extract(lane);
            }
            // SAFETY: the caller's own function, called with as many numbers as its `count` says.
            *cost = unsafe { (self.cost)(of_row.as_ptr(), bits.len(), row, self.context) };
        }
        Lanes::from_fn(|lane| costs[lane])
    }
}

/// Estimates `E[f(b)]` and its gradient with respect to the logits by an `sg_estimator`. A row has `bits` independent
/// bits with P(b = 1) = 1/(1 + e^−l).
///
/// `logits` and `gradient` have rows of `bits`, at most SG_MOST_BITS; `mean` has room for one number per row. `cost` is
/// called in the caller's thread, for four rows at a time, one row after the other. If a cost is not finite, nothing is
/// written and the streams are unchanged.
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
        let cost = cost.ok_or_else(|| Failure::new(sg_status::Null, "cost: the pointer is null"))?;
        let most = if estimator == sg_estimator::Enumeration as u32 { MOST_ENUMERATED } else { SG_MOST_BITS };
        if bits > most {
            let message = format!("bits: {bits} in a row, at most {most} are possible with this estimator");
            return Err(Failure::new(sg_status::TooLarge, message));
        }
        sg_streams::with(streams, |streams| {
            let logits = Logits::new(logits, bits)?;
            let call = Call { logits, cost, context, streams, mean, gradient };
            match estimator {
                _ if estimator == sg_estimator::LeaveOneOut2 as u32 => call.run(LeaveOneOut::<2>)?,
                _ if estimator == sg_estimator::LeaveOneOut4 as u32 => call.run(LeaveOneOut::<4>)?,
                _ if estimator == sg_estimator::Arm as u32 => call.run(Arm)?,
                _ if estimator == sg_estimator::Disarm as u32 => call.run(DisArm)?,
                _ if estimator == sg_estimator::Enumeration as u32 => call.run(Enumeration)?,
                _ => return Err(Failure::new(sg_status::Kind, format!("estimator: there is no kind {estimator}"))),
            }
            Ok(())
        })
    })
}
