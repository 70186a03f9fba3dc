//! REBAR and RELAX: means against enumeration, variances against numerical integration, and learned parameters against
//! the optimum.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Rng, Verdict, Words, accept, estimates, f64s, lanes, quick_and_long, reject, repeat};
use crate::rebar_exact::{self, gradient, moments, relaxed};
use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, Rebar, Temperature,
    cost::{Cost, DifferentiableCost, FnWithGradient},
    coupling::Coupling::{self, Antithetic, Independent, Tied},
    enumeration,
    estimator::Estimator,
    lane::Lane,
    noise::Uniform,
    rebar_tuned::TunedRebar,
    reduce,
    relax::{BlackBox, Relax},
    surrogate::Linear,
};

const LONG: u64 = 1 << 23;
/// Draws of estimators that take longer.
const SLOW: u64 = 5_000_000;
const N: usize = 8;
const COUPLINGS: [Coupling; 3] = [Independent, Tied, Antithetic];
const BITS: [f32; 5] = [0.0, 1.5, -2.0, 0.5, -0.25];
const SIZES: [usize; 2] = [2, 4];
const CLASSES: [f32; 6] = [0.5, -0.5, 1.0, 0.0, f32::NEG_INFINITY, -1.0];

fn tau(tau: f32) -> Temperature {
    Temperature::new(tau).expect("a temperature")
}

fn rate(rate: f32) -> LearningRate {
    LearningRate::new(rate).expect("a rate")
}

fn bits() -> Bernoullis<N, L> {
    Bernoullis::new(&BITS.map(L::splat)).expect("finite logits")
}

/// Computes a smooth cost of bits: `¼ (w·y)² + 3 y_0 y_1`.
fn smooth(y: &[L], gradient: &mut [L]) -> L {
    let w = [1.0, -2.0, 0.5, 1.0, 3.0].map(L::splat);
    let sum = reduce::dot(y, &w);
    for (k, (g, w)) in gradient.iter_mut().zip(w).enumerate() {
        let product = if k < 2 { y[1 - k] * 3.0 } else { L::ZERO };
        *g = sum * w * 0.5 + product;
    }
    sum * sum * 0.25 + y[0] * y[1] * 3.0
}

/// Returns the exact gradient of this cost and the variance of the score function.
fn exact_of_bits() -> [Vec<f64>; 2] {
    let b = Bernoullis::<N>::new(&BITS).expect("finite logits");
    let mut cost = |b: &[f32]| smooth(&b.iter().map(|&b| L::splat(b)).collect::<Vec<_>>(), &mut []).extract(0);
    let law = enumeration::law(&b, &mut cost).expect("finite costs");
    [f64s(law.exact().gradient.clone()), f64s((0..BITS.len()).map(|j| law.variance(j, 0.0)))]
}

fn classes() -> Categoricals<N, L> {
    Categoricals::new(&SIZES, &CLASSES.map(L::splat)).expect("valid logits")
}

fn cost_of_classes<T: Lane>(x: &[T::Word]) -> T {
    let one = T::gather(&[1.0, -0.5].map(T::splat), x[0]);
    let other = T::gather(&[0.25, 2.0, 100.0, -1.0].map(T::splat), x[1]);
    one * other + other
}

/// Multilinear extension of [`cost_of_classes`] to points between the classes.
struct Multilinear;

impl Cost<[Words], L> for Multilinear {
    fn value(&mut self, x: &[Words]) -> L {
        cost_of_classes(x)
    }
}

impl DifferentiableCost<L> for Multilinear {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        let (a, b) = ([1.0, -0.5].map(L::splat), [0.25, 2.0, 100.0, -1.0].map(L::splat));
        let (one, other) = (reduce::dot(&y[..2], &a), reduce::dot(&y[2..], &b));
        (0..2).for_each(|k| gradient[k] = a[k] * other);
        (0..4).for_each(|k| gradient[2 + k] = b[k] * (one + 1.0));
        one * other + other
    }
}

