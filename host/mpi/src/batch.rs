//! Batches divided by rows. Row `b` draws from stream `b` of the seed, as device `b` does, on any rank.

use core::ops::Range;

use samplegrad_core::stream;
use samplegrad_host::{Error as HostError, Streams};

use crate::{
    error::Error,
    ranks::{Job, Ranks},
    tree,
};

/// Collects the results of all rows, in their order. `work` receives a range of neighbouring rows and their streams,
/// and returns equally many numbers for each row.
///
/// Example: [the crate](crate).
///
/// # Errors
/// [`Error::Host`] for no rows; otherwise as [`Ranks::run`].
pub fn collect<T: Word>(
    ranks: &Ranks<'_>,
    name: &str,
    seed: u64,
    rows: usize,
    mut work: impl FnMut(Range<usize>, &mut Streams) -> Result<Vec<T>, HostError>,
) -> Result<Vec<T>, Error> {
    let leaves = leaves(rows)?;
    let job = Job { name, numbers: &[seed, rows as u64], pieces: leaves.len() };
    let pieces = ranks.run(&job, |piece| {
        let rows = leaves[piece].clone();
        let values = streams(seed, rows.clone()).and_then(|mut streams| work(rows, &mut streams));
        // The length, then two numbers per word.
        let words = |values: Vec<T>| {
            let pairs = values.chunks(2).map(|pair| {
                pair[0].to_word() as u64 | pair.get(1).map_or(0, |second| u64::from(second.to_word())) << 32
            });
            [values.len() as u64].into_iter().chain(pairs).collect()
        };
        values.map(words).map_err(|error| error.to_string())
    })?;
    let numbers = |words: Vec<u64>| {
        let count = words.first().map_or(0, |&count| count as usize);
        let halves = words.into_iter().skip(1).flat_map(|word| [word as u32, (word >> 32) as u32]);
        halves.take(count).map(T::from_word)
    };
    Ok(pieces.into_iter().flat_map(numbers).collect())
}

/// Computes the sums over all rows, column by column. `work` receives a range of neighbouring rows and their streams,
/// and returns the sums of these rows. The rows are halved repeatedly, until a piece has one block of 64 rows or there
/// are 256 pieces. Each first half has whole blocks and is the larger half. The sum of two halves is the sum of the
/// first half plus the sum of the second half.
///
/// ```no_run
/// use samplegrad_core::disarm::DisArm;
/// use samplegrad_host::{Native, batch::{Logits, estimator}};
/// use samplegrad_mpi::{Ranks, batch, start};
///
/// start(|world| {
///     let (rows, bits) = (100_000, 2);
///     // The mean gradient of 100 000 rows, each with its own random numbers.
///     let sums = batch::sum(&Ranks::new(world), "gradient", 2026, rows, |rows, streams| {
///         let logits = vec![0.5; rows.len() * bits];
///         let (mut mean, mut gradient) = (vec![0.0; rows.len()], vec![0.0; rows.len() * bits]);
///         let cost = |_: estimator::Rows| |b: &[Native]| (b[0] + b[1] - 1.0) * (b[0] + b[1] - 1.0);
///         let logits = Logits::new(&logits, bits)?;
///         estimator::bernoullis::<2, Native, _>(&logits, &DisArm, cost, streams, &mut mean, &mut gradient)?;
///         Ok((0..bits).map(|bit| gradient.iter().skip(bit).step_by(bits).map(|&g| f64::from(g)).sum()).collect())
///     })?;
///     println!("{:?}", sums.iter().map(|sum| sum / rows as f64).collect::<Vec<_>>());
///     Ok(())
/// });
/// ```
///
/// # Errors
/// [`Error::Host`] for no rows; otherwise as [`Ranks::run`].
pub fn sum(
    ranks: &Ranks<'_>,
    name: &str,
    seed: u64,
    rows: usize,
    mut work: impl FnMut(Range<usize>, &mut Streams) -> Result<Vec<f64>, HostError>,
) -> Result<Vec<f64>, Error> {
    let leaves = leaves(rows)?;
    let job = Job { name, numbers: &[seed, rows as u64], pieces: leaves.len() };
    let pieces = ranks.run(&job, |piece| {
        let rows = leaves[piece].clone();
        let sums = streams(seed, rows.clone()).and_then(|mut streams| work(rows, &mut streams));
        sums.map(|sums| sums.into_iter().map(f64::to_bits).collect()).map_err(|error| error.to_string())
    })?;
    let sums = pieces.into_iter().map(|words| words.into_iter().map(f64::from_bits).collect());
    Ok(tree::sum(rows, sums))
}

fn leaves(rows: usize) -> Result<Vec<Range<usize>>, HostError> {
    if rows == 0 { Err(HostError::Empty { what: "rows" }) } else { Ok(tree::leaves(rows)) }
}

/// Creates the streams of some rows.
fn streams(seed: u64, rows: Range<usize>) -> Result<Streams, HostError> {
    Streams::from_states(&rows.map(|row| stream::state(seed, row as u64)).collect::<Vec<_>>())
}

/// A number of 32 bits in the result of a row.
pub trait Word: Copy {
    /// Returns the bits of the number.
    fn to_word(self) -> u32;
    /// Creates the number from its bits.
    fn from_word(word: u32) -> Self;
}

impl Word for f32 {
    fn to_word(self) -> u32 {
        self.to_bits()
    }
    fn from_word(word: u32) -> Self {
        Self::from_bits(word)
    }
}

impl Word for u32 {
    fn to_word(self) -> u32 {
        self
    }
    fn from_word(word: u32) -> Self {
        word
    }
}
