//! DisARM for classes, by stick-breaking. A class is drawn by a sequence of bits, one per class: the first bit that is
//! 1 gives the class. The probability of each bit is the probability of its class among the remaining classes. The bits
//! of the two samples are antithetic.
//!
//! ```text
//! α_k = ln p_k − ln Σ_{j>k} p_j,   b¹_k = [1 − u_k < σ(α_k)],   b²_k = [u_k < σ(α_k)],   z = min{k: b_k = 1}
//!
//! g_k = ½ (f(z¹) − f(z²)) ·  (−1)^{b²_k} [b¹_k ≠ b²_k] σ(|α_k|)     where both samples reach bit k
//!                            b¹_k − σ(α_k)                          where only the first sample reaches bit k
//!                            σ(α_k) − b²_k                          where only the second sample reaches bit k
//!                            0                                      where neither sample reaches bit k
//! ```
//!
//! `g` is the gradient in `α` and is pulled back to the logits. If only one sample reaches a bit, the bit of the other
//! sample is integrated out, and the score remains.
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at two antithetic samples |
//! | bias | none |
//! | cost | 2 calls, one word of noise per class but the last of each variable |
//! | use it | for variables of several classes whose cost is a black box, with two calls to spend |
//! | avoid it | for one variable of few classes, where all values can be evaluated; where one class is nearly certain, since the samples then seldom differ |
//!
//! The order of the classes is the order of the logits. It changes the variance, not the mean. With two classes the
//! estimator equals [`disarm`](crate::disarm), applied to the bit of the first class.
//!
//! Source: Z. Dong, A. Mnih and G. Tucker, *Coupled gradient estimators for discrete latent variables*, NeurIPS 2021
//! (DisARM-SB).

