//! Leave-one-out: several samples, each with the mean cost of the others as its baseline. It needs no extra calls if
//! several samples are drawn anyway. The baseline has no learned state, so it is effective from the first step.
//!
//! ```text
//! g = 1/S Σ_s (f(x_s) − mean_{t≠s} f(x_t)) ∇ ln p(x_s) = 1/(S − 1) Σ_s (f(x_s) − f̄) ∇ ln p(x_s)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at each of `S` samples |
//! | bias | none: a sample's baseline does not contain its own cost |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, two samples: 6.25e-4 at logit 0, 4.147314e-4 at logit 2; four samples: 1.041667e-4 at logit 0, 1.706202e-4 at logit 2 |
//! | cost | `S` calls of `f`, `S` samples, memory for `S` scores |
//! | use it | wherever `S` calls are affordable |
//! | avoid it | where calls of `f` are so expensive that only one sample per step is affordable: use a [learned baseline](crate::baseline) |
//!
//! Sources: W. Kool, H. van Hoof and M. Welling, *Buy 4 REINFORCE samples, get a baseline for free!*, 2019; A. Mnih and
//! D. Rezende, *Variational inference for Monte Carlo objectives*, ICML 2016.

use crate::{
    arithmetic::{lane::Lane, reduce},
    check,
    distributions::variables::Variables,
    error::Error,
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// Writes `f_s − mean_{t≠s} f_t = (f_s − f̄) · S/(S − 1)`.
///
/// The function first subtracts the first value from all values, so that a large common offset cancels. It then
/// averages the differences from first to last.
///
/// ```
/// use samplegrad_core::leave_one_out;
///
/// let mut advantages = [0.0_f32; 3];
/// leave_one_out::advantages(&[1000.0, 1003.0, 1000.0], &mut advantages)?;
/// assert_eq!(advantages, [-1.5, 3.0, -1.5]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] for fewer than two values, [`Error::Length`] unless `advantages` has the length of `values`.
pub fn advantages<L: Lane>(values: &[L], advantages: &mut [L]) -> Result<(), Error> {
    check::length("advantages", values.len(), advantages.len())?;
    let (Some(&first), true) = (values.first(), values.len() > 1) else {
        return Err(Error::Empty { what: "other samples" });
    };
    for (advantage, &value) in advantages.iter_mut().zip(values) {
        *advantage = value - first;
    }
    let count = values.len() as f32;
    let mean = reduce::sum(advantages) * (1.0 / count);
    let scale = count / (count - 1.0);
    for advantage in advantages {
        *advantage = (*advantage - mean) * scale;
    }
    Ok(())
}

/// The score-function estimator of `S ≥ 2` samples, each with the mean cost of the others as its baseline
/// ([`advantages`]), for any variables. It evaluates the cost `S` times.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, leave_one_out::LeaveOneOut, stream};
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

impl<const SAMPLES: usize, V, F> Estimator<V, F> for LeaveOneOut<SAMPLES>
where
    V: Variables,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        const { assert!(SAMPLES > 1, "the number of samples must be at least 2") };
        let mut scores: [V::Numbers; SAMPLES] = core::array::from_fn(|_| V::Numbers::default());
        let (mut values, mut advantages) = ([V::Lane::ZERO; SAMPLES], [V::Lane::ZERO; SAMPLES]);
        for (value, score) in values.iter_mut().zip(&mut scores) {
            let (x, of_sample) = variables.sample_score(source);
            *value = cost::finite(cost, &x)?;
            *score = of_sample;
        }
        // Cannot fail: the lengths are equal, and there are at least two values.
        let _ = self::advantages(&values, &mut advantages);
        let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
        for (score, &advantage) in scores.iter().zip(&advantages) {
            for (g, &s) in gradient.iter_mut().zip(score.iter()) {
                *g = *g + advantage * s;
            }
        }
        let recip = 1.0 / SAMPLES as f32;
        for g in gradient.iter_mut() {
            *g = *g * recip;
        }
        Ok(Estimate { mean: reduce::sum(&values) * recip, gradient })
    }
}
