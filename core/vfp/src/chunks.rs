//! Kernels for chunks of up to 8 numbers: columns of a matrix with a stride, and flat slices.

use core::arch::naked_asm;

// The kernels are functions with the calling convention of the hard-float ABI, because the compiler does not let inline
// assembly name floating-point registers on targets with a single-precision unit. `r0` to `r3` hold the first four
// arguments, the stack the next, and `s0` a floating-point argument.

/// Columns of a chunk.
const WIDTH: usize = 8;

/// The kernels for chunks of one width. The sums, or the step, are in `s0` and up; a part of a row is in `s16` and up,
/// which the kernel must restore; a number is in `s15`, the decay in `s14`, the distance of two rows in bytes in `r12`.
macro_rules! width {
    ($add_rows:ident, $add_outer:ident, $decay:ident, $products:ident, $sums:literal, $row:literal, [$($sum:literal $weight:literal),*]) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $add_rows(out: *mut f32, rows: *const f32, x: *const f32, d: usize, stride: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "ldr r12, [sp]",
                concat!("vpush {{", $row, "}}"),
                concat!("vldmia r0, {{", $sums, "}}"),
                "2:",
                "vldmia r2!, {{s15}}",
                concat!("vldmia r1, {{", $row, "}}"),
                $(concat!("vmla.f32 ", $sum, ", s15, ", $weight),)*
                "add r1, r1, r12",
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vstmia r0, {{", $sums, "}}"),
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }

        #[unsafe(naked)]
        unsafe extern "C" fn $add_outer(rows: *mut f32, x: *const f32, step: *const f32, d: usize, stride: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "ldr r12, [sp]",
                concat!("vpush {{", $row, "}}"),
                concat!("vldmia r2, {{", $sums, "}}"),
                "2:",
                "vldmia r1!, {{s15}}",
                concat!("vldmia r0, {{", $row, "}}"),
                $(concat!("vmla.f32 ", $weight, ", s15, ", $sum),)*
                concat!("vstmia r0, {{", $row, "}}"),
                "add r0, r0, r12",
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }

        #[unsafe(naked)]
        unsafe extern "C" fn $decay(rows: *mut f32, x: *const f32, step: *const f32, d: usize, stride: usize, decay: f32) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "ldr r12, [sp]",
                concat!("vpush {{", $row, "}}"),
                "vmov.f32 s14, s0",
                concat!("vldmia r2, {{", $sums, "}}"),
                "2:",
                "vldmia r1!, {{s15}}",
                concat!("vldmia r0, {{", $row, "}}"),
                $(concat!("vmul.f32 ", $weight, ", ", $weight, ", s14"),)*
                $(concat!("vmla.f32 ", $weight, ", s15, ", $sum),)*
                concat!("vstmia r0, {{", $row, "}}"),
                "add r0, r0, r12",
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }

        #[unsafe(naked)]
        unsafe extern "C" fn $products(out: *mut f32, rows: *const f32, x: *const f32, d: usize, stride: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "ldr r12, [sp]",
                concat!("vpush {{", $row, "}}"),
                concat!("vldmia r2, {{", $sums, "}}"),
                "2:",
                "vldmia r0, {{s15}}",
                concat!("vldmia r1, {{", $row, "}}"),
                $(concat!("vmla.f32 s15, ", $weight, ", ", $sum),)*
                "vstmia r0!, {{s15}}",
                "add r1, r1, r12",
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }
    };
}

