//! Categorical and Bernoulli variables.

use heapless::Vec;
use samplegrad_core::{
    Bernoulli, Categorical, Logits, gumbel_max as trick,
    lane::{Lane, Mask, Word},
    noise::{Uniform, gumbel},
    softmax as kernel,
};

use crate::arrays::{CAPACITY, Reader, Writer};

fn distribution<L: Lane>(input: &mut Reader<'_>) -> Option<Categorical<CAPACITY, L>> {
    Some(Categorical::new(&Logits::new(&input.floats::<L>()?).ok()?))
}

/// Reads uniforms and returns Gumbel noise.
pub(crate) fn gumbels<L: Lane>(input: &mut Reader<'_>) -> Option<Vec<L, CAPACITY>> {
    input.floats::<L>()?.into_iter().map(|u| Uniform::new(u).ok().map(gumbel::quantile)).collect()
}

pub(crate) fn softmax<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.floats::<L>()?;
    let p = Categorical::new(&Logits::<CAPACITY, L>::new(&logits).ok()?);
    output.floats(p.probabilities())?;
    output.floats(p.log_probabilities())?;
    output.float(kernel::log_sum_exp(&logits))
}

pub(crate) fn categorical<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let p = distribution::<L>(input)?;
    output.floats(p.probabilities())?;
    output.floats(p.log_probabilities())?;
    output.float(p.entropy())?;
    output.floats(&p.entropy_gradient())?;
    let classes = p.probabilities().len() as u32;
    let mut scores: Vec<L, 128> = Vec::new();
    for class in 0..classes {
        scores.extend_from_slice(&p.score(L::Word::splat(class)).ok()?).ok()?;
    }
    output.floats(&scores)
}

pub(crate) fn kl<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (p, q) = (distribution::<L>(input)?, distribution::<L>(input)?);
    output.float(p.kl(&q).ok()?)?;
    output.float(p.kl_to_uniform())?;
    let (by_p, by_q) = p.kl_gradients(&q).ok()?;
    output.floats(&by_p)?;
    output.floats(&by_q)
}

pub(crate) fn bernoulli<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (p, q) = (Bernoulli::new(input.float::<L>()?).ok()?, Bernoulli::new(input.float::<L>()?).ok()?);
    let (one, zero) = (L::Mask::splat(true), L::Mask::splat(false));
    let (by_p, by_q) = p.kl_derivatives(q);
    let results = [
        p.probability(),
        p.complement(),
        p.log_prob(one),
        p.log_prob(zero),
        p.entropy(),
        p.score(one),
        p.score(zero),
        p.entropy_derivative(),
        p.kl(q),
        by_p,
        by_q,
        p.kl(Bernoulli::new(L::ZERO).ok()?),
    ];
    results.into_iter().try_for_each(|x| output.float(x))
}

pub(crate) fn gumbel_max<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = Logits::<CAPACITY, L>::new(&input.floats::<L>()?).ok()?;
    let noise = gumbels::<L>(input)?;
    let (class, largest) = trick::with_noise(&logits, &noise).ok()?;
    let mut z = noise;
    for (z, &l) in z.iter_mut().zip(logits.as_slice()) {
        *z = l + *z;
    }
    output.words(&[class])?;
    // For the winning class, output the maximum that the trick returns.
    let z_of_class = |k: usize, z: L| L::select(class.equals(L::Word::splat(k as u32)), largest, z);
    output.floats(&z.iter().enumerate().map(|(k, &z)| z_of_class(k, z)).collect::<Vec<L, CAPACITY>>())?;
    let mut hot: Vec<L, CAPACITY> = z.clone();
    kernel::one_hot(class, &mut hot);
    output.words(&hot.iter().map(|x| x.to_word()).collect::<Vec<L::Word, CAPACITY>>())?;
    output.float(margin(&z))
}

/// Returns the difference of the largest and the second largest number. The difference is infinite if the second
/// largest number belongs to a masked class or does not exist.
pub(crate) fn margin<L: Lane>(z: &[L]) -> L {
    let (mut largest, mut second) = (L::NEG_INFINITY, L::NEG_INFINITY);
    for &z in z {
        second = second.max(largest.min(z));
        largest = largest.max(z);
    }
    largest - second
}
