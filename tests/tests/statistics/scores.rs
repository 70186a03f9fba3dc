//! Scores of samples that a float cannot hold, for every family whose score has mean zero. The mean score, and the
//! gradient of a mean cost by both score-function estimators, are compared with closed forms and quadrature in double
//! precision.
//!
//! A comparison fails beyond four standard errors, which happens to a correct estimator with a probability of 6.4e-5;
//! the seed is fixed. A full run makes about a thousand comparisons: with another seed, one of them would fail with a
//! probability of 6 %.

use crate::common::{self, L, Rng, repeat};
use samplegrad_core::{
    Beta, Dirichlet, Gamma, Gumbel, LogStdNormal, MultivariateNormal, StudentT,
    cauchy::Cauchy,
    cost::Cost,
    estimator::Estimator,
    exponential::Exponential,
    family::Family,
    independent::Independent,
    kumaraswamy::Kumaraswamy,
    lane::Lane,
    laplace::Laplace,
    leave_one_out::LeaveOneOut,
    location_scale::{LocationScale, StandardMoments},
    log_normal::LogNormal,
    logistic::Logistic,
    normal::Normal,
    pareto::Pareto,
    score_function::ScoreFunction,
    variables::{FixedVec, Variables},
    weibull::Weibull,
};
use statrs::function::gamma::{digamma, ln_gamma};

const N: usize = 6;
/// Draws of the default form, of the long form, and of the longest form, which runs on demand: `cargo test --release -p
/// samplegrad-tests --test statistics scores::longest -- --ignored`.
const SHORT: u64 = 100_000;
const LONG: u64 = 1_000_000;
const LONGEST: u64 = 10_000_000;
/// Allowed deviation in standard errors.
const ALLOWED: f64 = 4.0;

/// Record of a run: the number of comparisons, the largest deviation in standard errors, and the comparisons beyond
/// four standard errors.
struct Table {
    draws: u64,
    comparisons: usize,
    largest: f64,
    failures: Vec<String>,
}

impl Table {
    fn run(draws: u64, of: impl Fn(&mut Self)) {
        let mut table = Self { draws, comparisons: 0, largest: 0.0, failures: Vec::new() };
        of(&mut table);
        println!("{} comparisons, the largest {:.2} standard errors", table.comparisons, table.largest);
        assert!(table.failures.is_empty(), "beyond {ALLOWED} standard errors: {:#?}", table.failures);
    }

    /// Returns every `step`-th of the cases in the short form, and all of them in the longer forms.
    fn of<T: Clone>(&self, cases: &[T], step: usize) -> Vec<T> {
        cases.iter().step_by(if self.draws < LONG { step } else { 1 }).cloned().collect()
    }

    /// Compares the means of a draw's coordinates, beginning with coordinate `first`.
    fn means<G: FixedVec<L>>(&mut self, name: &str, first: usize, exact: &[f64], mut draw: impl FnMut(&mut Rng) -> G) {
        let mut sums = vec![[0.0_f64; 2]; exact.len()];
        repeat(self.draws, 17, |rng| {
            for ((sums, x), exact) in sums.iter_mut().zip(draw(rng).iter()).zip(exact) {
                for x in common::lanes(*x) {
                    let d = f64::from(x) - exact;
                    sums[0] += d;
                    sums[1] += d * d;
                }
            }
        });
        let count = (self.draws.div_ceil(L::LANES as u64) * L::LANES as u64) as f64;
        for (j, [sum, squares]) in sums.into_iter().enumerate().skip(first) {
            // The rounding of the exact value, for a draw without variance.
            let error = squares.sqrt().max(1e-7 * exact[j].abs() * count) + f64::MIN_POSITIVE;
            let z = sum / error;
            self.comparisons += 1;
            self.largest = self.largest.max(z.abs());
            if z.is_nan() || z.abs() > ALLOWED {
                let mean = exact[j] + sum / count;
                self.failures.push(format!("{name}, parameter {j}: {mean:e} for {:e}, {z:+.1}", exact[j]));
            }
        }
    }

