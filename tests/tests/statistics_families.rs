//! Families of continuous distributions against laws written down here in double precision: samples by cells, moments,
//! entropies and divergences by numerical integration, gradients by the derivative of the integral.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`common::ALARM`]); seeds are fixed.

mod common;

use common::{L, Verdict, accept, estimates, quick_and_long, reject};
use samplegrad_core::{
    Error, Gaussian, Gumbel,
    cauchy::Cauchy,
    cost::Smooth,
    estimator::Estimator,
    exponential::Exponential,
    family::{Family, InverseCdf, Moments},
    independent::Independent,
    kumaraswamy::Kumaraswamy,
    lane::Lane,
    laplace::Laplace,
    log_normal::LogNormal,
    logistic::Logistic,
    noise::Uniform,
    normal::Normal,
    pareto::Pareto,
    pathwise::Pathwise,
    score_function::ScoreFunction,
    uniform_interval::UniformInterval,
    variables::Variables,
    weibull::Weibull,
};
use statrs::distribution::{ContinuousCDF, Normal as Exact};

/// Draws of a sampler, and of an estimator.
const SAMPLES: u64 = 1 << 27;
const LONG: u64 = 1 << 24;
const N: usize = 4;

/// `−ln` of the probability on the left, of either end.
fn neg_ln(p: f64, q: f64) -> f64 {
    if q < p { -(-q).ln_1p() } else { -p.ln() }
}

fn phi(p: f64, q: f64) -> f64 {
    let lower = Exact::standard().inverse_cdf(p.min(q));
    if p < q { lower } else { -lower }
}

/// The families with example parameters: quantile functions of the probabilities on both sides, and log-densities.
mod laws {
    use super::{neg_ln, phi};
    use std::f64::consts::PI;

    pub type Quantile = fn([f64; 2], f64, f64) -> f64;
    pub type LogDensity = fn([f64; 2], f64) -> f64;

    /// A law by its quantile function and its log-density.
    pub type Law = (Quantile, LogDensity);

    const NORMAL_AT: LogDensity = |[a, b], x| -0.5 * ((x - a) / b).powi(2) - (b * (2.0 * PI).sqrt()).ln();
    pub const NORMAL: Law = (|[a, b], p, q| a + b * phi(p, q), NORMAL_AT);
    /// With the logarithm of its scale as a parameter.
    pub const GAUSSIAN: Law = (|[a, b], p, q| a + b.exp() * phi(p, q), |[a, b], x| NORMAL_AT([a, b.exp()], x));
    pub const LOGISTIC: Law = (
        |[a, b], p, q| a + b * (p.ln() - q.ln()),
        |[a, b], x| {
            let z = ((x - a) / b).abs();
            -z - 2.0 * (-z).exp().ln_1p() - b.ln()
        },
    );
    pub const LAPLACE: Law = (
        |[a, b], p, q| a + b * if p < q { (2.0 * p).ln() } else { -(2.0 * q).ln() },
        |[a, b], x| -((x - a) / b).abs() - (2.0 * b).ln(),
    );
    pub const GUMBEL: Law = (
        |[a, b], p, q| a - b * neg_ln(p, q).ln(),
        |[a, b], x| {
            let z = (x - a) / b;
            -z - (-z).exp() - b.ln()
        },
    );
    pub const CAUCHY: Law = (
        |[a, b], p, q| a + b * if p < q { -1.0 / (PI * p).tan() } else { 1.0 / (PI * q).tan() },
        |[a, b], x| -(PI * b).ln() - ((x - a) / b).powi(2).ln_1p(),
    );
    pub const UNIFORM: Law = (
        |[a, b], p, q| if p < q { a + (b - a) * p } else { b - (b - a) * q },
        |[a, b], x| if (a..=b).contains(&x) { -(b - a).ln() } else { f64::NEG_INFINITY },
    );
    pub const EXPONENTIAL: Law = (|[a, _], p, q| neg_ln(q, p) / a, |[a, _], x| a.ln() - a * x);
    pub const WEIBULL: Law = (
        |[a, b], p, q| a * neg_ln(q, p).powf(1.0 / b),
        |[a, b], x| (b / a).ln() + (b - 1.0) * (x / a).ln() - (x / a).powf(b),
    );
    pub const PARETO: Law =
        (|[a, b], p, q| a * (neg_ln(q, p) / b).exp(), |[a, b], x| b.ln() + b * a.ln() - (b + 1.0) * x.ln());
    pub const LOG_NORMAL: Law = (|[a, b], p, q| (a + b * phi(p, q)).exp(), |p, x| NORMAL_AT(p, x.ln()) - x.ln());
    pub const KUMARASWAMY: Law = (
        |[a, b], p, q| (-(-neg_ln(q, p) / b).exp_m1()).powf(1.0 / a),
        |[a, b], x| (a * b).ln() + (a - 1.0) * x.ln() + (b - 1.0) * (-x.powf(a)).ln_1p(),
    );
}
use laws::Law;

