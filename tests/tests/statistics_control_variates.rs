//! Baselines and control variates of the score function against exact enumeration: means, and the variances of what does not
//! learn, or has learned and is held fixed.
//!
//! Exact values are computed here in double precision. Every test raises a false alarm with probability 10^−6 at most
//! ([`common::ALARM`]); seeds are fixed.

mod common;

use common::{L, Moments, Rng, Verdict, Words, accept, estimates, quick_and_long, reject, repeat};
use samplegrad_core::{
    Bernoullis, Categoricals, Decay, Features, Gaussian, LearningRate, Reward, Source,
    action_model::PerAction,
    baseline::{Baseline, LinearCritic, MovingAverage},
    coefficient::Coefficient,
    cost::{Cost, CostError, Curved, DifferentiableCost, TwiceDifferentiableCost},
    delta_method::{DeltaMethod, SecondOrder},
    enumeration,
    estimator::{Estimate, Estimator},
    independent::Independent,
    lane::{Lane, Word},
    leave_one_out::LeaveOneOut,
    linear_critic::Critic,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    reduce,
    score_function::ScoreFunction,
    self_critical::SelfCritical,
    stream,
    variables::Variables,
};

const LONG: u64 = 1 << 24;
const N: usize = 8;

/// One value of all variables: its probability, its place, its cost, its score and its point.
#[derive(Clone)]
struct Outcome {
    p: f64,
    x: Vec<usize>,
    f: f64,
    s: Vec<f64>,
    y: Vec<f64>,
}

/// All values of discrete variables, in double precision.
#[derive(Clone)]
struct Exact {
    outcomes: Vec<Outcome>,
    means: Vec<f64>,
    /// `∂mean_k/∂l_j`.
    jacobian: Vec<Vec<f64>>,
    gradient: Vec<f64>,
}

