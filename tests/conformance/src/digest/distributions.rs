//! Distributions: probabilities, densities, scores, divergences.

use samplegrad_core::{
    Bernoulli, Categorical, Gumbel, LogStdNormal, Logits, Source,
    lane::{Lane, Word},
};

use super::{Digest, N, Operation, logits, numbers, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 4] {
    [("categorical", categorical), ("Bernoulli", bernoulli), ("Gumbel", gumbel), ("LogStdNormal", gaussian)]
}

fn categorical<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let p = Categorical::new(&logits(source, round)?);
    let class = p.mode();
    out.numbers(p.probabilities());
    p.log_probabilities().iter().for_each(|&x| out.any(x));
    out.numbers(&[p.log_prob(class), p.entropy(), p.kl_to_uniform()]);
    out.numbers(&p.entropy_gradient());
    out.numbers(&p.score(class).ok()?);
    // The divergence is finite because `full` has no masked class.
    let full = Categorical::<N, L>::new(&Logits::new(&numbers(source, p.probabilities().len(), 20.0)).ok()?);
    out.number(p.kl(&full).ok()?);
    let (by_p, by_q) = p.kl_gradients(&full).ok()?;
    out.numbers(&by_p);
    out.numbers(&by_q);
    Some(())
}

fn bernoulli<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 30.0, 1e4][round as usize % 3];
    let (p, q) = (Bernoulli::new(spread(source, scale)).ok()?, Bernoulli::new(spread(source, scale)).ok()?);
    let b = p.sample(source);
    out.word(L::Word::select(b, L::Word::splat(1), L::Word::splat(0)));
    let (by_p, by_q) = p.kl_derivatives(q);
    out.numbers(&[p.probability(), p.complement(), p.log_prob(b), p.score(b)]);
    out.numbers(&[p.entropy(), p.entropy_derivative(), p.kl(q), by_p, by_q]);
    Some(())
}

fn gumbel<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let p = Gumbel::new(spread(source, 100.0), spread::<L, S>(source, 5.0).abs() + 0.01).ok()?;
    let x = p.sample(source);
    let (by_location, by_scale) = p.score(x);
    out.numbers(&[x, p.log_prob(x), p.cdf(x), p.log_cdf(x), p.survival(x), p.log_survival(x)]);
    out.numbers(&[by_location, by_scale, p.derivative(x), p.mean(), p.variance(), p.entropy()]);
    Some(())
}

fn gaussian<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let p = LogStdNormal::new(spread(source, 10.0), spread(source, 5.0)).ok()?;
    let q = LogStdNormal::new(spread(source, 10.0), spread(source, 5.0)).ok()?;
    let (x, epsilon) = p.sample(source);
    let (by_mean, by_log_std) = p.pathwise(epsilon, x);
    let (score_mean, score_log_std) = p.score(x);
    let (kl_mean, kl_log_std) = p.kl_to_standard_derivatives();
    out.numbers(&[x, epsilon, by_mean, by_log_std, score_mean, score_log_std, kl_mean, kl_log_std]);
    out.numbers(&[p.log_prob(x), p.entropy(), p.kl_to_standard(), p.kl(q)]);
    out.numbers(&p.kl_derivatives(q));
    Some(())
}