/// `E[g(X)] = ∫ g(F^{−1}(u)) du` with `u = 1/(1 + e^{−s})`, by the trapezoidal rule in `s`, whose error vanishes faster
/// than any power of the step.
fn expectation(law: Law, parameters: [f64; 2], g: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 128.0;
    let term = |i: i32| {
        let s = f64::from(i) * STEP;
        let (p, q) = (1.0 / (1.0 + (-s).exp()), 1.0 / (1.0 + s.exp()));
        g((law.0)(parameters, p, q)) * p * q
    };
    // Beyond e^{−34} nothing is left that the families below need.
    (-34 * 128..=34 * 128).map(term).sum::<f64>() * STEP
}

/// Calls `$do!(law, parameters, constructor)` for every family.
macro_rules! for_every_family {
    ($do:ident) => {
        $do!(laws::GAUSSIAN, [0.75, 0.5], |a, b| Gaussian::new(a, b));
        $do!(laws::NORMAL, [0.75, 1.5], |a, b| Normal::new(a, b));
        $do!(laws::LOGISTIC, [0.5, 0.75], |a, b| Logistic::new(a, b));
        $do!(laws::LAPLACE, [-0.5, 1.25], |a, b| Laplace::new(a, b));
        $do!(laws::GUMBEL, [0.5, 1.5], |a, b| Gumbel::new(a, b));
        $do!(laws::CAUCHY, [0.5, 0.75], |a, b| Cauchy::new(a, b));
        $do!(laws::UNIFORM, [-0.5, 1.5], |a, b| UniformInterval::new(a, b));
        $do!(laws::EXPONENTIAL, [1.5, 0.0], |a, _| Exponential::new(a));
        $do!(laws::WEIBULL, [1.5, 0.75], |a, b| Weibull::new(a, b));
        $do!(laws::WEIBULL, [0.5, 6.0], |a, b| Weibull::new(a, b));
        $do!(laws::PARETO, [0.5, 3.5], |a, b| Pareto::new(a, b));
        $do!(laws::LOG_NORMAL, [0.25, 0.75], |a, b| LogNormal::new(a, b));
        $do!(laws::KUMARASWAMY, [2.5, 1.75], |a, b| Kumaraswamy::new(a, b));
        $do!(laws::KUMARASWAMY, [0.75, 4.0], |a, b| Kumaraswamy::new(a, b));
    };
}

/// Samples of one family at all its example parameters, `off` from the second parameter (of the exponential: the first).
fn samples(draws: u64, off: f32, only: &str) -> Verdict {
    let mut verdicts = Vec::new();
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            if name.contains(&format!(":: {only} ")) {
                let [first, second] = $parameters.map(|x: f64| L::splat(x as f32));
                let p = family(|$a, $b| $new, if name.contains("EXP") { first + off } else { first }, second + off);
                let quantile = |p: f64, q: f64| ($law.0)($parameters, p, q);
                // Where a law ends at a number other than zero, samples are no finer than the floats there.
                let lower = if name.contains("UNIFORM") || name.contains("PARETO") { 1 } else { 4 };
                let upper = if name.contains("UNIFORM") || name.contains("KUMA") { 1 } else { 4 };
                let verdict = common::continuous(draws, 41, (lower, upper), quantile, |rng| p.sample_path(rng).0);
                verdicts.push(verdict.within(name));
            }
        }};
    }
    for_every_family!(one);
    verdicts.into_iter().collect()
}

