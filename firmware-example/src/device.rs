//! Runtime of every firmware in this folder on an emulated board: arguments, exit of the program, stack measurement.
//!
//! A firmware is a file of a few lines in `src/bin`, with an entry in `Cargo.toml`, that passes its work to
//! [`firmware!`](crate::firmware!). It logs through `defmt`; the emulator writes the log out by semihosting.

use core::ops::ControlFlow;

use samplegrad_tasks::log::Frame;
use semihosting::{experimental::env, process};

/// Word that fills the stack before the program runs.
const PAINT: u32 = 0xcccc_cccc;

/// Reason for ending the program before its work is done.
pub struct Stop(pub &'static str);

impl From<samplegrad_core::Error> for Stop {
    fn from(_: samplegrad_core::Error) -> Self {
        Self("a constant of the task is out of range")
    }
}

/// Logs the version of the bits, runs `work`, and exits: with 0, or with 1 and the reason in the log.
///
/// This function is generic so that the compiler inlines `work`: called through a pointer, `work` moved a learner three
/// times on the stack, which took 18 KB of stack instead of 6 KB.
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

/// Logs a line of a run and lets the run continue.
pub fn log(_steps: u64, line: impl defmt::Format) -> ControlFlow<()> {
    defmt::info!("{}", line);
    ControlFlow::Continue(())
}

/// Ends the program with exit code `status`.
pub fn fail(status: i32) -> ! {
    process::exit(status)
}

/// Returns the arguments passed by semihosting, from left to right. Missing arguments keep their default in the table.
///
/// # Errors
/// If an argument is not a number. The log names the argument.
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

/// Returns the bounds of the stack: its lowest address and its start.
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

/// Paints the free part of the stack, as `cortex-m-rt` does on Arm before the program runs.
#[cfg(target_arch = "riscv32")]
#[inline(never)]
fn paint() {
    /// Words below this function's first variable that the function itself may use.
    const OWN: usize = 64;
    let here = 0_u32;
    let (bottom, _) = stack();
    // SAFETY: both addresses are in the stack, and `here` is more than `OWN` words above the bottom: nothing has run
    // yet.
    let words = unsafe { (&raw const here).offset_from(bottom) }.unsigned_abs() - OWN;
    // SAFETY: nothing uses the memory between the bottom of the stack and this function's frame.
    (0..words).for_each(|i| unsafe { bottom.add(i).write_volatile(PAINT) });
}

/// Returns the largest stack use so far, in bytes: the part that is no longer painted.
fn stack_used() -> usize {
    let (bottom, top) = stack();
    // SAFETY: the linker puts only the stack between these two aligned addresses, and all of it is RAM.
    let words = unsafe { top.offset_from(bottom) }.unsigned_abs();
    // SAFETY: as above. The read is volatile because the paint is in memory that no variable owns.
    let painted = (0..words).take_while(|&i| unsafe { bottom.add(i).read_volatile() } == PAINT).count();
    (words - painted) * 4
}
