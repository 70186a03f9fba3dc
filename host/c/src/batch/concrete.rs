use samplegrad_core::Temperature;
use samplegrad_host::{
    Error,
    batch::{Logits, concrete},
};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out},
    status::{guarded, sg_status},
    threads::{sg_threads, spread},
};

type Density = fn(&Logits<'_>, Temperature, &[f32], &mut [f32]) -> Result<(), Error>;

/// Computes one log-density per row.
///
/// # Safety
/// The requirements of every function of this library.
unsafe fn density(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    point: sg_floats,
    out: sg_floats_out,
    of: Density,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, point) = (memory.read(logits, "logits")?, memory.read(point, "point")?);
        let (out, tau) = (memory.write(out, "density")?, Temperature::new(tau)?);
        spread(threads, || of(&Logits::new(logits, classes)?, tau, point, out))
    })
}

/// Writes the log-density of the Concrete distribution at a point of the simplex, for each row.
///
/// `logits` and `point` have rows of `classes` numbers, and `density` has room for one number per row. Coordinates of
/// possible classes are above 0. (C. J. Maddison, A. Mnih and Y. W. Teh, ICLR 2017, equation 22.)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_concrete_log_density(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    point: sg_floats,
    density: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    unsafe { self::density(threads, logits, classes, tau, point, density, concrete::log_density) }
}

/// Writes the log-density of the ExpConcrete distribution at the logarithm of a point of the simplex, with the shapes
/// of `sg_concrete_log_density`. The log-density is finite even where a coordinate of the point is too small for a
/// float.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_concrete_log_density_exp(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    log_point: sg_floats,
    density: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    unsafe { self::density(threads, logits, classes, tau, log_point, density, concrete::log_density_exp) }
}

/// Writes the gradients of `sg_concrete_log_density` with respect to the logits, the point and the temperature. The
/// first two gradients have rows of `classes` numbers; the third has one number per row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_concrete_gradient(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    point: sg_floats,
    by_logits: sg_floats_out,
    by_point: sg_floats_out,
    by_temperature: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, point) = (memory.read(logits, "logits")?, memory.read(point, "point")?);
        let by_logits = memory.write(by_logits, "gradient in the logits")?;
        let by_point = memory.write(by_point, "gradient in the point")?;
        let by_temperature = memory.write(by_temperature, "gradient in the temperature")?;
        let tau = Temperature::new(tau)?;
        spread(threads, || {
            let logits = Logits::new(logits, classes)?;
            concrete::gradient(&logits, tau, point, by_logits, by_point, by_temperature)
        })
    })
}
