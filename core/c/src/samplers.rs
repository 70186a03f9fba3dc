//! Samplers of a class from logits.

use samplegrad_core::{Source, gumbel_max, inverse_cdf, logits};

use crate::{
    generator::{generator, sgc_generator},
    memory::{change, read},
    status::{ended, refuse, refused, sgc_code, sgc_status, sgc_thing},
};

/// The largest number of classes for functions that keep a number per class on the stack.
pub const SGC_MOST_CLASSES: u32 = 32;

/// Checks the number of classes against the capacity.
pub(crate) fn within_capacity(classes: u32) -> Result<usize, sgc_status> {
    match classes {
        0 => Err(refuse(sgc_code::Empty, sgc_thing::Classes, 0)),
        1..=SGC_MOST_CLASSES => Ok(classes as usize),
        _ => Err(refuse(sgc_code::Capacity, sgc_thing::Classes, 0)),
    }
}

/// Draws a class from up to SGC_MOST_CLASSES logits by the inverse of the distribution function. The logit of a masked
/// class is −INFINITY. Takes one word of the generator, and computes an exponential per class.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_sample(
    generator: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    drawn: *mut u32,
) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { sample(generator, logits, classes, drawn) })
}

unsafe fn sample(
    source: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    drawn: *mut u32,
) -> Result<(), sgc_status> {
    let classes = within_capacity(classes)?;
    // SAFETY: the caller's promises.
    let (logits, drawn) = unsafe { (read(logits, classes, sgc_thing::Logits)?, change(drawn, sgc_thing::Output)?) };
    logits::check(logits).map_err(refused(sgc_thing::Logits))?;
    // SAFETY: the caller's promises.
    let source = unsafe { generator(source) }?;
    #[cfg(feature = "planted-panic")]
    assert!(classes % 2 == 0, "planted");
    let mut weights = [0; SGC_MOST_CLASSES as usize];
    // Always true: `classes` is within the capacity.
    if let Some(weights) = weights.get_mut(..classes) {
        *drawn = inverse_cdf::draw(logits, weights, source.next_word());
    }
    Ok(())
}

/// Draws a class from any number of logits by the Gumbel-max trick. For each class, it takes a word of the generator
/// and computes two logarithms. It keeps nothing per class on the stack. Use it for more classes than `sgc_sample`
/// allows; it is slower.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_gumbel_max_sample(
    generator: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    drawn: *mut u32,
) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { perturb(generator, logits, classes, drawn) })
}

unsafe fn perturb(
    source: *mut sgc_generator,
    logits: *const f32,
    classes: u32,
    drawn: *mut u32,
) -> Result<(), sgc_status> {
    // SAFETY: the caller's promises.
    let logits = unsafe { read(logits, classes as usize, sgc_thing::Logits) }?;
    logits::check(logits).map_err(refused(sgc_thing::Logits))?;
    // SAFETY: the caller's promises.
    let (drawn, source) = unsafe { (change(drawn, sgc_thing::Output)?, generator(source)?) };
    *drawn = gumbel_max::draw(logits, source).0;
    Ok(())
}
