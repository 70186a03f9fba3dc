//! The score-function estimator (REINFORCE, likelihood ratio): `∇_l E[f] = E[(f(a) − b) (onehot(a) − p)]`.
//!
//! Sources: P. W. Glynn, *Likelihood ratio gradient estimation*, 1987; R. J. Williams, *Simple statistical
//! gradient-following algorithms for connectionist reinforcement learning*, Machine Learning 8, 1992. Unbiased for any
//! baseline `b` that does not depend on the sample; the baselines are in [`baseline`](crate::baseline).

use heapless::Vec;

use crate::{
    Categorical, Error, check,
    fixed_vec::zeros,
    lane::{Lane, Word},
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
