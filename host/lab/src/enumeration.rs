//! Sums over all values, in double precision.

use samplegrad_core::lane::Lane;

use crate::{error::Error, lanes::MOST_VALUES, objective::Objective, variable_kind::VariableKind};

/// Returns the number of values of discrete variables with these numbers of classes; `None` above [`MOST_VALUES`].
pub(super) fn count(sizes: &[usize]) -> Option<usize> {
    let product = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    (product <= MOST_VALUES).then_some(product)
}

/// Returns the classes of value number `index`; the first variable changes fastest.
pub(super) fn classes(sizes: &[usize], mut index: usize) -> Vec<u32> {
    let of = |&size: &usize| {
        let class = index % size.max(1);
        index /= size.max(1);
        class as u32
    };
    sizes.iter().map(of).collect()
}

/// Tabulates the cost at every value, the first variable changing fastest; `None` for continuous variables or too many
/// values.
pub(super) fn tabulate<K: VariableKind>(
    name: &str,
    objective: &dyn Objective<K>,
    sizes: &[usize],
) -> Result<Option<Vec<f64>>, Error> {
    let (Some(_), Some(count)) = (K::class(0), count(sizes)) else { return Ok(None) };
    let value = |index| {
        let classes = classes(sizes, index);
        let x: Vec<K::Value> = classes.iter().filter_map(|&class| K::class(class)).collect();
        let value = f64::from(objective.value(&x).extract(0));
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Error::Cost { problem: name.to_owned(), sample: format!("{classes:?}"), value: value as f32 })
        }
    };
    (0..count).map(value).collect::<Result<Vec<_>, _>>().map(Some)
}

/// Computes the mean of a table of values by summing out one variable after the other, beginning with the first.
pub(super) fn mean(table: &[f64], probabilities: &[Vec<f64>]) -> f64 {
    let mut rest = table.to_vec();
    for p in probabilities {
        rest = rest.chunks_exact(p.len()).map(|f| f.iter().zip(p).map(|(f, p)| f * p).sum()).collect();
    }
    rest.first().copied().unwrap_or(0.0)
}

/// Means computed by enumeration.
pub(super) struct Sums {
    /// `E[f]`.
    pub mean: f64,
    /// `E[f | x_v = k]` for each class of each variable.
    pub given: Vec<Vec<f64>>,
}

/// Computes sums over all values. Every sum is over differences from `E[f]`, so that a common offset causes no
/// cancellation.
pub(super) fn sums(table: &[f64], probabilities: &[Vec<f64>]) -> Sums {
    let mean = mean(table, probabilities);
    let mut given: Vec<Vec<f64>> = probabilities.iter().map(|p| vec![0.0; p.len()]).collect();
    let count = probabilities.len();
    let sizes: Vec<usize> = probabilities.iter().map(Vec::len).collect();
    let (mut before, mut after) = (vec![1.0; count + 1], vec![1.0; count + 1]);
    for (index, &f) in table.iter().enumerate() {
        let x = classes(&sizes, index);
        for v in 0..count {
            before[v + 1] = before[v] * probabilities[v][x[v] as usize];
        }
        for v in (0..count).rev() {
            after[v] = after[v + 1] * probabilities[v][x[v] as usize];
        }
        for v in 0..count {
            given[v][x[v] as usize] += before[v] * after[v + 1] * (f - mean);
        }
    }
    given.iter_mut().flatten().for_each(|f| *f += mean);
    Sums { mean, given }
}
