//! Discrete variables as functions of perturbed logits `z`. The sample is a function of `z`, the relaxed sample is a
//! differentiable function of `z`, and perturbed logits `z̃` can be drawn given the sample.
//!
//! A bit is `[z > 0]` with `z = l + logit u`, and its relaxed sample is `σ(z/τ)`. A class is `argmax z` with
//! `z = ln p + G`, and its relaxed sample is `softmax(z/τ)`. The logits of classes are normalised, so that adding a
//! number to all of them changes nothing.
//!
//! Sources: see [`conditional`].

use core::ops::Range;

use heapless::Vec;

use crate::{
    arithmetic::{
        elementary::sigmoid,
        lane::{Lane, Word},
        reduce, softmax,
    },
    distributions::{bernoulli::Bernoulli, bernoullis::Bernoullis, categoricals::Categoricals, variables::Embedded},
    fixed_vec::{collected, zeros},
    noise::{gumbel, source::Source, uniform::Uniform},
    relaxations::conditional,
};

/// Perturbed logits and their derivatives in the logits. Each `T` holds one number per logit, like
/// [`Variables::Numbers`](crate::variables::Variables::Numbers).
///
/// ```
/// use samplegrad_core::{Bernoullis, noise::Uniform, perturbed::Perturbed};
///
/// let b = Bernoullis::<2>::new(&[1.0])?;
/// let (x, own) = b.perturb(&[Uniform::new(0.5)?]);
/// assert_eq!((x[0], own.z[0], own.jacobian_weight[0]), (1.0, 1.0, 1.0));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Perturbation<T> {
    /// The perturbed logits `z`; −∞ at a masked class.
    pub z: T,
    /// The weights `w`, with `∂z_k/∂l_j = w_k [k = j]` for bits and `w_k ([k = j] − p_j)` for classes; zero at a
    /// masked class.
    pub jacobian_weight: T,
}

/// Discrete variables that are functions of perturbed logits.
///
/// ```
/// use samplegrad_core::{Bernoullis, noise::Uniform, perturbed::Perturbed};
///
/// let b = Bernoullis::<2>::new(&[1.0, -2.0])?;
/// let (u, v) = ([Uniform::new(0.3)?, Uniform::new(0.6)?], [Uniform::new(0.9)?, Uniform::new(0.2)?]);
/// let (x, _) = b.perturb(&u);
/// let given = b.given(&x, &v);
/// assert!(given.z.iter().zip(&x).all(|(&z, &x)| (z > 0.0) == (x > 0.0)));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Perturbed: Embedded {
    /// Computes the sample and its perturbed logits from uniforms, one per logit.
    fn perturb(&self, u: &[Uniform<Self::Lane>]) -> (Self::Values, Perturbation<Self::Numbers>);
    /// Draws the sample and its perturbed logits ([`Perturbed::perturb`]), with one word of the source per logit,
    /// masked classes included.
    fn draw<S: Source<Self::Lane> + ?Sized>(&self, source: &mut S) -> (Self::Values, Self::Numbers) {
        let u: Self::Of<Uniform<Self::Lane>> = collected((0..self.parameters()).map(|_| Uniform::sample(source)));
        let (x, own) = self.perturb(&u);
        (x, own.z)
    }
    /// Computes the perturbed logits `z̃` given the sample, from one uniform per logit.
    fn given(&self, x: &[Self::Value], v: &[Uniform<Self::Lane>]) -> Perturbation<Self::Numbers>;
    /// Computes the perturbed logits with tied noise, at the uniforms `v` for which `z̃ = z`.
    fn tied(&self, x: &[Self::Value], z: &[Self::Lane]) -> Perturbation<Self::Numbers>;
    /// Computes the vector–Jacobian product: given `c = ∂/∂z`, returns `∂/∂l`, which is `w ⊙ c` for bits, and
    /// `w ⊙ c − p Σ_k w_k c_k` for each variable of classes.
    fn pullback(&self, jacobian_weight: &[Self::Lane], cotangent: &[Self::Lane]) -> Self::Numbers;
    /// Computes the Jacobian–vector product, the derivative of `z` along a change `t` of the logits: `w ⊙ t` for bits,
    /// `w ⊙ (t − ⟨p, t⟩)` for each variable of classes.
    fn pushforward(&self, jacobian_weight: &[Self::Lane], tangent: &[Self::Lane]) -> Self::Numbers;
    /// Computes the relaxed sample `y` at the temperature `τ`, given as `1/τ`.
    fn relax(&self, z: &[Self::Lane], recip: Self::Lane) -> Self::Numbers;
    /// Computes the vector–Jacobian product of [`Perturbed::relax`]: given `∂/∂y`, returns `∂/∂z`.
    fn pullback_relaxed(
        &self,
        z: &[Self::Lane],
        y: &[Self::Lane],
        cotangent: &[Self::Lane],
        recip: Self::Lane,
    ) -> Self::Numbers;
    /// Returns perturbed logits at which a value wins and all other values are at least `gap` below it. They are as
    /// near as possible to the logits of the variables. For a bit, they are `s max(s l, gap)` with `s = 2b − 1`. For
    /// classes, the entry of the value is the largest `ln p`, and the other entries are `min(ln p_k, max ln p − gap)`.
    fn gapped(&self, x: &[Self::Value], gap: f32) -> Self::Numbers;
}

