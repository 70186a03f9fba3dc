//! Operations in place on single rows of more than [`STRIDES`] columns. They compute sixteen numbers of a row at a
//! time.

use samplegrad_core::{
    lane::{Lane, Mask, Word},
    reduce::{self, STRIDES},
};

use crate::{
    batch::engine::tile::TileRows,
    lanes::vector::{Block, MOST_LANES, Vector},
};

/// Sixteen numbers for each row of a tile, one per stride, which are reduced to one number per row.
pub(crate) struct Strides([[f32; STRIDES]; MOST_LANES]);

impl Strides {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self([[0.0; STRIDES]; MOST_LANES])
    }

    /// Returns the strides of a row.
    #[inline(always)]
    pub(crate) fn row(&mut self, lane: usize) -> &mut [f32; STRIDES] {
        &mut self.0[lane]
    }

    /// Returns one vector per stride, with one row per lane.
    #[inline(always)]
    fn columns<L: Vector>(&self, active: usize) -> Block<L> {
        TileRows { first: 0, active }.block(self.0.as_flattened(), STRIDES, 0, STRIDES)
    }

    /// Returns the sum of each row. The strides are added from first to last.
    #[inline(always)]
    pub(crate) fn sums<L: Vector>(&self, active: usize) -> L {
        reduce::sum(&self.columns::<L>(active))
    }

    /// Returns the largest number of each row.
    #[inline(always)]
    pub(crate) fn largest<L: Vector>(&self, active: usize) -> L {
        reduce::max(&self.columns::<L>(active))
    }
}

/// The largest number so far in each stride of each row of a tile, and the first column of the block that contains this
/// number.
pub(crate) struct First {
    largest: Strides,
    start: [[u32; STRIDES]; MOST_LANES],
}

impl First {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { largest: Strides([[f32::NEG_INFINITY; STRIDES]; MOST_LANES]), start: [[0; STRIDES]; MOST_LANES] }
    }

    /// Updates row `row` with a vector `x`. Lane `i` of `x` belongs to stride `at + i` and to the block of columns that
    /// begins at `start`.
    #[inline(always)]
    pub(crate) fn see<L: Vector>(&mut self, row: usize, start: usize, at: usize, x: L) {
        let (largest, starts) = (&mut self.largest.0[row][at..at + L::LANES], &mut self.start[row][at..at + L::LANES]);
        let larger = L::load(largest).lt(x);
        L::select(larger, x, L::load(largest)).store(largest);
        L::store_words(L::Word::select(larger, L::Word::splat(start as u32), L::load_words(starts)), starts);
    }

    /// Returns the column of the largest number of each row, the first on ties.
    #[inline(always)]
    pub(crate) fn columns<L: Vector>(&self, active: usize) -> L::Word {
        let largest = self.largest.columns::<L>(active);
        let (mut best, mut column) = (L::NEG_INFINITY, L::Word::splat(0));
        for (stride, &x) in (0..).zip(&largest) {
            let starts = L::Word::from_fn(|row| self.start[row.min(active - 1)][stride as usize]);
            let at = starts.wrapping_add(L::Word::splat(stride));
            let better = best.lt(x).or(best.equals(x).and(at.lt(column)));
            (best, column) = (L::select(better, x, best), L::Word::select(better, at, column));
        }
        column
    }
}

/// Returns the number of vectors that hold one number per stride.
const fn vectors<L: Lane>() -> usize {
    if L::LANES < STRIDES { STRIDES / L::LANES } else { 1 }
}

/// Computes the largest number of each stride.
#[inline(always)]
pub(crate) fn max<L: Vector>(x: &[f32], largest: &mut [f32; STRIDES]) {
    // Four independent accumulators hide the latency of the comparison.
    let mut wide = [[L::NEG_INFINITY; MOST_LANES]; 4];
    let mut whole = x.chunks_exact(4 * STRIDES);
    for x in &mut whole {
        for (largest, x) in wide.iter_mut().zip(x.chunks_exact(STRIDES)) {
            for (largest, x) in largest[..vectors::<L>()].iter_mut().zip(x.chunks_exact(L::LANES)) {
                *largest = largest.max(L::load(x));
            }
        }
    }
    let [a, b, c, d] = wide;
    let mut all = a;
    for (i, all) in all[..vectors::<L>()].iter_mut().enumerate() {
        *all = a[i].max(b[i]).max(c[i].max(d[i]));
    }
    // The remaining numbers; some of them are compared twice.
    for x in whole.remainder().chunks_exact(STRIDES).chain([&x[x.len() - STRIDES..]]) {
        for (largest, x) in all[..vectors::<L>()].iter_mut().zip(x.chunks_exact(L::LANES)) {
            *largest = largest.max(L::load(x));
        }
    }
    put::<L>(&all, largest);
}

#[inline(always)]
fn put<L: Vector>(x: &Block<L>, numbers: &mut [f32; STRIDES]) {
    for (x, numbers) in x[..vectors::<L>()].iter().zip(numbers.chunks_exact_mut(L::LANES)) {
        x.store(numbers);
    }
}