/// Compares an estimator with the exact gradients of five bits and of two categorical variables, one class masked.
fn unbiased<E>(draws: u64, new: impl Fn() -> E) -> Verdict
where
    E: for<'a> Estimator<Bernoullis<N, L>, FnWithGradient<N, fn(&[L], &mut [L]) -> L>>
        + Estimator<Categoricals<N, L>, Multilinear>,
{
    let [exact, _] = exact_of_bits();
    let mut cost = FnWithGradient::<N, fn(&[L], &mut [L]) -> L>(smooth);
    let (b, mut of_bits) = (bits(), new());
    let verdict = estimates(draws, &exact, &[], |rng| of_bits.estimate(&b, &mut cost, rng)).within("bits");

    let x = Categoricals::<N>::new(&SIZES, &CLASSES).expect("valid logits");
    let exact = enumeration::gradient(&x, &mut cost_of_classes::<f32>).expect("finite costs");
    let (x, mut of_classes) = (classes(), new());
    let of_classes = estimates(draws, &f64s(exact.gradient), &[], |rng| {
        let estimate = of_classes.estimate(&x, &mut Multilinear, rng);
        assert!(estimate.as_ref().is_ok_and(|e| e.gradient[4] == L::ZERO), "a masked class has a gradient");
        estimate
    });
    [verdict, of_classes.within("classes")].into_iter().collect()
}

fn rebar(draws: u64, coupling: Coupling) -> Verdict {
    let at = |(t, eta)| {
        let rebar = Rebar::new(tau(t), eta).expect("a weight").coupled(coupling);
        unbiased(draws, || rebar).within(format!("τ = {t}, η = {eta}"))
    };
    [(0.1, 0.5), (0.5, 1.0), (2.0, -1.0)].map(at).into_iter().collect()
}

fn tuned(coupling: Coupling) -> TunedRebar<L> {
    TunedRebar::new(tau(0.5), 1.0, coupling, rate(0.01)).expect("in range")
}

fn toy_cost(y: &[L], gradient: &mut [L]) -> L {
    gradient.iter_mut().zip(y).for_each(|(g, &y)| *g = (y - 0.45) * 2.0);
    (y[0] - 0.45) * (y[0] - 0.45)
}

fn toy(logit: f32) -> Bernoullis<N, L> {
    Bernoullis::new(&[L::splat(logit)]).expect("a finite logit")
}

/// Compares the variance on the toy problem with one coupling to the exact variance with another.
fn toy_variance(draws: u64, logit: f32, t: f32, eta: Option<f32>, [coupling, exact]: [Coupling; 2]) -> Verdict {
    let law = moments(f64::from(logit), exact, relaxed(f64::from(t)));
    let eta = eta.unwrap_or(law.eta() as f32);
    let mut rebar = Rebar::new(tau(t), eta).expect("a weight").coupled(coupling);
    let mut cost = FnWithGradient::<N, _>(toy_cost);
    let (b, mean) = (toy(logit), gradient(f64::from(logit)));
    estimates(draws, &[mean], &[law.variance(f64::from(eta))], |rng| rebar.estimate(&b, &mut cost, rng))
        .within(format!("{coupling:?}, logit {logit}, τ = {t}, η = {eta}"))
}

fn toy_variances(draws: u64) -> Verdict {
    let mut verdicts = Vec::new();
    for coupling in COUPLINGS {
        for logit in [0.0, 2.0] {
            for (t, eta) in [(0.5, Some(1.0)), (0.5, None), (16.0, None)] {
                verdicts.push(toy_variance(draws, logit, t, eta, [coupling; 2]));
            }
        }
    }
    verdicts.into_iter().collect()
}

