//! Kernels for the optimizer Adam, in chunks of numbers that fit the registers.

use core::arch::naked_asm;

// The kernels have the calling convention of the hard-float ABI, as those of the file `columns`.

/// Adds `g²` and then `v` to `s0`, for each of `chunks ≥ 1` chunks of 8 numbers at `g` and `v`.
#[unsafe(naked)]
unsafe extern "C" fn add_sizes_of_chunks(g: *const f32, v: *const f32, chunks: usize, start: f32) -> f32 {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "vpush {{s16-s23}}",
        "2:",
        "vldmia r0!, {{s1-s8}}",
        "vldmia r1!, {{s16-s23}}",
        "vmla.f32 s0, s1, s1",
        "vadd.f32 s0, s0, s16",
        "vmla.f32 s0, s2, s2",
        "vadd.f32 s0, s0, s17",
        "vmla.f32 s0, s3, s3",
        "vadd.f32 s0, s0, s18",
        "vmla.f32 s0, s4, s4",
        "vadd.f32 s0, s0, s19",
        "vmla.f32 s0, s5, s5",
        "vadd.f32 s0, s0, s20",
        "vmla.f32 s0, s6, s6",
        "vadd.f32 s0, s0, s21",
        "vmla.f32 s0, s7, s7",
        "vadd.f32 s0, s0, s22",
        "vmla.f32 s0, s8, s8",
        "vadd.f32 s0, s0, s23",
        "subs r2, r2, #1",
        "bne 2b",
        "vpop {{s16-s23}}",
        "bx lr",
    )
}

/// Takes the step for `chunks ≥ 1` chunks of 4 numbers, and returns the sum of the squares of the new `w`.
///
/// The constants are in `s0` to `s7`, the sum in `s8`, `w` in `s12` and up, `m` in `s16` and up, `v` in `s20` and up, `g`
/// in `s24` and up.
#[unsafe(naked)]
unsafe extern "C" fn step_of_chunks(
    w: *mut f32,
    m: *mut f32,
    v: *mut f32,
    g: *const f32,
    chunks: usize,
    constants: *const [f32; 8],
) -> f32 {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "ldr r12, [sp, #4]",
        "vldmia r12, {{s0-s7}}",
        "mov r12, #0",
        "vmov s8, r12",
        "ldr r12, [sp]",
        "vpush {{s16-s27}}",
        "2:",
        "vldmia r3!, {{s24-s27}}",
        "vldmia r1, {{s16-s19}}",
        "vldmia r2, {{s20-s23}}",
        "vldmia r0, {{s12-s15}}",
        "vmul.f32 s16, s16, s0",
        "vmla.f32 s16, s24, s1",
        "vmul.f32 s17, s17, s0",
        "vmla.f32 s17, s25, s1",
        "vmul.f32 s18, s18, s0",
        "vmla.f32 s18, s26, s1",
        "vmul.f32 s19, s19, s0",
        "vmla.f32 s19, s27, s1",
        "vmul.f32 s24, s24, s24",
        "vmul.f32 s20, s20, s2",
        "vmla.f32 s20, s24, s3",
        "vmul.f32 s25, s25, s25",
        "vmul.f32 s21, s21, s2",
        "vmla.f32 s21, s25, s3",
        "vmul.f32 s26, s26, s26",
        "vmul.f32 s22, s22, s2",
        "vmla.f32 s22, s26, s3",
        "vmul.f32 s27, s27, s27",
        "vmul.f32 s23, s23, s2",
        "vmla.f32 s23, s27, s3",
        "vstmia r1!, {{s16-s19}}",
        "vstmia r2!, {{s20-s23}}",
        "vdiv.f32 s16, s16, s4",
        "vdiv.f32 s20, s20, s5",
        "vsqrt.f32 s20, s20",
        "vadd.f32 s20, s20, s6",
        "vdiv.f32 s16, s16, s20",
        "vmla.f32 s12, s16, s7",
        "vmla.f32 s8, s12, s12",
        "vdiv.f32 s17, s17, s4",
        "vdiv.f32 s21, s21, s5",
        "vsqrt.f32 s21, s21",
        "vadd.f32 s21, s21, s6",
        "vdiv.f32 s17, s17, s21",
        "vmla.f32 s13, s17, s7",
        "vmla.f32 s8, s13, s13",
        "vdiv.f32 s18, s18, s4",
        "vdiv.f32 s22, s22, s5",
        "vsqrt.f32 s22, s22",
        "vadd.f32 s22, s22, s6",
        "vdiv.f32 s18, s18, s22",
        "vmla.f32 s14, s18, s7",
        "vmla.f32 s8, s14, s14",
        "vdiv.f32 s19, s19, s4",
        "vdiv.f32 s23, s23, s5",
        "vsqrt.f32 s23, s23",
        "vadd.f32 s23, s23, s6",
        "vdiv.f32 s19, s19, s23",
        "vmla.f32 s15, s19, s7",
        "vmla.f32 s8, s15, s15",
        "vstmia r0!, {{s12-s15}}",
        "subs r12, r12, #1",
        "bne 2b",
        "vmov.f32 s0, s8",
        "vpop {{s16-s27}}",
        "bx lr",
    )
}

/// Implements `adam_size` for the whole chunks of slices of one length; returns the sum and the rests.
#[inline(always)]
pub(crate) fn size<'a>(g: &'a [f32], v: &'a [f32]) -> (f32, &'a [f32], &'a [f32]) {
    let ((g, g_rest), (v, v_rest)) = (g.as_chunks::<8>(), v.as_chunks::<8>());
    let chunks = g.len().min(v.len());
    if chunks == 0 {
        return (0.0, g_rest, v_rest);
    }
    // SAFETY: both slices hold at least `chunks` chunks, and there is at least one.
    (unsafe { add_sizes_of_chunks(g.as_ptr().cast(), v.as_ptr().cast(), chunks, 0.0) }, g_rest, v_rest)
}

/// The numbers of a row: parameters, means, squares, gradients.
type Row<'a> = (&'a mut [f32], &'a mut [f32], &'a mut [f32], &'a [f32]);

/// Implements `adam_step` for the whole chunks of slices of one length; returns the sum and the rests.
#[inline(always)]
pub(crate) fn step<'a>((w, m, v, g): Row<'a>, constants: &[f32; 8]) -> (f32, Row<'a>) {
    let ((w, w_rest), (m, m_rest)) = (w.as_chunks_mut::<4>(), m.as_chunks_mut::<4>());
    let ((v, v_rest), (g, g_rest)) = (v.as_chunks_mut::<4>(), g.as_chunks::<4>());
    let chunks = w.len().min(m.len()).min(v.len()).min(g.len());
    let rest = (w_rest, m_rest, v_rest, g_rest);
    if chunks == 0 {
        return (0.0, rest);
    }
    let (w, m, v) = (w.as_mut_ptr().cast(), m.as_mut_ptr().cast(), v.as_mut_ptr().cast());
    // SAFETY: the slices hold at least `chunks` chunks, and there is at least one. The kernel reads eight constants.
    (unsafe { step_of_chunks(w, m, v, g.as_ptr().cast(), chunks, constants) }, rest)
}
