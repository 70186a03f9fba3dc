//! Safe functions for instructions of Arm's floating-point unit. The results have the same bits as the results of plain
//! Rust.
//!
//! | function | instruction | plain |
//! |---|---|---|
//! | `sqrt` | `vsqrt.f32`, one instruction | `libm` in integers, 50 instructions |
//! | [`add_rows`] | `vldmia`, `vmla.f32`: `K + 2½` instructions per row of `K` weights | two loads and a `vmla` per weight: `3 K + 4` |
//! | [`add_outer`] | `vldmia`, `vmla.f32`, `vstmia`: `K + 3½` instructions per row | `4 K + 4` |
//!
//! `vmla.f32` is not fused: it rounds the product and then the sum, as two instructions do, and the order of the sums
//! is the order of the plain loop. `vsqrt.f32` rounds correctly, as `libm` does. Each function therefore has the bits
//! of its plain form, except for the payload of a NaN. A device with the unit agrees with a device without the unit.
//!
//! [`decay_add_outer`], [`add_products`], [`add_scaled`], [`add_magnitudes`], and [`adam_size`] and `adam_step`, which
//! together take a step of the optimizer Adam in 17 instructions a parameter, are built in the same way. Rows of more
//! than 14 weights do not fit the registers, so the functions handle them in equal chunks of columns.
//!
//! The instructions are used on Arm with hardware floating point (`eabihf`: Cortex-M4F, M7, M33 and up). The plain form
//! is used on other targets.

#![no_std]
// Assembly is unsafe by nature. The rest of this crate is safe code.
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod adam;
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod columns;
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod flat;

/// Computes `√x`, correctly rounded; NaN for a negative number.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    flat::sqrt(x)
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
    if D > 0 {
        return columns::add_rows(out, rows, x);
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
    if D > 0 {
        return columns::add_outer(rows, x, step);
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
    if D > 0 {
        return columns::decay_add_outer(rows, decay, x, step);
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
    if D > 0 {
        return columns::add_products(out, rows, x);
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
    let (to, from) = flat::add_scaled(to, factor, from);
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
    let (start, x) = flat::add_magnitudes(start, x);
    x.iter().fold(start, |total, x| total + x.abs())
}

/// Returns `Σ_k (g_k² + v_k)`. The terms `g_0²`, `v_0`, `g_1²`, `v_1`, … are added in this order, with product and sum
/// rounded separately. Works on the shorter length.
///
/// ```
/// assert_eq!(samplegrad_vfp::adam_size(&[2.0, 3.0], &[1.0, 0.5]), 14.5);
/// ```
#[inline]
pub fn adam_size(g: &[f32], v: &[f32]) -> f32 {
    let len = g.len().min(v.len());
    let (Some(g), Some(v)) = (g.get(..len), v.get(..len)) else { return 0.0 };
    #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
    let (start, g, v) = adam::size(g, v);
    #[cfg(not(all(target_arch = "arm", target_abi = "eabihf", target_os = "none")))]
    let start = 0.0;
    g.iter().zip(v).fold(start, |total, (g, v)| total + g * g + v)
}

/// Takes a step of Adam and returns `Σ_k w_k²` of the new `w`, from first to last. The constants are `β₁`, `1 − β₁`,
/// `β₂`, `1 − β₂`, `b₁ = 1 − β₁^n`, `b₂ = 1 − β₂^n`, `ε` and `η`. Every operation is rounded separately:
///
/// ```text
/// m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      w ← w + η (m/b₁) / (√(v/b₂) + ε)
/// ```
///
/// Works on the shortest length. Compiled only for the targets that have the instructions.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
#[inline]
pub fn adam_step(w: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32], constants: &[f32; 8]) -> f32 {
    let len = w.len().min(m.len()).min(v.len()).min(g.len());
    let (Some(w), Some(m), Some(v), Some(g)) = (w.get_mut(..len), m.get_mut(..len), v.get_mut(..len), g.get(..len))
    else {
        return 0.0;
    };
    let (start, (w, m, v, g)) = adam::step((w, m, v, g), constants);
    let [keep_mean, take_mean, keep_square, take_square, rest_of_mean, rest_of_square, epsilon, rate] = *constants;
    let mut size = start;
    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
        *m = *m * keep_mean + g * take_mean;
        *v = *v * keep_square + g * g * take_square;
        *w += (*m / rest_of_mean) / (sqrt(*v / rest_of_square) + epsilon) * rate;
        size += *w * *w;
    }
    size
}
