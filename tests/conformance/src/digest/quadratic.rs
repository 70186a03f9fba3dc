//! Quadratic costs of bits, real numbers and classes, with derivatives.

use heapless::Vec;
use samplegrad_core::{
    cost::{Cost, DifferentiableCost, TwiceDifferentiableCost},
    lane::Lane,
    reduce,
};

use super::N;

/// Cost `(w·y − ½)²` of points and of bits.
pub(super) struct Quadratic<L: Lane>(pub Vec<L, N>);

impl<L: Lane> DifferentiableCost<L> for Quadratic<L> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        let excess = reduce::dot(y, &self.0) - 0.5;
        gradient.iter_mut().zip(&self.0).for_each(|(g, &w)| *g = (excess + excess) * w);
        excess * excess
    }
}

impl<L: Lane> TwiceDifferentiableCost<L> for Quadratic<L> {
    fn expand(&mut self, y: &[L], slope: &mut [L], curvature: &mut [L]) -> L {
        curvature.iter_mut().zip(&self.0).for_each(|(c, &w)| *c = (w + w) * w);
        self.value_and_gradient(y, slope)
    }
}

/// Quadratic cost of classes: `w·y` is the sum of the weights at the drawn indices.
pub(super) struct Hard<L: Lane>(pub Quadratic<L>);

impl<L: Lane> DifferentiableCost<L> for Hard<L> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        self.0.value_and_gradient(y, gradient)
    }
}

impl<L: Lane> TwiceDifferentiableCost<L> for Hard<L> {
    fn expand(&mut self, y: &[L], slope: &mut [L], curvature: &mut [L]) -> L {
        self.0.expand(y, slope, curvature)
    }
}

impl<L: Lane> Cost<[L], L> for Quadratic<L> {
    fn value(&mut self, b: &[L]) -> L {
        self.value_and_gradient(b, &mut [])
    }
}

impl<L: Lane> Cost<[L::Word], L> for Hard<L> {
    fn value(&mut self, x: &[L::Word]) -> L {
        let excess = x.iter().fold(L::ZERO, |sum, &class| sum + L::gather(&self.0.0, class)) - 0.5;
        excess * excess
    }
}