impl Exact {
    /// Variables given by their logits: one is a bit, several are classes.
    fn new(variables: &[&[f32]], cost: impl Fn(&[f64]) -> f64) -> Self {
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

    fn mean(&self, f: impl Fn(&Outcome) -> f64) -> f64 {
        self.outcomes.iter().map(|o| o.p * f(o)).sum()
    }

    /// `∂⟨c, mean⟩/∂l`.
    fn pullback(&self, c: &[f64]) -> Vec<f64> {
        let of = |j: usize| c.iter().zip(&self.jacobian).map(|(c, row)| c * row[j]).sum();
        (0..self.gradient.len()).map(of).collect()
    }

    /// Variances of an estimate that is a function of one sample; its mean must be the gradient.
    fn variances(&self, estimate: impl Fn(&Outcome) -> Vec<f64>) -> Vec<f64> {
        let all: Vec<(f64, Vec<f64>)> = self.outcomes.iter().map(|o| (o.p, estimate(o))).collect();
        let of = |(j, exact): (usize, &f64)| {
            let mean: f64 = all.iter().map(|(p, g)| p * g[j]).sum();
            assert!((mean - exact).abs() < 1e-6, "logit {j}: the formula has mean {mean}, exact is {exact}");
            all.iter().map(|(p, g)| p * (g[j] - exact).powi(2)).sum()
        };
        self.gradient.iter().enumerate().map(of).collect()
    }

    /// With a baseline, common or per coordinate.
    fn with_baselines(&self, b: &[f64]) -> Vec<f64> {
        let of = |o: &Outcome| o.s.iter().zip(b.iter().cycle()).map(|(s, b)| (o.f - b) * s).collect();
        self.variances(of)
    }

    /// Of leave-one-out among several samples: a U-statistic of order two.
    fn leave_one_out(&self, samples: f64) -> Vec<f64> {
        let mean = self.mean(|o| o.f);
        let cost_variance = self.mean(|o| (o.f - mean).powi(2));
        let of = |(j, g): (usize, &f64)| {
            let (second, square) = (self.mean(|o| ((o.f - mean) * o.s[j]).powi(2)), self.mean(|o| o.s[j].powi(2)));
            let of_two = 0.5 * (second + cost_variance * square);
            2.0 / (samples * (samples - 1.0)) * (0.5 * (samples - 2.0) * (second - g * g) + of_two)
        };
        self.gradient.iter().enumerate().map(of).collect()
    }

    /// Of the optimal baseline among three samples.
    fn optimal_of_three(&self, per_coordinate: bool) -> Vec<f64> {
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

    /// Of the expansion with these derivatives at the mean, weight and baseline.
    fn expanded(&self, (at_mean, c, v): (f64, &[f64], &[f64]), beta: f64, baseline: f64) -> Vec<f64> {
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

const BITS: [f32; 5] = [0.0, 1.5, -2.0, 0.5, -0.25];
const WEIGHTS: [f32; 5] = [1.0, -2.0, 0.5, 1.0, 3.0];

fn bits<T: Lane>() -> Bernoullis<N, T> {
    Bernoullis::new(&BITS.map(T::splat)).expect("finite logits")
}

/// `¼ (w·y)² + 3 y_0 y_1`, its slope and its curvature.
fn smooth<T: Lane>(y: &[T], slope: &mut [T], curvature: &mut [T]) -> T {
    let w = WEIGHTS.map(T::splat);
    let sum = reduce::dot(y, &w);
    for (k, ((g, h), w)) in slope.iter_mut().zip(curvature).zip(w).enumerate() {
        let product = if k < 2 { y[1 - k] * 3.0 } else { T::ZERO };
        *g = sum * w * 0.5 + product;
        *h = w * w * 0.5;
    }
    sum * sum * 0.25 + y[0] * y[1] * 3.0
}

fn exact_of_bits() -> Exact {
    let logits = BITS.map(|l| [l]);
    let variables: Vec<&[f32]> = logits.iter().map(|l| l.as_slice()).collect();
    Exact::new(&variables, |y| {
        let sum: f64 = y.iter().zip(WEIGHTS).map(|(y, w)| y * f64::from(w)).sum();
        sum * sum * 0.25 + y[0] * y[1] * 3.0
    })
}

/// Value at the mean, slope, and half the curvature.
fn expansion_of_bits(exact: &Exact) -> (f64, Vec<f64>, Vec<f64>) {
    let (y, w) = (&exact.means, WEIGHTS.map(f64::from));
    let sum: f64 = y.iter().zip(w).map(|(y, w)| y * w).sum();
    let product = [3.0 * y[1], 3.0 * y[0], 0.0, 0.0, 0.0];
    let slope = (0..5).map(|k| 0.5 * sum * w[k] + product[k]).collect();
    (sum * sum * 0.25 + y[0] * y[1] * 3.0, slope, w.iter().map(|w| 0.25 * w * w).collect())
}

const SIZES: [usize; 2] = [2, 4];
const CLASSES: [f32; 6] = [0.5, -0.5, 1.0, 0.0, f32::NEG_INFINITY, -1.0];
const ONE: [f32; 2] = [1.0, -0.5];
const OTHER: [f32; 4] = [0.25, 2.0, 100.0, -1.0];

fn classes<T: Lane>() -> Categoricals<N, T> {
    Categoricals::new(&SIZES, &CLASSES.map(T::splat)).expect("valid logits")
}

/// `a(x_0) b(x_1) + b(x_1)`, between the classes as `⟨a, y_0⟩⟨b, y_1⟩ + Σ_k b_k y_{1k}²`.
struct OfClasses;

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

fn exact_of_classes() -> Exact {
    let (a, b) = (ONE.map(f64::from), OTHER.map(f64::from));
    Exact::new(&[&CLASSES[..2], &CLASSES[2..]], |y| {
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        (dot(&a, &y[..2]) + 1.0) * dot(&b, &y[2..])
    })
}

fn expansion_of_classes(exact: &Exact) -> (f64, Vec<f64>, Vec<f64>) {
    let (a, b, y) = (ONE.map(f64::from), OTHER.map(f64::from), &exact.means);
    let one = a[0] * y[0] + a[1] * y[1];
    let other: f64 = (0..4).map(|k| b[k] * y[2 + k]).sum();
    let squares: f64 = (0..4).map(|k| b[k] * y[2 + k].powi(2)).sum();
    let slope = (0..6).map(|k| if k < 2 { a[k] * other } else { b[k - 2] * (one + 2.0 * y[k]) });
    let bend = (0..6).map(|k| if k < 2 { 0.0 } else { b[k - 2] });
    (one * other + squares, slope.collect(), bend.collect())
}

/// A source that says the same in all lanes, so that all learn the same.
struct Same<R>(R);

impl<R: Source<f32>> Source<L> for Same<R> {
    fn next_word(&mut self) -> Words {
        Words::splat(self.0.next_word())
    }
}

/// Lets an estimator learn, in all lanes the same.
fn taught<V: Variables<N, L>, F, E: Estimator<N, V, F, L>>(mut estimator: E, variables: &V, cost: &mut F) -> E {
    let mut source = Same(stream::xorshift(5, 5));
    for _ in 0..300 {
        assert!(estimator.estimate(variables, cost, &mut source).is_ok());
    }
    estimator
}

/// Means and variances of an estimator that does not learn, or forgets after each draw what it learned.
fn frozen<V: Variables<N, L>, F, E: Estimator<N, V, F, L> + Clone>(
    draws: u64,
    estimator: &E,
    (variables, cost): (&V, &mut F),
    exact: &Exact,
    variances: &[f64],
) -> Verdict {
    estimates(draws, &exact.gradient, variances, |rng| estimator.clone().estimate(variables, cost, rng))
}

/// Means of an estimator that learns all the while.
fn learning<V: Variables<N, L>, F, E: Estimator<N, V, F, L>>(
    draws: u64,
    mut estimator: E,
    (variables, cost): (&V, &mut F),
    exact: &Exact,
) -> Verdict {
    estimates(draws, &exact.gradient, &[], |rng| estimator.estimate(variables, cost, rng))
}

/// An estimator without variance: each estimate is the gradient, but for rounding.
fn constant<X: std::fmt::Debug>(
    exact: &[f64],
    mut estimate: impl FnMut(&mut Rng) -> Result<Estimate<N, L>, CostError<X>>,
) {
    repeat(65_536, 9, |rng| {
        let gradient = estimate(rng).expect("finite costs").gradient;
        for (&g, exact) in gradient.iter().zip(exact) {
            common::lanes(g).for_each(|g| assert!((f64::from(g) - exact).abs() < 5e-4, "{g} for {exact}"));
        }
    });
}

fn together<const K: usize>(verdicts: [(&str, Verdict); K]) -> Verdict {
    verdicts.into_iter().map(|(name, verdict)| verdict.within(name)).collect()
}

fn decay(rho: f32) -> Decay {
    Decay::new(rho).expect("a share")
}

fn rate(eta: f32) -> LearningRate {
    LearningRate::new(eta).expect("a rate")
}

fn tuned() -> Coefficient<L> {
    Coefficient::tuned(0.0, decay(0.999)).expect("in range")
}

fn fixed(beta: f32) -> Coefficient<L> {
    Coefficient::fixed(beta).expect("in range")
}

fn table(eta: f32) -> PerAction<0, N, L> {
    PerAction::new(rate(eta), nothing())
}

fn nothing() -> Features<0, L> {
    Features::new([]).expect("no features")
}

/// In the first lane.
fn first(x: L) -> f64 {
    f64::from(x.extract(0))
}

fn learning_on_bits(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let f = &mut Curved::<N, _>(smooth::<L>);
    let average = MovingAverage::new(decay(0.9));
    let optimal = OptimalBaseline::new(decay(0.99));
    together([
        ("moving average", learning(draws, ScoreFunction { baseline: average }, (&b, f), &exact)),
        ("optimal baseline", learning(draws, ScoreFunction { baseline: optimal }, (&b, f), &exact)),
        (
            "optimal baseline per coordinate",
            learning(draws, ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay(0.9)) }, (&b, f), &exact),
        ),
        ("per-action model", learning(draws, table(0.1), (&b, f), &exact)),
        ("MuProp", learning(draws, MuProp { baseline: optimal }, (&b, f), &exact)),
        ("delta method", learning(draws, DeltaMethod { coefficient: tuned(), baseline: optimal }, (&b, f), &exact)),
        ("of second order", learning(draws, SecondOrder { coefficient: tuned(), baseline: average }, (&b, f), &exact)),
    ])
}

fn learning_on_classes(draws: u64) -> Verdict {
    let (exact, x, f) = (exact_of_classes(), classes::<L>(), &mut OfClasses);
    let average = MovingAverage::new(decay(0.9));
    let optimal = OptimalBaselines::<N, L>::new(decay(0.99));
    let model = table(0.1);
    together([
        ("moving average", learning(draws, ScoreFunction { baseline: average }, (&x, f), &exact)),
        ("optimal baseline", learning(draws, ScoreFunction { baseline: optimal }, (&x, f), &exact)),
        ("per-action model", learning(draws, model, (&x, f), &exact)),
        ("MuProp", learning(draws, MuProp { baseline: optimal }, (&x, f), &exact)),
        ("delta method", learning(draws, DeltaMethod { coefficient: tuned(), baseline: optimal }, (&x, f), &exact)),
        ("of second order", learning(draws, SecondOrder { coefficient: tuned(), baseline: average }, (&x, f), &exact)),
    ])
}

fn frozen_on_bits(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let f = &mut Curved::<N, _>(smooth::<L>);
    let average = taught(ScoreFunction { baseline: MovingAverage::new(decay(0.9)) }, &b, f);
    let optimal = taught(ScoreFunction { baseline: OptimalBaseline::new(decay(0.99)) }, &b, f);
    let each = taught(ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay(0.99)) }, &b, f);
    let of_each: Vec<f64> = each.baseline.get()[..5].iter().map(|&b| first(b)).collect();
    let mode = exact.outcomes.iter().max_by(|a, b| a.p.total_cmp(&b.p)).expect("values").clone();
    let greedy = exact.outcomes.iter().find(|o| o.x == [0, 1, 0, 1, 0]).expect("a value").f;
    assert!(mode.x[1..] == [1, 0, 1, 0] && mode.p > 0.0);
    let model = table(0.1);
    let model = taught(model, &b, f);
    let q: Vec<f64> = model.model.predict(&nothing())[..5].iter().map(|&q| first(q)).collect();
    let of_model = exact.variances(|o| {
        let c: f64 = q.iter().zip(&o.y).map(|(q, y)| q * y).sum();
        let rest = o.f - c - first(model.critic.predict(&nothing()));
        o.s.iter().zip(exact.pullback(&q)).map(|(s, back)| rest * s + back).collect()
    });
    let (at_mean, c, v) = expansion_of_bits(&exact);
    let straight = vec![0.0; 5];
    let muprop = taught(MuProp { baseline: OptimalBaseline::new(decay(0.99)) }, &b, f);
    let of_muprop = exact.expanded((at_mean, &c, &straight), 1.0, first(muprop.baseline.get()));
    let delta = taught(DeltaMethod { coefficient: tuned(), baseline: MovingAverage::new(decay(0.9)) }, &b, f);
    let beta = first(delta.coefficient.get());
    let of_delta = exact.expanded((at_mean, &c, &straight), beta, first(delta.baseline.get()));
    let second = SecondOrder { coefficient: fixed(0.75), baseline: L::splat(0.5) };
    let of_second = exact.expanded((at_mean, &c, &v), 0.75, 0.5);
    let case = (&b, f);
    together([
        (
            "average",
            frozen(draws, &average, (case.0, case.1), &exact, &exact.with_baselines(&[first(average.baseline.get())])),
        ),
        (
            "optimal",
            frozen(draws, &optimal, (case.0, case.1), &exact, &exact.with_baselines(&[first(optimal.baseline.get())])),
        ),
        ("each", frozen(draws, &each, (case.0, case.1), &exact, &exact.with_baselines(&of_each))),
        ("self-critical", frozen(draws, &SelfCritical, (case.0, case.1), &exact, &exact.with_baselines(&[greedy]))),
        ("leave-one-out of 4", frozen(draws, &LeaveOneOut::<4>, (case.0, case.1), &exact, &exact.leave_one_out(4.0))),
        ("model", frozen(draws, &model, (case.0, case.1), &exact, &of_model)),
        ("MuProp", frozen(draws, &muprop, (case.0, case.1), &exact, &of_muprop)),
        ("delta method", frozen(draws, &delta, (case.0, case.1), &exact, &of_delta)),
        ("of second order", frozen(draws, &second, (case.0, case.1), &exact, &of_second)),
    ])
}

