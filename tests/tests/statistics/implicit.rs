//! Gamma, Beta, Dirichlet and Student's t samples against their exact distributions. Pathwise gradients of these and of
//! the multivariate normal against closed forms. Measure-valued derivatives against closed forms and exact variances.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Rng, Verdict, accept, continuous, estimates, quick_and_long, reject};
use samplegrad_core::{
    Beta, Dirichlet, Error, Gamma, LogStdNormal, MultivariateNormal, Source, StudentT,
    cost::{CostError, FnWithGradient},
    estimator::{Estimate, Estimator},
    family::Family,
    independent::Independent,
    lane::Lane,
    measure_valued::MeasureValued,
    noise::Uniform,
    pathwise::Pathwise,
    reduce,
    score_function::ScoreFunction,
    standard_gamma::{Point, StandardGamma},
    variables::{Reparameterized, Variables},
};
use statrs::{
    distribution::{ContinuousCDF, StudentsT},
    function::{
        beta::beta_reg,
        gamma::{digamma, gamma_lr, gamma_ur, ln_gamma},
    },
};

/// Draws of samplers.
const SAMPLES: u64 = 50_000_000;
/// Draws of estimators.
const LONG: u64 = 1 << 23;
const N: usize = 16;

/// Finds by bisection the point that has a given tail probability; `below` returns whether its argument is below that
/// point.
fn solve(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = (low + high) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) { low = middle } else { high = middle }
    }
}

/// Returns `ln x` of a gamma sample of rate 1 at probabilities on the left and on the right.
fn ln_gamma_quantile(shape: f64, p: f64, q: f64) -> f64 {
    let low = (p.ln() + ln_gamma(shape + 1.0)) / shape;
    // Below this point, the first term of the series is exact to 1e-11.
    if low < -25.0 {
        return low;
    }
    let high = (shape + 40.0 + 10.0 * shape.sqrt()).ln();
    solve(low - 1e-9, high, |y| if p < q { gamma_lr(shape, y.exp()) < p } else { gamma_ur(shape, y.exp()) > q })
}

/// Compares logarithms of gamma samples with the distribution of shape `claimed`.
fn gamma(draws: u64, shape: f32, claimed: f32) -> Verdict {
    let p = Gamma::new(L::splat(shape), L::splat(2.0)).expect("in range");
    let quantile = |p, q| ln_gamma_quantile(claimed.into(), p, q) - 2.0_f64.ln();
    let verdict = if shape < 100.0 {
        continuous(draws, 21, (4, 4), quantile, |rng| p.sample_ln(rng).0)
    } else {
        // For a large shape, the logarithm is near 7 and varies by 0.03, so that a cell is only 160 floats wide. The
        // samples themselves have a finer resolution.
        continuous(draws, 21, (4, 4), |p, q| quantile(p, q).exp(), |rng| p.sample(rng).0)
    };
    verdict.within(format!("shape {shape}"))
}

fn beta(draws: u64, a: f32, b: f32) -> Verdict {
    let law = Beta::new(L::splat(a), L::splat(b)).expect("in range");
    let (a, b) = (f64::from(a), f64::from(b));
    let quantile = |p: f64, q: f64| {
        // The equation is solved for the logit of the sample, which has good precision at both ends.
        let tail = |y: f64| (beta_reg(a, b, 1.0 / (1.0 + (-y).exp())), beta_reg(b, a, 1.0 / (1.0 + y.exp())));
        let y = solve(-80.0, 80.0, |y| if p < q { tail(y).0 < p } else { tail(y).1 > q });
        1.0 / (1.0 + (-y).exp())
    };
    continuous(draws, 22, (3, 3), quantile, |rng| law.sample(rng).0).within(format!("a = {a}, b = {b}"))
}

fn student_t(draws: u64, freedom: f32, claimed: f32) -> Verdict {
    let law = StudentT::new(L::splat(freedom), L::ZERO, L::ONE).expect("in range");
    let exact = StudentsT::new(0.0, 1.0, claimed.into()).expect("in range");
    let quantile = |p: f64, q: f64| {
        let below = -solve(0.0, 1e12, |x| exact.cdf(-x) > p.min(q));
        if p < q { below } else { -below }
    };
    continuous(draws, 23, (3, 3), quantile, |rng| law.sample(rng).0).within(format!("ν = {freedom}"))
}

