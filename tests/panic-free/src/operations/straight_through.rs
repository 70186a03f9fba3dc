//! The straight-through family, the relaxed estimator, and the operations of variables that they need.

use samplegrad_core::{
    Bernoullis, Categoricals,
    concrete_relaxation::ConcreteRelaxation,
    cost::FnWithGradient,
    decoupled_straight_through::DecoupledStraightThrough,
    estimator::Estimator,
    gapped_straight_through::GappedStraightThrough,
    gumbel_rao::{self, GumbelRao},
    gumbel_rao_limit::{self, GumbelRaoLimit},
    noise::Uniform,
    perturbed::Perturbed,
    plain_straight_through::PlainStraightThrough,
    reinmax::ReinMax,
    straight_through_gumbel::StraightThroughGumbel,
};

use super::{classes, generator, numbers, temperature, unknown, used};

pub fn every<const N: usize>() {
    let (tau, smooth) = (temperature(), &mut FnWithGradient::<N, _>(relaxed_cost));
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        of_discrete::<N, _>(&b, numbers());
        used(ReinMax { tau }.estimate(&b, smooth, &mut generator()));
        used(GumbelRaoLimit { tau }.estimate(&b, smooth, &mut generator()));
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        of_discrete::<N, _>(&x, classes());
        used(ReinMax { tau }.estimate(&x, smooth, &mut generator()));
    }
    used(gumbel_rao_limit::mean_slope(unknown(true), unknown(0.5_f32), tau));
}

fn of_discrete<const N: usize, V: Perturbed<Lane = f32>>(variables: &V, x: &[V::Value]) {
    let (tau, smooth) = (temperature(), &mut FnWithGradient::<N, _>(relaxed_cost));
    used(gumbel_rao::one_draw(variables, x, tau, uniforms(), numbers()));
    used(ConcreteRelaxation { tau }.estimate(variables, smooth, &mut generator()));
    used(PlainStraightThrough.estimate(variables, smooth, &mut generator()));
    used(StraightThroughGumbel { tau }.estimate(variables, smooth, &mut generator()));
    let forward = unknown(Some(tau));
    used(DecoupledStraightThrough { forward, backward: temperature() }.estimate(variables, smooth, &mut generator()));
    if let Ok(mut rao) = GumbelRao::new(tau, unknown(3)) {
        used(rao.estimate(variables, smooth, &mut generator()));
    }
    if let Ok(mut gapped) = GappedStraightThrough::new(tau, unknown(1.0)) {
        used(gapped.estimate(variables, smooth, &mut generator()));
    }
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
