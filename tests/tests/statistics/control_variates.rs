//! Baselines and control variates of the score function against exact enumeration: means of all, and variances of those
//! that do not learn or whose learned state is held fixed.
//!
//! Exact values are computed here in double precision. Every test raises a false alarm with probability 10^−6 at most
//! ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Moments, Rng, Verdict, Words, accept, estimates, quick_and_long, reject, repeat};
use crate::exact::{
    Exact, N, OfClasses, Outcome, bits, classes, constant, exact_of_bits, exact_of_classes, expansion_of_bits,
    expansion_of_classes, frozen, learning, smooth, taught,
};
use samplegrad_core::{
    Bernoullis, Decay, Features, LearningRate, LinearCritic, LogStdNormal, MovingAverage, Reward, Source,
    action_model::PerAction,
    baseline::Baseline,
    coefficient::Coefficient,
    cost::{Cost, CostError, DifferentiableCost, FnWithHessianDiagonal, TwiceDifferentiableCost},
    delta_method::{DeltaMethod, SecondOrder},
    enumeration,
    estimator::Estimator,
    independent::Independent,
    lane::{Lane, Word},
    leave_one_out::LeaveOneOut,
    linear_critic::Critic,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    score_function::ScoreFunction,
    self_critical::SelfCritical,
};

const LONG: u64 = 1 << 23;

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

/// Returns the number in the first lane.
fn first(x: L) -> f64 {
    f64::from(x.extract(0))
}