/// Checks RELAX with fixed weights on the toy problem: `c(z) = ½ f(σ_2(z)) + 0.1 + w tanh(z/2)`, or without the
/// relaxation.
fn toy_of_relax(draws: u64, w: f64) -> Verdict {
    let mut verdicts = Vec::new();
    for (coupling, logit) in COUPLINGS.into_iter().zip([0.0_f32, 2.0, -1.0]) {
        let surrogate = |z: f64| (0.1 + w * (z / 2.0).tanh(), 0.5 * w / (z / 2.0).cosh().powi(2));
        let both = |z: f64| {
            let ((f, slope), (r, of_r)) = (relaxed(2.0)(z), surrogate(z));
            (0.5 * f + r, 0.5 * slope + of_r)
        };
        let (l, mean) = (f64::from(logit), [gradient(f64::from(logit))]);
        let b = toy(logit);
        let still = Linear::<N, L>::tanh(rate(1e-30)).starting_at(L::splat(0.1), &[L::splat(-0.2)]);
        let mut black_box = BlackBox { coupling, surrogate: still };
        let mut cost = |b: &[L]| toy_cost(b, &mut []);
        let variance = [moments(l, coupling, surrogate).variance(1.0)];
        verdicts.push(estimates(draws, &mean, &variance, |rng| black_box.estimate(&b, &mut cost, rng)));
        let rebar = TunedRebar::new(tau(2.0), 0.5, coupling, rate(1e-30)).expect("in range").keeping_temperature();
        let mut relax = Relax { rebar, surrogate: still };
        let mut cost = FnWithGradient::<N, _>(toy_cost);
        let variance = [moments(l, coupling, both).variance(1.0)];
        verdicts.push(estimates(draws, &mean, &variance, |rng| relax.estimate(&b, &mut cost, rng)).within("both"));
    }
    verdicts.into_iter().collect()
}

/// Compares the mean of the gradient used to learn η and ln τ with the derivatives of the exact variance.
fn gradient_of_the_variance(draws: u64, at: f64) -> Verdict {
    let mut verdicts = Vec::new();
    for (coupling, logit) in COUPLINGS.into_iter().zip([0.0_f32, 2.0, -1.0]) {
        let (l, eta) = (f64::from(logit), 0.5);
        let variance = |ln_tau: f64| moments(l, coupling, relaxed(ln_tau.exp()));
        let by_tau = (variance(at.ln() + 1e-3).variance(eta) - variance(at.ln() - 1e-3).variance(eta)) / 2e-3;
        let exact = [variance(at.ln()).eta_derivative(eta), by_tau];
        // The rate is too small to change a parameter. The steps are needed because the finite difference alternates
        // between forward and backward.
        let mut rebar = TunedRebar::new(tau(1.5), 0.5, coupling, rate(1e-30)).expect("in range");
        let (b, mut cost) = (toy(logit), FnWithGradient::<N, _>(toy_cost));
        let mut sums = [[0.0_f64; 3]; 2];
        repeat(draws, 21, |rng| {
            let (u, v) = ([Uniform::sample(rng)], [Uniform::sample(rng)]);
            let slopes = rebar.variance_gradient(&b, &u, &v, &mut cost).expect("finite costs");
            rebar.with_noise(&b, &u, &v, &mut cost).expect("finite costs");
            for (sums, slopes) in sums.iter_mut().zip(slopes) {
                for x in lanes(slopes).map(f64::from) {
                    sums.iter_mut().zip([1.0, x, x * x]).for_each(|(sum, x)| *sum += x);
                }
            }
        });
        for ((sums, exact), what) in sums.into_iter().zip(exact).zip(["η", "ln τ"]) {
            let mean = sums[1] / sums[0];
            let error = ((sums[2] / sums[0] - mean * mean) / sums[0]).sqrt();
            // The difference has an error of second order in its step, 2^−6.
            let z = (mean - exact) / (error + 1e-3 * exact.abs());
            let place = format!("{coupling:?}, by {what}: {mean:.4e} for {exact:.4e}, {z:+.2} standard errors");
            verdicts.push(Verdict::new(place, common::normal(z)));
        }
    }
    verdicts.into_iter().collect()
}

