//! What concerns single rows of more than [`STRIDES`] columns, done where they lie: sixteen numbers of a row at a time.

use samplegrad_core::{
    lane::{Lane, Mask, Word},
    reduce::{self, STRIDES},
};

use crate::{
    batch::engine::tile::TileRows,
    lanes::vector::{Block, MOST_LANES, Vector},
};

/// Sixteen numbers for each row of a tile, a stride each, from which one number per row is made.
pub(crate) struct Strides([[f32; STRIDES]; MOST_LANES]);

impl Strides {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self([[0.0; STRIDES]; MOST_LANES])
    }

    /// Those of a row.
    #[inline(always)]
    pub(crate) fn row(&mut self, lane: usize) -> &mut [f32; STRIDES] {
        &mut self.0[lane]
    }

    /// A vector per stride, with a row in each lane.
    #[inline(always)]
    fn columns<L: Vector>(&self, active: usize) -> Block<L> {
        TileRows { first: 0, active }.block(self.0.as_flattened(), STRIDES, 0, STRIDES)
    }

    /// The sums, from the first stride to the last.
    #[inline(always)]
    pub(crate) fn sums<L: Vector>(&self, active: usize) -> L {
        reduce::sum(&self.columns::<L>(active))
    }

    /// The largest.
    #[inline(always)]
    pub(crate) fn largest<L: Vector>(&self, active: usize) -> L {
        reduce::max(&self.columns::<L>(active))
    }
}

/// The largest number so far of each stride of each row of a tile, and in which block it is.
pub(crate) struct First {
    largest: Strides,
    start: [[u32; STRIDES]; MOST_LANES],
}

impl First {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self { largest: Strides([[f32::NEG_INFINITY; STRIDES]; MOST_LANES]), start: [[0; STRIDES]; MOST_LANES] }
    }

    /// Numbers of a row, in the block of columns from `start` on, `at` so many strides.
    #[inline(always)]
    pub(crate) fn see<L: Vector>(&mut self, row: usize, start: usize, at: usize, x: L) {
        let (largest, starts) = (&mut self.largest.0[row][at..at + L::LANES], &mut self.start[row][at..at + L::LANES]);
        let larger = L::load(largest).lt(x);
        L::select(larger, x, L::load(largest)).store(largest);
        L::store_words(L::Word::select(larger, L::Word::splat(start as u32), L::load_words(starts)), starts);
    }

    /// The column of the largest number of each row, the first on ties.
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

/// Vectors that hold a number per stride: the first of these.
const fn vectors<L: Lane>() -> usize {
    if L::LANES < STRIDES { STRIDES / L::LANES } else { 1 }
}

/// The largest number of each stride.
#[inline(always)]
pub(crate) fn max<L: Vector>(x: &[f32], largest: &mut [f32; STRIDES]) {
    // Of four strides as many: comparisons wait for each other.
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
    // The last ones, some of them once more.
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

/// The sum of each stride.
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

/// `Σ x_k y_k` of each stride.
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

/// Multiplies `x` by its factor, and writes `Σ x_k y_k` of each stride of the result. Asks for `next`, as long, on the way.
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

/// Writes `(p_k (c_k − mean)) · scale` of a row, for the `c` that is given or else what is written over.
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

/// The column of the largest number, the first on ties.
#[inline(always)]
pub(crate) fn arg_max<L: Vector>(x: &[f32]) -> u32 {
    let (mut best, mut block_of_best) = ([L::NEG_INFINITY; MOST_LANES], [L::Word::splat(0); MOST_LANES]);
    for (number, x) in (0_u32..).zip(x.chunks(STRIDES)) {
        for (i, x) in x.chunks(L::LANES).enumerate() {
            // What is beyond the row is zero, as no largest weight is.
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
