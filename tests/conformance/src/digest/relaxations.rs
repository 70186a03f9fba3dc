//! Relaxed samples, their gradients and densities; schedules of their temperature.

use heapless::Vec;
use samplegrad_core::{
    BinaryConcrete, Concrete, GumbelSoftmax, Schedule, Source, StraightThrough, Temperature,
    lane::{Lane, Word},
    noise::Uniform,
};

use super::{Digest, N, Operation, logits, logits_within, numbers, spread, temperature};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 5] {
    [
        ("Gumbel-softmax", relaxed),
        ("straight-through", straight_through),
        ("Concrete density", concrete),
        ("binary Concrete", binary_concrete),
        ("schedules", schedules),
    ]
}

fn relaxed<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    let y = GumbelSoftmax::sample(&l, temperature(round), source);
    let cotangent = numbers(source, y.values().len(), 3.0);
    out.numbers(y.values());
    y.log_values().iter().for_each(|&x| out.any(x));
    out.numbers(&y.vjp(&cotangent).ok()?);
    out.number(y.vjp_temperature(&cotangent).ok()?);
    Some(())
}

fn straight_through<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let sample = StraightThrough::sample(&logits(source, round)?, temperature(round), source);
    let cotangent = numbers(source, sample.soft().values().len(), 3.0);
    out.word(sample.class());
    out.numbers(&sample.one_hot());
    out.numbers(&sample.vjp(&cotangent).ok()?);
    Some(())
}

fn concrete<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits_within(source, round, 10.0)?;
    let p = Concrete::new(&l, temperature(round));
    let x = numbers(source, l.as_slice().len(), 20.0);
    out.number(p.log_density_exp(&x).ok()?);
    let gradient = p.log_density_exp_gradient(&x).ok()?;
    out.numbers(&gradient.logits);
    out.numbers(&gradient.point);
    out.number(gradient.temperature);
    let y: Vec<L, N> = x.iter().map(|x| x.exp()).collect();
    out.number(p.log_density(&y).ok()?);
    out.numbers(&p.log_density_gradient(&y).ok()?.point);
    Some(())
}

fn binary_concrete<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let p = BinaryConcrete::new(spread(source, [1.0, 30.0][round as usize % 2]), temperature(round)).ok()?;
    let y = p.sample(source);
    out.numbers(&[y.perturbed(), y.value(), y.complement(), y.derivative(), y.temperature_derivative()]);
    out.word(L::Word::select(y.hard(), L::Word::splat(1), L::Word::splat(0)));
    let at = p.log_density(Uniform::sample(source).value()).ok()?;
    out.numbers(&[at.log_density, at.logit, at.temperature, at.point]);
    out.number(p.log_density_logit(spread(source, 10.0)));
    Some(())
}

fn schedules<L: Lane, S: Source<L>>(_: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let (start, end) = (Temperature::new(5.0).ok()?, Temperature::new(0.25).ok()?);
    let schedules = [
        Schedule::constant(end),
        Schedule::annealed(1e-5).ok()?,
        Schedule::exponential(start, end, 3e-5).ok()?,
        Schedule::linear(start, end, 100_000).ok()?,
        Schedule::cosine(start, end, 100_000).ok()?,
    ];
    schedules.iter().for_each(|schedule| out.number(L::splat(schedule.at(round).get())));
    Some(())
}
