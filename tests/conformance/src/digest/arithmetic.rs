//! Noise and elementary functions.

use samplegrad_core::{
    Source, elementary,
    lane::Lane,
    noise::{self, Uniform},
    reduce, softmax,
};

use super::{Digest, Operation, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 2] {
    [("noise", noises), ("elementary", functions)]
}

fn noises<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let u = Uniform::sample(source);
    out.numbers(&[u.tail(), u.value(), u.neg_ln(), u.logit(), u.complement().value()]);
    out.numbers(&[noise::exponential::sample(source), noise::gumbel::sample(source)]);
    out.numbers(&[noise::logistic::sample(source), noise::normal::sample(source)]);
    Some(())
}

fn functions<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 30.0, 1e4][round as usize % 3];
    let (x, y) = (spread(source, scale), spread(source, scale));
    out.numbers(&[elementary::sigmoid(x), elementary::softplus(x), elementary::log_add_exp(x, y)]);
    out.numbers(&[softmax::log_sum_exp(&[x, y]), reduce::dot(&[x, y], &[y, y]), x.abs().sqrt()]);
    Some(())
}
