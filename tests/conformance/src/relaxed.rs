//! Relaxed samples and their densities.

use samplegrad_core::{
    BinaryConcrete, Concrete, GumbelSoftmax, Logits, StraightThrough, Temperature,
    concrete::DensityGradient,
    lane::{Lane, Word},
    noise::Uniform,
    reduce, softmax,
};

use crate::{
    arrays::{CAPACITY, Reader, Writer},
    discrete::{gumbels, margin},
};

pub(crate) fn gumbel_softmax<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = Logits::<CAPACITY, L>::new(&input.floats::<L>()?).ok()?;
    let noise = gumbels::<L>(input)?;
    let tau = Temperature::new(input.shared()?).ok()?;
    let cotangent = input.floats::<L>()?;
    let y = GumbelSoftmax::with_noise(&logits, tau, &noise).ok()?;
    output.floats(&noise)?;
    output.floats(y.values())?;
    output.floats(&y.log_values())?;
    output.floats(&y.vjp(&cotangent).ok()?)?;
    output.float(y.vjp_temperature(&cotangent).ok()?)?;
    let z = y.perturbed();
    output.words(&[StraightThrough::new(y).class()])?;
    output.float(margin(&z))
}

fn density<L: Lane>(
    log_density: L,
    gradient: &DensityGradient<CAPACITY, L>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    output.float(log_density)?;
    output.floats(&gradient.logits)?;
    output.floats(&gradient.point)?;
    output.float(gradient.temperature)
}

pub(crate) fn concrete<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (logits, y) = (Logits::new(&input.floats::<L>()?).ok()?, input.floats::<L>()?);
    let p = Concrete::<CAPACITY, L>::new(&logits, Temperature::new(input.shared()?).ok()?);
    density(p.log_density(&y).ok()?, &p.log_density_gradient(&y).ok()?, output)
}

/// Computes the concrete density, and by how much the sum of the coordinates differs from 1.
pub(crate) fn concrete_on_simplex<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let y = input.after_one().floats::<L>()?;
    concrete::<L>(input, output)?;
    output.float(reduce::sum(&y) - 1.0)
}

/// Computes the exp-concrete density, and the logarithm of the sum of the coordinates.
pub(crate) fn exp_concrete_on_simplex<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let x = input.after_one().floats::<L>()?;
    exp_concrete::<L>(input, output)?;
    output.float(softmax::log_sum_exp(&x))
}

pub(crate) fn exp_concrete<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (logits, x) = (Logits::new(&input.floats::<L>()?).ok()?, input.floats::<L>()?);
    let p = Concrete::<CAPACITY, L>::new(&logits, Temperature::new(input.shared()?).ok()?);
    density(p.log_density_exp(&x).ok()?, &p.log_density_exp_gradient(&x).ok()?, output)
}

pub(crate) fn binary_concrete<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (logit, u) = (input.float::<L>()?, input.float::<L>()?);
    let p = BinaryConcrete::new(logit, Temperature::new(input.shared()?).ok()?).ok()?;
    let point = input.float::<L>()?;
    let y = p.at(Uniform::new(u).ok()?);
    let at = p.log_density(point).ok()?;
    let floats = [y.perturbed(), y.value(), y.complement(), y.derivative(), y.temperature_derivative()];
    floats.into_iter().try_for_each(|x| output.float(x))?;
    output.words(&[L::Word::select(y.hard(), L::Word::splat(1), L::Word::splat(0))])?;
    let logit_density = p.log_density_logit(Uniform::new(point).ok()?.logit());
    let floats = [at.log_density, at.logit, at.temperature, at.point, logit_density];
    floats.into_iter().try_for_each(|x| output.float(x))
}

pub(crate) fn binary_density<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logit = input.float::<L>()?;
    let p = BinaryConcrete::new(logit, Temperature::new(input.shared()?).ok()?).ok()?;
    let at = p.log_density(input.float::<L>()?).ok()?;
    [at.log_density, at.logit, at.temperature, at.point].into_iter().try_for_each(|x| output.float(x))
}
