//! Noise over batches: `columns` numbers for each row, drawn from the row's stream in order.

use samplegrad_core::{Source, lane::Word};

use self::of_word::OfWord;
use super::{
    parts::{TableMut, for_each_drawn_piece, in_lanes},
    tile::{self, FEW},
};
use crate::{
    Error, MOST_LANES, Streams, Vector,
    dispatch::{Detected, Width},
    several::{self, SEVERAL, Several},
    streams::StreamsMut,
};

macro_rules! kinds {
    ($($kind:ident, $name:ident, $what:literal;)*) => {
        /// The kinds of noise.
        ///
        /// ```
        /// use samplegrad_host::{Streams, batch::noise::{self, Kind}, dispatch::Detected};
        ///
        /// let mut x = [0.0; 6];
        /// noise::fill::<Detected>(Kind::Laplace, &mut Streams::new(1, 3)?, 2, &mut x)?;
        /// assert!(x.iter().all(|x| x.is_finite()));
        /// # Ok::<(), samplegrad_host::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(
                #[doc = concat!("Standard ", $what, " numbers.")]
                $kind,
            )*
        }

        $(
            #[doc = concat!("Fills `out`, rows of `columns`, with standard ", $what, " numbers.")]
            ///
            /// # Errors
            /// As [`fill`].
            pub fn $name(streams: &mut Streams, columns: usize, out: &mut [f32]) -> Result<(), Error> {
                fill::<Detected>(Kind::$kind, streams, columns, out)
            }
        )*

        fn fill_piece<W: Width>(kind: Kind, out: TableMut<'_>, streams: StreamsMut<'_>) {
            match kind {
                $(
                    Kind::$kind => in_lanes!(W as L, (out: TableMut<'a>, streams: StreamsMut<'a>) {
                        fill_tiles::<L, of_word::$kind>(out, &mut streams);
                    }),
                )*
            }
        }
    };
}

kinds! {
    Cauchy, cauchy, "Cauchy";
    Exponential, exponential, "exponential";
    Gumbel, gumbel, "Gumbel";
    Laplace, laplace, "Laplace";
    Logistic, logistic, "logistic";
    Normal, normal, "normal";
    Uniform, uniform, "uniform";
}

/// The number that a word makes, of each kind.
mod of_word {
    use samplegrad_core::{
        lane::{Lane, Word},
        noise,
    };

    // A trait and no closure: see `dispatch`.
    pub(super) trait OfWord {
        fn of_word<L: Lane>(word: L::Word) -> L;
    }

    macro_rules! kinds {
        ($($kind:ident: $word:ident => $number:expr;)*) => {$(
            pub(super) struct $kind;
            impl OfWord for $kind {
                #[inline(always)]
                fn of_word<L: Lane>($word: L::Word) -> L {
                    $number
                }
            }
        )*};
    }

    kinds! {
        Cauchy: word => noise::cauchy::quantile(noise::Uniform::from_word(word));
        // −ln(1 − u): the word from the other end.
        Exponential: word => noise::Uniform::neg_ln_of_word(word.not());
        Gumbel: word => noise::gumbel::of_word(word);
        Laplace: word => noise::laplace::quantile(noise::Uniform::from_word(word));
        Logistic: word => noise::logistic::quantile(noise::Uniform::from_word(word));
        Normal: word => noise::normal::quantile(noise::Uniform::from_word(word));
        Uniform: word => noise::Uniform::from_word(word).value();
    }
}

/// Fills rows, from the words of their streams.
#[inline(always)]
fn fill_tiles<L: Vector, N: OfWord>(out: TableMut<'_>, streams: &mut StreamsMut<'_>) {
    let (columns, count) = (out.columns, streams.count());
    if columns <= FEW / 2 {
        // So many tiles that there is something to do side by side.
        let lanes = FEW / columns * L::LANES;
        for start in (0..count).step_by(lanes) {
            fill_pack::<L, N>(start..count.min(start + lanes), columns, streams, out.values);
        }
        return;
    }
    for rows in tile::tiles::<L>(count) {
        let rng = &mut streams.load::<L>(rows.first, rows.active);
        for start in (0..columns).step_by(L::LANES) {
            let mut block = [L::ZERO; MOST_LANES];
            let count = L::LANES.min(columns - start);
            let (of_several, last) = block[..count].as_chunks_mut::<SEVERAL>();
            for x in of_several {
                *x = N::of_word::<Several<L>>(several::words(rng)).0;
            }
            for x in last {
                *x = N::of_word(rng.next_word());
            }
            rows.store_block(block, columns, start, count, out.values);
        }
        streams.store(rows.first, rows.active, rng);
    }
}

/// Fills rows of a few columns, of several tiles.
#[inline(always)]
fn fill_pack<L: Vector, N: OfWord>(
    rows: core::ops::Range<usize>,
    columns: usize,
    streams: &mut StreamsMut<'_>,
    out: &mut [f32],
) {
    let (mut words, mut x) = ([L::Word::splat(0); FEW], [L::ZERO; FEW]);
    let count = streams.words::<L>(&rows, columns, &mut words);
    let (x_of_several, last) = x[..count].as_chunks_mut::<SEVERAL>();
    let (words_of_several, last_words) = words[..count].as_chunks::<SEVERAL>();
    for (x, &words) in x_of_several.iter_mut().zip(words_of_several) {
        *x = N::of_word::<Several<L>>(Several(words)).0;
    }
    for (x, &word) in last.iter_mut().zip(last_words) {
        *x = N::of_word(word);
    }
    for (tile, x) in tile::tiles_of::<L>(&rows).zip(x.chunks_exact(columns)) {
        tile.store(x, out);
    }
}

/// Fills `out`, rows of `columns`, with one kind of noise, in lanes of `W`.
///
/// ```
/// use samplegrad_host::{F32x8, Streams, batch::noise::{self, Kind}};
///
/// let (mut streams, mut again) = (Streams::new(1, 3)?, Streams::new(1, 3)?);
/// let (mut g, mut h) = ([0.0; 6], [0.0; 6]);
/// noise::gumbel(&mut streams, 2, &mut g)?;
/// noise::fill::<F32x8>(Kind::Gumbel, &mut again, 2, &mut h)?;
/// assert_eq!(g, h);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] for no columns, [`Error::NotRows`] if `out` is no whole number of rows.
pub fn fill<W: Width>(kind: Kind, streams: &mut Streams, columns: usize, out: &mut [f32]) -> Result<(), Error> {
    if columns == 0 {
        return Err(Error::Empty { what: "columns" });
    }
    if !out.len().is_multiple_of(columns) {
        return Err(Error::NotRows { what: "noise", columns, found: out.len() });
    }
    for_each_drawn_piece(streams, TableMut::new(out, columns), columns, |out, streams| {
        fill_piece::<W>(kind, out, streams);
    });
    Ok(())
}