quick_and_long! {
    /// REBAR of bits and of classes with independent noise, at several temperatures and weights.
    independent: accept, SLOW, |draws| rebar(draws, Independent);
    /// REBAR with tied noise.
    tied: accept, SLOW, |draws| rebar(draws, Tied);
    /// REBAR with antithetic pairs.
    antithetic: accept, SLOW, |draws| rebar(draws, Antithetic);
    /// REBAR while it learns.
    tuned_rebar: accept, SLOW, |draws| COUPLINGS.map(|c| unbiased(draws, || tuned(c))).into_iter().collect();
    /// RELAX while it learns.
    relax: accept, SLOW, |draws| {
        let surrogate = [Linear::<N, L>::tanh(rate(0.01)), Linear::<N, L>::sigmoid(rate(0.01)), Linear::<N, L>::sigmoid(rate(0.001))];
        let relax = |(c, surrogate)| unbiased(draws, || Relax { rebar: tuned(c), surrogate });
        COUPLINGS.into_iter().zip(surrogate).map(relax).collect()
    };
    /// RELAX of a black box.
    black_box: accept, SLOW, |draws| {
        let surrogate = [Linear::<N, L>::tanh(rate(0.01)), Linear::<N, L>::sigmoid(rate(0.01)), Linear::<N, L>::tanh(rate(0.001))];
        let relax = |(coupling, surrogate)| unbiased(draws, || BlackBox { coupling, surrogate });
        COUPLINGS.into_iter().zip(surrogate).map(relax).collect()
    };
    /// Negative control: bits of other logits.
    wrong_logits_are_rejected: reject, |draws| {
        let [exact, _] = exact_of_bits();
        let b = Bernoullis::<N, L>::new(&BITS.map(|l| L::splat(l * 1.05))).expect("finite logits");
        let (mut rebar, mut cost) = (tuned(Tied), FnWithGradient::<N, _>(smooth));
        estimates(draws, &exact, &[], |rng| rebar.estimate(&b, &mut cost, rng))
    };
    /// Variances on the toy problem, each coupling at η = 1 and at the best η.
    toy_variances_of_rebar: accept, LONG, toy_variances;
    /// Variances on the toy problem that were computed independently of this project.
    toy_rebar: accept, LONG, |draws| {
        let of = |(logit, variance)| {
            let (mut rebar, mut cost) = (Rebar::new(tau(0.5), 1.0).expect("a weight"), FnWithGradient::<N, _>(toy_cost));
            let (b, mean) = (toy(logit), [gradient(f64::from(logit))]);
            estimates(draws, &mean, &[variance], |rng| rebar.estimate(&b, &mut cost, rng))
        };
        [(0.0, 2.265312e-2), (2.0, 1.131859e-2)].map(of).into_iter().collect()
    };
    /// Negative control: the variance of another coupling.
    wrong_coupling_is_rejected: reject, |draws| toy_variance(draws, 0.0, 0.5, Some(1.0), [Tied, Independent]);
    /// Variances of RELAX on the toy problem.
    toy_variances_of_relax: accept, LONG, |draws| toy_of_relax(draws, -0.2);
    /// Negative control: another weight.
    wrong_weight_is_rejected: reject, |draws| toy_of_relax(draws, -0.21);
    /// Gradients used to learn η and τ.
    derivatives_of_the_variance: accept, LONG, |draws| gradient_of_the_variance(draws, 1.5);
    /// Negative control: the derivatives at another temperature.
    wrong_derivatives_are_rejected: reject, |draws| gradient_of_the_variance(draws, 1.7);
}

