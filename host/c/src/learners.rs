//! Policies that learn from one reward at a time.

use std::sync::Mutex;

use samplegrad_core::{Decay, EntropyBonus, LearningRate};
use samplegrad_learners::{Baseline, Error, Learners, MOST_ACTIONS, MOST_FEATURES, Settings};

use crate::{
    handle::{borrow, give, lock, take},
    memory::{Memory, sg_bytes, sg_floats, sg_floats_out, sg_words_out},
    status::{Failure, guarded, sg_status},
};

/// The most features of a learner.
pub const SG_MOST_FEATURES: usize = 64;
/// The most actions of a learner.
pub const SG_MOST_ACTIONS: usize = 16;
const _: () = assert!(SG_MOST_FEATURES == MOST_FEATURES && SG_MOST_ACTIONS == MOST_ACTIONS);

/// The baseline with which a learner compares rewards.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_baseline {
    /// A moving average of the rewards; its parameter is the decay, the weight of past rewards, from 0 to 1.
    MovingAverage = 0,
    /// A linear model that predicts the reward of every action. It is a control variate whose mean is added back. Its
    /// parameter is the model's learning rate.
    ActionModel = 1,
}

/// The settings of learners.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_learner_settings {
    /// The number of features of each learner, 1 to SG_MOST_FEATURES.
    pub features: usize,
    /// The number of actions of each learner, 1 to SG_MOST_ACTIONS.
    pub actions: usize,
    /// The learning rate, above 0 and at most 1000.
    pub rate: f32,
    /// The weight of the entropy in the objective, from 0 to 1000.
    pub entropy_bonus: f32,
    /// An `sg_baseline`.
    pub baseline: u32,
    /// The baseline's parameter.
    pub baseline_parameter: f32,
}

/// Learners, each with its own weights and random numbers: linear-softmax policies that learn online by REINFORCE, one
/// step per reward. Each learner has the bits of the device with the same number.
///
/// Learners may be used by one thread at a time. A second thread gets SG_STATUS_BUSY.
pub struct sg_learners(Mutex<Learners>);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Host(error) => return error.into(),
            Error::Empty { .. } => sg_status::Empty,
            Error::Capacity { .. } => sg_status::TooLarge,
            Error::NothingWaits => sg_status::Order,
            // Other errors, and future ones.
            _ => sg_status::Value,
        };
        Self::new(status, error.to_string())
    }
}

/// Creates `count` untrained learners. Learner `i` draws from stream number `first + i` of the seed. Free them with
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
        give(out, || Ok(sg_learners(Mutex::new(Learners::new(checked(settings)?, count, seed, first)?))))
    })
}

fn checked(settings: sg_learner_settings) -> Result<Settings, Failure> {
    let parameter = settings.baseline_parameter;
    let baseline = match settings.baseline {
        number if number == sg_baseline::MovingAverage as u32 => Baseline::MovingAverage(Decay::new(parameter)?),
        number if number == sg_baseline::ActionModel as u32 => Baseline::ActionModel(LearningRate::new(parameter)?),
        number => return Err(Failure::new(sg_status::Kind, format!("baseline: there is no kind {number}"))),
    };
    Ok(Settings {
        features: settings.features,
        actions: settings.actions,
        rate: LearningRate::new(settings.rate)?,
        entropy_bonus: EntropyBonus::new(settings.entropy_bonus)?,
        baseline,
    })
}

/// Draws an action for every learner.
///
/// `features` has one row per learner. Each feature is at most 1e6 in magnitude. `allowed` has a byte for every action
/// of every learner, 0 for an impossible action; with length 0 all actions are possible. `drawn` has room for one
/// action per learner.
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
        Ok(lock(&learners.0, "learners")?.act(features, allowed, drawn)?)
    })
}

/// Learns from the rewards of the actions drawn last, one per learner, from -1e6 to 1e6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_learn(learners: *mut sg_learners, rewards: sg_floats) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let rewards = Memory::default().read(rewards, "rewards")?;
        let learners = borrow(learners, "learners")?;
        Ok(lock(&learners.0, "learners")?.learn(rewards)?)
    })
}

/// Writes the parameters of a learner: the weights, feature-major, `weights[feature * actions + action]`, and one bias
/// per action. The logit of an action is its bias plus the features times its weights.
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
        Ok(lock(&learners.0, "learners")?.policy(number, weights, bias)?)
    })
}

/// Frees learners; does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_learners_free(learners: *mut sg_learners) {
    // SAFETY: the caller's promises.
    unsafe { take(learners) }
}
