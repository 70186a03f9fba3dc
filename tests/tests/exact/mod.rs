//! Discrete variables enumerated in double precision, two problems that use them, and tests of estimators that learn.

#![allow(dead_code, reason = "each test file uses its own part")]

use samplegrad_core::{
    Bernoullis, Categoricals, Source,
    cost::{Cost, CostError, DifferentiableCost, TwiceDifferentiableCost},
    estimator::{Estimate, Estimator},
    lane::{Lane, Word},
    reduce, stream,
    variables::Variables,
};

use crate::common::{self, L, Rng, Verdict, Words, estimates, repeat};

/// Capacity for the parameters of each problem.
pub const N: usize = 8;

/// One value of all variables: its probability, index, cost, score and point.
#[derive(Clone)]
pub struct Outcome {
    pub p: f64,
    pub x: Vec<usize>,
    pub f: f64,
    pub s: Vec<f64>,
    pub y: Vec<f64>,
}

/// All values of discrete variables, in double precision.
#[derive(Clone)]
pub struct Exact {
    pub outcomes: Vec<Outcome>,
    pub means: Vec<f64>,
    /// Jacobian `∂mean_k/∂l_j`.
    pub jacobian: Vec<Vec<f64>>,
    pub gradient: Vec<f64>,
}

impl Exact {
    /// Enumerates variables given by their logits: one logit is a bit, several are classes.
    pub fn new(variables: &[&[f32]], cost: impl Fn(&[f64]) -> f64) -> Self {
        let mut outcomes = vec![Outcome { p: 1.0, x: vec![], f: 0.0, s: vec![], y: vec![] }];
        for logits in variables {
            let p = common::softmax(&if logits.len() > 1 { logits.to_vec() } else { vec![0.0, logits[0]] });
            let hidden = usize::from(logits.len() == 1);
            let extend = |before: &Outcome, class: usize| {
                let mut next = before.clone();
                next.p *= p[class];
                next.x.push(class);
                for k in hidden..p.len() {
                    let hot = f64::from(u8::from(k == class));
                    next.s.push(hot - p[k]);
                    next.y.push(hot);
                }
                next
            };
            let possible: Vec<usize> = (0..p.len()).filter(|&k| p[k] > 0.0).collect();
            outcomes = outcomes.iter().flat_map(|o| possible.iter().map(|&k| extend(o, k))).collect();
        }
        outcomes.iter_mut().for_each(|o| o.f = cost(&o.y));
        let count = outcomes[0].s.len();
        let sum = |f: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(|o| o.p * f(o)).sum::<f64>();
        let means = (0..count).map(|k| sum(&|o| o.y[k])).collect();
        let jacobian = (0..count).map(|k| (0..count).map(|j| sum(&|o| o.y[k] * o.s[j])).collect()).collect();
        let gradient = (0..count).map(|j| sum(&|o| o.f * o.s[j])).collect();
        Self { outcomes, means, jacobian, gradient }
    }

    pub fn mean(&self, f: impl Fn(&Outcome) -> f64) -> f64 {
        self.outcomes.iter().map(|o| o.p * f(o)).sum()
    }

    /// Computes `∂⟨c, mean⟩/∂l`.
    pub fn pullback(&self, c: &[f64]) -> Vec<f64> {
        let of = |j: usize| c.iter().zip(&self.jacobian).map(|(c, row)| c * row[j]).sum();
        (0..self.gradient.len()).map(of).collect()
    }

    /// Returns the variances of an estimate that is a function of one sample. The mean of the estimate must be the
    /// gradient.
    pub fn variances(&self, estimate: impl Fn(&Outcome) -> Vec<f64>) -> Vec<f64> {
        let all: Vec<(f64, Vec<f64>)> = self.outcomes.iter().map(|o| (o.p, estimate(o))).collect();
        let of = |(j, exact): (usize, &f64)| {
            let mean: f64 = all.iter().map(|(p, g)| p * g[j]).sum();
            assert!((mean - exact).abs() < 1e-6, "logit {j}: the formula has mean {mean}, exact is {exact}");
            all.iter().map(|(p, g)| p * (g[j] - exact).powi(2)).sum()
        };
        self.gradient.iter().enumerate().map(of).collect()
    }

    /// Returns the variances with a baseline, one for all coordinates or one per coordinate.
    pub fn with_baselines(&self, b: &[f64]) -> Vec<f64> {
        let of = |o: &Outcome| o.s.iter().zip(b.iter().cycle()).map(|(s, b)| (o.f - b) * s).collect();
        self.variances(of)
    }

    /// Returns the variances of leave-one-out with `samples` samples: a U-statistic of order two.
    pub fn leave_one_out(&self, samples: f64) -> Vec<f64> {
        let mean = self.mean(|o| o.f);
        let cost_variance = self.mean(|o| (o.f - mean).powi(2));
        let of = |(j, g): (usize, &f64)| {
            let (second, square) = (self.mean(|o| ((o.f - mean) * o.s[j]).powi(2)), self.mean(|o| o.s[j].powi(2)));
            let of_two = 0.5 * (second + cost_variance * square);
            2.0 / (samples * (samples - 1.0)) * (0.5 * (samples - 2.0) * (second - g * g) + of_two)
        };
        self.gradient.iter().enumerate().map(of).collect()
    }

