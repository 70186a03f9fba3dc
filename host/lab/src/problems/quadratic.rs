use samplegrad_core::lane::Lane;

use crate::{
    error::Error, exact::Exact, lanes::L, objective::Objective, problem::Problem, problems::finite::finite,
    variable_kind::Bits,
};

/// `(1/n) Σ_i (b_i − t)²`.
struct Quadratic {
    t: f32,
    count: usize,
}

impl Objective<Bits> for Quadratic {
    /// Computes `t² + (1/n) Σ b_i (b_i − 2t)`. The terms of this form and their rounding errors are small.
    fn value(&self, b: &[L]) -> L {
        let sum = b.iter().fold(L::ZERO, |sum, &b| sum + b * (b - 2.0 * self.t));
        sum * (1.0 / self.count as f32) + self.t * self.t
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        let scale = 2.0 / self.count as f32;
        gradient.iter_mut().zip(y).for_each(|(g, &y)| *g = (y - self.t) * scale);
        self.value(y)
    }
    fn curvature(&self, _: &[L], curvature: &mut [L]) -> bool {
        curvature.fill(L::splat(2.0 / self.count as f32));
        true
    }
    fn closed_form(&self, logits: &[f64]) -> Option<Exact> {
        let (t, count) = (f64::from(self.t), self.count as f64);
        let p = |l: &f64| 1.0 / (1.0 + (-l).exp());
        let mean = t * t + (1.0 - 2.0 * t) * logits.iter().map(p).sum::<f64>() / count;
        let slope = |l: &f64| (1.0 - 2.0 * t) * p(l) * (1.0 - p(l)) / count;
        Some(Exact { mean, gradient: logits.iter().map(slope).collect() })
    }
}

/// Creates the quadratic problem `E[(1/n) Σ_i (b_i − t)²]` of `n` bits with logit 0. With `t = 0.499` the costs of a
/// bit's two values differ by only 0.2 %.
///
/// ```
/// use samplegrad_lab::problems;
///
/// let exact = problems::quadratic(0.499, 200)?.exact();
/// assert!((exact.gradient[7] - 2.5e-6).abs() < 1e-9);
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] unless `t` is finite, [`Error::Core`] unless there are from 1 to [`CAPACITY`](crate::CAPACITY)
/// bits.
pub fn quadratic(t: f32, count: usize) -> Result<Problem<Bits>, Error> {
    let t = finite("t", t)?;
    let formula = format!("E[Σᵢ (bᵢ − {t})²/{count}], {count} bits");
    let objective = Quadratic { t, count };
    Ok(Problem::new(format!("quadratic, {count}"), formula, &vec![2; count], &vec![0.0; count], objective)?
        .with_rate(1000.0))
}
