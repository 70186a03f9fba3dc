//! REBAR and RELAX, one variant per round.

use heapless::Vec;
use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, Rebar, Source, Temperature, conditional,
    cost::{Cost, DifferentiableCost},
    coupling::Coupling,
    estimator::{Estimate, Estimator},
    lane::Lane,
    noise::Uniform,
    perturbed::Perturbed,
    rebar_tuned::TunedRebar,
    relax::{BlackBox, Relax},
    surrogate::Linear,
    variables::Variables,
};

use super::{
    Digest, N, Operation, logits_within, numbers,
    quadratic::{Hard, Quadratic},
    spread,
};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [("REBAR of bits", bits), ("REBAR of classes", classes), ("tied noise", tied)]
}

fn bits<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0, 1e4][(round / 12) as usize % 3];
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, scale)).ok()?;
    let mut cost = Quadratic(numbers(source, 3, 4.0));
    estimate(&b, &mut cost, source, round, out)
}

fn classes<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0, 1e4][(round / 12) as usize % 3];
    // A variable of two classes, and a variable of one to four classes, some of which may be masked.
    let mut l: Vec<L, N> = numbers(source, 2, scale);
    let others = logits_within(source, round % 4, scale)?;
    l.extend_from_slice(others.as_slice()).ok()?;
    let x = Categoricals::<N, L>::new(&[2, others.as_slice().len()], &l).ok()?;
    let mut cost = Hard(Quadratic(numbers(source, x.parameters(), 4.0)));
    estimate(&x, &mut cost, source, round, out)
}

/// Digests two steps of one estimator with one coupling.
fn estimate<L: Lane, S: Source<L>, V: Perturbed<Lane = L>>(
    variables: &V,
    cost: &mut (impl Cost<[V::Value], L> + DifferentiableCost<L>),
    source: &mut S,
    round: u32,
    out: &mut Digest<L>,
) -> Option<()> {
    let coupling = [Coupling::Independent, Coupling::Tied, Coupling::Antithetic][round as usize % 3];
    let tau = Temperature::new([0.5, 2.0, 0.1, 1e-3, 1e3][round as usize % 5]).ok()?;
    let rate = LearningRate::new(0.1).ok()?;
    let mut tuned = TunedRebar::new(tau, 0.75, coupling, rate).ok()?;
    let mut report = |estimate: Estimate<V>| {
        out.number(estimate.mean);
        out.numbers(&estimate.gradient);
    };
    let mut learned = Vec::<L, 16>::new();
    for _ in 0..2 {
        match round % 4 {
            0 => report(Rebar::new(tau, 0.75).ok()?.coupled(coupling).estimate(variables, cost, source).ok()?),
            1 => report(tuned.estimate(variables, cost, source).ok()?),
            2 => {
                let mut relax = Relax { rebar: tuned.keeping_temperature(), surrogate: Linear::<N, L>::tanh(rate) };
                report(relax.estimate(variables, cost, source).ok()?);
                learned.extend_from_slice(&relax.surrogate.weights()).ok()?;
                tuned = relax.rebar;
            }
            _ => {
                let surrogate = Linear::<N, L>::sigmoid(rate).starting_at(L::ONE, &[spread(source, 2.0)]);
                let mut relax = BlackBox { coupling, surrogate };
                report(relax.estimate(variables, cost, source).ok()?);
                learned.extend_from_slice(&relax.surrogate.weights()).ok()?;
            }
        }
    }
    out.numbers(&[tuned.eta(), tuned.temperature()]);
    out.numbers(&learned);
    Some(())
}

fn tied<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let (l, u) = (spread(source, [1.0, 30.0, 1e4][round as usize % 3]), Uniform::sample(source));
    let v = conditional::noise_of_bit(l, l + u.logit());
    out.numbers(&[v.value(), v.tail(), v.logit()]);
    let x = Categoricals::<N, L>::one(&logits_within(source, round % 4, [1.0, 10.0, 1e4][round as usize % 3])?);
    let u: Vec<Uniform<L>, N> = (0..x.parameters()).map(|_| Uniform::sample(source)).collect();
    let (class, own) = x.perturb(&u);
    let mut v = u;
    conditional::noise_of_class(*class.first()?, x.log_probabilities(), &own.z, &mut v);
    v.iter().for_each(|v| out.number(v.tail()));
    out.numbers(&x.tied(&class, &own.z).jacobian_weight);
    Some(())
}
