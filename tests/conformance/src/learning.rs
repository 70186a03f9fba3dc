//! The score-function estimator and a policy that learns online.

use heapless::Vec;
use samplegrad_core::{
    ActionMask, Block, Categorical, Decay, Dense, Features, Head, LearningRate, Logits, MovingAverage, Optimizer,
    Reward, Sgd, SoftmaxHead, SoftmaxPolicy, categorical,
    lane::{Lane, Mask},
    leave_one_out, reduce, score_function as estimator,
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
        // A single sample has no others to average.
        output.words(&[])?;
        output.words(&[])?;
    }
    let log_p: Vec<L, CAPACITY> = classes.iter().map(|&class| p.log_prob(class)).collect();
    output.floats(&log_p)?;
    if rewards.len() == 1 {
        output.words(&[])?;
        return output.words(&[]);
    }
    let samples = rewards.len() as f32;
    let surrogate = reduce::dot(&advantages, &log_p) / samples;
    let mean = reduce::sum(&rewards) / samples;
    // A wrong estimate, for contrast: each sample's own reward is in the mean.
    advantages.iter_mut().zip(&rewards).for_each(|(advantage, &r)| *advantage = r - mean);
    output.floats(&estimator::estimate(&p, &classes, &advantages).ok()?)?;
    output.float(surrogate)
}

/// Largest numbers of features and of actions of an online policy.
const FEATURES: usize = 8;
const ACTIONS: usize = 10;

/// Runs online REINFORCE with a moving average, for a policy of any size up to the largest. Features that a case does
/// not have are zero, and actions that it does not have are masked. If the case has a trace of scores, the policy is
/// built from the parts of the learners of episodes.
pub(crate) fn online_policy<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (w, x, actions, rewards) = (input.array()?, input.array()?, input.array()?, input.array()?);
    let features = x.len().checked_div(actions.len())?;
    let classes = w.len().checked_div(features)?;
    input.at_most("features", FEATURES, features)?;
    input.at_most("actions", ACTIONS, classes)?;
    if w.len() != features * classes || x.len() != features * actions.len() || rewards.len() != actions.len() {
        return None;
    }
    // The golden weights are stored by action, then by feature.
    let weight = |d: usize, k: usize| if d < features && k < classes { w.float(k * features + d) } else { None };
    let start = core::array::from_fn(|d| core::array::from_fn(|k| weight(d, k).unwrap_or(L::ZERO)));
    let mut policy = SoftmaxPolicy::<FEATURES, ACTIONS, L>::from_weights(start, [L::ZERO; ACTIONS]).ok()?;
    let mask = ActionMask::new(core::array::from_fn(|k| L::Mask::splat(k < classes))).ok()?;
    let (rate, remembered, decay) = (input.shared()?, input.shared()?, Decay::new(input.shared()?).ok()?);
    let mut trace = Dense::<FEATURES, ACTIONS, 1, L>::zero();
    let mut average = MovingAverage::starting_at(Reward::new(input.float::<L>()?).ok()?, decay);
    let (end, baselines) = (output.reserve(w.len())?, output.reserve(actions.len() + 1)?);
    let probabilities = output.reserve(actions.len())?;
    output.set(baselines, average.get())?;
    for t in 0..actions.len() {
        let of = |d: usize| if d < features { x.float(t * features + d) } else { None };
        let features = Features::new(core::array::from_fn(|d| of(d).unwrap_or(L::ZERO))).ok()?;
        let (action, reward) = (actions.word::<L>(t)?, rewards.float::<L>(t)?);
        let p = policy.distribution(&features, &mask);
        let mut gradient = [L::ZERO; ACTIONS];
        categorical::score(p.probabilities(), action, reward - average.get(), &mut gradient);
        // The golden policy has no bias.
        if remembered == 0.0 {
            policy.ascend(&features, &gradient, rate);
            policy = SoftmaxPolicy::from_weights(*policy.weights(), [L::ZERO; ACTIONS]).ok()?;
        } else {
            let mut score = [[L::ZERO; ACTIONS]];
            SoftmaxHead.score(&p, action, &mut score);
            trace.fade(remembered);
            trace.add_outer(&features, &score);
            trace = Dense::new(*trace.weights(), [[L::ZERO; ACTIONS]]).ok()?;
            let (mut parameters, mut step) =
                (Dense::new([*policy.weights()], [[L::ZERO; ACTIONS]]).ok()?, Dense::zero());
            step.add_scaled(reward - average.get(), &trace);
            Sgd::new(LearningRate::new(rate).ok()?).ascend(&mut parameters, &step, L::Mask::splat(true));
            let [weights] = *parameters.weights();
            policy = SoftmaxPolicy::from_weights(weights, [L::ZERO; ACTIONS]).ok()?;
        }
        average.observe(Reward::new(reward).ok()?);
        output.set(baselines + t + 1, average.get())?;
        output.set(probabilities + t, L::gather(p.probabilities(), action))?;
    }
    for (d, row) in policy.weights().iter().enumerate().take(features) {
        for (k, &w) in row.iter().enumerate().take(classes) {
            output.set(end + k * features + d, w)?;
        }
    }
    Some(())
}
