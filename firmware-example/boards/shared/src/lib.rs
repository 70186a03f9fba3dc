//! The program of every board: learns to read digits from reward alone and logs its progress.
//!
//! A board's own program starts its hardware, takes four words from its hardware generator, and calls [`learn_digits`].

#![no_std]
#![warn(missing_docs)]

// Linked by every board with an Arm core: the critical section, logs over the probe, and a handler that logs a panic.
#[cfg(target_arch = "arm")]
use cortex_m as _;
use defmt::{info, unwrap};
use defmt_rtt as _;
#[cfg(target_arch = "arm")]
use panic_probe as _;
use core::ops::ControlFlow;
use samplegrad_core::{BITS, Source, stream};
use samplegrad_tasks::{
    digits_bandit::{self, Line, PASSES, SEED},
    log::Frame,
};

/// Runs two devices to their last step, then stays silent.
///
/// The first device is device 0 of the demo, whose bits a host replays. The fingerprint of device 0 shows that this
/// core computes the same bits as the emulated cores. The second device is seeded with the board's own `entropy`, which
/// differs at every start.
pub fn learn_digits(entropy: [u32; 4]) -> ! {
    info!("{}", Frame::Bits { bits: BITS });
    info!("device 0 of seed {=u64}", SEED);
    live(stream::xorshift(SEED, 0));
    // A host can replay this run too, from these words.
    info!("a device of its own: {=[?]} from the hardware generator", entropy);
    live(stream::xorshift_from_entropy(entropy, 0));
    info!("done");
    loop {
        // A probe can hardly reach a core that sleeps and never wakes.
        core::hint::spin_loop();
    }
}

/// Runs device 0 of the stream. The 65 lines of its weights are left out of the log: the last line has their hash.
fn live(mut rng: impl Source<f32>) {
    let ended = digits_bandit::live([0, PASSES, PASSES], 0, &mut rng, |_, line| {
        if !matches!(line, Line::Weights { .. } | Line::Bias { .. }) {
            info!("{}", line);
        }
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
