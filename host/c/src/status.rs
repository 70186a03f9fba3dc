//! The result of a call: a code, and a message for people.

use std::{
    any::Any,
    cell::RefCell,
    ffi::{CString, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
};

use samplegrad_host::{Error, batch::estimator_kind::EstimateError};

/// The result of a call.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_status {
    /// Success.
    Ok = 0,
    /// A null pointer.
    Null = 1,
    /// A pointer that is not a multiple of the size of its elements.
    Alignment = 2,
    /// Memory that is written and also read, or written twice.
    Overlap = 3,
    /// An empty input.
    Empty = 4,
    /// A length that does not fit.
    Length = 5,
    /// An invalid number; the message has its name and place.
    Value = 6,
    /// An unknown kind.
    Kind = 7,
    /// Too large for this machine or for this library.
    TooLarge = 8,
    /// A handle that another thread is using.
    Busy = 9,
    /// Rewards without actions that wait for them: act first.
    Order = 10,
    /// A fault of this library that was caught. Outputs are unreliable; the handles of the call can only be freed.
    Panic = 11,
}

/// The error of a call.
#[derive(Debug)]
pub(crate) struct Failure {
    status: sg_status,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: sg_status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// Returns the error for a number of no estimator.
    pub(crate) fn no_estimator(number: u32) -> Self {
        Self::new(sg_status::Kind, format!("estimator: there is no kind {number}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Empty { .. } => sg_status::Empty,
            Error::NotRows { .. } | Error::Length { .. } => sg_status::Length,
            Error::TooLarge { .. } => sg_status::TooLarge,
            Error::Row { source, .. } => of_core(source),
            // Other errors, and future ones.
            _ => sg_status::Value,
        };
        Self::new(status, error.to_string())
    }
}

impl From<EstimateError> for Failure {
    fn from(error: EstimateError) -> Self {
        let status = match error {
            EstimateError::Host(error) => return error.into(),
            EstimateError::NoClass => sg_status::Empty,
            EstimateError::Sum { .. } => sg_status::Length,
            EstimateError::Bits { .. } | EstimateError::Logits { .. } | EstimateError::Values { .. } => {
                sg_status::TooLarge
            }
            EstimateError::Name { .. } => sg_status::Kind,
            // Future errors.
            _ => sg_status::Value,
        };
        Self::new(status, error.to_string())
    }
}

impl From<samplegrad_core::Error> for Failure {
    fn from(error: samplegrad_core::Error) -> Self {
        Self::new(of_core(error), error.to_string())
    }
}

fn of_core(error: samplegrad_core::Error) -> sg_status {
    use samplegrad_core::Error;
    match error {
        Error::Empty { .. } => sg_status::Empty,
        Error::Length { .. } => sg_status::Length,
        Error::Capacity { .. } => sg_status::TooLarge,
        _ => sg_status::Value,
    }
}

thread_local! {
    static MESSAGE: RefCell<CString> = RefCell::new(CString::default());
}

/// Runs the body of a function, so that no panic unwinds into C.
pub(crate) fn guarded(work: impl FnOnce() -> Result<(), Failure>) -> sg_status {
    let Failure { status, message } = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return sg_status::Ok,
        Ok(Err(failure)) => failure,
        Err(panic) => Failure::new(sg_status::Panic, format!("a fault of this library: {}", said(&*panic))),
    };
    // Messages of this library contain no zero byte; the message of a panic might.
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // This fails only while the thread ends.
    let _ = MESSAGE.try_with(|place| {
        if let Ok(mut place) = place.try_borrow_mut() {
            *place = message;
        }
    });
    status
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it does not say which")
}

/// Returns the message of the last failed call of this thread, in English, UTF-8. The message is empty if no call has
/// failed. It is valid until the next failed call of this thread, and must not be freed.
///
/// The message is per thread, not a buffer in every call: the caller needs no buffer size and no further argument, and
/// no other thread can overwrite it.
#[unsafe(no_mangle)]
pub extern "C" fn sg_last_message() -> *const c_char {
    MESSAGE.try_with(|message| message.try_borrow().map_or(c"".as_ptr(), |text| text.as_ptr())).unwrap_or(c"".as_ptr())
}

/// Returns the version of this library, such as "0.3.0".
#[unsafe(no_mangle)]
pub extern "C" fn sg_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn message() -> String {
        // SAFETY: a string of this library, valid until the next failure.
        unsafe { CStr::from_ptr(sg_last_message()) }.to_string_lossy().into_owned()
    }

    #[test]
    fn a_panic_becomes_a_code() {
        assert_eq!(message(), "");
        assert_eq!(guarded(|| panic!("index {} of {}", 3, 2)), sg_status::Panic);
        assert_eq!(message(), "a fault of this library: index 3 of 2");
        assert_eq!(guarded(|| panic!("planted")), sg_status::Panic);
        assert_eq!(message(), "a fault of this library: planted");
        assert_eq!(guarded(|| std::panic::panic_any(7)), sg_status::Panic);
        assert_eq!(message(), "a fault of this library: it does not say which");
    }

    #[test]
    fn messages_are_a_threads_own() {
        let fail = |what| guarded(|| Err(Error::Empty { what }.into()));
        assert_eq!(fail("here"), sg_status::Empty);
        std::thread::spawn(move || {
            assert_eq!(message(), "");
            assert_eq!(fail("there"), sg_status::Empty);
        })
        .join()
        .unwrap();
        assert_eq!(guarded(|| Ok(())), sg_status::Ok);
        assert_eq!(message(), "here: there are none, at least one is needed");
    }
}
