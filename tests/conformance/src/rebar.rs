//! REBAR, and what it is made of.

use heapless::Vec;
use samplegrad_core::{
    Bernoullis, Categoricals, Rebar, Temperature, conditional,
    cost::{Cost, DifferentiableCost},
    lane::{Lane, Word},
    noise::{Uniform, gumbel},
    reduce,
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

/// The same cost of one class.
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

fn uniforms<L: Lane>(input: &mut Reader<'_>) -> Option<Vec<Uniform<L>, N>> {
    input.floats::<L>()?.into_iter().map(|u| Uniform::new(u).ok()).collect()
}

pub(crate) fn binary<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits: Vec<L, N> = input.floats_up_to()?;
    let variables = Bernoullis::<N, L>::new(&logits).ok()?;
    let (u, v) = (uniforms::<L>(input)?, uniforms::<L>(input)?);
    let (c, t, w) = (input.floats_up_to()?, input.floats_up_to()?, input.float::<L>()?);
    let rebar = Rebar::new(Temperature::new(input.shared()?).ok()?, input.shared()?).ok()?;
    let mut cost = Polynomial { table: logits.iter().map(|_| L::ZERO).collect(), c, t, w };

    let z: Vec<L, N> = logits.iter().zip(&u).map(|(&l, u)| l + u.logit()).collect();
    let one = |z: &L| L::ZERO.lt(*z);
    let number = |b: L::Mask| L::select(b, L::ONE, L::ZERO);
    let given: Vec<(L, L), N> =
        z.iter().zip(&logits).zip(&v).map(|((z, &l), &v)| conditional::bit(one(z), l, v)).collect();
    let score: Vec<L, N> = variables.score(&z.iter().map(|z| number(one(z))).collect::<Vec<L, N>>());
    output.floats(&z)?;
    output.floats(&given.iter().map(|given| given.0).collect::<Vec<L, N>>())?;
    output.floats(&given.iter().map(|given| given.1).collect::<Vec<L, N>>())?;
    output.words(&z.iter().map(|z| number(one(z)).to_word()).collect::<Vec<L::Word, N>>())?;
    output.floats(&score)?;
    output.floats(&rebar.of_bits(&variables, &u, &v, &mut cost).ok()?.gradient)
}

pub(crate) fn categorical<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits: Vec<L, N> = input.floats_up_to()?;
    let variable = Categoricals::<N, L>::new(&[logits.len()], &logits).ok()?;
    let (u, v) = (uniforms::<L>(input)?, uniforms::<L>(input)?);
    let (table, c, t) = (input.floats_up_to()?, input.floats_up_to()?, input.floats_up_to()?);
    let rebar = Rebar::new(Temperature::new(input.shared()?).ok()?, input.shared()?).ok()?;
    let perturbed: Vec<L, N> = logits.iter().zip(&u).map(|(&l, &u)| l + gumbel::quantile(u)).collect();
    let class = reduce::arg_max(&perturbed).0;
    let mut cost = OfClass(Polynomial { table, c, t, w: L::ZERO });

    let (mut z, mut follows) = (logits.clone(), logits.clone());
    conditional::class(class, variable.log_probabilities(), &v, &mut z, &mut follows);
    output.words(&[class])?;
    output.floats(&z)?;
    output.floats(&rebar.of_classes(&variable, &u, &v, &mut cost).ok()?.gradient)
}
