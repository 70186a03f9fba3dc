//! An Embassy task that senses, acts and learns, on the nRF52840-DK.
//!
//! The device chooses the sleep time between two measurements of its own supply voltage and learns from the measured
//! change. A change of at least `NEWS` steps earns 1, and each measurement costs 0.2: the device learns to measure less
//! often while nothing changes. A `StaticCell` holds the learner; between two steps the core sleeps.

#![no_std]
#![no_main]

use cortex_m as _;
use defmt::{info, unwrap};
use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_nrf::{
    bind_interrupts,
    rng::Rng,
    saadc::{self, ChannelConfig, Saadc, VddInput},
};
use embassy_time::{Duration, Timer};
use panic_probe as _;
use samplegrad_core::{
    ActionMask, BITS, Decay, EntropyBonus, Error, Features, LearningRate, MovingAverage, Reinforce, Reward, stream,
};
use static_cell::StaticCell;

/// Learner of two features (the last change and the voltage) and three actions.
type Learner = Reinforce<2, 3, MovingAverage>;

/// Sleep times to choose from: milliseconds until the next measurement.
const SLEEP: [u64; 3] = [10, 100, 1000];
/// Smallest change that earns the reward of 1, in steps of the converter.
const NEWS: f32 = 8.0;

static LEARNER: StaticCell<Learner> = StaticCell::new();

bind_interrupts!(struct Interrupts {
    SAADC => saadc::InterruptHandler;
});

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let board = embassy_nrf::init(Default::default());
    let mut generator = Rng::new_blocking(board.RNG);
    generator.set_bias_correction(true);
    let entropy = [(); 4].map(|()| generator.blocking_next_u32());
    let channel = ChannelConfig::single_ended(VddInput);
    let converter = Saadc::new(board.SAADC, Interrupts, saadc::Config::default(), [channel]);
    let learner = LEARNER.init(unwrap!(new()));
    spawner.spawn(unwrap!(live(learner, converter, entropy)));
}

fn new() -> Result<Learner, Error> {
    let baseline = MovingAverage::new(Decay::new(0.99)?);
    Ok(Reinforce::new(baseline, LearningRate::new(0.05)?, EntropyBonus::new(0.01)?))
}

/// Senses, acts and learns, forever.
#[embassy_executor::task]
async fn live(learner: &'static mut Learner, mut converter: Saadc<'static, 1>, entropy: [u32; 4]) {
    info!("bits {=u32}", BITS);
    let mut rng = stream::xorshift_from_entropy(entropy, 0);
    let (mut last, mut change) = (measure(&mut converter).await, 0.0);
    for step in 0_u32.. {
        let features = unwrap!(Features::new([change / NEWS, last / 4096.0]));
        let decision = learner.act(&features, &ActionMask::all(), &mut rng);
        let sleep = SLEEP.get(decision.action() as usize).copied().unwrap_or(SLEEP[0]);
        Timer::after(Duration::from_millis(sleep)).await;
        let now = measure(&mut converter).await;
        (change, last) = (now - last, now);
        let reward = if change.abs() >= NEWS { 0.8 } else { -0.2 };
        learner.learn(&features, &decision, unwrap!(Reward::new(reward)));
        if step % 100 == 0 {
            info!("step {=u32}: {=f32} steps of the converter, sleeps {=u64} ms", step, now, sleep);
        }
    }
}

/// Returns the supply voltage in steps of the converter.
async fn measure(converter: &mut Saadc<'static, 1>) -> f32 {
    let mut sample = [0];
    converter.sample(&mut sample).await;
    f32::from(sample[0])
}