fn frozen_on_classes(draws: u64) -> Verdict {
    let (exact, x, f) = (exact_of_classes(), classes::<L>(), &mut OfClasses);
    let optimal = taught(ScoreFunction { baseline: OptimalBaseline::new(decay(0.99)) }, &x, f);
    let greedy = exact.outcomes.iter().find(|o| o.x == [0, 0]).expect("a value").f;
    let model = taught(table(0.1), &x, f);
    let q: Vec<f64> = model.model.predict(&nothing())[..6].iter().map(|&q| first(q)).collect();
    let of_model = exact.variances(|o| {
        let c: f64 = q.iter().zip(&o.y).map(|(q, y)| q * y).sum();
        o.s.iter()
            .zip(exact.pullback(&q))
            .map(|(s, back)| (o.f - c - first(model.critic.predict(&nothing()))) * s + back)
            .collect()
    });
    let (at_mean, c, v) = expansion_of_classes(&exact);
    let muprop = MuProp { baseline: L::splat(0.5) };
    let of_muprop = exact.expanded((at_mean, &c, &[0.0; 6]), 1.0, 0.5);
    let second = taught(SecondOrder { coefficient: tuned(), baseline: L::splat(0.5) }, &x, f);
    let of_second = exact.expanded((at_mean, &c, &v), first(second.coefficient.get()), 0.5);
    let one_optimal = exact.with_baselines(&[first(optimal.baseline.get())]);
    together([
        ("optimal", frozen(draws, &optimal, (&x, f), &exact, &one_optimal)),
        ("self-critical", frozen(draws, &SelfCritical, (&x, f), &exact, &exact.with_baselines(&[greedy]))),
        ("leave-one-out of 3", frozen(draws, &LeaveOneOut::<3>, (&x, f), &exact, &exact.leave_one_out(3.0))),
        ("model", frozen(draws, &model, (&x, f), &exact, &of_model)),
        ("MuProp", frozen(draws, &muprop, (&x, f), &exact, &of_muprop)),
        ("of second order", frozen(draws, &second, (&x, f), &exact, &of_second)),
    ])
}

