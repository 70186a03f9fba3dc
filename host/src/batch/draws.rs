//! Many draws from each of a few distributions.
//!
//! Draw `i` of a row follows draw `i − 1` in the row's stream. If the rows are too few to keep all lanes busy, the
//! draws of a row are divided into chunks. Each chunk gets a copy of the stream, moved to the first draw of the chunk.
//! The chunks are computed as the rows of a larger batch.

use std::cell::Cell;

use crate::{
    batch::{
        check::check_length,
        engine::{long_row::LONG, scratch::Scratch},
        gumbel_max, inverse_cdf,
        logits::Logits,
    },
    error::Error,
    streams::streams::Streams,
};

/// The method of drawing classes.
///
/// Example: [`sample`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    /// [`gumbel_max::sample`]: one word per class.
    GumbelMax,
    /// [`inverse_cdf::sample`]: one word.
    InverseCdf,
    /// [`inverse_cdf::race`]: one word per class.
    ExponentialRace,
}

impl Sampler {
    /// Returns the number of words of one draw.
    fn words(self, classes: usize) -> usize {
        match self {
            Self::InverseCdf => 1,
            Self::GumbelMax | Self::ExponentialRace => classes,
        }
    }

    fn sample(self, logits: &Logits<'_>, streams: &mut Streams, classes: &mut [u32]) -> Result<(), Error> {
        match self {
            Self::GumbelMax => gumbel_max::sample(logits, streams, classes),
            Self::InverseCdf => inverse_cdf::sample(logits, streams, classes),
            Self::ExponentialRace => inverse_cdf::race(logits, streams, classes),
        }
    }
}

/// The number of rows that keeps lanes and threads busy.
const ROWS: usize = 1024;
/// The least number of draws in a chunk. For smaller chunks, a jump along the stream costs more time than it saves.
const DRAWS: usize = 16;
/// The largest number of logits of all chunks together.
const MOST_LOGITS: usize = 1 << 18;

thread_local! {
    /// Memory for the streams of chunks.
    static CUT: Cell<Streams> = const { Cell::new(Streams::none()) };
}

/// Writes `draws` classes for each row, row-major: the classes of `draws` successive calls of the sampler.
///
/// ```
/// use samplegrad_host::{Streams, batch::{Logits, draws::{self, Sampler}, gumbel_max}};
///
/// let logits = Logits::new(&[0.0, 1.0, 2.0, 0.5], 2)?;
/// let mut classes = [9; 2 * 100];
/// draws::sample(Sampler::GumbelMax, &logits, 100, &mut Streams::new(1, 2)?, &mut classes)?;
///
/// let (mut streams, mut first) = (Streams::new(1, 2)?, [9; 2]);
/// gumbel_max::sample(&logits, &mut streams, &mut first)?;
/// assert_eq!([classes[0], classes[100]], first);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for `draws` classes per row; [`Error::TooLarge`] if the streams of the chunks
/// cannot be allocated.
pub fn sample(
    sampler: Sampler,
    logits: &Logits<'_>,
    draws: usize,
    streams: &mut Streams,
    classes: &mut [u32],
) -> Result<(), Error> {
    let (rows, k) = (logits.rows(), logits.classes());
    check_length("classes", rows.saturating_mul(draws), classes.len())?;
    // Rows that share a stream are not divided, because they draw from the stream in order. Long rows are not divided
    // here, because the samplers divide them.
    let alone = streams.count() >= rows && k < LONG;
    let most = (ROWS / rows).min(draws / DRAWS).min(MOST_LOGITS / (rows * k));
    if !alone || most < 2 {
        let mut column = Scratch::new(rows, 0);
        for draw in 0..draws {
            sampler.sample(logits, streams, &mut column)?;
            scatter(&column, draws, draw, classes);
        }
        return Ok(());
    }
    let of_chunk = draws.div_ceil(most);
    let chunks = draws.div_ceil(of_chunk);
    let mut cut = CUT.replace(Streams::none());
    cut.cut(streams, rows, chunks, of_chunk * sampler.words(k))?;
    let mut repeated = Scratch::new(rows * k * chunks, 0.0);
    for chunk in repeated.chunks_exact_mut(rows * k) {
        chunk.copy_from_slice(logits.as_slice());
    }
    let mut column = Scratch::new(rows * chunks, 0);
    for draw in 0..of_chunk {
        // The last chunk may have fewer draws than the others.
        let going_on = if (chunks - 1) * of_chunk + draw < draws { chunks } else { chunks - 1 };
        let logits = logits.again(&repeated[..going_on * rows * k]);
        let column = &mut column[..going_on * rows];
        sampler.sample(&logits, &mut cut, column)?;
        for (chunk, column) in column.chunks_exact(rows).enumerate() {
            scatter(column, draws, chunk * of_chunk + draw, classes);
        }
    }
    streams.resume(&cut, (chunks - 1) * rows, rows);
    CUT.set(cut);
    Ok(())
}

/// Writes column `at` of `classes`, which has rows of `columns` classes.
fn scatter(column: &[u32], columns: usize, at: usize, classes: &mut [u32]) {
    for (&class, row) in column.iter().zip(classes.chunks_exact_mut(columns)) {
        row[at] = class;
    }
}