/// Checks that η and τ reach the smallest variance of a grid search, far below the variance of the score function.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn tuning_reaches_the_optimum() {
    for coupling in COUPLINGS {
        for logit in [0.0_f32, 2.0] {
            let l = f64::from(logit);
            let (best_tau, best_eta, best) = rebar_exact::best(l, coupling);
            let plain = moments(l, coupling, relaxed(1.0)).variance(0.0);
            let (b, mut cost) = (toy(logit), FnWithGradient::<N, _>(toy_cost));
            let mut rebar = TunedRebar::new(tau(0.5), 1.0, coupling, rate(0.01)).expect("in range");
            let mut rng = Rng::new(31, 0);
            for (steps, length) in [(100_000, 0.01), (50_000, 0.001), (50_000, 0.0001)] {
                rebar = rebar.at_rate(rate(length));
                for _ in 0..steps {
                    rebar.estimate(&b, &mut cost, &mut rng).expect("finite costs");
                }
            }
            let variance = |(eta, t): (f32, f32)| moments(l, coupling, relaxed(t.into())).variance(eta.into());
            let learned = || lanes(rebar.eta()).zip(lanes(rebar.temperature()));
            let worst = learned().map(variance).fold(0.0, f64::max);
            println!(
                "{coupling:?}, logit {logit}: score function {plain:.6e}, grid {best:.6e} (τ {best_tau:.1}, η {best_eta:.2}), \
                 learned {worst:.6e} at worst, for example (η, τ) = {:?}",
                learned().next()
            );
            assert!(worst < 2.0 * best && worst * 50.0 < plain, "{coupling:?}, logit {logit}");
        }
    }
}

/// Checks that learned weights of a surrogate lower the variance: to zero for one bit, and well below the score
/// function's for five bits.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn surrogates_learn() {
    for coupling in COUPLINGS {
        let mut relax = BlackBox { coupling, surrogate: Linear::<N, L>::tanh(rate(0.01)) };
        let mut rng = Rng::new(32, 0);
        for length in [0.01, 0.001, 0.0001] {
            relax.surrogate = relax.surrogate.at_rate(rate(length));
            for _ in 0..30_000 {
                relax.estimate(&toy(0.0), &mut |b: &[L]| toy_cost(b, &mut []), &mut rng).expect("finite costs");
            }
        }
        let [w0, w1] = [relax.surrogate.bias(), relax.surrogate.weights()[0]].map(|w| f64::from(w.extract(0)));
        let surrogate = |z: f64| (w0 + w1 * (z / 2.0).tanh(), 0.5 * w1 / (z / 2.0).cosh().powi(2));
        let [learned, plain] = [1.0, 0.0].map(|weight| moments(0.0, coupling, surrogate).variance(weight));
        println!("{coupling:?}: w = {w0:.5}, {w1:.5}: variance {learned:.3e}, score function {plain:.3e}");
        assert!(learned * 500.0 < plain, "{coupling:?}");

        let [exact, plain] = exact_of_bits();
        let plain: f64 = plain.iter().sum();
        let mut black_box = BlackBox { coupling, surrogate: Linear::<N, L>::tanh(rate(0.01)) };
        let mut relax = Relax { rebar: tuned(coupling), surrogate: Linear::<N, L>::tanh(rate(0.01)) };
        let mut rebar = tuned(coupling);
        let (b, mut cost) = (bits(), FnWithGradient::<N, _>(smooth));
        let mut sums = [0.0_f64; 3];
        for step in 0..200_000 {
            let estimates = [
                black_box.estimate(&b, &mut cost, &mut rng),
                relax.estimate(&b, &mut cost, &mut rng),
                rebar.estimate(&b, &mut cost, &mut rng),
            ];
            if step >= 100_000 {
                for (sum, estimate) in sums.iter_mut().zip(estimates) {
                    for (g, exact) in estimate.expect("finite costs").gradient.into_iter().zip(&exact) {
                        *sum += lanes(g).map(|g| (f64::from(g) - exact).powi(2)).sum::<f64>();
                    }
                }
            }
        }
        let [black_box, relax, rebar] = sums.map(|sum| sum / (100_000 * L::LANES) as f64);
        println!(
            "{coupling:?}: score function {plain:.3}, black box {black_box:.3}, REBAR {rebar:.3}, RELAX {relax:.3}"
        );
        assert!(black_box < 0.7 * plain && rebar < 0.7 * plain && relax < 0.7 * plain);
    }
}
