//! The tree of repeated halves that divides rows and merges sums. The number of rows alone determines the tree.

use core::ops::Range;

/// The number of rows in a block, which is not divided.
const BLOCK: usize = 64;
/// The depth of the tree, which gives at most 256 pieces.
pub(crate) const DEPTH: u32 = 8;

/// Returns the leaves, from first to last. Each first half has whole blocks and is the larger half.
pub(crate) fn leaves(rows: usize) -> Vec<Range<usize>> {
    fn cut(range: Range<usize>, depth: u32, leaves: &mut Vec<Range<usize>>) {
        match half(&range, depth) {
            Some(middle) => {
                cut(range.start..middle, depth - 1, leaves);
                cut(middle..range.end, depth - 1, leaves);
            }
            None => leaves.push(range),
        }
    }
    let mut all = Vec::new();
    cut(0..rows, DEPTH, &mut all);
    all
}

/// Returns the middle of a range, if the range is divided.
fn half(range: &Range<usize>, depth: u32) -> Option<usize> {
    let blocks = range.len().div_ceil(BLOCK);
    (depth > 0 && blocks > 1).then(|| range.start + blocks.div_ceil(2) * BLOCK)
}

/// Computes the sum of the leaves' numbers, column by column: at each node, the first half plus the second half.
pub(crate) fn sum(rows: usize, leaves: impl IntoIterator<Item = Vec<f64>>) -> Vec<f64> {
    fn add(range: Range<usize>, depth: u32, leaves: &mut impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
        let Some(middle) = half(&range, depth) else {
            return leaves.next().unwrap_or_default();
        };
        let mut first = add(range.start..middle, depth - 1, leaves);
        let others = add(middle..range.end, depth - 1, leaves);
        first.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        first
    }
    add(0..rows, DEPTH, &mut leaves.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_are_neighbours_and_their_sum_is_the_whole() {
        for rows in [1, 63, 64, 65, 128, 1000, 100_000] {
            let leaves = leaves(rows);
            assert!(leaves.len() <= 256 && (leaves[0].start, leaves.last().unwrap().end) == (0, rows));
            assert!(leaves.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].len() % BLOCK == 0));
            let counts = leaves.iter().map(|leaf| vec![leaf.len() as f64, 1.0]);
            assert_eq!(sum(rows, counts), [rows as f64, leaves.len() as f64]);
        }
    }

    #[test]
    fn sums_are_of_halves_not_of_neighbours() {
        // Four leaves: (a + b) + (c + d) keeps the small number, and ((a + b) + c) + d loses it.
        let leaves = [1e16, 1.0, 1.0, -1e16].map(|x| vec![x]);
        assert_eq!(sum(256, leaves), [(1e16 + 1.0) + (1.0 + -1e16)]);
        assert_eq!(super::leaves(256).len(), 4);
    }
}
