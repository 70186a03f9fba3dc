//! REBAR, RELAX and their parts.

use heapless::Vec;
use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, Rebar, Temperature,
    cost::{Cost, DifferentiableCost},
    coupling::Coupling,
    lane::{Lane, Word},
    noise::Uniform,
    perturbed::{Perturbation, Perturbed},
    reduce,
    relax::BlackBox,
    softmax,
    surrogate::{Influence, Linear, Surrogate},
    variables::Variables,
};

use crate::arrays::{Reader, Writer};

const N: usize = 16;

/// `f(x) = Σ table_i x_i + Σ c_i (x_i − t_i)² + w ∏ x_i`, each sum from first to last.
struct Polynomial<L: Lane> {
    table: Vec<L, N>,
    c: Vec<L, N>,
    t: Vec<L, N>,
    w: L,
}

impl<L: Lane> DifferentiableCost<L> for Polynomial<L> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        let mut value = L::ZERO;
        for (i, &y_i) in y.iter().enumerate() {
            let at = |x: &[L]| x.get(i).copied().unwrap_or(L::ZERO);
            let difference = y_i - at(&self.t);
            value = value + (at(&self.table) * y_i + at(&self.c) * (difference * difference));
            let others = y.iter().enumerate().filter(|&(j, _)| j != i).fold(L::ONE, |product, (_, &y)| product * y);
            if let Some(g) = gradient.get_mut(i) {
                *g = at(&self.table) + at(&self.c) * (difference + difference) + self.w * others;
            }
        }
        value + self.w * y.iter().fold(L::ONE, |product, &y| product * y)
    }
}

/// Polynomial cost of one class: `x` is its one-hot vector.
struct OfClass<L: Lane>(Polynomial<L>);

impl<L: Lane> DifferentiableCost<L> for OfClass<L> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        self.0.value_and_gradient(y, gradient)
    }
}

impl<L: Lane> Cost<[L::Word], L> for OfClass<L> {
    fn value(&mut self, x: &[L::Word]) -> L {
        let class = x.first().copied().unwrap_or(L::Word::splat(0));
        let hot = |k: usize| L::select(class.equals(L::Word::splat(k as u32)), L::ONE, L::ZERO);
        let y: Vec<L, N> = (0..self.0.table.len()).map(hot).collect();
        self.0.value_and_gradient(&y, &mut [])
    }
}

impl<L: Lane> Cost<[L], L> for Polynomial<L> {
    fn value(&mut self, x: &[L]) -> L {
        self.value_and_gradient(x, &mut [])
    }
}

/// Surrogate `r(z) = r_0 + Σ r_i ψ(z_i)` of the core. The core's perturbed logits are shifted to the suite's perturbed
/// logits before the evaluation.
struct Moved<L: Lane> {
    linear: Linear<N, L>,
    by: L,
}

