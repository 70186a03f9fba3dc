//! What every board does: learns to read digits from reward alone and logs how it goes.
//!
//! A board's own program wakes its hardware, takes four words from its hardware generator, and calls
//! [`learn_digits`].

#![no_std]
#![warn(missing_docs)]

// What every board on an Arm core links: the critical section, logs over the probe, and a handler that logs a panic.
#[cfg(target_arch = "arm")]
use cortex_m as _;
use defmt::{info, unwrap};
use defmt_rtt as _;
#[cfg(target_arch = "arm")]
use panic_probe as _;
use samplegrad_core::{BITS, Source, lane::Lane, stream};
use samplegrad_firmware_example::digits_bandit::{Bandit, PASSES, SEED};

/// Two lives, then silence.
///
/// The first is that of device 0 of the demo, whose bits a host replays: its fingerprint shows that this core computes
/// what the emulated ones do. The second starts from the board's own `entropy`, another one every time.
pub fn learn_digits(entropy: [u32; 4]) -> ! {
    info!("bits {=u32}", BITS);
    info!("device 0 of seed {=u64}", SEED);
    live(stream::xorshift(SEED, 0));
    // A host replays this life too, from these words.
    info!("a device of its own: {=[?]} from the hardware generator", entropy);
    live(stream::xorshift_from_entropy(entropy, 0));
    info!("done");
    loop {
        // A core that sleeps for good is hard to reach for a probe.
        core::hint::spin_loop();
    }
}

/// All passes over the digits.
fn live(mut rng: impl Source<f32>) {
    let mut bandit: Bandit = unwrap!(Bandit::new());
    info!("knows nothing: held out {=u32} of 359", bandit.held_out_right().to_word());
    for pass in 0..PASSES {
        let rewards = unwrap!(bandit.pass(pass, PASSES, &mut rng));
        let right = bandit.held_out_right();
        info!("pass {=u32} rewards {=u32} held out {=u32}", pass + 1, rewards.to_word(), right.to_word());
    }
    info!("fingerprint {=u64:016x}", bandit.fingerprint(0));
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
