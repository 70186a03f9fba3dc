//! Kernels for rows of a matrix, in chunks of up to 14 columns, which fit the registers.

use core::arch::naked_asm;

// The kernels are functions with the calling convention of the hard-float ABI, because the compiler does not let inline
// assembly name floating-point registers on targets with a single-precision unit. `r0` to `r3` hold the first four
// arguments, the stack the next, and `s0` a floating-point argument.
//
// In every kernel, the sums or the step are in `s0` and up, a part of a row and a decay are in `s16` and up, which the
// kernel must restore, the numbers of two rows are in `s14` and `s15`, and the distance of two rows in bytes is in `r12`. A kernel
// takes two rows a turn. For an odd number of rows, it begins with the second half of a turn. Rows of at most 14 columns
// are packed: the next row follows in memory.

/// The most columns of a chunk.
const WIDEST: usize = 14;

/// Repeats an instruction for each column of a chunk: for the register in `s0` and up, the weight, and `x`.
macro_rules! each_column {
    ($line:ident, $x:literal) => {
        concat!(
            column!($line, "0", "s0", "s16", $x),
            column!($line, "1", "s1", "s17", $x),
            column!($line, "2", "s2", "s18", $x),
            column!($line, "3", "s3", "s19", $x),
            column!($line, "4", "s4", "s20", $x),
            column!($line, "5", "s5", "s21", $x),
            column!($line, "6", "s6", "s22", $x),
            column!($line, "7", "s7", "s23", $x),
            column!($line, "8", "s8", "s24", $x),
            column!($line, "9", "s9", "s25", $x),
            column!($line, "10", "s10", "s26", $x),
            column!($line, "11", "s11", "s27", $x),
            column!($line, "12", "s12", "s28", $x),
            column!($line, "13", "s13", "s29", $x)
        )
    };
}

/// Assembles an instruction if a chunk has more than `k` columns. `{w}` is the number of columns.
macro_rules! column {
    ($line:ident, $k:literal, $other:literal, $weight:literal, $x:literal) => {
        concat!(".if {w} > ", $k, "\n", $line!($other, $weight, $x), "\n.endif\n")
    };
}

/// Adds the product of a number and a weight to a sum.
macro_rules! add_to_sum {
    ($sum:literal, $weight:literal, $x:literal) => {
        concat!("vmla.f32 ", $sum, ", ", $x, ", ", $weight)
    };
}

/// Adds the product of a number and an element of the step to a weight.
macro_rules! add_to_weight {
    ($step:literal, $weight:literal, $x:literal) => {
        concat!("vmla.f32 ", $weight, ", ", $x, ", ", $step)
    };
}

/// Multiplies a weight by a number.
macro_rules! scale_weight {
    ($step:literal, $weight:literal, $x:literal) => {
        concat!("vmul.f32 ", $weight, ", ", $weight, ", ", $x)
    };
}

/// Adds the product of a weight and a number of the columns to the number of a row.
macro_rules! add_to_row {
    ($x:literal, $weight:literal, $sum:literal) => {
        concat!("vmla.f32 ", $sum, ", ", $weight, ", ", $x)
    };
}

/// Loads a row from `r1`, which then points to the next row.
macro_rules! load_next {
    () => {
        ".if {packed}\nvldmia r1!, {{s16-s{row}}}\n.else\nvldmia r1, {{s16-s{row}}}\nadd r1, r1, r12\n.endif\n"
    };
}

/// Stores a row to `r0`, which then points to the next row.
macro_rules! store_next {
    () => {
        ".if {packed}\nvstmia r0!, {{s16-s{row}}}\n.else\nvstmia r0, {{s16-s{row}}}\nadd r0, r0, r12\n.endif\n"
    };
}

