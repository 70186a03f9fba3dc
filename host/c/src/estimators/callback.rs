//! Cost functions of the caller, evaluated lane after lane.

use std::{
    ffi::c_void,
    sync::atomic::{AtomicPtr, Ordering},
};

use samplegrad_core::{
    cost::Cost,
    lane::{Lane, Word},
};
use samplegrad_host::{
    F32x4, U32x4,
    batch::{
        estimator::Rows,
        estimator_kind::{MOST_BITS, MOST_LOGITS},
    },
};

use crate::status::{Failure, sg_status};

/// The vector of the four rows that are computed at a time. The cost function is called lane after lane.
pub(super) type Lanes = F32x4;
/// The words of the vector, which hold classes.
type Words = U32x4;

/// The most variables of a row: a variable has at least one logit.
const MOST_VARIABLES: usize = if MOST_BITS > MOST_LOGITS { MOST_BITS } else { MOST_LOGITS };

/// A cost function of the caller: values, their number, the row, and the context.
type CostFunction<T> = unsafe extern "C" fn(*const T, usize, usize, *mut c_void) -> f32;

/// A cost function of the caller and its context. A value is `f32` for bits, and `u32` for classes.
pub(super) struct Callback<T> {
    cost: CostFunction<T>,
    // Atomic, because a plain pointer cannot be shared among threads.
    context: AtomicPtr<c_void>,
}

impl<T> Callback<T> {
    /// Creates the callback. Returns an error if the function is null.
    pub(super) fn new(cost: Option<CostFunction<T>>, context: *mut c_void) -> Result<Self, Failure> {
        let cost = cost.ok_or_else(|| Failure::new(sg_status::Null, "cost: the pointer is null"))?;
        Ok(Self { cost, context: AtomicPtr::new(context) })
    }

    /// Returns the cost function of some rows.
    pub(super) fn of(&self, rows: Rows) -> CallbackCost<T> {
        CallbackCost { rows, cost: self.cost, context: self.context.load(Ordering::Relaxed) }
    }
}

/// The cost function of some rows.
pub(super) struct CallbackCost<T> {
    rows: Rows,
    cost: CostFunction<T>,
    context: *mut c_void,
}

impl<T: Copy + Default> CallbackCost<T> {
    /// Calls the function for a sample of each row. `extract` returns the value of a variable in a lane.
    fn call<V>(&self, variables: &[V], extract: impl Fn(&V, usize) -> T) -> Lanes {
        let mut costs = [0.0; Lanes::LANES];
        let mut last = None;
        for (lane, cost) in costs.iter_mut().enumerate() {
            let row = self.rows.row(lane);
            // Lanes beyond the last row repeat the last row; their costs are not used.
            if last == Some(row) {
                break;
            }
            last = Some(row);
            let mut of_row = [T::default(); MOST_VARIABLES];
            for (to, variable) in of_row.iter_mut().zip(variables) {
                *to = extract(variable, lane);
            }
            // SAFETY: the caller's own function, called with as many values as its `count` says.
            *cost = unsafe { (self.cost)(of_row.as_ptr(), variables.len(), row, self.context) };
        }
        Lanes::from_fn(|lane| costs[lane])
    }
}

impl Cost<[Lanes], Lanes> for CallbackCost<f32> {
    fn value(&mut self, bits: &[Lanes]) -> Lanes {
        self.call(bits, |bit, lane| bit.extract(lane))
    }
}

impl Cost<[Words], Lanes> for CallbackCost<u32> {
    fn value(&mut self, classes: &[Words]) -> Lanes {
        self.call(classes, |class, lane| class.extract(lane))
    }
}
