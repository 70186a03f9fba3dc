//! Kernels in floating point.

use core::hint::black_box;

use samplegrad_core::{
    ActionMask, AliasTable, Categorical, Cdf, Decay, EntropyBonus, Error, ExponentialRace, Features, GumbelSoftmax,
    LearningRate, Logits, MovingAverage, Reinforce, Reward, Temperature, gumbel_max, gumbel_softmax, inverse_cdf,
    lane::Lane, softmax, stream,
};

use crate::measure::{kernel, spread};

const K: usize = 10;
const D: usize = 64;

pub(crate) fn kernels() -> Result<(), Error> {
    let mut rng = black_box(stream::xorshift(2026, 0));
    let logits = black_box(Logits::<K>::new(&spread::<K>(0.77))?);

    let cdf = black_box(Cdf::new(&logits));
    kernel("known weights: Cdf::sample", || {
        let class: u32 = black_box(&cdf).sample::<f32, _>(&mut rng);
        black_box(class);
    });
    let alias = black_box(AliasTable::new(&logits));
    kernel("known weights: AliasTable::sample", || {
        let class: u32 = black_box(&alias).sample::<f32, _>(&mut rng);
        black_box(class);
    });
    let race = black_box(ExponentialRace::new(&logits));
    kernel("known weights: ExponentialRace::sample", || {
        black_box(black_box(&race).sample(&mut rng));
    });
    kernel("fresh logits: inverse_cdf::sample", || {
        black_box(inverse_cdf::sample(black_box(&logits), &mut rng));
    });
    kernel("fresh logits: gumbel_max::sample", || {
        black_box(gumbel_max::sample(black_box(&logits), &mut rng));
    });
    let (whole, mut p) = (spread::<K>(0.44), [0.0; K]);
    kernel("softmax::softmax", || {
        let logits: &[f32; K] = black_box(&whole);
        softmax::softmax(logits, &mut p);
        black_box(&p);
    });
    kernel("Categorical::new", || {
        black_box(Categorical::new(black_box(&logits)));
    });

    let tau = black_box(Temperature::new(0.5)?);
    kernel("GumbelSoftmax::sample", || {
        black_box(GumbelSoftmax::sample(black_box(&logits), tau, &mut rng));
    });
    let y = black_box(GumbelSoftmax::sample(&logits, tau, &mut rng));
    let cotangent = spread::<K>(0.31);

    kernel("gumbel_softmax::vjp", || {
        let (y, cotangent): (&[f32; K], &[f32; K]) = black_box((&p, &cotangent));
        let mut gradient = [0.0; K];
        gumbel_softmax::vjp(y, cotangent, tau, &mut gradient);
        black_box(&gradient);
    });
    kernel("GumbelSoftmax::vjp", || {
        let _ = black_box(black_box(&y).vjp(black_box(&cotangent)));
    });

    let average = MovingAverage::new(Decay::new(0.99)?);
    let mut learner = Reinforce::<D, K, _>::new(average, LearningRate::new(0.1)?, EntropyBonus::new(0.01)?);
    let (features, mask) = (black_box(Features::new(spread::<D>(0.57))?), ActionMask::all());
    let reward = Reward::new(black_box(1.0))?;
    kernel("policy logits", || {
        black_box(black_box(&learner).policy().logits(black_box(&features)));
    });
    kernel("REINFORCE: act", || {
        black_box(black_box(&learner).act(black_box(&features), &mask, &mut rng));
    });
    kernel("REINFORCE: act, learn", || {
        let learner = black_box(&mut learner);
        let decision = learner.act(black_box(&features), &mask, &mut rng);
        learner.learn(black_box(&features), &decision, black_box(reward));
    });
    kernel("Lane::sqrt", || {
        black_box(Lane::sqrt(black_box(0.5_f32)));
    });
    Ok(())
}
