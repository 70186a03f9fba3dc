use samplegrad_core::lane::Lane;

use crate::{
    error::Error, lanes::L, objective::Objective, problem::Problem, problems::finite::finite, variable_kind::Bits,
};

/// `(b − t)²`.
struct Toy(f32);

impl Objective<Bits> for Toy {
    fn value(&self, b: &[L]) -> L {
        let d = b[0] - self.0;
        d * d
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        let d = y[0] - self.0;
        gradient[0] = d + d;
        d * d
    }
    fn curvature(&self, _: &[L], curvature: &mut [L]) -> bool {
        curvature[0] = L::splat(2.0);
        true
    }
}

/// Creates the toy problem `E[(b − t)²]` of one bit with this logit. Source: Tucker et al., *REBAR*, NIPS 2017, with `t
/// = 0.45`.
///
/// ```
/// use samplegrad_lab::problems;
///
/// assert!((problems::toy(0.45, 2.0)?.exact().gradient[0] - 1.049936e-2).abs() < 1e-7);
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] and [`Error::Core`] unless both numbers are finite.
pub fn toy(t: f32, logit: f32) -> Result<Problem<Bits>, Error> {
    let t = finite("t", t)?;
    let name = format!("toy, logit {logit}");
    Ok(Problem::new(name, format!("E[(b − {t})²] of one bit"), &[2], &[logit], Toy(t))?.with_rate(2.0))
}
