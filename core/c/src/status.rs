//! How a call ended: in one word, without a string to format.

use core::ffi::{CStr, c_char};

use samplegrad_core::Error;

/// How a call ended: 0 when all is done. Else bits 0 to 7 are an `sgc_code`, bits 8 to 15 an `sgc_thing`, what was refused, and
/// bits 16 to 31 the place in it, counted from 0.
pub type sgc_status = u32;

/// What is wrong.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sgc_code {
    /// All is done.
    Ok = 0,
    /// The pointer is null.
    Null = 1,
    /// The address is no multiple of four, or of eight for a learner.
    Alignment = 2,
    /// It shares memory with something else that is written, or is written and shares it.
    Overlap = 3,
    /// There is none, at least one is needed.
    Empty = 4,
    /// There are more than there is room for.
    Capacity = 5,
    /// Not a number (NaN).
    Nan = 6,
    /// Infinite, it must be finite. (A logit may be −∞: it masks its class.)
    Infinite = 7,
    /// Every class is masked, at least one must be possible.
    AllMasked = 8,
    /// Outside of its range.
    OutOfRange = 9,
    /// Not made by the function that makes one, or written over.
    NotMade = 10,
    /// No action waits for a reward: act first.
    Order = 11,
}

/// What was refused.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sgc_thing {
    /// Logits.
    Logits = 1,
    /// The number of classes.
    Classes = 2,
    /// The temperature.
    Temperature = 3,
    /// The generator.
    Generator = 4,
    /// Where something is written.
    Output = 5,
    /// The relaxed sample.
    Y = 6,
    /// The cotangent.
    Cotangent = 7,
    /// The learner.
    Learner = 8,
    /// Features, or how many there are.
    Features = 9,
    /// The allowed actions, or how many actions there are.
    Actions = 10,
    /// The learning rate.
    Rate = 11,
    /// The learning rate of the model of rewards.
    ModelRate = 12,
    /// The weight of the entropy.
    EntropyBonus = 13,
    /// The reward.
    Reward = 14,
}

/// A failure in one word.
pub(crate) fn refuse(code: sgc_code, thing: sgc_thing, place: usize) -> sgc_status {
    code as u32 | (thing as u32) << 8 | (place.min(0xFFFF) as u32) << 16
}

/// What the core refused of a thing.
pub(crate) fn refused(thing: sgc_thing) -> impl Fn(Error) -> sgc_status {
    move |error| {
        let (code, place) = match error {
            Error::Empty { .. } => (sgc_code::Empty, 0),
            Error::Capacity { .. } => (sgc_code::Capacity, 0),
            Error::NotANumber { index, .. } => (sgc_code::Nan, index),
            Error::Infinite { index, .. } => (sgc_code::Infinite, index),
            Error::AllMasked { .. } => (sgc_code::AllMasked, 0),
            // Others, and what may come.
            _ => (sgc_code::OutOfRange, 0),
        };
        refuse(code, thing, place)
    }
}

/// Turns what a function does into a status.
pub(crate) fn ended(result: Result<(), sgc_status>) -> sgc_status {
    match result {
        Ok(()) => sgc_code::Ok as u32,
        Err(status) => status,
    }
}

/// What is wrong, in English, such as "not a number (NaN)".
#[unsafe(no_mangle)]
pub extern "C" fn sgc_code_text(status: sgc_status) -> *const c_char {
    let text: &CStr = match status & 0xFF {
        0 => c"all is done",
        1 => c"the pointer is null",
        2 => c"the address is not aligned",
        3 => c"memory that is written is shared",
        4 => c"there is none",
        5 => c"more than there is room for",
        6 => c"not a number (NaN)",
        7 => c"infinite",
        8 => c"every class is masked",
        9 => c"outside of its range",
        10 => c"not made, or written over",
        11 => c"no action waits for a reward",
        _ => c"no such code",
    };
    text.as_ptr()
}

/// What was refused, in English, such as "logits".
#[unsafe(no_mangle)]
pub extern "C" fn sgc_thing_text(status: sgc_status) -> *const c_char {
    let text: &CStr = match status >> 8 & 0xFF {
        1 => c"logits",
        2 => c"classes",
        3 => c"temperature",
        4 => c"generator",
        5 => c"output",
        6 => c"y",
        7 => c"cotangent",
        8 => c"learner",
        9 => c"features",
        10 => c"actions",
        11 => c"learning rate",
        12 => c"model's learning rate",
        13 => c"entropy bonus",
        14 => c"reward",
        _ => c"nothing",
    };
    text.as_ptr()
}
