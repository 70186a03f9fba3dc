//! Costs of operations on a device: instructions and stack.
//!
//! Every kernel runs twice: once over a painted stack, and once between two marks, where a plugin of the emulator
//! counts the instructions. For each kernel, the program prints a line with the bytes of stack and the name, in the
//! order of the counts.
//!
//! The sizes are ten classes, and a policy of 64 features and ten actions, unless a name states others.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: `cargo xtask test budgets` builds it, runs it on emulated boards and counts.");
}

#[cfg(target_os = "none")]
mod floating;
#[cfg(target_os = "none")]
mod integers;
#[cfg(target_os = "none")]
mod measure;
#[cfg(target_os = "none")]
mod networks;

#[cfg(target_os = "none")]
mod device {
    use cortex_m as _;
    use semihosting::{println, process};

    #[cortex_m_rt::entry]
    fn main() -> ! {
        crate::measure::empty();
        if crate::floating::kernels()
            .and_then(|()| crate::networks::kernels())
            .and_then(|()| crate::integers::kernels())
            .is_err()
        {
            println!("error: a constant is out of range");
            process::exit(1)
        }
        process::exit(0)
    }

    #[cortex_m_rt::exception]
    unsafe fn HardFault(_frame: &cortex_m_rt::ExceptionFrame) -> ! {
        process::exit(101)
    }

    #[panic_handler]
    fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
        process::exit(102)
    }
}
