//! Noise over batches: `columns` numbers for each row, drawn from the row's stream in order.

use samplegrad_core::Source;

use super::{
    parts::{TableMut, for_each_drawn_piece, in_lanes},
    tile,
};
use crate::{
    Error, MOST_LANES, Streams,
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
                        for rows in tile::tiles::<L>(streams.count()) {
                            let rng = &mut streams.load::<L>(rows.first, rows.active);
                            for start in (0..out.columns).step_by(L::LANES) {
                                let mut block = [L::ZERO; MOST_LANES];
                                let count = L::LANES.min(out.columns - start);
                                let (of_several, last) = block[..count].as_chunks_mut::<SEVERAL>();
                                for x in of_several {
                                    *x = of_word::$name::<Several<L>>(several::words(rng)).0;
                                }
                                for x in last {
                                    *x = of_word::$name(rng.next_word());
                                }
                                rows.store_block(block, out.columns, start, count, out.values);
                            }
                            streams.store(rows.first, rows.active, rng);
                        }
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
        noise::{self, Uniform},
    };

    pub(super) use noise::gumbel::of_word as gumbel;

    macro_rules! of_uniform {
        ($($name:ident: $quantile:path;)*) => {$(
            #[inline(always)]
            pub(super) fn $name<L: Lane>(word: L::Word) -> L {
                $quantile(Uniform::from_word(word))
            }
        )*};
    }

    of_uniform! {
        cauchy: noise::cauchy::quantile;
        laplace: noise::laplace::quantile;
        logistic: noise::logistic::quantile;
        normal: noise::normal::quantile;
        uniform: Uniform::value;
    }

    /// `−ln(1 − u)`: the word from the other end.
    #[inline(always)]
    pub(super) fn exponential<L: Lane>(word: L::Word) -> L {
        Uniform::neg_ln_of_word(word.not())
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
