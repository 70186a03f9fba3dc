//! REBAR: the score function with the relaxation as its control variate.
//!
//! With perturbed logits `z`, the sample `b` they lead to, and fresh perturbed logits `z̃` given `b`
//! ([`conditional`]):
//!
//! ```text
//! g = (f(b) − η f(σ_τ(z̃))) ∇ ln p(b) + η ∇ f(σ_τ(z)) − η ∇ f(σ_τ(z̃))
//! ```
//!
//! Unbiased at every `η` and `τ`. It asks for the value of the cost at the sample and for value and gradient at two relaxed
//! ones. At `η = 1` its variance can be above that of the plain score function: try several.
//!
//! Source: G. Tucker, A. Mnih, C. J. Maddison, J. Lawson and J. Sohl-Dickstein, *REBAR: low-variance, unbiased gradient
//! estimates for discrete latent variable models*, NIPS 2017.

use core::ops::Range;

use heapless::Vec;

use crate::{
    Bernoullis, Categoricals, Error, Source, Temperature, conditional,
    cost::{self, Cost, CostError, DifferentiableCost},
    elementary::sigmoid,
    estimator::{Estimate, Estimator},
    fixed_vec::{collected, zeros},
    gumbel_softmax,
    lane::Lane,
    noise::{Uniform, gumbel},
    reduce,
    variables::Variables,
};

