//! Samplers and a learner in integers.

use samplegrad_core::{
    Decay, LearningRate, Reward,
    integer::{
        self, ByteFeatures, FixedLogits, FixedRate, FixedReward, FixedWeights, IntegerDecision, IntegerPolicy,
        IntegerReinforce, gumbel_max, inverse_cdf,
    },
};

use super::{generator, unknown, used};

/// Calls every operation for `D` features and `K` actions.
pub fn every<const D: usize, const K: usize>() {
    used(integer::exp2::exp2(unknown(7_u32)));
    used(integer::log2::log2(unknown(7_u32)));
    used(gumbel_max::noise(unknown(7_u32)));
    samplers::<K>();
    learner::<D, K>();
}

fn samplers<const K: usize>() {
    let mut rng = generator();
    used(FixedLogits::<K>::from_nats(&unknown([0.5; K])));
    used(FixedLogits::<K>::from_words(unknown([7; K])));
    let Ok(logits) = FixedLogits::<K>::new(unknown([7; K])) else { return };
    used(FixedLogits::as_array(&logits));
    used(FixedLogits::arg_max(&logits));
    used(inverse_cdf::sample(&logits, &mut rng));
    used(gumbel_max::sample(&logits, &mut rng));
    used(gumbel_max::draw(&logits, &unknown([7; K])));
    let weights = FixedWeights::new(&logits);
    used(FixedWeights::as_array(&weights));
    used(FixedWeights::total(&weights));
    used(FixedWeights::draw(&weights, unknown(7)));
    used(FixedWeights::sample(&weights, &mut rng));
    let Ok(decision) = IntegerDecision::new(unknown(0), weights, unknown(7)) else { return };
    used(IntegerDecision::action(&decision));
    used(IntegerDecision::weights(&decision));
    used(IntegerDecision::probabilities(&decision));
}

fn learner<const D: usize, const K: usize>() {
    let mut rng = generator();
    used(ByteFeatures::<D>::from_fn(|_| unknown([7; D])));
    used(ByteFeatures::<D>::from_floats(&unknown([0.5; D])));
    let features = ByteFeatures::<D>::new(unknown([7; D]));
    used(ByteFeatures::as_array(&features));

    used(IntegerPolicy::<D, K>::default());
    used(IntegerPolicy::<D, K>::from_words(unknown([[7; D]; K]), unknown([7; K])));
    let given = IntegerPolicy::<D, K>::from_weights(&unknown([[7; D]; K]), &unknown([7; K]));
    let fresh = IntegerPolicy::new();
    let policy = given.unwrap_or(fresh);
    used(IntegerPolicy::weights(&policy));
    used(IntegerPolicy::bias(&policy));
    used(IntegerPolicy::logits(&policy, &features));

    let (Ok(decay), Ok(rate)) = (Decay::new(unknown(0.9)), LearningRate::new(unknown(0.1))) else { return };
    let (Ok(rate), Ok(other)) = (FixedRate::from_nats(rate), FixedRate::new(unknown(7))) else { return };
    used(FixedRate::get(rate));
    used(FixedReward::<f32>::one_where(unknown(true)));
    used(FixedReward::<f32>::from_word(unknown(7)));
    used(Reward::new(unknown(0.5_f32)).and_then(FixedReward::from_reward));
    let Ok(reward) = FixedReward::<f32>::new(unknown(7)) else { return };
    used(FixedReward::to_word(reward));

    used(IntegerReinforce::<D, K>::new(rate, decay));
    let mut learner = IntegerReinforce::with_policy(policy, reward, rate, decay);
    IntegerReinforce::set_rate(&mut learner, other);
    used(IntegerReinforce::act_with(&learner, &features, unknown(7)));
    let decision = IntegerReinforce::act(&learner, &features, &mut rng);
    IntegerReinforce::learn(&mut learner, &features, &decision, reward);
    used(IntegerReinforce::policy(&learner));
    used(IntegerReinforce::average(&learner));
}
