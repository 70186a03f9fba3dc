//! Firmware: learns to read digits from reward alone and logs how it goes.
//!
//! Semihosting arguments, all optional: the number of the device (0), the passes to make of the schedule (all), the
//! passes of the schedule (20). `cargo xtask demo` builds, boots, decodes and replays it.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware for a Cortex-M: `cargo xtask demo` builds it and runs it on an emulated one.");
}

#[cfg(target_os = "none")]
mod device {
    use cortex_m as _;
    use cortex_m_rt::{ExceptionFrame, entry, exception};
    use defmt_semihosting as _;
    use samplegrad_core::{lane::Lane, stream};
    use samplegrad_firmware_example::digits_bandit::{Bandit, PASSES, SEED};
    use semihosting::{experimental::env, process};

    /// What `cortex-m-rt` paints the stack with before the program runs.
    const PAINT: u32 = 0xcccc_cccc;

    #[entry]
    fn main() -> ! {
        match run() {
            Ok(()) => process::exit(0),
            Err(reason) => {
                defmt::error!("stopped: {=str}", reason);
                process::exit(1)
            }
        }
    }

    fn run() -> Result<(), &'static str> {
        let [number, passes, schedule] = arguments()?;
        if passes > schedule {
            return Err("more passes than the schedule has");
        }
        let mut rng = stream::xorshift(SEED, u64::from(number));
        let refused = |_| "a constant of the example is out of range";
        let mut bandit = Bandit::<f32>::new().map_err(refused)?;
        defmt::info!("device {=u32} knows nothing: held out {=u32}", number, bandit.held_out_right().to_word());
        for pass in 0..passes {
            let rewards = bandit.pass(pass, schedule, &mut rng).map_err(refused)?;
            let right = bandit.held_out_right();
            defmt::info!("pass {=u32} rewards {=u32} held out {=u32}", pass + 1, rewards.to_word(), right.to_word());
        }
        for (pixel, row) in bandit.weights().iter().enumerate() {
            defmt::info!("weights {=usize} {=[?]}", pixel, row.map(f32::to_bits));
        }
        defmt::info!("bias {=[?]}", bandit.bias().map(f32::to_bits));
        defmt::info!("fingerprint {=u64:016x}", bandit.fingerprint(0));
        defmt::info!("stack {=usize} bytes", stack_used());
        Ok(())
    }

    /// Device number, passes to make, passes of the schedule.
    fn arguments() -> Result<[u32; 3], &'static str> {
        let unreadable = "the arguments cannot be read";
        let list = env::args::<128>().map_err(|_| unreadable)?;
        let mut numbers = [0, PASSES, PASSES];
        // The first argument is the program's name.
        for (number, argument) in numbers.iter_mut().zip((&list).skip(1)) {
            let argument = argument.map_err(|_| unreadable)?;
            *number = argument.parse().map_err(|_| "an argument is not a number: DEVICE PASSES SCHEDULE")?;
        }
        Ok(numbers)
    }

    /// The most of the stack that was ever in use, in bytes: what is no longer painted.
    fn stack_used() -> usize {
        unsafe extern "C" {
            static _stack_start: u32;
        }
        let bottom: *const u32 = cortex_m_rt::heap_start();
        let top = &raw const _stack_start;
        // SAFETY: the linker puts the stack, and nothing else, between these two aligned addresses, and all of it is RAM.
        let words = unsafe { top.offset_from(bottom) }.unsigned_abs();
        // SAFETY: as above; volatile, because the paint was laid before any Rust code ran.
        let painted = (0..words).take_while(|&i| unsafe { bottom.add(i).read_volatile() } == PAINT).count();
        (words - painted) * 4
    }

    #[exception]
    unsafe fn HardFault(_frame: &ExceptionFrame) -> ! {
        process::exit(101)
    }

    #[panic_handler]
    fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
        process::exit(102)
    }
}