fn learning_on_bits(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let f = &mut FnWithHessianDiagonal::<N, _>(smooth::<L>);
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
    let f = &mut FnWithHessianDiagonal::<N, _>(smooth::<L>);
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

/// Checks the toy problem `E[(b − 0.45)²]` of one variable. The variances come from the issue and the estimators' pages
/// and were computed independently.
fn toy(draws: u64, logit: f32, [plain, two, four, greedy, muprop, optimal_four]: [f64; 6]) -> Verdict {
    let exact = Exact::new(&[&[logit]], |y| (y[0] - 0.45).powi(2));
    let b = Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
    let f = &mut FnWithHessianDiagonal::<N, _>(|y: &[L], slope: &mut [L], curvature: &mut [L]| {
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

/// Checks the variance with a moving average on the toy problem, in the long run. It is `V(E f) + E[s²] Var f (1 −
/// ρ)/(1 + ρ)` at `ρ = ½`.
fn average_in_the_long_run(draws: u64, logit: f32, off: f64) -> Verdict {
    let exact = Exact::new(&[&[logit]], |y| (y[0] - 0.45).powi(2));
    let mean = exact.mean(|o| o.f);
    let spread = exact.mean(|o| (o.f - mean).powi(2)) * exact.mean(|o| o.s[0].powi(2));
    let variance = exact.with_baselines(&[mean])[0] + spread * off / 3.0;
    let b = Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
    let mut f = |y: &[L]| (y[0] - 0.45) * (y[0] - 0.45);
    estimates(draws, &exact.gradient, &[variance], |rng| {
        // Each draw uses a fresh estimator, so that draws are independent. 16 steps at ρ = ½ make the start negligible.
        let start = Reward::new(L::splat(mean as f32)).expect("a small number");
        let mut estimator = ScoreFunction { baseline: MovingAverage::starting_at(start, decay(0.5)) };
        (0..16).try_for_each(|_| estimator.estimate(&b, &mut f, rng).map(|_| ()))?;
        estimator.estimate(&b, &mut f, rng)
    })
}

/// Checks the cost `(x − k)²` of `N(1, 1)`. The exact gradients are `2 (1 − k)` in `μ` and 2 in `ln σ`. The variance in
/// `μ` is checked for the plain score function, for the optimal baseline, and for the expansion.
fn normal(draws: u64, k: f32, [plain, best]: [f64; 2]) -> Verdict {
    let x = Independent::<_, N>::new(&[LogStdNormal::new(L::ONE, L::ZERO).expect("normal")]).expect("room");
    let f = &mut Square(k);
    let exact = [2.0 * (1.0 - f64::from(k)), 2.0];
    let mut second = SecondOrder { coefficient: fixed(1.0), baseline: L::ZERO };
    constant(&exact, |rng| second.estimate(&x, f, rng));
    let optimal = (1.0 - k) * (1.0 - k) + 3.0;
    fn of<E: Estimator<Independent<LogStdNormal<L>, N>, Square>>(
        draws: u64,
        (x, f): (&Independent<LogStdNormal<L>, N>, &mut Square),
        variances: &[f64],
        mut estimator: E,
    ) -> Verdict {
        let exact = [2.0 * (1.0 - f64::from(f.0)), 2.0];
        estimates(draws, &exact, variances, |rng| estimator.estimate(x, f, rng))
    }
    // After this many steps in each lane, the online baseline is near its optimum.
    let mut online = ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay(1.0)) };
    repeat(L::LANES as u64 * 65_536, 3, |rng| assert!(online.estimate(&x, f, rng).is_ok()));
    together([
        ("plain", of(draws, (&x, f), &[plain], ScoreFunction { baseline: L::ZERO })),
        ("optimal", of(draws, (&x, f), &[best], ScoreFunction { baseline: L::splat(optimal) })),
        ("online", of(draws, (&x, f), &[best], online)),
        ("first order", of(draws, (&x, f), &[15.0], MuProp { baseline: L::ZERO })),
        ("with its baseline", of(draws, (&x, f), &[6.0], MuProp { baseline: L::splat(3.0) })),
        ("tuned", of(draws, (&x, f), &[], DeltaMethod { coefficient: tuned(), baseline: L::splat(3.0) })),
        ("self-critical", of(draws, (&x, f), &[], SelfCritical)),
        ("leave-one-out", of(draws, (&x, f), &[], LeaveOneOut::<3>)),
        ("optimal of others", of(draws, (&x, f), &[], OptimalLeaveOneOut::<3> { per_coordinate: true })),
    ])
}

/// Cost `(x − k)²` of one number.
struct Square(f32);

impl Cost<[L], L> for Square {
    fn value(&mut self, x: &[L]) -> L {
        (x[0] - self.0) * (x[0] - self.0)
    }
}

impl DifferentiableCost<L> for Square {
    fn value_and_gradient(&mut self, x: &[L], gradient: &mut [L]) -> L {
        gradient[0] = (x[0] - self.0) * 2.0;
        self.value(x)
    }
}

impl TwiceDifferentiableCost<L> for Square {
    fn expand(&mut self, x: &[L], slope: &mut [L], curvature: &mut [L]) -> L {
        curvature[0] = L::splat(2.0);
        self.value_and_gradient(x, slope)
    }
}

/// Checks costs that depend on features, with the critic and with the per-action model.
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
        // The feature changes the cost, and with it the gradient of the first logit.
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

/// A moving average that includes the value it is compared with.
struct TooSoon(MovingAverage<L>);

impl Baseline<L> for TooSoon {
    fn centre(&mut self, _: &(), value: L, score: &mut [L]) {
        let mut unused = [L::ZERO];
        self.0.centre(&(), value, &mut unused);
        let b = self.0.get();
        score.iter_mut().for_each(|s| *s = (value - b) * *s);
    }
}

/// Runs MuProp without adding the mean back.
fn without_the_mean(draws: u64) -> Verdict {
    let (exact, b) = (exact_of_bits(), bits::<L>());
    let (_, c, _) = expansion_of_bits(&exact);
    let back = exact.pullback(&c);
    let f = &mut FnWithHessianDiagonal::<N, _>(smooth::<L>);
    estimates(draws, &exact.gradient, &[], |rng| {
        let mut estimate = MuProp { baseline: L::ZERO }.estimate(&b, f, rng)?;
        estimate.gradient.iter_mut().zip(&back).for_each(|(g, &back)| *g = *g - back as f32);
        Ok::<_, CostError<samplegrad_core::heapless::Vec<L, N>>>(estimate)
    })
}

/// Checks that the tuned weight converges to the least-squares weight, and the online baselines to the exact optima,
/// which [`enumeration::Law`] computes too.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn what_is_learned_comes_to_its_optimum() {
    let (exact, b, f) = (exact_of_bits(), bits::<L>(), &mut FnWithHessianDiagonal::<N, _>(smooth::<L>));
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

    let law =
        enumeration::law(&bits::<f32>(), &mut FnWithHessianDiagonal::<N, _>(smooth::<f32>)).expect("finite costs");
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

quick_and_long! {
    /// All learning estimators, for five bits.
    learning_of_bits: accept, LONG, learning_on_bits;
    /// All learning estimators, for two categorical variables, one class masked.
    learning_of_classes: accept, LONG, learning_on_classes;
    /// Means and variances for five bits.
    fixed_of_bits: accept, LONG, frozen_on_bits;
    /// Means and variances for two categorical variables, one class masked.
    fixed_of_classes: accept, LONG, frozen_on_classes;
    /// Optimal baseline among three samples.
    optimal_among_three: accept, LONG, optimal_leave_one_out;
    /// Variances on the toy problem.
    toy_of_baselines: accept, LONG, |draws| {
        together([("logit 0", toy(draws, 0.0, TOY[0])), ("logit 2", toy(draws, 2.0, TOY[1]))])
    };
    /// Negative control: variances that are off by a hundredth.
    wrong_toy_is_rejected: reject, |draws| toy(draws, 2.0, TOY[1].map(|variance| variance * 1.01));
    /// Noise of the moving average.
    average_of_the_toy: accept, LONG, |draws| average_in_the_long_run(draws, 2.0, 1.0);
    /// Negative control: a moving average without noise.
    average_without_noise_is_rejected: reject, |draws| average_in_the_long_run(draws, 2.0, 0.0);
    /// Normal variable with a quadratic cost.
    normal_at_zero: accept, LONG, |draws| normal(draws, 0.0, [30.0, 14.0]);
    /// Normal variable with a quadratic cost whose minimum is further off.
    normal_at_minus_three: accept, LONG, |draws| normal(draws, -3.0, [495.0, 134.0]);
    /// Negative control: the variance of another cost.
    wrong_normal_is_rejected: reject, |draws| normal(draws, 0.25, [30.0, 14.0]);
    /// Costs with features.
    seen_features: accept, LONG, with_features;
    /// Negative control: a baseline that contains the value itself.
    own_value_is_rejected: reject, |draws| {
        let f = &mut FnWithHessianDiagonal::<N, _>(smooth::<L>);
        let baseline = TooSoon(MovingAverage::new(decay(0.9)));
        learning(draws, ScoreFunction { baseline }, (&bits(), f), &exact_of_bits())
    };
    /// Negative control: a control variate without its mean.
    missing_mean_is_rejected: reject, without_the_mean;
}