fn family<D, T: Lane>(new: impl Fn(T, T) -> Result<D, Error>, a: T, b: T) -> D {
    new(a, b).expect("parameters in range")
}

/// `1/(1 + x²)`, which is bounded with its derivative, so that every estimator has a variance.
fn hill(x: &[L], gradient: &mut [L]) -> L {
    let f = (x[0] * x[0] + 1.0).recip();
    gradient[0] = -(x[0] + x[0]) * f * f;
    f
}

/// The gradient of `E[1/(1 + X²)]` in each parameter: central differences of the integral.
fn exact_gradient(law: Law, parameters: [f64; 2], count: usize) -> Vec<f64> {
    const H: f64 = 1e-4;
    let at = |i: usize, h: f64| {
        let mut moved = parameters;
        moved[i] += h;
        expectation(law, moved, |x| 1.0 / (1.0 + x * x))
    };
    let slope = |i, h| (at(i, h) - at(i, -h)) / (2.0 * h);
    // Richardson's extrapolation: the error is of fourth order.
    (0..count).map(|i| (4.0 * slope(i, H) - slope(i, 2.0 * H)) / 3.0).collect()
}

/// Both estimators of every family. Where the support moves with a parameter the score function is not asked.
fn gradients(draws: u64) -> Verdict {
    let mut verdicts = Vec::new();
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let [first, second] = $parameters.map(|x: f64| L::splat(x as f32));
            let p = family(|$a, $b| $new, first, second);
            let variables = Independent::<_, N>::new(&[p]).expect("room");
            let count = Variables::<N, L>::parameters(&variables);
            let exact = exact_gradient($law, $parameters, count);
            let mut cost = Smooth::<N, _>(hill);
            let path = estimates(draws, &exact, &[], |rng| Pathwise.estimate(&variables, &mut cost, rng));
            verdicts.push(path.within(name).within("pathwise"));
            if !name.contains("UNIFORM") && !name.contains("PARETO") {
                let mut score = ScoreFunction { baseline: L::splat(0.5) };
                let score = estimates(draws, &exact, &[], |rng| score.estimate(&variables, &mut cost, rng));
                verdicts.push(score.within(name).within("score function"));
            }
        }};
    }
    for_every_family!(one);
    verdicts.into_iter().collect()
}

/// The score function of an interval's ends, which its mean does not vanish in.
fn score_of_moving_support(draws: u64) -> Verdict {
    let p = UniformInterval::new(L::splat(-0.5), L::splat(1.5)).expect("an interval");
    let variables = Independent::<_, N>::new(&[p]).expect("room");
    let exact = exact_gradient(laws::UNIFORM, [-0.5, 1.5], 2);
    let (mut score, mut cost) = (ScoreFunction { baseline: L::ZERO }, Smooth::<N, _>(hill));
    estimates(draws, &exact, &[], |rng| score.estimate(&variables, &mut cost, rng))
}