fn optimal_leave_one_out(draws: u64) -> Verdict {
    let (exact, x, f) = (exact_of_classes(), classes::<L>(), &mut OfClasses);
    let of = |draws, per_coordinate, f: &mut OfClasses| {
        let variances = exact.optimal_of_three(per_coordinate);
        frozen(draws, &OptimalLeaveOneOut::<3> { per_coordinate }, (&x, f), &exact, &variances)
    };
    together([("common", of(draws, false, f)), ("per coordinate", of(draws, true, f))])
}

/// The toy `E[(b − 0.45)²]` of one variable: variances of the issue and of the estimators' pages, computed independently.
fn toy(draws: u64, logit: f32, [plain, two, four, greedy, muprop, optimal_four]: [f64; 6]) -> Verdict {
    let exact = Exact::new(&[&[logit]], |y| (y[0] - 0.45).powi(2));
    let b = Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
    let f = &mut Curved::<N, _>(|y: &[L], slope: &mut [L], curvature: &mut [L]| {
        slope.iter_mut().zip(y).for_each(|(g, &y)| *g = (y - 0.45) * 2.0);
        curvature.fill(L::splat(2.0));
        (y[0] - 0.45) * (y[0] - 0.45)
    });
    let best = exact.mean(|o| o.f * o.s[0].powi(2)) / exact.mean(|o| o.s[0].powi(2));
    let best = L::splat(best as f32);
    let mut second = SecondOrder { coefficient: fixed(1.0), baseline: L::ZERO };
    let mut model = taught(table(0.5), &b, f);
    constant(&exact.gradient, |rng| ScoreFunction { baseline: best }.estimate(&b, f, rng));
    constant(&exact.gradient, |rng| second.estimate(&b, f, rng));
    constant(&exact.gradient, |rng| model.estimate(&b, f, rng));
    let of = OptimalLeaveOneOut::<4> { per_coordinate: false };
    together([
        ("plain", frozen(draws, &ScoreFunction { baseline: L::ZERO }, (&b, f), &exact, &[plain])),
        ("two", frozen(draws, &LeaveOneOut::<2>, (&b, f), &exact, &[two])),
        ("four", frozen(draws, &LeaveOneOut::<4>, (&b, f), &exact, &[four])),
        ("optimal of four", frozen(draws, &of, (&b, f), &exact, &[optimal_four])),
        ("greedy", frozen(draws, &SelfCritical, (&b, f), &exact, &[greedy])),
        ("MuProp", frozen(draws, &MuProp { baseline: L::ZERO }, (&b, f), &exact, &[muprop])),
    ])
}

const TOY: [[f64; 6]; 2] = [
    [1.593906e-2, 6.25e-4, 1.041667e-4, 6.25e-4, 1.5625e-2, 1.041667e-4],
    [4.827192e-3, 4.147314e-4, 1.706202e-4, 8.145439e-4, 4.926838e-2, 1.994882e-4],
];

