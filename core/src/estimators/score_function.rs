//! The score-function estimator (REINFORCE, likelihood ratio): the score of a sample, weighted by the sample's cost
//! minus a baseline. It needs only the value of the cost and the score of the variables.
//!
//! ```text
//! g = (f(x) − b) ∇_φ ln p_φ(x)            for classes, in their logits: (f(a) − b) (onehot(a) − p)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at one sample |
//! | bias | none, for any baseline `b` that does not depend on the sample |
//! | variance on the toy problem | without a baseline 1.593906e-2 at logit 0, 4.827192e-3 at logit 2; with `b = E[f]` 0 at logit 0, 6.089897e-4 at logit 2 |
//! | cost | one call of `f`, one sample, no state except for the baseline |
//! | use it | if only values of `f` are available; always with a baseline |
//! | avoid it | without a baseline if costs have a common offset, which multiplies the score; if `f` is differentiable and `x` continuous ([`pathwise`](crate::pathwise)) |
//!
//! The toy problem is one Bernoulli variable with `f = (b − 0.45)²`. Its gradient in the logit is 2.5e-2 at logit 0
//! and 1.049936e-2 at logit 2.
//!
//! | baseline | |
//! |---|---|
//! | a number | constant |
//! | [`MovingAverage`](crate::MovingAverage) | [exponential average of earlier costs](crate::moving_average) |
//! | [`OptimalBaseline`](crate::optimal_baseline::OptimalBaseline), [`OptimalBaselines`](crate::optimal_baseline::OptimalBaselines) | [baseline of smallest variance](crate::optimal_baseline), common or per coordinate |
//! | [`Critic`](crate::linear_critic::Critic) | [a linear function of features](crate::linear_critic) |
//! | [`LeaveOneOut`](crate::LeaveOneOut), [`OptimalLeaveOneOut`](crate::optimal_leave_one_out::OptimalLeaveOneOut) | separate estimators: the baseline is computed from the other samples |
//! | [`SelfCritical`](crate::self_critical::SelfCritical) | a separate estimator: the baseline is the cost of the most probable value |
//!
//! Sources: P. W. Glynn, *Likelihood ratio gradient estimation*, 1987; R. J. Williams, *Simple statistical
//! gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 8, 1992; E. Greensmith,
//! P. L. Bartlett and J. Baxter, *Variance reduction techniques for gradient estimates in reinforcement learning*,
//! JMLR 5, 2004.

use heapless::Vec;

use crate::{
    arithmetic::lane::{Lane, Word},
    check,
    distributions::{categorical::Categorical, variables::Variables},
    error::Error,
    estimators::{
        baselines::baseline::Baseline,
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::zeros,
    noise::source::Source,
};

/// Estimates `∇_l E[f]` from `S` samples as the mean of `advantage_s · (onehot(class_s) − p)`. The terms are added from
/// first to last.
///
/// An advantage is the cost of a sample minus the baseline, `f(class_s) − b_s`.
///
/// # Example
/// ```
/// use samplegrad_core::{Categorical, Logits, leave_one_out, score_function};
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
    let mut gradient: Vec<L, N> = zeros(p.len());
    mean(p, classes, advantages, &mut gradient);
    Ok(gradient)
}

/// Writes the mean of `advantage_s · (onehot(class_s) − p)` to a slice. The terms are added from first to last, and the
/// sum is multiplied by `1/S`.
#[inline]
pub fn mean<L: Lane>(p: &[L], classes: &[L::Word], advantages: &[L], gradient: &mut [L]) {
    let recip = 1.0 / classes.len() as f32;
    for (k, (&p, g)) in p.iter().zip(gradient).enumerate() {
        let total = classes.iter().zip(advantages).fold(L::ZERO, |total, (&class, &advantage)| {
            let hot = L::select(class.equals(L::Word::splat(k as u32)), L::ONE, L::ZERO);
            total + advantage * (hot - p)
        });
        *g = total * recip;
    }
}

/// The score-function estimator, for any variables: `(f(x) − b) ∇_φ ln p(x)` of one sample. It evaluates the cost once.
/// A baseline that learns receives a value only after the baseline was subtracted from this value. It receives no value
/// that is not finite.
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
pub struct ScoreFunction<B = f32> {
    /// The baseline `b`: a finite number, or another [`Baseline`].
    pub baseline: B,
}

impl<V, F, B> Estimator<V, F> for ScoreFunction<B>
where
    V: Variables,
    F: Cost<[V::Value], V::Lane> + ?Sized,
    B: Baseline<V::Lane>,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let (x, mut gradient) = variables.sample_score(source);
        let mean = cost::finite(cost, &x)?;
        self.baseline.centre(&(), mean, &mut gradient);
        Ok(Estimate { mean, gradient })
    }
}