    /// Returns the variances of the optimal baseline among three samples.
    pub fn optimal_of_three(&self, per_coordinate: bool) -> Vec<f64> {
        let weight = |o: &Outcome, j: usize| {
            if per_coordinate { o.s[j].powi(2) } else { o.s.iter().map(|s| s * s).sum() }
        };
        let part = |one: &Outcome, [a, b]: [&Outcome; 2], j: usize| {
            // A masked class has no score.
            let total = (weight(a, j) + weight(b, j)).max(f64::MIN_POSITIVE);
            let baseline = (a.f * weight(a, j) + b.f * weight(b, j)) / total;
            (one.f - baseline) * one.s[j] / 3.0
        };
        let mut moments = vec![(0.0, 0.0); self.gradient.len()];
        for a in &self.outcomes {
            for b in &self.outcomes {
                for c in &self.outcomes {
                    for (j, (mean, square)) in moments.iter_mut().enumerate() {
                        let g = part(a, [b, c], j) + part(b, [a, c], j) + part(c, [a, b], j);
                        *mean += a.p * b.p * c.p * g;
                        *square += a.p * b.p * c.p * (g - self.gradient[j]).powi(2);
                    }
                }
            }
        }
        let of = |((mean, square), exact): ((f64, f64), &f64)| {
            assert!((mean - exact).abs() < 1e-6);
            square
        };
        moments.into_iter().zip(&self.gradient).map(of).collect()
    }

    /// Returns the variances of the control variate by expansion, given its derivatives at the mean, its weight and its
    /// baseline.
    pub fn expanded(&self, (at_mean, c, v): (f64, &[f64], &[f64]), beta: f64, baseline: f64) -> Vec<f64> {
        let cotangent: Vec<f64> =
            c.iter().zip(v).zip(&self.means).map(|((c, v), p)| beta * (c + v * (1.0 - 2.0 * p))).collect();
        let back = self.pullback(&cotangent);
        self.variances(|o| {
            let d = o.y.iter().zip(&self.means).map(|(y, m)| y - m);
            let h: f64 = d.zip(c.iter().zip(v)).map(|(d, (c, v))| c * d + v * d * d).sum();
            o.s.iter().zip(&back).map(|(s, back)| (o.f - at_mean - beta * h - baseline) * s + back).collect()
        })
    }
}

pub const BITS: [f32; 5] = [0.0, 1.5, -2.0, 0.5, -0.25];
pub const WEIGHTS: [f32; 5] = [1.0, -2.0, 0.5, 1.0, 3.0];

pub fn bits<T: Lane>() -> Bernoullis<N, T> {
    Bernoullis::new(&BITS.map(T::splat)).expect("finite logits")
}

/// Computes `¼ (w·y)² + 3 y_0 y_1`, its slope and its curvature.
pub fn smooth<T: Lane>(y: &[T], slope: &mut [T], curvature: &mut [T]) -> T {
    let w = WEIGHTS.map(T::splat);
    let sum = reduce::dot(y, &w);
    for (k, ((g, h), w)) in slope.iter_mut().zip(curvature).zip(w).enumerate() {
        let product = if k < 2 { y[1 - k] * 3.0 } else { T::ZERO };
        *g = sum * w * 0.5 + product;
        *h = w * w * 0.5;
    }
    sum * sum * 0.25 + y[0] * y[1] * 3.0
}

pub fn exact_of_bits() -> Exact {
    let logits = BITS.map(|l| [l]);
    let variables: Vec<&[f32]> = logits.iter().map(|l| l.as_slice()).collect();
    Exact::new(&variables, |y| {
        let sum: f64 = y.iter().zip(WEIGHTS).map(|(y, w)| y * f64::from(w)).sum();
        sum * sum * 0.25 + y[0] * y[1] * 3.0
    })
}

/// Returns the value at the mean, the slope, and half the curvature.
pub fn expansion_of_bits(exact: &Exact) -> (f64, Vec<f64>, Vec<f64>) {
    let (y, w) = (&exact.means, WEIGHTS.map(f64::from));
    let sum: f64 = y.iter().zip(w).map(|(y, w)| y * w).sum();
    let product = [3.0 * y[1], 3.0 * y[0], 0.0, 0.0, 0.0];
    let slope = (0..5).map(|k| 0.5 * sum * w[k] + product[k]).collect();
    (sum * sum * 0.25 + y[0] * y[1] * 3.0, slope, w.iter().map(|w| 0.25 * w * w).collect())
}

pub const SIZES: [usize; 2] = [2, 4];
pub const CLASSES: [f32; 6] = [0.5, -0.5, 1.0, 0.0, f32::NEG_INFINITY, -1.0];
pub const ONE: [f32; 2] = [1.0, -0.5];
pub const OTHER: [f32; 4] = [0.25, 2.0, 100.0, -1.0];

