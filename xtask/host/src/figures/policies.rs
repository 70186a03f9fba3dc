//! The figures of the guide "which policy?": devices that learn control tasks.

use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use samplegrad_core::{
    CategoricalPolicy, Dense, GaussianHead, Hidden, LeakyRelu, NetworkPolicy, SoftmaxHead, SquashedGaussianHead,
    StreamingSettings,
};
use samplegrad_host::Threads;
use samplegrad_lab::{
    ablations::{FixedRate, RawObservations, fixed_rate},
    control::{self, Returns, Subject},
    rollouts::{ClippedPasses, clipped_passes},
    subject,
};
use samplegrad_tasks::{
    acrobot::Acrobot,
    cart_pole::CartPole,
    mountain_car::MountainCar,
    pendulum::{Pendulum, Torque},
    streaming::Small,
};

/// Devices of a row with promised returns.
const DEVICES: u64 = 256;
/// Devices of the other rows, each of which leaves out a part of the policy or learns by another learner.
const DEVICES_OF_ABLATIONS: u64 = 64;
/// Steps of each device.
const STEPS: u64 = 300_000;

/// A policy without a layer normalisation.
type Plain<const D: usize, const K: usize, L> =
    NetworkPolicy<SoftmaxHead, Hidden<Dense<D, 16, 1, L>, Dense<16, K, 1, L>, LeakyRelu>>;
/// A policy of 8 hidden units.
type Eight<const D: usize, const K: usize, L> =
    NetworkPolicy<SoftmaxHead, Hidden<Dense<D, 8, 1, L>, Dense<8, K, 1, L>>>;
/// A policy for the torque itself: the mean and the logarithm of the deviation of a squashed normal number.
type TorquePolicy<L> = NetworkPolicy<SquashedGaussianHead, Hidden<Dense<3, 16, 1, L>, Dense<16, 1, 2, L>>>;

