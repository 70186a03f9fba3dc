//! The score-function estimator and its baselines over several samples; estimators of several variables.

use samplegrad_core::{
    Bernoullis, Categorical, Categoricals,
    arm::{self, Arm},
    categorical,
    cost::{Cost, DifferentiableCost, FnWithGradient, OneHot},
    disarm::{self, DisArm},
    disarm_categorical,
    enumeration::{self, Enumeration, Law},
    estimator::Estimator,
    heapless, leave_one_out,
    leave_one_out::LeaveOneOut,
    local_expectation,
    noise::Uniform,
    score_function::{self, ScoreFunction},
    self_critical,
    variables::{Embedded, Enumerable, FixedVec, Variables},
};

use super::{classes, generator, logits, numbers, unknown, used};

pub fn every<const N: usize>() {
    vectors::<N>();
    on_slices::<N>();
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        used(Bernoullis::as_slice(&b));
        used(Bernoullis::at(&b, uniforms()));
        used(arm::with_noise(&b, uniforms(), &mut cost));
        used(disarm::with_noise(&b, uniforms(), &mut cost));
        used(Arm.estimate(&b, &mut cost, &mut generator()));
        used(DisArm.estimate(&b, &mut cost, &mut generator()));
        of_discrete(&b, numbers(), &mut cost);
        let smooth = &mut FnWithGradient::<N, _>(relaxed_cost);
        used(Cost::value(smooth, numbers()));
        used(DifferentiableCost::value_and_gradient(smooth, numbers(), unknown(&mut [0.0][..])));
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        used(Categoricals::probabilities(&x).count());
        used(Categoricals::flat_probabilities(&x));
        used(Categoricals::log_probabilities(&x));
        used(Categoricals::spans(&x).count());
        used(disarm_categorical::with_noise(&x, uniforms(), &mut cost));
        used(DisArm.estimate(&x, &mut cost, &mut generator()));
        used(local_expectation::at(&x, &FixedVec::collected(classes().iter().copied()), &mut cost));
        of_discrete(&x, classes(), &mut cost);
        let one_hot = &mut OneHot::<N, _>::new(unknown(&[2, 3]), relaxed_cost);
        used(Cost::value(one_hot, classes()));
        used(DifferentiableCost::value_and_gradient(one_hot, numbers(), &mut []));
    }
    if let Some(logits) = logits::<N>() {
        used(Categoricals::one(&logits));
    }
}

fn vectors<const N: usize>() {
    let mut vector: heapless::Vec<f32, N> = FixedVec::collected(numbers().iter().copied());
    FixedVec::add(&mut vector, unknown(0.5));
    used(vector);
    used::<heapless::Vec<f32, N>>(FixedVec::repeated(unknown(0.5), unknown(3)));
    used::<heapless::Vec<f32, N>>(FixedVec::zeros(unknown(3)));
}

fn on_slices<const N: usize>() {
    let Some(logits) = logits::<N>() else { return };
    let p = Categorical::new(&logits);
    let mut out = [0.0_f32];
    let out = unknown(&mut out[..]);
    used(leave_one_out::advantages(numbers(), out));
    used(self_critical::advantages(numbers(), unknown(1.0), out));
    used(score_function::estimate(&p, classes(), numbers()));
    categorical::score(numbers(), unknown(0), unknown(1.0), out);
    score_function::mean(numbers(), classes(), numbers(), out);
    used(out);
}

/// Calls every operation of discrete variables, and every estimator of them.
fn of_discrete<V: Enumerable<Lane = f32> + Embedded<Lane = f32>>(
    variables: &V,
    x: &[V::Value],
    cost: &mut dyn Cost<[V::Value]>,
) {
    used(Variables::len(variables));
    used(Variables::is_empty(variables));
    used(Variables::parameters(variables));
    used(Variables::sample(variables, &mut generator()));
    used(Variables::score(variables, x));
    used(Enumerable::probability(variables, x));
    used(Embedded::embed(variables, x));
    used(Embedded::mean(variables));
    used(Embedded::pullback_mean(variables, numbers()));
    let mut first = Enumerable::first(variables);
    used(Enumerable::next(variables, &mut first));
    used(Cost::value(cost, x));
    used(enumeration::gradient(variables, cost));
    if let Ok(law) = enumeration::law(variables, cost) {
        used(Law::exact(&law));
        used(Law::cost_variance(&law));
        used(Law::variance(&law, unknown(0), unknown(1.0)));
        used(Law::optimal_baseline(&law, unknown(0)));
        used(Law::variance_leave_one_out(&law, unknown(0)));
        used(Law::values(&law));
        used(Law::calls_to_reach(&law, unknown(0), unknown(0.5)));
        used(Law::break_even(&law, unknown(0)));
    }
    used(Estimator::estimate(&mut Enumeration, variables, cost, &mut generator()));
    used(Estimator::estimate(&mut ScoreFunction { baseline: unknown(0.5) }, variables, cost, &mut generator()));
    used(Estimator::estimate(&mut LeaveOneOut::<2>, variables, cost, &mut generator()));
    used(Estimator::estimate(&mut LeaveOneOut::<5>, variables, cost, &mut generator()));
}

fn uniforms() -> &'static [Uniform] {
    unknown(&[])
}

fn relaxed_cost(y: &[f32], gradient: &mut [f32]) -> f32 {
    for (g, &y) in gradient.iter_mut().zip(y) {
        *g = unknown(y);
    }
    unknown(0.5)
}

/// Returns a cost of bits or classes.
fn cost<T: Copy>(x: &[T]) -> f32 {
    unknown(x).len() as f32
}
