use samplegrad_core::Temperature;
use samplegrad_host::batch::{Logits, straight_through};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out, sg_words_out},
    status::{guarded, sg_status},
    streams::sg_streams,
    threads::{sg_threads, spread},
};

/// Draws straight-through Gumbel-softmax samples: the class of each row and the relaxed sample of the same draw.
///
/// `drawn` has room for one class per row, `soft` for rows of `classes` numbers. The gradient is
/// `sg_gumbel_softmax_vjp` of `soft`, with `∂f/∂y` at the drawn class as its cotangent.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_straight_through_sample(
    threads: *const sg_threads,
    logits: sg_floats,
    classes: usize,
    tau: f32,
    streams: *mut sg_streams,
    drawn: sg_words_out,
    soft: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, drawn) = (memory.read(logits, "logits")?, memory.write(drawn, "drawn classes")?);
        let (soft, tau) = (memory.write(soft, "soft")?, Temperature::new(tau)?);
        sg_streams::with(streams, |streams| {
            spread(threads, || straight_through::sample(&Logits::new(logits, classes)?, tau, streams, drawn, soft))
        })
    })
}