    /// Compares the mean score, and the gradient of a cost whose mean is near `baseline`.
    fn check<V: Variables<Lane = L, Value = L>>(
        &mut self,
        name: String,
        variables: &V,
        first: usize,
        exact: &[f64],
        baseline: f64,
        cost: impl Fn(&[L]) -> L,
    ) {
        let mut cost = |x: &[L]| cost(x);
        let zeros = vec![0.0; exact.len()];
        let mut plain = ScoreFunction { baseline: L::ZERO };
        let mut one = |_: &[L]| L::ONE;
        self.means(&format!("{name}: score"), first, &zeros, |rng| gradient(&mut plain, variables, &mut one, rng));
        let mut score = ScoreFunction { baseline: L::splat(baseline as f32) };
        self.means(&format!("{name}: score function"), first, exact, |rng| {
            gradient(&mut score, variables, &mut cost, rng)
        });
        self.means(&format!("{name}: leave-one-out"), first, exact, |rng| {
            gradient(&mut LeaveOneOut::<2>, variables, &mut cost, rng)
        });
    }

    fn family<D: Family<Lane = L>>(&mut self, name: String, p: D, exact: &[f64], baseline: f64, cost: impl Fn(L) -> L) {
        let variables = Independent::<_, N>::new(&[p]).expect("room");
        self.check(name, &variables, 0, exact, baseline, |x| cost(x[0]));
    }
}

fn gradient<V: Variables<Lane = L>, F: Cost<[V::Value], L>>(
    estimator: &mut impl Estimator<V, F>,
    variables: &V,
    cost: &mut F,
    rng: &mut Rng,
) -> V::Numbers {
    estimator.estimate(variables, cost, rng).expect("finite costs").gradient
}

fn l(x: f64) -> L {
    L::splat(x as f32)
}

/// Rounds to a float and returns its exact value.
fn wide(x: f64) -> f64 {
    f64::from(x as f32)
}

const DECADES: [f64; 7] = [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3];

/// Computes `∫ of(y) dy` by the trapezoidal rule, which converges exponentially where the integrand vanishes at both
/// ends.
fn integral(from: f64, to: f64, of: impl Fn(f64) -> f64) -> f64 {
    const STEPS: u32 = 20_000;
    let h = (to - from) / f64::from(STEPS);
    (0..=STEPS).map(|i| of(from + h * f64::from(i))).sum::<f64>() * h
}

/// Checks the cost `e^{−k x}` with `k = β/(2α)`, whose mean is `(1 + k/β)^{−α}`.
fn gamma(table: &mut Table) {
    for a in table.of(&DECADES, 3).map_wide() {
        for b in table.of(&[1e-3, 1.0, 1e3], 2).map_wide() {
            let k = wide(0.5 * b / a);
            let mean = (-a * (k / b).ln_1p()).exp();
            let exact = [-(k / b).ln_1p() * mean, a * k / (b * (b + k)) * mean];
            let p = Gamma::new(l(a), l(b)).expect("in range");
            table.family(format!("Gamma({a}, {b})"), p, &exact, mean, |x| (x * -(k as f32)).exp());
        }
    }
}

/// Checks the cost `x`, whose mean is `a/(a + b)`. This check takes longest, so three threads share it.
fn beta_of(table: &mut Table, first: &[f64], others: &[(f64, f64)]) {
    let cases: Vec<(f64, f64)> = first.iter().flat_map(|&a| DECADES.map(|b| (a, b))).collect();
    for (a, b) in table.of(&cases, 8).into_iter().chain(others.iter().copied()) {
        let (a, b) = (wide(a), wide(b));
        let total = a + b;
        let exact = [b / (total * total), -a / (total * total)];
        let p = Beta::new(l(a), l(b)).expect("in range");
        table.family(format!("Beta({a}, {b})"), p, &exact, a / total, |x| x);
    }
}

