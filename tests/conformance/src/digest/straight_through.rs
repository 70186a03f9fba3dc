//! The straight-through family and the relaxed estimator.

use heapless::Vec;
use samplegrad_core::{
    Bernoullis, Categoricals, Source, Temperature,
    concrete_relaxation::ConcreteRelaxation,
    cost::FnWithGradient,
    decoupled_straight_through::DecoupledStraightThrough,
    estimator::{Estimated, Estimator},
    gapped_straight_through::GappedStraightThrough,
    gumbel_rao::GumbelRao,
    gumbel_rao_limit::GumbelRaoLimit,
    lane::{Lane, Word},
    plain_straight_through::PlainStraightThrough,
    reduce,
    reinmax::ReinMax,
    straight_through_gumbel::StraightThroughGumbel,
    variables::Variables,
};

use super::{Digest, N, Operation, numbers, temperature};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 1] {
    [("straight-through estimators", estimators)]
}

/// Digests one estimator per draw, for a quadratic cost of two bits or of two categorical variables. One class of the
/// categorical variables is masked with probability 1/8.
fn estimators<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0, 1e4][(round / 16) as usize % 3];
    let tau = temperature(round / 16);
    let bits = Bernoullis::<N, L>::new(&numbers(source, 2, scale)).ok()?;
    let mut logits: Vec<L, N> = numbers(source, 5, scale);
    let masked = source.next_word().shr(29).equals(L::Word::splat(0));
    if let Some(last) = logits.last_mut() {
        *last = L::select(masked, L::NEG_INFINITY, *last);
    }
    let classes = Categoricals::<N, L>::new(&[2, 3], &logits).ok()?;
    let weights: Vec<L, N> = numbers(source, 5, 4.0);
    let mut cost = FnWithGradient::<N, _>(|y: &[L], gradient: &mut [L]| {
        let excess = reduce::dot(y, &weights) - 0.5;
        gradient.iter_mut().zip(&weights).for_each(|(g, &w)| *g = (excess + excess) * w);
        excess * excess
    });
    let forward = Some(Temperature::ONE);
    let rao = &mut GumbelRao::new(tau, 2).ok()?;
    let gapped = &mut GappedStraightThrough::new(tau, 1.0).ok()?;
    let cost = &mut cost;
    let (mean, gradient) = match round % 15 {
        0 => of(ConcreteRelaxation { tau }.estimate(&bits, cost, source))?,
        1 => of(ConcreteRelaxation { tau }.estimate(&classes, cost, source))?,
        2 => of(PlainStraightThrough.estimate(&bits, cost, source))?,
        3 => of(PlainStraightThrough.estimate(&classes, cost, source))?,
        4 => of(StraightThroughGumbel { tau }.estimate(&bits, cost, source))?,
        5 => of(StraightThroughGumbel { tau }.estimate(&classes, cost, source))?,
        6 => of(DecoupledStraightThrough { forward, backward: tau }.estimate(&bits, cost, source))?,
        7 => of(DecoupledStraightThrough { forward, backward: tau }.estimate(&classes, cost, source))?,
        8 => of(rao.estimate(&bits, cost, source))?,
        9 => of(rao.estimate(&classes, cost, source))?,
        10 => of(gapped.estimate(&bits, cost, source))?,
        11 => of(gapped.estimate(&classes, cost, source))?,
        12 => of(ReinMax { tau }.estimate(&bits, cost, source))?,
        13 => of(ReinMax { tau }.estimate(&classes, cost, source))?,
        _ => of(GumbelRaoLimit { tau }.estimate(&bits, cost, source))?,
    };
    out.number(mean);
    out.numbers(&gradient);
    Some(())
}

/// Returns the mean and the gradient of an estimate, if there is one.
fn of<V: Variables>(estimate: Estimated<V>) -> Option<(V::Lane, V::Numbers)> {
    estimate.ok().map(|estimate| (estimate.mean, estimate.gradient))
}