impl<L: Lane> Surrogate<L> for Moved<L> {
    fn value_and_gradient(&self, z: &[L], gradient: &mut [L]) -> L {
        let z: Vec<L, N> = z.iter().map(|&z| z + self.by).collect();
        self.linear.value_and_gradient(&z, gradient)
    }
    fn learn(&mut self, _: &[Influence<'_, L>]) {}
}

fn uniforms<L: Lane>(input: &mut Reader<'_>) -> Option<Vec<Uniform<L>, N>> {
    input.floats::<L>()?.into_iter().map(|u| Uniform::new(u).ok()).collect()
}

/// Reads the linear surrogate of a case.
fn surrogate<L: Lane>(input: &mut Reader<'_>, new: fn(LearningRate) -> Linear<N, L>) -> Option<Linear<N, L>> {
    let (r, bias): (Vec<L, N>, L) = (input.floats_up_to()?, input.float()?);
    Some(new(LearningRate::new(0.01).ok()?).starting_at(bias, &r))
}

pub(crate) fn binary<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits: Vec<L, N> = input.floats_up_to()?;
    let variables = Bernoullis::<N, L>::new(&logits).ok()?;
    let (u, v) = (uniforms::<L>(input)?, uniforms::<L>(input)?);
    let (c, t, w) = (input.floats_up_to()?, input.floats_up_to()?, input.float::<L>()?);
    let (tau, eta) = (Temperature::new(input.shared()?).ok()?, input.shared()?);
    let surrogate = surrogate(input, Linear::tanh)?;
    let mut cost = Polynomial { table: logits.iter().map(|_| L::ZERO).collect(), c, t, w };

    let (x, own) = variables.perturb(&u);
    let given = variables.given(&x, &v);
    let score = variables.score(&x);
    output.floats(&own.z)?;
    output.floats(&given.z)?;
    output.floats(&given.jacobian_weight)?;
    output.words(&x.iter().map(|x| x.to_word()).collect::<Vec<L::Word, N>>())?;
    output.floats(&score)?;

    let hard = Cost::value(&mut cost, x.as_slice());
    let plain: Vec<L, N> = score.iter().map(|&s| hard * s).collect();
    let (relaxed, at_own) = path(&variables, &own, tau, &mut cost)?;
    let (control, at_given) = path(&variables, &given, tau, &mut cost)?;
    output.floats(&[hard])?;
    output.floats(&[relaxed])?;
    output.floats(&[control])?;
    output.floats(&score.iter().map(|&s| (hard - control * eta) * s).collect::<Vec<L, N>>())?;
    output.floats(&at_own)?;
    output.floats(&at_given)?;
    output.floats(&plain)?;
    let rebar = Rebar::new(tau, eta).ok()?;
    output.floats(&rebar.with_noise(&variables, &u, &v, &mut cost).ok()?.gradient)?;
    let mut relax = BlackBox { coupling: Coupling::Independent, surrogate };
    output.floats(&relax.with_noise(&variables, &u, &v, &mut cost).ok()?.gradient)
}

/// Returns the value of the cost at a relaxed sample, and its gradient in the logits.
fn path<L: Lane, V: Perturbed<Lane = L>>(
    variables: &V,
    at: &Perturbation<V::Numbers>,
    tau: Temperature,
    cost: &mut impl DifferentiableCost<L>,
) -> Option<(L, V::Numbers)> {
    let recip = L::splat(tau.recip());
    let y = variables.relax(&at.z, recip);
    let mut slopes = y.clone();
    let value = cost.value_and_gradient(&y, &mut slopes);
    let by_z = variables.pullback_relaxed(&at.z, &y, &slopes, recip);
    Some((value, variables.pullback(&at.jacobian_weight, &by_z)))
}

pub(crate) fn categorical<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits: Vec<L, N> = input.floats_up_to()?;
    let variable = Categoricals::<N, L>::new(&[logits.len()], &logits).ok()?;
    let (u, v) = (uniforms::<L>(input)?, uniforms::<L>(input)?);
    let (table, c, t) = (input.floats_up_to()?, input.floats_up_to()?, input.floats_up_to()?);
    let (tau, eta) = (Temperature::new(input.shared()?).ok()?, input.shared()?);
    let linear = surrogate(input, Linear::sigmoid)?;
    let mut cost = OfClass(Polynomial { table, c, t, w: L::ZERO });

    // The suite perturbs the logits themselves; the core perturbs `ln p`, which is smaller by the log-sum-exp.
    let lse = softmax::log_sum_exp(&logits);
    let moved = |z: &[L]| z.iter().map(|&z| z + lse).collect::<Vec<L, N>>();
    let (x, own) = variable.perturb(&u);
    let given = variable.given(&x, &v);
    let score = variable.score(&x);
    let recip = L::splat(tau.recip());
    output.floats(&[lse])?;
    output.words(&x)?;
    output.floats(&moved(&own.z))?;
    output.floats(&given.z)?;
    output.floats(&moved(&given.z))?;
    let mut jacobian: Vec<L, { N * N }> = Vec::new();
    for k in 0..logits.len() {
        let hot: Vec<L, N> = (0..logits.len()).map(|j| if j == k { L::ONE } else { L::ZERO }).collect();
        jacobian.extend_from_slice(&variable.pullback(&given.jacobian_weight, &hot)).ok()?;
    }
    output.floats(&jacobian)?;
    output.floats(&variable.relax(&own.z, recip))?;
    output.floats(&variable.relax(&given.z, recip))?;
    output.floats(&score)?;

    let hard = Cost::value(&mut cost, x.as_slice());
    let (relaxed, at_own) = path(&variable, &own, tau, &mut cost)?;
    let (control, at_given) = path(&variable, &given, tau, &mut cost)?;
    output.floats(&[hard])?;
    output.floats(&[relaxed])?;
    output.floats(&[control])?;
    output.floats(&at_own)?;
    output.floats(&at_given)?;
    output.floats(&score.iter().map(|&s| hard * s).collect::<Vec<L, N>>())?;
    let rebar = Rebar::new(tau, eta).ok()?;
    output.floats(&rebar.with_noise(&variable, &u, &v, &mut cost).ok()?.gradient)?;

    // The shift of the suite's surrogate depends on the logits too. Its gradient is `p_j` times the sum of the slopes
    // at z minus the sum of the slopes at z̃.
    let surrogate = Moved { linear, by: lse };
    let (mut slopes, mut slopes_given) = (own.z.clone(), given.z.clone());
    surrogate.value_and_gradient(&own.z, &mut slopes);
    surrogate.value_and_gradient(&given.z, &mut slopes_given);
    let excess = reduce::sum(&slopes) - reduce::sum(&slopes_given);
    let mut relax = BlackBox { coupling: Coupling::Independent, surrogate };
    let gradient = relax.with_noise(&variable, &u, &v, &mut cost).ok()?.gradient;
    let moved = gradient.iter().zip(variable.flat_probabilities()).map(|(&g, &p)| g + p * excess);
    output.floats(&moved.collect::<Vec<L, N>>())
}