fn beta_of_small(table: &mut Table) {
    beta_of(table, &DECADES[..2], &[]);
}

fn beta_of_middle(table: &mut Table) {
    beta_of(table, &DECADES[2..4], &[(2.0, 0.05)]);
}

fn beta_of_large(table: &mut Table) {
    beta_of(table, &DECADES[4..], &[]);
}

/// Checks the cost `x_0 − 2 x_1` of three numbers.
fn dirichlet(table: &mut Table) {
    let mut cases: Vec<[f64; 3]> = DECADES.map(|a| [a; 3]).to_vec();
    cases.extend([[1e-3, 1.0, 1e3], [1e-2, 0.1, 1e-3], [10.0, 1e-3, 0.1], [1e3, 100.0, 1e-2], [1e3, 1e3, 1e-3]]);
    for shapes in table.of(&cases, 3) {
        let shapes = shapes.map(wide);
        let total: f64 = shapes.iter().sum();
        let weights = [1.0, -2.0, 0.0];
        let mean = weights.iter().zip(shapes).map(|(c, a)| c * a).sum::<f64>() / total;
        let exact = weights.map(|c| (c - mean) / total);
        let p = Dirichlet::<N, L>::new(&shapes.map(l)).expect("in range");
        table.check(format!("Dirichlet({shapes:?})"), &p, 0, &exact, mean, |x| x[0] - (x[1] + x[1]));
    }
}

/// Checks the cost `x`, whose mean is `Γ(1 + 1/a) Γ(1 + b)/Γ(1 + 1/a + b)`.
fn kumaraswamy(table: &mut Table) {
    let shapes = [0.25, 1.0, 10.0, 100.0];
    let cases: Vec<_> = shapes.iter().flat_map(|&a| shapes.map(|b| (a, b))).collect();
    for (a, b) in table.of(&cases, 5) {
        let s = 1.0 + 1.0 / a;
        let mean = (ln_gamma(s) + ln_gamma(1.0 + b) - ln_gamma(s + b)).exp();
        let exact = [mean * (digamma(s + b) - digamma(s)) / (a * a), mean * (digamma(b + 1.0) - digamma(s + b))];
        let p = Kumaraswamy::new(l(a), l(b)).expect("in range");
        table.family(format!("Kumaraswamy({a}, {b})"), p, &exact, mean, |x| x);
    }
}

/// Checks the cost `z + z²` of `z = (x − μ)/σ`, at the parameters' own `μ` and `σ`.
fn location_scale(table: &mut Table) {
    fn of<Z: StandardMoments>(table: &mut Table, name: &str, at: [f64; 2]) {
        let [location, scale] = at.map(wide);
        let (mean, second) = (f64::from(Z::MEAN), f64::from(Z::VARIANCE + Z::MEAN * Z::MEAN));
        let exact = [(1.0 + 2.0 * mean) / scale, (mean + 2.0 * second) / scale];
        let p = LocationScale::<Z, L>::new(l(location), l(scale)).expect("in range");
        table.family(format!("{name}({location}, {scale})"), p, &exact, mean + second, |x| {
            let z = (x - location as f32) / scale as f32;
            z + z * z
        });
    }
    for at in table.of(&[[0.0, 1.0], [1e3, 1e-2], [-10.0, 1e3]], 2) {
        of::<samplegrad_core::normal::StandardNormal>(table, "Normal", at);
        of::<samplegrad_core::logistic::StandardLogistic>(table, "Logistic", at);
        of::<samplegrad_core::laplace::StandardLaplace>(table, "Laplace", at);
        of::<samplegrad_core::gumbel::StandardGumbel>(table, "Gumbel", at);
    }
    // For Cauchy's distribution of another scale t, the mean of 1/(1 + z²) is 1/(1 + t/σ).
    for [location, scale] in [[0.0, 1.0], [1e3, 1e-2]] {
        let (location, scale) = (wide(location), wide(scale));
        let p = Cauchy::new(l(location), l(scale)).expect("in range");
        table.family(format!("Cauchy({location}, {scale})"), p, &[0.0, -0.25 / scale], 0.5, |x| {
            let z = (x - location as f32) / scale as f32;
            (z * z + 1.0).recip()
        });
    }
    // Floats here are farther apart than σ: only the mean score is compared.
    let (a, b) = (l(1e3), l(4.539_993e-5));
    let nothing = |_: L| L::ZERO;
    table.family("narrow normal".into(), Normal::new(a, b).expect("in range"), &[0.0; 2], 0.0, nothing);
    table.family("narrow logistic".into(), Logistic::new(a, b).expect("in range"), &[0.0; 2], 0.0, nothing);
    table.family("narrow Laplace".into(), Laplace::new(a, b).expect("in range"), &[0.0; 2], 0.0, nothing);
    table.family("narrow Gumbel".into(), Gumbel::new(a, b).expect("in range"), &[0.0; 2], 0.0, nothing);
    table.family("narrow Cauchy".into(), Cauchy::new(a, b).expect("in range"), &[0.0; 2], 0.0, nothing);
}

