//! Policies that learn from one reward at a time.

mod fleet;

use std::sync::Mutex;

use samplegrad_core::{
    Decay, EntropyBonus, LearningRate,
    baseline::{ActionModel, MovingAverage},
};
use samplegrad_host::Error;

use crate::{
    handle::{borrow, give, lock, take},
    memory::{Memory, sg_bytes, sg_floats, sg_floats_out, sg_words_out},
    status::{Failure, guarded, sg_status},
};
use fleet::{Fleet, Padded, Shape};

/// The most features that a learner sees.
pub const SG_MOST_FEATURES: usize = 64;
/// The most actions that it has.
pub const SG_MOST_ACTIONS: usize = 16;

/// What a learner compares rewards with.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_baseline {
    /// A moving average of the rewards; its parameter is the share of the past that it keeps, from 0 to 1.
    MovingAverage = 0,
    /// A linear model of the reward of every action, as a control variate whose mean is added back; its parameter is the
    /// model's learning rate.
    ActionModel = 1,
}

/// What learners are made of.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_learner_settings {
    /// Features that each sees, 1 to SG_MOST_FEATURES.
    pub features: usize,
    /// Actions that each chooses from, 1 to SG_MOST_ACTIONS.
    pub actions: usize,
    /// The length of the steps, above 0 and at most 1000.
    pub rate: f32,
    /// The weight of the entropy in the objective, from 0 to 1000.
    pub entropy_bonus: f32,
    /// An `sg_baseline`.
    pub baseline: u32,
    /// The baseline's parameter.
    pub baseline_parameter: f32,
}

/// Learners, each with weights and random numbers of its own: linear-softmax policies that go on learning by online REINFORCE,
/// a step per reward, as the device of their number does.
///
/// One thread at a time: another gets SG_STATUS_BUSY.
pub struct sg_learners {
    shape: Shape,
    fleet: Mutex<Box<dyn Fleet>>,
}

/// Makes `count` learners that know nothing. Learner `i` draws from stream number `first + i` of the seed. Free them by
/// `sg_learners_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_new(
    settings: sg_learner_settings,
    count: usize,
    seed: u64,
    first: u64,
    out: *mut *mut sg_learners,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        give(out, || {
            let sg_learner_settings { features, actions, .. } = settings;
            let shape = Shape { count, features, actions };
            Ok(sg_learners { shape, fleet: Mutex::new(fleet(settings, shape, (seed, first))?) })
        })
    })
}

/// Of the smallest capacity that has room.
fn fleet(settings: sg_learner_settings, shape: Shape, streams: (u64, u64)) -> Result<Box<dyn Fleet>, Failure> {
    let within = |what, found: usize, most: usize| match found {
        0 => Err(Failure::new(sg_status::Empty, format!("{what}: there are none, at least one is needed"))),
        _ if found > most => Err(Failure::new(sg_status::TooLarge, format!("{what}: {found}, at most {most}"))),
        _ => Ok(()),
    };
    within("learners", shape.count, isize::MAX as usize / (SG_MOST_FEATURES * 4))?;
    within("features", shape.features, SG_MOST_FEATURES)?;
    within("actions", shape.actions, SG_MOST_ACTIONS)?;
    match (shape.features, shape.actions) {
        (..=4, ..=4) => of_capacity::<4, 4>(settings, shape, streams),
        (..=16, ..=4) => of_capacity::<16, 4>(settings, shape, streams),
        (_, ..=4) => of_capacity::<SG_MOST_FEATURES, 4>(settings, shape, streams),
        (..=4, _) => of_capacity::<4, SG_MOST_ACTIONS>(settings, shape, streams),
        (..=16, _) => of_capacity::<16, SG_MOST_ACTIONS>(settings, shape, streams),
        _ => of_capacity::<SG_MOST_FEATURES, SG_MOST_ACTIONS>(settings, shape, streams),
    }
}

fn of_capacity<const D: usize, const K: usize>(
    settings: sg_learner_settings,
    shape: Shape,
    streams: (u64, u64),
) -> Result<Box<dyn Fleet>, Failure> {
    let parameter = settings.baseline_parameter;
    let steps = (LearningRate::new(settings.rate)?, EntropyBonus::new(settings.entropy_bonus)?);
    match settings.baseline {
        number if number == sg_baseline::MovingAverage as u32 => {
            let decay = Decay::new(parameter)?;
            Ok(Box::new(Padded::<D, K, _>::new(shape, streams, steps, || MovingAverage::new(decay))?))
        }
        number if number == sg_baseline::ActionModel as u32 => {
            let rate = LearningRate::new(parameter)?;
            Ok(Box::new(Padded::<D, K, _>::new(shape, streams, steps, || ActionModel::new(rate))?))
        }
        number => Err(Failure::new(sg_status::Kind, format!("baseline: there is no kind {number}"))),
    }
}

/// Draws an action of every learner.
///
/// `features` has a row per learner, at most 1e6 in magnitude. `allowed` has a byte for every action of every learner, 0 where
/// it is impossible; with length 0 all are possible. `drawn` has room for one action per learner.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_act(
    learners: *mut sg_learners,
    features: sg_floats,
    allowed: sg_bytes,
    drawn: sg_words_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let features = memory.read(features, "features")?;
        let allowed = if allowed.length == 0 { &[] } else { memory.read(allowed, "allowed actions")? };
        let drawn = memory.write(drawn, "drawn actions")?;
        let learners = borrow(learners, "learners")?;
        Ok(lock(&learners.fleet, "learners")?.act(features, allowed, drawn)?)
    })
}

/// Learns from the rewards of the actions that were drawn last, one per learner, from -1e6 to 1e6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_learn(learners: *mut sg_learners, rewards: sg_floats) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let rewards = Memory::default().read(rewards, "rewards")?;
        let learners = borrow(learners, "learners")?;
        let mut fleet = lock(&learners.fleet, "learners")?;
        if !fleet.waits() {
            let message = "rewards: no actions wait for them, draw some first";
            return Err(Failure::new(sg_status::Order, message));
        }
        Ok(fleet.learn(rewards)?)
    })
}

/// Writes what a learner has learned: the weights, feature-major, `weights[feature * actions + action]`, and a bias per
/// action. An action's logit is its bias plus the features times its weights.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_policy(
    learners: *mut sg_learners,
    number: usize,
    weights: sg_floats_out,
    bias: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (weights, bias) = (memory.write(weights, "weights")?, memory.write(bias, "bias")?);
        let learners = borrow(learners, "learners")?;
        let Shape { count, features, actions } = learners.shape;
        if number >= count {
            let message = format!("learner: number {number}, there are {count}");
            return Err(Failure::new(sg_status::Value, message));
        }
        for (what, expected, found) in [("weights", features * actions, weights.len()), ("bias", actions, bias.len())] {
            if found != expected {
                return Err(Error::Length { what, expected, found }.into());
            }
        }
        lock(&learners.fleet, "learners")?.policy(number, weights, bias);
        Ok(())
    })
}

/// Frees learners; nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_free(learners: *mut sg_learners) {
    // SAFETY: the caller's promises.
    unsafe { take(learners) }
}