/// Checks the first coordinate of a Dirichlet sample, which is a beta sample.
fn dirichlet(draws: u64) -> Verdict {
    let law = Dirichlet::<N, L>::new(&[0.5, 1.5, 2.0].map(L::splat)).expect("in range");
    let quantile = |p: f64, q: f64| {
        let left = |x: f64| beta_reg(0.5, 3.5, x);
        solve(0.0, 1.0, |x| if p < q { left(x) < p } else { beta_reg(3.5, 0.5, 1.0 - x) > q })
    };
    continuous(draws, 24, (3, 3), quantile, |rng| law.sample(rng)[0])
}

/// Compares pathwise gradients of a cost of one variable, `(f, f')`, with the exact gradient.
fn pathwise<D: Family<Lane = L>>(draws: u64, law: D, exact: &[f64], cost: impl Fn(L) -> (L, L)) -> Verdict {
    let x = Independent::<D, N>::new(&[law]).expect("room");
    let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
        let (value, slope) = cost(x[0]);
        gradient[0] = slope;
        value
    });
    estimates(draws, exact, &[], |rng| Pathwise.estimate(&x, &mut cost, rng))
}

/// Checks the gradients of `E[x] = α/β` and `E[e^{−x}] = (β/(β + 1))^α`; `factor` scales the shape in the exact values.
fn gamma_gradients(draws: u64, shape: f32, factor: f64) -> Verdict {
    let law = Gamma::new(L::splat(shape), L::splat(2.0)).expect("in range");
    let (a, b) = (f64::from(shape) * factor, 2.0);
    let mean = pathwise(draws, law, &[1.0 / b, -a / (b * b)], |x| (x, L::ONE)).within("E[x]");
    let laplace = (b / (b + 1.0)).powf(a);
    let exact = [laplace * (b / (b + 1.0)).ln(), laplace * a / (b * (b + 1.0))];
    let exponential = pathwise(draws, law, &exact, |x| ((-x).exp(), -(-x).exp())).within("E[e^−x]");
    [mean, exponential].into_iter().collect::<Verdict>().within(format!("shape {shape}"))
}

fn trigamma(x: f64) -> f64 {
    (digamma(x + 1e-4) - digamma(x - 1e-4)) / 2e-4
}

/// Checks the gradient `ψ'(α)` of `E[ln x]` in the shape, where `x` underflows a float.
fn log_gradient(draws: u64, shape: f32) -> Verdict {
    let law = Gamma::new(L::splat(shape), L::ONE).expect("in range");
    // The derivatives are of size 1/α²; this is the unit of comparison.
    let unit = f64::from(shape).powi(2);
    estimates(draws, &[trigamma_of_small(shape.into()) * unit], &[], |rng| {
        let (ln, [by_shape, _]) = law.sample_ln(rng);
        Ok::<_, CostError<()>>(Estimate::<Independent<LogStdNormal<L>, 1>> {
            mean: ln,
            gradient: [by_shape * unit as f32].into_iter().collect(),
        })
    })
}

fn trigamma_of_small(x: f64) -> f64 {
    trigamma(x + 1.0) + 1.0 / (x * x)
}

/// Checks the gradients of `E[x] = a/(a + b)` and `E[x²] = a (a + 1)/((a + b)(a + b + 1))`.
fn beta_gradients(draws: u64) -> Verdict {
    let (a, b) = (0.7_f64, 2.5_f64);
    let law = Beta::new(L::splat(0.7), L::splat(2.5)).expect("in range");
    let c = a + b;
    let mean = pathwise(draws, law, &[b / (c * c), -a / (c * c)], |x| (x, L::ONE));
    let square = |a: f64, b: f64| a * (a + 1.0) / ((a + b) * (a + b + 1.0));
    let exact =
        [(square(a + 1e-5, b) - square(a - 1e-5, b)) / 2e-5, (square(a, b + 1e-5) - square(a, b - 1e-5)) / 2e-5];
    [mean, pathwise(draws, law, &exact, |x| (x * x, x + x))].into_iter().collect()
}

