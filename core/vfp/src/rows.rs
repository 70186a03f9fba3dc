//! Kernels for rows of up to 15 weights, which fit the registers.

use core::arch::naked_asm;

// The kernels are functions with the calling convention of the hard-float ABI, because the compiler does not let
// inline assembly name floating-point registers on targets with a single-precision unit.

/// The two kernels for rows of one width. The sums, or the step, are in `s0` and up; a row is in `s16` and up,
/// which the kernel must restore; a number is in `s15`. `r0` to `r3` hold the arguments.
macro_rules! width {
    ($add_rows:ident, $add_outer:ident, $sums:literal, $row:literal, [$($sum:literal $weight:literal),*]) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $add_rows(out: *mut f32, rows: *const f32, x: *const f32, d: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                concat!("vpush {{", $row, "}}"),
                concat!("vldmia r0, {{", $sums, "}}"),
                "2:",
                "vldmia r2!, {{s15}}",
                concat!("vldmia r1!, {{", $row, "}}"),
                $(concat!("vmla.f32 ", $sum, ", s15, ", $weight),)*
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vstmia r0, {{", $sums, "}}"),
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }

        #[unsafe(naked)]
        unsafe extern "C" fn $add_outer(rows: *mut f32, x: *const f32, step: *const f32, d: usize) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                concat!("vpush {{", $row, "}}"),
                concat!("vldmia r2, {{", $sums, "}}"),
                "2:",
                "vldmia r1!, {{s15}}",
                concat!("vldmia r0, {{", $row, "}}"),
                $(concat!("vmla.f32 ", $weight, ", s15, ", $sum),)*
                concat!("vstmia r0!, {{", $row, "}}"),
                "subs r3, r3, #1",
                "bne 2b",
                concat!("vpop {{", $row, "}}"),
                "bx lr",
            )
        }
    };
}

width!(add_rows_1, add_outer_1, "s0", "s16", ["s0" "s16"]);
width!(add_rows_2, add_outer_2, "s0-s1", "s16-s17", ["s0" "s16", "s1" "s17"]);
width!(add_rows_3, add_outer_3, "s0-s2", "s16-s18", ["s0" "s16", "s1" "s17", "s2" "s18"]);
width!(add_rows_4, add_outer_4, "s0-s3", "s16-s19", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19"]);
width!(add_rows_5, add_outer_5, "s0-s4", "s16-s20", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20"]);
width!(add_rows_6, add_outer_6, "s0-s5", "s16-s21", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21"]);
width!(add_rows_7, add_outer_7, "s0-s6", "s16-s22", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22"]);
width!(add_rows_8, add_outer_8, "s0-s7", "s16-s23", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23"]);
width!(add_rows_9, add_outer_9, "s0-s8", "s16-s24", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24"]);
width!(add_rows_10, add_outer_10, "s0-s9", "s16-s25", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25"]);
width!(add_rows_11, add_outer_11, "s0-s10", "s16-s26", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25", "s10" "s26"]);
width!(add_rows_12, add_outer_12, "s0-s11", "s16-s27", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25", "s10" "s26", "s11" "s27"]);
width!(add_rows_13, add_outer_13, "s0-s12", "s16-s28", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25", "s10" "s26", "s11" "s27", "s12" "s28"]);
width!(add_rows_14, add_outer_14, "s0-s13", "s16-s29", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25", "s10" "s26", "s11" "s27", "s12" "s28", "s13" "s29"]);
width!(add_rows_15, add_outer_15, "s0-s14", "s16-s30", ["s0" "s16", "s1" "s17", "s2" "s18", "s3" "s19", "s4" "s20", "s5" "s21", "s6" "s22", "s7" "s23", "s8" "s24", "s9" "s25", "s10" "s26", "s11" "s27", "s12" "s28", "s13" "s29", "s14" "s30"]);

/// Computes `vsqrt.f32`; the argument and the result are in `s0`.
#[unsafe(naked)]
pub(crate) extern "C" fn sqrt(x: f32) -> f32 {
    naked_asm!(".fpu fpv4-sp-d16", "vsqrt.f32 s0, s0", "bx lr")
}

/// The signature of a kernel of one width. The arguments are three pointers to rows or matrices, as each kernel
/// defines them, and the number of rows.
type Kernel = unsafe extern "C" fn(*mut f32, *const f32, *const f32, usize);

/// Implements `add_rows` for `D > 0`; returns false and does nothing if a row does not fit the registers.
#[inline(always)]
pub(crate) fn add_rows<const D: usize, const K: usize>(out: &mut [f32; K], rows: &[[f32; K]; D], x: &[f32; D]) -> bool {
    let kernel: Kernel = match K {
        1 => add_rows_1,
        2 => add_rows_2,
        3 => add_rows_3,
        4 => add_rows_4,
        5 => add_rows_5,
        6 => add_rows_6,
        7 => add_rows_7,
        8 => add_rows_8,
        9 => add_rows_9,
        10 => add_rows_10,
        11 => add_rows_11,
        12 => add_rows_12,
        13 => add_rows_13,
        14 => add_rows_14,
        15 => add_rows_15,
        _ => return false,
    };
    // SAFETY: the kernel of width K reads D numbers and D rows, and reads and writes one row. The three arrays have
    // these sizes.
    unsafe { kernel(out.as_mut_ptr(), rows.as_ptr().cast(), x.as_ptr(), D) };
    true
}

/// Implements `add_outer` for `D > 0`; returns false and does nothing if a row does not fit the registers.
#[inline(always)]
pub(crate) fn add_outer<const D: usize, const K: usize>(
    rows: &mut [[f32; K]; D],
    x: &[f32; D],
    step: &[f32; K],
) -> bool {
    let kernel: Kernel = match K {
        1 => add_outer_1,
        2 => add_outer_2,
        3 => add_outer_3,
        4 => add_outer_4,
        5 => add_outer_5,
        6 => add_outer_6,
        7 => add_outer_7,
        8 => add_outer_8,
        9 => add_outer_9,
        10 => add_outer_10,
        11 => add_outer_11,
        12 => add_outer_12,
        13 => add_outer_13,
        14 => add_outer_14,
        15 => add_outer_15,
        _ => return false,
    };
    // SAFETY: the kernel of width K reads D numbers and one row, and reads and writes D rows. The three arrays have
    // these sizes.
    unsafe { kernel(rows.as_mut_ptr().cast(), x.as_ptr(), step.as_ptr(), D) };
    true
}
