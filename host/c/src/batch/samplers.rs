use samplegrad_host::{
    Error, Streams,
    batch::{self, Logits},
};

use crate::{
    memory::{Memory, sg_floats, sg_words_out},
    status::{guarded, sg_status},
    streams::sg_streams,
    threads::{sg_threads, spread},
};

type Sampler = fn(&Logits<'_>, &mut Streams, &mut [u32]) -> Result<(), Error>;

/// Draws one class per row.
///
/// # Safety
/// The requirements of every function of this library.
unsafe fn sample(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    streams: *mut sg_streams,
    out: sg_words_out,
    sampler: Sampler,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, out) = (memory.read(logits, "logits")?, memory.write(out, "drawn classes")?);
        sg_streams::with(streams, |streams| spread(threads, || sampler(&Logits::new(logits, classes)?, streams, out)))
    })
}

/// Draws a class from each row of logits by the Gumbel-max trick, `argmax (l + G)`: one word of the stream per class.
///
/// `logits` has rows of `classes` numbers; −INFINITY masks a class. `drawn` has room for one class per row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_gumbel_max_sample(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    streams: *mut sg_streams,
    drawn: sg_words_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    unsafe { sample(threads, logits, classes, streams, drawn, batch::gumbel_max::sample) }
}

/// Draws a class from each row of logits by the inverse of the distribution function: one word of the stream per row.
/// This is the cheapest method where only a class is needed.
///
/// The shapes are as in `sg_gumbel_max_sample`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_inverse_cdf_sample(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    streams: *mut sg_streams,
    drawn: sg_words_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    unsafe { sample(threads, logits, classes, streams, drawn, batch::inverse_cdf::sample) }
}
