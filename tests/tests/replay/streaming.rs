//! Control tasks: a network learns to swing a pendulum up on 32 devices, and a lane is a device.

use samplegrad_core::{Features, SoftmaxHead, StreamingActorCritic, StreamingSettings, lane::Lane, stream};
use samplegrad_host::{F32x16, LaneRng};
use samplegrad_lab::{control, subject};
use samplegrad_tasks::{
    acrobot::Acrobot,
    cart_pole::CartPole,
    control::ControlTask,
    mountain_car::MountainCar,
    pendulum::Pendulum,
    streaming::{SEED, Small, Trainer},
};

subject!(
    /// The pendulum with three torques, and 16 hidden units.
    Swing: Pendulum<L>, Small<3, 3, L> = Small::new(SoftmaxHead)
);

/// Compares the returns of 32 devices with those that 256 devices reach. The seeds are fixed, so every run has one result.
#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn a_network_swings_the_pendulum_up() {
    let returns = control::learn::<Swing>(32, 300_000, &StreamingSettings::DEFAULT, None).unwrap();
    println!("median {:.1}, all {:.1?}", returns.median(), returns.sorted());
    assert!(returns.median() >= -215.0, "{}", returns.median());
    assert!(returns.quantile(0.1) >= -250.0, "{}", returns.quantile(0.1));
}

/// Compares every lane of 16 with a device, after steps with several episodes.
fn lanes_are_devices<const D: usize, const K: usize, W, N>()
where
    W: ControlTask<F32x16, Input = Features<D, F32x16>, Action = <F32x16 as Lane>::Word>,
    N: ControlTask<f32, Input = Features<D>, Action = u32>,
{
    const STEPS: u32 = 1500;
    let mut rng = LaneRng::<F32x16>::new(SEED, 0);
    let policy = Small::<D, K, F32x16>::new(SoftmaxHead);
    let mut lanes =
        Trainer::<W, _>::new(StreamingActorCritic::new(policy, StreamingSettings::DEFAULT), &mut rng).unwrap();
    lanes.train(STEPS, &mut rng).unwrap();
    for lane in 0..16 {
        let mut rng = stream::xorshift(SEED, lane as u64);
        let policy = Small::<D, K>::new(SoftmaxHead);
        let mut device =
            Trainer::<N, _>::new(StreamingActorCritic::new(policy, StreamingSettings::DEFAULT), &mut rng).unwrap();
        device.train(STEPS, &mut rng).unwrap();
        assert_eq!(lanes.fingerprint(lane), device.fingerprint(0), "lane {lane}");
    }
}

#[test]
fn every_lane_learns_as_its_device() {
    lanes_are_devices::<3, 3, Pendulum<F32x16>, Pendulum>();
    lanes_are_devices::<2, 3, MountainCar<F32x16>, MountainCar>();
    lanes_are_devices::<4, 2, CartPole<F32x16>, CartPole>();
    lanes_are_devices::<6, 3, Acrobot<F32x16>, Acrobot>();
}
