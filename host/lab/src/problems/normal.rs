use core::fmt;

use samplegrad_core::lane::Lane;

use crate::{
    error::Error, exact::Exact, lanes::L, objective::Objective, problem::Problem, problems::finite::finite,
    variable_kind::Normals,
};

/// A cost of one normal variable with a parameter `k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormalCost {
    /// `(x − k)²`.
    Quadratic,
    /// `e^{−k x²}`, `k ≥ 0`.
    Exponential,
    /// `cos(k x)`.
    Cosine,
}

impl fmt::Display for NormalCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quadratic => "quadratic",
            Self::Exponential => "exponential",
            Self::Cosine => "cosine",
        })
    }
}

/// A cost and its `k`.
struct OfNormal(NormalCost, f32);

impl OfNormal {
    /// Returns `f(x)` and `f'(x)`.
    fn at(&self, x: L) -> (L, L) {
        let k = self.1;
        match self.0 {
            NormalCost::Quadratic => {
                let d = x - k;
                (d * d, d + d)
            }
            NormalCost::Exponential => {
                let e = (x * x * -k).exp();
                (e, x * e * (-2.0 * k))
            }
            NormalCost::Cosine => {
                let angle = x * k;
                let of = |f: fn(f32) -> f32| L::from_fn(|lane| f(angle.extract(lane)));
                (of(libm::cosf), of(libm::sinf) * -k)
            }
        }
    }
}

impl Objective<Normals> for OfNormal {
    fn value(&self, x: &[L]) -> L {
        match self.0 {
            // The cosine alone, without the sine.
            NormalCost::Cosine => L::from_fn(|lane| libm::cosf((x[0] * self.1).extract(lane))),
            _ => self.at(x[0]).0,
        }
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        let (value, slope) = self.at(y[0]);
        gradient[0] = slope;
        value
    }
    fn curvature(&self, y: &[L], curvature: &mut [L]) -> bool {
        let (x, k) = (y[0], self.1);
        let value = Objective::<Normals>::value(self, y);
        curvature[0] = match self.0 {
            NormalCost::Quadratic => L::splat(2.0),
            NormalCost::Exponential => value * (x * x * (4.0 * k * k) - 2.0 * k),
            NormalCost::Cosine => value * (-k * k),
        };
        true
    }
    /// Computes the mean and its gradient from Gaussian integrals. `E[e^{−kx²}]` is `s^{−½} e^{−kμ²/s}` with `s = 1 +
    /// 2kσ²`; `E[cos kx]` is `cos(kμ) e^{−k²σ²/2}`.
    fn closed_form(&self, parameters: &[f64]) -> Option<Exact> {
        let (mu, variance, k) = (parameters[0], (2.0 * parameters[1]).exp(), f64::from(self.1));
        let (mean, by_mu, by_log_std) = match self.0 {
            NormalCost::Quadratic => ((mu - k) * (mu - k) + variance, 2.0 * (mu - k), 2.0 * variance),
            NormalCost::Exponential => {
                let s = 1.0 + 2.0 * k * variance;
                let mean = (-k * mu * mu / s).exp() / s.sqrt();
                // ds/d ln σ = 4kσ².
                let by_s = k * mu * mu / (s * s) - 0.5 / s;
                (mean, -2.0 * k * mu / s * mean, by_s * 4.0 * k * variance * mean)
            }
            NormalCost::Cosine => {
                let fading = (-0.5 * k * k * variance).exp();
                let mean = (k * mu).cos() * fading;
                (mean, -k * (k * mu).sin() * fading, -k * k * variance * mean)
            }
        };
        Some(Exact { mean, gradient: vec![by_mu, by_log_std] })
    }
}

/// Creates the problem of a normal variable `N(μ, σ²)` with a quadratic, exponential or cosine cost and the parameters
/// `μ` and `ln σ`. Source: S. Mohamed, M. Rosca, M. Figurnov and A. Mnih, *Monte Carlo gradient estimation in machine
/// learning*, JMLR 21, 2020, section 3.
///
/// ```
/// use samplegrad_lab::problems::{self, NormalCost};
///
/// let exact = problems::normal(NormalCost::Quadratic, 0.0, 1.0, 1.0)?.exact();
/// assert_eq!((exact.mean, exact.gradient), (2.0, vec![2.0, 2.0]));
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] unless `k` is finite (for the exponential, also not negative) and `σ` is above zero.
/// [`Error::Core`] for parameters that the core refuses.
pub fn normal(cost: NormalCost, k: f32, mean: f32, std: f32) -> Result<Problem<Normals>, Error> {
    let k = finite("k", k)?;
    let wrong = |what, found: f32, requirement: &str| {
        Err(Error::Setting { what, found: found.to_string(), requirement: requirement.to_owned() })
    };
    if cost == NormalCost::Exponential && k < 0.0 {
        return wrong("k", k, "zero or above for the exponential cost");
    }
    if !(std > 0.0 && std.is_finite()) {
        return wrong("standard deviation", std, "finite and above zero");
    }
    let formula = match cost {
        NormalCost::Quadratic => format!("E[(x − {k})²]"),
        NormalCost::Exponential => format!("E[exp(−{k} x²)]"),
        NormalCost::Cosine => format!("E[cos({k} x)]"),
    };
    let formula = format!("{formula}, x ~ N({mean}, {std}²)").replace("− -", "+ ");
    Ok(Problem::new(format!("normal, {cost}, k = {k}"), formula, &[1], &[mean, std.ln()], OfNormal(cost, k))?
        .with_rate(0.01))
}
