//! A program that links only if no public operation of the core can reach a panic.
//!
//! The panic handler calls `samplegrad_core_can_panic`, which is not defined. The program calls every public operation
//! of the core with arguments whose values the compiler cannot know. If the optimizer cannot rule out a panic, the
//! handler stays in the program and the linker stops at the undefined symbol. A successful link at any optimisation
//! level is therefore the proof; the program does not need to run.
//!
//! ```text
//! cargo build -p samplegrad-panic-free --profile firmware --target thumbv7em-none-eabihf
//! ```
//!
//! With the feature `planted-panic` there is one reachable index out of bounds, and the link must fail. This control
//! shows that the handler is not dropped for another reason.
//!
//! The proof excludes `Debug` and `Display`, whose formatting in the standard library can panic.

#![cfg_attr(target_os = "none", no_std, no_main)]

mod operations;

/// Calls every operation. A linker uses this entry point if no script names another; it is the only root of the linked
/// code.
// `no_mangle` is unsafe because another symbol of this name would collide; without a runtime there is none.
#[cfg(target_os = "none")]
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    operations::every();
    loop {
        core::hint::spin_loop();
    }
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // The declaration is unsafe because the compiler cannot check it against a definition. The function has no
    // definition and is never run.
    unsafe extern "C" {
        safe fn samplegrad_core_can_panic() -> !;
    }
    samplegrad_core_can_panic()
}

/// Runs the operations once. A host has a panic handler, so a link on the host proves nothing.
#[cfg(not(target_os = "none"))]
fn main() {
    operations::every();
    println!(
        "Every operation of the core ran once. That none of them can panic is proved by linking this program for a"
    );
    println!("bare-metal target, which fails if one can:");
    println!("    cargo build -p samplegrad-panic-free --profile firmware --target thumbv7em-none-eabihf");
}
