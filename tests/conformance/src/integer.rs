//! The integer path: every result must be equal to the golden one.

use heapless::Vec;
use samplegrad_core::{
    Decay, Source,
    integer::{
        self, ByteFeatures, FixedLogits, FixedRate, FixedReward, FixedWeights, IntegerDecision, IntegerPolicy,
        IntegerReinforce, gumbel_max as gumbel,
    },
    lane::{Lane, Word},
};

use crate::arrays::{CAPACITY, Reader, Writer};

pub(crate) fn exp2<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut words = input.words::<L>()?;
    words.iter_mut().for_each(|word| *word = integer::exp2(*word));
    output.words(&words)
}

pub(crate) fn log2<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut words = input.words::<L>()?;
    words.iter_mut().for_each(|word| *word = integer::log2(*word));
    output.words(&words)
}

pub(crate) fn sample<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.words::<L>()?;
    match logits.len() {
        2 => sample_of::<2, L>(&logits, input, output),
        10 => sample_of::<10, L>(&logits, input, output),
        _ => None,
    }
}

fn sample_of<const K: usize, L: Lane>(
    logits: &[L::Word],
    input: &mut Reader<'_>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let logits = FixedLogits::<K, L>::from_words(logits.try_into().ok()?).ok()?;
    let weights = FixedWeights::new(&logits);
    let classes: Vec<L::Word, CAPACITY> = input.words::<L>()?.iter().map(|&r| weights.draw(r)).collect();
    output.words(weights.as_array())?;
    output.words(&[weights.total()])?;
    output.words(&classes)?;
    let decision = IntegerDecision::new(*classes.first()?, weights, L::Word::splat(0)).ok()?;
    output.words(&decision.probabilities())
}

pub(crate) fn gumbel_max<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.words::<L>()?;
    match logits.len() {
        2 => gumbel_max_of::<2, L>(&logits, input, output),
        10 => gumbel_max_of::<10, L>(&logits, input, output),
        _ => None,
    }
}

fn gumbel_max_of<const K: usize, L: Lane>(
    logits: &[L::Word],
    input: &mut Reader<'_>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let logits = FixedLogits::<K, L>::from_words(logits.try_into().ok()?).ok()?;
    let words: [L::Word; K] = input.words::<L>()?.as_slice().try_into().ok()?;
    output.words(&words.map(gumbel::noise))?;
    output.words(&[gumbel::draw(&logits, &words)])
}

/// An array of one word.
fn one<L: Lane>(input: &mut Reader<'_>) -> Option<L::Word> {
    input.words::<L>()?.first().copied()
}

/// Rate and decay, the same in every lane.
fn steering(input: &mut Reader<'_>) -> Option<(FixedRate, Decay)> {
    Some((FixedRate::new(one::<f32>(input)?).ok()?, Decay::new(input.shared()?).ok()?))
}

/// One step of a policy of 9 features and 3 actions.
pub(crate) fn learn<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let weights = input.words::<L>()?;
    let bias = input.words::<L>()?.as_slice().try_into().ok()?;
    let policy = IntegerPolicy::<9, 3, L>::from_words(weights.as_chunks::<9>().0.try_into().ok()?, bias).ok()?;
    let x = input.words::<L>()?;
    let features =
        ByteFeatures::<9, L>::from_fn(|lane| core::array::from_fn(|d| x.get(d).map_or(0, |x| x.extract(lane) as i8)));
    let r = one::<L>(input)?;
    let reward = FixedReward::from_word(one::<L>(input)?).ok()?;
    let average = FixedReward::from_word(one::<L>(input)?).ok()?;
    let (rate, decay) = steering(input)?;
    let mut learner = IntegerReinforce::with_policy(policy, average, rate, decay);
    let decision = learner.act_with(&features, r);
    output.words(learner.policy().logits(&features).as_array())?;
    output.words(&[decision.action()])?;
    learner.learn(&features, &decision, reward);
    put_policy(&learner, output)
}

fn put_policy<const D: usize, const K: usize, L: Lane>(
    learner: &IntegerReinforce<D, K, L>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let weights: Vec<L::Word, CAPACITY> = learner.policy().weights().iter().flatten().copied().collect();
    output.words(&weights)?;
    output.words(learner.policy().bias())?;
    output.words(&[learner.average()])
}

/// G. Marsaglia's xorshift of 128 bits, a state a lane.
struct XorShift<W>([W; 4]);

impl<L: Lane> Source<L> for XorShift<L::Word> {
    fn next_word(&mut self) -> L::Word {
        let [x, y, z, w] = self.0;
        let t = x.xor(x.shl(11));
        let next = w.xor(w.shr(19)).xor(t).xor(t.shr(8));
        self.0 = [y, z, w, next];
        next
    }
}

/// A run from nothing: a word is three features and the action that is rewarded, the next draws.
pub(crate) fn run<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut source = XorShift(input.words::<L>()?.as_slice().try_into().ok()?);
    let steps = one::<f32>(input)?;
    let (rate, decay) = steering(input)?;
    let mut learner = IntegerReinforce::<3, 4, L>::new(rate, decay);
    let mut hash = L::Word::splat(0x811c_9dc5);
    for _ in 0..steps {
        let seen = Source::<L>::next_word(&mut source);
        let features = ByteFeatures::from_fn(|lane| {
            let [a, b, c, _] = seen.extract(lane).to_le_bytes();
            [a as i8, b as i8, c as i8]
        });
        let decision = learner.act(&features, &mut source);
        let rewarded = decision.action().equals(seen.shr(30));
        learner.learn(&features, &decision, FixedReward::one_where(rewarded));
        hash = hash.xor(decision.action()).wrapping_mul(L::Word::splat(0x0100_0193));
    }
    put_policy(&learner, output)?;
    output.words(&[hash])
}
