//! Jumps along a stream of G. Marsaglia's xorshift: one row of many columns is worked on in all lanes, each of which draws its
//! share of the row's stream.
//!
//! A step of the generator is a matrix `M` over the field of two elements, and `P(M) = 0` for its characteristic polynomial `P`,
//! of degree 128. So `M^n s = Σ_j c_j M^j s` with `x^n mod P = Σ_j c_j x^j`: any number of steps costs 128, and all lanes go
//! along.
//!
//! Source: H. Haramoto, M. Matsumoto, T. Nishimura, F. Panneton and P. L'Ecuyer, *Efficient jump ahead for F2-linear random
//! number generators*, INFORMS Journal on Computing 20, 2008, section 2.

use std::cell::RefCell;

use samplegrad_core::{Source, lane::Word};

use crate::{
    lanes::vector::{MOST_LANES, Vector},
    streams::lane_rng::LaneRng,
};

/// `P` without `x^128`.
const POLYNOMIAL: u128 = 0x0001_0046_d8b3_f985_d65f_fd3c_8001;

/// How many coefficients a remainder has.
const DEGREE: usize = 128;

/// The product modulo `P`.
fn product(a: u128, b: u128) -> u128 {
    (0..DEGREE).rev().fold(0, |product, bit| {
        let carry = if product >> (DEGREE - 1) == 1 { POLYNOMIAL } else { 0 };
        (product << 1) ^ carry ^ if a >> bit & 1 == 1 { b } else { 0 }
    })
}

/// `x^n` modulo `P`.
fn power(n: usize) -> u128 {
    (0..usize::BITS).rev().fold(1, |power, bit| {
        let square = product(power, power);
        if n >> bit & 1 == 1 { product(square, 2) } else { square }
    })
}

/// A jump for each lane: none, so many words, twice as many, …
struct Jumps {
    lanes: usize,
    words: usize,
    /// All bits of a lane are set in number `j` where `c_j` of its jump is.
    coefficients: [[u32; MOST_LANES]; DEGREE],
}

impl Jumps {
    fn new(lanes: usize, words: usize) -> Self {
        let mut coefficients = [[0; MOST_LANES]; DEGREE];
        let (step, mut jump) = (power(words), 1);
        for lane in 0..lanes {
            for (j, coefficients) in coefficients.iter_mut().enumerate() {
                coefficients[lane] = if jump >> j & 1 == 1 { u32::MAX } else { 0 };
            }
            jump = product(jump, step);
        }
        Self { lanes, words, coefficients }
    }
}

thread_local! {
    /// What was asked for last: rows of a batch are equally long.
    static LAST: RefCell<Option<Box<Jumps>>> = const { RefCell::new(None) };
}

/// Cuts streams into chunks of so many words, one a lane.
pub(crate) struct Chunks {
    /// There until it is dropped.
    jumps: Option<Box<Jumps>>,
}

impl Chunks {
    /// For lanes of `L`.
    pub(crate) fn new<L: Vector>(words: usize) -> Self {
        let Some(mut last) = LAST.take() else { return Self { jumps: Some(Box::new(Jumps::new(L::LANES, words))) } };
        // In the same memory.
        if last.lanes != L::LANES || last.words != words {
            *last = Jumps::new(L::LANES, words);
        }
        Self { jumps: Some(last) }
    }

    /// The generator in the given state in lane 0, and as it will be after one chunk in lane 1, and so on.
    #[inline(always)]
    pub(crate) fn lanes<L: Vector>(&self, device: &LaneRng<f32>) -> LaneRng<L> {
        let (mut device, mut state) = (*device, [L::Word::splat(0); 4]);
        for coefficients in self.jumps.iter().flat_map(|jumps| &jumps.coefficients) {
            let here = L::load_words(&coefficients[..L::LANES]);
            for (word, of_device) in state.iter_mut().zip(device.state) {
                *word = word.xor(here.and(L::Word::splat(of_device)));
            }
            device.next_word();
        }
        LaneRng { state }
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        LAST.set(self.jumps.take());
    }
}

#[cfg(test)]
mod tests {
    use samplegrad_core::stream;

    use super::*;
    use crate::lanes::portable::{F32x4, F32x16};

    fn check<L: Vector>(words: usize) {
        let start = LaneRng::<f32>::new(3, 5);
        let chunks = Chunks::new::<L>(words).lanes::<L>(&start);
        let mut device = start;
        for lane in 0..L::LANES {
            assert_eq!(
                stream::words(&chunks.device(lane)),
                stream::words(&device.device(0)),
                "{words} words, lane {lane}"
            );
            (0..words).for_each(|_| _ = device.next_word());
        }
    }

    #[test]
    fn lanes_are_where_the_stream_comes_to() {
        for words in [0, 1, 2, 127, 128, 129, 1000, 65_537] {
            check::<F32x4>(words);
            check::<F32x16>(words);
            check::<f32>(words);
        }
    }

    #[test]
    fn a_whole_period_is_no_jump() {
        // 2^128 − 1 words: x^(2^128) = x.
        assert_eq!((0..DEGREE).fold(2, |power, _| product(power, power)), 2);
        assert_ne!(power(usize::MAX), 1);
    }
}
