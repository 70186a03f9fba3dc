//! Kernels of the integer path.

use core::hint::black_box;

use samplegrad_core::{
    Decay, Error, Source,
    integer::{ByteFeatures, FixedLogits, FixedRate, FixedReward, IntegerReinforce, gumbel_max, inverse_cdf},
    stream,
};

use crate::measure::kernel;

const K: usize = 10;
const D: usize = 64;

pub(crate) fn kernels() -> Result<(), Error> {
    let mut rng = black_box(stream::xorshift(2026, 1));
    let mut word = || Source::<f32>::next_word(&mut rng);
    let logits = black_box(FixedLogits::<K>::new([(); K].map(|()| word() as i32 >> 12))?);
    let features = black_box(ByteFeatures::<D>::new([(); D].map(|()| (word() >> 24) as i8)));
    let rate = FixedRate::new(black_box(1 << 14))?;
    let mut learner = IntegerReinforce::<D, K>::new(rate, Decay::new(0.99)?);

    kernel("integer: inverse_cdf::sample", || {
        black_box(inverse_cdf::sample(black_box(&logits), &mut rng));
    });
    kernel("integer: gumbel_max::sample", || {
        black_box(gumbel_max::sample(black_box(&logits), &mut rng));
    });
    kernel("integer: policy logits", || {
        black_box(black_box(&learner).policy().logits(black_box(&features)));
    });
    kernel("integer: REINFORCE: act, learn", || {
        let learner = black_box(&mut learner);
        let decision = learner.act(black_box(&features), &mut rng);
        let right = decision.action() == black_box(3);
        learner.learn(black_box(&features), &decision, FixedReward::one_where(right));
    });
    Ok(())
}
