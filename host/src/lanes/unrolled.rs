//! Eight vectors, used as one unrolled vector. Each operation is done on all eight vectors before the next operation.
//!
//! An elementary function is one long chain of operations. Each operation waits four cycles for the result of the
//! previous operation. A processor that starts two operations per cycle, and looks ahead only a limited distance, needs
//! eight independent chains to hide this latency. Unrolling does not change any result.

use core::ops::{Add, Div, Mul, Neg, Sub};

use samplegrad_core::lane::{Lane, Mask, Word};

use crate::lanes::{
    elementary::{self, Convert, elementary_functions},
    vector::MOST_LANES,
};

/// The number of unrolled vectors.
pub(crate) const UNROLLED: usize = 8;

/// Eight vectors of numbers, of words or of truth values. The lanes of the first vector come first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Unrolled<T>(pub(crate) [T; UNROLLED]);

impl<T: Copy> Unrolled<T> {
    /// Returns one half of the columns of a block.
    #[inline(always)]
    pub(crate) fn of_half(block: &[T; MOST_LANES], half: usize) -> Self {
        Self(block.as_chunks().0[half])
    }

    /// Writes the vectors to one half of the columns of a block.
    #[inline(always)]
    pub(crate) fn into_half(self, block: &mut [T; MOST_LANES], half: usize) {
        block.as_chunks_mut().0[half] = self.0;
    }
}

/// An operation on each of the eight vectors, with one or more arguments. It is a macro instead of a closure, for the
/// reason given at [`Kernel`](crate::Kernel).
macro_rules! each {
    ($function:path, $a:expr) => {{
        let [a, b, c, d, e, f, g, h] = $a.0;
        Unrolled([
            $function(a),
            $function(b),
            $function(c),
            $function(d),
            $function(e),
            $function(f),
            $function(g),
            $function(h),
        ])
    }};
    ($function:path, $a:expr; $x:expr) => {{
        let ([a, b, c, d, e, f, g, h], x) = ($a.0, $x);
        Unrolled([
            $function(a, x),
            $function(b, x),
            $function(c, x),
            $function(d, x),
            $function(e, x),
            $function(f, x),
            $function(g, x),
            $function(h, x),
        ])
    }};
    ($function:path, $a:expr, $b:expr) => {{
        let (a, b) = ($a.0, $b.0);
        Unrolled([
            $function(a[0], b[0]),
            $function(a[1], b[1]),
            $function(a[2], b[2]),
            $function(a[3], b[3]),
            $function(a[4], b[4]),
            $function(a[5], b[5]),
            $function(a[6], b[6]),
            $function(a[7], b[7]),
        ])
    }};
    ($function:path, $a:expr, $b:expr, $c:expr) => {{
        let (a, b, c) = ($a.0, $b.0, $c.0);
        Unrolled([
            $function(a[0], b[0], c[0]),
            $function(a[1], b[1], c[1]),
            $function(a[2], b[2], c[2]),
            $function(a[3], b[3], c[3]),
            $function(a[4], b[4], c[4]),
            $function(a[5], b[5], c[5]),
            $function(a[6], b[6], c[6]),
            $function(a[7], b[7], c[7]),
        ])
    }};
}

/// Implements methods that apply an operation to each of the eight vectors.
macro_rules! by_part {
    ($part:ident: $(fn $method:ident($first:ident $(: $of_first:ty)? $(, $other:ident: $of_other:ty)*) -> $result:ty;)*) => {$(
        #[inline(always)]
        fn $method($first $(: $of_first)? $(, $other: $of_other)*) -> $result {
            each!($part::$method, $first $(, $other)*)
        }
    )*};
}

macro_rules! operators {
    ($($trait:ident $method:ident)*) => {$(
        impl<V: Lane> $trait for Unrolled<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                each!($trait::$method, self, other)
            }
        }
        impl<V: Lane> $trait<f32> for Unrolled<V> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: f32) -> Self {
                let other = V::splat(other);
                each!($trait::$method, self; other)
            }
        }
    )*};
}

operators! { Add add Sub sub Mul mul Div div }

impl<V: Lane> Neg for Unrolled<V> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        each!(Neg::neg, self)
    }
}

impl<V: Convert> Lane for Unrolled<V> {
    type Word = Unrolled<V::Word>;
    type Mask = Unrolled<V::Mask>;

    const LANES: usize = UNROLLED * V::LANES;
    const ZERO: Self = Self([V::ZERO; UNROLLED]);
    const ONE: Self = Self([V::ONE; UNROLLED]);
    const NEG_INFINITY: Self = Self([V::NEG_INFINITY; UNROLLED]);

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([V::splat(x); UNROLLED])
    }
    #[inline(always)]
    fn from_fn(mut f: impl FnMut(usize) -> f32) -> Self {
        Self(core::array::from_fn(|part| V::from_fn(|lane| f(part * V::LANES + lane))))
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> f32 {
        let lane = lane.min(Self::LANES - 1);
        self.0[lane / V::LANES].extract(lane % V::LANES)
    }
    elementary_functions!();
    by_part! { V:
        fn sqrt(self) -> Self;
        fn abs(self) -> Self;
        fn lt(self, other: Self) -> Self::Mask;
        fn equals(self, other: Self) -> Self::Mask;
        fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
        fn to_bits(self) -> Self::Word;
        fn from_bits(bits: Self::Word) -> Self;
        fn from_small(word: Self::Word) -> Self;
        fn from_word(word: Self::Word) -> Self;
        fn from_signed(word: Self::Word) -> Self;
        fn mantissa(self) -> Self;
        fn times_power(self, power: Self) -> Self;
        fn to_word(self) -> Self::Word;
    }
    #[inline(always)]
    fn normalized(k: Self::Word) -> (Self, Self) {
        if V::SHIFTS {
            return elementary::normalized(k);
        }
        let (mut zeros, mut below) = (Self::ZERO, Self::ZERO);
        for ((k, zeros), below) in k.0.into_iter().zip(&mut zeros.0).zip(&mut below.0) {
            (*zeros, *below) = V::normalized(k);
        }
        (zeros, below)
    }
    #[inline(always)]
    fn split_integer(self) -> (Self, Self) {
        let (mut rest, mut power) = (self, self);
        for ((x, rest), power) in self.0.into_iter().zip(&mut rest.0).zip(&mut power.0) {
            (*rest, *power) = x.split_integer();
        }
        (rest, power)
    }
}

