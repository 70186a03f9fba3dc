//! The pole on the cart: its dynamics against double precision, a lane against a device, and the promised performance
//! of the policy over 256 seeds. The learning rates were chosen on the first 64 seeds.

use samplegrad_core::{
    LearningRate,
    lane::{Lane, Mask},
    stream,
};
use samplegrad_host::{F32x4, F32x16, LaneRng};
use samplegrad_tasks::cart_pole::{CartPole, MAX_STEPS, SEED, TRAINING_STEPS, Trainer, cosine, sine};

/// Mean return over 100 episodes that the policy must reach.
const PROMISED: f32 = 475.0;

#[test]
fn sine_and_cosine() {
    let (mut of_sine, mut of_cosine) = (0.0_f64, 0.0_f64);
    for i in -500_000..=500_000 {
        let x = i as f32 * 1e-6;
        of_sine = of_sine.max((f64::from(sine(x)) - f64::from(x).sin()).abs());
        of_cosine = of_cosine.max((f64::from(cosine(x)) - f64::from(x).cos()).abs());
    }
    println!("largest error: sine {of_sine:.2e}, cosine {of_cosine:.2e}");
    assert!(of_sine <= 6e-8 && of_cosine <= 1.2e-7, "{of_sine} {of_cosine}");
}

/// Compares every step with the paper's equations in double precision.
#[test]
fn dynamics() {
    for device in 0..20 {
        let mut rng = stream::xorshift(1, device);
        let mut cart = CartPole::<f32>::start(&mut rng);
        assert!(cart.state().iter().all(|x| x.abs() < 0.05));
        loop {
            // Each step starts from the state in `f32`, because the pole amplifies rounding errors.
            let mut s = cart.state().map(f64::from);
            // The force opposes the lean, so that the pole stays up for a while.
            let right = s[2] + 0.3 * s[3] > 0.0;
            let force = if right { 10.0 } else { -10.0 };
            let (sin, cos) = (s[2].sin(), s[2].cos());
            let (total, pole) = (1.1, 0.1 * 0.5);
            let pull = (force + pole * s[3] * s[3] * sin) / total;
            let turn = (9.8 * sin - cos * pull) / (0.5 * (4.0 / 3.0 - 0.1 * cos * cos / total));
            let acceleration = pull - pole * turn * cos / total;
            s = [s[0] + 0.02 * s[1], s[1] + 0.02 * acceleration, s[2] + 0.02 * s[3], s[3] + 0.02 * turn];
            let ending = cart.push(right);
            for (found, expected) in cart.state().iter().zip(s) {
                assert!((f64::from(*found) - expected).abs() < 1e-6, "{:?}, expected {s:?}", cart.state());
            }
            let fallen = s[0].abs() > 2.4 || s[2].abs() > 12.0_f64.to_radians();
            assert_eq!(ending.is_terminal(), fallen);
            if ending.ended() {
                break;
            }
        }
    }
}

/// Checks that an episode is cut off after the last step, and not before.
#[test]
fn the_last_step() {
    let mut cart = CartPole::<f32>::start(&mut stream::xorshift(1, 0));
    for step in 1..=MAX_STEPS {
        let [x, v, angle, spin] = *cart.state();
        let ending = cart.push(angle + 0.5 * spin + 0.02 * x + 0.05 * v > 0.0);
        assert_eq!((ending.ended(), ending.is_terminal()), (step == MAX_STEPS, false), "step {step}");
    }
}

fn lanes<L: Lane>() {
    // Enough steps for several episodes in every lane.
    let (steps, episodes) = (if cfg!(debug_assertions) { 300 } else { 20_000 }, 3);
    let mut rng = LaneRng::<L>::new(SEED, 0);
    let mut fleet = Trainer::<L>::new(&mut rng).unwrap();
    let ended = fleet.train(steps, &mut rng).unwrap();
    let returns = fleet.evaluate(episodes, &mut rng).unwrap();
    for lane in 0..L::LANES {
        let mut rng = stream::xorshift(SEED, lane as u64);
        let mut device = Trainer::<f32>::new(&mut rng).unwrap();
        assert_eq!(device.train(steps, &mut rng).unwrap().to_bits(), ended.extract(lane).to_bits(), "lane {lane}");
        assert!(ended.extract(lane) >= 3.0);
        assert_eq!(device.fingerprint(0), fleet.fingerprint(lane), "lane {lane}");
        assert_eq!(device.evaluate(episodes, &mut rng).unwrap(), returns.extract(lane), "lane {lane}");
    }
}

crate::in_every_width!(lanes);

/// Returns the mean return of 100 episodes after full training, for one device per lane.
fn trained(first: u64, rate: Option<f32>) -> [f32; 16] {
    type L = F32x16;
    let mut rng = LaneRng::<L>::new(SEED, first);
    let mut fleet = match rate {
        Some(rate) => Trainer::<L>::with_rate(LearningRate::new(rate).unwrap(), &mut rng).unwrap(),
        None => Trainer::<L>::new(&mut rng).unwrap(),
    };
    fleet.train(TRAINING_STEPS, &mut rng).unwrap();
    fleet.evaluate(100, &mut rng).unwrap().to_array()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn every_seed_balances() {
    for first in (0..256).step_by(16) {
        let returns = trained(first, None);
        println!("devices {first} to {}: {returns:?}", first + 15);
        assert!(returns.iter().all(|&mean| mean >= PROMISED), "{returns:?}");
    }
}

/// Checks the control: with learning rates too small to learn, the pole does not balance.
#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn steps_too_short_do_not() {
    let returns = trained(0, Some(1e-8));
    println!("{returns:?}");
    assert!(returns.iter().sum::<f32>() / 16.0 < PROMISED, "{returns:?}");
}

/// Checks that the end of an episode in one lane does not end it in another.
#[test]
fn ends_are_lanes_own() {
    let mut rng = LaneRng::<F32x4>::new(SEED, 0);
    let mut cart = CartPole::<F32x4>::start(&mut rng);
    let right = <F32x4 as Lane>::Mask::from_fn(|lane| lane == 0);
    let mut seen = false;
    for _ in 0..12 {
        // Lane 0 is pushed to one side, the others balance.
        let [_, _, angle, spin] = *cart.state();
        let ended = cart.push(right.or(F32x4::ZERO.lt(angle + spin * 0.5))).ended();
        seen = seen || (ended.extract(0) && !ended.extract(1));
        assert!(!ended.extract(1) && !ended.extract(2) && !ended.extract(3));
    }
    assert!(seen);
}