/// Checks the gradients of `E[x²] = μ² + σ² ν/(ν − 2)`.
fn student_gradients(draws: u64) -> Verdict {
    let (n, mu, sigma) = (9.0_f64, 0.5_f64, 1.5_f64);
    let law = StudentT::new(L::splat(9.0), L::splat(0.5), L::splat(1.5)).expect("in range");
    let exact = [-2.0 * sigma * sigma / ((n - 2.0) * (n - 2.0)), 2.0 * mu, 2.0 * sigma * n / (n - 2.0)];
    pathwise(draws, law, &exact, |x| (x * x, x + x))
}

/// Checks the gradients of `E[w·x]` and `E[x_0 x_1]` of a Dirichlet.
fn dirichlet_gradients(draws: u64) -> Verdict {
    let (shapes, w) = ([0.3_f64, 1.2, 3.0, 0.5], [1.0_f64, -2.0, 0.5, 3.0]);
    let law = Dirichlet::<N, L>::new(&shapes.map(|a| L::splat(a as f32))).expect("in range");
    let value = |a: &[f64; 4]| {
        let total: f64 = a.iter().sum();
        a.iter().zip(w).map(|(a, w)| a * w).sum::<f64>() / total + a[0] * a[1] / (total * (total + 1.0))
    };
    let slope = |k: usize| {
        let at = |step: f64| {
            let mut a = shapes;
            a[k] += step;
            value(&a)
        };
        (at(1e-5) - at(-1e-5)) / 2e-5
    };
    let exact: Vec<f64> = (0..4).map(slope).collect();
    let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
        let w = w.map(|w| L::splat(w as f32));
        gradient.copy_from_slice(&w);
        gradient[0] = gradient[0] + x[1];
        gradient[1] = gradient[1] + x[0];
        reduce::dot(x, &w) + x[0] * x[1]
    });
    estimates(draws, &exact, &[], |rng| Pathwise.estimate(&law, &mut cost, rng))
}

const MEAN: [f32; 3] = [0.5, -1.0, 0.25];
const FACTOR: [f32; 6] = [0.0, 0.5, -0.5, -0.25, 0.75, 0.25];

fn multivariate() -> MultivariateNormal<N, L> {
    MultivariateNormal::new(&MEAN.map(L::splat), &FACTOR.map(L::splat)).expect("finite")
}

/// Matrix of the quadratic form `½ xᵀ A x + b·x`.
const A: [[f32; 3]; 3] = [[1.0, 0.5, 0.0], [0.5, -1.0, 0.25], [0.0, 0.25, 2.0]];
const B: [f32; 3] = [1.0, 0.0, -2.0];

fn quadratic_form(x: &[L], gradient: &mut [L]) -> L {
    let row = |i: usize| reduce::dot(&A[i].map(L::splat), x);
    let value = (0..3).fold(L::ZERO, |sum, i| sum + x[i] * (row(i) * 0.5 + B[i]));
    gradient.iter_mut().enumerate().for_each(|(i, g)| *g = row(i) + B[i]);
    value
}

/// Returns the exact gradients: `A μ + b` in the mean and `A L` in the factor.
fn exact_of_form() -> Vec<f64> {
    let a = A.map(|row| row.map(f64::from));
    let mean: Vec<f64> =
        (0..3).map(|i| (0..3).map(|j| a[i][j] * f64::from(MEAN[j])).sum::<f64>() + f64::from(B[i])).collect();
    let l = |i: usize, j: usize| {
        let l = if j <= i { f64::from(FACTOR[i * (i + 1) / 2 + j]) } else { return 0.0 };
        if i == j { l.exp() } else { l }
    };
    let product = |i: usize, j: usize| (0..3).map(|k| a[i][k] * l(k, j)).sum::<f64>();
    let factor = (0..3).flat_map(|i| (0..=i).map(move |j| (i, j)));
    mean.into_iter().chain(factor.map(|(i, j)| product(i, j) * if i == j { l(i, i) } else { 1.0 })).collect()
}

