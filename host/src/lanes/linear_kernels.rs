//! SIMD kernels for linear models and exponentials, dispatched at run time.
//!
//! A learner is user code. It is not compiled for several instruction sets, because every call in it would have to be
//! inlined. But a learner spends most of its time on weights and exponentials, in a few functions of [`Lane`]. These
//! functions are dispatched.

use samplegrad_core::lane::{Lane, Mask, Word};

use crate::lanes::{kernel::Kernel, vector::Vector};

/// A vector that gives access to its numbers and words as slices.
pub(crate) trait InMemory: Lane {
    /// Returns the lanes in order.
    fn numbers(&self) -> &[f32];
    /// Returns the lanes in order, mutable.
    fn numbers_mut(&mut self) -> &mut [f32];
    /// Returns the lanes of a vector of words in order.
    fn words(words: &Self::Word) -> &[u32];
}

/// Returns the lanes `start` to `start + V::LANES − 1` of `x` as a vector.
#[inline(always)]
fn part<L: InMemory, V: Vector>(x: &L, start: usize) -> V {
    V::load(&x.numbers()[start..start + V::LANES])
}

/// The kernel of [`Lane::add_rows`]. With `skip`, rows whose input is zero in every lane are skipped.
pub(crate) struct AddRows<'a, L, const D: usize, const K: usize> {
    pub(crate) out: &'a mut [L; K],
    pub(crate) rows: &'a [[L; K]; D],
    pub(crate) x: &'a [L; D],
    pub(crate) skip: bool,
}

impl<L: InMemory, const D: usize, const K: usize> Kernel for AddRows<'_, L, D, K> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for start in (0..L::LANES).step_by(V::LANES) {
            let mut sums = [V::ZERO; K];
            for (sum, out) in sums.iter_mut().zip(&*self.out) {
                *sum = part(out, start);
            }
            for (row, x) in self.rows.iter().zip(self.x) {
                let x: V = part(x, start);
                if self.skip && x.equals(V::ZERO).all() {
                    continue;
                }
                for (sum, w) in sums.iter_mut().zip(row) {
                    *sum = *sum + x * part::<L, V>(w, start);
                }
            }
            for (out, sum) in self.out.iter_mut().zip(sums) {
                sum.store(&mut out.numbers_mut()[start..start + V::LANES]);
            }
        }
    }
}

/// The kernel of [`Lane::add_outer`].
pub(crate) struct AddOuter<'a, L, const D: usize, const K: usize> {
    pub(crate) rows: &'a mut [[L; K]; D],
    pub(crate) x: &'a [L; D],
    pub(crate) step: &'a [L; K],
}

impl<L: InMemory, const D: usize, const K: usize> Kernel for AddOuter<'_, L, D, K> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for start in (0..L::LANES).step_by(V::LANES) {
            for (row, x) in self.rows.iter_mut().zip(self.x) {
                let x: V = part(x, start);
                for (w, step) in row.iter_mut().zip(self.step) {
                    let next = part::<L, V>(w, start) + x * part::<L, V>(step, start);
                    next.store(&mut w.numbers_mut()[start..start + V::LANES]);
                }
            }
        }
    }
}

/// The kernel of [`Lane::add_outer_at`].
pub(crate) struct AddOuterAt<'a, L: Lane, const D: usize, const K: usize> {
    pub(crate) rows: &'a mut [[L; K]; D],
    pub(crate) index: L::Word,
    pub(crate) x: &'a [L; D],
    pub(crate) step: L,
}

impl<L: InMemory, const D: usize, const K: usize> Kernel for AddOuterAt<'_, L, D, K> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        for start in (0..L::LANES).step_by(V::LANES) {
            let index = V::load_words(&L::words(&self.index)[start..start + V::LANES]);
            let step: V = part(&self.step, start);
            for k in 0..K {
                let here = index.equals(V::Word::splat(k as u32));
                // A column that no lane selects is neither read nor written.
                if !here.any() {
                    continue;
                }
                for (row, x) in self.rows.iter_mut().zip(self.x) {
                    let (w, x): (V, V) = (part(&row[k], start), part(x, start));
                    let next = V::select(here, w + x * step, w);
                    next.store(&mut row[k].numbers_mut()[start..start + V::LANES]);
                }
            }
        }
    }
}

/// The kernel of [`Lane::exponentials`].
pub(crate) struct Exponentials<'a, L: Lane> {
    pub(crate) logits: &'a [L],
    pub(crate) mode: L::Word,
    pub(crate) max: L,
    pub(crate) scale: f32,
    pub(crate) e: &'a mut [L],
}

impl<L: InMemory> Kernel for Exponentials<'_, L> {
    type Output = L;

    #[inline(always)]
    fn run<V: Vector>(self) -> L {
        let mut others = L::ZERO;
        for start in (0..L::LANES).step_by(V::LANES) {
            let mode = V::load_words(&L::words(&self.mode)[start..start + V::LANES]);
            let (max, mut sum): (V, V) = (part(&self.max, start), V::ZERO);
            for (k, (l, e)) in self.logits.iter().zip(&mut *self.e).enumerate() {
                let exponential = ((part::<L, V>(l, start) - max) * self.scale).exp();
                exponential.store(&mut e.numbers_mut()[start..start + V::LANES]);
                sum = sum + V::select(mode.equals(V::Word::splat(k as u32)), V::ZERO, exponential);
            }
            sum.store(&mut others.numbers_mut()[start..start + V::LANES]);
        }
        others
    }
}