/// Computes the sum of each stride.
#[inline(always)]
pub(crate) fn sum<L: Vector>(x: &[f32], sums: &mut [f32; STRIDES]) {
    let mut all = [L::ZERO; MOST_LANES];
    let whole = x.len() / STRIDES * STRIDES;
    for x in x[..whole].chunks_exact(STRIDES) {
        for (sum, x) in all[..vectors::<L>()].iter_mut().zip(x.chunks_exact(L::LANES)) {
            *sum = *sum + L::load(x);
        }
    }
    for (sum, x) in all[..vectors::<L>()].iter_mut().zip(x[whole..].chunks(L::LANES)) {
        *sum = *sum + L::load(x);
    }
    put::<L>(&all, sums);
}

/// Computes `Σ x_k y_k` of each stride.
#[inline(always)]
pub(crate) fn dot<L: Vector>(x: &[f32], y: &[f32], sums: &mut [f32; STRIDES]) {
    let mut all = [L::ZERO; MOST_LANES];
    let whole = x.len() / STRIDES * STRIDES;
    for (x, y) in x[..whole].chunks_exact(STRIDES).zip(y[..whole].chunks_exact(STRIDES)) {
        for ((sum, x), y) in
            all[..vectors::<L>()].iter_mut().zip(x.chunks_exact(L::LANES)).zip(y.chunks_exact(L::LANES))
        {
            *sum = *sum + L::load(x) * L::load(y);
        }
    }
    for ((sum, x), y) in all.iter_mut().zip(x[whole..].chunks(L::LANES)).zip(y[whole..].chunks(L::LANES)) {
        *sum = *sum + L::load(x) * L::load(y);
    }
    put::<L>(&all, sums);
}

/// Multiplies a row by its factor.
#[inline(always)]
pub(crate) fn scale<L: Vector>(factor: f32, x: &mut [f32]) {
    let mut whole = x.chunks_exact_mut(L::LANES);
    for x in &mut whole {
        (L::load(x) * factor).store(x);
    }
    let last = whole.into_remainder();
    (L::load(last) * factor).store(last);
}

/// Multiplies `x` by its factor, and writes `Σ x_k y_k` of each stride of the result. Prefetches `next`, which has the
/// same length.
#[inline(always)]
pub(crate) fn scale_and_dot<L: Vector>(factor: f32, x: &mut [f32], y: &[f32], next: &[f32], sums: &mut [f32; STRIDES]) {
    let mut all = [L::ZERO; MOST_LANES];
    let whole = x.len() / STRIDES * STRIDES;
    let (whole_x, last_x) = x.split_at_mut(whole);
    let of_x = whole_x.chunks_exact_mut(STRIDES).zip(y[..whole].chunks_exact(STRIDES));
    for (at, (x, y)) in (0..).step_by(STRIDES).zip(of_x) {
        L::prefetch(next, at);
        for ((sum, x), y) in
            all[..vectors::<L>()].iter_mut().zip(x.chunks_exact_mut(L::LANES)).zip(y.chunks_exact(L::LANES))
        {
            let scaled = L::load(x) * factor;
            scaled.store(x);
            *sum = *sum + scaled * L::load(y);
        }
    }
    for ((sum, x), y) in all.iter_mut().zip(last_x.chunks_mut(L::LANES)).zip(y[whole..].chunks(L::LANES)) {
        let scaled = L::load(x) * factor;
        scaled.store(x);
        *sum = *sum + scaled * L::load(y);
    }
    put::<L>(&all, sums);
}

/// Writes `(p_k (c_k − mean)) · scale` of a row. Without `c`, the numbers `c_k` are read from `out`.
#[inline(always)]
pub(crate) fn centre<L: Vector>(p: &[f32], c: Option<&[f32]>, mean: f32, scale: f32, out: &mut [f32]) {
    let whole = p.len() / L::LANES * L::LANES;
    for k in (0..whole).step_by(L::LANES) {
        let of = k..k + L::LANES;
        let x = L::load(&c.unwrap_or(&*out)[of.clone()]);
        ((L::load(&p[of.clone()]) * (x - mean)) * scale).store(&mut out[of]);
    }
    let x = L::load(&c.unwrap_or(&*out)[whole..]);
    ((L::load(&p[whole..]) * (x - mean)) * scale).store(&mut out[whole..]);
}

/// Returns the column of the largest number, the first on ties.
#[inline(always)]
pub(crate) fn arg_max<L: Vector>(x: &[f32]) -> u32 {
    let (mut best, mut block_of_best) = ([L::NEG_INFINITY; MOST_LANES], [L::Word::splat(0); MOST_LANES]);
    for (number, x) in (0_u32..).zip(x.chunks(STRIDES)) {
        for (i, x) in x.chunks(L::LANES).enumerate() {
            // Lanes beyond the row are loaded as zero. They are not selected, because the largest weight is never zero.
            let x = L::load(x);
            let larger = best[i].lt(x);
            best[i] = L::select(larger, x, best[i]);
            block_of_best[i] = L::Word::select(larger, L::Word::splat(number), block_of_best[i]);
        }
    }
    let (mut largest, mut column) = (f32::NEG_INFINITY, u32::MAX);
    for i in 0..vectors::<L>() {
        for lane in 0..L::LANES {
            let x = best[i].extract(lane);
            let at = block_of_best[i].extract(lane) * STRIDES as u32 + (i * L::LANES + lane) as u32;
            if x > largest || (x == largest && at < column) {
                (largest, column) = (x, at);
            }
        }
    }
    column
}