fn multivariate_gradients(draws: u64) -> Verdict {
    let p = multivariate();
    let mut cost = FnWithGradient::<N, _>(quadratic_form);
    let path = estimates(draws, &exact_of_form(), &[], |rng| Pathwise.estimate(&p, &mut cost, rng));
    let mut score = ScoreFunction { baseline: L::ONE };
    let score = estimates(draws, &exact_of_form(), &[], |rng| score.estimate(&p, &mut cost, rng));
    [path.within("pathwise"), score.within("score function")].into_iter().collect()
}

/// Computes `∫_0^12 of(z) dz` by Simpson's rule.
fn integral(of: impl Fn(f64) -> f64) -> f64 {
    let (steps, to) = (1200, 12.0);
    let h = to / f64::from(steps);
    let weight = |i| if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    (0..=steps).map(|i| weight(i) * of(f64::from(i) * h)).sum::<f64>() * h / 3.0
}

/// Computes means and variances of the measure-valued estimator at `N(μ, σ)`, in `μ` and in `ln σ`, by integrating over
/// its noise.
fn integrated(mu: f64, sigma: f64, f: impl Fn(f64) -> f64) -> [(f64, f64); 2] {
    let root = (2.0 * std::f64::consts::PI).sqrt();
    let moments = |mean: f64, square: f64| (mean, square - mean * mean);
    let in_mean = |power: i32| {
        integral(|w| {
            let estimate = (f(mu + sigma * w) - f(mu - sigma * w)) / (sigma * root);
            estimate.powi(power) * w * (-w * w / 2.0).exp()
        })
    };
    // Integrates over a radius r = √(z² + w²) and z = r u. The density of z, w is √(2/π) r² e^{−r²/2} dr du for z > 0,
    // and half of it on each side.
    let in_scale = |power: i32| {
        let of_radius = |r: f64, side: f64| {
            let of = |u: f64| (f(mu + side * sigma * r) - f(mu + side * sigma * r * u)).powi(power);
            integral(|u| of(u / 12.0)) / 12.0 * r * r * (-r * r / 2.0).exp() / root
        };
        integral(|r| of_radius(r, 1.0)) + integral(|r| of_radius(r, -1.0))
    };
    [moments(in_mean(1), in_mean(2)), moments(in_scale(1), in_scale(2))]
}

/// Compares the measure-valued estimator at `N(μ, e^{ln σ})` with a closed form, and its variances with the integrals.
fn measure_valued(
    draws: u64,
    [mu, log_std]: [f32; 2],
    exact: [f64; 2],
    f: impl Fn(f64) -> f64,
    cost: impl Fn(L) -> L,
) -> Verdict {
    let (wide, sigma) = (f64::from(mu), f64::from(log_std).exp());
    let integrated = integrated(wide, sigma, f);
    for ((mean, variance), exact) in integrated.into_iter().zip(exact) {
        assert!(
            (mean - exact).abs() < 1e-6 * exact.abs().max(1.0),
            "the closed form {exact} is not the integral {mean}"
        );
        println!("mean {mean:.6}, variance {variance:.6}");
    }
    let p = LogStdNormal::new(L::splat(mu), L::splat(log_std)).expect("in range");
    let x = Independent::<_, 2>::new(&[p]).expect("room");
    let variances = integrated.map(|(_, variance)| variance);
    estimates(draws, &exact, &variances, |rng| MeasureValued.estimate(&x, &mut |x: &[L]| cost(x[0]), rng))
}

/// Checks the cost `(x − k)²`, with gradients `2 (μ − k)` and `2 σ²`.
fn quadratic(draws: u64, k: f32) -> Verdict {
    let wide = f64::from(k);
    measure_valued(draws, [1.0, 0.0], [2.0 * (1.0 - wide), 2.0], |x| (x - wide).powi(2), |x| (x - k) * (x - k))
}

/// Checks the cost `e^{x/2}`, whose mean is `e^{μ/2 + σ²/8}`.
fn exponential(draws: u64) -> Verdict {
    let (mu, log_std) = (0.5_f32, -0.5_f32);
    let square = f64::from(2.0 * log_std).exp();
    let mean = (f64::from(mu) / 2.0 + square / 8.0).exp();
    measure_valued(draws, [mu, log_std], [mean / 2.0, mean * square / 4.0], |x| (x / 2.0).exp(), |x| (x * 0.5).exp())
}

