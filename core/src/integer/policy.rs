//! The linear-softmax policy in integers: logits to base 2 are `b + W x`.

use crate::{
    arithmetic::lane::{Lane, Mask, Word},
    check,
    error::Error,
    integer::{
        fixed_point::{fixed_within, to_fixed},
        logits::FixedLogits,
        product,
    },
};

/// `D` features, bytes with 7 fraction bits, from −1 to 127/128.
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
    /// The bytes, extended to words so that loading one takes one instruction.
    values: [L::Word; D],
}

impl<const D: usize, L: Lane> ByteFeatures<D, L> {
    /// Creates features that are the same in every lane. Every byte is valid.
    #[inline]
    pub fn new(bytes: [i8; D]) -> Self {
        Self { values: bytes.map(|x| L::Word::splat(i32::from(x) as u32)) }
    }

    /// Creates features from a function of the lane: lane `i` has `f(i)`.
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

    /// Rounds numbers from −1 to 1 to the nearest 1/128; a number that rounds to 1 becomes 127/128.
    ///
    /// # Errors
    /// [`Error::NotANumber`] and [`Error::Infinite`] with the index of the feature; [`Error::OutOfRange`] beyond ±1.
    pub fn from_floats(x: &[L; D]) -> Result<Self, Error> {
        check::finite("features", x)?;
        for &x in x {
            check::within("features", x, -1.0, 1.0, "from -1 to 1")?;
        }
        Ok(Self { values: x.map(|x| product::clamped(to_fixed(x, 128.0), -128, 127)) })
    }

    /// Returns the features as signed words.
    #[inline]
    pub fn as_array(&self) -> &[L::Word; D] {
        &self.values
    }
}

/// A linear-softmax policy over `K` actions, with `D` features.
///
/// Weights have 16 fraction bits and are action-major, `weights()[k][d]`: a row holds all weights of one action, so
/// that its sum and its step stay in registers. `K = 0` and `D > 480` are compile errors.
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
    pub(super) weights: [[L::Word; D]; K],
    pub(super) bias: [L::Word; K],
    /// A bound on the magnitude of every weight and bias. Each step adds its length to the bound, so that single
    /// weights are checked only when the bound reaches the limit.
    pub(super) reach: L::Word,
}

/// The largest magnitude of a weight: the sum of eight weights times bytes is below 2^31.
pub(super) const LIMIT: i32 = (1 << 21) - 1;

impl<const D: usize, const K: usize, L: Lane> Default for IntegerPolicy<D, K, L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const D: usize, const K: usize, L: Lane> IntegerPolicy<D, K, L> {
    /// The largest magnitude of a weight: 32 − 2^−16.
    pub const MAX: i32 = LIMIT;

    /// Creates an untrained policy: every action is equally likely.
    pub fn new() -> Self {
        // The sum of a bias and 61 sums of eight products is below the largest logit.
        const { assert!(K > 0 && D <= 480, "a policy needs an action, and has room for 480 features") };
        Self { weights: [[L::Word::splat(0); D]; K], bias: [L::Word::splat(0); K], reach: L::Word::splat(0) }
    }

    /// Creates a policy with given weights, action-major, and biases, the same in every lane.
    ///
    /// # Errors
    /// The errors of [`IntegerPolicy::from_words`].
    pub fn from_weights(weights: &[[i32; D]; K], bias: &[i32; K]) -> Result<Self, Error> {
        let splat = |w: i32| L::Word::splat(w as u32);
        Self::from_words(weights.map(|row| row.map(splat)), bias.map(splat))
    }

    /// Creates a policy with given weights, action-major, and biases, as signed words.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the first number beyond [`IntegerPolicy::MAX`] in magnitude, in any lane.
    pub fn from_words(weights: [[L::Word; D]; K], bias: [L::Word; K]) -> Result<Self, Error> {
        const REQUIREMENT: &str = "above -32 and below 32";
        for &w in weights.iter().flatten() {
            fixed_within(("weights", REQUIREMENT), w, LIMIT)?;
        }
        for &b in &bias {
            fixed_within(("bias", REQUIREMENT), b, LIMIT)?;
        }
        let mut policy = Self { weights, bias, ..Self::new() };
        policy.reach = policy.largest();
        Ok(policy)
    }

    /// Returns the weights, action-major, as signed words.
    #[inline]
    pub fn weights(&self) -> &[[L::Word; D]; K] {
        &self.weights
    }

