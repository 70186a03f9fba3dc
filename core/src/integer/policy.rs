//! The linear-softmax policy in integers: logits to base 2 are `b + W x`.

use super::{FixedLogits, parameters::to_fixed, product};
use crate::{
    Error, check,
    lane::{Lane, Mask, Word},
};

/// `D` features, bytes with 7 fraction bits: from −1 to 127/128.
///
/// ```
/// use samplegrad_core::{Error, integer::ByteFeatures};
///
/// let x = ByteFeatures::<2>::new([64, -128]);
/// assert_eq!(ByteFeatures::from_floats(&[0.5_f32, -1.0])?, x);
/// assert_eq!(ByteFeatures::from_floats(&[f32::NAN]), Err(Error::NotANumber { what: "features", index: 0 }));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ByteFeatures<const D: usize, L: Lane = f32> {
    /// Extended to words, so that loading one takes one instruction.
    values: [L::Word; D],
}

impl<const D: usize, L: Lane> ByteFeatures<D, L> {
    /// The same features in every lane: nothing to check.
    #[inline]
    pub fn new(bytes: [i8; D]) -> Self {
        Self { values: bytes.map(|x| L::Word::splat(i32::from(x) as u32)) }
    }

    /// Features of each lane: lane `i` has `f(i)`.
    pub fn from_fn(mut f: impl FnMut(usize) -> [i8; D]) -> Self {
        let mut values = [L::Word::splat(0); D];
        for lane in 0..L::LANES {
            for (word, x) in values.iter_mut().zip(f(lane)) {
                let before = *word;
                *word = L::Word::from_fn(|i| if i == lane { i32::from(x) as u32 } else { before.extract(i) });
            }
        }
        Self { values }
    }

    /// Numbers from −1 to 1, rounded to the nearest 1/128; what rounds to 1 becomes 127/128.
    ///
    /// # Errors
    /// [`Error::NotANumber`] and [`Error::Infinite`] with the place; [`Error::OutOfRange`] beyond ±1.
    pub fn from_floats(x: &[L; D]) -> Result<Self, Error> {
        check::finite("features", x)?;
        for &x in x {
            check::within("features", x, -1.0, 1.0, "from -1 to 1")?;
        }
        Ok(Self { values: x.map(|x| product::clamped(to_fixed(x, 128.0), -128, 127)) })
    }

    /// The features, signed, as words.
    #[inline]
    pub fn as_array(&self) -> &[L::Word; D] {
        &self.values
    }
}

/// A linear-softmax policy over `K` actions, seeing `D` features.
///
/// Weights have 16 fraction bits and are action-major, `weights()[k][d]`: a row is all that one action looks at, so that
/// its sum and its step stay in registers. `K ≥ 1` and `D ≤ 480`, at compile time.
///
/// ```
/// use samplegrad_core::integer::{ByteFeatures, IntegerPolicy};
///
/// let policy = IntegerPolicy::<2, 3>::from_weights(&[[1 << 16, 0], [0, 1 << 16], [0, 0]], &[0, 0, 5])?;
/// let logits = policy.logits(&ByteFeatures::new([64, -128]));
/// assert_eq!(logits.as_array().map(|l| l as i32), [1 << 15, -1 << 16, 5]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IntegerPolicy<const D: usize, const K: usize, L: Lane = f32> {
    weights: [[L::Word; D]; K],
    bias: [L::Word; K],
}

/// Weights are above −2^21 and at most 2^21, so that eight of them times bytes have a sum of 32 bits.
const LIMIT: i32 = 1 << 21;
/// Turns the range of weights into `0 .. 2^22`.
const TO_UNSIGNED: u32 = (LIMIT - 1) as u32;

impl<const D: usize, const K: usize, L: Lane> Default for IntegerPolicy<D, K, L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const D: usize, const K: usize, L: Lane> IntegerPolicy<D, K, L> {
    /// The largest weight: 32.
    pub const MAX: i32 = LIMIT;

    /// A policy that knows nothing: every action is equally likely.
    pub fn new() -> Self {
        // A bias and 61 sums of eight are below the largest logit.
        const { assert!(K > 0 && D <= 480, "a policy needs an action, and has room for 480 features") };
        Self { weights: [[L::Word::splat(0); D]; K], bias: [L::Word::splat(0); K] }
    }