/// Checks the cost `cos x`, whose mean is `e^{−σ²/2} cos μ`.
fn cosine(draws: u64) -> Verdict {
    let (mu, log_std) = (0.75_f32, -1.0_f32);
    let square = f64::from(2.0 * log_std).exp();
    let damped = (-square / 2.0).exp();
    let exact = [-damped * f64::from(mu).sin(), -square * damped * f64::from(mu).cos()];
    measure_valued(draws, [mu, log_std], exact, f64::cos, |x| L::from_fn(|lane| x.extract(lane).cos()))
}

/// Checks a cost that is a product of two variables: `E[x_0² x_1] = (μ_0² + σ_0²) μ_1`.
fn product(draws: u64, wrong: f64) -> Verdict {
    let of = |mu: f32, log_std: f32| LogStdNormal::new(L::splat(mu), L::splat(log_std)).expect("in range");
    let x = Independent::<_, 4>::new(&[of(1.0, 0.0), of(-0.5, 0.5)]).expect("room");
    let exact = [2.0 * -0.5, 2.0 * -0.5, 2.0 * wrong, 0.0];
    estimates(draws, &exact, &[], |rng| MeasureValued.estimate(&x, &mut |x: &[L]| x[0] * x[0] * x[1], rng))
}

quick_and_long! {
    /// Gamma samples of shapes below 1, by their logarithms.
    gamma_of_a_hundredth: accept, SAMPLES, |draws| gamma(draws, 0.01, 0.01);
    /// Gamma samples of a shape whose quantiles are on both sides of the power series' limit.
    gamma_of_a_third: accept, SAMPLES, |draws| gamma(draws, 0.3, 0.3);
    /// Gamma samples of shape 1: the exponential distribution.
    gamma_of_one: accept, SAMPLES, |draws| gamma(draws, 1.0, 1.0);
    /// Gamma samples of a shape whose quantiles need integrals only.
    gamma_of_more: accept, SAMPLES, |draws| gamma(draws, 4.5, 4.5);
    /// Gamma samples of a shape that makes them nearly normal.
    gamma_of_a_thousand: accept, SAMPLES, |draws| gamma(draws, 1e3, 1e3);
    /// Negative control: a shape that is off by a hundredth.
    wrong_shape_is_rejected: reject, |draws| gamma(draws, 4.5, 4.545);
    /// Beta samples with a density that is unbounded at 0.
    beta_of_a_half: accept, SAMPLES, |draws| beta(draws, 0.5, 3.0);
    /// Beta samples with a bounded density.
    beta_of_two: accept, SAMPLES, |draws| beta(draws, 2.0, 5.0);
    /// The Cauchy distribution.
    student_t_of_one: accept, SAMPLES, |draws| student_t(draws, 1.0, 1.0);
    /// Student's t.
    student_t_of_five: accept, SAMPLES, |draws| student_t(draws, 5.0, 5.0);
    /// Negative control: other degrees of freedom.
    wrong_freedom_is_rejected: reject, |draws| student_t(draws, 5.0, 6.0);
    /// First coordinate of a Dirichlet.
    dirichlet_numbers: accept, SAMPLES, dirichlet;
    /// Pathwise gradients of Gamma.
    gamma_pathwise: accept, LONG, |draws| {
        [0.05, 0.8, 1.5, 20.0].map(|shape| gamma_gradients(draws, shape, 1.0)).into_iter().collect()
    };
    /// Negative control: pathwise gradients of another shape.
    wrong_pathwise_is_rejected: reject, |draws| gamma_gradients(draws, 1.5, 1.01);
    /// Pathwise gradients of the logarithm of a gamma sample that underflows.
    log_gamma_pathwise: accept, LONG, |draws| {
        [0.01, 0.5, 3.0].map(|shape| log_gradient(draws, shape)).into_iter().collect()
    };
    /// Pathwise gradients of Beta.
    beta_pathwise: accept, LONG, beta_gradients;
    /// Pathwise gradients of Student's t.
    student_t_pathwise: accept, LONG, student_gradients;
    /// Pathwise gradients of Dirichlet.
    dirichlet_pathwise: accept, LONG, dirichlet_gradients;
    /// Pathwise gradients and score of a normal with a full covariance.
    multivariate_normal: accept, LONG, multivariate_gradients;
    /// Measure-valued derivatives of a quadratic cost: mean and variance.
    measure_valued_quadratic: accept, LONG, |draws| {
        [0.0, -3.0].map(|k| quadratic(draws, k)).into_iter().collect()
    };
    /// Measure-valued derivatives of an exponential cost.
    measure_valued_exponential: accept, LONG, exponential;
    /// Measure-valued derivatives of a cosine cost.
    measure_valued_cosine: accept, LONG, cosine;
    /// Measure-valued derivatives of a product of two variables.
    measure_valued_product: accept, LONG, |draws| product(draws, 1.0);
    /// Negative control: a gradient that is off by a hundredth.
    wrong_product_is_rejected: reject, |draws| product(draws, 1.02);
}