use crate::{
    arithmetic::{
        elementary::{log_add_exp, sigmoid},
        lane::{Lane, Mask, Word},
    },
    distributions::{categoricals::Categoricals, variables::Variables},
    estimators::{
        antithetic::disarm::DisArm,
        cost::{self, Cost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::{collected, zeros},
    noise::{source::Source, uniform::Uniform},
};
use heapless::Vec;

/// Computes the estimate from given uniforms, in order: for each variable, one uniform per class except the last class.
/// Further uniforms are not read. Sums over classes run from first to last.
///
/// # Example
/// ```
/// use samplegrad_core::{Categoricals, disarm_categorical, noise::Uniform};
///
/// let x = Categoricals::<3>::new(&[3], &[0.0, 0.0, 0.0])?;
/// let u = [Uniform::new(0.2)?, Uniform::new(0.9)?];       // 1 − 0.2 and 0.2 are on both sides of 1/3
/// let mut cost = |x: &[u32]| x[0] as f32;
/// let estimate = disarm_categorical::with_noise(&x, &u, &mut cost).unwrap();
/// assert_eq!(estimate.mean, 0.5);                         // classes 1 and 0
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`CostError`](crate::cost::CostError) with the sample whose cost is not finite.
pub fn with_noise<const N: usize, L: Lane>(
    variables: &Categoricals<N, L>,
    uniforms: &[Uniform<L>],
    cost: &mut (impl Cost<[L::Word], L> + ?Sized),
) -> Estimated<Categoricals<N, L>> {
    let rows = || {
        variables.spans().scan(0_usize, |drawn, span| {
            let first = *drawn;
            *drawn = drawn.saturating_add(span.len().saturating_sub(1));
            Some((span, uniforms.get(first..*drawn).unwrap_or_default()))
        })
    };
    let log_p = variables.log_probabilities();
    let sticks = sticks(variables);
    let of = |sign: f32| -> Vec<L::Word, N> {
        collected(rows().map(|(span, u)| class(sticks.get(span).unwrap_or_default(), u, sign)))
    };
    let samples = [of(-1.0), of(1.0)];
    let [one, other] = &samples;
    let costs = [cost::finite(cost, one)?, cost::finite(cost, other)?];
    let half = (costs[0] - costs[1]) * 0.5;

    let mut gradient: Vec<L, N> = zeros(log_p.len());
    for ((span, _), (&one, &other)) in rows().zip(one.iter().zip(other)) {
        let (own, sticks) = (gradient.get_mut(span.clone()).unwrap_or_default(), sticks.get(span).unwrap_or_default());
        // The earlier sticks contribute −taken, times the share of the class, to the gradient of each remaining class.
        let mut taken = L::ZERO;
        let last = sticks.len().saturating_sub(1);
        for (k, (g, &stick)) in (0..).zip(own.iter_mut().zip(sticks)) {
            if k as usize == last {
                *g = -taken;
                continue;
            }
            let by_stick = half * slope(L::Word::splat(k), stick, one, other);
            *g = by_stick - taken * sigmoid(stick);
            taken = taken * sigmoid(-stick) + by_stick;
        }
    }
    Ok(Estimate { mean: (costs[0] + costs[1]) * 0.5, gradient })
}

/// Returns `α` of every class. The value of a variable's last class is not used. An impossible class has `α = −∞`, and
/// the last possible class has `α = +∞`.
fn sticks<const N: usize, L: Lane>(variables: &Categoricals<N, L>) -> Vec<L, N> {
    let mut sticks: Vec<L, N> = collected(variables.log_probabilities().iter().copied());
    for span in variables.spans() {
        let mut rest = L::NEG_INFINITY;
        for stick in sticks.get_mut(span).unwrap_or_default().iter_mut().rev() {
            let log_p = *stick;
            let nothing = rest.equals(L::NEG_INFINITY);
            *stick = L::select(nothing, L::splat(f32::INFINITY), log_p - rest);
            rest = log_add_exp(rest, log_p);
        }
    }
    sticks
}

/// Returns the first class whose bit is 1, or the last class if no bit is 1. The bits are computed from the uniforms
/// (`sign` 1) or from their complements (`sign` −1).
fn class<L: Lane>(sticks: &[L], uniforms: &[Uniform<L>], sign: f32) -> L::Word {
    let last = L::Word::splat(sticks.len().saturating_sub(1) as u32);
    let (mut class, mut open) = (last, L::Mask::splat(true));
    for (k, (&stick, u)) in (0..).zip(sticks.iter().zip(uniforms)) {
        let here = open.and((u.logit() * sign).lt(stick));
        class = L::Word::select(here, L::Word::splat(k), class);
        open = open.and(here.not());
    }
    class
}

/// Returns the factor of `½ (f(z¹) − f(z²))` in the gradient of one stick.
fn slope<L: Lane>(k: L::Word, stick: L, one: L::Word, other: L::Word) -> L {
    let (first, second) = (one.lt(k).not(), other.lt(k).not());
    let (of_first, of_second) = (one.equals(k), other.equals(k));
    let bit = |set: L::Mask| L::select(set, L::ONE, L::ZERO);
    let p = sigmoid(stick);
    let size = sigmoid(stick.abs());
    let differ = of_first.and(of_second.not()).or(of_second.and(of_first.not()));
    let both = L::select(differ, L::select(of_second, -size, size), L::ZERO);
    let alone = L::select(first, bit(of_first) - p, p - bit(of_second));
    L::select(first.and(second), both, L::select(first.or(second), alone, L::ZERO))
}

/// DisARM for classes; see [`disarm_categorical`](crate::disarm_categorical).
impl<const N: usize, L: Lane, F: Cost<[L::Word], L> + ?Sized> Estimator<Categoricals<N, L>, F> for DisArm {
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Categoricals<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Estimated<Categoricals<N, L>> {
        let count = variables.parameters().saturating_sub(variables.len());
        let uniforms: Vec<Uniform<L>, N> = collected((0..count).map(|_| Uniform::sample(source)));
        with_noise(variables, &uniforms, cost)
    }
}
