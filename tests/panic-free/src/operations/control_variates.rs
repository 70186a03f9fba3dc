//! Baselines and control variates of the score function, each as an estimator of any variables.

use samplegrad_core::{
    Bernoullis, Categoricals, Decay, Features, LearningRate, LinearCritic, LogStdNormal, MovingAverage,
    action_model::PerAction,
    baseline::Baseline,
    coefficient::Coefficient,
    cost::{Cost, DifferentiableCost, FnWithHessianDiagonal, TwiceDifferentiableCost},
    delta_method::{DeltaMethod, SecondOrder},
    enumeration::{self, Law},
    estimator::Estimator,
    independent::Independent,
    leave_one_out::LeaveOneOut,
    linear_critic::Critic,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    score_function::ScoreFunction,
    self_critical::SelfCritical,
    variables::{Embedded, Enumerable, Modal, PointMoments},
};

use super::{Unknown, classes, generator, numbers, unknown, used};

pub fn every<const N: usize>() {
    let curved = &mut FnWithHessianDiagonal::<N, _>(expand);
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        of_any::<N, _, _>(&b, numbers(), curved);
        of_discrete::<N, _, _>(&b, curved);
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        of_any::<N, _, _>(&x, classes(), &mut Unknown);
        of_discrete::<N, _, _>(&x, &mut Unknown);
    }
    if let Ok(p) = LogStdNormal::new(unknown(0.5_f32), unknown(0.5))
        && let Ok(x) = Independent::<_, N>::new(unknown(&[p]))
    {
        of_any::<N, _, _>(&x, numbers(), curved);
    }
}

fn rate() -> Option<LearningRate> {
    LearningRate::new(unknown(0.1)).ok()
}

fn decay() -> Option<Decay> {
    Decay::new(unknown(0.9)).ok()
}

fn of_any<const N: usize, V, F>(variables: &V, x: &[V::Value], cost: &mut F) -> Option<()>
where
    V: Modal<Lane = f32> + PointMoments<Lane = f32>,
    F: Cost<[V::Value]> + TwiceDifferentiableCost,
{
    used(Modal::mode(variables));
    used(PointMoments::point(variables, x));
    used(PointMoments::means(variables));
    used(PointMoments::pullback_moments(variables, numbers(), numbers()));
    used(TwiceDifferentiableCost::expand(cost, numbers(), &mut [], &mut []));
    used(DifferentiableCost::value_and_gradient(cost, numbers(), &mut []));

    let (rng, decay) = (&mut generator(), decay()?);
    let (average, optimal) = (MovingAverage::new(decay), OptimalBaseline::new(decay));
    let optimals = OptimalBaselines::<N>::new(decay);
    used((OptimalBaseline::get(&optimal), OptimalBaselines::get(&optimals)));
    let critic = Critic { critic: LinearCritic::new(rate()?), features: Features::new(unknown([0.5; 2])).ok()? };
    centred(unknown(0.5_f32));
    centred(average);
    centred(optimal);
    centred(optimals);
    centred(critic);
    used(ScoreFunction { baseline: average }.estimate(variables, cost, rng));
    used(ScoreFunction { baseline: optimal }.estimate(variables, cost, rng));
    used(ScoreFunction { baseline: optimals }.estimate(variables, cost, rng));
    used(ScoreFunction { baseline: critic }.estimate(variables, cost, rng));
    used(SelfCritical.estimate(variables, cost, rng));
    used(LeaveOneOut::<4>.estimate(variables, cost, rng));
    used(OptimalLeaveOneOut::<4> { per_coordinate: unknown(true) }.estimate(variables, cost, rng));
    used(MuProp { baseline: optimal }.estimate(variables, cost, rng));

    let coefficient = Coefficient::tuned(unknown(0.5), decay).ok()?;
    used((Coefficient::get(&coefficient), Coefficient::<f32>::fixed(unknown(0.5))));
    used(DeltaMethod { coefficient, baseline: average }.estimate(variables, cost, rng));
    used(SecondOrder { coefficient, baseline: optimals }.estimate(variables, cost, rng));
    Some(())
}

fn centred(mut baseline: impl Baseline) {
    let mut score = [0.5_f32];
    Baseline::centre(&mut baseline, &(), unknown(0.5), unknown(&mut score[..]));
    used(baseline);
    used(score);
}

fn of_discrete<const N: usize, V, F>(variables: &V, cost: &mut F) -> Option<()>
where
    V: Enumerable<Lane = f32> + Embedded<Lane = f32, Numbers = samplegrad_core::heapless::Vec<f32, N>>,
    F: Cost<[V::Value]>,
{
    let rng = &mut generator();
    let seen = Features::new(unknown([0.5; 3])).ok()?;
    used(PerAction::<3, N>::new(rate()?, seen).estimate(variables, cost, rng));
    used(PerAction::<0, N>::new(rate()?, Features::new([]).ok()?).estimate(variables, cost, rng));
    let law = enumeration::law(variables, cost).ok()?;
    used(Law::optimal_common_baseline(&law));
    used(Law::total_variance(&law, unknown(0.5)));
    Some(())
}

fn expand(y: &[f32], slope: &mut [f32], curvature: &mut [f32]) -> f32 {
    for ((c, v), &y) in slope.iter_mut().zip(curvature).zip(y) {
        (*c, *v) = unknown((y, y));
    }
    unknown(0.5)
}