impl<const N: usize, L: Lane> Perturbed for Bernoullis<N, L> {
    fn perturb(&self, u: &[Uniform<L>]) -> (Vec<L, N>, Perturbation<Vec<L, N>>) {
        let z: Vec<L, N> = collected(self.as_slice().iter().zip(u).map(|(b, u)| b.logit() + u.logit()));
        let x = collected(z.iter().map(|&z| L::select(L::ZERO.lt(z), L::ONE, L::ZERO)));
        let jacobian_weight = collected(z.iter().map(|_| L::ONE));
        (x, Perturbation { z, jacobian_weight })
    }
    fn given(&self, x: &[L], v: &[Uniform<L>]) -> Perturbation<Vec<L, N>> {
        let (mut z, mut jacobian_weight): (Vec<L, N>, Vec<L, N>) = (zeros(x.len()), zeros(x.len()));
        let given = self.as_slice().iter().zip(x).zip(v);
        for ((z, jacobian_weight), ((b, &x), &v)) in z.iter_mut().zip(&mut jacobian_weight).zip(given) {
            (*z, *jacobian_weight) = conditional::bit(L::ZERO.lt(x), b.logit(), v);
        }
        Perturbation { z, jacobian_weight }
    }
    fn tied(&self, x: &[L], z: &[L]) -> Perturbation<Vec<L, N>> {
        let at = self.as_slice().iter().zip(x).zip(z);
        let jacobian_weight = collected(at.map(|((b, &x), &z)| conditional::slope_of_bit(L::ZERO.lt(x), b.logit(), z)));
        Perturbation { z: collected(z.iter().copied()), jacobian_weight }
    }
    fn pullback(&self, jacobian_weight: &[L], cotangent: &[L]) -> Vec<L, N> {
        collected(cotangent.iter().zip(jacobian_weight).map(|(&c, &w)| c * w))
    }
    fn pushforward(&self, jacobian_weight: &[L], tangent: &[L]) -> Vec<L, N> {
        collected(tangent.iter().zip(jacobian_weight).map(|(&t, &w)| t * w))
    }
    fn relax(&self, z: &[L], recip: L) -> Vec<L, N> {
        collected(z.iter().map(|&z| sigmoid(z * recip)))
    }
    fn pullback_relaxed(&self, z: &[L], y: &[L], cotangent: &[L], recip: L) -> Vec<L, N> {
        // y (1 − y)/τ, without cancellation.
        let slope = |(&z, &y): (&L, &L)| (y * sigmoid(-(z * recip))) * recip;
        collected(z.iter().zip(y).map(slope).zip(cotangent).map(|(slope, &c)| c * slope))
    }
    fn gapped(&self, x: &[L], gap: f32) -> Vec<L, N> {
        let towards = |(b, &x): (&Bernoulli<L>, &L)| {
            let one = L::ZERO.lt(x);
            let size = L::select(one, b.logit(), -b.logit()).max(L::splat(gap));
            L::select(one, size, -size)
        };
        collected(self.as_slice().iter().zip(x).map(towards))
    }
}

