//! Relaxed samples and their gradients.

use samplegrad_core::{GumbelSoftmax, Logits, Temperature, gumbel_softmax};

use crate::{
    generator::{generator, sgc_generator},
    memory::{change, read, write},
    samplers::{SGC_MOST_CLASSES, within_capacity},
    status::{ended, refused, sgc_status, sgc_thing},
};

const CAPACITY: usize = SGC_MOST_CLASSES as usize;

/// Draws a relaxed sample `y = softmax((l + G)/τ)` of up to SGC_MOST_CLASSES logits; each class takes a word of the
/// generator.
///
/// `tau` is from 1e-10 to 1e10. `hard`, if it is not NULL, receives the class of the largest `y`, which is an exact
/// sample. With `hard` this is the forward pass of the straight-through estimator, whose gradient is
/// `sgc_gumbel_softmax_vjp` of `y`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_gumbel_softmax_sample(
    generator: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    tau: f32,
    y: *mut f32,
    hard: *mut u32,
) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { sample(generator, logits, classes, tau, y, hard) })
}

unsafe fn sample(
    source: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    tau: f32,
    y: *mut f32,
    hard: *mut u32,
) -> Result<(), sgc_status> {
    let classes = within_capacity(classes)?;
    // SAFETY: the caller's promises.
    let given = unsafe { read(logits, classes, sgc_thing::Logits) }?;
    let logits = Logits::<CAPACITY>::new(given).map_err(refused(sgc_thing::Logits))?;
    let tau = Temperature::new(tau).map_err(refused(sgc_thing::Temperature))?;
    // SAFETY: the caller's promises.
    let (y, hard) = unsafe {
        let hard = if hard.is_null() { None } else { Some(change(hard, sgc_thing::Output)?) };
        (write(y, classes, &[given])?, hard)
    };
    // SAFETY: the caller's promises.
    let source = unsafe { generator(source) }?;
    let sample = GumbelSoftmax::sample(&logits, tau, source);
    y.iter_mut().zip(sample.values()).for_each(|(to, &from)| *to = from);
    if let Some(hard) = hard {
        *hard = sample.hard();
    }
    Ok(())
}

/// Computes the vector–Jacobian product of a relaxed sample, for any number of classes. From `y` and `ȳ = ∂f/∂y`, it
/// computes `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_gumbel_softmax_vjp(
    y: *const f32,
    cotangent: *const f32,
    classes: u32,
    tau: f32,
    gradient: *mut f32,
) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { vjp(y, cotangent, classes as usize, tau, gradient) })
}

unsafe fn vjp(
    y: *const f32,
    cotangent: *const f32,
    classes: usize,
    tau: f32,
    gradient: *mut f32,
) -> Result<(), sgc_status> {
    let tau = Temperature::new(tau).map_err(refused(sgc_thing::Temperature))?;
    // SAFETY: the caller's promises.
    let (y, cotangent, gradient) = unsafe {
        let (y, cotangent) = (read(y, classes, sgc_thing::Y)?, read(cotangent, classes, sgc_thing::Cotangent)?);
        (y, cotangent, write(gradient, classes, &[y, cotangent])?)
    };
    gumbel_softmax::vjp(y, cotangent, tau, gradient);
    Ok(())
}