/// The moving average in the long run, on the toy: `V(E f) + E[s²] Var f (1 − ρ)/(1 + ρ)` at `ρ = ½`.
fn average_in_the_long_run(draws: u64, logit: f32, off: f64) -> Verdict {
    let exact = Exact::new(&[&[logit]], |y| (y[0] - 0.45).powi(2));
    let mean = exact.mean(|o| o.f);
    let spread = exact.mean(|o| (o.f - mean).powi(2)) * exact.mean(|o| o.s[0].powi(2));
    let variance = exact.with_baselines(&[mean])[0] + spread * off / 3.0;
    let b = Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
    let mut f = |y: &[L]| (y[0] - 0.45) * (y[0] - 0.45);
    estimates(draws, &exact.gradient, &[variance], |rng| {
        // Each draw anew, so that draws are independent; after 16 steps at ρ = ½ the start is forgotten.
        let start = Reward::new(L::splat(mean as f32)).expect("a small number");
        let mut estimator = ScoreFunction { baseline: MovingAverage::starting_at(start, decay(0.5)) };
        (0..16).try_for_each(|_| estimator.estimate(&b, &mut f, rng).map(|_| ()))?;
        estimator.estimate(&b, &mut f, rng)
    })
}

/// `N(1, 1)` with `f = (x − k)²`, in `μ` and in `ln σ`: exact gradients `2 (1 − k)` and 2; the variance in `μ` of the plain score
/// function, of the optimal baseline, and of what was expanded.
fn normal(draws: u64, k: f32, [plain, best]: [f64; 2]) -> Verdict {
    let x = Independent::<_, N>::new(&[Gaussian::new(L::ONE, L::ZERO).expect("normal")]).expect("room");
    let f = &mut Curved::<N, _>(|x: &[L], slope: &mut [L], curvature: &mut [L]| {
        slope.iter_mut().zip(x).for_each(|(g, &x)| *g = (x - k) * 2.0);
        curvature.fill(L::splat(2.0));
        (x[0] - k) * (x[0] - k)
    });
    let exact = [2.0 * (1.0 - f64::from(k)), 2.0];
    let mut second = SecondOrder { coefficient: fixed(1.0), baseline: L::ZERO };
    constant(&exact, |rng| second.estimate(&x, f, rng));
    let optimal = (1.0 - k) * (1.0 - k) + 3.0;
    let mut of = |name: &str, variances: &[f64], mut estimator: Each| {
        let estimate = |rng: &mut Rng| estimator.estimate(&x, f, rng);
        estimates(draws, &exact, variances, estimate).within(name)
    };
    // The online baseline is near its optimum after so many steps in each lane.
    let mut online = ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay(1.0)) };
    let mut square = |x: &[L]| (x[0] - k) * (x[0] - k);
    repeat(L::LANES as u64 * 65_536, 3, |rng| assert!(online.estimate(&x, &mut square, rng).is_ok()));
    [
        of("plain", &[plain], Each::Plain(ScoreFunction { baseline: L::ZERO })),
        of("optimal", &[best], Each::Plain(ScoreFunction { baseline: L::splat(optimal) })),
        of("online", &[best], Each::Online(online)),
        of("first order", &[15.0], Each::MuProp(MuProp { baseline: L::ZERO })),
        of("with its baseline", &[6.0], Each::MuProp(MuProp { baseline: L::splat(3.0) })),
        of("tuned", &[], Each::Delta(DeltaMethod { coefficient: tuned(), baseline: L::splat(3.0) })),
        of("self-critical", &[], Each::Greedy),
        of("leave-one-out", &[], Each::Others),
        of("optimal of others", &[], Each::OptimalOfOthers),
    ]
    .into_iter()
    .collect()
}

/// Estimators of normal variables, one after the other over one cost.
enum Each {
    Plain(ScoreFunction<L>),
    Online(ScoreFunction<OptimalBaselines<N, L>>),
    MuProp(MuProp<L>),
    Delta(DeltaMethod<L, L>),
    Greedy,
    Others,
    OptimalOfOthers,
}

type Normals = Independent<Gaussian<L>, N>;

impl Each {
    fn estimate<F: FnMut(&[L], &mut [L], &mut [L]) -> L>(
        &mut self,
        x: &Normals,
        f: &mut Curved<N, F>,
        rng: &mut Rng,
    ) -> Result<Estimate<N, L>, CostError<samplegrad_core::heapless::Vec<L, N>>> {
        match self {
            Self::Plain(estimator) => estimator.estimate(x, f, rng),
            Self::Online(estimator) => estimator.estimate(x, f, rng),
            Self::MuProp(estimator) => estimator.estimate(x, f, rng),
            Self::Delta(estimator) => estimator.estimate(x, f, rng),
            Self::Greedy => SelfCritical.estimate(x, f, rng),
            Self::Others => LeaveOneOut::<3>.estimate(x, f, rng),
            Self::OptimalOfOthers => OptimalLeaveOneOut::<3> { per_coordinate: true }.estimate(x, f, rng),
        }
    }
}

