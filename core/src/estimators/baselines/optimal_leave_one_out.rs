//! The variance-optimal baseline within a batch: the baseline of each sample is the weighted mean cost of the other
//! samples. This is the [optimal baseline](crate::optimal_baseline), computed from the other samples as in
//! [`leave_one_out`](crate::leave_one_out).
//!
//! ```text
//! g = 1/S Σ_s (f(x_s) − b_s) s_s,   b_s = Σ_{t≠s} f(x_t) ‖s_t‖² / Σ_{t≠s} ‖s_t‖²   with s_s = ∇ ln p(x_s)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | a value at each of `S` samples |
//! | bias | none: the baseline of a sample is computed from the others only |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, two samples: 6.25e-4 at logit 0, 4.147314e-4 at logit 2, as for leave-one-out; four samples: 1.041667e-4 at logit 0, 1.994882e-4 at logit 2; eight samples: 2.232143e-5 at logit 0, 7.874272e-5 at logit 2 |
//! | cost | `S` calls of `f`, `S` samples, memory for `S` scores, `S²` additions (per coordinate: `S²` for each coordinate) |
//! | use it | with many samples and scores of unequal size |
//! | avoid it | with few samples: their weighted mean is noisier than their mean, as the variance of four samples at logit 2 shows |
//!
//! Sources: see [`optimal_baseline`](crate::optimal_baseline) and [`leave_one_out`](crate::leave_one_out), combined
//! here.

use crate::{
    arithmetic::{lane::Lane, reduce},
    distributions::variables::Variables,
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// The score-function estimator of `S ≥ 2` samples with the optimal baseline of the other samples. If the scores of all
/// other samples are zero, the baseline is the cost of the first sample. For the first sample, the baseline is then the
/// cost of the second sample.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, optimal_leave_one_out::OptimalLeaveOneOut, stream};
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut estimator = OptimalLeaveOneOut::<8> { per_coordinate: true };
/// let estimate = estimator.estimate(&b, &mut |b: &[f32]| b[0] * b[1], rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OptimalLeaveOneOut<const S: usize> {
    /// True if each coordinate has its own baseline.
    pub per_coordinate: bool,
}

impl<const SAMPLES: usize, V, F> Estimator<V, F> for OptimalLeaveOneOut<SAMPLES>
where
    V: Variables,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        const { assert!(SAMPLES > 1, "the number of samples must be at least 2") };
        let mut scores: [V::Numbers; SAMPLES] = core::array::from_fn(|_| V::Numbers::default());
        let mut values = [V::Lane::ZERO; SAMPLES];
        for (value, score) in values.iter_mut().zip(&mut scores) {
            let (x, of_sample) = variables.sample_score(source);
            *value = cost::finite(cost, &x)?;
            *score = of_sample;
        }
        let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
        let mut advantages = [V::Lane::ZERO; SAMPLES];
        if !self.per_coordinate {
            let mut weights = [V::Lane::ZERO; SAMPLES];
            weights.iter_mut().zip(&scores).for_each(|(w, s)| *w = reduce::dot(s, s));
            compare(&values, &weights, &mut advantages);
        }
        for (j, g) in gradient.iter_mut().enumerate() {
            let mut own = [V::Lane::ZERO; SAMPLES];
            own.iter_mut().zip(&scores).for_each(|(own, s)| *own = s.get(j).copied().unwrap_or(V::Lane::ZERO));
            if self.per_coordinate {
                compare(&values, &own.map(|s| s * s), &mut advantages);
            }
            *g = reduce::dot(&advantages, &own) * (1.0 / SAMPLES as f32);
        }
        Ok(Estimate { mean: reduce::sum(&values) * (1.0 / SAMPLES as f32), gradient })
    }
}

/// Writes each value minus the weighted mean of the other values. The first of the other values is subtracted from
/// every value, so that a large common offset cancels. The terms of each sum are added from first to last.
fn compare<L: Lane>(values: &[L], weights: &[L], advantages: &mut [L]) {
    for (s, (advantage, &value)) in advantages.iter_mut().zip(values).enumerate() {
        let others = || values.iter().zip(weights).enumerate().filter(move |&(t, _)| t != s).map(|(_, other)| other);
        let origin = others().next().map_or(L::ZERO, |(&f, _)| f);
        let (total, weight) =
            others().fold((L::ZERO, L::ZERO), |(total, weight), (&f, &w)| (total + (f - origin) * w, weight + w));
        let shift = L::select(L::ZERO.lt(weight), total / weight, L::ZERO);
        *advantage = (value - origin) - shift;
    }
}
