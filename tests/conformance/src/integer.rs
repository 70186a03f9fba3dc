//! The integer path: every result must equal the golden one.

use heapless::Vec;
use samplegrad_core::{
    Decay, Source,
    integer::{
        self, ByteFeatures, FixedLogits, FixedRate, FixedReward, FixedWeights, IntegerDecision, IntegerPolicy,
        IntegerReinforce, gumbel_max as gumbel,
    },
    lane::{Lane, Word},
};

use crate::arrays::{Array, CAPACITY, Reader, Writer};

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

/// Largest number of classes of a sampler. The scale of a sampler's weights depends on the number of classes, so each
/// number of classes has a separate type.
const CLASSES: usize = 10;

/// Calls a function whose constant parameter is the number of classes, from 1 to a limit.
macro_rules! of_classes {
    ($found:expr, $function:ident::<$lane:ty> $arguments:tt: $($k:literal)*) => {
        match $found {
            $($k => $function::<$k, $lane> $arguments,)*
            _ => None,
        }
    };
}

pub(crate) fn sample<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let logits = input.words::<L>()?;
    input.at_most("classes", CLASSES, logits.len())?;
    of_classes!(logits.len(), sample_of::<L>(&logits, input, output): 1 2 3 4 5 6 7 8 9 10)
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
    input.at_most("classes", CLASSES, logits.len())?;
    of_classes!(logits.len(), gumbel_max_of::<L>(&logits, input, output): 1 2 3 4 5 6 7 8 9 10)
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

/// Reads an array of one word.
fn one<L: Lane>(input: &mut Reader<'_>) -> Option<L::Word> {
    input.words::<L>()?.first().copied()
}

/// Reads the rate and the decay, which all lanes share.
fn steering(input: &mut Reader<'_>) -> Option<(FixedRate, Decay)> {
    Some((FixedRate::new(one::<f32>(input)?).ok()?, Decay::new(input.shared()?).ok()?))
}

/// Largest numbers of features and actions of a policy that makes one step.
const FEATURES: usize = 9;
const ACTIONS: usize = 8;

/// Runs one step of a policy. Features that a case does not have are zero.
pub(crate) fn learn<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let (weights, bias) = (input.array()?, input.array()?);
    input.at_most("actions", ACTIONS, bias.len())?;
    of_classes!(bias.len(), learn_of::<L>(weights, bias, input, output): 1 2 3 4 5 6 7 8)
}

fn learn_of<const K: usize, L: Lane>(
    weights: Array<'_>,
    bias: Array<'_>,
    input: &mut Reader<'_>,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let x = input.array()?;
    let count = x.len();
    input.at_most("features", FEATURES, count)?;
    if weights.len() != count * K {
        return None;
    }
    let of = |k: usize, d: usize| if d < count { weights.word::<L>(k * count + d) } else { None };
    let word = |word: Option<L::Word>| word.unwrap_or(L::Word::splat(0));
    let policy = IntegerPolicy::<FEATURES, K, L>::from_words(
        core::array::from_fn(|k| core::array::from_fn(|d| word(of(k, d)))),
        core::array::from_fn(|k| word(bias.word::<L>(k))),
    );
    let byte = |lane, d| x.word::<L>(d).map_or(0, |x| x.extract(lane) as i8);
    let features = ByteFeatures::<FEATURES, L>::from_fn(|lane| core::array::from_fn(|d| byte(lane, d)));
    let r = one::<L>(input)?;
    let reward = FixedReward::from_word(one::<L>(input)?).ok()?;
    let average = FixedReward::from_word(one::<L>(input)?).ok()?;
    let (rate, decay) = steering(input)?;
    let mut learner = IntegerReinforce::with_policy(policy.ok()?, average, rate, decay);
    let decision = learner.act_with(&features, r);
    output.words(learner.policy().logits(&features).as_array())?;
    output.words(&[decision.action()])?;
    learner.learn(&features, &decision, reward);
    put_policy(&learner, count, output)
}

/// Writes the weights of the first `features` features, the biases and the average.
fn put_policy<const D: usize, const K: usize, L: Lane>(
    learner: &IntegerReinforce<D, K, L>,
    features: usize,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let rows = learner.policy().weights().iter();
    let weights: Vec<L::Word, CAPACITY> = rows.flat_map(|row| row.iter().take(features)).copied().collect();
    output.words(&weights)?;
    output.words(learner.policy().bias())?;
    output.words(&[learner.average()])
}

/// G. Marsaglia's 128-bit xorshift generator, one state per lane.
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

/// Runs a learner from zero weights. In each step, one word gives the three features and the rewarded action, and the
/// next word draws the action.
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
    put_policy(&learner, 3, output)?;
    output.words(&[hash])
}
