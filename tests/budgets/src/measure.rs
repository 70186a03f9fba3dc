//! Marks for the counter of instructions, and a painted stack.

use core::{arch::asm, hint::black_box};

use semihosting::println;

const PAINT: u32 = 0x5a5a_5a5a;

/// Runs a kernel over a painted stack and again between two marks, and prints its name and its stack use.
#[inline(never)]
pub(crate) fn kernel(name: &str, mut kernel: impl FnMut()) {
    let stack = stack_of(&mut kernel);
    // SAFETY: two hints without effect. Like any assembly, they keep the compiler from moving memory accesses across
    // them.
    unsafe { asm!(".inst.n 0xbf60") };
    kernel();
    // SAFETY: as above.
    unsafe { asm!(".inst.n 0xbf70") };
    println!("{stack} {name}");
}

/// Places two marks with nothing between them: the count must be zero.
pub(crate) fn empty() {
    kernel("nothing", || ());
}

/// Returns the bytes of stack that a kernel uses, including its call.
#[inline(never)]
fn stack_of(kernel: &mut dyn FnMut()) -> usize {
    let bottom = cortex_m_rt::heap_start();
    let top: *mut u32;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) top, options(nomem, nostack, preserves_flags)) };
    // SAFETY: both addresses are in the one region of RAM that the linker reserves for heap and stack.
    let words = unsafe { top.offset_from(bottom) }.unsigned_abs();
    for i in 0..words {
        // SAFETY: nothing uses the RAM between the end of the variables and the stack pointer: there is no heap, and
        // interrupts are off.
        unsafe { bottom.add(i).write_volatile(PAINT) };
    }
    kernel();
    // SAFETY: as above. The read is volatile because the compiler does not know that the kernel wrote there.
    let painted = (0..words).take_while(|&i| unsafe { bottom.add(i).read_volatile() } == PAINT).count();
    (words - painted) * 4
}

/// Returns logits, or features, whose values the compiler cannot know.
pub(crate) fn spread<const N: usize>(step: f32) -> [f32; N] {
    let mut x = 0.3;
    black_box([0.0; N]).map(|zero| {
        x = (x + step) % 2.0;
        zero + x - 1.0
    })
}
