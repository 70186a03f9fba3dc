//! Control tasks: a lane against a device, the initial states, and the last step of an episode.

use samplegrad_core::{
    Features, Source,
    lane::{Lane, Mask, Word},
    stream,
};
use samplegrad_host::LaneRng;
use samplegrad_tasks::{
    acrobot::Acrobot, cart_pole::CartPole, control::ControlTask, mountain_car::MountainCar, pendulum::Pendulum,
};

const SEED: u64 = 2026;
const STEPS: u32 = 1000;

/// The bits of one lane at one step: observation, reward, terminal, ended.
type Record = (Vec<u32>, u32, bool, bool);

/// Runs a task with random actions, mixed with the actions of `choose`, and starts every ended episode again. Returns a
/// record for each step and lane. Each step draws two words, and the words of a start.
fn run<T, const D: usize, const K: usize, L>(
    source: &mut impl Source<L>,
    choose: impl Fn(&[L; D]) -> L::Word,
) -> Vec<Vec<Record>>
where
    T: ControlTask<L, Input = Features<D, L>, Action = L::Word>,
    L: Lane,
{
    let mut task = T::start(source);
    let mut records = Vec::new();
    for _ in 0..STEPS {
        let random = source.next_word().mul_high(L::Word::splat(K as u32));
        let is_random = source.next_word().lt(L::Word::splat(1 << 30));
        let action = L::Word::select(is_random, random, choose(task.observation().unwrap().as_array()));
        let (reward, ending) = task.step(action);
        let observation = task.observation().unwrap();
        let of_lane = |lane| {
            let bits = observation.as_array().iter().map(|x| x.extract(lane).to_bits()).collect();
            let ends = (ending.is_terminal().extract(lane), ending.ended().extract(lane));
            (bits, reward.extract(lane).to_bits(), ends.0, ends.1)
        };
        records.push((0..L::LANES).map(of_lane).collect());
        task.replace(ending.ended(), &T::start(source));
    }
    records
}

/// Compares the lanes of a vector with devices. The observed number `number` chooses actions: the last action where it is
/// positive, action 0 elsewhere. In each lane, at least `ends` episodes must end; if `apart`, at other steps than in lane 0.
macro_rules! compare {
    ($task:ident, $d:literal, $k:literal, number: $number:literal, ends: $ends:literal, apart: $apart:literal) => {
        fn choose<L: Lane>(observation: &[L; $d]) -> L::Word {
            L::Word::select(L::ZERO.lt(observation[$number]), L::Word::splat($k - 1), L::Word::splat(0))
        }

        fn lanes<L: Lane>() {
            let fleet = run::<$task<L>, $d, $k, L>(&mut LaneRng::<L>::new(SEED, 0), choose);
            let ends = |lane: usize| fleet.iter().map(|step| step[lane].3).collect::<Vec<_>>();
            for lane in 0..L::LANES {
                let device = run::<$task, $d, $k, f32>(&mut stream::xorshift(SEED, lane as u64), choose);
                for (step, (device, fleet)) in device.iter().zip(&fleet).enumerate() {
                    assert_eq!(device[0], fleet[lane], "step {step} of lane {lane}");
                }
                assert!(ends(lane).iter().filter(|&&ended| ended).count() >= $ends, "lane {lane}");
                assert!(lane == 0 || !$apart || ends(lane) != ends(0), "lane {lane} ends with lane 0");
            }
        }

        crate::in_every_width!(lanes);
    };
}

mod cart_pole {
    use super::*;
    compare!(CartPole, 4, 2, number: 2, ends: 5, apart: true);
}

mod pendulum {
    use super::*;
    compare!(Pendulum, 3, 3, number: 2, ends: 5, apart: false);
}

mod mountain_car {
    use super::*;
    compare!(MountainCar, 2, 3, number: 1, ends: 5, apart: true);
}

mod acrobot {
    use super::*;
    compare!(Acrobot, 6, 3, number: 5, ends: 2, apart: true);
}

/// Checks the ranges of the initial states, and that 1000 starts come near both ends of each range.
fn starts<T: ControlTask, const N: usize>(state: fn(&T) -> &[f32; N], ranges: [(f32, f32); N]) {
    let mut rng = stream::xorshift(SEED, 0);
    let (mut low, mut high) = ([f32::INFINITY; N], [f32::NEG_INFINITY; N]);
    for _ in 0..1000 {
        let task = T::start(&mut rng);
        for (i, &x) in state(&task).iter().enumerate() {
            low[i] = low[i].min(x);
            high[i] = high[i].max(x);
        }
    }
    for (i, (least, most)) in ranges.into_iter().enumerate() {
        // All of 1000 numbers stay away from an end with a probability of e^−20; the seed is fixed.
        let margin = 0.02 * (most - least);
        assert!(least <= low[i] && low[i] <= least + margin, "{i}: {}", low[i]);
        assert!(most - margin <= high[i] && high[i] <= most, "{i}: {}", high[i]);
    }
}

