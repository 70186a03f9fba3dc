use samplegrad_core::Temperature;
use samplegrad_host::batch::{Logits, check_finite, gumbel_softmax};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out},
    status::{guarded, sg_status},
    streams::sg_streams,
    threads::{sg_threads, spread},
};

/// Draws relaxed samples `y = softmax((l + G)/τ)`, one word of the stream per class.
///
/// `logits` and `y` have rows of `classes` numbers; −INFINITY masks a class. `tau` is from 1e-10 to 1e10. (E. Jang, S.
/// Gu and B. Poole; C. J. Maddison, A. Mnih and Y. W. Teh; both ICLR 2017.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_gumbel_softmax_sample(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    streams: *mut sg_streams,
    y: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, y, tau) = (memory.read(logits, "logits")?, memory.write(y, "y")?, Temperature::new(tau)?);
        sg_streams::with(streams, |streams| {
            spread(threads, || gumbel_softmax::sample(&Logits::new(logits, classes)?, tau, streams, y))
        })
    })
}

/// Computes relaxed samples for given Gumbel noise. The noise must be finite, in rows of `classes` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_gumbel_softmax_with_noise(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    noise: sg_floats,
    y: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, noise) = (memory.read(logits, "logits")?, memory.read(noise, "noise")?);
        let (y, tau) = (memory.write(y, "y")?, Temperature::new(tau)?);
        spread(threads, || gumbel_softmax::with_noise(&Logits::new(logits, classes)?, tau, noise, y))
    })
}

/// Computes the vector–Jacobian product `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)` of relaxed samples `y` for the cotangent `ȳ =
/// ∂f/∂y`. All arrays are finite, in rows of `classes` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_gumbel_softmax_vjp(
    threads: *const sg_threads,
    y: sg_floats,
    cotangent: sg_floats,
    classes: usize,
    tau: f32,
    gradient: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (y, cotangent) = (memory.read(y, "y")?, memory.read(cotangent, "cotangent")?);
        let (gradient, tau) = (memory.write(gradient, "gradient")?, Temperature::new(tau)?);
        spread(threads, || {
            check_finite("y", y, classes)?;
            check_finite("cotangent", cotangent, classes)?;
            gumbel_softmax::vjp(y, cotangent, classes, tau, gradient)
        })
    })
}

/// Computes `∂f/∂τ` of each row, for the noise that was passed to `sg_gumbel_softmax_with_noise`; `gradient` has room
/// for one number per row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_gumbel_softmax_vjp_temperature(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    noise: sg_floats,
    cotangent: sg_floats,
    gradient: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, noise) = (memory.read(logits, "logits")?, memory.read(noise, "noise")?);
        let (cotangent, gradient) = (memory.read(cotangent, "cotangent")?, memory.write(gradient, "gradient")?);
        let tau = Temperature::new(tau)?;
        spread(threads, || {
            let logits = Logits::new(logits, classes)?;
            check_finite("cotangent", cotangent, classes)?;
            gumbel_softmax::vjp_temperature(&logits, tau, noise, cotangent, gradient)
        })
    })
}
