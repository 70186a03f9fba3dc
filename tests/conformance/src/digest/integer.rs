//! Samplers and a learner in integers.

use samplegrad_core::{
    Decay, Source,
    integer::{
        ByteFeatures, FixedLogits, FixedRate, FixedReward, FixedWeights, IntegerDecision, IntegerPolicy,
        IntegerReinforce, gumbel_max, inverse_cdf,
    },
    lane::{Lane, Mask, Word},
};

use super::{Digest, Operation, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 2] {
    [("integer samples", samples), ("integer learner", learner)]
}

/// Draws logits. In one round of eight, every class but the first is masked.
fn logits<const K: usize, L: Lane, S: Source<L>>(source: &mut S, round: u32) -> Option<FixedLogits<K, L>> {
    let scale = [1.0, 10.0, 100.0, 1e4][round as usize % 4];
    let mut class = 0;
    let values = [L::ZERO; K].map(|_| {
        class += 1;
        let masked = source.next_word().shr(29).equals(L::Word::splat(0)).and(L::Mask::splat(class > 1));
        L::select(masked, L::NEG_INFINITY, spread(source, scale))
    });
    FixedLogits::from_nats(&values).ok()
}

fn samples_of<const K: usize, L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits::<K, L, S>(source, round)?;
    l.as_array().iter().for_each(|&l| out.word(l));
    out.word(l.arg_max());
    out.word(inverse_cdf::sample(&l, source));
    out.word(gumbel_max::sample(&l, source));
    let weights = FixedWeights::new(&l);
    let decision = IntegerDecision::new(weights.sample(source), weights, source.next_word()).ok()?;
    decision.weights().as_array().iter().chain(&decision.probabilities()).for_each(|&p| out.word(p));
    Some(())
}

fn samples<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    match round % 3 {
        0 => samples_of::<1, L, S>(source, round, out),
        1 => samples_of::<3, L, S>(source, round, out),
        _ => samples_of::<8, L, S>(source, round, out),
    }
}

/// Digests a few steps of a policy whose weights may be at the end of their range.
fn learner<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    const D: usize = 9;
    const K: usize = 3;
    let down = [10, 14, 20][round as usize % 3];
    let mut weight = || {
        let w = source.next_word().shr_signed(down);
        L::Word::select(w.equals(L::Word::splat((-1 << 21) as u32)), L::Word::splat(0), w)
    };
    let weights = [[L::Word::splat(0); D]; K].map(|row| row.map(|_| weight()));
    let bias = [L::Word::splat(0); K].map(|_| weight());
    let policy = IntegerPolicy::from_words(weights, bias).ok()?;
    let rate = FixedRate::new([1 << 12, 1 << 15, 16 << 16][round as usize / 3 % 3]).ok()?;
    let decay = Decay::new([0.9, 0.99][round as usize % 2]).ok()?;
    let average = FixedReward::from_word(source.next_word().shr_signed(14)).ok()?;
    let mut learner = IntegerReinforce::<D, K, L>::with_policy(policy, average, rate, decay);
    for _ in 0..3 {
        let x = [L::ZERO; D].map(|_| spread::<L, S>(source, 1.0));
        let features = ByteFeatures::from_floats(&x).ok()?;
        let decision = learner.act(&features, source);
        out.word(decision.action());
        learner.learn(&features, &decision, FixedReward::from_word(source.next_word().shr_signed(10)).ok()?);
    }
    out.word(learner.average());
    learner.policy().weights().iter().flatten().chain(learner.policy().bias()).for_each(|&w| out.word(w));
    Some(())
}
