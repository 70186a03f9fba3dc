//! What every firmware of this folder needs on an emulated board: arguments, the end of the program, the measured stack.
//!
//! A firmware is a file of a few lines in `src/bin`, with an entry in `Cargo.toml`, that hands its work to
//! [`firmware!`](crate::firmware!). It logs through `defmt`; the emulator takes the log out by semihosting.

use core::ops::ControlFlow;

use samplegrad_tasks::log::Frame;
use semihosting::{experimental::env, process};

/// What the stack is painted with before the program runs.
const PAINT: u32 = 0xcccc_cccc;

/// Why the program ends before its work is done.
pub struct Stop(pub &'static str);

impl From<samplegrad_core::Error> for Stop {
    fn from(_: samplegrad_core::Error) -> Self {
        Self("a constant of the task is out of range")
    }
}

/// Logs the number of the bits, works, and exits: with 0, or with 1 and the reason in the log.
///
/// Generic, so that the work is compiled as a part of it: behind a pointer, a learner was built by three moves on the
/// stack, which took 18 KB of it instead of 6.
pub fn work(work: impl FnOnce() -> Result<(), Stop>) -> ! {
    #[cfg(target_arch = "riscv32")]
    paint();
    defmt::info!("{}", Frame::Bits { bits: samplegrad_core::BITS });
    match work() {
        Ok(()) => {
            defmt::info!("{}", Frame::Stack { bytes: stack_used() });
            process::exit(0)
        }
        Err(Stop(reason)) => {
            defmt::error!("{}", Frame::Stopped { reason });
            process::exit(1)
        }
    }
}

/// Logs a line of a life, and lets it go on.
pub fn log(_steps: u64, line: impl defmt::Format) -> ControlFlow<()> {
    defmt::info!("{}", line);
    ControlFlow::Continue(())
}

/// Ends the program with this status.
pub fn fail(status: i32) -> ! {
    process::exit(status)
}

/// The arguments that semihosting hands over, from left to right; those that are not given keep their value in the table.
///
/// # Errors
/// An argument that is no number, whose name is logged.
pub fn arguments<const N: usize>(known: &[(&'static str, u32); N]) -> Result<[u32; N], Stop> {
    const UNREADABLE: Stop = Stop("the arguments cannot be read");
    let list = env::args::<128>().map_err(|_| UNREADABLE)?;
    let mut numbers = known.map(|(_, default)| default);
    // The first argument is the program's name.
    for ((number, (name, _)), argument) in numbers.iter_mut().zip(known).zip((&list).skip(1)) {
        *number = argument.map_err(|_| UNREADABLE)?.parse().map_err(|_| {
            defmt::error!("{=str} is not a number", *name);
            Stop("an argument is not a number")
        })?;
    }
    Ok(numbers)
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
