//! Links only if no public operation of the core can reach a panic.
//!
//! The panic handler calls `samplegrad_core_can_panic`, which is defined nowhere. The program calls every public
//! operation of the core with arguments that the compiler cannot see through. If the optimizer is left with one panic
//! that it cannot rule out, the handler stays in the program and the linker stops at the undefined symbol. So the proof
//! is that it links, at any optimisation level at which it does; nothing is run.
//!
//! ```text
//! cargo build -p samplegrad-panic-free --profile firmware --target thumbv7em-none-eabihf
//! ```
//!
//! With the feature `planted-panic` there is one reachable index out of bounds, and the link must fail. Without this
//! control a handler that is thrown away for another reason would pass for a proof.
//!
//! Out of its reach: `Debug` and `Display`, whose formatting in the standard library can panic.

#![cfg_attr(target_os = "none", no_std, no_main)]

mod operations;

/// Where a linker starts when no script says otherwise: the one root of what is kept.
// `no_mangle` is unsafe because another symbol of this name would collide; there is no runtime that has one.
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
    // The declaration is unsafe because no one checks it against a definition; there is none, and it is never run.
    unsafe extern "C" {
        safe fn samplegrad_core_can_panic() -> !;
    }
    samplegrad_core_can_panic()
}

/// On a host there is nothing to link without: the operations run once, and the proof is elsewhere.
#[cfg(not(target_os = "none"))]
fn main() {
    operations::every();
    println!(
        "Every operation of the core ran once. That none of them can panic is proved by linking this program for a"
    );
    println!("bare-metal target, which fails if one can:");
    println!("    cargo build -p samplegrad-panic-free --profile firmware --target thumbv7em-none-eabihf");
}
