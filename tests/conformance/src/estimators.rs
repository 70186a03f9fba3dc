//! Exact sums and estimators, for costs given as tables.

use heapless::Vec;
use samplegrad_core::{
    Bernoullis, Categoricals, arm, disarm, disarm_categorical, enumeration,
    lane::{Lane, Word},
    leave_one_out, local_expectation,
    noise::Uniform,
    variables::{Enumerable, Variables},
};

use crate::arrays::{CAPACITY, Reader, Writer};

/// Largest table of costs.
const TABLE: usize = 256;
/// Largest number of logits of a case.
const LOGITS: usize = 32;

/// Returns the index of bits in a table; the first bit is the least significant.
fn place_of_bits<L: Lane>(b: &[L]) -> L::Word {
    let bit = |i: usize, b: L| L::Word::select(L::ZERO.lt(b), L::Word::splat(1 << i), L::Word::splat(0));
    b.iter().enumerate().fold(L::Word::splat(0), |place, (i, &b)| place.wrapping_add(bit(i, b)))
}

/// Computes the exact value, gradient and variances of any variables.
fn enumerate<L: Lane, V: Enumerable<Lane = L>>(
    variables: &V,
    mut cost: impl FnMut(&[V::Value]) -> L,
    output: &mut Writer<'_, L::Word>,
    baselines: bool,
) -> Option<()> {
    let law = enumeration::law(variables, &mut cost).ok()?;
    let of = |f: &dyn Fn(usize) -> L| -> Vec<L, LOGITS> { (0..variables.parameters()).map(f).collect() };
    output.float(law.exact().mean)?;
    output.float(law.cost_variance())?;
    output.floats(&law.exact().gradient)?;
    output.floats(&of(&|j| law.variance(j, L::ZERO)))?;
    if !baselines {
        return Some(());
    }
    output.floats(&of(&|j| law.optimal_baseline(j)))?;
    output.floats(&of(&|j| law.variance(j, law.optimal_baseline(j))))?;
    output.floats(&of(&|j| law.variance(j, law.exact().mean)))?;
    output.floats(&of(&|j| law.variance_leave_one_out(j)))
}

pub(crate) fn bernoulli<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut logits: Vec<L, LOGITS> = input.floats_up_to()?;
    let table: Vec<L, TABLE> = input.floats_up_to()?;
    let mut cost = |b: &[L]| L::gather(&table, place_of_bits(b));
    enumerate(&Bernoullis::<LOGITS, L>::new(&logits).ok()?, &mut cost, output, true)?;
    // E[f | b_i = 1] − E[f | b_i = 0]: logits of ±`CERTAIN` fix bit i.
    let start = output.reserve(logits.len())?;
    for i in 0..logits.len() {
        let mut given = |logit: f32| -> Option<L> {
            let kept = core::mem::replace(logits.get_mut(i)?, L::splat(logit));
            let variables = Bernoullis::<LOGITS, L>::new(&logits).ok()?;
            *logits.get_mut(i)? = kept;
            Some(enumeration::gradient(&variables, &mut cost).ok()?.mean)
        };
        output.set(start + i, given(CERTAIN)? - given(-CERTAIN)?)?;
    }
    Some(())
}

/// Logit that fixes its bit: the other value is never drawn.
const CERTAIN: f32 = 1e4;

pub(crate) fn categorical<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.floats::<L>()?;
    let variable = Categoricals::<LOGITS, L>::new(&[logits.len()], &logits).ok()?;
    let table = input.floats::<L>()?;
    enumerate(&variable, |x| L::gather(&table, x.first().copied().unwrap_or(L::Word::splat(0))), output, true)
}

pub(crate) fn product<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let sizes: Vec<usize, CAPACITY> = input.words::<f32>()?.into_iter().map(|size| size as usize).collect();
    let variables = Categoricals::<LOGITS, L>::new(&sizes, &input.floats::<L>()?).ok()?;
    let table = input.floats::<L>()?;
    enumerate(&variables, |x| L::gather(&table, place_of_classes::<L>(x, &sizes)), output, false)
}