    /// Returns the biases, one per action, as signed words.
    #[inline]
    pub fn bias(&self) -> &[L::Word; K] {
        &self.bias
    }

    /// Computes the logits `b_k + Σ ⌊(Σ_8 w_kd x_d) / 2^7⌋`: each sum of eight products is exact, and is then rounded
    /// down to 16 fraction bits.
    #[inline]
    pub fn logits(&self, features: &ByteFeatures<D, L>) -> FixedLogits<K, L> {
        let mut logits = self.bias;
        for (logit, row) in logits.iter_mut().zip(&self.weights) {
            *logit = logit.wrapping_add(dot(row, &features.values));
        }
        FixedLogits::trusted(logits)
    }

    /// Takes one step: `w_kd ← w_kd + ⌊(g_k x_d + dither) / 2^8⌋`. The bias takes the same step with the feature 1.
    /// Weights and biases are clamped to the range of weights. `step` is the change `g` of the logits, with 17 fraction
    /// bits and at most 2^22 in magnitude. `dither` is from 0 to 255; a uniform dither makes the rounding unbiased.
    #[inline]
    pub(super) fn ascend(&mut self, features: &ByteFeatures<D, L>, step: &[L::Word; K], dither: L::Word) {
        let longest = step.iter().fold(L::Word::splat(0), |longest, &g| {
            let length = product::magnitude(g).shr(1).wrapping_add(L::Word::splat(1));
            L::Word::select(longest.lt(length), length, longest)
        });
        let limit = L::Word::splat(LIMIT as u32);
        let mut reach = self.reach.wrapping_add(longest);
        if limit.lt(reach).any() {
            // Rare: replace the bound by the exact largest magnitude.
            reach = L::Word::select(limit.lt(reach), self.largest().wrapping_add(longest), reach);
        }
        for ((row, bias), &g) in self.weights.iter_mut().zip(&mut self.bias).zip(step) {
            add(row, &features.values, g, dither);
            *bias = bias.wrapping_add(moved(g, L::Word::splat(128), dither));
        }
        let outside = limit.lt(reach);
        if outside.any() {
            for w in self.weights.iter_mut().flatten().chain(&mut self.bias) {
                *w = product::clamped(*w, -LIMIT, LIMIT);
            }
            reach = L::Word::select(outside, limit, reach);
        }
        self.reach = reach;
    }

    /// Returns the largest magnitude of a weight or bias.
    pub(super) fn largest(&self) -> L::Word {
        self.weights.iter().flatten().chain(&self.bias).fold(L::Word::splat(0), |largest, &w| {
            let magnitude = product::magnitude(w);
            L::Word::select(largest.lt(magnitude), magnitude, largest)
        })
    }
}

/// The number of products that are added before their sum is rounded.
const EIGHT: usize = 8;

/// Computes `⌊(Σ_d w_d x_d) / 2^7⌋` for each group of eight features and returns the sum of the results. It is a
/// separate function because, if inlined, the features of all rows would fill the stack, and every product would load
/// its feature from the stack.
#[inline(never)]
fn dot<W: Word>(w: &[W], x: &[W]) -> W {
    let eight = |sum: W, (w, x): (&[W], &[W])| {
        let products = w.iter().zip(x).fold(W::splat(0), |sum, (w, &x)| sum.wrapping_add(w.wrapping_mul(x)));
        sum.wrapping_add(products.shr_signed(7))
    };
    let ((w, last_w), (x, last_x)) = (w.as_chunks::<EIGHT>(), x.as_chunks::<EIGHT>());
    let sum = w.iter().zip(x).fold(W::splat(0), |sum, (w, x)| eight(sum, (w, x)));
    eight(sum, (last_w, last_x))
}

/// Moves the weights of a row. It is a separate function for the same reason as [`dot`].
#[inline(never)]
fn add<W: Word>(w: &mut [W], x: &[W], g: W, dither: W) {
    let eight = |w: &mut [W], x: &[W]| {
        for (w, &x) in w.iter_mut().zip(x) {
            *w = w.wrapping_add(moved(g, x, dither));
        }
    };
    let ((w, last_w), (x, last_x)) = (w.as_chunks_mut::<EIGHT>(), x.as_chunks::<EIGHT>());
    for (w, x) in w.iter_mut().zip(x) {
        eight(w, x);
    }
    eight(last_w, last_x);
}

#[inline]
fn moved<W: Word>(g: W, x: W, dither: W) -> W {
    g.wrapping_mul(x).wrapping_add(dither).shr_signed(8)
}
