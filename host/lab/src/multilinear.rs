//! The multilinear extension of a table of values: the mean of the table when every variable draws its class
//! independently with given probabilities. The extension equals the table where each class is certain, and it is
//! differentiable in between.

use samplegrad_core::lane::{Lane, Word};

use crate::{
    enumeration,
    lanes::{L, Words},
    objective::Objective,
    variable_kind::{Bits, Classes},
};

/// A table of values, the first variable changing fastest.
pub(super) struct Multilinear {
    sizes: Vec<usize>,
    table: Vec<f32>,
    /// For each value, a row with the indices of its classes in the vector of all class weights.
    places: Vec<usize>,
}

impl Multilinear {
    /// Creates the extension of a table. The number of values must be the product of the sizes.
    pub(super) fn new(sizes: &[usize], table: Vec<f32>) -> Self {
        let starts = sizes.iter().scan(0, |end, &size| {
            *end += size;
            Some(*end - size)
        });
        let starts: Vec<usize> = starts.collect();
        let of =
            |index| enumeration::classes(sizes, index).into_iter().zip(&starts).map(|(class, s)| s + class as usize);
        Self { sizes: sizes.to_vec(), places: (0..table.len()).flat_map(of).collect(), table }
    }

    /// Returns the value at each lane's index.
    fn at(&self, index: Words) -> L {
        L::from_fn(|lane| self.table.get(index.extract(lane) as usize).copied().unwrap_or(0.0))
    }

    /// Returns the index of the value with these classes.
    fn index(&self, classes: impl Iterator<Item = Words>) -> Words {
        let mut stride = 1;
        classes.zip(&self.sizes).fold(Words::splat(0), |index, (class, &size)| {
            let step = class.wrapping_mul(Words::splat(stride));
            stride *= size as u32;
            index.wrapping_add(step)
        })
    }

    /// Computes the extension and its derivatives at given weights of all classes. The values are added from first to
    /// last.
    fn extend(&self, weights: &[L], gradient: &mut [L]) -> L {
        let count = self.sizes.len();
        let (mut before, mut after) = (vec![L::ONE; count + 1], vec![L::ONE; count + 1]);
        gradient.fill(L::ZERO);
        let mut total = L::ZERO;
        for (&value, places) in self.table.iter().zip(self.places.chunks_exact(count)) {
            for (v, &place) in places.iter().enumerate() {
                before[v + 1] = before[v] * weights[place];
            }
            for (v, &place) in places.iter().enumerate().rev() {
                after[v] = after[v + 1] * weights[place];
                gradient[place] = gradient[place] + before[v] * after[v + 1] * value;
            }
            total = total + before[count] * value;
        }
        total
    }
}

impl Objective<Classes> for Multilinear {
    fn value(&self, x: &[Words]) -> L {
        self.at(self.index(x.iter().copied()))
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        self.extend(y, gradient)
    }
    /// Writes zeros: the extension is linear in each weight.
    fn curvature(&self, _: &[L], curvature: &mut [L]) -> bool {
        curvature.fill(L::ZERO);
        true
    }
}

impl Objective<Bits> for Multilinear {
    fn value(&self, x: &[L]) -> L {
        self.at(self.index(x.iter().map(|x| x.to_word())))
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        let weights: Vec<L> = y.iter().flat_map(|&y| [L::ONE - y, y]).collect();
        let mut by_class = vec![L::ZERO; weights.len()];
        let value = self.extend(&weights, &mut by_class);
        gradient.iter_mut().zip(by_class.chunks_exact(2)).for_each(|(g, by)| *g = by[1] - by[0]);
        value
    }
    /// Writes zeros: the extension is linear in each bit.
    fn curvature(&self, _: &[L], curvature: &mut [L]) -> bool {
        curvature.fill(L::ZERO);
        true
    }
}