subject!(PendulumSmall: Pendulum<L>, Small<3, 3, L> = Small::new(SoftmaxHead));
subject!(PendulumPlain: Pendulum<L>, Plain<3, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(PendulumEight: Pendulum<L>, Eight<3, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(PendulumLinear: Pendulum<L>, CategoricalPolicy<3, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(
    PendulumRaw: Pendulum<L>, Small<3, 3, L> = Small::new(SoftmaxHead),
    with RawObservations<Small<3, 3, L>> = RawObservations::new
);
subject!(
    PendulumFixed: Pendulum<L>, Small<3, 3, L> = Small::new(SoftmaxHead),
    with FixedRate<Small<3, 3, L>> = fixed_rate
);
subject!(
    PendulumClipped: Pendulum<L>, Small<3, 3, L> = Small::new(SoftmaxHead),
    with ClippedPasses<Small<3, 3, L>> = clipped_passes
);
subject!(
    PendulumTorque: Torque<L>,
    TorquePolicy<L> = NetworkPolicy::new(SquashedGaussianHead::new(GaussianHead::new(-1.5, 0.0)?))
);
subject!(CarSmall: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead));
subject!(CarPlain: MountainCar<L>, Plain<2, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(CarEight: MountainCar<L>, Eight<2, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(CarLinear: MountainCar<L>, CategoricalPolicy<2, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(
    CarRaw: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
    with RawObservations<Small<2, 3, L>> = RawObservations::new
);
subject!(
    CarFixed: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
    with FixedRate<Small<2, 3, L>> = fixed_rate
);
subject!(
    CarClipped: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead),
    with ClippedPasses<Small<2, 3, L>> = clipped_passes
);
subject!(PoleSmall: CartPole<L>, Small<4, 2, L> = Small::new(SoftmaxHead));
subject!(PolePlain: CartPole<L>, Plain<4, 2, L> = NetworkPolicy::new(SoftmaxHead));
subject!(PoleEight: CartPole<L>, Eight<4, 2, L> = NetworkPolicy::new(SoftmaxHead));
subject!(PoleLinear: CartPole<L>, CategoricalPolicy<4, 2, L> = NetworkPolicy::new(SoftmaxHead));
subject!(
    PoleRaw: CartPole<L>, Small<4, 2, L> = Small::new(SoftmaxHead),
    with RawObservations<Small<4, 2, L>> = RawObservations::new
);
subject!(
    PoleFixed: CartPole<L>, Small<4, 2, L> = Small::new(SoftmaxHead),
    with FixedRate<Small<4, 2, L>> = fixed_rate
);
subject!(
    PoleClipped: CartPole<L>, Small<4, 2, L> = Small::new(SoftmaxHead),
    with ClippedPasses<Small<4, 2, L>> = clipped_passes
);
subject!(AcrobotSmall: Acrobot<L>, Small<6, 3, L> = Small::new(SoftmaxHead));
subject!(AcrobotPlain: Acrobot<L>, Plain<6, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(AcrobotEight: Acrobot<L>, Eight<6, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(AcrobotLinear: Acrobot<L>, CategoricalPolicy<6, 3, L> = NetworkPolicy::new(SoftmaxHead));
subject!(
    AcrobotRaw: Acrobot<L>, Small<6, 3, L> = Small::new(SoftmaxHead),
    with RawObservations<Small<6, 3, L>> = RawObservations::new
);
subject!(
    AcrobotFixed: Acrobot<L>, Small<6, 3, L> = Small::new(SoftmaxHead),
    with FixedRate<Small<6, 3, L>> = fixed_rate
);
subject!(
    AcrobotClipped: Acrobot<L>, Small<6, 3, L> = Small::new(SoftmaxHead),
    with ClippedPasses<Small<6, 3, L>> = clipped_passes
);

/// A row of the table: the task, the policy, its devices, and the promised median and 10 % quantile.
struct Row {
    task: &'static str,
    policy: &'static str,
    learn: fn(u64, &Threads) -> Result<Returns>,
    promised: Option<(f32, f32)>,
}

const fn row(task: &'static str, policy: &'static str, learn: fn(u64, &Threads) -> Result<Returns>) -> Row {
    Row { task, policy, learn, promised: None }
}

impl Row {
    const fn promised(self, median: f32, low: f32) -> Self {
        Self { promised: Some((median, low)), ..self }
    }
}

const SMALL: &str = "16 hidden units";
const PLAIN: &str = "without layer normalisation";
const EIGHT: &str = "8 hidden units";
const LINEAR: &str = "linear";
const RAW: &str = "without normalisation of observations";
const FIXED: &str = "plain SGD";
const CLIPPED: &str = "16 hidden units, PPO";

const ROWS: [Row; 29] = [
    row("pendulum, 3 torques", SMALL, learn::<PendulumSmall>).promised(-215.0, -240.0),
    row("pendulum, 3 torques", PLAIN, learn::<PendulumPlain>),
    row("pendulum, 3 torques", EIGHT, learn::<PendulumEight>),
    row("pendulum, 3 torques", RAW, learn::<PendulumRaw>),
    row("pendulum, 3 torques", FIXED, learn::<PendulumFixed>),
    row("pendulum, 3 torques", CLIPPED, learn::<PendulumClipped>),
    row("pendulum, 3 torques", LINEAR, learn::<PendulumLinear>),
    row("pendulum, any torque", SMALL, learn::<PendulumTorque>).promised(-220.0, f32::NEG_INFINITY),
    row("mountain car", SMALL, learn::<CarSmall>).promised(-132.0, -137.0),
    row("mountain car", PLAIN, learn::<CarPlain>),
    row("mountain car", EIGHT, learn::<CarEight>),
    row("mountain car", RAW, learn::<CarRaw>),
    row("mountain car", FIXED, learn::<CarFixed>),
    row("mountain car", CLIPPED, learn::<CarClipped>),
    row("mountain car", LINEAR, learn::<CarLinear>),
    row("cart-pole", SMALL, learn::<PoleSmall>).promised(498.0, 490.0),
    row("cart-pole", PLAIN, learn::<PolePlain>),
    row("cart-pole", EIGHT, learn::<PoleEight>),
    row("cart-pole", RAW, learn::<PoleRaw>),
    row("cart-pole", FIXED, learn::<PoleFixed>),
    row("cart-pole", CLIPPED, learn::<PoleClipped>),
    row("cart-pole", LINEAR, learn::<PoleLinear>),
    row("acrobot", SMALL, learn::<AcrobotSmall>).promised(-89.0, -95.0),
    row("acrobot", PLAIN, learn::<AcrobotPlain>),
    row("acrobot", EIGHT, learn::<AcrobotEight>),
    row("acrobot", RAW, learn::<AcrobotRaw>),
    row("acrobot", FIXED, learn::<AcrobotFixed>),
    row("acrobot", CLIPPED, learn::<AcrobotClipped>),
    row("acrobot", LINEAR, learn::<AcrobotLinear>),
];

fn learn<S: Subject>(devices: u64, threads: &Threads) -> Result<Returns> {
    control::learn::<S>(devices, STEPS, &StreamingSettings::DEFAULT, Some(threads)).context("a control task")
}

/// Returns the table of control tasks. Fails unless each policy reaches its promised returns.
pub fn control_tasks() -> Result<String> {
    let threads = Threads::new(std::thread::available_parallelism()?.get())?;
    let mut text = String::from("| task | policy | devices | median | 10 % | worst |\n|---|---|---|---|---|---|\n");
    for Row { task, policy, learn, promised } in &ROWS {
        let devices = if promised.is_some() { DEVICES } else { DEVICES_OF_ABLATIONS };
        let returns = learn(devices, &threads)?;
        let [median, low, worst] = [0.5, 0.1, 0.0].map(|share| returns.quantile(share));
        println!("{task}, {policy}: median {median:.1}, 10 % {low:.1}, worst {worst:.1}");
        if let Some((least_median, least_low)) = promised {
            ensure!(
                median >= *least_median && low >= *least_low,
                "{task}, {policy}: median {median:.1} and 10 % {low:.1}, promised are {least_median} and {least_low}"
            );
        }
        writeln!(text, "| {task} | {policy} | {devices} | {median:.1} | {low:.1} | {worst:.1} |")?;
    }
    Ok(text)
}
