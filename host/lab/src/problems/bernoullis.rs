use samplegrad_core::lane::Lane;

use crate::{error::Error, exact::Exact, lanes::L, objective::Objective, problem::Problem, variable_kind::Bits};

/// `(1/N) Σ_i (w_i b_i + 2 b_i b_{i+1} − 3 b_i b_{i+1} b_{i+2})`.
struct Chain {
    count: usize,
}

/// The weights of single bits: −1, 0.5, 2, 0, 1.5, repeated.
const WEIGHTS: [f32; 5] = [-1.0, 0.5, 2.0, 0.0, 1.5];

impl Chain {
    /// Computes `∂f/∂y_i` at any point; bits beyond the ends are zero.
    fn slope(&self, y: impl Fn(isize) -> f64, i: isize) -> f64 {
        let pairs = y(i - 1) + y(i + 1);
        let triples = y(i - 2) * y(i - 1) + y(i - 1) * y(i + 1) + y(i + 1) * y(i + 2);
        (f64::from(WEIGHTS[i as usize % 5]) + 2.0 * pairs - 3.0 * triples) / self.count as f64
    }

    fn value_at(&self, y: impl Fn(isize) -> f64) -> f64 {
        let term = |i: isize| y(i) * (f64::from(WEIGHTS[i as usize % 5]) + y(i + 1) * (2.0 - 3.0 * y(i + 2)));
        (0..self.count as isize).map(term).sum::<f64>() / self.count as f64
    }
}

fn at(y: &[L], i: isize) -> L {
    usize::try_from(i).ok().and_then(|i| y.get(i)).copied().unwrap_or(L::ZERO)
}

impl Objective<Bits> for Chain {
    fn value(&self, b: &[L]) -> L {
        let mut total = L::ZERO;
        for (i, &b_i) in b.iter().enumerate() {
            let (next, last) = (at(b, i as isize + 1), at(b, i as isize + 2));
            total = total + b_i * (next * (L::splat(2.0) - last * 3.0) + WEIGHTS[i % 5]);
        }
        total * (1.0 / self.count as f32)
    }
    fn value_and_gradient(&self, y: &[L], gradient: &mut [L]) -> L {
        for (i, g) in (0..).zip(gradient.iter_mut()) {
            let pairs = at(y, i - 1) + at(y, i + 1);
            let triples = at(y, i - 2) * at(y, i - 1) + at(y, i - 1) * at(y, i + 1) + at(y, i + 1) * at(y, i + 2);
            *g = (pairs * 2.0 - triples * 3.0 + WEIGHTS[i as usize % 5]) * (1.0 / self.count as f32);
        }
        self.value(y)
    }
    /// Writes zeros: the cost is linear in each bit.
    fn curvature(&self, _: &[L], curvature: &mut [L]) -> bool {
        curvature.fill(L::ZERO);
        true
    }
    /// Computes the exact mean as the cost of the means, since the cost is linear in each bit.
    fn closed_form(&self, logits: &[f64]) -> Option<Exact> {
        let p: Vec<f64> = logits.iter().map(|l| 1.0 / (1.0 + (-l).exp())).collect();
        let p = |i: isize| usize::try_from(i).ok().and_then(|i| p.get(i)).copied().unwrap_or(0.0);
        let gradient = (0..self.count as isize).map(|i| p(i) * (1.0 - p(i)) * self.slope(p, i)).collect();
        Some(Exact { mean: self.value_at(p), gradient })
    }
}

/// Creates the problem of bits with products of neighbours: `E[(1/N) Σ_i (w_i b_i + 2 b_i b_{i+1} − 3 b_i b_{i+1}
/// b_{i+2})]` with the weights −1, 0.5, 2, 0, 1.5, repeated.
///
/// ```
/// use samplegrad_lab::problems;
///
/// let problem = problems::bernoullis(&[0.0, 0.0])?;
/// assert!((problem.exact().mean - 0.125).abs() < 1e-12);     // (−1 ½ + ½ ½ + 2 ¼)/2
/// # Ok::<(), samplegrad_lab::Error>(())
/// ```
///
/// # Errors
/// [`Error::Core`] unless there are from 1 to [`CAPACITY`](crate::CAPACITY) finite logits.
pub fn bernoullis(logits: &[f32]) -> Result<Problem<Bits>, Error> {
    let count = logits.len();
    let formula = format!("E[Σᵢ (wᵢ bᵢ + 2 bᵢbᵢ₊₁ − 3 bᵢbᵢ₊₁bᵢ₊₂)/{count}], {count} bits");
    let rate = 0.5 * count as f32;
    Ok(Problem::new(format!("bernoullis, {count}"), formula, &vec![2; count], logits, Chain { count })?.with_rate(rate))
}

/// Returns logits spread evenly from −1 to 1.
pub fn default_logits(count: usize) -> Vec<f32> {
    let last = count.saturating_sub(1).max(1) as f32;
    (0..count).map(|i| 2.0 * i as f32 / last - 1.0).collect()
}
