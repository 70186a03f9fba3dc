//! Distributions of the families in double precision: quantile functions of the probabilities on both sides,
//! log-densities, and expectations by numerical integration.

#![allow(dead_code, unused_macros, reason = "each test file uses its own part")]

use std::f64::consts::PI;

use samplegrad_core::Error;
use statrs::distribution::{ContinuousCDF, Normal as Exact};

/// Returns `−ln p`, accurate at both ends: `p` is the probability on the left, `q` the probability on the right.
fn neg_ln(p: f64, q: f64) -> f64 {
    if q < p { -(-q).ln_1p() } else { -p.ln() }
}

fn phi(p: f64, q: f64) -> f64 {
    let lower = Exact::standard().inverse_cdf(p.min(q));
    if p < q { lower } else { -lower }
}

/// Quantile function: takes the parameters and the probabilities on both sides.
pub type Quantile = fn([f64; 2], f64, f64) -> f64;
/// Log-density: takes the parameters and the point.
pub type LogDensity = fn([f64; 2], f64) -> f64;

/// A distribution by its quantile function and its log-density.
pub type Law = (Quantile, LogDensity);

const NORMAL_AT: LogDensity = |[a, b], x| -0.5 * ((x - a) / b).powi(2) - (b * (2.0 * PI).sqrt()).ln();
pub const NORMAL: Law = (|[a, b], p, q| a + b * phi(p, q), NORMAL_AT);
/// The normal distribution, parameterised by the logarithm of its scale.
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

/// Computes `E[g(X)] = ∫ g(F^{−1}(u)) du` with `u = 1/(1 + e^{−s})`, by the trapezoidal rule in `s`, whose error
/// decreases faster than any power of the step.
pub fn expectation(law: Law, parameters: [f64; 2], g: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 128.0;
    let term = |i: i32| {
        let s = f64::from(i) * STEP;
        let (p, q) = (1.0 / (1.0 + (-s).exp()), 1.0 / (1.0 + s.exp()));
        g((law.0)(parameters, p, q)) * p * q
    };
    // For the families below, points with tail probabilities below e^{−34} contribute nothing.
    (-34 * 128..=34 * 128).map(term).sum::<f64>() * STEP
}

/// Calls `$do!(law, parameters, constructor)` for every family.
macro_rules! for_every_family {
    ($do:ident) => {
        $do!(laws::GAUSSIAN, [0.75, 0.5], |a, b| LogStdNormal::new(a, b));
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

/// Returns a family whose parameters are valid.
pub fn family<D, T>(new: impl Fn(T, T) -> Result<D, Error>, a: T, b: T) -> D {
    new(a, b).expect("parameters in range")
}
pub(crate) use for_every_family;
