//! Moments of REBAR and RELAX on the toy problem `E[(b − 0.45)²]` of one bit. They are computed by numerical
//! integration in double precision. The computation follows the formulas of the paper and does not use the code under
//! test.

use samplegrad_core::coupling::Coupling;

pub const TARGET: f64 = 0.45;

pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Returns the exact gradient in the logit.
pub fn gradient(logit: f64) -> f64 {
    let p = sigmoid(logit);
    p * (1.0 - p) * (1.0 - 2.0 * TARGET)
}

/// Moments of the parts `a` and `B` of the estimate `a + η B`: the means of `a²`, `a B` and `B²`.
#[derive(Clone, Copy, Debug)]
pub struct Moments {
    logit: f64,
    aa: f64,
    ab: f64,
    bb: f64,
}

/// Computes the moments for a control variate. The function `control` returns the value and the derivative of the
/// control variate at perturbed logits.
pub fn moments(logit: f64, coupling: Coupling, control: impl Fn(f64) -> (f64, f64)) -> Moments {
    let p = sigmoid(logit);
    let mut sum = Moments { logit, aa: 0.0, ab: 0.0, bb: 0.0 };
    for (b, of_b, score) in [(1.0, p, 1.0 - p), (0.0, 1.0 - p, -p)] {
        let a = (b - TARGET) * (b - TARGET) * score;
        // The closure computes the perturbed logit z̃ given b. The argument t is the logit of the noise v. The
        // argument l is the logit of the bit. ∂z̃/∂l is computed below by a central difference.
        let z = |t: f64, l: f64| {
            let (v, theta) = (sigmoid(t), sigmoid(l));
            // The paper defines v' as v θ + (1 − θ) if b is one, and as v (1 − θ) if b is zero. `rest` is 1 − v', and
            // `below` is v'.
            if b > 0.0 {
                let rest = sigmoid(-t) * theta;
                l + ((1.0 - rest) / rest).ln()
            } else {
                let below = v * (1.0 - theta);
                l + (below / (1.0 - below)).ln()
            }
        };
        let at = |t: f64| {
            let (value, slope) = control(z(t, logit));
            let jacobian_weight = (z(t, logit + 1e-5) - z(t, logit - 1e-5)) / 2e-5;
            (slope, value * score + slope * jacobian_weight)
        };
        // The integral is computed by the trapezoidal rule over logit v. The integrand tends to zero at both ends.
        let step = 1.0 / 64.0;
        let mut of = [0.0_f64; 6];
        for i in -2240..=2240 {
            let t = f64::from(i) * step;
            let weight = sigmoid(t) * sigmoid(-t) * step;
            let ((put, taken), (_, opposite)) = (at(t), at(-t));
            let taken = if coupling == Coupling::Antithetic { 0.5 * (taken + opposite) } else { taken };
            let tied = put - taken;
            for (of, x) in of.iter_mut().zip([put, put * put, taken, taken * taken, tied, tied * tied]) {
                *of += weight * x;
            }
        }
        let (first, second) = match coupling {
            Coupling::Tied => (of[4], of[5]),
            _ => (of[0] - of[2], of[1] - 2.0 * of[0] * of[2] + of[3]),
        };
        sum.aa += of_b * a * a;
        sum.ab += of_b * a * first;
        sum.bb += of_b * second;
    }
    sum
}

/// Returns the control variate of REBAR with weight 1.
pub fn relaxed(tau: f64) -> impl Fn(f64) -> (f64, f64) {
    move |z| {
        let y = sigmoid(z / tau);
        ((y - TARGET) * (y - TARGET), 2.0 * (y - TARGET) * y * sigmoid(-z / tau) / tau)
    }
}

impl Moments {
    pub fn variance(&self, eta: f64) -> f64 {
        self.aa + 2.0 * eta * self.ab + eta * eta * self.bb - gradient(self.logit).powi(2)
    }
    /// Returns the weight `η` that minimises the variance.
    pub fn eta(&self) -> f64 {
        -self.ab / self.bb
    }
    pub fn eta_derivative(&self, eta: f64) -> f64 {
        2.0 * (self.ab + eta * self.bb)
    }
}

/// Returns the temperature and the weight that minimise the variance, and the minimum of the variance. The search uses
/// a grid of temperatures from 1/1000 to 1000. For each temperature, it uses the best weight.
pub fn best(logit: f64, coupling: Coupling) -> (f64, f64, f64) {
    let at = |i: i32| {
        let tau = 10_f64.powf(f64::from(i) / 10.0);
        let moments = moments(logit, coupling, relaxed(tau));
        (tau, moments.eta(), moments.variance(moments.eta()))
    };
    (-30..=30).map(at).min_by(|a, b| a.2.total_cmp(&b.2)).expect("a grid")
}
