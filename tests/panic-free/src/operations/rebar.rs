//! REBAR and RELAX, and their perturbed logits.

use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, Rebar, conditional,
    cost::{Cost, DifferentiableCost},
    coupling::Coupling,
    estimator::Estimator,
    noise::Uniform,
    perturbed::Perturbed,
    rebar_tuned::TunedRebar,
    relax::{BlackBox, Relax},
    surrogate::{Influence, Linear, Surrogate},
};

use super::{classes, generator, numbers, temperature, unknown, used};

pub fn every<const N: usize>() {
    on_slices();
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        of_discrete::<N, _>(&b, numbers());
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        of_discrete::<N, _>(&x, classes());
    }
}

fn on_slices() {
    let (mut out, mut jacobian_weight, mut noise) = ([0.0_f32], [0.0_f32], [Uniform::from_word(7)]);
    let (out, jacobian_weight) = (unknown(&mut out[..]), unknown(&mut jacobian_weight[..]));
    conditional::class(unknown(0), numbers(), uniforms(), out, jacobian_weight);
    conditional::slopes_of_class(unknown(0), numbers(), jacobian_weight);
    conditional::noise_of_class(unknown(0), numbers(), numbers(), unknown(&mut noise[..]));
    used(conditional::bit(unknown(true), unknown(0.5_f32), Uniform::from_word(unknown(7))));
    used(conditional::slope_of_bit(unknown(true), unknown(0.5_f32), unknown(0.5)));
    used(conditional::noise_of_bit(unknown(0.5_f32), unknown(0.5)));
    used((out, jacobian_weight, noise));
}

/// Calls every operation of perturbed logits, and every estimator that uses them.
fn of_discrete<const N: usize, V: Perturbed<Lane = f32>>(variables: &V, x: &[V::Value]) {
    used(Perturbed::perturb(variables, uniforms()));
    used(Perturbed::given(variables, x, uniforms()));
    used(Perturbed::draw(variables, &mut generator()));
    used(Perturbed::gapped(variables, x, unknown(1.0)));
    used(Perturbed::tied(variables, x, numbers()));
    used(Perturbed::pullback(variables, numbers(), numbers()));
    used(Perturbed::pushforward(variables, numbers(), numbers()));
    used(Perturbed::relax(variables, numbers(), unknown(2.0)));
    used(Perturbed::pullback_relaxed(variables, numbers(), numbers(), numbers(), unknown(2.0)));

    let coupling = unknown(Coupling::Antithetic);
    let (cost, rng) = (&mut Any, &mut generator());
    let Ok(rate) = LearningRate::new(unknown(0.5)) else { return };
    if let Ok(rebar) = Rebar::new(temperature(), unknown(0.5)) {
        let mut rebar = Rebar::coupled(rebar, coupling);
        used(Rebar::with_noise(&rebar, variables, uniforms(), uniforms(), cost));
        used(Estimator::estimate(&mut rebar, variables, cost, rng));
    }
    if let Ok(rebar) = TunedRebar::new(temperature(), unknown(0.5), coupling, rate) {
        let mut rebar = TunedRebar::at_rate(rebar, rate);
        used(TunedRebar::with_noise(&mut rebar, variables, uniforms(), uniforms(), cost));
        used(TunedRebar::variance_gradient(&rebar, variables, uniforms(), uniforms(), cost));
        used(Estimator::estimate(&mut rebar, variables, cost, rng));
        used((TunedRebar::eta(&rebar), TunedRebar::temperature(&rebar), TunedRebar::coupling(&rebar)));
        let mut relax = Relax { rebar: TunedRebar::keeping_temperature(rebar), surrogate: Linear::<N>::tanh(rate) };
        used(Relax::with_noise(&mut relax, variables, uniforms(), uniforms(), cost));
        used(Estimator::estimate(&mut relax, variables, cost, rng));
    }
    let surrogate = Linear::<N>::starting_at(Linear::<N>::sigmoid(rate), unknown(0.5), numbers());
    let mut surrogate = Linear::<N>::at_rate(surrogate, rate);
    used((Linear::<N>::bias(&surrogate), Linear::<N>::weights(&surrogate)));
    let mut slopes = [0.0_f32];
    used(Surrogate::value_and_gradient(&surrogate, numbers(), unknown(&mut slopes[..])));
    let influence = Influence { z: numbers(), by_value: unknown(0.5), by_slopes: numbers() };
    Surrogate::learn(&mut surrogate, unknown(&[influence][..]));
    let mut relax = BlackBox { coupling, surrogate };
    used(BlackBox::with_noise(&mut relax, variables, uniforms(), uniforms(), cost));
    used(Estimator::estimate(&mut relax, variables, cost, rng));
}

fn uniforms() -> &'static [Uniform] {
    unknown(&[])
}

/// A cost of points, bits and classes.
struct Any;

impl<T> Cost<[T]> for Any {
    fn value(&mut self, x: &[T]) -> f32 {
        unknown(x).len() as f32
    }
}

impl DifferentiableCost for Any {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        for (g, &y) in gradient.iter_mut().zip(y) {
            *g = unknown(y);
        }
        unknown(0.5)
    }
}
