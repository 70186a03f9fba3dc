//! Networks: a step along a trace, and bounded actions.

use heapless::Vec;
use samplegrad_core::{
    BetaHead, Block, Dense, Features, GaussianHead, Head, Hidden, LearningRate, Network, ObGd, Overshoot,
    SquashedGaussianHead,
    lane::{Lane, Mask, Word},
};

use crate::arrays::{Array, Reader, Writer};

const D: usize = 3;
const M: usize = 4;
const K: usize = 2;

type Small<L> = Hidden<Dense<D, M, 1, L>, Dense<M, K, 1, L>>;

/// Reads the numbers of a block, in their order.
fn block<L: Lane>(array: &Array<'_>) -> Option<Small<L>> {
    let (mut block, mut index, mut whole) = (Small::ZERO, 0, true);
    block.each(|x| {
        match array.float(index) {
            Some(number) => *x = number,
            None => whole = false,
        }
        index += 1;
    });
    (whole && index == array.len()).then_some(block)
}

/// Writes the numbers of a block as one array.
fn write<L: Lane>(block: &Small<L>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut numbers = Vec::<L, { D * M + M + M * K + K }>::new();
    block.fold(Some(()), |whole, &x| whole.and_then(|()| numbers.push(x).ok()))?;
    output.floats(&numbers)
}

pub(crate) fn step<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (mut network, features, cotangent) = (block::<L>(&input.array()?)?, input.array()?, input.array()?);
    let (mut trace, error) = (block::<L>(&input.array()?)?, input.float()?);
    let row = |array: &Array<'_>, k| array.float(k).unwrap_or(L::ZERO);
    let features = Features::new(core::array::from_fn::<L, D, _>(|d| row(&features, d))).ok()?;
    let cotangent = [core::array::from_fn::<L, K, _>(|k| row(&cotangent, k))];
    let (outputs, tape) = network.forward(&features);
    output.floats(outputs.as_flattened())?;
    output.floats(&network.input_vjp(&features, &tape, (&cotangent, |_| true)))?;
    network.add_vjp(&features, &tape, (&cotangent, |_| true), 0.75, &mut trace);
    write(&trace, output)?;
    let obgd = ObGd::new(LearningRate::new(1.0).ok()?, Overshoot::new(2.0).ok()?);
    obgd.step(&mut network, &mut trace, error);
    write(&network, output)
}

pub(crate) fn bounded<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let head = input.array()?.word::<L>(0)?;
    let (outputs, action) = (input.array()?, input.float::<L>()?);
    let outputs = [[outputs.float(0)?], [outputs.float(1)?]];
    if head.equals(L::Word::splat(0)).all() {
        let squashed = SquashedGaussianHead::new(GaussianHead::new(-5.0, 2.0).ok()?);
        write_head(&squashed, &outputs, action, output)
    } else {
        write_head(&BetaHead, &outputs, action, output)
    }
}

fn write_head<P, L>(head: &P, outputs: &[[L; 1]; 2], action: L, output: &mut Writer<'_, L::Word>) -> Option<()>
where
    P: Head<1, 2, L, Action = [L; 1], Constraint = ()>,
    L: Lane,
{
    let distribution = head.distribution(outputs, &());
    let (mut score, mut gradient) = ([[L::ZERO]; 2], [[L::ZERO]; 2]);
    head.score(&distribution, [action], &mut score);
    head.entropy_gradient(&distribution, &mut gradient);
    output.floats(score.as_flattened())?;
    output.floats(gradient.as_flattened())
}
