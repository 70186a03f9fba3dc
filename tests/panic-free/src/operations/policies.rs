//! Policies that learn.

use samplegrad_core::{
    ActionMask, ActionModel, Constant, Decay, Decision, EntropyBonus, Features, LearningRate, LinearCritic,
    MovingAverage, Reinforce, Reward, SoftmaxPolicy,
    baseline::{Baseline, ControlVariate, Step},
};

use super::{generator, unknown, used};

/// Calls every operation for `D` features and `K` actions.
pub fn every<const D: usize, const K: usize>() {
    policy::<D, K>();
    let (Ok(reward), Ok(decay)) = (Reward::new(unknown(0.5)), Decay::new(unknown(0.9))) else { return };
    let Ok(rate) = LearningRate::new(unknown(0.1)) else { return };
    learner::<D, K, _>(Constant::new(reward));

    let mut average = MovingAverage::new(decay);
    MovingAverage::observe(&mut average, reward);
    used(MovingAverage::get(&average));
    learner::<D, K, _>(average);
    learner::<D, K, _>(MovingAverage::starting_at(reward, decay));

    let critic = LinearCritic::<D>::new(rate);
    used(LinearCritic::weights(&critic));
    used(LinearCritic::predict(&critic, &features()));
    learner::<D, K, _>(critic);

    let model = ActionModel::<D, K>::new(rate);
    used(ActionModel::weights(&model));
    used(ActionModel::predict(&model, &features()));
    learner::<D, K, _>(model);
}

fn features<const D: usize>() -> Features<D> {
    let bytes = Features::from_fixed_point(&unknown([7; D]), unknown(4));
    let checked = Features::new(unknown([0.5; D])).unwrap_or(bytes);
    used(Features::as_array(&checked));
    checked
}

fn mask<const K: usize>() -> ActionMask<K> {
    ActionMask::new(unknown([true; K])).unwrap_or(ActionMask::all())
}

fn policy<const D: usize, const K: usize>() {
    let (features, mask) = (features(), mask());
    used(SoftmaxPolicy::<D, K>::default());
    let given = SoftmaxPolicy::from_weights(unknown([[0.0_f32; K]; D]), unknown([0.0; K]));
    let mut policy = given.unwrap_or(SoftmaxPolicy::new());
    SoftmaxPolicy::ascend(&mut policy, &features, &unknown([0.1; K]), unknown(0.5));
    used(SoftmaxPolicy::weights(&policy));
    used(SoftmaxPolicy::bias(&policy));
    used(SoftmaxPolicy::logits(&policy, &features));
    used(SoftmaxPolicy::distribution(&policy, &features, &mask));
}

fn learner<const D: usize, const K: usize, C: ControlVariate<D, K> + Clone>(mut control_variate: C) {
    let (features, mask, mut rng) = (features(), mask(), generator());
    let (Ok(rate), Ok(bonus)) = (LearningRate::new(unknown(0.1)), EntropyBonus::new(unknown(0.1))) else { return };
    let Ok(reward) = Reward::new(unknown(1.0)) else { return };
    used(Reinforce::<D, K, C>::new(control_variate.clone(), rate, bonus).policy());

    let mut learner = Reinforce::with_policy(SoftmaxPolicy::new(), control_variate.clone(), rate, bonus);
    let decision = Reinforce::act(&learner, &features, &mask, &mut rng);
    used(Decision::action(&decision));
    let (action, distribution) = (unknown(0), Decision::distribution(&decision).clone());
    let mut gradient = [0.0; K];
    let step = Step { features: &features, policy: &distribution, action };
    Baseline::centre(&mut control_variate, &step, unknown(1.0), &mut gradient);
    used(gradient);
    if let Ok(chosen) = Decision::new(action, distribution) {
        Reinforce::learn(&mut learner, &features, &chosen, reward);
    }
    Reinforce::set_rate(&mut learner, rate);
    Reinforce::set_entropy_bonus(&mut learner, bonus);
    Reinforce::learn(&mut learner, &features, &decision, reward);
    used(Reinforce::policy(&learner));
    used(Reinforce::control_variate(&learner));
}
