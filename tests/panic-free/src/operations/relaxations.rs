//! Relaxed samples, their gradients and their densities.

use samplegrad_core::{
    BinaryConcrete, Concrete, GumbelSoftmax, StraightThrough,
    binary_concrete::RelaxedBernoulli,
    check,
    concrete::{self, DensityNormalizer},
    gumbel_softmax,
    noise::Uniform,
    relaxed_race::RelaxedRace,
};

use super::{generator, logits, numbers, temperature, unknown, used};

pub fn every<const N: usize>() {
    gumbel_softmax::<N>();
    straight_through::<N>();
    concrete::<N>();
    binary_concrete();
    on_slices();
}

fn gumbel_softmax<const N: usize>() {
    let Some(logits) = logits::<N>() else { return };
    let rng = &mut generator();
    used(GumbelSoftmax::with_noise(&logits, temperature(), numbers()));
    let y = GumbelSoftmax::sample(&logits, temperature(), rng);
    used(GumbelSoftmax::values(&y));
    used(GumbelSoftmax::log_values(&y));
    used(GumbelSoftmax::perturbed(&y));
    used(GumbelSoftmax::hard(&y));
    used(GumbelSoftmax::temperature(&y));
    used(GumbelSoftmax::vjp(&y, numbers()));
    used(GumbelSoftmax::vjp_temperature(&y, numbers()));
}

fn straight_through<const N: usize>() {
    let Some(logits) = logits::<N>() else { return };
    let rng = &mut generator();
    used(StraightThrough::new(GumbelSoftmax::sample(&logits, temperature(), rng)));
    let sample = StraightThrough::sample(&logits, temperature(), rng);
    used(StraightThrough::class(&sample));
    used(StraightThrough::one_hot(&sample));
    used(StraightThrough::soft(&sample));
    used(StraightThrough::vjp(&sample, numbers()));
}

fn concrete<const N: usize>() {
    let Some(logits) = logits::<N>() else { return };
    let p = Concrete::new(&logits, temperature());
    used(Concrete::log_density(&p, numbers()));
    used(Concrete::log_density_exp(&p, numbers()));
    used(Concrete::log_density_gradient(&p, numbers()));
    used(Concrete::log_density_exp_gradient(&p, numbers()));
}

fn binary_concrete() {
    let Ok(p) = BinaryConcrete::new(unknown(0.5_f32), temperature()) else { return };
    let y = BinaryConcrete::sample(p, &mut generator());
    used(RelaxedBernoulli::perturbed(y));
    used(RelaxedBernoulli::value(y));
    used(RelaxedBernoulli::complement(y));
    used(RelaxedBernoulli::hard(y));
    used(RelaxedBernoulli::derivative(y));
    used(RelaxedBernoulli::temperature_derivative(y));
    used(BinaryConcrete::at(p, Uniform::from_word(unknown(7))));
    used(BinaryConcrete::log_density(p, unknown(0.3)));
    used(BinaryConcrete::log_density_logit(p, unknown(0.3)));
}

fn on_slices() {
    let (tau, x) = (temperature(), unknown(1.0_f32));
    let (mut out, mut other) = ([0.0_f32], [0.0_f32]);
    let (out, other) = (unknown(&mut out[..]), unknown(&mut other[..]));
    let sum = gumbel_softmax::relax(numbers(), tau, out);
    gumbel_softmax::log_relaxed(numbers(), sum, tau, out);
    used(gumbel_softmax::perturb(numbers(), numbers(), out));
    used(gumbel_softmax::is_far(x));
    gumbel_softmax::vjp(numbers(), numbers(), tau, out);
    if let Some(race) = RelaxedRace::at(tau) {
        used(RelaxedRace::weight(race, x, x));
        used(RelaxedRace::relax(race, numbers(), numbers(), out));
    }
    used(gumbel_softmax::vjp_temperature(numbers(), x, numbers(), numbers(), tau));
    used(check::finite(unknown("numbers"), numbers()));
    let normalizer = DensityNormalizer::new(numbers(), tau);
    used(concrete::sum_possible(numbers(), numbers()));
    used(concrete::log_density_exp(numbers(), normalizer, numbers(), out));
    used(concrete::gradient(numbers(), normalizer, numbers(), numbers(), out, other));
    used(concrete::gradient_exp(numbers(), normalizer, numbers(), out, other));
    used(check::log_point(unknown("numbers"), numbers(), numbers()));
}
