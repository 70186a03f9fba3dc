//! The status of a call: one word, without a string to format.

use core::ffi::{CStr, c_char};

use samplegrad_core::Error;

/// The status of a call: 0 on success. Otherwise bits 0 to 7 are an `sgc_code`, bits 8 to 15 are an `sgc_thing` (the
/// refused thing), and bits 16 to 31 are the place in the refused thing, counted from 0.
pub type sgc_status = u32;

/// An error code.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sgc_code {
    /// Success.
    Ok = 0,
    /// The pointer is null.
    Null = 1,
    /// The address is not a multiple of four, or of eight for a learner.
    Alignment = 2,
    /// The memory overlaps other memory of the call, and one of the two is written.
    Overlap = 3,
    /// The number is zero; at least one is needed.
    Empty = 4,
    /// The number exceeds the capacity.
    Capacity = 5,
    /// A number is not a number (NaN).
    Nan = 6,
    /// A number is infinite; it must be finite. (A logit may be −∞, which masks its class.)
    Infinite = 7,
    /// Every class is masked; at least one must be possible.
    AllMasked = 8,
    /// A number is out of its range.
    OutOfRange = 9,
    /// The memory was not initialized by its `new` function, or was overwritten.
    NotMade = 10,
    /// The reward has no action: act first.
    Order = 11,
}

/// The refused thing.
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
    /// The output.
    Output = 5,
    /// The relaxed sample.
    Y = 6,
    /// The cotangent.
    Cotangent = 7,
    /// The learner.
    Learner = 8,
    /// The features, or their number.
    Features = 9,
    /// The allowed actions, or the number of actions.
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

/// Packs a failure into one word.
pub(crate) fn refuse(code: sgc_code, thing: sgc_thing, place: usize) -> sgc_status {
    code as u32 | (thing as u32) << 8 | (place.min(0xFFFF) as u32) << 16
}

/// Converts an error of the core about a thing to a status.
pub(crate) fn refused(thing: sgc_thing) -> impl Fn(Error) -> sgc_status {
    move |error| {
        let (code, place) = match error {
            Error::Empty { .. } => (sgc_code::Empty, 0),
            Error::Capacity { .. } => (sgc_code::Capacity, 0),
            Error::NotANumber { index, .. } => (sgc_code::Nan, index),
            Error::Infinite { index, .. } | Error::PositiveInfinity { index, .. } => (sgc_code::Infinite, index),
            Error::AllMasked { .. } => (sgc_code::AllMasked, 0),
            // Other errors, and errors added later.
            _ => (sgc_code::OutOfRange, 0),
        };
        refuse(code, thing, place)
    }
}

/// Converts a function's result to a status.
pub(crate) fn ended(result: Result<(), sgc_status>) -> sgc_status {
    match result {
        Ok(()) => sgc_code::Ok as u32,
        Err(status) => status,
    }
}

/// Returns the error in English, such as "not a number (NaN)".
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

/// Returns the refused thing in English, such as "logits".
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
