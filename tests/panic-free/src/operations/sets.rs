//! Samples without replacement and the estimators based on them; the multi-sample objective.

use samplegrad_core::{
    Bernoullis, Categoricals,
    cost::Cost,
    estimator::Estimator,
    factorized::Factorized,
    gumbel_top_k::{self, GumbelTopK},
    stochastic_beam::StochasticBeam,
    sum_and_sample::SumAndSample,
    unordered_set::{self, UnorderedSet, Weights},
    vimco::{self, HoldoutValue, Vimco},
};

use super::{generator, logits, numbers, unknown, used};

pub fn every<const N: usize>() {
    if let Some(logits) = logits::<N>() {
        let drawn = [
            GumbelTopK::sample(&logits, unknown(1), &mut generator()),
            GumbelTopK::with_noise(&logits, unknown(1), numbers()),
        ];
        for drawn in drawn.iter().flatten() {
            used(GumbelTopK::classes(drawn));
            used(GumbelTopK::perturbed(drawn));
            used(GumbelTopK::threshold(drawn));
        }
    }
    let (mut classes, mut perturbed, mut lost) = ([0_u32], [0.0_f32], [0.0_f32]);
    let (classes, perturbed) = (unknown(&mut classes[..]), unknown(&mut perturbed[..]));
    let lost = unknown(&mut lost[..]);
    used(gumbel_top_k::draw(numbers(), &mut generator(), classes, perturbed, lost));
    used(classes);
    used(perturbed);
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        of_discrete(&b, &mut cost);
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        of_discrete(&x, &mut cost);
    }
    weights(&unknown([-1.0]));
    weights(&unknown([-1.0; 4]));
    weights(&unknown([-1.0; 8]));
}

fn of_discrete<V: Factorized<Lane = f32>>(variables: &V, cost: &mut dyn Cost<[V::Value]>) {
    used(Factorized::log_probabilities_of(variables, unknown(1)).count());
    used(Factorized::value(variables, unknown(1)));
    let drawn = StochasticBeam::<_, 3>::sample(variables, &mut generator());
    used(StochasticBeam::values(&drawn));
    used(StochasticBeam::log_probabilities(&drawn));
    used(StochasticBeam::perturbed(&drawn));
    used(StochasticBeam::threshold(&drawn));
    used(StochasticBeam::log_rest(&drawn));
    used(unordered_set::of_set(&drawn, unknown(true), variables, cost));
    let (set, sum) = (&mut UnorderedSet::<2> { baseline: unknown(true) }, &mut SumAndSample::<3> { baseline: None });
    used(Estimator::estimate(set, variables, cost, &mut generator()));
    used(Estimator::estimate(&mut UnorderedSet::<8> { baseline: unknown(true) }, variables, cost, &mut generator()));
    used(Estimator::estimate(sum, variables, cost, &mut generator()));
    used(Estimator::estimate(
        &mut SumAndSample::<1> { baseline: Some(unknown(0.5)) },
        variables,
        cost,
        &mut generator(),
    ));
    for stand_in in [HoldoutValue::Arithmetic, HoldoutValue::Geometric].map(unknown) {
        used(Estimator::estimate(&mut Vimco::<2> { stand_in }, variables, cost, &mut generator()));
        used(Estimator::estimate(&mut Vimco::<5> { stand_in }, variables, cost, &mut generator()));
    }
    let (mut signals, mut weights) = ([0.0_f32; 3], [0.0_f32; 3]);
    used(vimco::signals(&unknown([0.5_f32; 3]), unknown(HoldoutValue::Geometric), &mut signals, &mut weights));
    used((signals, weights));
}

fn weights<const K: usize>(log_p: &[f32; K]) {
    let weights = Weights::new(log_p, unknown(-2.0));
    used(Weights::probability(&weights));
    used(Weights::first(&weights, unknown(0)));
    used(Weights::second(&weights, unknown(0), unknown(1)));
}

/// Returns a cost of bits or classes.
fn cost<T: Copy>(x: &[T]) -> f32 {
    unknown(x).len() as f32
}
