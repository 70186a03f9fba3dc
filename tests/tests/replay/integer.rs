//! Learning in integers: every lane equals its device bit for bit, and learns as well as the same algorithm in `f32`.

use samplegrad_core::{
    ActionMask, Decay, EntropyBonus, Features, MovingAverage, Reinforce, Reward,
    lane::{Lane, Word},
    reduce, stream,
};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_tasks::{
    digits_integer::{DECAY, IntegerBandit, PASSES, SEED, bytes, rate},
    optdigits::{self, DIGITS, Example, PIXELS},
};

/// Numbers of compared seeds and of passes; fewer without optimisation.
const DEVICES: usize = if cfg!(debug_assertions) { 16 } else { 512 };
const LIFE: u32 = if cfg!(debug_assertions) { 1 } else { PASSES };

/// Returns the shares of held-out digits that integer devices read correctly after `life` passes.
fn in_integers(life: u32) -> Vec<f64> {
    let mut right = Vec::new();
    for first in (0..DEVICES).step_by(F32x16::LANES) {
        let mut rng = LaneRng::<F32x16>::new(SEED, first as u64);
        let mut bandit = IntegerBandit::<F32x16>::new().unwrap();
        for pass in 0..life {
            bandit.pass(pass, life, &mut rng).unwrap();
        }
        right.extend(bandit.held_out_right().to_array().map(f64::from));
    }
    right.into_iter().map(|right| right / f64::from(optdigits::HELD_OUT)).collect()
}

fn see<L: Lane>(example: Example) -> Features<PIXELS, L> {
    Features::from_fixed_point(&bytes(example), 7)
}

/// Returns the shares of held-out digits that `f32` learners read correctly. The pictures, rates and baseline are the
/// same, the streams are different.
fn in_floats() -> Vec<f64> {
    let mut shares = Vec::new();
    for first in (0..DEVICES).step_by(F32x16::LANES) {
        let mut rng = LaneRng::<F32x16>::new(SEED, 1000 + first as u64);
        let mut learner = Reinforce::<PIXELS, DIGITS, _, F32x16>::new(
            MovingAverage::new(Decay::new(DECAY).unwrap()),
            rate(0, LIFE).unwrap(),
            EntropyBonus::new(0.0).unwrap(),
        );
        let mask = ActionMask::all();
        for pass in 0..LIFE {
            learner.set_rate(rate(pass, LIFE).unwrap());
            for example in optdigits::training() {
                let features = see(example);
                let decision = learner.act(&features, &mask, &mut rng);
                let right = decision.action().equals(Word::splat(example.digit.into()));
                let reward = F32x16::select(right, F32x16::ONE, F32x16::ZERO);
                learner.learn(&features, &decision, Reward::new(reward).unwrap());
            }
        }
        let right = optdigits::held_out().fold(F32x16::ZERO, |right, example| {
            let read = reduce::arg_max(&learner.policy().logits(&see(example))).0;
            right + F32x16::select(read.equals(Word::splat(example.digit.into())), F32x16::ONE, F32x16::ZERO)
        });
        shares.extend(right.to_array().map(|right| f64::from(right) / f64::from(optdigits::HELD_OUT)));
    }
    shares
}

/// Returns the mean and the square of its standard error.
fn mean(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    (mean, x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
}

#[test]
fn learns_as_well_as_in_floats() {
    let ((integers, a), (floats, b)) = (mean(&in_integers(LIFE)), mean(&in_floats()));
    let (difference, error) = (integers - floats, (a + b).sqrt());
    println!(
        "held-out accuracy of {DEVICES} devices after {LIFE} passes: integers {integers:.4} ± {:.4}, f32 {floats:.4} ± \
         {:.4}, difference {difference:+.4}, standard error {error:.4}",
        a.sqrt(),
        b.sqrt()
    );
    let allowed = if cfg!(debug_assertions) { 3.0 * error } else { error };
    assert!(difference.abs() <= allowed, "off by {:.2} standard errors", difference / error);

    // The test must distinguish devices that learn a little less.
    if LIFE > 1 {
        let (fewer, c) = mean(&in_integers(LIFE / 2));
        let short = (fewer - floats) / (b + c).sqrt();
        println!("after {} passes in integers {fewer:.4}: off by {short:.1} standard errors", LIFE / 2);
        assert!(short.abs() > 3.0);
    }
}

fn lanes<L: Lane>() {
    let passes = if cfg!(debug_assertions) { 1 } else { 3 };
    let mut rng = LaneRng::<L>::new(SEED, 0);
    let mut fleet = IntegerBandit::<L>::new().unwrap();
    let rewards: Vec<L::Word> = (0..passes).map(|pass| fleet.pass(pass, passes, &mut rng).unwrap()).collect();
    let right = fleet.held_out_right();
    for lane in 0..L::LANES {
        let mut rng = stream::xorshift(SEED, lane as u64);
        let mut device = IntegerBandit::<f32>::new().unwrap();
        for (pass, rewards) in (0..).zip(&rewards) {
            assert_eq!(device.pass(pass, passes, &mut rng).unwrap(), rewards.extract(lane), "lane {lane}, pass {pass}");
        }
        assert_eq!(device.held_out_right(), right.extract(lane), "lane {lane} of {}", L::LANES);
        assert_eq!(device.fingerprint(0), fleet.fingerprint(lane), "lane {lane} of {}", L::LANES);
    }
}

crate::in_every_width!(lanes);