/// Assembles a kernel: the instructions before the rows, at the start of a turn, at a start with the second half, for a
/// row with its number in `s14`, for a row with its number in `s15`, and after the rows.
macro_rules! kernel {
    ($width:ident, $packed:ident, $before:expr, $turn:expr, $half:expr, $first:expr, $second:expr, $after:expr) => {
        naked_asm!(
            ".fpu fpv4-sp-d16",
            "ldr r12, [sp]",
            "vpush {{s16-s{decay}}}",
            $before,
            "tst r3, #1",
            "beq 2f",
            "add r3, r3, #1",
            $half,
            "b 3f",
            "2:",
            $turn,
            $first,
            "3:",
            $second,
            "subs r3, r3, #2",
            "bne 2b",
            $after,
            "vpop {{s16-s{decay}}}",
            "bx lr",
            w = const $width,
            sums = const $width - 1,
            row = const 15 + $width,
            decay = const 16 + $width,
            packed = const $packed as usize,
        )
    };
}

/// Adds `d` rows times their numbers to sums.
#[unsafe(naked)]
unsafe extern "C" fn add_rows_of<const W: usize, const PACKED: bool>(
    out: *mut f32,
    rows: *const f32,
    x: *const f32,
    d: usize,
    stride: usize,
) {
    kernel!(
        W,
        PACKED,
        "vldmia r0, {{s0-s{sums}}}",
        "vldmia r2!, {{s14-s15}}",
        "vldmia r2!, {{s15}}",
        concat!(load_next!(), each_column!(add_to_sum, "s14")),
        concat!(load_next!(), each_column!(add_to_sum, "s15")),
        "vstmia r0, {{s0-s{sums}}}"
    )
}

/// Adds a step times the numbers of `d` rows to the rows.
#[unsafe(naked)]
unsafe extern "C" fn add_outer_of<const W: usize, const PACKED: bool>(
    rows: *mut f32,
    x: *const f32,
    step: *const f32,
    d: usize,
    stride: usize,
) {
    kernel!(
        W,
        PACKED,
        "vldmia r2, {{s0-s{sums}}}",
        "vldmia r1!, {{s14-s15}}",
        "vldmia r1!, {{s15}}",
        concat!("vldmia r0, {{s16-s{row}}}\n", each_column!(add_to_weight, "s14"), store_next!()),
        concat!("vldmia r0, {{s16-s{row}}}\n", each_column!(add_to_weight, "s15"), store_next!()),
        ""
    )
}

/// Multiplies `d` rows by a decay, and adds a step times the numbers of the rows. The decay is behind the row.
#[unsafe(naked)]
unsafe extern "C" fn decay_add_outer_of<const W: usize, const PACKED: bool>(
    rows: *mut f32,
    x: *const f32,
    step: *const f32,
    d: usize,
    stride: usize,
    decay: f32,
) {
    kernel!(
        W,
        PACKED,
        "vmov.f32 s{decay}, s0\nvldmia r2, {{s0-s{sums}}}",
        "vldmia r1!, {{s14-s15}}",
        "vldmia r1!, {{s15}}",
        concat!(
            "vldmia r0, {{s16-s{row}}}\n",
            each_column!(scale_weight, "s{decay}"),
            each_column!(add_to_weight, "s14"),
            store_next!()
        ),
        concat!(
            "vldmia r0, {{s16-s{row}}}\n",
            each_column!(scale_weight, "s{decay}"),
            each_column!(add_to_weight, "s15"),
            store_next!()
        ),
        ""
    )
}

/// Adds the products of `d` rows with the numbers of the columns to a number for each row.
#[unsafe(naked)]
unsafe extern "C" fn add_products_of<const W: usize, const PACKED: bool>(
    out: *mut f32,
    rows: *const f32,
    x: *const f32,
    d: usize,
    stride: usize,
) {
    kernel!(
        W,
        PACKED,
        "vldmia r2, {{s0-s{sums}}}",
        "vldmia r0, {{s14-s15}}",
        "vldmia r0, {{s15}}",
        concat!(load_next!(), each_column!(add_to_row, "s14"), "vstmia r0!, {{s14}}\n"),
        concat!(load_next!(), each_column!(add_to_row, "s15"), "vstmia r0!, {{s15}}\n"),
        ""
    )
}