#[test]
fn initial_states() {
    use std::f32::consts::PI;
    starts(CartPole::state, [(-0.05, 0.05); 4]);
    starts(Pendulum::state, [(-PI, PI), (-1.0, 1.0)]);
    starts(MountainCar::state, [(-0.6, -0.4), (0.0, 0.0)]);
    starts(Acrobot::state, [(-0.1, 0.1); 4]);
}

/// Checks that an episode that never becomes terminal is truncated with its last step, and not before.
fn last_step<T: ControlTask<Action = u32>>(action: u32) {
    let mut task = T::start(&mut stream::xorshift(SEED, 0));
    for step in 1..=T::MAX_STEPS {
        let (_, ending) = task.step(action);
        assert_eq!((ending.ended(), ending.is_terminal()), (step == T::MAX_STEPS, false), "step {step}");
    }
    // An episode that replaces the truncated one begins at its first step.
    task.replace(true, &T::start(&mut stream::xorshift(SEED, 1)));
    assert!(!task.step(action).1.ended());
}

#[test]
fn last_steps() {
    last_step::<Pendulum>(1);
    last_step::<MountainCar>(1);
    last_step::<Acrobot>(1);
}

/// Checks that actions beyond the last act as the last, and that an episode is replaced in the lanes of the mask alone.
#[test]
fn actions_and_replacements() {
    fn check<T: ControlTask<Action = u32>>(classes: u32) {
        let start = T::start(&mut stream::xorshift(SEED, 0));
        let after = |action: u32| {
            let mut task = start;
            task.step(action);
            task
        };
        let last = classes - 1;
        assert_eq!(after(last), after(last + 1));
        assert_eq!(after(last), after(u32::MAX));
        assert_ne!(after(0), after(last));
        let mut task = after(0);
        task.replace(false, &start);
        assert_eq!(task, after(0));
        task.replace(true, &start);
        assert_eq!(task, start);
    }
    check::<CartPole>(2);
    check::<Pendulum>(3);
    check::<MountainCar>(3);
    check::<Acrobot>(3);
}

/// Checks that a torque is bounded, infinite and NaN included, and that pushes in lanes equal pushes of devices.
#[test]
fn torques() {
    let start = Pendulum::from_state([1.0_f32, -2.0]).unwrap();
    let pushed = |torque: f32| {
        let mut pendulum = start;
        (pendulum.push(torque), pendulum)
    };
    for torque in [2.0_f32.next_up(), 1e30, f32::INFINITY, f32::NAN] {
        assert_eq!(pushed(torque), pushed(2.0), "{torque}");
        assert_eq!(pushed(-torque), pushed(if torque.is_nan() { 2.0 } else { -2.0 }), "{torque}");
    }
    type L = samplegrad_host::F32x8;
    let torques = [-3.0, -2.0, -0.5, -0.0, 0.0, 1.25, f32::NAN, f32::INFINITY];
    let mut fleet = Pendulum::<L>::from_state([L::splat(1.0), L::splat(-2.0)]).unwrap();
    let (rewards, _) = fleet.push(L::from(torques));
    for (lane, torque) in torques.into_iter().enumerate() {
        let ((reward, _), pendulum) = pushed(torque);
        assert_eq!(rewards.extract(lane).to_bits(), reward.to_bits(), "{torque}");
        let bits = |x: f32| x.to_bits();
        assert_eq!(fleet.state().map(|x| bits(x.extract(lane))), pendulum.state().map(bits), "{torque}");
    }
}

/// Checks that a state outside of its range in any lane is refused, and that the ends of the ranges are accepted.
#[test]
fn refused_states() {
    type L = samplegrad_host::F32x4;
    let of_lane = |lane: usize, x: f32| L::from_fn(|i| if i == lane { x } else { 0.0 });
    for lane in 0..4 {
        for wrong in [0.61, -1.21, f32::NAN, f32::INFINITY] {
            assert!(MountainCar::from_state([of_lane(lane, wrong), L::ZERO]).is_err(), "{wrong}");
        }
        for right in [0.6, -1.2] {
            assert!(MountainCar::from_state([of_lane(lane, right), L::ZERO]).is_ok(), "{right}");
        }
        for wrong in [8.1, -8.1, f32::NAN] {
            assert!(Pendulum::from_state([L::ZERO, of_lane(lane, wrong)]).is_err(), "{wrong}");
        }
        for (i, wrong) in [3.2, -3.2, 12.7, 28.4].into_iter().enumerate() {
            let mut state = [L::ZERO; 4];
            state[i] = of_lane(lane, wrong);
            assert!(Acrobot::from_state(state).is_err(), "{wrong}");
        }
        for (i, wrong) in [2.5, 101.0, -0.21, f32::NAN].into_iter().enumerate() {
            let mut state = [L::ZERO; 4];
            state[i] = of_lane(lane, wrong);
            assert!(CartPole::from_state(state).is_err(), "{wrong}");
        }
    }
}
