//! Samples without replacement and the estimators based on them; the multi-sample objective.

use samplegrad_core::{
    Bernoullis, Categoricals, Source,
    estimator::Estimator,
    gumbel_top_k,
    lane::{Lane, Word},
    reduce,
    stochastic_beam::StochasticBeam,
    sum_and_sample::SumAndSample,
    unordered_set::UnorderedSet,
    vimco::{HoldoutValue, Vimco},
};

use super::{Digest, N, Operation, logits, numbers};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 2] {
    [("without replacement", without_replacement), ("estimators of sets", estimators)]
}

/// Digests three classes drawn from one variable, and two joint values of one to three bits.
fn without_replacement<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    let (mut classes, mut perturbed) = ([L::Word::splat(0); 3], [L::ZERO; 3]);
    let threshold = gumbel_top_k::draw(l.as_slice(), source, &mut classes, &mut perturbed, &mut [L::ZERO; 3]);
    classes.iter().for_each(|&class| out.word(class));
    perturbed.iter().for_each(|&z| out.any(z));
    out.any(threshold);

    let scale = [1.0, 10.0, 1e4][(round / 4) as usize % 3];
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, scale)).ok()?;
    let drawn = StochasticBeam::<_, 2>::sample(&b, source);
    drawn.values().iter().for_each(|x| out.numbers(x));
    drawn.log_probabilities().iter().chain(drawn.perturbed()).for_each(|&x| out.any(x));
    out.any(drawn.threshold());
    out.any(drawn.log_rest());
    Some(())
}

/// Digests one estimator per draw: of one variable with masked classes, of two variables, or of bits.
fn estimators<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let weights = numbers(source, N, 4.0);
    let mut table = |x: &[L::Word]| x.iter().fold(L::ONE, |product, &class| product * L::gather(&weights, class));
    let mut quadratic = |b: &[L]| {
        let sum = reduce::dot(b, &weights) - 0.5;
        sum * sum
    };
    let scale = [1.0, 10.0][(round / 8) as usize % 2];
    let two = |source: &mut S| Categoricals::<N, L>::new(&[2, 3], &numbers(source, 5, scale)).ok();
    match round % 6 {
        0 => {
            let x = Categoricals::one(&logits(source, round / 6)?);
            out.estimate(UnorderedSet::<3> { baseline: true }.estimate(&x, &mut table, source))
        }
        1 => {
            let x = Categoricals::one(&logits(source, round / 6)?);
            out.estimate(SumAndSample::<2, L> { baseline: None }.estimate(&x, &mut table, source))
        }
        2 => {
            let x = two(source)?;
            out.estimate(UnorderedSet::<2> { baseline: false }.estimate(&x, &mut table, source))
        }
        3 => {
            let x = two(source)?;
            out.estimate(SumAndSample::<1, L> { baseline: Some(L::ONE) }.estimate(&x, &mut table, source))
        }
        4 => {
            let x = two(source)?;
            out.estimate(Vimco::<3> { stand_in: HoldoutValue::Geometric }.estimate(&x, &mut table, source))
        }
        _ => {
            let b = Bernoullis::<N, L>::new(&numbers(source, 3, scale)).ok()?;
            out.estimate(UnorderedSet::<2> { baseline: true }.estimate(&b, &mut quadratic, source))?;
            out.estimate(Vimco::<2> { stand_in: HoldoutValue::Arithmetic }.estimate(&b, &mut quadratic, source))
        }
    }
}
