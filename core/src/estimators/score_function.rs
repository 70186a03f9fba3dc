//! The score-function estimator (REINFORCE, likelihood ratio): `∇_l E[f] = E[(f(a) − b) (onehot(a) − p)]`.
//!
//! Sources: P. W. Glynn, *Likelihood ratio gradient estimation*, 1987; R. J. Williams, *Simple statistical
//! gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 8, 1992. Unbiased for any
//! baseline `b` that does not depend on the sample; the baselines are in [`baseline`](crate::baseline).

use heapless::Vec;

use crate::{
    Categorical, Error, Source,
    baseline::leave_one_out,
    check,
    cost::{self, Cost, CostError},
    estimator::{Estimate, Estimator},
    fixed_vec::zeros,
    lane::{Lane, Word},
    reduce,
    variables::Variables,
};

/// Estimates `∇_l E[f]` from `S` samples: the mean of `advantage_s · (onehot(class_s) − p)`, from first to last.
///
/// An advantage is a value less its baseline, `f(class_s) − b_s`.
///
/// # Example
/// ```
/// use samplegrad_core::{Categorical, Logits, baseline::leave_one_out, score_function};
///
/// let p = Categorical::new(&Logits::<2>::new(&[0.0, 0.0])?);
/// let (classes, values) = ([0, 1], [3.0, 1.0]);
/// let mut advantages = [0.0; 2];
/// leave_one_out::advantages(&values, &mut advantages)?;
/// let gradient = score_function::estimate(&p, &classes, &advantages)?;
/// assert_eq!(gradient, [1.0, -1.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without a sample, [`Error::Length`] unless there is one advantage per class,
/// [`Error::NoSuchIndex`] for a class that does not exist.
pub fn estimate<const N: usize, L: Lane>(
    distribution: &Categorical<N, L>,
    classes: &[L::Word],
    advantages: &[L],
) -> Result<Vec<L, N>, Error> {
    if classes.is_empty() {
        return Err(Error::Empty { what: "samples" });
    }
    check::length("advantages", classes.len(), advantages.len())?;
    let p = distribution.probabilities();
    for &class in classes {
        check::class(class, p.len())?;
    }
    let mut gradient = zeros(p.len());
    mean(p, classes, advantages, &mut gradient);
    Ok(gradient)
}

/// Writes the mean of `advantage_s · (onehot(class_s) − p)`: summed from first to last, then times `1/S`. On slices.
#[inline]
pub fn mean<L: Lane>(p: &[L], classes: &[L::Word], advantages: &[L], gradient: &mut [L]) {
    let recip = 1.0 / classes.len() as f32;
    for ((k, &p), g) in (0..).zip(p).zip(gradient) {
        let total = classes.iter().zip(advantages).fold(L::ZERO, |total, (&class, &advantage)| {
            let hot = L::select(class.equals(L::Word::splat(k)), L::ONE, L::ZERO);
            total + advantage * (hot - p)
        });
        *g = total * recip;
    }
}

/// The score-function estimator with a constant baseline, for any variables: `(f(x) − b) ∇_l ln p(x)` of one sample. It
/// asks for one value of the cost.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, score_function::ScoreFunction, stream};
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = ScoreFunction { baseline: 0.5 }.estimate(&b, &mut |b: &[f32]| b[0] * b[1], rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScoreFunction<L: Lane = f32> {
    /// The baseline `b`, finite.
    pub baseline: L,
}

impl<const N: usize, L, V, F> Estimator<N, V, F, L> for ScoreFunction<L>
where
    L: Lane,
    V: Variables<N, L>,
    F: Cost<[V::Value], L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        let x = variables.sample(source);
        let mean = cost::finite(cost, &x, |x| x.as_slice())?;
        let mut gradient = variables.score(&x);
        for g in &mut gradient {
            *g = (mean - self.baseline) * *g;
        }
        Ok(Estimate { mean, gradient })
    }
}

/// The score-function estimator of `S ≥ 2` samples, each with the mean cost of the others as its baseline
/// ([`leave_one_out`]), for any variables. It asks for `S` values of the cost.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, score_function::LeaveOneOut, stream};
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = LeaveOneOut::<4>.estimate(&b, &mut |b: &[f32]| b[0] * b[1], rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LeaveOneOut<const S: usize>;

impl<const N: usize, const SAMPLES: usize, L, V, F> Estimator<N, V, F, L> for LeaveOneOut<SAMPLES>
where
    L: Lane,
    V: Variables<N, L>,
    F: Cost<[V::Value], L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &V,
        cost: &mut F,
        source: &mut S,
    ) -> Result<Estimate<N, L>, CostError<Vec<V::Value, N>>> {
        const { assert!(SAMPLES > 1, "a sample needs others to be compared with") };
        let mut scores: [Vec<L, N>; SAMPLES] = [const { Vec::new() }; SAMPLES];
        let (mut values, mut advantages) = ([L::ZERO; SAMPLES], [L::ZERO; SAMPLES]);
        for (value, score) in values.iter_mut().zip(&mut scores) {
            let x = variables.sample(source);
            *value = cost::finite(cost, &x, |x| x.as_slice())?;
            *score = variables.score(&x);
        }
        // Cannot fail: one length, at least two.
        let _ = leave_one_out::advantages(&values, &mut advantages);
        let mut gradient: Vec<L, N> = zeros(variables.parameters());
        for (score, &advantage) in scores.iter().zip(&advantages) {
            for (g, &s) in gradient.iter_mut().zip(score) {
                *g = *g + advantage * s;
            }
        }
        let recip = 1.0 / SAMPLES as f32;
        for g in &mut gradient {
            *g = *g * recip;
        }
        Ok(Estimate { mean: reduce::sum(&values) * recip, gradient })
    }
}
