//! The alias method: a class from one word and one look-up, for any number of classes.
//!
//! Sources: A. J. Walker, *An efficient method for generating discrete random variables with general distributions*,
//! ACM TOMS 3(3), 1977; M. D. Vose, *A linear algorithm for generating random numbers with a given distribution*, IEEE
//! TSE 17(9), 1991. The table is built in integers, so it is exact and identical on all targets.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Word},
        reduce,
        u64_lanes::ratio,
    },
    noise::source::Source,
    settings::logits::Logits,
};

/// An alias table over up to `N` classes.
///
/// The weights are the integer weights of [`inverse_cdf`](crate::inverse_cdf). A word `r` selects column `⌊r·K/2^32⌋`,
/// and the low 32 bits of `r·K` select the column's own class or its alias. The distribution is exact up to
/// `K · 2^−32`.
///
/// # Example
/// ```
/// use samplegrad_core::{AliasTable, Logits, stream};
///
/// let table = AliasTable::new(&Logits::<4>::new(&[0.0, 1.0, f32::NEG_INFINITY])?);
/// let class: u32 = table.sample::<f32, _>(&mut stream::xorshift(2026, 0));
/// assert!(class < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AliasTable<const N: usize> {
    columns: Vec<Column, N>,
}

/// A column of the table. It gives its own class where the low bits are below the threshold, and its alias elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Column {
    threshold: u32,
    alias: u32,
}

impl<const N: usize> AliasTable<N> {
    /// Builds the table with `K` exponentials and `K` divisions of 64-bit integers. A column with less than a full
    /// share is poor; the others are rich. The last poor column is paired with the last rich column until no column of
    /// one kind is left.
    pub fn new(logits: &Logits<N>) -> Self {
        let (_, max) = reduce::arg_max(logits.as_slice());
        let classes = logits.as_slice().len() as u64;
        let weight = |l: f32| u64::from((Lane::exp(l - max) * 2_147_483_648.0) as u32);
        let total: u64 = logits.as_slice().iter().map(|&l| weight(l)).sum();

        let (mut poor, mut rich) = (Vec::<(u32, u64), N>::new(), Vec::<(u32, u64), N>::new());
        let mut columns = Vec::new();
        for (k, &l) in (0..).zip(logits.as_slice()) {
            // Shares are in units in which a full column holds `total`. No push can fail, because K ≤ N.
            let share = weight(l) * classes;
            let _ = if share < total { poor.push((k, share)) } else { rich.push((k, share)) };
            let _ = columns.push(Column { threshold: u32::MAX, alias: k });
        }
        while let (Some((k, share)), Some((alias, wealth))) = (poor.pop(), rich.pop()) {
            // A share that rounds up to a full column always keeps its own class.
            if let (Some(column), Some(threshold)) = (columns.get_mut(k as usize), ratio(share, total)) {
                *column = Column { threshold, alias };
            }
            let left = wealth - (total - share);
            let _ = if left < total { poor.push((alias, left)) } else { rich.push((alias, left)) };
        }
        Self { columns }
    }

    /// Draws a class from one word of the source.
    #[inline]
    pub fn sample<L: Lane, S: Source<L> + ?Sized>(&self, source: &mut S) -> L::Word {
        let r = source.next_word();
        let classes = L::Word::splat(self.columns.len() as u32);
        let (column, rest) = (r.mul_high(classes), r.wrapping_mul(classes));
        L::Word::from_fn(|lane| {
            let k = column.extract(lane);
            match self.columns.get(k as usize) {
                Some(column) if rest.extract(lane) >= column.threshold => column.alias,
                _ => k,
            }
        })
    }
}
