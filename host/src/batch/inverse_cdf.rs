//! Exact samples over batches without a logarithm: inverse of the distribution function, exponential race, and the
//! tables for one distribution that is drawn from many times.

use samplegrad_core::{
    AliasTable, Cdf, Source, exponential_race, inverse_cdf,
    lane::{Lane, Word},
};

use super::{Logits, Native, tile};
use crate::{Error, Streams};

/// Writes one class per row, drawn as [`samplegrad_core::inverse_cdf::sample`] draws it.
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Logits}};
///
/// let mut classes = [9; 1];
/// batch::inverse_cdf::sample(&Logits::new(&[0.5], 1)?, &mut Streams::new(1, 1)?, &mut classes)?;
/// assert_eq!(classes, [0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn sample<L: Lane>(logits: &Logits<'_, L>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let mut l = tile::zeros::<L>(logits.classes());
    let mut weights = vec![L::Word::splat(0); logits.classes()];
    tile::for_each_drawn::<L>(streams, logits.rows(), |rows, rng| {
        rows.load(logits.as_slice(), &mut l);
        rows.store_words(inverse_cdf::draw(&l, &mut weights, rng.next_word()), classes);
    });
    Ok(())
}

/// Writes one class per row, drawn as [`samplegrad_core::ExponentialRace`] draws it.
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn race<L: Lane>(logits: &Logits<'_, L>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let (mut l, mut means) = (tile::zeros::<L>(logits.classes()), tile::zeros::<L>(logits.classes()));
    tile::for_each_drawn(streams, logits.rows(), |rows, rng| {
        rows.load(logits.as_slice(), &mut l);
        exponential_race::prepare(&l, &mut means);
        rows.store_words(exponential_race::run(&means, rng), classes);
    });
    Ok(())
}

/// Fills `classes` from one distribution's thresholds, one draw per element, element `b` from stream `b mod n`.
///
pub fn from_cdf<const N: usize>(cdf: &Cdf<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words(cdf.sample::<Native, _>(rng), classes);
    });
}

/// Fills `classes` from one distribution's alias table, one draw per element, element `b` from stream `b mod n`.
pub fn from_alias_table<const N: usize>(table: &AliasTable<N>, streams: &mut Streams, classes: &mut [u32]) {
    tile::for_each_drawn::<Native>(streams, classes.len(), |rows, rng| {
        rows.store_words(table.sample::<Native, _>(rng), classes);
    });
}
