//! What every firmware of this folder needs on an emulated board: arguments, the end of the program, the measured stack.
//!
//! A firmware is a file of a few lines in `src/bin`, with an entry in `Cargo.toml`, that hands its work to
//! [`firmware!`](crate::firmware!). It logs through `defmt`; the emulator takes the log out by semihosting.

use core::str::FromStr;
use semihosting::{experimental::env, process};

/// What the stack is painted with before the program runs.
const PAINT: u32 = 0xcccc_cccc;

/// Logs the number of the bits, works, and exits: with 0, or with 1 and the reason in the log.
///
/// Generic, so that the work is compiled as a part of it: behind a pointer, a learner was built by three moves on the
/// stack, which took 18 KB of it instead of 6.
pub fn work(work: impl FnOnce() -> Result<(), &'static str>) -> ! {
    #[cfg(target_arch = "riscv32")]
    paint();
    defmt::info!("bits {=u32}", samplegrad_core::BITS);
    match work() {
        Ok(()) => {
            defmt::info!("stack {=usize} bytes", stack_used());
            process::exit(0)
        }
        Err(reason) => {
            defmt::error!("stopped: {=str}", reason);
            process::exit(1)
        }
    }
}

/// Ends the program with this status.
pub fn fail(status: i32) -> ! {
    process::exit(status)
}

/// The arguments that semihosting hands over, from left to right; what is not given keeps its default.
///
/// # Errors
/// `usage` if one is no number.
pub fn arguments<T: FromStr, const N: usize>(
    mut defaults: [T; N],
    usage: &'static str,
) -> Result<[T; N], &'static str> {
    let unreadable = "the arguments cannot be read";
    let list = env::args::<128>().map_err(|_| unreadable)?;
    // The first argument is the program's name.
    for (value, argument) in defaults.iter_mut().zip((&list).skip(1)) {
        *value = argument.map_err(|_| unreadable)?.parse().map_err(|_| usage)?;
    }
    Ok(defaults)
}

/// Where the stack may be: from its lowest address up to its start.
fn stack() -> (*mut u32, *mut u32) {
    unsafe extern "C" {
        static mut _stack_start: u32;
    }
    #[cfg(target_arch = "arm")]
    let bottom = cortex_m_rt::heap_start();
    #[cfg(target_arch = "riscv32")]
    let bottom = riscv_rt::heap_start().cast();
    (bottom, &raw mut _stack_start)
}

/// Paints what is free of the stack, as `cortex-m-rt` does on Arm before the program runs.
#[cfg(target_arch = "riscv32")]
#[inline(never)]
fn paint() {
    /// Words below this function's first variable that it may need itself.
    const OWN: usize = 64;
    let here = 0_u32;
    let (bottom, _) = stack();
    // SAFETY: both are in the stack's memory, and it is more than these words from the bottom: nothing has run yet.
    let words = unsafe { (&raw const here).offset_from(bottom) }.unsigned_abs() - OWN;
    // SAFETY: the memory between the bottom of the stack and this function's frame is nobody's.
    (0..words).for_each(|i| unsafe { bottom.add(i).write_volatile(PAINT) });
}

/// The most of the stack that was ever in use, in bytes: what is no longer painted.
fn stack_used() -> usize {
    let (bottom, top) = stack();
    // SAFETY: the linker puts the stack, and nothing else, between these two aligned addresses, and all of it is RAM.
    let words = unsafe { top.offset_from(bottom) }.unsigned_abs();
    // SAFETY: as above; volatile, because the paint was laid where no variable is.
    let painted = (0..words).take_while(|&i| unsafe { bottom.add(i).read_volatile() } == PAINT).count();
    (words - painted) * 4
}