/// The REBAR estimator.
///
/// # Example
/// ```
/// use samplegrad_core::{Bernoullis, Rebar, Temperature, cost::Smooth, estimator::Estimator, stream};
///
/// let mut cost = Smooth::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.iter_mut().zip(y).for_each(|(g, y)| *g = 2.0 * (y - 0.45));
///     y.iter().map(|y| (y - 0.45) * (y - 0.45)).sum()
/// });
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = Rebar::new(Temperature::new(0.5)?, 0.5)?.estimate(&b, &mut cost, rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rebar {
    tau: Temperature,
    eta: f32,
}

impl Rebar {
    /// With the temperature of the relaxation and the weight `η` of the control variate; at `η = 0` it is the score function.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `η` is from −1000 to 1000.
    pub const fn new(tau: Temperature, eta: f32) -> Result<Self, Error> {
        if eta >= -1000.0 && eta <= 1000.0 {
            Ok(Self { tau, eta })
        } else {
            Err(Error::OutOfRange {
                what: "weight of the control variate",
                value: eta,
                requirement: "from -1000 to 1000",
            })
        }
    }

    /// The estimate for bits that given uniforms make: `u` the perturbed logits `z = l + logit u`, `v` those given the bits;
    /// one of each per variable.
    ///
    /// # Errors
    /// [`CostError`] with the sample at which, or at whose relaxations, a value or a slope of the cost is not finite.
    pub fn of_bits<const N: usize, L: Lane>(
        &self,
        variables: &Bernoullis<N, L>,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
        cost: &mut (impl Cost<[L], L> + DifferentiableCost<L> + ?Sized),
    ) -> Result<Estimate<N, L>, CostError<Vec<L, N>>> {
        let bits = variables.as_slice();
        let z: Vec<L, N> = collected(bits.iter().zip(u).map(|(b, u)| b.logit() + u.logit()));
        let sample: Vec<L, N> = collected(z.iter().map(|&z| L::select(L::ZERO.lt(z), L::ONE, L::ZERO)));
        let given =
            |((b, &z), &v): ((&crate::Bernoulli<L>, &L), &Uniform<L>)| conditional::bit(L::ZERO.lt(z), b.logit(), v);
        let given: Vec<(L, L), N> = collected(bits.iter().zip(&z).zip(v).map(given));

        // y = σ(z/τ) and ∂y/∂z = y (1 − y)/τ, without cancellation.
        let relax = |z: L| sigmoid(z * self.tau.recip());
        let slope = |z: L| (relax(z) * relax(-z)) * self.tau.recip();
        let value = cost::finite(cost, &sample, |x| x.as_slice())?;
        let y: Vec<L, N> = collected(z.iter().map(|&z| relax(z)));
        let y_given: Vec<L, N> = collected(given.iter().map(|&(z, _)| relax(z)));
        let (_, by_y) = ask(cost, &sample, &y)?;
        let (control, by_given) = ask(cost, &sample, &y_given)?;

        let advantage = value - control * self.eta;
        let mut gradient = variables.score(&sample);
        let paths = by_y.iter().zip(&z).zip(by_given.iter().zip(&given));
        for (g, ((&by_y, &z), (&by_given, &(given, by_logit)))) in gradient.iter_mut().zip(paths) {
            let path = by_y * slope(z) - by_given * slope(given) * by_logit;
            *g = advantage * *g + path * self.eta;
        }
        Ok(Estimate { mean: value, gradient })
    }

    /// The estimate for classes that given uniforms make: `u` the perturbed logits `z = ln p + G`, `v` those given the
    /// classes; one of each per class of every variable.
    ///
    /// # Errors
    /// As [`Rebar::of_bits`].
    pub fn of_classes<const N: usize, L: Lane>(
        &self,
        variables: &Categoricals<N, L>,
        u: &[Uniform<L>],
        v: &[Uniform<L>],
        cost: &mut (impl Cost<[L::Word], L> + DifferentiableCost<L> + ?Sized),
    ) -> Result<Estimate<N, L>, CostError<Vec<L::Word, N>>> {
        let count = variables.parameters();
        let log_p = variables.log_probabilities();
        let z: Vec<L, N> = collected(log_p.iter().zip(u).map(|(&l, &u)| l + gumbel::quantile(u)));
        let (mut given, mut follows): (Vec<L, N>, Vec<L, N>) = (zeros(count), zeros(count));
        let (mut y, mut y_given): (Vec<L, N>, Vec<L, N>) = (zeros(count), zeros(count));
        let mut sample = Vec::new();
        for span in variables.spans() {
            let class = gumbel_softmax::relax(part(&z, &span), self.tau, part_mut(&mut y, &span)).mode();
            let (given, follows) = (part_mut(&mut given, &span), part_mut(&mut follows, &span));
            conditional::class(class, part(log_p, &span), part(v, &span), given, follows);
            gumbel_softmax::relax(given, self.tau, part_mut(&mut y_given, &span));
            // Cannot fail: there are at most as many variables as classes.
            let _ = sample.push(class);
        }
        let value = cost::finite(cost, &sample, |x| x.as_slice())?;
        let (_, by_y) = ask(cost, &sample, &y)?;
        let (control, by_given) = ask(cost, &sample, &y_given)?;

        let advantage = value - control * self.eta;
        let mut gradient = variables.score(&sample);
        let (mut path, mut path_given): (Vec<L, N>, Vec<L, N>) = (zeros(count), zeros(count));
        for span in variables.spans() {
            let (path, path_given) = (part_mut(&mut path, &span), part_mut(&mut path_given, &span));
            gumbel_softmax::vjp(part(&y, &span), part(&by_y, &span), self.tau, path);
            gumbel_softmax::vjp(part(&y_given, &span), part(&by_given, &span), self.tau, path_given);
            for (path, &follows) in path_given.iter_mut().zip(part(&follows, &span)) {
                *path = *path * follows;
            }
            // ∂z̃_k/∂l_j = w_k ([k = j] − p_j): what follows one logit is taken from all in proportion.
            let total = reduce::sum(path_given);
            let (p, gradient) = (part(variables.flat_probabilities(), &span), part_mut(&mut gradient, &span));
            for (((g, &path), &given), &p) in gradient.iter_mut().zip(&*path).zip(&*path_given).zip(p) {
                *g = advantage * *g + (path - (given - p * total)) * self.eta;
            }
        }
        Ok(Estimate { mean: value, gradient })
    }
}

/// Value and gradient of a cost at a relaxed sample, if all are finite.
fn ask<const N: usize, L: Lane, X: Clone>(
    cost: &mut (impl DifferentiableCost<L> + ?Sized),
    sample: &X,
    y: &Vec<L, N>,
) -> Result<(L, Vec<L, N>), CostError<X>> {
    let mut gradient: Vec<L, N> = zeros(y.len());
    let value = cost::differentiable(cost, sample, y, &mut gradient)?;
    Ok((value, gradient))
}

/// One variable's part of what all have in a row; nothing where there is no such part.
fn part<'a, T>(all: &'a [T], span: &Range<usize>) -> &'a [T] {
    all.get(span.clone()).unwrap_or_default()
}

/// [`part`], to be written.
fn part_mut<'a, T>(all: &'a mut [T], span: &Range<usize>) -> &'a mut [T] {
    all.get_mut(span.clone()).unwrap_or_default()
}

/// As many uniforms as asked for: one word of the source each.
fn uniforms<const N: usize, L: Lane, S: Source<L> + ?Sized>(count: usize, source: &mut S) -> Vec<Uniform<L>, N> {
    collected((0..count).map(|_| Uniform::sample(source)))
}

impl<const N: usize, L, F> Estimator<N, Bernoullis<N, L>, F, L> for Rebar
where
    L: Lane,
    F: Cost<[L], L> + DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Bernoullis<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<L, N>>> {
        let u: Vec<_, N> = uniforms(variables.parameters(), source);
        let v: Vec<_, N> = uniforms(variables.parameters(), source);
        self.of_bits(variables, &u, &v, cost)
    }
}

impl<const N: usize, L, F> Estimator<N, Categoricals<N, L>, F, L> for Rebar
where
    L: Lane,
    F: Cost<[L::Word], L> + DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Categoricals<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<L::Word, N>>> {
        let u: Vec<_, N> = uniforms(variables.parameters(), source);
        let v: Vec<_, N> = uniforms(variables.parameters(), source);
        self.of_classes(variables, &u, &v, cost)
    }
}
