//! The program that runs on every board. It learns to read digits from reward alone, then to swing a pendulum up with a
//! small network, and logs the progress.
//!
//! The program of a board starts the hardware, takes four words from the hardware random generator, and calls
//! [`learn`].

#![no_std]
#![warn(missing_docs)]

// Every board with an Arm core links these crates. They provide the critical section, the log over the debug probe, and
// a handler that logs a panic.
use core::ops::ControlFlow;
#[cfg(target_arch = "arm")]
use cortex_m as _;
use defmt::{info, unwrap};
use defmt_rtt as _;
#[cfg(target_arch = "arm")]
use panic_probe as _;
use samplegrad_core::{BITS, SoftmaxHead, Source, stream};
use samplegrad_tasks::{
    digits_bandit::{self, Line, PASSES, SEED},
    log::Frame,
    pendulum::{ACTIONS, OBSERVATIONS, Pendulum},
    streaming::{self, STEPS, Small},
};

/// Runs three devices to their last step. Then loops forever without logging.
///
/// The first device is device 0 of the demo, which a host replays bit for bit. The fingerprint of device 0 shows
/// whether this core computes the same bits as the emulated cores. The second device learns to swing a pendulum up, which
/// it simulates itself; its fingerprint is known too. The third device is seeded with `entropy` from the board. It differs
/// at every start.
pub fn learn(entropy: [u32; 4]) -> ! {
    info!("{}", Frame::Bits { bits: BITS });
    info!("device 0 of seed {=u64}", SEED);
    read_digits(stream::xorshift(SEED, 0));
    info!("pendulum 0 of seed {=u64}", streaming::SEED);
    swing_pendulum(stream::xorshift(streaming::SEED, 0));
    // A host can replay this run from the words of `entropy`.
    info!("a device of its own: {=[?]} from the hardware generator", entropy);
    read_digits(stream::xorshift_from_entropy(entropy, 0));
    info!("done");
    loop {
        // The core does not sleep, because a debug probe may fail to reach a core that sleeps and never wakes.
        core::hint::spin_loop();
    }
}

/// Runs the device with the given generator. The log leaves out the 65 lines with the weights. The last line of the log
/// has the hash of the weights.
#[inline(never)]
fn read_digits(mut rng: impl Source<f32>) {
    let ended = digits_bandit::live([0, PASSES, PASSES], 0, &mut rng, |_, line| {
        if !matches!(line, Line::Weights { .. } | Line::Bias { .. }) {
            info!("{}", line);
        }
        ControlFlow::Continue(())
    });
    let _ = unwrap!(ended.map_err(|_| "a constant of the task is out of range"));
}

/// Runs the pendulum with the given generator. The last line of the log has the hash of all parameters.
#[inline(never)]
fn swing_pendulum(mut rng: impl Source<f32>) {
    let policy = Small::<OBSERVATIONS, ACTIONS>::new(SoftmaxHead);
    let ended = streaming::live::<Pendulum, _, _>(policy, [0, STEPS], 0, &mut rng, |_, line| {
        info!("{}", line);
        ControlFlow::Continue(())
    });
    let _ = unwrap!(ended.map_err(|_| "a constant of the task is out of range"));
}

/// Logs a panic and stops.
#[cfg(all(target_arch = "riscv32", target_os = "none"))]
#[panic_handler]
fn panic(panic: &core::panic::PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(panic));
    loop {
        core::hint::spin_loop();
    }
}