/// Checks the cost `z + z²` of a normal variable parameterised by `ln σ`, and a linear cost of two dependent normal
/// variables.
fn gaussian(table: &mut Table) {
    for (mean, log_std) in table.of(&[(0.0, 0.0), (1e3, -10.0), (-5.0, 6.0)], 1) {
        let std = wide(libm_exp(log_std));
        let p = LogStdNormal::new(l(mean), l(log_std)).expect("in range");
        table.family(format!("LogStdNormal({mean}, {log_std})"), p, &[1.0 / std, 2.0], 1.0, |x| {
            let z = (x - mean as f32) / std as f32;
            z + z * z
        });
    }
    for log_std in table.of(&[0.0, -10.0], 1) {
        let (std, lean) = (wide(libm_exp(log_std)), wide(0.5 * libm_exp(log_std)));
        let p =
            MultivariateNormal::<N, L>::new(&[l(1e3), l(-1e3)], &[l(log_std), l(lean), l(log_std)]).expect("finite");
        // The cost (x_1 − μ_1)/σ: its derivatives in the mean and in the factor.
        let exact = [0.0, 1.0 / std, 0.0, 0.0, 0.0];
        table.check(format!("two normal variables, ln σ = {log_std}"), &p, 0, &exact, 0.0, |x| {
            (x[1] + 1e3) / std as f32
        });
    }
}

/// Returns the standard deviation that a normal variable computes from `ln σ`.
fn libm_exp(log_std: f64) -> f64 {
    f64::from(LogStdNormal::new(0.0, log_std as f32).expect("in range").std())
}

