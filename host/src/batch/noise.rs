//! Batches of noise. Each row has `columns` numbers, which are drawn in order from the stream of the row.

use core::marker::PhantomData;

use samplegrad_core::{
    lane::{Lane, Word},
    noise,
};

use crate::{
    batch::engine::{
        long_row::{self, LongRows},
        scratch::FEW,
        split::{TableMut, for_each_drawn_chunk},
        tile::{self, COLUMNS, PACK, TileRows},
    },
    error::Error,
    lanes::{
        dispatch::Lanes,
        kernel::Kernel,
        unrolled::{UNROLLED, Unrolled},
        vector::{MOST_LANES, Vector},
    },
    streams::{lane_rng::LaneRng, streams::Streams, streams_mut::StreamsMut},
};

macro_rules! kinds {
    ($($kind:ident, $name:ident, $what:literal: $word:ident => $number:expr;)*) => {
        /// The kinds of noise.
        ///
        /// ```
        /// use samplegrad_host::{Streams, batch::noise::{self, NoiseKind}};
        ///
        /// let mut x = [0.0; 6];
        /// noise::fill(NoiseKind::Laplace, &mut Streams::new(1, 3)?, 2, &mut x)?;
        /// assert!(x.iter().all(|x| x.is_finite()));
        /// # Ok::<(), samplegrad_host::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum NoiseKind {
            $(
                #[doc = concat!("Standard ", $what, " numbers.")]
                $kind,
            )*
        }

        $(
            #[doc = concat!("Fills `out`, rows of `columns`, with standard ", $what, " numbers.")]
            ///
            /// # Errors
            /// The errors of [`fill`].
            pub fn $name(streams: &mut Streams, columns: usize, out: &mut [f32]) -> Result<(), Error> {
                fill(NoiseKind::$kind, streams, columns, out)
            }

            #[doc = concat!("The number made from a word: ", $what, ".")]
            struct $kind;

            impl OfWord for $kind {
                #[cfg_attr(not(debug_assertions), inline(always))]
                fn of_word<L: Lane>($word: L::Word) -> L {
                    $number
                }
            }
        )*

        fn fill_chunk(lanes: Lanes, kind: NoiseKind, streams: StreamsMut<'_>, out: TableMut<'_>) {
            match kind {
                $(NoiseKind::$kind => lanes.run(Fill { streams, out, kind: PhantomData::<$kind> }),)*
            }
        }
    };
}

/// A kind of noise, computed from words.
// This is a trait instead of a closure, for the reason given at `Kernel`.
trait OfWord {
    /// Computes the noise number of a word.
    fn of_word<L: Lane>(word: L::Word) -> L;
}

kinds! {
    Cauchy, cauchy, "Cauchy": word => noise::cauchy::quantile(noise::Uniform::from_word(word));
    Exponential, exponential, "exponential": word => noise::exponential::of_word(word);
    Gumbel, gumbel, "Gumbel": word => noise::gumbel::of_word(word);
    Laplace, laplace, "Laplace": word => noise::laplace::quantile(noise::Uniform::from_word(word));
    Logistic, logistic, "logistic": word => noise::logistic::quantile(noise::Uniform::from_word(word));
    Normal, normal, "normal": word => noise::normal::quantile(noise::Uniform::from_word(word));
    Uniform, uniform, "uniform": word => noise::Uniform::from_word(word).value();
}

/// The kernel of [`fill`] for a chunk with a kind of noise.
struct Fill<'a, N> {
    streams: StreamsMut<'a>,
    out: TableMut<'a>,
    kind: PhantomData<N>,
}

impl<N: OfWord> Kernel for Fill<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        fill_tiles::<L, N>(self.out, &mut self.streams);
    }
}

