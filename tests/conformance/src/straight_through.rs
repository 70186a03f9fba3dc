//! Gumbel-Rao.

use heapless::Vec;
use samplegrad_core::{Categoricals, Temperature, gumbel_rao, lane::Lane, noise::Uniform};

use crate::arrays::{CAPACITY, Reader, Writer};

const N: usize = 16;

pub(crate) fn gumbel_rao<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits: Vec<L, N> = input.floats_up_to()?;
    let variable = Categoricals::<N, L>::new(&[logits.len()], &logits).ok()?;
    let v: Vec<L, { 4 * CAPACITY }> = input.floats_up_to()?;
    let tau = Temperature::new(input.shared()?).ok()?;
    let (cotangent, class) = (input.floats::<L>()?, input.words::<L>()?);

    let mut y: Vec<L, N> = logits.iter().map(|_| L::ZERO).collect();
    let (mut gradient, mut first) = (y.clone(), None);
    for v in v.chunks(logits.len()) {
        let v: Option<Vec<Uniform<L>, N>> = v.iter().map(|&v| Uniform::new(v).ok()).collect();
        let (point, one) = gumbel_rao::one_draw(&variable, &class, tau, &v?, &cotangent);
        y.iter_mut().zip(&point).for_each(|(sum, &y)| *sum = *sum + y);
        gradient.iter_mut().zip(&one).for_each(|(sum, &g)| *sum = *sum + g);
        first.get_or_insert(one);
    }
    let recip = logits.len() as f32 / v.len() as f32;
    let mean = |sum: &Vec<L, N>| -> Vec<L, N> { sum.iter().map(|&sum| sum * recip).collect() };
    output.floats(&mean(&y))?;
    output.floats(&mean(&gradient))?;
    output.floats(&first?)
}