/// Returns the index of classes in a table; the first variable changes fastest.
fn place_of_classes<L: Lane>(x: &[L::Word], sizes: &[usize]) -> L::Word {
    let digit = |place: L::Word, (&class, &size): (&L::Word, &usize)| {
        place.wrapping_mul(L::Word::splat(size as u32)).wrapping_add(class)
    };
    x.iter().zip(sizes).rev().fold(L::Word::splat(0), digit)
}

pub(crate) fn local_expectation<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let sizes: Vec<usize, CAPACITY> = input.words::<f32>()?.into_iter().map(|size| size as usize).collect();
    let variables = Categoricals::<LOGITS, L>::new(&sizes, &input.floats::<L>()?).ok()?;
    let sample = input.words_up_to::<L, LOGITS>()?;
    let table = input.floats::<L>()?;
    let mut cost = |x: &[L::Word]| L::gather(&table, place_of_classes::<L>(x, &sizes));
    let estimate = local_expectation::at(&variables, &sample, &mut cost).ok()?;
    output.float(estimate.mean)?;
    output.floats(&estimate.gradient)
}

pub(crate) fn pairs<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let variables = Bernoullis::<LOGITS, L>::new(&input.floats::<L>()?).ok()?;
    let mut uniforms = || -> Option<Vec<Uniform<L>, LOGITS>> {
        input.floats::<L>()?.into_iter().map(|u| Uniform::new(u).ok()).collect()
    };
    let (u, w) = (uniforms()?, uniforms()?);
    let table: Vec<L, TABLE> = input.floats_up_to()?;
    let mut cost = |b: &[L]| L::gather(&table, place_of_bits(b));
    let complements: Vec<Uniform<L>, LOGITS> = u.iter().map(|u| u.complement()).collect();
    let (antithetic, one, other) = (variables.at(&complements), variables.at(&u), variables.at(&w));
    let words = |b: &[L]| -> Vec<L::Word, LOGITS> { b.iter().map(|b| b.to_word()).collect() };
    output.words(&words(&antithetic))?;
    output.words(&words(&one))?;
    output.words(&words(&one))?;
    output.words(&words(&other))?;
    output.floats(&arm::with_noise(&variables, &u, &mut cost).ok()?.gradient)?;
    output.floats(&disarm::with_noise(&variables, &u, &mut cost).ok()?.gradient)?;
    let mut advantages = [L::ZERO; 2];
    leave_one_out::advantages(&[cost(&one), cost(&other)], &mut advantages).ok()?;
    let (s, t) = (variables.score(&one), variables.score(&other));
    let [a, b] = advantages;
    let mean: Vec<L, LOGITS> = s.iter().zip(&t).map(|(&s, &t)| (a * s + b * t) * 0.5).collect();
    output.floats(&mean)
}

pub(crate) fn disarm_of_classes<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.floats::<L>()?;
    let variable = Categoricals::<LOGITS, L>::new(&[logits.len()], &logits).ok()?;
    let u = input.floats::<L>()?;
    let u: Vec<Uniform<L>, LOGITS> = u.into_iter().map(|u| Uniform::new(u).ok()).collect::<Option<_>>()?;
    let table = input.floats::<L>()?;
    let mut asked: Vec<L::Word, 2> = Vec::new();
    let mut cost = |x: &[L::Word]| {
        let class = x.first().copied().unwrap_or(L::Word::splat(0));
        // The cost is called twice: once for each sample.
        let _ = asked.push(class);
        L::gather(&table, class)
    };
    let estimate = disarm_categorical::with_noise(&variable, &u, &mut cost).ok()?;
    for &class in &asked {
        output.words(&[class])?;
    }
    output.floats(&estimate.gradient)
}