impl<V: Convert> Convert for Unrolled<V> {
    const SHIFTS: bool = V::SHIFTS;
    #[inline(always)]
    fn to_integer(self) -> Self::Word {
        each!(V::to_integer, self)
    }
}

impl<W: Word> Word for Unrolled<W> {
    type Mask = Unrolled<W::Mask>;
    const LANES: usize = UNROLLED * W::LANES;

    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self([W::splat(word); UNROLLED])
    }
    #[inline(always)]
    fn from_fn(mut f: impl FnMut(usize) -> u32) -> Self {
        Self(core::array::from_fn(|part| W::from_fn(|lane| f(part * W::LANES + lane))))
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> u32 {
        let lane = lane.min(Self::LANES - 1);
        self.0[lane / W::LANES].extract(lane % W::LANES)
    }
    by_part! { W:
        fn wrapping_add(self, other: Self) -> Self;
        fn wrapping_sub(self, other: Self) -> Self;
        fn wrapping_mul(self, other: Self) -> Self;
        fn mul_high(self, other: Self) -> Self;
        fn and(self, other: Self) -> Self;
        fn or(self, other: Self) -> Self;
        fn xor(self, other: Self) -> Self;
        fn lt(self, other: Self) -> Self::Mask;
        fn equals(self, other: Self) -> Self::Mask;
        fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
        fn shl_by(self, bits: Self) -> Self;
        fn shr_by(self, bits: Self) -> Self;
        fn lt_signed(self, other: Self) -> Self::Mask;
        fn leading_zeros(self) -> Self;
        fn rotate_left_by(self, bits: Self) -> Self;
    }
    #[inline(always)]
    fn shl(self, bits: u32) -> Self {
        each!(W::shl, self; bits)
    }
    #[inline(always)]
    fn shr(self, bits: u32) -> Self {
        each!(W::shr, self; bits)
    }
    #[inline(always)]
    fn shr_signed(self, bits: u32) -> Self {
        each!(W::shr_signed, self; bits)
    }
}

impl<M: Mask> Mask for Unrolled<M> {
    #[inline(always)]
    fn splat(value: bool) -> Self {
        Self([M::splat(value); UNROLLED])
    }
    #[inline(always)]
    fn from_fn(mut f: impl FnMut(usize) -> bool) -> Self {
        // The type of a mask does not contain its number of lanes. Lanes are therefore numbered with a stride of 16 per
        // vector, also if a vector has fewer lanes.
        let values: [[bool; MOST_LANES]; UNROLLED] =
            core::array::from_fn(|part| core::array::from_fn(|lane| f(part * MOST_LANES + lane)));
        Self(values.map(|values| M::from_fn(|lane| values[lane.min(MOST_LANES - 1)])))
    }
    #[inline(always)]
    fn extract(self, lane: usize) -> bool {
        self.0[(lane / MOST_LANES).min(UNROLLED - 1)].extract(lane % MOST_LANES)
    }
    by_part! { M:
        fn and(self, other: Self) -> Self;
        fn or(self, other: Self) -> Self;
        fn not(self) -> Self;
    }
    #[inline(always)]
    fn any(self) -> bool {
        let [a, b, c, d, e, f, g, h] = self.0;
        a.or(b).or(c.or(d)).or(e.or(f).or(g.or(h))).any()
    }
    #[inline(always)]
    fn all(self) -> bool {
        let [a, b, c, d, e, f, g, h] = self.0;
        a.and(b).and(c.and(d)).and(e.and(f).and(g.and(h))).all()
    }
}

/// Computes [`Lane::exponentials`] for several columns at a time. Computes the exponentials first, and then adds them
/// from first to last, without that of `mode`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn exponentials<V: Convert>(logits: &[V], mode: V::Word, max: V, scale: f32, e: &mut [V]) -> V {
    let count = logits.len().min(e.len());
    let (logits, e) = (&logits[..count], &mut e[..count]);
    let (of_logits, last_logits) = logits.as_chunks::<UNROLLED>();
    let (of_e, last_e) = e.as_chunks_mut::<UNROLLED>();
    for (&l, e) in of_logits.iter().zip(of_e) {
        *e = ((Unrolled(l) - Unrolled([max; UNROLLED])) * scale).exp().0;
    }
    for (&l, e) in last_logits.iter().zip(last_e) {
        *e = ((l - max) * scale).exp();
    }
    let mut others = V::ZERO;
    for (k, &e) in e.iter().enumerate() {
        others = others + V::select(mode.equals(V::Word::splat(k as u32)), V::ZERO, e);
    }
    others
}
