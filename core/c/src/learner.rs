//! Policies that continue to learn on the device. The caller provides their memory.

use core::mem::MaybeUninit;

use samplegrad_core::{ActionMask, ActionModel, Decision, EntropyBonus, Features, LearningRate, Reinforce, Reward};

use crate::{
    generator::{generator, sgc_generator},
    memory::{change, read, write},
    status::{ended, refuse, refused, sgc_code, sgc_status, sgc_thing},
};

/// Size of `sgc_learner_16x4` in words of eight bytes.
pub const SGC_LEARNER_16X4_WORDS: usize = 100;
/// Size of `sgc_learner_64x16` in words of eight bytes.
pub const SGC_LEARNER_64X16_WORDS: usize = 1100;

/// Memory for a learner of up to 16 features and 4 actions. The learner is a linear-softmax policy that continues to
/// learn by online REINFORCE. The control variate is a linear model that predicts the reward of every action.
/// `sgc_learner_16x4_new` initializes the memory. The memory holds no pointer and may be copied and stored.
#[repr(C)]
pub struct sgc_learner_16x4 {
    /// The learner's state.
    pub memory: [u64; SGC_LEARNER_16X4_WORDS],
}

/// Memory for a learner of up to 64 features and 16 actions. Apart from the size, it is like `sgc_learner_16x4`.
#[repr(C)]
pub struct sgc_learner_64x16 {
    /// The learner's state.
    pub memory: [u64; SGC_LEARNER_64X16_WORDS],
}

/// The settings of a learner.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sgc_settings {
    /// The number of features, at least one.
    pub features: u32,
    /// The number of actions, at least one.
    pub actions: u32,
    /// The learning rate of the policy, above 0 and at most 1000.
    pub rate: f32,
    /// The learning rate of the model of rewards, above 0 and at most 1000.
    pub model_rate: f32,
    /// The weight of the entropy in the objective, from 0 to 1000.
    pub entropy_bonus: f32,
}

/// The content of the memory. Unused features are zero, and unused actions are masked. They do not change any sum.
#[repr(C)]
struct Learner<const D: usize, const K: usize> {
    mark: u32,
    features: u32,
    actions: u32,
    waiting: bool,
    seen: MaybeUninit<Features<D>>,
    decision: MaybeUninit<Decision<K>>,
    learner: Reinforce<D, K, ActionModel<D, K>>,
}

const _: () = {
    assert!(size_of::<Learner<16, 4>>() <= size_of::<sgc_learner_16x4>());
    assert!(size_of::<Learner<64, 16>>() <= size_of::<sgc_learner_64x16>());
    assert!(align_of::<Learner<64, 16>>() <= align_of::<sgc_learner_64x16>());
};

impl<const D: usize, const K: usize> Learner<D, K> {
    /// The first word of an initialized learner of this capacity. Memory that is not initialized, for example zeroed
    /// memory, has a different first word.
    const MARK: u32 = 0x5EED_0000 | (D as u32) << 8 | K as u32;

    unsafe fn make(memory: *mut Self, settings: sgc_settings) -> Result<(), sgc_status> {
        let within = |count: u32, most: usize, thing| match count as usize {
            0 => Err(refuse(sgc_code::Empty, thing, 0)),
            count if count > most => Err(refuse(sgc_code::Capacity, thing, 0)),
            _ => Ok(count),
        };
        let features = within(settings.features, D, sgc_thing::Features)?;
        let actions = within(settings.actions, K, sgc_thing::Actions)?;
        let rate = LearningRate::new(settings.rate).map_err(refused(sgc_thing::Rate))?;
        let model = LearningRate::new(settings.model_rate).map_err(refused(sgc_thing::ModelRate))?;
        let bonus = EntropyBonus::new(settings.entropy_bonus).map_err(refused(sgc_thing::EntropyBonus))?;
        // SAFETY: the caller promises that the memory is valid. This function only
        // writes to it, so it need not hold a learner yet.
        let place = unsafe { change(memory.cast::<MaybeUninit<Self>>(), sgc_thing::Learner) }?;
        place.write(Self {
            mark: Self::MARK,
            features,
            actions,
            waiting: false,
            seen: MaybeUninit::uninit(),
            decision: MaybeUninit::uninit(),
            learner: Reinforce::new(ActionModel::new(model), rate, bonus),
        });
        Ok(())
    }

    /// Returns the learner in the caller's memory.
    unsafe fn of<'a>(memory: *mut Self) -> Result<&'a mut Self, sgc_status> {
        // SAFETY: the caller promises that the memory is valid; the first word may have any value.
        let mark = unsafe { change(memory.cast::<u32>(), sgc_thing::Learner) }?;
        if *mark != Self::MARK {
            return Err(refuse(sgc_code::NotMade, sgc_thing::Learner, 0));
        }
        // SAFETY: the caller promises that the memory is valid. The mark shows that the learner was initialized.
        unsafe { change(memory, sgc_thing::Learner) }
    }

