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

/// A number `u` strictly between 0 and 1, held as its distance from the nearer end.
///
/// A float near 1 has a spacing of 2^−24, which cuts the tails of whatever is made from it: the largest Gumbel number
/// would be 16.6, and a class eight nats below another would be drawn at a wrong rate. Held as `min(u, 1 − u)` and a
/// side, both ends are as fine as 2^−33.
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
    /// From a float.
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
        // Exact: 1 − u has no rounding error for u ≥ ½.
        Ok(Self { tail: L::select(upper, -u + 1.0, u), upper })
    }

    /// `u = (k + ½)/2^32` for the word `k`: the distance from the nearer end is rounded once, to 24 bits.
    #[inline(always)]
    pub fn from_word(k: L::Word) -> Self {
        let (odd, upper) = unit_log::odd::<L>(k);
        Self { tail: L::from_word(odd) * (0.5 / 4_294_967_296.0), upper }
    }

    /// `−ln u` of the word `k`, of which no bit is lost before: [`neg_ln`](Self::neg_ln) of [`from_word`](Self::from_word), in
    /// fewer steps and but for the last places.
    ///
    /// ```
    /// use samplegrad_core::noise::Uniform;
    ///
    /// let (x, same) = (Uniform::<f32>::neg_ln_of_word(7), Uniform::<f32>::from_word(7).neg_ln());
    /// assert!((x - same).abs() < 1e-6 * same);
    /// ```
    // As `neg_ln`.
    #[inline(always)]
    pub fn neg_ln_of_word(k: L::Word) -> L {
        unit_log::neg_ln_of_word(k)
    }

    /// From the distance to the nearer end, kept within `(0, ½]`, and the side.
    #[inline(always)]
    pub(crate) fn from_tail(tail: L, upper: L::Mask) -> Self {
        Self { tail: tail.max(L::splat(f32::MIN_POSITIVE)).min(L::splat(0.5)), upper }
    }

    /// The `u` with this `−ln u ≥ 0`, within what a uniform can be.
    #[inline(always)]
    pub(crate) fn from_neg_ln(x: L) -> Self {
        let upper = x.lt(L::splat(core::f32::consts::LN_2));
        Self::from_tail(L::select(upper, one_less_exp(x), (-x).exp()), upper)
    }

    /// The next uniform of a source: one word.
    #[inline(always)]
    pub fn sample<S: Source<L> + ?Sized>(source: &mut S) -> Self {
        Self::from_word(source.next_word())
    }

    /// `min(u, 1 − u)`, in `(0, ½]`.
    #[inline(always)]
    pub fn tail(self) -> L {
        self.tail
    }

    /// Whether `u > ½`.
    #[inline(always)]
    pub fn is_upper(self) -> L::Mask {
        self.upper
    }

    /// `1 − u`, without rounding.
    #[inline(always)]
    pub fn complement(self) -> Self {
        Self { tail: self.tail, upper: self.upper.not() }
    }

    /// `u` as a float, at most `1 − 2^−24`: the upper end is coarser than the type itself.
    #[inline(always)]
    pub fn value(self) -> L {
        let below_one = L::splat(1.0 - f32::EPSILON / 2.0);
        L::select(self.upper, (-self.tail + 1.0).min(below_one), self.tail)
    }

    /// `−ln u`, to full relative precision at both ends: positive and finite.
    ///
    /// Above `√½` the reduced argument of the logarithm is the exact `−t` of the tail `t`, so one serves both ends.
    // Called, it would load a dozen constants anew for every number.
    #[inline(always)]
    pub fn neg_ln(self) -> L {
        unit_log::neg_ln_of_tail(self.tail, self.upper)
    }

    /// `ln u − ln(1 − u)`, the logit of `u`, to full precision at both ends, as `± ln(t/(1 − t))` of the tail `t`.
    #[inline(always)]
    pub fn logit(self) -> L {
        let l = unit_log::neg_ln(self.tail / (-self.tail + 1.0));
        L::select(self.upper, l, -l)
    }
}
