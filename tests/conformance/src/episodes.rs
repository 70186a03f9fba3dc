//! Parts of learners of episodes: eligibility traces and discounted returns.

use heapless::Vec;
use samplegrad_core::{
    Block, Dense, Discount, Features, LearningRate, Optimizer, Sgd, discounted_returns,
    lane::{Lane, Mask, Word},
};

use crate::arrays::{Reader, Writer};

/// Number of steps in the longest golden episode.
const STEPS: usize = 200;

fn not_zero<L: Lane>(word: L::Word) -> L::Mask {
    word.equals(L::Word::splat(0)).not()
}

/// Largest number of parameters of a trace.
const PARAMETERS: usize = 8;

/// Computes a trace of up to `PARAMETERS` parameters. Parameters that a case does not have are zero. All parameters are
/// biases, because the case gives the scores directly, without features.
pub(crate) fn trace<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (scores, rewards, baselines, resets) = (input.array()?, input.array()?, input.array()?, input.array()?);
    let (decay, rate) = (input.shared()?, LearningRate::new(input.shared()?).ok()?);
    let start = input.array()?;
    let size = start.len();
    input.at_most("parameters", PARAMETERS, size)?;
    if scores.len() != size * rewards.len() {
        return None;
    }
    let start = core::array::from_fn(|k| start.float(k).unwrap_or(L::ZERO));
    let mut parameters = Dense::<0, PARAMETERS, 1, L>::new([[]], [start]).ok()?;
    let (mut trace, mut sum, nothing) = (Dense::zero(), Dense::zero(), Features::new([]).ok()?);
    let traces = output.reserve(scores.len())?;
    for t in 0..rewards.len() {
        let of = |k: usize| if k < size { scores.float(t * size + k) } else { None };
        let score: [L; PARAMETERS] = core::array::from_fn(|k| of(k).unwrap_or(L::ZERO));
        trace.forget(not_zero::<L>(resets.word::<L>(t)?));
        trace.fade(decay);
        trace.add_outer(&nothing, &[score]);
        let mut step = Dense::zero();
        step.add_scaled(rewards.float::<L>(t)? - baselines.float::<L>(t)?, &trace);
        sum.add_scaled(L::ONE, &step);
        Sgd::new(rate).ascend(&mut parameters, &step, L::Mask::splat(true));
        for (k, &e) in trace.bias().as_flattened().iter().enumerate().take(size) {
            output.set(traces + t * size + k, e)?;
        }
    }
    output.floats(parameters.bias().as_flattened().get(..size)?)?;
    output.floats(sum.bias().as_flattened().get(..size)?)
}

pub(crate) fn returns<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let rewards = input.floats_up_to::<L, STEPS>()?;
    let ended: Vec<L::Mask, STEPS> = input.words_up_to::<L, STEPS>()?.iter().map(|&word| not_zero::<L>(word)).collect();
    let (discount, after) = (Discount::new(input.shared()?).ok()?, input.float::<L>()?);
    let mut returns = rewards.clone();
    discounted_returns::returns(&rewards, &ended, discount, after, &mut returns).ok()?;
    output.floats(&returns)
}