    unsafe fn act(
        memory: *mut Self,
        source: *mut sgc_generator,
        features: *const f32,
        allowed: u32,
        drawn: *mut u32,
    ) -> Result<(), sgc_status> {
        // SAFETY: the caller promises that every pointer is valid.
        let learner = unsafe { Self::of(memory) }?;
        // SAFETY: the caller promises that every pointer is valid.
        let given = unsafe { read(features, learner.features as usize, sgc_thing::Features) }?;
        let mut padded = [0.0; D];
        padded.iter_mut().zip(given).for_each(|(to, &from)| *to = from);
        let seen = Features::new(padded).map_err(refused(sgc_thing::Features))?;
        let mut possible = [false; K];
        for (k, possible) in (0..learner.actions).zip(&mut possible) {
            *possible = allowed >> (k & 31) & 1 == 1;
        }
        let mask = ActionMask::new(possible).map_err(refused(sgc_thing::Actions))?;
        // SAFETY: the caller promises that every pointer is valid.
        let (drawn, source) = unsafe { (change(drawn, sgc_thing::Output)?, generator(source)?) };
        let decision = learner.learner.act(&seen, &mask, source);
        *drawn = decision.action();
        learner.seen.write(seen);
        learner.decision.write(decision);
        learner.waiting = true;
        Ok(())
    }

    unsafe fn learn(memory: *mut Self, reward: f32) -> Result<(), sgc_status> {
        // SAFETY: the caller promises that every pointer is valid.
        let learner = unsafe { Self::of(memory) }?;
        let reward = Reward::new(reward).map_err(refused(sgc_thing::Reward))?;
        if !learner.waiting {
            return Err(refuse(sgc_code::Order, sgc_thing::Reward, 0));
        }
        learner.waiting = false;
        // SAFETY: `seen` and `decision` were written before `waiting` was set.
        let (seen, decision) = unsafe { (learner.seen.assume_init_ref(), learner.decision.assume_init_ref()) };
        learner.learner.learn(seen, decision, reward);
        Ok(())
    }

    unsafe fn policy(memory: *mut Self, weights: *mut f32, bias: *mut f32) -> Result<(), sgc_status> {
        // SAFETY: the caller promises that every pointer is valid.
        let learner = unsafe { Self::of(memory) }?;
        let (features, actions) = (learner.features as usize, learner.actions as usize);
        // SAFETY: the caller promises that every pointer is valid.
        let weights = unsafe { write(weights, features * actions, &[]) }?;
        // SAFETY: the caller promises that every pointer is valid.
        let bias = unsafe { write(bias, actions, &[weights]) }?;
        let policy = learner.learner.policy();
        let rows = policy.weights().iter().take(features);
        let kept = rows.flat_map(|row| row.iter().take(actions));
        weights.iter_mut().zip(kept).for_each(|(to, &from)| *to = from);
        bias.iter_mut().zip(policy.bias()).for_each(|(to, &from)| *to = from);
        Ok(())
    }
}

/// Creates an untrained learner in the caller's memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_16x4_new(learner: *mut sgc_learner_16x4, settings: sgc_settings) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<16, 4>::make(learner.cast(), settings) })
}

/// Draws an action. `features` contains one number per feature of the learner. Each number is at most 1e6 in magnitude.
/// Bit `a` of `allowed` is 1 if action `a` is possible; 0xFFFFFFFF allows all actions.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_16x4_act(
    learner: *mut sgc_learner_16x4,
    generator: *mut sgc_generator,
    features: *const f32,
    allowed: u32,
    action: *mut u32,
) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<16, 4>::act(learner.cast(), generator, features, allowed, action) })
}

/// Learns from the reward of the last drawn action. The reward must be from -1e6 to 1e6.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_16x4_learn(learner: *mut sgc_learner_16x4, reward: f32) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<16, 4>::learn(learner.cast(), reward) })
}

/// Writes the learned policy. The weights are stored feature-major: `weights[feature * actions + action]`. There is one
/// bias per action.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_16x4_policy(
    learner: *mut sgc_learner_16x4,
    weights: *mut f32,
    bias: *mut f32,
) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<16, 4>::policy(learner.cast(), weights, bias) })
}

/// Does the same as `sgc_learner_16x4_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_64x16_new(learner: *mut sgc_learner_64x16, settings: sgc_settings) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<64, 16>::make(learner.cast(), settings) })
}

/// Does the same as `sgc_learner_16x4_act`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_64x16_act(
    learner: *mut sgc_learner_64x16,
    generator: *mut sgc_generator,
    features: *const f32,
    allowed: u32,
    action: *mut u32,
) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<64, 16>::act(learner.cast(), generator, features, allowed, action) })
}

/// Does the same as `sgc_learner_16x4_learn`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_64x16_learn(learner: *mut sgc_learner_64x16, reward: f32) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<64, 16>::learn(learner.cast(), reward) })
}

/// Does the same as `sgc_learner_16x4_policy`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_learner_64x16_policy(
    learner: *mut sgc_learner_64x16,
    weights: *mut f32,
    bias: *mut f32,
) -> sgc_status {
    // SAFETY: the caller promises that every pointer is valid.
    ended(unsafe { Learner::<64, 16>::policy(learner.cast(), weights, bias) })
}
