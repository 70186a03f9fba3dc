//! Safe functions for instructions of Arm's floating-point unit. The results have the same bits as the results of plain
//! Rust.
//!
//! | function | instruction | plain |
//! |---|---|---|
//! | `sqrt` | `vsqrt.f32`, one instruction | `libm` in integers, 50 instructions |
//! | [`add_rows`] | `vldmia`, `vmla.f32`: `K + 4` instructions per row of `K` weights | two loads and a `vmla` per weight: `2 K + 4` |
//! | [`add_outer`] | `vldmia`, `vmla.f32`, `vstmia`: `K + 5` instructions per row | `3 K + 4` |
//!
//! `vmla.f32` is not fused: it rounds the product and then the sum, as two instructions do, and the order of the sums
//! is the order of the plain loop. `vsqrt.f32` rounds correctly, as `libm` does. Each function therefore has the bits
//! of its plain form, except for the payload of a NaN. A device with the unit agrees with a device without the unit.
//!
//! [`decay_add_outer`], [`add_products`], [`add_scaled`] and [`add_magnitudes`] are built in the same way, in chunks of 8
//! numbers. Rows of more than 15 weights do not fit the registers, so [`add_rows`] and [`add_outer`] handle them in
//! chunks of 8 columns too.
//!
//! The instructions are used on Arm with hardware floating point (`eabihf`: Cortex-M4F, M7, M33 and up). The plain form
//! is used on other targets.

#![no_std]
// Assembly is unsafe by nature. The rest of this crate is safe code.
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod chunks;
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod rows;

/// Computes `√x`, correctly rounded; NaN for a negative number.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    rows::sqrt(x)
}

/// Adds rows times numbers: `out ← out + Σ_d x_d rows_d`, from first to last, with product and sum rounded separately.
///
/// ```
/// let mut out = [0.5_f32, 0.0];
/// samplegrad_vfp::add_rows(&mut out, &[[1.0, 2.0], [3.0, 4.0]], &[1.0, -1.0]);
/// assert_eq!(out, [-1.5, -2.0]);
/// ```
#[inline]
pub fn add_rows<const D: usize, const K: usize>(out: &mut [f32; K], rows: &[[f32; K]; D], x: &[f32; D]) {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    if D > 0 && (rows::add_rows(out, rows, x) || chunks::add_rows(out, rows, x)) {
        return;
    }
    for (row, &x) in rows.iter().zip(x) {
        for (out, &w) in out.iter_mut().zip(row) {
            *out += x * w;
        }
    }
}

/// Adds an outer product: `rows_d ← rows_d + x_d step`, with product and sum rounded separately.
///
/// ```
/// let mut rows = [[0.0_f32; 1]; 2];
/// samplegrad_vfp::add_outer(&mut rows, &[1.0, -2.0], &[0.5]);
/// assert_eq!(rows, [[0.5], [-1.0]]);
/// ```
#[inline]
pub fn add_outer<const D: usize, const K: usize>(rows: &mut [[f32; K]; D], x: &[f32; D], step: &[f32; K]) {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    if D > 0 && (rows::add_outer(rows, x, step) || chunks::add_outer(rows, x, step)) {
        return;
    }
    for (row, &x) in rows.iter_mut().zip(x) {
        for (w, &s) in row.iter_mut().zip(step) {
            *w += x * s;
        }
    }
}

/// Multiplies rows by a number and adds an outer product: `rows_d ← decay · rows_d + x_d step`, with every product and
/// sum rounded separately.
///
/// ```
/// let mut rows = [[4.0_f32; 1]; 2];
/// samplegrad_vfp::decay_add_outer(&mut rows, 0.5, &[1.0, -2.0], &[0.5]);
/// assert_eq!(rows, [[2.5], [1.0]]);
/// ```
#[inline]
pub fn decay_add_outer<const D: usize, const K: usize>(
    rows: &mut [[f32; K]; D],
    decay: f32,
    x: &[f32; D],
    step: &[f32; K],
) {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    if D > 0 && chunks::decay_add_outer(rows, decay, x, step) {
        return;
    }
    for (row, &x) in rows.iter_mut().zip(x) {
        for (w, &s) in row.iter_mut().zip(step) {
            *w = *w * decay + x * s;
        }
    }
}

/// Adds the products of rows with numbers: `out_d ← out_d + Σ_k rows_dk x_k`, from first to last, with product and sum
/// rounded separately.
///
/// ```
/// let mut out = [0.5_f32, 0.0];
/// samplegrad_vfp::add_products(&mut out, &[[1.0, 2.0], [3.0, 4.0]], &[1.0, -1.0]);
/// assert_eq!(out, [-0.5, -1.0]);
/// ```
#[inline]
pub fn add_products<const D: usize, const K: usize>(out: &mut [f32; D], rows: &[[f32; K]; D], x: &[f32; K]) {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    if D > 0 && chunks::add_products(out, rows, x) {
        return;
    }
    for (out, row) in out.iter_mut().zip(rows) {
        for (&w, &x) in row.iter().zip(x) {
            *out += w * x;
        }
    }
}

/// Adds `factor` times numbers to numbers, with product and sum rounded separately. Works on the shorter length.
///
/// ```
/// let mut to = [1.0_f32; 9];
/// samplegrad_vfp::add_scaled(&mut to, 0.5, &[4.0; 9]);
/// assert_eq!(to, [3.0; 9]);
/// ```
#[inline]
pub fn add_scaled(to: &mut [f32], factor: f32, from: &[f32]) {
    let len = to.len().min(from.len());
    let (Some(to), Some(from)) = (to.get_mut(..len), from.get(..len)) else { return };
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    let (to, from) = chunks::add_scaled(to, factor, from);
    for (to, &x) in to.iter_mut().zip(from) {
        *to += factor * x;
    }
}

/// Returns `start + Σ_k |x_k|`, from first to last.
///
/// ```
/// assert_eq!(samplegrad_vfp::add_magnitudes(1.0, &[-2.0, 3.0]), 6.0);
/// ```
#[inline]
pub fn add_magnitudes(start: f32, x: &[f32]) -> f32 {
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    let (start, x) = chunks::add_magnitudes(start, x);
    x.iter().fold(start, |total, x| total + x.abs())
}