/// `(x − k)²` of `N(1, 1)`: gradients in `μ`, `2 (1 − k)`, and in `ln σ`, 2, and the variance of the one in `μ`.
fn square(draws: u64, k: f32, baseline: Option<f32>, variance: f64) -> Verdict {
    let p = Gaussian::new(L::ONE, L::ZERO).expect("finite");
    let variables = Independent::<_, N>::new(&[p]).expect("room");
    let mut cost = Smooth::<N, _>(|x: &[L], gradient: &mut [L]| {
        let d = x[0] - k;
        gradient[0] = d + d;
        d * d
    });
    let exact = [f64::from(2.0 * (1.0 - k)), 2.0];
    match baseline {
        None => estimates(draws, &exact, &[variance], |rng| Pathwise.estimate(&variables, &mut cost, rng)),
        Some(b) => {
            let mut score = ScoreFunction { baseline: L::splat(b) };
            estimates(draws, &exact, &[variance], |rng| score.estimate(&variables, &mut cost, rng))
        }
    }
    .within(format!("k = {k}, baseline {baseline:?}"))
}

/// The best constant baseline of the score in `μ`, `E[f s²]/E[s²]` with `s = x − 1`, and the variance with it, by
/// integration.
fn best_baseline(k: f64) -> (f64, f64) {
    let mean = |g: &dyn Fn(f64) -> f64| expectation(laws::NORMAL, [1.0, 1.0], g);
    let b = mean(&|x| (x - k).powi(2) * (x - 1.0).powi(2)) / mean(&|x| (x - 1.0).powi(2));
    let second = mean(&|x| (((x - k).powi(2) - b) * (x - 1.0)).powi(2));
    (b, second - (2.0 * (1.0 - k)).powi(2))
}

/// Closed forms: a quadratic cost of three families, both estimators.
fn closed_forms(draws: u64) -> Verdict {
    fn of<D: Family<L>>(draws: u64, name: &str, p: D, exact: &[f64]) -> Verdict {
        let variables = Independent::<_, N>::new(&[p]).expect("room");
        let mut cost = Smooth::<N, _>(|x: &[L], gradient: &mut [L]| {
            gradient[0] = x[0] + x[0];
            x[0] * x[0]
        });
        let path = estimates(draws, exact, &[], |rng| Pathwise.estimate(&variables, &mut cost, rng));
        let mut score = ScoreFunction { baseline: L::ONE };
        let score = estimates(draws, exact, &[], |rng| score.estimate(&variables, &mut cost, rng));
        [path, score].into_iter().collect::<Verdict>().within(name.to_owned())
    }
    let l = |x: f64| L::splat(x as f32);
    let second = (2.0 * -0.5 + 2.0 * 0.0625_f64).exp();
    [
        // E[x²] = μ² + σ²
        of(draws, "normal", Normal::new(l(0.75), l(1.5)).expect("in range"), &[1.5, 3.0]),
        // 2/r²
        of(draws, "exponential", Exponential::new(l(2.0)).expect("in range"), &[-0.5]),
        // μ² + π² s²/3
        of(draws, "logistic", Logistic::new(l(0.5), l(0.75)).expect("in range"), &[1.0, 4.934_802_200_544_679]),
        // μ² + 2 b²
        of(draws, "Laplace", Laplace::new(l(-0.5), l(1.25)).expect("in range"), &[-1.0, 5.0]),
        // e^{2μ + 2σ²}
        of(draws, "log-normal", LogNormal::new(l(-0.5), l(0.25)).expect("in range"), &[2.0 * second, second]),
    ]
    .into_iter()
    .collect()
}

