//! Start and end of a firmware: the code that every file of `src/bin` shares.

/// Makes a function of type `fn() -> Result<(), Stop>` the program of a device: entry point, logger, and handlers of
/// faults and panics that end with failure. On a host the program only prints that it is firmware.
///
/// The function needs the attribute `#[cfg(target_os = "none")]`, as does the import of `defmt`; see
/// `src/bin/digits_bandit.rs`.
#[macro_export]
macro_rules! firmware {
    ($work:path) => {
        #[cfg(not(target_os = "none"))]
        fn main() {
            println!("This is firmware: `cargo xtask demo` and `cargo xtask test cores` run it on emulated boards.");
        }

        #[cfg(target_os = "none")]
        mod runtime {
            use super::*;
            #[cfg(target_arch = "arm")]
            use cortex_m as _;
            use defmt_semihosting as _;
            #[cfg(target_arch = "riscv32")]
            use riscv as _;

            #[cfg_attr(target_arch = "arm", cortex_m_rt::entry)]
            #[cfg_attr(target_arch = "riscv32", riscv_rt::entry)]
            fn main() -> ! {
                $crate::device::work($work)
            }

            #[cfg(target_arch = "arm")]
            #[cortex_m_rt::exception]
            unsafe fn HardFault(_frame: &cortex_m_rt::ExceptionFrame) -> ! {
                $crate::device::fail(101)
            }

            #[cfg(target_arch = "riscv32")]
            #[unsafe(export_name = "ExceptionHandler")]
            fn exception(_frame: &riscv_rt::TrapFrame) -> ! {
                $crate::device::fail(101)
            }

            #[panic_handler]
            fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
                $crate::device::fail(102)
            }
        }
    };
}