/// Selects the kernel for a number of columns, at compile time.
macro_rules! of_width {
    ($kernel:ident, $packed:expr, $width:expr) => {
        match $width {
            1 => $kernel::<1, $packed>,
            2 => $kernel::<2, $packed>,
            3 => $kernel::<3, $packed>,
            4 => $kernel::<4, $packed>,
            5 => $kernel::<5, $packed>,
            6 => $kernel::<6, $packed>,
            7 => $kernel::<7, $packed>,
            8 => $kernel::<8, $packed>,
            9 => $kernel::<9, $packed>,
            10 => $kernel::<10, $packed>,
            11 => $kernel::<11, $packed>,
            12 => $kernel::<12, $packed>,
            13 => $kernel::<13, $packed>,
            _ => $kernel::<14, $packed>,
        }
    };
}

/// Evaluates to the kernel for `width` of `K` columns.
macro_rules! kernel_of {
    ($kernel:ident, $width:expr) => {
        if K <= WIDEST { of_width!($kernel, true, $width) } else { of_width!($kernel, false, $width) }
    };
}

/// A kernel: three pointers as each kernel defines them, the number of rows, their distance in bytes.
type Kernel = unsafe extern "C" fn(*mut f32, *const f32, *const f32, usize, usize);
/// A kernel with a decay.
type DecayKernel = unsafe extern "C" fn(*mut f32, *const f32, *const f32, usize, usize, f32);

/// Calls `f` with every chunk of the columns, from first to last: its first column and its number of columns. The chunks
/// are as few and as equal as possible.
#[inline(always)]
fn each_chunk<const K: usize>(mut f: impl FnMut(usize, usize)) {
    let chunks = K.div_ceil(WIDEST);
    let mut start = 0;
    for chunk in 0..chunks {
        let width = K / chunks + if chunk < K % chunks { 1 } else { 0 };
        f(start, width);
        start += width;
    }
}

/// Implements `add_rows` for `D > 0`.
#[inline(always)]
pub(crate) fn add_rows<const D: usize, const K: usize>(out: &mut [f32; K], rows: &[[f32; K]; D], x: &[f32; D]) {
    let (out, rows) = (out.as_mut_ptr(), rows.as_ptr().cast::<f32>());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = kernel_of!(add_rows_of, width);
        // SAFETY: the kernel reads D numbers, and `width` numbers of each of D rows from column `start`; it reads and
        // writes `width` sums. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(out.add(start), rows.add(start), x.as_ptr(), D, 4 * K) };
    });
}

/// Implements `add_outer` for `D > 0`.
#[inline(always)]
pub(crate) fn add_outer<const D: usize, const K: usize>(rows: &mut [[f32; K]; D], x: &[f32; D], step: &[f32; K]) {
    let (rows, step) = (rows.as_mut_ptr().cast::<f32>(), step.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = kernel_of!(add_outer_of, width);
        // SAFETY: the kernel reads D numbers and `width` elements of the step; it reads and writes `width` numbers of
        // each of D rows from column `start`. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(rows.add(start), x.as_ptr(), step.add(start), D, 4 * K) };
    });
}

/// Implements `decay_add_outer` for `D > 0`.
#[inline(always)]
pub(crate) fn decay_add_outer<const D: usize, const K: usize>(
    rows: &mut [[f32; K]; D],
    decay: f32,
    x: &[f32; D],
    step: &[f32; K],
) {
    let (rows, step) = (rows.as_mut_ptr().cast::<f32>(), step.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: DecayKernel = kernel_of!(decay_add_outer_of, width);
        // SAFETY: as for `add_outer`.
        unsafe { kernel(rows.add(start), x.as_ptr(), step.add(start), D, 4 * K, decay) };
    });
}

/// Implements `add_products` for `D > 0`.
#[inline(always)]
pub(crate) fn add_products<const D: usize, const K: usize>(out: &mut [f32; D], rows: &[[f32; K]; D], x: &[f32; K]) {
    let (rows, x) = (rows.as_ptr().cast::<f32>(), x.as_ptr());
    each_chunk::<K>(|start, width| {
        let kernel: Kernel = kernel_of!(add_products_of, width);
        // SAFETY: the kernel reads `width` numbers, and `width` numbers of each of D rows from column `start`; it reads
        // and writes D sums. All are within the arrays, because `start + width ≤ K`.
        unsafe { kernel(out.as_mut_ptr(), rows.add(start), x.add(start), D, 4 * K) };
    });
}