quick_and_long! {
    /// Every family's samples against its law, both tails as far as 4e−8 unless the law ends there.
    samples_of_gaussian: accept, SAMPLES, |draws| samples(draws, 0.0, "GAUSSIAN");
    samples_of_normal: accept, SAMPLES, |draws| samples(draws, 0.0, "NORMAL");
    samples_of_logistic: accept, SAMPLES, |draws| samples(draws, 0.0, "LOGISTIC");
    samples_of_laplace: accept, SAMPLES, |draws| samples(draws, 0.0, "LAPLACE");
    samples_of_gumbel: accept, SAMPLES, |draws| samples(draws, 0.0, "GUMBEL");
    samples_of_cauchy: accept, SAMPLES, |draws| samples(draws, 0.0, "CAUCHY");
    samples_of_uniform: accept, SAMPLES, |draws| samples(draws, 0.0, "UNIFORM");
    samples_of_exponential: accept, SAMPLES, |draws| samples(draws, 0.0, "EXPONENTIAL");
    samples_of_weibull: accept, SAMPLES, |draws| samples(draws, 0.0, "WEIBULL");
    samples_of_pareto: accept, SAMPLES, |draws| samples(draws, 0.0, "PARETO");
    samples_of_log_normal: accept, SAMPLES, |draws| samples(draws, 0.0, "LOG_NORMAL");
    samples_of_kumaraswamy: accept, SAMPLES, |draws| samples(draws, 0.0, "KUMARASWAMY");
    /// The test must see a parameter that is off by a tenth.
    wrong_families_are_rejected: reject, LONG, |draws| {
        ["NORMAL", "LOGISTIC", "LAPLACE", "GUMBEL", "CAUCHY", "UNIFORM", "EXPONENTIAL", "WEIBULL", "PARETO", "LOG_NORMAL",
            "KUMARASWAMY"]
            .into_iter()
            // The least convincing of them, with as many comparisons as there are.
            .map(|only| samples(draws, 0.1, only))
            .max_by(|a, b| a.p().total_cmp(&b.p()))
            .expect("families")
    };
    /// Gradients of a bounded cost.
    gradients_of_every_family: accept, LONG, gradients;
    /// The test must see the score function of a support that moves.
    moving_support_is_rejected: reject, LONG, score_of_moving_support;
    /// Gradients in closed form.
    gradients_in_closed_form: accept, LONG, closed_forms;
    /// Variances for `N(1, 1)` and `(x − k)²`: 4 at every `k`; of the score function 30 and 495, with the best constant
    /// baseline 14 and 134.
    variances_of_a_square: accept, LONG, |draws| [
        square(draws, 0.0, None, 4.0),
        square(draws, -3.0, None, 4.0),
        square(draws, 0.0, Some(0.0), 30.0),
        square(draws, -3.0, Some(0.0), 495.0),
        square(draws, 0.0, Some(best_baseline(0.0).0 as f32), 14.0),
        square(draws, -3.0, Some(best_baseline(-3.0).0 as f32), 134.0),
    ].into_iter().collect();
    /// The test must see a variance that is off by a tenth.
    wrong_variance_is_rejected: reject, LONG, |draws| square(draws, 0.0, Some(0.0), 33.0);
}