/// Checks extreme shapes at extreme words and words in the middle: samples and derivatives are finite.
#[test]
fn finite_at_the_extremes() {
    let shapes = [1e-3_f32, 0.01, 0.999, 1.0, 1.999, 2.0, 7.999, 8.0, 1e4, 1e6];
    let words = [0_u32, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX];
    let finite = |x: &[f32]| assert!(x.iter().all(|x| x.is_finite()), "{x:?}");
    let points = |shape: f32| {
        let p = StandardGamma::new(shape).expect("in range");
        words.map(|word| p.quantile(Uniform::from_word(word)))
    };
    for a in shapes {
        for rate in [1e-6_f32, 1.0, 1e6] {
            let p = Gamma::new(a, rate).expect("in range");
            for point in points(a) {
                let (x, by) = p.at(point);
                assert!(x > 0.0 && by[0] >= 0.0);
                finite(&[x, by[0], by[1], p.log_prob(x), point.ln(), point.ln_derivative()]);
                finite(&p.score(x));
            }
            let q = Gamma::new(1e6, 1e-6).expect("in range");
            finite(&[p.entropy(), p.kl(p)]);
            finite(&p.entropy_derivatives());
            // The divergence may overflow a float only if the rates differ by twelve orders of magnitude.
            finite(&[Gamma::new(a, 1.0).expect("in range").kl(q)]);
        }
        for b in shapes {
            let p = Beta::new(a, b).expect("in range");
            let of = |one: Point, other: Point| {
                let (x, by) = p.at([one, other]);
                assert!(0.0 < x && x < 1.0 && by[0] >= 0.0 && by[1] <= 0.0);
                finite(&[x, by[0], by[1], p.log_prob(x)]);
                finite(&p.score(x));
                let p = Dirichlet::<3>::new(&[a, b, a]).expect("in range");
                let x = p.at(&[one, other, one]);
                finite(&x);
                finite(&[p.log_prob(&x).expect("three numbers"), p.entropy()]);
                finite(&p.score(&x));
                let path = x.iter().zip([one, other, one]).map(|(&x, p)| [x, p.ln_derivative()]).collect();
                finite(&p.pullback(&path, &[1.0, -1e4, 1e4]));
            };
            points(a).into_iter().for_each(|one| points(b).into_iter().for_each(|other| of(one, other)));
            finite(&[p.entropy(), p.kl(Beta::new(1e-3, 1e6).expect("in range")), p.mean(), p.variance()]);
        }
    }
    for freedom in [1.0_f32, 1.5, 11.9, 12.1, 1e6] {
        for scale in [1e-6_f32, 1e6] {
            let p = StudentT::new(freedom, -1e6, scale).expect("in range");
            for noise in words.map(|word| samplegrad_core::noise::normal::quantile(Uniform::<f32>::from_word(word))) {
                for word in words {
                    let gamma = StandardGamma::new(freedom / 2.0).expect("in range");
                    let (x, by) = p.at(noise, gamma.quantile(Uniform::from_word(word)));
                    finite(&[x, p.log_prob(x), p.entropy()]);
                    finite(&by);
                    finite(&p.score(x));
                }
            }
        }
    }
}