pub fn classes<T: Lane>() -> Categoricals<N, T> {
    Categoricals::new(&SIZES, &CLASSES.map(T::splat)).expect("valid logits")
}

/// Cost `a(x_0) b(x_1) + b(x_1)`, extended between the classes as `⟨a, y_0⟩⟨b, y_1⟩ + Σ_k b_k y_{1k}²`.
pub struct OfClasses;

impl<T: Lane> Cost<[T::Word], T> for OfClasses {
    fn value(&mut self, x: &[T::Word]) -> T {
        let (one, other) = (T::gather(&ONE.map(T::splat), x[0]), T::gather(&OTHER.map(T::splat), x[1]));
        one * other + other
    }
}

impl<T: Lane> DifferentiableCost<T> for OfClasses {
    fn value_and_gradient(&mut self, y: &[T], gradient: &mut [T]) -> T {
        self.expand(y, gradient, &mut [T::ZERO; 6])
    }
}

impl<T: Lane> TwiceDifferentiableCost<T> for OfClasses {
    fn expand(&mut self, y: &[T], slope: &mut [T], curvature: &mut [T]) -> T {
        let (a, b) = (ONE.map(T::splat), OTHER.map(T::splat));
        let (one, other) = (reduce::dot(&y[..2], &a), reduce::dot(&y[2..], &b));
        let mut total = one * other;
        for k in 0..2 {
            (slope[k], curvature[k]) = (a[k] * other, T::ZERO);
        }
        for k in 0..4 {
            (slope[2 + k], curvature[2 + k]) = (b[k] * one + b[k] * y[2 + k] * 2.0, b[k] * 2.0);
            total = total + b[k] * y[2 + k] * y[2 + k];
        }
        total
    }
}

pub fn exact_of_classes() -> Exact {
    let (a, b) = (ONE.map(f64::from), OTHER.map(f64::from));
    Exact::new(&[&CLASSES[..2], &CLASSES[2..]], |y| {
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        (dot(&a, &y[..2]) + 1.0) * dot(&b, &y[2..])
    })
}

pub fn expansion_of_classes(exact: &Exact) -> (f64, Vec<f64>, Vec<f64>) {
    let (a, b, y) = (ONE.map(f64::from), OTHER.map(f64::from), &exact.means);
    let one = a[0] * y[0] + a[1] * y[1];
    let other: f64 = (0..4).map(|k| b[k] * y[2 + k]).sum();
    let squares: f64 = (0..4).map(|k| b[k] * y[2 + k].powi(2)).sum();
    let slope = (0..6).map(|k| if k < 2 { a[k] * other } else { b[k - 2] * (one + 2.0 * y[k]) });
    let bend = (0..6).map(|k| if k < 2 { 0.0 } else { b[k - 2] });
    (one * other + squares, slope.collect(), bend.collect())
}

/// A source that returns the same word in all lanes, so that all lanes learn the same.
pub struct Same<R>(R);

impl<R: Source<f32>> Source<L> for Same<R> {
    fn next_word(&mut self) -> Words {
        Words::splat(self.0.next_word())
    }
}

/// Trains an estimator for 300 estimates, identically in all lanes.
pub fn taught<V: Variables<Lane = L>, F, E: Estimator<V, F>>(mut estimator: E, variables: &V, cost: &mut F) -> E {
    let mut source = Same(stream::xorshift(5, 5));
    for _ in 0..300 {
        assert!(estimator.estimate(variables, cost, &mut source).is_ok());
    }
    estimator
}

/// Checks means and variances of an estimator that does not learn: each draw uses a fresh copy of it.
pub fn frozen<V: Variables<Lane = L>, F, E: Estimator<V, F> + Clone>(
    draws: u64,
    estimator: &E,
    (variables, cost): (&V, &mut F),
    exact: &Exact,
    variances: &[f64],
) -> Verdict {
    estimates(draws, &exact.gradient, variances, |rng| estimator.clone().estimate(variables, cost, rng))
}

/// Checks the means of an estimator that continues to learn.
pub fn learning<V: Variables<Lane = L>, F, E: Estimator<V, F>>(
    draws: u64,
    mut estimator: E,
    (variables, cost): (&V, &mut F),
    exact: &Exact,
) -> Verdict {
    estimates(draws, &exact.gradient, &[], |rng| estimator.estimate(variables, cost, rng))
}

/// Checks an estimator without variance: each estimate equals the gradient except for rounding.
pub fn constant<V: Variables<Lane = L>, X: std::fmt::Debug>(
    exact: &[f64],
    mut estimate: impl FnMut(&mut Rng) -> Result<Estimate<V>, CostError<X>>,
) {
    repeat(65_536, 9, |rng| {
        let gradient = estimate(rng).expect("finite costs").gradient;
        for (&g, exact) in gradient.iter().zip(exact) {
            common::lanes(g).for_each(|g| assert!((f64::from(g) - exact).abs() < 5e-4, "{g} for {exact}"));
        }
    });
}
