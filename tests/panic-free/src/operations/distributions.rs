//! Log-probabilities, entropies, scores and divergences.

use samplegrad_core::{
    Bernoulli, Categorical, Gumbel, LogStdNormal, categorical, location_scale::LocationScale, noise::Uniform,
};

use super::{generator, logits, numbers, unknown, used};

pub fn every<const N: usize>() {
    of_classes::<N>();
    bernoulli();
    gaussian();
    gumbel();
}

fn of_classes<const N: usize>() {
    let (Some(p), Some(q)) = (logits::<N>(), logits::<N>()) else { return };
    let (p, q) = (Categorical::new(&p), Categorical::new(&q));
    used(Categorical::probabilities(&p));
    used(Categorical::log_probabilities(&p));
    used(Categorical::mode(&p));
    used(Categorical::log_prob(&p, unknown(0)));
    used(Categorical::entropy(&p));
    used(Categorical::entropy_gradient(&p));
    used(Categorical::score(&p, unknown(0)));
    used(Categorical::kl(&p, &q));
    used(Categorical::kl_gradients(&p, &q));
    used(Categorical::kl_to_uniform(&p));
    used(categorical::entropy(numbers(), numbers()));
    used(categorical::kl(numbers(), numbers(), numbers()));
    used(categorical::kl_to_uniform(numbers(), numbers()));
    let (mut of_p, mut of_q) = ([0.0], [0.0]);
    let (of_p, of_q) = (unknown(&mut of_p[..]), unknown(&mut of_q[..]));
    categorical::kl_gradients((numbers(), numbers()), (numbers(), numbers()), of_p, of_q);
    categorical::entropy_gradient(numbers(), numbers(), unknown(&mut [0.0][..]));
}

fn bernoulli() {
    let (Ok(p), Ok(q)) = (Bernoulli::new(unknown(0.5_f32)), Bernoulli::new(unknown(-1.0))) else { return };
    let b = Bernoulli::sample(p, &mut generator());
    used(Bernoulli::at(p, Uniform::from_word(unknown(7))));
    used(Bernoulli::logit(p));
    used(Bernoulli::probability(p));
    used(Bernoulli::complement(p));
    used(Bernoulli::log_prob(p, b));
    used(Bernoulli::score(p, b));
    used(Bernoulli::entropy(p));
    used(Bernoulli::entropy_derivative(p));
    used(Bernoulli::kl(p, q));
    used(Bernoulli::kl_derivatives(p, q));
}

fn gaussian() {
    let p = LogStdNormal::new(unknown(0.5_f32), unknown(0.0));
    let (Ok(p), Ok(q)) = (p, LogStdNormal::new(unknown(0.0), unknown(1.0))) else { return };
    let (x, noise) = LogStdNormal::sample(p, &mut generator());
    used(LogStdNormal::mean(p));
    used(LogStdNormal::std(p));
    used(LogStdNormal::reparameterize(p, noise));
    used(LogStdNormal::pathwise(p, noise, unknown(2.0)));
    used(LogStdNormal::log_prob(p, x));
    used((LogStdNormal::log_prob_of_noise(p, noise), LogStdNormal::score_of_noise(p, noise)));
    used(LogStdNormal::score(p, x));
    used(LogStdNormal::entropy(p));
    used(LogStdNormal::kl_to_standard(p));
    used(LogStdNormal::kl_to_standard_derivatives(p));
    used(LogStdNormal::kl(p, q));
    used(LogStdNormal::kl_derivatives(p, q));
}

fn gumbel() {
    let Ok(p) = Gumbel::new(unknown(0.5_f32), unknown(1.0)) else { return };
    let x = LocationScale::sample(p, &mut generator());
    used(Gumbel::log_cdf(p, x));
    used(Gumbel::survival(p, x));
    used(Gumbel::log_survival(p, x));
    used(Gumbel::kl(p, p));
}