/// Costs that depend on what is seen: the critic and the per-action model with features.
fn with_features(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let mut critic = ScoreFunction {
        baseline: Critic {
            critic: LinearCritic::<2, L>::new(rate(0.01)),
            features: Features::new([L::ZERO; 2]).unwrap(),
        },
    };
    let mut model = PerAction::<2, N, L>::new(rate(0.01), Features::new([L::ZERO; 2]).unwrap());
    let run = |name: &str, estimate: &mut dyn FnMut(&mut Rng, L) -> L| {
        // The seen part changes the cost, and the gradient of the first logit with it.
        let mut moments = Moments::about(0.0);
        repeat(draws, 9, |rng| {
            let seen =
                L::select(Source::<L>::next_word(rng).shr(31).equals(Words::splat(0)), L::splat(4.0), L::splat(-1.0));
            let estimated = estimate(rng, seen);
            let p = b.as_slice()[0];
            let share = p.probability() * p.complement();
            moments.take(estimated - (L::splat(exact.gradient[0] as f32) + seen * share));
        });
        moments.mean().within(name)
    };
    let cost = |seen: L| move |y: &[L]| smooth::<L>(y, &mut [], &mut []) + seen * (y[0] + 5.0);
    let of_critic = run("critic", &mut |rng, seen| {
        critic.baseline.features = Features::new([seen, seen * seen]).unwrap();
        critic.estimate(&b, &mut cost(seen), rng).expect("finite costs").gradient[0]
    });
    let of_model = run("model", &mut |rng, seen| {
        model.features = Features::new([seen, L::ONE]).unwrap();
        model.estimate(&b, &mut cost(seen), rng).expect("finite costs").gradient[0]
    });
    [of_critic, of_model].into_iter().collect()
}

/// A moving average that has seen the value it is compared with.
struct TooSoon(MovingAverage<L>);

impl Baseline<L> for TooSoon {
    fn centre(&mut self, value: L, score: &mut [L]) {
        let mut unused = [L::ZERO];
        self.0.centre(value, &mut unused);
        let b = self.0.get();
        score.iter_mut().for_each(|s| *s = (value - b) * *s);
    }
}

/// MuProp whose mean is not added back.
fn without_the_mean(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let (_, c, _) = expansion_of_bits(&exact);
    let back = exact.pullback(&c);
    let f = &mut Curved::<N, _>(smooth::<L>);
    estimates(draws, &exact.gradient, &[], |rng| {
        let mut estimate = MuProp { baseline: L::ZERO }.estimate(&b, f, rng)?;
        estimate.gradient.iter_mut().zip(&back).for_each(|(g, &back)| *g = *g - back as f32);
        Ok::<_, CostError<samplegrad_core::heapless::Vec<L, N>>>(estimate)
    })
}

/// The tuned weight comes to the least-squares one, and the online baselines to the exact optima, which
/// [`enumeration::Law`] gives too.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn what_is_learned_comes_to_its_optimum() {
    let (exact, b, f) = (exact_of_bits(), bits::<L>(), &mut Curved::<N, _>(smooth::<L>));
    let teach = |steps: u32, step: &mut dyn FnMut(&mut Rng)| {
        (0..steps).for_each({
            let mut rng = Rng::new(4, 0);
            move |_| step(&mut rng)
        })
    };
    let (at_mean, c, _) = expansion_of_bits(&exact);
    let back = exact.pullback(&c);
    let parts = |o: &Outcome| {
        let h: f64 = o.y.iter().zip(&exact.means).zip(&c).map(|((y, m), c)| c * (y - m)).sum();
        let of = |(s, back): (&f64, &f64)| ((o.f - at_mean - 0.5) * s, h * s - back);
        o.s.iter().zip(&back).map(of).collect::<Vec<_>>()
    };
    let beta = exact.mean(|o| parts(o).iter().map(|(a, b)| a * b).sum())
        / exact.mean(|o| parts(o).iter().map(|(_, b)| b * b).sum());
    let coefficient = Coefficient::tuned(0.0, decay(1.0)).expect("in range");
    let mut delta = DeltaMethod { coefficient, baseline: L::splat(0.5) };
    teach(200_000, &mut |rng| assert!(delta.estimate(&b, f, rng).is_ok()));
    let of_fixed = |beta: f64| exact.expanded((at_mean, &c, &[0.0; 5]), beta, 0.5).iter().sum::<f64>();
    assert!(of_fixed(beta) < of_fixed(beta - 0.1) && of_fixed(beta) < of_fixed(beta + 0.1));
    common::lanes(delta.coefficient.get())
        .for_each(|got| assert!((f64::from(got) - beta).abs() < 0.02, "{got}, {beta}"));

    let square = |o: &Outcome| o.s.iter().map(|s| s * s).sum::<f64>();
    let common_optimum = exact.mean(|o| o.f * square(o)) / exact.mean(square);
    let each: Vec<f64> =
        (0..5).map(|j| exact.mean(|o| o.f * o.s[j].powi(2)) / exact.mean(|o| o.s[j].powi(2))).collect();
    let mut one = ScoreFunction { baseline: OptimalBaseline::new(decay(1.0)) };
    let mut many = ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay(1.0)) };
    teach(200_000, &mut |rng| assert!(one.estimate(&b, f, rng).is_ok() && many.estimate(&b, f, rng).is_ok()));
    common::lanes(one.baseline.get()).for_each(|got| assert!((f64::from(got) - common_optimum).abs() < 0.02));
    for (&got, best) in many.baseline.get().iter().zip(&each) {
        common::lanes(got).for_each(|got| assert!((f64::from(got) - best).abs() < 0.05, "{got}, {best}"));
    }

    let law = enumeration::law(&bits::<f32>(), &mut Curved::<N, _>(smooth::<f32>)).expect("finite costs");
    assert!((f64::from(law.optimal_common_baseline()) - common_optimum).abs() < 1e-5);
    for (j, best) in each.iter().enumerate() {
        assert!((f64::from(law.optimal_baseline(j)) - best).abs() < 1e-5);
    }
    let total: f64 = exact.with_baselines(&[common_optimum]).iter().sum();
    let found = f64::from(law.total_variance(law.optimal_common_baseline()));
    assert!((found / total - 1.0).abs() < 1e-5, "{found}, {total}");
    assert!(
        law.total_variance(law.optimal_common_baseline() + 0.5) > law.total_variance(law.optimal_common_baseline())
    );
}