/// Entropies, means, variances, distribution functions and divergences against integrals, to parts in a million.
#[test]
fn closed_forms_are_integrals() {
    let close = |name: &str, what: &str, found: f32, exact: f64| {
        let error = (f64::from(found) - exact).abs() / exact.abs().max(1.0);
        assert!(error < 4e-6, "{name}: {what} {found}, exact {exact}");
    };
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let p = family(|$a: f32, $b| $new, $parameters[0] as f32, $parameters[1] as f32);
            let exact = |g: &dyn Fn(f64) -> f64| expectation($law, $parameters, g);
            close(name, "total", 1.0, exact(&|_| 1.0));
            close(name, "entropy", InverseCdf::entropy(p), -exact(&|x| ($law.1)($parameters, x)));
            for lower in [1e-9, 1e-3, 0.2, 0.5, 0.9, 0.999] {
                let x = ($law.0)($parameters, lower, 1.0 - lower) as f32;
                let u = Uniform::new(lower as f32).expect("inside");
                close(name, "log-probability", Family::log_prob(p, x), ($law.1)($parameters, f64::from(x)));
                let fed = f64::from(lower as f32);
                close(name, "quantile", InverseCdf::quantile(p, u), ($law.0)($parameters, fed, 1.0 - fed));
                close(name, "distribution function", InverseCdf::cdf(p, x), lower);
            }
        }};
    }
    for_every_family!(one);
    macro_rules! moments {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let p = family(|$a: f32, $b| $new, $parameters[0] as f32, $parameters[1] as f32);
            let mean = expectation($law, $parameters, |x| x);
            let variance = expectation($law, $parameters, |x| (x - mean) * (x - mean));
            close(name, "mean", Moments::mean(p), mean);
            close(name, "variance", Moments::variance(p), variance);
            // To relative precision too.
            close(name, "relative variance", Moments::variance(p) / variance as f32, 1.0);
        }};
    }
    moments!(laws::GAUSSIAN, [0.75, 0.5], |a, b| Gaussian::new(a, b));
    moments!(laws::NORMAL, [0.75, 1.5], |a, b| Normal::new(a, b));
    moments!(laws::LOGISTIC, [0.5, 0.75], |a, b| Logistic::new(a, b));
    moments!(laws::LAPLACE, [-0.5, 1.25], |a, b| Laplace::new(a, b));
    moments!(laws::GUMBEL, [0.5, 1.5], |a, b| Gumbel::new(a, b));
    moments!(laws::UNIFORM, [-0.5, 1.5], |a, b| UniformInterval::new(a, b));
    moments!(laws::EXPONENTIAL, [1.5, 0.0], |a, _| Exponential::new(a));
    moments!(laws::WEIBULL, [1.5, 0.75], |a, b| Weibull::new(a, b));
    moments!(laws::WEIBULL, [0.5, 64.0], |a, b| Weibull::new(a, b));
    moments!(laws::PARETO, [0.5, 8.0], |a, b| Pareto::new(a, b));
    moments!(laws::LOG_NORMAL, [0.25, 0.75], |a, b| LogNormal::new(a, b));
    moments!(laws::KUMARASWAMY, [2.5, 1.75], |a, b| Kumaraswamy::new(a, b));
    moments!(laws::KUMARASWAMY, [0.75, 4.0], |a, b| Kumaraswamy::new(a, b));
    moments!(laws::KUMARASWAMY, [64.0, 8.0], |a, b| Kumaraswamy::new(a, b));
    macro_rules! divergence {
        ($law:expr, $p:expr, $q:expr, |$a:ident, $b:tt| $new:expr) => {{
            let new = |x: [f64; 2]| family(|$a: f32, $b| $new, x[0] as f32, x[1] as f32);
            let exact = expectation($law, $p, |x| ($law.1)($p, x) - ($law.1)($q, x));
            close(stringify!($law), "divergence", new($p).kl(new($q)), exact);
            assert!(new($p).kl(new($p)).abs() < 1e-6, "{}: divergence from itself", stringify!($law));
        }};
    }
    divergence!(laws::NORMAL, [0.75, 1.5], [-0.5, 0.75], |a, b| Normal::new(a, b));
    divergence!(laws::LAPLACE, [-0.5, 1.25], [1.0, 0.75], |a, b| Laplace::new(a, b));
    divergence!(laws::GUMBEL, [0.5, 1.5], [-0.25, 2.0], |a, b| Gumbel::new(a, b));
    divergence!(laws::CAUCHY, [0.5, 0.75], [-1.0, 2.5], |a, b| Cauchy::new(a, b));
    divergence!(laws::UNIFORM, [-0.5, 1.5], [-1.0, 2.0], |a, b| UniformInterval::new(a, b));
    divergence!(laws::EXPONENTIAL, [1.5, 0.0], [0.25, 0.0], |a, _| Exponential::new(a));
    divergence!(laws::WEIBULL, [1.5, 0.75], [0.75, 1.25], |a, b| Weibull::new(a, b));
    divergence!(laws::PARETO, [0.5, 3.5], [0.25, 1.5], |a, b| Pareto::new(a, b));
    divergence!(laws::LOG_NORMAL, [0.25, 0.75], [-0.5, 1.25], |a, b| LogNormal::new(a, b));
}

