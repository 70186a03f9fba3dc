//! The cost `f` whose mean is to fall, and what goes wrong with one.

use crate::lane::{Lane, Mask};

/// A cost that has a value at a sample: all that the estimators of this kind ask for. Any function is one.
///
/// ```
/// use samplegrad_core::cost::Cost;
///
/// let mut ones = |b: &[f32]| b.iter().sum::<f32>();
/// assert_eq!(ones.value(&[1.0, 0.0, 1.0][..]), 2.0);
/// ```
pub trait Cost<X: ?Sized, L: Lane = f32> {
    /// `f(x)`.
    fn value(&mut self, x: &X) -> L;
}

impl<X: ?Sized, L: Lane, F: FnMut(&X) -> L> Cost<X, L> for F {
    #[inline]
    fn value(&mut self, x: &X) -> L {
        self(x)
    }
}

/// A cost returned NaN or an infinity; no gradient was made of it.
///
/// ```
/// use samplegrad_core::{Bernoullis, cost::CostError, enumeration};
///
/// let b = Bernoullis::<2>::new(&[0.0, 1.0])?;
/// let error = enumeration::gradient(&b, &mut |b: &[f32]| if b[1] > 0.0 { f32::NAN } else { 1.0 }).unwrap_err();
/// assert_eq!(error.sample, [0.0, 1.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CostError<X> {
    /// The sample, in all lanes.
    pub sample: X,
    /// The first lane whose value is not finite.
    pub lane: usize,
    /// That value.
    pub value: f32,
}

impl<X> core::fmt::Display for CostError<X> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "cost: {} at a sample (lane {}), it must be finite", self.value, self.lane)
    }
}

impl<X: core::fmt::Debug> core::error::Error for CostError<X> {}

/// The value of a cost at a sample, if it is finite in every lane.
#[inline]
pub(crate) fn finite<X, P: ?Sized, L: Lane>(
    cost: &mut (impl Cost<P, L> + ?Sized),
    sample: &X,
    point: impl Fn(&X) -> &P,
) -> Result<L, CostError<X>>
where
    X: Clone,
{
    let value = cost.value(point(sample));
    let finite = value.abs().lt(L::splat(f32::INFINITY));
    if finite.all() {
        return Ok(value);
    }
    let lane = (0..L::LANES).find(|&lane| !finite.extract(lane)).unwrap_or(0);
    Err(CostError { sample: sample.clone(), lane, value: value.extract(lane) })
}
