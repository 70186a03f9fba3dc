//! The straight-through family and the relaxed estimator. On the toy problem, mean (hence bias) and variance are
//! compared with numerical integration in double precision; for products of variables, the unbiased cases are compared
//! with enumeration.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Rng, Verdict, accept, estimates, f64s, quick_and_long, reject};
use samplegrad_core::{
    Bernoullis, Categoricals, Error, Temperature,
    concrete_relaxation::ConcreteRelaxation,
    cost::{Cost, CostError, DifferentiableCost, FnWithGradient},
    decoupled_straight_through::DecoupledStraightThrough,
    enumeration,
    estimator::{Estimate, Estimated, Estimator},
    gapped_straight_through::GappedStraightThrough,
    gumbel_rao::GumbelRao,
    gumbel_rao_limit::{GumbelRaoLimit, mean_slope},
    lane::{Lane, Word},
    plain_straight_through::PlainStraightThrough,
    reduce,
    reinmax::ReinMax,
    straight_through_gumbel::StraightThroughGumbel,
    stream,
};

const LONG: u64 = 5_000_000;
const N: usize = 8;
const TARGET: f64 = 0.45;
type Words = <L as Lane>::Word;

fn tau(tau: f64) -> Temperature {
    Temperature::new(tau as f32).expect("a temperature")
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Computes `∂σ(z/τ)/∂z`.
fn slope(z: f64, tau: f64) -> f64 {
    sigmoid(z / tau) * sigmoid(-z / tau) / tau
}

/// Computes `f'(y)` of the toy problem `(y − 0.45)²`.
fn derivative(y: f64) -> f64 {
    2.0 * (y - TARGET)
}

/// Computes `E[g(z); z < 0]` and `E[g(z); z > 0]` of a perturbed logit, by Simpson's rule on either side of 0, where
/// `g` may jump.
fn halves(logit: f64, g: impl Fn(f64) -> f64) -> [f64; 2] {
    const PANELS: i32 = 40_000;
    let width = 50.0 + logit.abs();
    let side = |sign: f64| {
        let step = width / f64::from(PANELS);
        let at = |i: i32| {
            // The end of the interval at 0 takes the value on its own side of the jump.
            let z = sign * (f64::from(i) * step).max(1e-300);
            g(z) * slope(z - logit, 1.0)
        };
        let weight = |i: i32| if i == 0 || i == PANELS { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
        (0..=PANELS).map(|i| weight(i) * at(i)).sum::<f64>() * step / 3.0
    };
    [side(-1.0), side(1.0)]
}

/// Returns mean and variance of a function of a perturbed logit.
fn of_noise(logit: f64, g: impl Fn(f64) -> f64) -> [f64; 2] {
    let sum = |x: [f64; 2]| x[0] + x[1];
    let mean = sum(halves(logit, &g));
    [mean, sum(halves(logit, |z| (g(z) - mean).powi(2)))]
}

/// Returns mean and variance of a function of the bit, given its values at 0 and at 1.
fn of_bit(logit: f64, [zero, one]: [f64; 2]) -> [f64; 2] {
    let p = sigmoid(logit);
    [p * one + (1.0 - p) * zero, p * (1.0 - p) * (one - zero).powi(2)]
}

/// Returns the means of `∂y/∂l` given that the bit is 0 and given that it is 1, and the means of `(∂y/∂l)²`.
fn given_bit(logit: f64, tau: f64) -> [[f64; 2]; 2] {
    let p = [sigmoid(-logit), sigmoid(logit)];
    let mean = |power: i32| {
        let [zero, one] = halves(logit, |z| slope(z, tau).powi(power));
        [zero / p[0], one / p[1]]
    };
    [mean(1), mean(2)]
}

#[derive(Clone, Copy, Debug)]
enum Of {
    Relaxed,
    Plain,
    Gumbel,
    Decoupled,
    Rao(u16),
    Limit,
    Gapped,
    ReinMax,
}

const ALL: [Of; 8] =
    [Of::Relaxed, Of::Plain, Of::Gumbel, Of::Decoupled, Of::Rao(10), Of::Limit, Of::Gapped, Of::ReinMax];

/// Forward temperature of the decoupled estimator.
const FORWARD: f64 = 0.5;

impl Of {
    /// Returns the exact mean and variance on the toy problem.
    fn exact(self, logit: f64, tau: f64) -> [f64; 2] {
        let bit = |z: f64| f64::from(u8::from(z > 0.0));
        let ends = [derivative(0.0), derivative(1.0)];
        let at_bits = |slopes: [f64; 2]| of_bit(logit, [ends[0] * slopes[0], ends[1] * slopes[1]]);
        let (p, q) = (sigmoid(logit), sigmoid(-logit));
        match self {
            Self::Relaxed => of_noise(logit, |z| derivative(sigmoid(z / tau)) * slope(z, tau)),
            Self::Plain => at_bits([p * q; 2]),
            Self::Gumbel => of_noise(logit, |z| derivative(bit(z)) * slope(z, tau)),
            Self::Decoupled => of_noise(logit, |z| derivative(sigmoid(z / FORWARD)) * slope(z, tau)),
            Self::Rao(draws) => {
                let [first, second] = given_bit(logit, tau);
                let [mean, between] = at_bits(first);
                let within = |b: usize| ends[b].powi(2) * (second[b] - first[b].powi(2));
                [mean, between + (q * within(0) + p * within(1)) / f64::from(draws)]
            }
            Self::Limit => at_bits(given_bit(logit, tau)[0]),
            Self::Gapped => at_bits([slope((-logit).max(1.0), tau), slope(logit.max(1.0), tau)]),
            Self::ReinMax => {
                let cold = sigmoid(logit / tau);
                let at = |b: f64| (b + cold) / 2.0;
                at_bits([0.0, 1.0].map(|b| 2.0 * at(b) * (1.0 - at(b)) - 0.5 * p * q))
            }
        }
    }

    fn estimate<V, F>(self, at: f64, x: &V, cost: &mut F, rng: &mut Rng) -> Estimate<V>
    where
        V: samplegrad_core::perturbed::Perturbed<Lane = L>,
        F: DifferentiableCost<L>,
        ReinMax: Estimator<V, F>,
    {
        let tau = tau(at);
        let estimate = match self {
            Self::Relaxed => ConcreteRelaxation { tau }.estimate(x, cost, rng),
            Self::Plain => PlainStraightThrough.estimate(x, cost, rng),
            Self::Gumbel => StraightThroughGumbel { tau }.estimate(x, cost, rng),
            Self::Decoupled => {
                let forward = Some(Temperature::new(FORWARD as f32).expect("a temperature"));
                DecoupledStraightThrough { forward, backward: tau }.estimate(x, cost, rng)
            }
            Self::Rao(draws) => GumbelRao::new(tau, draws).expect("a draw").estimate(x, cost, rng),
            Self::Limit => unreachable!("of bits alone"),
            Self::Gapped => GappedStraightThrough::new(tau, 1.0).expect("a gap").estimate(x, cost, rng),
            Self::ReinMax => ReinMax { tau }.estimate(x, cost, rng),
        };
        estimate.expect("finite costs")
    }
}

/// Computes the toy problem's cost `(y − 0.45)²` of the first coordinate.
fn toy(y: &[L], gradient: &mut [L]) -> L {
    gradient.fill(L::ZERO);
    gradient[0] = (y[0] - TARGET as f32) * 2.0;
    (y[0] - TARGET as f32) * (y[0] - TARGET as f32)
}

fn on_the_toy_of(of: Of, draws: u64, logit: f64, at: f64, [mean, variance]: [f64; 2]) -> Verdict {
    let b = Bernoullis::<N, L>::new(&[L::splat(logit as f32)]).expect("a finite logit");
    let mut cost = FnWithGradient::<N, _>(toy);
    let verdict = estimates(draws, &[mean], &[variance], |rng| -> Result<_, CostError<()>> {
        Ok(match of {
            Of::Limit => GumbelRaoLimit { tau: tau(at) }.estimate(&b, &mut cost, rng).expect("finite costs"),
            of => of.estimate(at, &b, &mut cost, rng),
        })
    });
    verdict.within(format!("{of:?}, logit {logit}, τ = {at}"))
}

const CASES: [(f64, f64); 4] = [(0.0, 0.5), (2.0, 0.5), (0.0, 1.0), (2.0, 1.0)];

fn on_the_toy(of: Of, draws: u64) -> Verdict {
    CASES.map(|(logit, tau)| on_the_toy_of(of, draws, logit, tau, of.exact(logit, tau))).into_iter().collect()
}

/// Checks the toy problem for a variable of two classes. Its gradient has two coordinates: the gradient of the bit, and
/// minus the gradient of the bit.
fn of_two_classes(of: Of, draws: u64) -> Verdict {
    let verdict = |(logit, at): (f64, f64)| {
        let [mean, variance] = of.exact(logit, at);
        let x = Categoricals::<N, L>::new(&[2], &[L::splat(logit as f32), L::ZERO]).expect("finite logits");
        let mut cost = FnWithGradient::<N, _>(toy);
        let exact = [mean, -mean];
        estimates(draws, &exact, &[variance; 2], |rng| -> Result<_, CostError<()>> {
            Ok(of.estimate(at, &x, &mut cost, rng))
        })
        .within(format!("{of:?}, logit {logit}, τ = {at}"))
    };
    CASES.map(verdict).into_iter().collect()
}

const SIZES: [usize; 2] = [2, 4];
const CLASSES: [f32; 6] = [0.5, -0.5, 1.0, 0.0, f32::NEG_INFINITY, -1.0];

fn classes() -> Categoricals<N, L> {
    Categoricals::new(&SIZES, &CLASSES.map(L::splat)).expect("valid logits")
}

/// Cost of two categorical variables: `⟨a, y⟩⟨b, y'⟩ + curvature · ⟨d, y'⟩²`; the cost is multilinear without the
/// second term, and quadratic with the second term.
struct TwoVariables {
    curvature: f32,
}

impl DifferentiableCost<L> for TwoVariables {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        let a = [1.0, -0.5].map(L::splat);
        let (b, d) = ([0.25, 2.0, 100.0, -1.0].map(L::splat), [1.0, -1.0, 7.0, 2.0].map(L::splat));
        let (first, second, third) = (reduce::dot(&y[..2], &a), reduce::dot(&y[2..], &b), reduce::dot(&y[2..], &d));
        (0..2).for_each(|k| gradient[k] = a[k] * second);
        (0..4).for_each(|k| gradient[2 + k] = b[k] * first + d[k] * third * (2.0 * self.curvature));
        first * second + third * third * self.curvature
    }
}

impl Cost<[Words], L> for TwoVariables {
    fn value(&mut self, x: &[Words]) -> L {
        let mut y = [L::ZERO; 6];
        for (start, (&size, &class)) in [0, 2].into_iter().zip(SIZES.iter().zip(x)) {
            (0..size).for_each(|k| {
                y[start + k] = L::select(class.equals(Words::splat(k as u32)), L::ONE, L::ZERO);
            });
        }
        self.value_and_gradient(&y, &mut [L::ZERO; 6])
    }
}

/// Compares an estimator of classes with enumeration.
fn against_enumeration(of: Of, draws: u64, curvature: f32) -> Verdict {
    let mut cost = TwoVariables { curvature };
    let exact = enumeration::gradient(&classes(), &mut cost).expect("finite costs").gradient;
    let exact = f64s(exact.iter().map(|g| g.extract(0)));
    estimates(draws, &exact, &[], |rng| -> Result<_, CostError<()>> {
        Ok(of.estimate(1.0, &classes(), &mut cost, rng))
    })
    .within(format!("{of:?}, curvature {curvature}"))
}

/// Checks that the difference between Gumbel-Rao and ST-Gumbel, computed from other draws, has mean zero.
fn rao_as_gumbel(draws: u64, at: [f64; 2]) -> Verdict {
    let mut cost = TwoVariables { curvature: 0.5 };
    estimates(draws, &[0.0; 6], &[], |rng| -> Result<_, CostError<()>> {
        let mut estimate = Of::Rao(3).estimate(at[0], &classes(), &mut cost, rng);
        let other = Of::Gumbel.estimate(at[1], &classes(), &mut cost, rng);
        estimate.gradient.iter_mut().zip(&other.gradient).for_each(|(g, &other)| *g = *g - other);
        Ok(estimate)
    })
}

const BITS: [f32; 3] = [0.0, 1.5, -2.0];

/// Checks three bits with the cost `(w·y − ½)²` plus an interaction of all, which is quadratic in each bit. Without
/// `curvature`, `w_i² y_i` replaces the squares of single bits `w_i² y_i²`, and the cost is linear in each bit.
fn of_bits(of: Of, draws: u64, curvature: bool) -> Verdict {
    let w = [1.0, -2.0, 0.5_f32];
    let f = move |y: &[L], gradient: &mut [L]| {
        let excess = reduce::dot(y, &w.map(L::splat)) - 0.5;
        let mut value = excess * excess + y[0] * y[1] * y[2];
        for i in 0..3 {
            gradient[i] = excess * (2.0 * w[i]) + y[(i + 1) % 3] * y[(i + 2) % 3];
            if !curvature {
                value = value + (y[i] - y[i] * y[i]) * (w[i] * w[i]);
                gradient[i] = gradient[i] + (y[i] * -2.0 + 1.0) * (w[i] * w[i]);
            }
        }
        value
    };
    let mut cost = FnWithGradient::<N, _>(f);
    let b = Bernoullis::<N, L>::new(&BITS.map(L::splat)).expect("finite logits");
    let exact = enumeration::gradient(&b, &mut cost).expect("finite costs").gradient;
    let exact = f64s(exact.iter().map(|g| g.extract(0)));
    estimates(draws, &exact, &[], |rng| -> Result<_, CostError<()>> { Ok(of.estimate(1.0, &b, &mut cost, rng)) })
}

quick_and_long! {
    /// Relaxed estimator: mean and variance on the toy problem, at two logits and two temperatures.
    relaxed: accept, LONG, |draws| on_the_toy(Of::Relaxed, draws);
    /// Plain straight-through on the toy problem.
    plain: accept, LONG, |draws| on_the_toy(Of::Plain, draws);
    /// ST-Gumbel on the toy problem.
    gumbel: accept, LONG, |draws| on_the_toy(Of::Gumbel, draws);
    /// Decoupled straight-through on the toy problem, with the forward temperature ½.
    decoupled: accept, LONG, |draws| on_the_toy(Of::Decoupled, draws);
    /// Gumbel-Rao on the toy problem, with one draw of the noise.
    rao_of_one_draw: accept, LONG, |draws| on_the_toy(Of::Rao(1), draws);
    /// Gumbel-Rao on the toy problem, with ten draws of the noise.
    rao_of_ten_draws: accept, LONG, |draws| on_the_toy(Of::Rao(10), draws);
    /// Gumbel-Rao limit on the toy problem: the mean over all noise.
    limit: accept, LONG, |draws| on_the_toy(Of::Limit, draws);
    /// Gapped straight-through on the toy problem, with gap 1.
    gapped: accept, LONG, |draws| on_the_toy(Of::Gapped, draws);
    /// ReinMax on the toy problem.
    reinmax: accept, LONG, |draws| on_the_toy(Of::ReinMax, draws);
    /// Equality of a variable of two classes and a bit, for each estimator.
    two_classes: accept, LONG / 4, |draws| {
        [Of::Relaxed, Of::Plain, Of::Gumbel, Of::Decoupled, Of::Rao(3), Of::Gapped, Of::ReinMax]
            .map(|of| of_two_classes(of, draws))
            .into_iter()
            .collect()
    };
    /// Unbiasedness of plain straight-through and ReinMax for costs linear in each variable; one class is masked.
    linear_of_classes: accept, LONG, |draws| {
        [Of::Plain, Of::ReinMax].map(|of| against_enumeration(of, draws, 0.0)).into_iter().collect()
    };
    /// ReinMax for a quadratic cost of classes.
    quadratic_of_classes: accept, LONG, |draws| against_enumeration(Of::ReinMax, draws, 0.5);
    /// Negative control: plain straight-through, which is biased for a quadratic cost.
    plain_is_biased_for_quadratic: reject, |draws| against_enumeration(Of::Plain, draws, 0.5);
    /// Unbiasedness for bits with a cost linear in each bit.
    linear_of_bits: accept, LONG, |draws| {
        [Of::Plain, Of::ReinMax].map(|of| of_bits(of, draws, false)).into_iter().collect()
    };
    /// ReinMax for a cost quadratic in each bit.
    quadratic_of_bits: accept, LONG, |draws| of_bits(Of::ReinMax, draws, true);
    /// Negative control: plain straight-through, which is biased for a cost quadratic in each bit.
    plain_of_bits_is_biased: reject, |draws| of_bits(Of::Plain, draws, true);
    /// Gumbel-Rao for classes, one of them masked: its mean is the mean of ST-Gumbel.
    rao_has_the_mean_of_gumbel: accept, LONG, |draws| rao_as_gumbel(draws, [0.5, 0.5]);
    /// Negative control: another temperature.
    another_temperature_is_rejected: reject, |draws| rao_as_gumbel(draws, [0.5, 0.55]);
    /// Negative control: the bias of ST-Gumbel on the toy problem.
    bias_is_seen: reject, |draws| {
        let p = sigmoid(2.0);
        on_the_toy_of(Of::Gumbel, draws, 2.0, 0.5, [p * (1.0 - p) * 0.1, Of::Gumbel.exact(2.0, 0.5)[1]])
    };
    /// Negative control: the variance at another temperature.
    wrong_variance_is_rejected: reject, |draws| {
        on_the_toy_of(Of::Relaxed, draws, 0.0, 0.5, [Of::Relaxed.exact(0.0, 0.5)[0], Of::Relaxed.exact(0.0, 0.52)[1]])
    };
}

/// Checks the exact figures on the estimators' pages. The figures of the relaxed estimator and of ST-Gumbel were known
/// before.
#[test]
fn exact_values_on_the_toy() {
    for of in ALL {
        for (logit, tau) in CASES {
            let [mean, variance] = of.exact(logit, tau);
            let p = sigmoid(logit);
            let bias = mean - p * (1.0 - p) * (1.0 - 2.0 * TARGET);
            println!("{of:?}, logit {logit}, τ = {tau}: mean {mean:.6e}, bias {bias:+.6e}, variance {variance:.6e}");
        }
    }
    let near = |found: f64, known: f64| assert!((found / known - 1.0).abs() < 1e-6, "{found:.6e} for {known:.6e}");
    for (logit, mean, variance) in [(0.0, 2.146018e-2, 1.424446e-2), (2.0, 4.517627e-2, 7.357994e-3)] {
        let [found, found_variance] = Of::Relaxed.exact(logit, 0.5);
        near(found, mean);
        near(found_variance, variance);
    }
    near(Of::Gumbel.exact(0.0, 0.5)[1], 7.793369e-2);
    near(Of::Gumbel.exact(2.0, 0.5)[1], 3.569666e-2);
}

/// Compares the limit's slope with integration, and with the closed form at `τ = 1`.
#[test]
fn limit_against_integration() {
    let mut worst = 0.0_f64;
    for tau_at in [0.02, 0.1, 0.3, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0, 5.0, 50.0, 1000.0_f64] {
        for logit in [-40.0, -20.0, -7.0, -2.0, -0.5, 0.0, 0.25, 1.0, 3.0, 6.0, 12.0, 20.0, 40.0_f32] {
            let exact = given_bit(f64::from(logit), f64::from(tau_at as f32))[0];
            for (b, exact) in [false, true].into_iter().zip(exact) {
                if exact < 1e-30 {
                    continue;
                }
                let found = f64::from(mean_slope(b, logit, tau(tau_at)));
                let error = (found / exact - 1.0).abs();
                worst = worst.max(error);
                assert!(error < 6e-6, "b = {b}, l = {logit}, τ = {tau_at}: {found:e} for {exact:e}, {error:.1e}");
            }
        }
    }
    println!("worst relative error {worst:.1e}");
    for logit in [-6.0, -1.0, 0.5, 2.0, 6.0_f32] {
        let a = f64::from(logit).exp();
        let ratio = (1.0 + a) / (1.0 - a);
        let closed = ratio / (1.0 - a) * (ratio * (2.0 / (1.0 + a)).ln() - (1.0 + 3.0 * a) / (2.0 * (1.0 + a)));
        let found = f64::from(mean_slope(true, logit, Temperature::ONE));
        assert!((found / closed - 1.0).abs() < 4e-6, "l = {logit}: {found:e} for {closed:e}");
    }
}

/// Checks that every estimate is finite at the ends of every range, and zero at a masked class.
#[test]
fn finite_in_finite_out() {
    let cost = |y: &[f32], gradient: &mut [f32]| {
        gradient.iter_mut().zip(y).for_each(|(g, y)| *g = y - 0.25);
        y.iter().map(|y| (y - 0.25) * (y - 0.25)).sum()
    };
    fn all<V>(x: &V, at: Temperature, cost: &mut impl DifferentiableCost) -> Vec<Estimate<V>>
    where
        V: samplegrad_core::perturbed::Perturbed<Lane = f32>,
        ReinMax: for<'a> Estimator<V, dyn DifferentiableCost + 'a>,
    {
        let rng = &mut stream::xorshift(7, at.get().to_bits().into());
        let cost: &mut dyn DifferentiableCost = cost;
        let rao = GumbelRao::new(at, 2).expect("draws");
        vec![
            ConcreteRelaxation { tau: at }.estimate(x, cost, rng).expect("finite"),
            PlainStraightThrough.estimate(x, cost, rng).expect("finite"),
            StraightThroughGumbel { tau: at }.estimate(x, cost, rng).expect("finite"),
            DecoupledStraightThrough { forward: Some(at), backward: tau(1e-3) }.estimate(x, cost, rng).expect("finite"),
            { rao }.estimate(x, cost, rng).expect("finite"),
            GappedStraightThrough::new(at, 1e6).expect("a gap").estimate(x, cost, rng).expect("finite"),
            GappedStraightThrough::new(at, 0.0).expect("a gap").estimate(x, cost, rng).expect("finite"),
            ReinMax { tau: at }.estimate(x, cost, rng).expect("finite"),
        ]
    }
    let mask = f32::NEG_INFINITY;
    for at in [1e-3, 0.5, 1.0, 1e3].map(tau) {
        for logits in [[1e4, -1e4, mask, 0.0], [-1e4, -1e4, mask, 1e4], [0.0, 1.0, mask, 0.5], [1e4, 1e4, mask, -1e4]] {
            // A variable of three classes, and a variable with a single class.
            let x = Categoricals::<N>::new(&[3, 1], &logits).expect("valid logits");
            for estimate in (0..20).flat_map(|_| all(&x, at, &mut FnWithGradient::<N, _>(cost))) {
                assert!(estimate.mean.is_finite() && estimate.gradient.iter().all(|g| g.is_finite()), "{estimate:?}");
                assert_eq!((estimate.gradient[2], estimate.gradient[3]), (0.0, 0.0), "{logits:?}");
            }
            let b = Bernoullis::<N>::new(&[logits[0], logits[1], logits[3]]).expect("finite logits");
            let rng = &mut stream::xorshift(8, 0);
            let limit =
                GumbelRaoLimit { tau: at }.estimate(&b, &mut FnWithGradient::<N, _>(cost), rng).expect("finite");
            for estimate in all(&b, at, &mut FnWithGradient::<N, _>(cost)).into_iter().chain([limit]) {
                assert!(estimate.mean.is_finite() && estimate.gradient.iter().all(|g| g.is_finite()), "{estimate:?}");
            }
        }
    }
}

/// Checks that gap and temperature agree between two classes and a bit, and that the winner leads by the gap.
#[test]
fn gap_is_kept() {
    use samplegrad_core::perturbed::Perturbed;
    let x = Categoricals::<N>::new(&[4], &[2.0, 1.9, -3.0, f32::NEG_INFINITY]).expect("valid logits");
    for class in 0..3_u32 {
        let z = x.gapped(&[class], 1.0);
        let lead =
            (0..4).filter(|&k| k != class as usize).map(|k| z[class as usize] - z[k]).fold(f32::INFINITY, f32::min);
        assert!(lead >= 1.0 - 1e-6, "class {class}: {z:?}");
        assert_eq!(z[3], f32::NEG_INFINITY);
    }
    for logit in [-3.0, -0.5, 0.5, 3.0_f32] {
        let (b, x) = (Bernoullis::<N>::new(&[logit]), Categoricals::<N>::new(&[2], &[logit, 0.0]));
        let (b, x) = (b.expect("a finite logit"), x.expect("finite logits"));
        for (bit, class) in [(1.0, 0), (0.0, 1)] {
            let z = x.gapped(&[class], 1.0);
            assert!((b.gapped(&[bit], 1.0)[0] - (z[0] - z[1])).abs() < 1e-6, "bit {bit} at {logit}");
        }
    }
}

/// Checks that a value or a slope that is not finite is reported with the sample behind the point, and its lane.
#[test]
fn bad_costs_are_reported() {
    let b = Bernoullis::<N, L>::new(&[L::ZERO, L::ZERO]).expect("finite logits");
    for bad_slope in [false, true] {
        let mut cost = FnWithGradient::<N, _>(|y: &[L], gradient: &mut [L]| {
            let bad = L::from_fn(|lane| if lane == 2 && y[1].extract(lane) > 0.5 { f32::NAN } else { 1.0 });
            gradient.fill(if bad_slope { bad } else { L::ONE });
            if bad_slope { L::ONE } else { bad }
        });
        let mut rng = Rng::new(1, 0);
        let mut seen = [0; 8];
        let at = tau(0.5);
        for _ in 0..100 {
            let results: [Estimated<Bernoullis<N, L>>; 8] = [
                ConcreteRelaxation { tau: at }.estimate(&b, &mut cost, &mut rng),
                PlainStraightThrough.estimate(&b, &mut cost, &mut rng),
                StraightThroughGumbel { tau: at }.estimate(&b, &mut cost, &mut rng),
                DecoupledStraightThrough { forward: Some(Temperature::ONE), backward: at }
                    .estimate(&b, &mut cost, &mut rng),
                GumbelRao::new(at, 2).expect("draws").estimate(&b, &mut cost, &mut rng),
                GumbelRaoLimit { tau: at }.estimate(&b, &mut cost, &mut rng),
                GappedStraightThrough::new(at, 1.0).expect("a gap").estimate(&b, &mut cost, &mut rng),
                ReinMax { tau: at }.estimate(&b, &mut cost, &mut rng),
            ];
            for (seen, result) in seen.iter_mut().zip(results) {
                let Err(error) = result else { continue };
                assert!(error.lane == 2 && error.value.is_nan() && error.sample[1].extract(2) == 1.0);
                *seen += 1;
            }
        }
        assert!(seen.iter().all(|seen| (20..80).contains(seen)), "{seen:?}");
    }
}

/// Checks that an invalid number of draws, and an invalid gap, are refused.
#[test]
fn bad_settings_are_refused() {
    assert!(matches!(GumbelRao::new(Temperature::ONE, 0), Err(Error::OutOfRange { what: "draws of the noise", .. })));
    for gap in [-1.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(
            GappedStraightThrough::new(Temperature::ONE, gap),
            Err(Error::OutOfRange { what: "gap", .. })
        ));
    }
}