impl<const N: usize, L: Lane> Perturbed for Categoricals<N, L> {
    fn perturb(&self, u: &[Uniform<L>]) -> (Vec<L::Word, N>, Perturbation<Vec<L, N>>) {
        let log_p = self.log_probabilities();
        let z: Vec<L, N> = collected(log_p.iter().zip(u).map(|(&l, &u)| l + gumbel::quantile(u)));
        let x = collected(self.spans().map(|span| reduce::arg_max(part(&z, &span)).0));
        let jacobian_weight = collected(log_p.iter().map(|&l| unless_masked(l, L::ONE)));
        (x, Perturbation { z, jacobian_weight })
    }
    fn given(&self, x: &[L::Word], v: &[Uniform<L>]) -> Perturbation<Vec<L, N>> {
        let log_p = self.log_probabilities();
        let (mut z, mut jacobian_weight): (Vec<L, N>, Vec<L, N>) = (zeros(log_p.len()), zeros(log_p.len()));
        for (span, &class) in self.spans().zip(x) {
            let (z, jacobian_weight) = (part_mut(&mut z, &span), part_mut(&mut jacobian_weight, &span));
            conditional::class(class, part(log_p, &span), part(v, &span), z, jacobian_weight);
        }
        for (jacobian_weight, &l) in jacobian_weight.iter_mut().zip(log_p) {
            *jacobian_weight = unless_masked(l, *jacobian_weight);
        }
        Perturbation { z, jacobian_weight }
    }
    fn tied(&self, x: &[L::Word], z: &[L]) -> Perturbation<Vec<L, N>> {
        let log_p = self.log_probabilities();
        let mut jacobian_weight: Vec<L, N> = zeros(log_p.len());
        for (span, &class) in self.spans().zip(x) {
            conditional::slopes_of_class(class, part(z, &span), part_mut(&mut jacobian_weight, &span));
        }
        for (jacobian_weight, &l) in jacobian_weight.iter_mut().zip(log_p) {
            *jacobian_weight = unless_masked(l, *jacobian_weight);
        }
        Perturbation { z: collected(z.iter().copied()), jacobian_weight }
    }
    fn pullback(&self, jacobian_weight: &[L], cotangent: &[L]) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = collected(cotangent.iter().zip(jacobian_weight).map(|(&c, &w)| c * w));
        for (span, p) in self.spans().zip(self.probabilities()) {
            let gradient = part_mut(&mut gradient, &span);
            let total = reduce::sum(gradient);
            for (g, &p) in gradient.iter_mut().zip(p) {
                *g = *g - p * total;
            }
        }
        gradient
    }
    fn pushforward(&self, jacobian_weight: &[L], tangent: &[L]) -> Vec<L, N> {
        let mut moved: Vec<L, N> = zeros(tangent.len());
        for (span, p) in self.spans().zip(self.probabilities()) {
            let (tangent, jacobian_weight) = (part(tangent, &span), part(jacobian_weight, &span));
            let mean = reduce::dot(p, tangent);
            for ((moved, &t), &w) in part_mut(&mut moved, &span).iter_mut().zip(tangent).zip(jacobian_weight) {
                *moved = (t - mean) * w;
            }
        }
        moved
    }
    fn relax(&self, z: &[L], recip: L) -> Vec<L, N> {
        let (mut y, mut scaled): (Vec<L, N>, Vec<L, N>) = (zeros(z.len()), zeros(z.len()));
        for span in self.spans() {
            let (z, scaled) = (part(z, &span), part_mut(&mut scaled, &span));
            let (_, max) = reduce::arg_max(z);
            for (scaled, &z) in scaled.iter_mut().zip(z) {
                *scaled = (z - max) * recip;
            }
            softmax::softmax(scaled, part_mut(&mut y, &span));
        }
        y
    }
    fn pullback_relaxed(&self, _: &[L], y: &[L], cotangent: &[L], recip: L) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = zeros(y.len());
        for span in self.spans() {
            let (y, cotangent) = (part(y, &span), part(cotangent, &span));
            let mean = reduce::dot(y, cotangent);
            for ((g, &y), &c) in part_mut(&mut gradient, &span).iter_mut().zip(y).zip(cotangent) {
                *g = (y * (c - mean)) * recip;
            }
        }
        gradient
    }
    fn gapped(&self, x: &[L::Word], gap: f32) -> Vec<L, N> {
        let mut z: Vec<L, N> = collected(self.log_probabilities().iter().copied());
        for (span, &class) in self.spans().zip(x) {
            let own = part_mut(&mut z, &span);
            let largest = reduce::arg_max(own).1;
            for (k, z) in (0..).zip(own) {
                *z = L::select(class.equals(L::Word::splat(k)), largest, z.min(largest - gap));
            }
        }
        z
    }
}

/// Returns the number, or zero at a masked class.
fn unless_masked<L: Lane>(log_p: L, x: L) -> L {
    L::select(log_p.equals(L::NEG_INFINITY), L::ZERO, x)
}

/// Returns the part of one variable in the concatenated numbers of all variables; empty if there is no such part.
fn part<'a, T>(all: &'a [T], span: &Range<usize>) -> &'a [T] {
    all.get(span.clone()).unwrap_or_default()
}

/// Returns the part of one variable for writing, like [`part`].
fn part_mut<'a, T>(all: &'a mut [T], span: &Range<usize>) -> &'a mut [T] {
    all.get_mut(span.clone()).unwrap_or_default()
}