width!(add_rows_1, add_outer_1, decay_1, products_1, "s0", "s16", ["s0" "s16"]);
width!(add_rows_2, add_outer_2, decay_2, products_2, "s0-s1", "s16-s17", ["s0" "s16", "s1" "s17"]);
width!(add_rows_3, add_outer_3, decay_3, products_3, "s0-s2", "s16-s18", ["s0" "s16", "s1" "s17", "s2" "s18"]);
width!(add_rows_4, add_outer_4, decay_4, products_4, "s0-s3", "s16-s19", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19"]);
width!(add_rows_5, add_outer_5, decay_5, products_5, "s0-s4", "s16-s20", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20"]);
width!(add_rows_6, add_outer_6, decay_6, products_6, "s0-s5", "s16-s21", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21"]);
width!(add_rows_7, add_outer_7, decay_7, products_7, "s0-s6", "s16-s22", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22"]);
width!(add_rows_8, add_outer_8, decay_8, products_8, "s0-s7", "s16-s23", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23"]);

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

/// A kernel of one width: three pointers as each kernel defines them, the number of rows, their distance in bytes.
type Kernel = unsafe extern "C" fn(*mut f32, *const f32, *const f32, usize, usize);

/// Calls `f` with every chunk of the columns: its first column and its width, from first to last.
#[inline(always)]
fn each_chunk<const K: usize>(mut f: impl FnMut(usize, usize)) {
    let mut start = 0;
    while start < K {
        let width = if K - start < WIDTH { K - start } else { WIDTH };
        f(start, width);
        start += width;
    }
}

/// Implements `add_rows` for `D > 0`; always returns true.
#[inline(always)]
pub(crate) fn add_rows<const D: usize, const K: usize>(out: &mut [f32; K], rows: &[[f32; K]; D], x: &[f32; D]) -> bool {
    let (out, rows) = (out.as_mut_ptr(), rows.as_ptr().cast::<f32>());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = match width {
            1 => add_rows_1,
            2 => add_rows_2,
            3 => add_rows_3,
            4 => add_rows_4,
            5 => add_rows_5,
            6 => add_rows_6,
            7 => add_rows_7,
            _ => add_rows_8,
        };
        // SAFETY: the kernel reads D numbers, and `width` numbers of each of D rows from column `start`; it reads and
        // writes `width` sums. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(out.add(start), rows.add(start), x.as_ptr(), D, 4 * K) };
    });
    true
}

/// Implements `add_outer` for `D > 0`; always returns true.
#[inline(always)]
pub(crate) fn add_outer<const D: usize, const K: usize>(
    rows: &mut [[f32; K]; D],
    x: &[f32; D],
    step: &[f32; K],
) -> bool {
    let (rows, step) = (rows.as_mut_ptr().cast::<f32>(), step.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = match width {
            1 => add_outer_1,
            2 => add_outer_2,
            3 => add_outer_3,
            4 => add_outer_4,
            5 => add_outer_5,
            6 => add_outer_6,
            7 => add_outer_7,
            _ => add_outer_8,
        };
        // SAFETY: the kernel reads D numbers and `width` steps; it reads and writes `width` numbers of each of D rows
        // from column `start`. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(rows.add(start), x.as_ptr(), step.add(start), D, 4 * K) };
    });
    true
}

/// Implements `decay_add_outer` for `D > 0`; always returns true.
#[inline(always)]
pub(crate) fn decay_add_outer<const D: usize, const K: usize>(
    rows: &mut [[f32; K]; D],
    decay: f32,
    x: &[f32; D],
    step: &[f32; K],
) -> bool {
    let (rows, step) = (rows.as_mut_ptr().cast::<f32>(), step.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: unsafe extern "C" fn(*mut f32, *const f32, *const f32, usize, usize, f32) = match width {
            1 => decay_1,
            2 => decay_2,
            3 => decay_3,
            4 => decay_4,
            5 => decay_5,
            6 => decay_6,
            7 => decay_7,
            _ => decay_8,
        };
        // SAFETY: as for `add_outer`.
        unsafe { kernel(rows.add(start), x.as_ptr(), step.add(start), D, 4 * K, decay) };
    });
    true
}

/// Implements `add_products` for `D > 0`; always returns true.
#[inline(always)]
pub(crate) fn add_products<const D: usize, const K: usize>(
    out: &mut [f32; D],
    rows: &[[f32; K]; D],
    x: &[f32; K],
) -> bool {
    let (rows, x) = (rows.as_ptr().cast::<f32>(), x.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = match width {
            1 => products_1,
            2 => products_2,
            3 => products_3,
            4 => products_4,
            5 => products_5,
            6 => products_6,
            7 => products_7,
            _ => products_8,
        };
        // SAFETY: the kernel reads `width` numbers, and `width` numbers of each of D rows from column `start`; it reads
        // and writes D sums. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(out.as_mut_ptr(), rows.add(start), x.add(start), D, 4 * K) };
    });
    true
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
