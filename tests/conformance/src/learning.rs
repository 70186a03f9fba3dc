//! The score-function estimator and a policy that learns online.

use heapless::Vec;
use samplegrad_core::{
    ActionMask, Categorical, Decay, Features, Head, LearningRate, Logits, Optimizer, Parameters, Reward, Sgd,
    SoftmaxHead, SoftmaxPolicy,
    baseline::{MovingAverage, leave_one_out},
    categorical,
    lane::{Lane, Mask},
    score_function as estimator,
};

use crate::arrays::{CAPACITY, Reader, Writer};

pub(crate) fn score_function<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let p = Categorical::new(&Logits::<CAPACITY, L>::new(&input.floats::<L>()?).ok()?);
    let (classes, rewards, constant) = (input.words::<L>()?, input.floats::<L>()?, input.float::<L>()?);
    output.floats(&estimator::estimate(&p, &classes, &rewards).ok()?)?;
    let mut advantages: Vec<L, CAPACITY> = rewards.iter().map(|&r| r - constant).collect();
    output.floats(&estimator::estimate(&p, &classes, &advantages).ok()?)?;
    if rewards.len() > 1 {
        leave_one_out::advantages(&rewards, &mut advantages).ok()?;
        output.floats(&estimator::estimate(&p, &classes, &advantages).ok()?)?;
        output.floats(&advantages)?;
    } else {
        // One sample has no others.
        output.words(&[])?;
        output.words(&[])?;
    }
    let log_p: Vec<L, CAPACITY> = classes.iter().map(|&class| p.log_prob(class)).collect();
    output.floats(&log_p)
}

/// Online REINFORCE with a moving average; a policy that remembers its scores is made of the parts of the learners of
/// episodes.
pub(crate) fn online_policy<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let w = input.floats::<L>()?;
    match w.len() {
        4 => learn::<2, 2, L>(&w, input, output),
        12 => learn::<4, 3, L>(&w, input, output),
        30 => learn::<3, 10, L>(&w, input, output),
        _ => None,
    }
}

fn learn<const D: usize, const K: usize, L: Lane>(
    w: &[L],
    input: &mut Reader<'_>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    // The golden weights are action-major.
    let start = core::array::from_fn(|d| core::array::from_fn(|k| w.get(k * D + d).copied().unwrap_or(L::ZERO)));
    let mut policy = SoftmaxPolicy::<D, K, L>::from_weights(start, [L::ZERO; K]).ok()?;
    let (x, actions, rewards) = (input.floats::<L>()?, input.words::<L>()?, input.floats::<L>()?);
    let (rate, remembered, decay) = (input.shared()?, input.shared()?, Decay::new(input.shared()?).ok()?);
    let mut trace = Parameters::<D, K, 1, L>::zero();
    let mut average = MovingAverage::starting_at(Reward::new(input.float::<L>()?).ok()?, decay);
    let (mut baselines, mut probabilities) = (Vec::<L, CAPACITY>::new(), Vec::<L, CAPACITY>::new());
    baselines.push(average.get()).ok()?;
    for ((x, &action), &reward) in x.as_chunks::<D>().0.iter().zip(&actions).zip(&rewards) {
        let features = Features::new(*x).ok()?;
        let p = policy.distribution(&features, &ActionMask::all());
        let mut gradient = [L::ZERO; K];
        categorical::score(p.probabilities(), action, reward - average.get(), &mut gradient);
        // The golden policy has no bias.
        if remembered == 0.0 {
            policy.ascend(&features, &gradient, rate);
            policy = SoftmaxPolicy::from_weights(*policy.weights(), [L::ZERO; K]).ok()?;
        } else {
            let mut score = [[L::ZERO; K]];
            SoftmaxHead.score(&p, action, &mut score);
            trace.fade(remembered);
            trace.add_outer(&features, &score);
            trace = Parameters::new(*trace.weights(), [[L::ZERO; K]]).ok()?;
            let (mut parameters, mut step) =
                (Parameters::new([*policy.weights()], [[L::ZERO; K]]).ok()?, Parameters::zero());
            step.add_scaled(reward - average.get(), &trace);
            Sgd::new(LearningRate::new(rate).ok()?).ascend(&mut parameters, &step, L::Mask::splat(true));
            let [weights] = *parameters.weights();
            policy = SoftmaxPolicy::from_weights(weights, [L::ZERO; K]).ok()?;
        }
        average.observe(Reward::new(reward).ok()?);
        baselines.push(average.get()).ok()?;
        probabilities.push(L::gather(p.probabilities(), action)).ok()?;
    }
    let mut end: Vec<L, CAPACITY> = Vec::new();
    for k in 0..K {
        end.extend(policy.weights().iter().filter_map(|row| row.get(k).copied()));
    }
    output.floats(&end)?;
    output.floats(&baselines)?;
    output.floats(&probabilities)
}
