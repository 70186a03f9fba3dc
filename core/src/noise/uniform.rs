//! Uniform numbers on the open unit interval, precise at both ends.

use crate::{
    arithmetic::{
        elementary::one_less_exp,
        lane::{Lane, Mask},
        unit_log,
    },
    error::Error,
    noise::source::Source,
};

/// A number `u` strictly between 0 and 1, stored as its distance from the nearer end.
///
/// Floats just below 1 have a spacing of 2^−24. If `u` were such a float, the tails of derived numbers would be cut
/// off: the largest Gumbel number would be 16.6, and a class eight nats below another class would be drawn at a wrong
/// rate. A uniform number is therefore stored as the distance `min(u, 1 − u)` from the nearer end, and the side of this
/// end. The resolution is 2^−33 at both ends.
///
/// ```
/// use samplegrad_core::noise::Uniform;
///
/// let u = Uniform::<f32>::from_word(u32::MAX);
/// assert_eq!(u.tail(), 0.5 / 4294967296.0);
/// assert!(u.is_upper());
/// assert!(u.value() < 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Uniform<L: Lane = f32> {
    tail: L,
    upper: L::Mask,
}

impl<L: Lane> Uniform<L> {
    /// Creates a uniform number from a float.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `0 < u < 1` in every lane.
    pub fn new(u: L) -> Result<Self, Error> {
        let inside = L::ZERO.lt(u).and(u.lt(L::ONE));
        if !inside.all() {
            let value = u.extract((0..L::LANES).find(|&lane| !inside.extract(lane)).unwrap_or(0));
            return Err(Error::OutOfRange { what: "uniform", value, requirement: "above 0 and below 1" });
        }
        let upper = L::splat(0.5).lt(u);
        // The difference 1 − u is exact for u ≥ ½.
        Ok(Self { tail: L::select(upper, -u + 1.0, u), upper })
    }

    /// Returns `u = (k + ½)/2^32` for the word `k`. The distance from the nearer end is rounded once, to 24 bits.
    #[inline(always)]
    pub fn from_word(k: L::Word) -> Self {
        let (odd, upper) = unit_log::odd::<L>(k);
        Self { tail: L::from_word(odd) * (0.5 / 4_294_967_296.0), upper }
    }

    /// Returns `−ln u` of the word `k`, without rounding `u` first. It equals [`neg_ln`](Self::neg_ln) of
    /// [`from_word`](Self::from_word) except in the last places, and is computed in fewer steps.
    ///
    /// ```
    /// use samplegrad_core::noise::Uniform;
    ///
    /// let (x, same) = (Uniform::<f32>::neg_ln_of_word(7), Uniform::<f32>::from_word(7).neg_ln());
    /// assert!((x - same).abs() < 1e-6 * same);
    /// ```
    // This function is inlined for the same reason as `neg_ln`.
    #[inline(always)]
    pub fn neg_ln_of_word(k: L::Word) -> L {
        unit_log::neg_ln_of_word(k)
    }

    /// Creates a uniform number from the distance to the nearer end and the side of this end. The distance is clamped
    /// to `(0, ½]`.
    #[inline(always)]
    pub(crate) fn from_tail(tail: L, upper: L::Mask) -> Self {
        Self { tail: tail.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(0.5)), upper }
    }

    /// Returns the uniform number `u = e^{−x}` for `x ≥ 0`, clamped to the range of uniform numbers.
    #[inline(always)]
    pub(crate) fn from_neg_ln(x: L) -> Self {
        let upper = x.lt(L::splat(core::f32::consts::LN_2));
        Self::from_tail(L::select(upper, one_less_exp(x), (-x).exp()), upper)
    }

    /// Draws the next uniform number, from one word of the source.
    #[inline(always)]
    pub fn sample<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self::from_word(source.next_word())
    }

    /// Returns `min(u, 1 − u)`, in `(0, ½]`.
    #[inline(always)]
    pub fn tail(self) -> L {
        self.tail
    }

    /// Returns whether `u > ½`.
    #[inline(always)]
    pub fn is_upper(self) -> L::Mask {
        self.upper
    }

    /// Returns `1 − u`, without rounding.
    #[inline(always)]
    pub fn complement(self) -> Self {
        Self { tail: self.tail, upper: self.upper.not() }
    }

    /// Returns `u` as a float, at most `1 − 2^−24`. Near 1, the resolution of the float is coarser than the resolution
    /// of `self`.
    #[inline(always)]
    pub fn value(self) -> L {
        let below_one = L::splat(1.0 - f32::EPSILON / 2.0);
        L::select(self.upper, (-self.tail + 1.0).min(below_one), self.tail)
    }

    /// Returns `−ln u`. The result has full relative precision at both ends. The result is positive and finite.
    ///
    /// For `u ≥ ¾`, the reduced argument of the logarithm is `−t`, where `t = 1 − u` is the stored tail. This argument
    /// is exact, so one formula is accurate at both ends.
    // This function is inlined, because a call would reload a dozen constants for every number.
    #[inline(always)]
    pub fn neg_ln(self) -> L {
        unit_log::neg_ln_of_tail(self.tail, self.upper)
    }

    /// Returns the logit `ln u − ln(1 − u)`, with full precision at both ends. With the tail `t`, the logit is computed
    /// as `ln(t/(1 − t))` for `u ≤ ½`, and as the negative of this logarithm for `u > ½`.
    #[inline(always)]
    pub fn logit(self) -> L {
        let l = unit_log::neg_ln(self.tail / (-self.tail + 1.0));
        L::select(self.upper, l, -l)
    }
}
