//! Learners to bytes and back, through `serde` and `postcard`.

use samplegrad_core::{
    Adam, AverageReturn, CategoricalPolicy, Decay, EntropyBonus, EpisodicReinforce, LearningRate, MovingAverage,
    Reinforce, SoftmaxHead, Steering,
    integer::{FixedRate, IntegerReinforce},
};
use samplegrad_snapshot::{Kind, bits_of, decode, decode_into, encode, encoded_len};
use serde::{Serialize, de::DeserializeOwned};

use super::{unknown, used};

pub fn every() {
    let (Ok(rate), Ok(decay)) = (LearningRate::new(unknown(0.1)), Decay::new(unknown(0.9))) else { return };
    stored(Reinforce::<4, 3, _>::new(MovingAverage::<f32>::new(decay), rate, EntropyBonus::NONE));
    stored(EpisodicReinforce::new(
        CategoricalPolicy::<4, 2>::new(SoftmaxHead),
        Adam::new(rate),
        AverageReturn::new(decay),
        Steering::default(),
    ));
    if let Ok(rate) = FixedRate::new(unknown(1 << 14)) {
        stored(IntegerReinforce::<4, 3>::new(rate, decay));
    }
}

fn stored<T: Serialize + DeserializeOwned>(mut learner: T) {
    let (kind, mut buffer) = (Kind::new("a learner", &[4]), [0; 512]);
    used(encoded_len(unknown(&learner)));
    used(encode(kind, unknown(&learner), unknown(&mut buffer[..])).is_ok());
    used(decode::<T>(kind, unknown(&buffer[..])).is_ok());
    used(bits_of(unknown(&buffer[..])).is_ok());
    used(decode_into(kind, unknown(&buffer[..]), &mut learner).is_ok());
    used(learner);
}
