//! Jumps along a stream of G. Marsaglia's xorshift. All lanes work on one row of many columns, and each lane draws its
//! chunk of the row's stream.
//!
//! A step of the generator multiplies the state `s` by a matrix `M` over the field of two elements. The characteristic
//! polynomial `P` of `M` has degree 128, and `P(M) = 0`. So the state after `n` steps is `M^n s = Σ_j c_j M^j s`, where
//! `x^n mod P = Σ_j c_j x^j`. A jump of any length costs 128 steps, for all lanes together.
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

/// The number of coefficients of a remainder.
const DEGREE: usize = 128;

/// Returns the product modulo `P`.
fn product(a: u128, b: u128) -> u128 {
    (0..DEGREE).rev().fold(0, |product, bit| {
        let carry = if product >> (DEGREE - 1) == 1 { POLYNOMIAL } else { 0 };
        (product << 1) ^ carry ^ if a >> bit & 1 == 1 { b } else { 0 }
    })
}

/// Returns `x^n` modulo `P`.
fn power(n: usize) -> u128 {
    (0..usize::BITS).rev().fold(1, |power, bit| {
        let square = product(power, power);
        if n >> bit & 1 == 1 { product(square, 2) } else { square }
    })
}

/// A jump for each lane: of 0, `words`, 2 `words`, … steps.
struct Jumps {
    lanes: usize,
    words: usize,
    /// Masks of coefficients: all bits of a lane are set in entry `j` if `c_j` of the lane's jump is 1.
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
    /// The jumps used last. They are kept because the rows of a batch have equal lengths.
    static LAST: RefCell<Option<Box<Jumps>>> = const { RefCell::new(None) };
}

/// Divides streams into chunks of equal numbers of words, one chunk per lane.
pub(crate) struct Chunks {
    /// Present until the value is dropped.
    jumps: Option<Box<Jumps>>,
}

impl Chunks {
    /// Creates the jumps for lanes of `L`.
    pub(crate) fn new<L: Vector>(words: usize) -> Self {
        let Some(mut last) = LAST.take() else { return Self { jumps: Some(Box::new(Jumps::new(L::LANES, words))) } };
        // Reuses the memory.
        if last.lanes != L::LANES || last.words != words {
            *last = Jumps::new(L::LANES, words);
        }
        Self { jumps: Some(last) }
    }

    /// Returns generators: lane 0 in the given state, lane 1 in the state after one chunk, and so on.
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
        // The period is 2^128 − 1 words: x^(2^128) = x.
        assert_eq!((0..DEGREE).fold(2, |power, _| product(power, power)), 2);
        assert_ne!(power(usize::MAX), 1);
    }
}
