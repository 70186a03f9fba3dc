use samplegrad_host::batch::{Logits, categorical};

use crate::{
    memory::{Memory, sg_floats, sg_floats_out, sg_words},
    status::{guarded, sg_status},
};

/// Writes `p = softmax(l)` and `ln p`, row-major, with `classes` numbers per row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_categorical_probabilities(
    logits: sg_floats,
    classes: usize,
    p: sg_floats_out,
    log_p: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let logits = memory.read(logits, "logits")?;
        let (p, log_p) = (memory.write(p, "p")?, memory.write(log_p, "log p")?);
        Ok(categorical::probabilities(&Logits::new(logits, classes)?, p, log_p)?)
    })
}

/// Writes `ln p` of the class that `drawn` gives for each row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_categorical_log_prob(
    logits: sg_floats,
    classes: usize,
    drawn: sg_words,
    log_prob: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, drawn) = (memory.read(logits, "logits")?, memory.read(drawn, "drawn classes")?);
        let log_prob = memory.write(log_prob, "log-probabilities")?;
        Ok(categorical::log_prob(&Logits::new(logits, classes)?, drawn, log_prob)?)
    })
}

/// Writes the entropy of each row in nats, one number per row.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_categorical_entropy(
    logits: sg_floats,
    classes: usize,
    entropy: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let mut memory = Memory::default();
        let (logits, entropy) = (memory.read(logits, "logits")?, memory.write(entropy, "entropy")?);
        Ok(categorical::entropy(&Logits::new(logits, classes)?, entropy)?)
    })
}
