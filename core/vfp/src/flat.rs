//! Kernels for slices, in chunks of 8 numbers, and the square root.

use core::arch::naked_asm;

// The kernels have the calling convention of the hard-float ABI, as those of the file `columns`.

/// Numbers of a chunk.
const WIDTH: usize = 8;

/// Computes `vsqrt.f32`; the argument and the result are in `s0`.
#[unsafe(naked)]
pub(crate) extern "C" fn sqrt(x: f32) -> f32 {
    naked_asm!(".fpu fpv4-sp-d16", "vsqrt.f32 s0, s0", "bx lr")
}

/// Adds `s0` times the numbers at `from` to the numbers at `to`, for `chunks ≥ 1` chunks of 8.
#[unsafe(naked)]
unsafe extern "C" fn add_scaled_chunks(to: *mut f32, from: *const f32, chunks: usize, factor: f32) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s23}}",
        "2:",
        "vldmia r1!, {{s1-s8}}",
        "vldmia r0, {{s16-s23}}",
        "vmla.f32 s16, s0, s1",
        "vmla.f32 s17, s0, s2",
        "vmla.f32 s18, s0, s3",
        "vmla.f32 s19, s0, s4",
        "vmla.f32 s20, s0, s5",
        "vmla.f32 s21, s0, s6",
        "vmla.f32 s22, s0, s7",
        "vmla.f32 s23, s0, s8",
        "vstmia r0!, {{s16-s23}}",
        "subs r2, r2, #1",
        "bne 2b",
        "vpop {{s16-s23}}",
        "bx lr",
    )
}

/// Returns `s0` plus the magnitudes of the numbers at `x`, for `chunks ≥ 1` chunks of 8.
#[unsafe(naked)]
unsafe extern "C" fn add_magnitudes_chunks(x: *const f32, chunks: usize, start: f32) -> f32 {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "2:",
        "vldmia r0!, {{s1-s8}}",
        "vabs.f32 s1, s1",
        "vabs.f32 s2, s2",
        "vabs.f32 s3, s3",
        "vabs.f32 s4, s4",
        "vabs.f32 s5, s5",
        "vabs.f32 s6, s6",
        "vabs.f32 s7, s7",
        "vabs.f32 s8, s8",
        "vadd.f32 s0, s0, s1",
        "vadd.f32 s0, s0, s2",
        "vadd.f32 s0, s0, s3",
        "vadd.f32 s0, s0, s4",
        "vadd.f32 s0, s0, s5",
        "vadd.f32 s0, s0, s6",
        "vadd.f32 s0, s0, s7",
        "vadd.f32 s0, s0, s8",
        "subs r1, r1, #1",
        "bne 2b",
        "bx lr",
    )
}

/// Implements `add_scaled` for the whole chunks of slices of one length; returns the rest of both.
#[inline(always)]
pub(crate) fn add_scaled<'t, 'f>(to: &'t mut [f32], factor: f32, from: &'f [f32]) -> (&'t mut [f32], &'f [f32]) {
    let (to, to_rest) = to.as_chunks_mut::<WIDTH>();
    let (from, from_rest) = from.as_chunks::<WIDTH>();
    let chunks = to.len().min(from.len());
    if chunks > 0 {
        // SAFETY: both slices hold at least `chunks` chunks.
        unsafe { add_scaled_chunks(to.as_mut_ptr().cast(), from.as_ptr().cast(), chunks, factor) };
    }
    (to_rest, from_rest)
}

/// Implements `add_magnitudes` for the whole chunks of a slice; returns the sum and the rest.
#[inline(always)]
pub(crate) fn add_magnitudes(start: f32, x: &[f32]) -> (f32, &[f32]) {
    let (chunks, rest) = x.as_chunks::<WIDTH>();
    if chunks.is_empty() {
        return (start, rest);
    }
    // SAFETY: the kernel reads all chunks of the slice, of which there is at least one.
    (unsafe { add_magnitudes_chunks(chunks.as_ptr().cast(), chunks.len(), start) }, rest)
}
