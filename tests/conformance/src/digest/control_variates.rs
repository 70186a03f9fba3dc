//! Baselines and control variates of the score function, including those that learn over a few steps.

use samplegrad_core::{
    Bernoullis, Categoricals, Decay, Features, LearningRate, LinearCritic, LogStdNormal, MovingAverage, Source,
    action_model::PerAction,
    coefficient::Coefficient,
    cost::{Cost, FnWithHessianDiagonal, TwiceDifferentiableCost},
    delta_method::{DeltaMethod, SecondOrder},
    enumeration,
    estimator::Estimator,
    independent::Independent,
    lane::Lane,
    leave_one_out::LeaveOneOut,
    linear_critic::Critic,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    reduce,
    score_function::ScoreFunction,
    self_critical::SelfCritical,
    variables::{Modal, PointMoments, Variables},
};

use super::{Digest, N, Operation, numbers, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [
        ("baselines", baselines),
        ("control variates of bits", of_bits),
        ("control variates of normal variables", of_normal),
    ]
}

/// Digests two steps of an estimator, so that the second step depends on what the first one learned.
fn steps<L, S, V, F>(
    estimator: &mut impl Estimator<V, F>,
    (variables, cost): (&V, &mut F),
    source: &mut S,
    out: &mut Digest<L>,
) -> Option<()>
where
    L: Lane,
    S: Source<L>,
    V: Variables<Lane = L>,
{
    for _ in 0..2 {
        let estimate = estimator.estimate(variables, cost, source).ok()?;
        out.number(estimate.mean);
        out.numbers(&estimate.gradient);
    }
    Some(())
}

/// Digests the baselines for two variables with two and three classes, one masked in every fourth round, and a table of
/// costs.
fn baselines<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut logits = numbers(source, 5, [1.0, 10.0, 1e4][(round / 8) as usize % 3]);
    if round % 4 == 3 {
        *logits.last_mut()? = L::NEG_INFINITY;
    }
    let x = Categoricals::<N, L>::new(&[2, 3], &logits).ok()?;
    let weights = numbers(source, 3, 4.0);
    let mut table = |x: &[L::Word]| x.iter().fold(L::ONE, |product, &class| product * L::gather(&weights, class));
    let case = (&x, &mut table);
    let decay = Decay::new(0.75).ok()?;
    let rate = LearningRate::new(0.25).ok()?;
    let seen = Features::new([spread(source, 2.0)]).ok()?;
    match round % 8 {
        0 => steps(&mut ScoreFunction { baseline: MovingAverage::new(decay) }, case, source, out),
        1 => steps(&mut ScoreFunction { baseline: OptimalBaseline::new(decay) }, case, source, out),
        2 => steps(&mut ScoreFunction { baseline: OptimalBaselines::<N, L>::new(decay) }, case, source, out),
        3 => steps(&mut SelfCritical, case, source, out),
        4 => {
            let critic = LinearCritic::new(rate);
            steps(&mut ScoreFunction { baseline: Critic { critic, features: seen } }, case, source, out)
        }
        5 => steps(&mut PerAction::<1, N, L>::new(rate, seen), case, source, out),
        6 => steps(&mut OptimalLeaveOneOut::<3> { per_coordinate: round % 16 == 6 }, case, source, out),
        _ => {
            steps(&mut LeaveOneOut::<3>, case, source, out)?;
            let law = enumeration::law(&x, &mut table).ok()?;
            let baseline = law.optimal_common_baseline();
            out.numbers(&[baseline, law.total_variance(baseline)]);
            Some(())
        }
    }
}

/// Returns the cost `½ (w·y − ½)²` of bits or real numbers, with its slope and curvature.
fn quadratic<L: Lane>(weights: &[L]) -> impl Cost<[L], L> + TwiceDifferentiableCost<L> {
    FnWithHessianDiagonal::<N, _>(move |y: &[L], slope: &mut [L], curvature: &mut [L]| {
        let excess = reduce::dot(y, weights) - 0.5;
        for ((c, v), &w) in slope.iter_mut().zip(curvature).zip(weights) {
            (*c, *v) = (excess * w, w * w);
        }
        excess * excess * 0.5
    })
}

fn of_bits<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0, 1e4][(round / 8) as usize % 3];
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, scale)).ok()?;
    expansions(&b, source, round, out)
}

fn of_normal<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut gaussian = || LogStdNormal::new(spread(source, 10.0), spread(source, 3.0)).ok();
    let x = Independent::<_, N>::new(&[gaussian()?, gaussian()?]).ok()?;
    expansions(&x, source, round, out)
}

fn expansions<L, S, V>(variables: &V, source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()>
where
    L: Lane,
    S: Source<L>,
    V: Modal<Lane = L> + PointMoments<Lane = L> + Variables<Lane = L, Value = L>,
{
    let weights = numbers(source, 3, 4.0);
    let case = (variables, &mut quadratic(&weights));
    let decay = Decay::new(0.75).ok()?;
    let optimal = OptimalBaseline::new(decay);
    match round % 4 {
        0 => steps(&mut MuProp { baseline: optimal }, case, source, out),
        1 => {
            let coefficient = Coefficient::tuned(1.0, decay).ok()?;
            let mut estimator = DeltaMethod { coefficient, baseline: L::ONE };
            steps(&mut estimator, case, source, out)?;
            out.number(estimator.coefficient.get());
            Some(())
        }
        2 => {
            let coefficient = Coefficient::fixed(0.5).ok()?;
            steps(&mut SecondOrder { coefficient, baseline: optimal }, case, source, out)
        }
        _ => steps(&mut SelfCritical, case, source, out),
    }
}
