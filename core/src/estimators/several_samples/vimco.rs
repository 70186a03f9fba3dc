//! VIMCO: the score function for the multi-sample objective, with a baseline for each sample computed from the other
//! samples. The objective is not `E[f]`, and VIMCO does not estimate `∇ E[f]`.
//!
//! ```text
//! 𝓛 = E[ln (1/S) Σ_s e^{f(x_s)}],   x_1, …, x_S independent;  𝓛 ≥ E[f], and equal to it at S = 1
//! g = Σ_s (L − L_{−s}) ∇ ln p(x_s),   L = ln (1/S) Σ_t e^{f(x_t)}
//! L_{−s} = ln (1/S) (e^{m_s} + Σ_{t≠s} e^{f(x_t)}),   m_s = mean_{t≠s} f(x_t)  or  ln mean_{t≠s} e^{f(x_t)}
//! ```
//!
//! `f` is the logarithm of a weight, as in importance-weighted variational bounds, and `𝓛` is usually maximised. If
//! `f` itself depends on the parameters, as `ln p(x, y) − ln p_φ(x)` does, the gradient has a second part,
//! `Σ_s w_s ∂f(x_s)/∂φ` with the weights `w = softmax(f)` of the samples. [`signals`] returns the weights; the caller
//! adds the second part.
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at `S` samples |
//! | bias | none for `𝓛`; biased as an estimator of `∇ E[f]` |
//! | toy problem `f = (b − 0.45)²` of one bit, `S = 2` | mean 2.5e-2 at logit 0, 1.029954e-2 at logit 2 (`∇ E[f]`: 2.5e-2 at logit 0, 1.049936e-2 at logit 2); variance 6.25e-4 at logit 0, 3.990953e-4 at logit 2 |
//! | toy problem, `S = 4` | mean 2.499219e-2 at logit 0, 1.020200e-2 at logit 2; variance 1.042782e-4 at logit 0, 1.619029e-4 at logit 2 (arithmetic); 1.040999e-4 at logit 0, 1.614136e-4 at logit 2 (geometric) |
//! | cost | `S` calls, the noise of `S` samples, `S² + S` exponentials and `S + 1` logarithms |
//! | use it | for bounds of a log-likelihood with discrete latent variables |
//! | avoid it | to minimise a mean cost: [`LeaveOneOut`](crate::leave_one_out::LeaveOneOut) does that with as many calls |
//!
//! Source: A. Mnih and D. J. Rezende, *Variational inference for Monte Carlo objectives*, ICML 2016, equations 6 to 10.

use crate::{
    arithmetic::{lane::Lane, softmax},
    distributions::variables::Variables,
    estimators::{
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::FixedVec,
    noise::source::Source,
};

/// The replacement for a sample's own value in the baseline of the sample.
///
/// ```
/// use samplegrad_core::vimco::{HoldoutValue, Vimco};
///
/// let vimco = Vimco::<5> { stand_in: HoldoutValue::Geometric };
/// assert_ne!(vimco, Vimco { stand_in: HoldoutValue::Arithmetic });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum HoldoutValue {
    /// The logarithm of the mean weight of the other samples, `ln mean e^f`. The baseline is then the bound of the
    /// other samples alone.
    Arithmetic,
    /// The logarithm of the geometric mean weight of the other samples, `mean f`. The paper prefers this one.
    Geometric,
}

/// The VIMCO estimator of `S ≥ 2` samples, for any variables. [`Estimate::mean`] estimates the objective `𝓛`.
///
/// ```
/// use samplegrad_core::{Bernoullis, estimator::Estimator, stream, vimco::{HoldoutValue, Vimco}};
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let mut log_weight = |b: &[f32]| -2.0 * b[0] - b[1];
/// let estimate = Vimco::<4> { stand_in: HoldoutValue::Geometric }.estimate(&b, &mut log_weight, rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Vimco<const S: usize> {
    /// The replacement for a sample's own value in the baseline of the sample.
    pub stand_in: HoldoutValue,
}

/// Returns `L` and writes the learning signals `L − L_{−s}` and the weights `softmax(f)` of the samples.
///
/// All values are taken relative to the first one. Sums run from first to last. The result is finite for values that
/// differ by less than 1e38.
///
/// ```
/// use samplegrad_core::vimco::{self, HoldoutValue};
///
/// let (mut signals, mut weights) = ([0.0; 2], [0.0; 2]);
/// let bound = vimco::signals(&[100.0_f32, 0.0], HoldoutValue::Arithmetic, &mut signals, &mut weights);
/// assert!((bound - (100.0 - 2_f32.ln())).abs() < 1e-5);
/// assert!((signals[0] - bound).abs() < 1e-5 && (signals[1] + 2_f32.ln()).abs() < 1e-6);
/// assert_eq!(weights[0], 1.0);
/// ```
pub fn signals<const S: usize, L: Lane>(
    values: &[L; S],
    stand_in: HoldoutValue,
    signals: &mut [L; S],
    weights: &mut [L; S],
) -> L {
    const { assert!(S > 1, "the number of samples must be at least 2") };
    let offset = values.first().copied().unwrap_or(L::ZERO);
    let excess = values.map(|f| f - offset);
    let all = softmax::softmax(&excess, weights);
    let recip = 1.0 / (S - 1) as f32;
    for (s, signal) in signals.iter_mut().enumerate() {
        let (mut rest, mut scratch) = (excess, [L::ZERO; S]);
        let mut others = L::ZERO;
        for (_, &f) in excess.iter().enumerate().filter(|&(t, _)| t != s) {
            others = others + f * recip;
        }
        // With the arithmetic mean, L_{−s} is the bound of the S − 1 other samples. The same kernel computes it, with
        // e^{−∞} = 0 in place of the sample's own weight.
        let (own, ratio) = match stand_in {
            HoldoutValue::Arithmetic => (L::NEG_INFINITY, S as f32 * recip),
            HoldoutValue::Geometric => (others, 1.0),
        };
        if let Some(f) = rest.get_mut(s) {
            *f = own;
        }
        let without = softmax::exponentials(&rest, 1.0, &mut scratch);
        *signal = ((all.max() - without.max()) + (all.ln() - without.ln())) - L::splat(ratio).ln();
    }
    (offset + all.max()) + (all.ln() - L::splat(S as f32).ln())
}

impl<const SAMPLES: usize, V, F> Estimator<V, F> for Vimco<SAMPLES>
where
    V: Variables,
    F: Cost<[V::Value], V::Lane> + ?Sized,
{
    fn estimate<S: Source<V::Lane> + ?Sized>(&mut self, variables: &V, cost: &mut F, source: &mut S) -> Estimated<V> {
        let mut scores: [V::Numbers; SAMPLES] = core::array::from_fn(|_| V::Numbers::default());
        let mut values = [V::Lane::ZERO; SAMPLES];
        for (value, score) in values.iter_mut().zip(&mut scores) {
            let (x, of_sample) = variables.sample_score(source);
            *value = cost::finite(cost, &x)?;
            *score = of_sample;
        }
        let (mut of_samples, mut weights) = ([V::Lane::ZERO; SAMPLES], [V::Lane::ZERO; SAMPLES]);
        let mean = signals(&values, self.stand_in, &mut of_samples, &mut weights);
        let mut gradient: V::Numbers = FixedVec::zeros(variables.parameters());
        for (score, &signal) in scores.iter().zip(&of_samples) {
            for (g, &s) in gradient.iter_mut().zip(score.iter()) {
                *g = *g + signal * s;
            }
        }
        Ok(Estimate { mean, gradient })
    }
}