/// What has no finite value is infinite: divergences from a smaller support, moments of Pareto's law.
#[test]
fn what_diverges_is_infinite() {
    let interval = |low: f32, high: f32| UniformInterval::new(low, high).expect("an interval");
    assert_eq!(interval(0.0, 2.0).kl(interval(0.5, 3.0)), f32::INFINITY);
    let pareto = |scale: f32, shape: f32| Pareto::new(scale, shape).expect("in range");
    assert_eq!(pareto(1.0, 2.0).kl(pareto(1.5, 2.0)), f32::INFINITY);
    assert_eq!((pareto(1.0, 1.0).mean(), pareto(1.0, 2.0).variance()), (f32::INFINITY, f32::INFINITY));
    assert!(pareto(1.0, 1.25).mean().is_finite() && pareto(1.0, 2.25).variance().is_finite());
    // Outside of the support.
    assert_eq!((pareto(1.0, 1.0).log_prob(0.5), pareto(1.0, 1.0).cdf(0.5)), (f32::NEG_INFINITY, 0.0));
    let unit = Kumaraswamy::new(2.0_f32, 3.0).expect("in range");
    assert_eq!((unit.log_prob(1.5), unit.cdf(1.5), unit.cdf(-1.0)), (f32::NEG_INFINITY, 1.0, 0.0));
    let weibull = Weibull::new(2.0_f32, 3.0).expect("in range");
    assert_eq!((weibull.log_prob(-1.0), weibull.cdf(-1.0)), (f32::NEG_INFINITY, 0.0));
}

/// Every function of a draw is finite, at both ends of the noise and of every parameter; points rise with `u`.
#[test]
fn extremes_are_finite() {
    fn of<D: InverseCdf>(name: &str, p: D) {
        let words =
            [0, 1, 1 << 10, 1 << 24, 1 << 30, 0x7fff_ffff, 0x8000_0000, 3 << 30, u32::MAX - (1 << 10), u32::MAX];
        let mut last = f32::NEG_INFINITY;
        for word in words {
            let (x, by_parameter) = p.path(Uniform::from_word(word));
            let (score, implicit) = (p.score(x), p.implicit(x));
            let numbers = [x, p.log_prob(x), p.cdf(x), p.derivative(x), p.entropy()];
            let of_parameters = [by_parameter, score, implicit];
            let all = of_parameters.iter().flat_map(|g| g.as_ref()).chain(&numbers);
            assert!(all.clone().all(|x| x.is_finite()), "{name} {p:?}, word {word}: {:?}", all.collect::<Vec<_>>());
            assert!(last <= x && (0.0..=1.0).contains(&numbers[2]), "{name} {p:?}, word {word}: {x} after {last}");
            last = x;
        }
    }
    let places = [-1e6, -1.0, 0.0, 1.0, 1e6];
    let scales = [1e-6, 1e-3, 1.0, 1e3, 1e6];
    for a in places {
        for b in scales {
            of("normal", Normal::new(a, b).expect("in range"));
            of("logistic", Logistic::new(a, b).expect("in range"));
            of("Laplace", Laplace::new(a, b).expect("in range"));
            of("Gumbel", Gumbel::new(a, b).expect("in range"));
            of("Cauchy", Cauchy::new(a, b).expect("in range"));
            if let Ok(p) = UniformInterval::new(a, (a + b).min(1e6)) {
                of("uniform", p);
            }
        }
    }
    let shapes = [0.25, 0.5, 1.0, 2.0, 100.0];
    for a in scales {
        of("exponential", Exponential::new(a).expect("in range"));
        for b in shapes {
            of("Weibull", Weibull::new(a, b).expect("in range"));
            of("Pareto", Pareto::new(a, b.max(0.5) * if b > 50.0 { 10.0 } else { 1.0 }).expect("in range"));
        }
    }
    for a in shapes {
        for b in shapes {
            of("Kumaraswamy", Kumaraswamy::new(a, b).expect("in range"));
        }
    }
    for a in [-40.0, 0.0, 40.0] {
        for b in [1e-6, 1e-3, 1.0, 6.0] {
            of("log-normal", LogNormal::new(a, b).expect("in range"));
        }
    }
}
