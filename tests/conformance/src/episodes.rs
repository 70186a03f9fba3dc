//! What learners of episodes are made of: eligibility traces and discounted returns.

use heapless::Vec;
use samplegrad_core::{
    Discount, Features, LearningRate, Optimizer, Parameters, Sgd, discounted_returns,
    lane::{Lane, Mask, Word},
};

use crate::arrays::{CAPACITY, Reader, Writer};

/// Steps of the longest golden episode.
const STEPS: usize = 200;

fn not_zero<L: Lane>(word: L::Word) -> L::Mask {
    word.equals(L::Word::splat(0)).not()
}

pub(crate) fn trace<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (scores, rewards) = (input.floats::<L>()?, input.floats::<L>()?);
    match scores.len().checked_div(rewards.len())? {
        2 => learn::<2, L>(&scores, &rewards, input, output),
        3 => learn::<3, L>(&scores, &rewards, input, output),
        4 => learn::<4, L>(&scores, &rewards, input, output),
        _ => None,
    }
}

/// Parameters that are biases alone: scores come as they are, without features.
fn learn<const K: usize, L: Lane>(
    scores: &[L],
    rewards: &[L],
    input: &mut Reader<'_>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let (baselines, resets) = (input.floats::<L>()?, input.words::<L>()?);
    let (decay, rate) = (input.shared()?, LearningRate::new(input.shared()?).ok()?);
    let start: [L; K] = *input.floats::<L>()?.first_chunk()?;
    let mut parameters = Parameters::<0, K, 1, L>::new([[]], [start]).ok()?;
    let (mut trace, mut sum, nothing) = (Parameters::zero(), Parameters::zero(), Features::new([]).ok()?);
    let mut traces: Vec<L, CAPACITY> = Vec::new();
    let steps = scores.as_chunks::<K>().0.iter().zip(rewards).zip(&baselines).zip(&resets);
    for (((score, &reward), &baseline), &reset) in steps {
        trace.forget(not_zero::<L>(reset));
        trace.fade(decay);
        trace.add_outer(&nothing, &[*score]);
        let mut step = Parameters::zero();
        step.add_scaled(reward - baseline, &trace);
        sum.add_scaled(L::ONE, &step);
        Sgd::new(rate).ascend(&mut parameters, &step, L::Mask::splat(true));
        traces.extend_from_slice(trace.bias().as_flattened()).ok()?;
    }
    output.floats(&traces)?;
    output.floats(parameters.bias().as_flattened())?;
    output.floats(sum.bias().as_flattened())
}

pub(crate) fn returns<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let rewards = input.floats_up_to::<L, STEPS>()?;
    let ended: Vec<L::Mask, STEPS> = input.words_up_to::<L, STEPS>()?.iter().map(|&word| not_zero::<L>(word)).collect();
    let (discount, after) = (Discount::new(input.shared()?).ok()?, input.float::<L>()?);
    let mut returns = rewards.clone();
    discounted_returns::returns(&rewards, &ended, discount, after, &mut returns).ok()?;
    output.floats(&returns)
}
