//! Noise and elementary functions.

use samplegrad_core::{
    Source, elementary,
    lane::Lane,
    linear,
    noise::{self, Uniform},
    reduce, softmax,
};

use super::{Digest, Operation, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 4] {
    [("noise", noises), ("elementary", functions), ("linear maps", linear_maps), ("sine, cosine, tanh", angles)]
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
    let many: [L; 37] = core::array::from_fn(|_| spread(source, scale));
    out.numbers(&[reduce::sum_in_strides(&many), reduce::dot_in_strides(&many, &many)]);
    out.numbers(&[softmax::log_sum_exp(&[x, y]), reduce::dot(&[x, y], &[y, y]), x.abs().sqrt()]);
    Some(())
}

/// Digests linear maps with rows of every width that has its own kernel, and of the first width that has none.
fn linear_maps<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    match round % 16 + 1 {
        1 => linear_map::<1, L, S>(source, out),
        2 => linear_map::<2, L, S>(source, out),
        3 => linear_map::<3, L, S>(source, out),
        4 => linear_map::<4, L, S>(source, out),
        5 => linear_map::<5, L, S>(source, out),
        6 => linear_map::<6, L, S>(source, out),
        7 => linear_map::<7, L, S>(source, out),
        8 => linear_map::<8, L, S>(source, out),
        9 => linear_map::<9, L, S>(source, out),
        10 => linear_map::<10, L, S>(source, out),
        11 => linear_map::<11, L, S>(source, out),
        12 => linear_map::<12, L, S>(source, out),
        13 => linear_map::<13, L, S>(source, out),
        14 => linear_map::<14, L, S>(source, out),
        15 => linear_map::<15, L, S>(source, out),
        _ => linear_map::<16, L, S>(source, out),
    }
    Some(())
}

#[inline(never)]
fn linear_map<const K: usize, L: Lane, S: Source<L>>(source: &mut S, out: &mut Digest<L>) {
    let mut numbers = [(); K].map(|()| spread(source, 10.0));
    let mut rows = [[L::ONE; K], numbers, numbers.map(|x| x * x)];
    let x = [(); 3].map(|()| spread(source, 3.0));
    linear::add_outer(&mut rows, &mut numbers, &x, &[(); K].map(|()| spread(source, 1.0)));
    rows.iter().for_each(|row| out.numbers(row));
    out.numbers(&linear::map(&rows, &numbers, &x));
}

/// Digests functions of angles of every size. Three rounds of four have angles that are reduced by parts of π/2, at
/// least in part.
fn angles<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let x = spread(source, [1.0, 30.0, 1e4, 1e38][round as usize % 4]);
    let (sin, cos) = elementary::sin_cos(x);
    out.numbers(&[sin, cos, elementary::sin(x), elementary::cos(x)]);
    out.numbers(&[elementary::tanh(x), elementary::ln_tanh_derivative(x)]);
    Some(())
}