/// A cost that is not finite leaves what was learned as it was, bit for bit, whether it is the value at the sample, a slope or
/// a curvature; and names the sample.
#[test]
fn bad_costs_teach_nothing() {
    let (b, rng) = (bits::<f32>(), &mut stream::xorshift(3, 3));
    let f = &mut Curved::<N, _>(smooth::<f32>);
    for place in 0..3 {
        // Not finite where the first bit is 1; its derivatives wherever they are asked for.
        let bad = &mut Curved::<N, _>(|y: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
            let value = smooth(y, slope, curvature);
            match place {
                0 if y[0] == 1.0 => f32::NAN,
                1 => {
                    slope[2] = f32::INFINITY;
                    value
                }
                2 => {
                    curvature[4] = f32::NAN;
                    value
                }
                _ => value,
            }
        });
        macro_rules! unmoved {
            ($estimator:expr, $asked:expr) => {
                let mut estimator = $estimator;
                for _ in 0..20 {
                    estimator.estimate(&b, f, rng).expect("finite costs");
                }
                let mut refused = 0;
                for _ in 0..64 {
                    let before = estimator;
                    if let Err(error) = estimator.estimate(&b, bad, rng) {
                        assert!(!error.value.is_finite() && error.sample.len() == BITS.len());
                        assert!(place > 0 || error.sample[0] == 1.0);
                        assert_eq!(format!("{before:?}"), format!("{estimator:?}"));
                        refused += 1;
                    }
                }
                assert_eq!(refused > 10, place == 0 || place <= $asked, "place {place}: {refused}");
            };
        }
        let share = decay(0.9);
        let (average, optimal) = (MovingAverage::<f32>::new(share), OptimalBaseline::<f32>::new(share));
        let coefficient = Coefficient::<f32>::tuned(0.5, share).expect("in range");
        let critic = LinearCritic::<1, f32>::new(rate(0.1));
        let features = Features::new([0.5]).expect("a feature");
        unmoved!(ScoreFunction { baseline: average }, 0);
        unmoved!(ScoreFunction { baseline: optimal }, 0);
        unmoved!(ScoreFunction { baseline: OptimalBaselines::<N, f32>::new(share) }, 0);
        unmoved!(ScoreFunction { baseline: Critic { critic, features } }, 0);
        unmoved!(PerAction::<1, N, f32>::new(rate(0.1), features), 0);
        unmoved!(MuProp { baseline: average }, 1);
        unmoved!(DeltaMethod { coefficient, baseline: optimal }, 1);
        unmoved!(SecondOrder { coefficient, baseline: average }, 2);
    }
    // The mode has a 1 in the second place: the self-critical estimator asks there too, and names that.
    let mut bad = |y: &[f32]| if y == [0.0, 1.0, 0.0, 1.0, 0.0] { f32::NAN } else { 0.0 };
    let error = SelfCritical.estimate(&b, &mut bad, rng).unwrap_err();
    assert_eq!(error.sample, [0.0, 1.0, 0.0, 1.0, 0.0]);
}

/// Finite in, finite out; nothing for a masked class, which is never asked for.
#[test]
fn extremes() {
    let rng = &mut stream::xorshift(6, 6);
    for scale in [1.0, 1e4, 0.0] {
        for size in [1.0, 1e12, -1e25] {
            let (l, inf) = (|x: f32| x * scale, f32::NEG_INFINITY);
            let x =
                Categoricals::<N>::new(&[1, 3, 4], &[l(1.0), l(-1.0), inf, l(1.0), inf, l(-1.0), l(0.5), inf]).unwrap();
            let f = &mut OfThree(size);
            macro_rules! finite {
                ($variables:expr, $cost:expr, $masked:expr; $($estimator:expr),* $(,)?) => {$(
                    let mut estimator = $estimator;
                    for _ in 0..200 {
                        let estimate = estimator.estimate($variables, $cost, rng).expect("finite costs");
                        assert!(estimate.mean.is_finite() && estimate.gradient.iter().all(|g| g.is_finite()), "{estimate:?}");
                        $masked.iter().for_each(|&k: &usize| assert_eq!(estimate.gradient[k], 0.0));
                    }
                )*};
            }
            let (share, features) = (decay(1.0), Features::new([1e6, -1e6]).expect("large features"));
            let (average, optimal) = (MovingAverage::<f32>::new(share), OptimalBaseline::<f32>::new(share));
            let coefficient = Coefficient::<f32>::tuned(0.5, share).expect("in range");
            let critic = LinearCritic::<2, f32>::new(rate(1000.0));
            finite!(&x, f, [2, 4, 7];
                ScoreFunction { baseline: average },
                ScoreFunction { baseline: optimal },
                ScoreFunction { baseline: OptimalBaselines::<N, f32>::new(decay(0.0)) },
                ScoreFunction { baseline: Critic { critic, features } },
                PerAction::<2, N, f32>::new(rate(1000.0), features),
                PerAction::<0, N, f32>::new(rate(1e-3), Features::new([]).expect("none")),
                MuProp { baseline: optimal },
                DeltaMethod { coefficient, baseline: average },
                SecondOrder { coefficient, baseline: optimal },
                SelfCritical,
                LeaveOneOut::<3>,
                OptimalLeaveOneOut::<3> { per_coordinate: false },
                OptimalLeaveOneOut::<3> { per_coordinate: true },
            );
            let b = Bernoullis::<N>::new(&[scale, -scale, 0.5 * scale, 0.0, -scale]).expect("finite logits");
            let f = &mut Curved::<N, _>(|y: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
                let value = smooth(y, slope, curvature) * size;
                slope.iter_mut().chain(curvature).for_each(|d| *d *= size);
                value
            });
            finite!(&b, f, [];
                ScoreFunction { baseline: OptimalBaselines::<2, f32>::new(share) },
                PerAction::<2, N, f32>::new(rate(1000.0), features),
                MuProp { baseline: average },
                DeltaMethod { coefficient, baseline: optimal },
                SecondOrder { coefficient, baseline: optimal },
                SelfCritical,
                OptimalLeaveOneOut::<2> { per_coordinate: true },
            );
        }
    }
}

