//! Expected output of the example for devices, `core/c/examples/learning.c`: computed in lanes. One of the lanes is the
//! device.

use anyhow::{Context, Result, anyhow};
use samplegrad_core::{
    ActionMask, ActionModel, EntropyBonus, Features, GumbelSoftmax, LearningRate, Logits, Reinforce, Reward,
    Temperature, gumbel_max, inverse_cdf,
    lane::{Lane, Mask, Word},
    noise::{gumbel, normal},
    stream,
};
use samplegrad_host::{F32x8, LaneRng};

type Lanes = F32x8;
type Words = <Lanes as Lane>::Word;
type Masks = <Lanes as Lane>::Mask;

/// The lane of the example's device.
const DEVICE: usize = 5;
const SEED: u64 = 2026;

/// Returns a line with a name and the bits of numbers.
fn line(name: &str, bits: impl IntoIterator<Item = u32>) -> String {
    bits.into_iter().fold(name.to_owned(), |line, bits| line + &format!(" {bits:08x}"))
}

fn floats(name: &str, x: &[Lanes]) -> String {
    line(name, x.iter().map(|x| x.extract(DEVICE).to_bits()))
}

fn of(word: Words) -> u32 {
    word.extract(DEVICE)
}

pub(super) fn lines() -> Result<Vec<String>> {
    let rng = &mut LaneRng::<Lanes>::new(SEED, 0);
    let mut lines = relaxed(rng)?;
    // Codes, quantities and indices, as the header numbers them.
    let refused = [0x0004_0106, 0x0101, 0x0503, 0x0205, 0x0309, 0x040a, 0x080a];
    lines.push(line("refused", refused));
    lines.extend(learner(rng)?);
    lines.push(masked(rng)?);
    lines.push(line("generator", stream::words(&rng.device(DEVICE))));
    Ok(lines)
}

fn relaxed(rng: &mut LaneRng<Lanes>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    lines.push(floats("gumbel", &[(); 4].map(|()| gumbel::sample(rng))));
    lines.push(floats("normal", &[(); 4].map(|()| normal::sample(rng))));
    let logits = [0.5, -1.0, 2.0, f32::NEG_INFINITY, 0.0, 1.5].map(Lanes::splat);
    let logits = Logits::<6, Lanes>::new(&logits)?;
    let by_inverse_cdf = of(inverse_cdf::sample(&logits, rng));
    lines.push(line("drawn", [by_inverse_cdf, of(gumbel_max::sample(&logits, rng))]));
    let y = GumbelSoftmax::sample(&logits, Temperature::new(0.5)?, rng);
    let cotangent: Vec<_> = y.values().iter().map(|&y| Lanes::splat(2.0) * y - 1.0).collect();
    lines.push(floats("relaxed", y.values()));
    lines.push(line("hard", [of(y.hard())]));
    lines.push(floats("gradient", &y.vjp(&cotangent)?));
    Ok(lines)
}

/// Runs a learner whose capacity equals its numbers of features and actions.
fn learner(rng: &mut LaneRng<Lanes>) -> Result<Vec<String>> {
    const STEPS: u32 = 400;
    const LAST: u32 = 50;
    let model = ActionModel::<3, 3, Lanes>::new(LearningRate::new(0.1)?);
    let mut learner = Reinforce::<3, 3, _, Lanes>::new(model, LearningRate::new(0.3)?, EntropyBonus::new(0.01)?);
    let mut right = 0;
    for step in 0..STEPS {
        let best = (step * 7 + step / 5) % 3;
        let seen = Features::new([0, 1, 2].map(|k| if k == best { Lanes::ONE } else { Lanes::ZERO }))?;
        let decision = learner.act(&seen, &ActionMask::all(), rng);
        let pays = decision.action().equals(Words::splat(best));
        learner.learn(&seen, &decision, Reward::new(Lanes::select(pays, Lanes::ONE, Lanes::ZERO))?);
        right += u32::from(step >= STEPS - LAST && of(decision.action()) == best);
    }
    // At least one and a half times the rate of chance, which shows that it has learned.
    (right > LAST / 2).then_some(()).context("the learner of the example learns nothing")?;
    let weights = learner.policy().weights().as_flattened();
    Ok(vec![line("right", [right]), floats("weights", weights), floats("bias", learner.policy().bias())])
}

fn masked(rng: &mut LaneRng<Lanes>) -> Result<String> {
    let model = ActionModel::<20, 5, Lanes>::new(LearningRate::new(0.02)?);
    let mut learner = Reinforce::<20, 5, _, Lanes>::new(model, LearningRate::new(0.05)?, EntropyBonus::NONE);
    let mask = ActionMask::new([false, true, false, true, false].map(Masks::splat))?;
    for _ in 0..20 {
        let x: [Lanes; 20] = [(); 20].map(|()| normal::sample(rng));
        let seen = Features::new(x)?;
        let decision = learner.act(&seen, &mask, rng);
        let first = decision.action().equals(Words::splat(1));
        let reward = Reward::new(Lanes::select(first, x[0], -x[1])).map_err(|error| anyhow!("a reward: {error}"))?;
        learner.learn(&seen, &decision, reward);
    }
    Ok(floats("weights of 20 by 5", learner.policy().weights().as_flattened()))
}
