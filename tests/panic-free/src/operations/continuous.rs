//! Continuous variables, and their estimators.

use samplegrad_core::{
    LogStdNormal,
    cost::{DifferentiableCost, FnWithGradient},
    estimator::Estimator,
    family::Family,
    independent::Independent,
    leave_one_out::LeaveOneOut,
    pathwise::Pathwise,
    score_function::ScoreFunction,
    variables::{Reparameterized, Variables},
};

use super::{generator, numbers, unknown, used};

pub fn every<const N: usize>() {
    if let Ok(p) = LogStdNormal::new(unknown(0.5_f32), unknown(0.5)) {
        of_family::<N, _>(p);
    }
}

pub(super) fn of_family<const N: usize, D: Family<Lane = f32>>(p: D) {
    used(Family::sample_path(p, &mut generator()));
    used(Family::log_prob(p, unknown(0.5)));
    used(Family::score(p, unknown(0.5)));
    used(Family::sample_score(p, &mut generator()));
    let Ok(variables) = Independent::<D, N>::new(unknown(&[p])) else { return };
    used(Independent::as_slice(&variables));
    of_variables::<N, _>(&variables);
}

pub(super) fn of_variables<const N: usize, V: Reparameterized<Lane = f32>>(variables: &V) {
    used(Variables::sample(variables, &mut generator()));
    used(Variables::score(variables, numbers()));
    used(Variables::sample_score(variables, &mut generator()));
    let (_, path) = Reparameterized::sample_path(variables, &mut generator());
    used(Reparameterized::pullback(variables, &path, numbers()));
    let smooth = &mut FnWithGradient::<N, _>(|x: &[f32], gradient: &mut [f32]| {
        gradient.fill(unknown(0.5));
        unknown(x).len() as f32
    });
    used(DifferentiableCost::value_and_gradient(smooth, numbers(), &mut []));
    used(Pathwise.estimate(variables, smooth, &mut generator()));
    used(ScoreFunction { baseline: unknown(0.5) }.estimate(variables, smooth, &mut generator()));
    used(LeaveOneOut::<3>.estimate(variables, smooth, &mut generator()));
}
