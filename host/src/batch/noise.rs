//! Noise over batches: `columns` numbers for each row, drawn from the row's stream in order.

use samplegrad_core::{
    lane::Lane,
    noise::{self, Uniform},
};

use super::{Native, tile};
use crate::{Error, Streams};

macro_rules! kinds {
    ($($name:ident, $what:literal, $quantile:path;)*) => {$(
        #[doc = concat!("Fills `out`, rows of `columns`, with standard ", $what, " numbers.")]
        ///
        /// # Errors
        /// As [`fill`].
        pub fn $name(streams: &mut Streams, columns: usize, out: &mut [f32]) -> Result<(), Error> {
            fill::<Native>($quantile, streams, columns, out)
        }
    )*};
}

kinds! {
    exponential, "exponential", noise::exponential::quantile;
    gumbel, "Gumbel", noise::gumbel::quantile;
    logistic, "logistic", noise::logistic::quantile;
    normal, "normal", noise::normal::quantile;
    uniform, "uniform", Uniform::value;
}

/// Fills `out`, rows of `columns`, with one kind of noise, given by its quantile function, in lanes of `L`.
///
/// ```
/// use samplegrad_core::noise;
/// use samplegrad_host::{F32x8, Streams, batch};
///
/// let (mut streams, mut again) = (Streams::new(1, 3)?, Streams::new(1, 3)?);
/// let (mut g, mut h) = ([0.0; 6], [0.0; 6]);
/// batch::noise::gumbel(&mut streams, 2, &mut g)?;
/// batch::noise::fill::<F32x8>(noise::gumbel::quantile, &mut again, 2, &mut h)?;
/// assert_eq!(g, h);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] for no columns, [`Error::NotRows`] if `out` is no whole number of rows.
pub fn fill<L: Lane>(
    quantile: impl Fn(Uniform<L>) -> L + Copy,
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
    let mut x = tile::zeros::<L>(columns);
    tile::for_each_drawn(streams, out.len() / columns, |rows, rng| {
        noise::fill(quantile, rng, &mut x);
        rows.store(&x, out);
    });
    Ok(())
}