/// Fills rows with noise from the words of their streams.
#[cfg_attr(not(debug_assertions), inline(always))]
fn fill_tiles<L: Vector, N: OfWord>(out: TableMut<'_>, streams: &mut StreamsMut<'_>) {
    let (columns, count) = (out.columns, streams.count());
    if columns <= FEW / 2 {
        let (mut words, mut x) = ([L::Word::splat(0); PACK], [L::ZERO; PACK]);
        for rows in tile::packs::<L>(count, columns) {
            let drawn = streams.words::<L>(&rows, columns, &mut words);
            let (of_x, _) = x.as_chunks_mut::<UNROLLED>();
            for (x, &words) in of_x.iter_mut().zip(words.as_chunks::<UNROLLED>().0).take(drawn.div_ceil(UNROLLED)) {
                *x = N::of_word::<Unrolled<L>>(Unrolled(words)).0;
            }
            for (tile, x) in tile::tiles_of::<L>(&rows).zip(x.chunks_exact(columns)) {
                tile.store(x, out.values);
            }
        }
        return;
    }
    for rows in tile::tiles::<L>(count) {
        if let Some(long) = LongRows::new::<L>(columns, rows.active) {
            for row in rows.first..rows.first + rows.active {
                let rng = &mut long.start::<L>(streams, row);
                let out = &mut out.values[row * columns..(row + 1) * columns];
                for cut in long.cuts::<L>() {
                    fill_columns::<L, N>(cut.rows, cut.columns, rng, &mut out[cut.of]);
                    long_row::go_on(rng);
                }
                long_row::end(streams, row, rng);
            }
            continue;
        }
        let rng = &mut streams.load::<L>(rows.first, rows.active);
        fill_columns::<L, N>(rows, columns, rng, out.values);
        streams.store(rows.first, rows.active, rng);
    }
}

/// Fills a tile. The blocks of columns are filled one after the other.
#[cfg_attr(not(debug_assertions), inline(always))]
fn fill_columns<L: Vector, N: OfWord>(rows: TileRows, columns: usize, rng: &mut LaneRng<L>, out: &mut [f32]) {
    for start in (0..columns).step_by(COLUMNS) {
        // For a full block, the compiler knows the length of the loop.
        if columns - start >= COLUMNS {
            fill_block::<L, N>(rows, columns, start, COLUMNS, rng, out);
        } else {
            fill_block::<L, N>(rows, columns, start, columns - start, rng, out);
        }
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn fill_block<L: Vector, N: OfWord>(
    rows: TileRows,
    columns: usize,
    start: usize,
    count: usize,
    rng: &mut LaneRng<L>,
    out: &mut [f32],
) {
    let (mut words, mut block) = ([L::Word::splat(0); MOST_LANES], [L::ZERO; MOST_LANES]);
    rng.next_words(&mut words[..count]);
    let (of_block, _) = block.as_chunks_mut::<UNROLLED>();
    for (x, &words) in of_block.iter_mut().zip(words.as_chunks::<UNROLLED>().0).take(count.div_ceil(UNROLLED)) {
        *x = N::of_word::<Unrolled<L>>(Unrolled(words)).0;
    }
    rows.store_block(&block, columns, start, count, out);
}

/// Fills the rows of `out` with one kind of noise. Each row has `columns` numbers. The computation uses the widest
/// vectors of the machine.
///
/// # Errors
/// [`Error::Empty`] for no columns. [`Error::NotRows`] if the length of `out` is not a multiple of `columns`.
pub fn fill(kind: NoiseKind, streams: &mut Streams, columns: usize, out: &mut [f32]) -> Result<(), Error> {
    fill_in(Lanes::Widest, kind, streams, columns, out)
}

/// Fills the rows of `out` with one kind of noise. Each row has `columns` numbers. The computation uses the given
/// number of lanes.
///
/// ```
/// use samplegrad_host::{Lanes, Streams, batch::noise::{self, NoiseKind}};
///
/// let (mut streams, mut again) = (Streams::new(1, 3)?, Streams::new(1, 3)?);
/// let (mut g, mut h) = ([0.0; 6], [0.0; 6]);
/// noise::gumbel(&mut streams, 2, &mut g)?;
/// noise::fill_in(Lanes::Eight, NoiseKind::Gumbel, &mut again, 2, &mut h)?;
/// assert_eq!(g, h);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// The errors of [`fill`].
pub fn fill_in(
    lanes: Lanes,
    kind: NoiseKind,
    streams: &mut Streams,
    columns: usize,
    out: &mut [f32],
) -> Result<(), Error> {
    if columns == 0 {
        return Err(Error::Empty { what: "columns" });
    }
    if !out.len().is_multiple_of(columns) {
        return Err(Error::NotRows { what: "noise", columns, found: out.len() });
    }
    for_each_drawn_chunk(streams, TableMut::new(out, columns), columns, |out, streams| {
        fill_chunk(lanes, kind, streams, out);
    });
    Ok(())
}