/// Checks that every lane draws the samples, and consumes the words, of a device of its stream.
#[test]
fn lanes_are_devices() {
    let shapes = [0.01_f32, 0.7, 1.5, 30.0];
    let mut rng = Rng::new(7, 0);
    let mut devices: Vec<_> = (0..L::LANES).map(|lane| samplegrad_core::stream::xorshift(7, lane as u64)).collect();
    for _ in 0..2000 {
        // The shape differs between neighbouring lanes.
        let of = |lane: usize| shapes[lane % shapes.len()];
        let point = StandardGamma::new(L::from_fn(of)).expect("in range").sample(&mut rng);
        for (lane, device) in devices.iter_mut().enumerate() {
            let alone = StandardGamma::new(of(lane)).expect("in range").sample(device);
            let bits = |x: f32| x.to_bits();
            assert_eq!(bits(point.log_ratio().extract(lane)), bits(alone.log_ratio()));
            assert_eq!(bits(point.log_ratio_derivative().extract(lane)), bits(alone.log_ratio_derivative()));
        }
    }
    let next = Source::<L>::next_word(&mut rng);
    for (lane, device) in devices.iter_mut().enumerate() {
        assert_eq!(samplegrad_core::lane::Word::extract(next, lane), Source::<f32>::next_word(device));
    }
}

/// Checks that parameters that define no distribution are refused with the index.
#[test]
fn bad_parameters_are_refused() {
    let out = |error: Error| matches!(error, Error::OutOfRange { .. });
    assert!(out(Gamma::new(f32::NAN, 1.0).unwrap_err()) && out(Gamma::new(1.0, 0.0).unwrap_err()));
    assert!(out(Beta::new(1.0, -1.0).unwrap_err()) && out(StandardGamma::new(1e-4).unwrap_err()));
    assert!(out(StudentT::new(0.5, 0.0, 1.0).unwrap_err()));
    assert_eq!(Dirichlet::<2>::new(&[1.0; 3]), Err(Error::Capacity { what: "shapes", len: 3, capacity: 2 }));
    assert_eq!(Dirichlet::<2>::new(&[]), Err(Error::Empty { what: "shapes" }));
    let new = |mean: &[f32], factor: &[f32]| MultivariateNormal::<5>::new(mean, factor).unwrap_err();
    assert_eq!(new(&[], &[]), Error::Empty { what: "mean" });
    assert_eq!(new(&[0.0; 2], &[0.0; 2]), Error::Length { what: "factor", expected: 3, found: 2 });
    assert_eq!(new(&[0.0; 3], &[0.0; 6]), Error::Capacity { what: "parameters", len: 9, capacity: 5 });
    assert_eq!(new(&[0.0; 2], &[0.0, f32::NAN, 0.0]), Error::NotANumber { what: "factor", index: 1 });
    assert!(out(new(&[0.0; 2], &[0.0, 0.0, 41.0])));
    let of = |covariance: &[f32]| MultivariateNormal::<5>::from_covariance(&[0.0; 2], covariance).unwrap_err();
    let refused = |row, pivot| Error::NotPositiveDefinite { what: "covariance", row, pivot };
    assert_eq!(of(&[-1.0, 0.0, 0.0, 1.0]), refused(0, -1.0));
    assert_eq!(of(&[1.0, 2.0, 2.0, 1.0]), refused(1, -3.0));
    assert_eq!(refused(1, -3.0).to_string(), "covariance: not positive definite, pivot -3 in row 1");
    assert!(out(of(&[1.0, 0.5, 0.25, 1.0])));
    assert_eq!(of(&[1.0, 0.0, f32::INFINITY, 1.0]), Error::Infinite { what: "covariance", index: 2 });
}

/// Checks that the error names the point at which the cost is not finite.
#[test]
fn bad_costs_are_reported() {
    let x = Independent::<_, 4>::new(&[LogStdNormal::new(0.0_f32, 0.0).expect("in range"); 2]).expect("room");
    let mut calls = 0;
    let mut cost = |_: &[f32]| {
        calls += 1;
        if calls == 5 { f32::NAN } else { 1.0 }
    };
    let noise = [[0.5, 0.5], [-0.25, 2.0]];
    let error = samplegrad_core::measure_valued::with_noise(&x, &noise, &mut cost).unwrap_err();
    // The fifth call: the second variable is at μ + σ W, the first one back at its sample.
    assert_eq!(error.sample, [0.5, 2.0]);
    assert!(error.value.is_nan() && error.lane == 0);
}