    /// A policy with given weights, action-major, and biases, the same in every lane.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the first that is not above −[`IntegerPolicy::MAX`] and at most [`IntegerPolicy::MAX`].
    pub fn from_weights(weights: &[[i32; D]; K], bias: &[i32; K]) -> Result<Self, Error> {
        for (what, w) in weights.iter().flatten().map(|w| ("weights", w)).chain(bias.iter().map(|b| ("bias", b))) {
            if !(-LIMIT + 1..=LIMIT).contains(w) {
                let value = *w as f32 / 65536.0;
                return Err(Error::OutOfRange { what, value, requirement: "above -32 and at most 32" });
            }
        }
        let mut policy = Self::new();
        policy.weights = weights.map(|row| row.map(|w| L::Word::splat(w as u32)));
        policy.bias = bias.map(|b| L::Word::splat(b as u32));
        Ok(policy)
    }

    /// The weights, action-major, signed, as words.
    #[inline]
    pub fn weights(&self) -> &[[L::Word; D]; K] {
        &self.weights
    }

    /// The biases, one per action, signed, as words.
    #[inline]
    pub fn bias(&self) -> &[L::Word; K] {
        &self.bias
    }

    /// The logits `b_k + Σ ⌊(Σ_8 w_kd x_d) / 2^7⌋`: sums of eight products are exact, then rounded down to 16 fraction bits.
    #[inline]
    pub fn logits(&self, features: &ByteFeatures<D, L>) -> FixedLogits<K, L> {
        let (x, rest) = features.values.as_chunks::<EIGHT>();
        let mut logits = self.bias;
        for (logit, row) in logits.iter_mut().zip(&self.weights) {
            let (w, other) = row.as_chunks::<EIGHT>();
            for (w, x) in w.iter().zip(x) {
                *logit = logit.wrapping_add(dot::<L>(w, x));
            }
            *logit = logit.wrapping_add(dot::<L>(other, rest));
        }
        FixedLogits::trusted(logits)
    }

    /// Goes one step: `w_kd ← w_kd + ⌊(g_k x_d + dither) / 2^8⌋` and the same for the bias with the feature 1, kept within
    /// the range of weights. `step` is the change of logits `g` with 17 fraction bits, at most 2^22 in magnitude; the
    /// `dither` is from 0 to 255: for a uniform one rounding has no bias.
    #[inline]
    pub(super) fn ascend(&mut self, features: &ByteFeatures<D, L>, step: &[L::Word; K], dither: L::Word) {
        let (x, rest) = features.values.as_chunks::<EIGHT>();
        for ((row, bias), &g) in self.weights.iter_mut().zip(&mut self.bias).zip(step) {
            let (w, other) = row.as_chunks_mut::<EIGHT>();
            let mut outside = add::<L>(other, rest, g, dither);
            for (w, x) in w.iter_mut().zip(x) {
                outside = outside.or(add::<L>(w, x, g, dither));
            }
            *bias = product::clamped(bias.wrapping_add(moved::<L>(g, L::Word::splat(128), dither)), 1 - LIMIT, LIMIT);
            // Rare, so that it is paid for once a row.
            if !outside.shr(22).equals(L::Word::splat(0)).all() {
                for w in row {
                    *w = product::clamped(*w, 1 - LIMIT, LIMIT);
                }
            }
        }
    }
}

/// Products that are summed before they are rounded.
const EIGHT: usize = 8;

/// At most eight products, with 16 fraction bits.
#[inline]
fn dot<L: Lane>(w: &[L::Word], x: &[L::Word]) -> L::Word {
    let sum = w.iter().zip(x).fold(L::Word::splat(0), |sum, (w, &x)| sum.wrapping_add(w.wrapping_mul(x)));
    sum.shr_signed(7)
}

/// Moves weights; bit 22 or above of the result is set where one is outside of its range.
#[inline]
fn add<L: Lane>(w: &mut [L::Word], x: &[L::Word], g: L::Word, dither: L::Word) -> L::Word {
    let mut outside = L::Word::splat(0);
    for (w, &x) in w.iter_mut().zip(x) {
        *w = w.wrapping_add(moved::<L>(g, x, dither));
        outside = outside.or(w.wrapping_add(L::Word::splat(TO_UNSIGNED)));
    }
    outside
}

#[inline]
fn moved<L: Lane>(g: L::Word, x: L::Word, dither: L::Word) -> L::Word {
    g.wrapping_mul(x).wrapping_add(dither).shr_signed(8)
}
