//! A whole learning run, action by action: online REINFORCE on the real digits, compared with a run of another program
//! in double precision.
//!
//! Lane 0 has the file's seed and is compared with the file. Every other lane has its own seed and is compared with its
//! scalar run, bit for bit.

use samplegrad_core::{
    ActionMask, Decay, Decision, EntropyBonus, Features, LearningRate, MovingAverage, Reinforce, Reward, Source,
    lane::{Lane, Word},
    noise::{Uniform, gumbel},
    reduce,
};
use samplegrad_tasks::optdigits::{self, DIGITS, Example, PIXELS};
use samplegrad_tests::golden::{self, Case};

/// The file's uniforms, `u = (m + ½)/2^23` with 23 bits `m` of SplitMix64, one generator per lane.
struct SplitMix64 {
    states: Vec<u64>,
}

impl SplitMix64 {
    fn new(seed: u64, lanes: usize) -> Self {
        Self { states: (0..lanes as u64).map(|lane| seed + lane).collect() }
    }

    fn bits<L: Lane>(&mut self) -> L::Word {
        L::Word::from_fn(|lane| {
            let state = &mut self.states[lane];
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 41) as u32
        })
    }

    fn uniform<L: Lane>(&mut self) -> Uniform<L> {
        let u = (L::from_word(self.bits::<L>()) + 0.5) * (1.0 / 8_388_608.0);
        Uniform::new(u).expect("inside of the unit interval")
    }
}

impl<L: Lane> Source<L> for SplitMix64 {
    /// Returns the word whose share of 2^32 is `u` exactly: `(2m + 1) · 2^8`.
    fn next_word(&mut self) -> L::Word {
        self.bits::<L>().shl(1).or(L::Word::splat(1)).shl(8)
    }
}

/// Results of a run.
#[derive(Debug, PartialEq)]
struct Run<L: Lane> {
    actions: Vec<L::Word>,
    rewards: Vec<L>,
    weights: [[L; DIGITS]; PIXELS],
    bias: [L; DIGITS],
    baseline: L,
    right: L,
}

fn single(case: &Case, name: &str) -> f32 {
    case.inputs[name].to_f64()[0] as f32
}

fn integers(case: &Case, name: &str) -> Vec<u32> {
    case.outputs[name].to_words()
}

fn see<L: Lane>(example: Example) -> Features<PIXELS, L> {
    Features::from_fixed_point(example.pixels, 4)
}

fn run<L: Lane>(case: &Case, seed: u64) -> Run<L> {
    let by_gumbel_max = case.tags.iter().any(|tag| tag == "gumbel");
    let mut uniforms = SplitMix64::new(seed, L::LANES);
    let mut learner = Reinforce::<PIXELS, DIGITS, _, L>::new(
        MovingAverage::new(Decay::new(single(case, "rho")).unwrap()),
        LearningRate::new(single(case, "lr")).unwrap(),
        EntropyBonus::new(0.0).unwrap(),
    );
    let mask = ActionMask::all();
    let (mut actions, mut rewards) = (Vec::new(), Vec::new());
    for _ in 0..single(case, "passes") as u32 {
        let mut total = L::ZERO;
        for example in optdigits::training() {
            let x = see(example);
            let decision = if by_gumbel_max {
                let perturbed = learner.policy().logits(&x).map(|l| l + gumbel::quantile(uniforms.uniform::<L>()));
                let distribution = learner.policy().distribution(&x, &mask);
                Decision::new(reduce::arg_max(&perturbed).0, distribution).unwrap()
            } else {
                learner.act(&x, &mask, &mut uniforms)
            };
            let right = decision.action().equals(L::Word::splat(example.digit.into()));
            let reward = L::select(right, L::ONE, L::ZERO);
            learner.learn(&x, &decision, Reward::new(reward).unwrap());
            actions.push(decision.action());
            total = total + reward;
        }
        rewards.push(total);
    }
    let right = optdigits::held_out().fold(L::ZERO, |right, example| {
        let read = reduce::arg_max(&learner.policy().logits(&see(example))).0;
        right + L::select(read.equals(L::Word::splat(example.digit.into())), L::ONE, L::ZERO)
    });
    Run {
        actions,
        rewards,
        weights: *learner.policy().weights(),
        bias: *learner.policy().bias(),
        baseline: learner.control_variate().get(),
        right,
    }
}

#[test]
fn scalar() {
    for case in golden::read("replay_digits").unwrap() {
        let found = run::<f32>(&case, case.inputs["seed"].to_words()[0].into());
        assert_eq!(found.actions, integers(&case, "actions"), "{}", case.id);
        let rewards: Vec<u32> = found.rewards.iter().map(|&r| r as u32).collect();
        assert_eq!(rewards, integers(&case, "reward_per_pass"), "{}", case.id);
        assert_eq!(vec![found.right as u32], integers(&case, "test_correct_of_359"), "{}", case.id);

        // Tolerance stated in the file.
        let allowed = (20.0 * case.outputs["max_abs_f32_minus_f64_W"].to_f64()[0]).max(1e-4);
        let close = |what: &str, found: f32, expected: f64| {
            let error = (f64::from(found) - expected).abs();
            assert!(error <= allowed, "{}, {what}: {found}, expected {expected}", case.id);
        };
        let expected = case.outputs["W"].to_f64();
        for (place, expected) in expected.into_iter().enumerate() {
            let (digit, pixel) = (place / PIXELS, place % PIXELS);
            close("weights", found.weights[pixel][digit], expected);
        }
        for (digit, expected) in case.outputs["bias"].to_f64().into_iter().enumerate() {
            close("bias", found.bias[digit], expected);
        }
        close("baseline", found.baseline, case.outputs["baseline_end"].to_f64()[0]);
    }
}

fn lanes<L: Lane>() {
    for case in golden::read("replay_digits").unwrap() {
        let seed = case.inputs["seed"].to_words()[0].into();
        let fleet = run::<L>(&case, seed);
        for lane in 0..L::LANES {
            let device = run::<f32>(&case, seed + lane as u64);
            let of_lane = Run {
                actions: fleet.actions.iter().map(|action| action.extract(lane)).collect(),
                rewards: fleet.rewards.iter().map(|reward| reward.extract(lane)).collect(),
                weights: fleet.weights.map(|row| row.map(|w| w.extract(lane))),
                bias: fleet.bias.map(|b| b.extract(lane)),
                baseline: fleet.baseline.extract(lane),
                right: fleet.right.extract(lane),
            };
            assert_eq!(of_lane, device, "{}, lane {lane} of {}", case.id, L::LANES);
        }
    }
}

crate::in_every_width!(lanes);