/// Checks families on the half-line that are transforms of an exponential or a normal number.
fn half_line(table: &mut Table) {
    for r in table.of(&DECADES, 3).map_wide() {
        let k = wide(r / 2.0);
        let exact = [k / ((r + k) * (r + k))];
        let p = Exponential::new(l(r)).expect("in range");
        table.family(format!("Exponential({r})"), p, &exact, r / (r + k), |x| (x * -(k as f32)).exp());
    }
    // The mean of 1/(1 + x/λ) is an integral over y = ln E, where E is an exponential number.
    for k in table.of(&[0.25, 1.0, 10.0, 100.0], 3) {
        for scale in [1e-6, 1.0].map(wide) {
            let mean_of =
                |g: &dyn Fn(f64) -> f64| integral(-60.0, 5.0, |y| g(y) * (y - y.exp()).exp() / (1.0 + (y / k).exp()));
            let exact = [mean_of(&|y| k / scale * (y.exp() - 1.0)), mean_of(&|y| 1.0 / k - (y.exp() - 1.0) * y / k)];
            let p = Weibull::new(l(scale), l(k)).expect("in range");
            table.family(format!("Weibull({scale}, {k})"), p, &exact, mean_of(&|_| 1.0), |x| {
                (x / scale as f32 + 1.0).recip()
            });
        }
    }
    for sigma in table.of(&[1e-4, 1e-2, 1.0, 6.0], 3).map_wide() {
        let mean_of = |g: &dyn Fn(f64) -> f64| {
            integral(-12.0, 12.0, |z| {
                g(z) * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() / (1.0 + (sigma * z).exp())
            })
        };
        let exact = [mean_of(&|z| z / sigma), mean_of(&|z| (z * z - 1.0) / sigma)];
        let p = LogNormal::new(l(0.0), l(sigma)).expect("in range");
        table.family(format!("LogNormal(0, {sigma})"), p, &exact, 0.5, |x| (x + 1.0).recip());
    }
    // For Pareto's distribution, only the score in the shape is checked, because the support depends on the scale.
    for shape in table.of(&[0.5, 10.0, 1e3], 2) {
        let p = Pareto::new(l(1.0), l(shape)).expect("in range");
        let variables = Independent::<_, N>::new(&[p]).expect("room");
        let exact = [0.0, 1.0 / ((shape + 1.0) * (shape + 1.0))];
        table.check(format!("Pareto(1, {shape})"), &variables, 1, &exact, shape / (shape + 1.0), |x| x[0].recip());
    }
}

/// Checks the cost `1/(1 + t²)` of `t = (x − μ)/σ`, by differences of the integral.
fn student_t(table: &mut Table) {
    for freedom in table.of(&[1.0, 10.0, 100.0, 1e3], 2) {
        // The mean as a function of freedom and log-scale.
        let mean = |n: f64, scale: f64| {
            let constant = ln_gamma(n / 2.0 + 0.5) - ln_gamma(n / 2.0) - 0.5 * (n * std::f64::consts::PI).ln();
            integral(-40.0, 40.0, |y| {
                let t = y.sinh();
                let density = (constant - (n + 1.0) / 2.0 * (t * t / n).ln_1p()).exp();
                density * y.cosh() / (1.0 + (scale * t).powi(2))
            })
        };
        let h = 1e-3;
        let slope = |of: &dyn Fn(f64) -> f64| (8.0 * (of(h) - of(-h)) - (of(2.0 * h) - of(-2.0 * h))) / (12.0 * h);
        for (location, scale) in [(0.0, 1.0), (1e3, 1e-2)].map(|(a, b)| (wide(a), wide(b))) {
            let exact =
                [slope(&|h| mean(freedom * (1.0 + h), 1.0)) / freedom, 0.0, slope(&|h| mean(freedom, 1.0 + h)) / scale];
            let p = StudentT::new(l(freedom), l(location), l(scale)).expect("in range");
            table.family(format!("StudentT({freedom}, {location}, {scale})"), p, &exact, mean(freedom, 1.0), |x| {
                let t = (x - location as f32) / scale as f32;
                (t * t + 1.0).recip()
            });
        }
    }
}

/// Conversion of floats to the exact numbers they hold.
trait MapWide {
    fn map_wide(self) -> Self;
}

impl MapWide for Vec<f64> {
    fn map_wide(self) -> Self {
        self.into_iter().map(wide).collect()
    }
}

macro_rules! forms {
    ($($form:ident: $draws:ident, $condition:meta;)*) => {$(
        mod $form {
            use super::*;

            forms!(of $draws, $condition:
                gamma beta_of_small beta_of_middle beta_of_large dirichlet kumaraswamy location_scale gaussian half_line
                student_t);
        }
    )*};
    (of $draws:ident, $condition:meta: $($name:ident)*) => {$(
        #[test]
        #[$condition]
        fn $name() {
            Table::run($draws, super::$name);
        }
    )*};
}
forms! {
    short: SHORT, cfg_attr(debug_assertions, ignore = "statistics: release builds run it");
    long: LONG, ignore = "statistics: long";
    longest: LONGEST, ignore = "statistics: ten million draws, minutes";
}