/// A table of costs times a number; a masked class must not be asked for.
struct OfThree(f32);

impl Cost<[u32]> for OfThree {
    fn value(&mut self, x: &[u32]) -> f32 {
        assert!(x[0] == 0 && x[1] != 1 && x[2] != 0 && x[2] != 3, "a masked class was drawn: {x:?}");
        self.0 * (x[1] as f32 + 0.5 * x[2] as f32 - 1.0)
    }
}

impl DifferentiableCost for OfThree {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        self.expand(y, gradient, &mut [0.0; N])
    }
}

impl TwiceDifferentiableCost for OfThree {
    fn expand(&mut self, y: &[f32], slope: &mut [f32], curvature: &mut [f32]) -> f32 {
        let w = [0.0, 0.0, 1.0, 2.0, 0.0, 0.5, 1.0, 1.5].map(|w| w * self.0);
        slope.copy_from_slice(&w);
        curvature.copy_from_slice(&w);
        reduce::dot(y, &w) - self.0
    }
}

/// Ties go to the first value; a masked class is never the mode; of normal variables it is the mean.
#[test]
fn modes() {
    use samplegrad_core::variables::Modal;
    let inf = f32::NEG_INFINITY;
    let x = Categoricals::<N>::new(&[1, 3, 4], &[-9.0, inf, 2.0, 2.0, 1e4, inf, -1e4, 1e4]).unwrap();
    assert_eq!(x.mode(), [0, 1, 0]);
    assert_eq!(Bernoullis::<N>::new(&[0.0, 1e-30, -1e-30, 1e4]).unwrap().mode(), [0.0, 1.0, 0.0, 1.0]);
    let x =
        Independent::<_, N>::new(&[Gaussian::new(1.5_f32, 3.0).unwrap(), Gaussian::new(-2.0, 0.0).unwrap()]).unwrap();
    assert_eq!(x.mode(), [1.5, -2.0]);
}

/// Weights are checked where they are made.
#[test]
fn bad_weights_are_refused() {
    use samplegrad_core::Error;
    for value in [1000.5, -1e9, f32::INFINITY] {
        let error =
            Error::OutOfRange { what: "weight of the control variate", value, requirement: "from -1000 to 1000" };
        assert_eq!(Coefficient::<f32>::fixed(value), Err(error));
        assert_eq!(Coefficient::<f32>::tuned(value, decay(0.5)), Err(error));
    }
    assert!(Coefficient::<f32>::fixed(f32::NAN).is_err());
}

quick_and_long! {
    /// Every one that learns, of five bits.
    learning_of_bits: accept, LONG, learning_on_bits;
    /// Every one that learns, of two categorical variables, one class masked.
    learning_of_classes: accept, LONG, learning_on_classes;
    /// Means and variances, of five bits.
    fixed_of_bits: accept, LONG, frozen_on_bits;
    /// Means and variances, of two categorical variables, one class masked.
    fixed_of_classes: accept, LONG, frozen_on_classes;
    /// The optimal baseline among three samples.
    optimal_among_three: accept, LONG, optimal_leave_one_out;
    /// The toy's variances.
    toy_of_baselines: accept, LONG, |draws| {
        together([("logit 0", toy(draws, 0.0, TOY[0])), ("logit 2", toy(draws, 2.0, TOY[1]))])
    };
    /// The test must see variances that are off by a hundredth.
    wrong_toy_is_rejected: reject, LONG, |draws| toy(draws, 2.0, TOY[1].map(|variance| variance * 1.01));
    /// The moving average's own noise.
    average_of_the_toy: accept, LONG, |draws| average_in_the_long_run(draws, 2.0, 1.0);
    /// The test must see that it is there.
    average_without_noise_is_rejected: reject, LONG, |draws| average_in_the_long_run(draws, 2.0, 0.0);
    /// A normal variable and a quadratic cost.
    normal_at_zero: accept, LONG, |draws| normal(draws, 0.0, [30.0, 14.0]);
    /// The same, further off.
    normal_at_minus_three: accept, LONG, |draws| normal(draws, -3.0, [495.0, 134.0]);
    /// The test must see the variance of another cost.
    wrong_normal_is_rejected: reject, LONG, |draws| normal(draws, 0.25, [30.0, 14.0]);
    /// With features.
    seen_features: accept, LONG, with_features;
    /// The test must see a baseline that contains the value itself.
    own_value_is_rejected: reject, LONG, |draws| {
        let f = &mut Curved::<N, _>(smooth::<L>);
        let baseline = TooSoon(MovingAverage::new(decay(0.9)));
        learning(draws, ScoreFunction { baseline }, (&bits(), f), &exact_of_bits())
    };
    /// The test must see a control variate without its mean.
    missing_mean_is_rejected: reject, LONG, without_the_mean;
}
