//! Noise over batches: `columns` numbers for each row, drawn from the row's stream in order.

use samplegrad_core::noise::{self, Uniform};

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
    ($($kind:ident, $name:ident, $what:literal, $quantile:path;)*) => {
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
                                let mut k = 0;
                                while k + SEVERAL <= count {
                                    let x: Several<L> = $quantile(Uniform::from_word(several::words(rng)));
                                    block[k..k + SEVERAL].copy_from_slice(&x.0);
                                    k += SEVERAL;
                                }
                                while k < count {
                                    block[k] = $quantile(Uniform::sample(rng));
                                    k += 1;
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
    Cauchy, cauchy, "Cauchy", noise::cauchy::quantile;
    Exponential, exponential, "exponential", noise::exponential::quantile;
    Gumbel, gumbel, "Gumbel", noise::gumbel::quantile;
    Laplace, laplace, "Laplace", noise::laplace::quantile;
    Logistic, logistic, "logistic", noise::logistic::quantile;
    Normal, normal, "normal", noise::normal::quantile;
    Uniform, uniform, "uniform", Uniform::value;
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
