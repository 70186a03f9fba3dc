//! How a call ended: a code, and a message for people.

use std::{
    any::Any,
    cell::RefCell,
    ffi::{CString, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
};

use samplegrad_host::Error;

/// How a call ended.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_status {
    /// All is done.
    Ok = 0,
    /// A pointer is null.
    Null = 1,
    /// A pointer is no multiple of the size of what it points to.
    Alignment = 2,
    /// Memory that is written is also read, or written twice.
    Overlap = 3,
    /// There is nothing to work on.
    Empty = 4,
    /// A length does not fit.
    Length = 5,
    /// A number is not what it must be; the message says which, and where.
    Value = 6,
    /// There is no such kind.
    Kind = 7,
    /// Too large for this machine or for this library.
    TooLarge = 8,
    /// Another thread is using the handle.
    Busy = 9,
    /// Nothing waits to be learned from: act first.
    Order = 10,
    /// A fault of this library was caught. What was written is not to be trusted; handles that were used can only be freed.
    Panic = 11,
}

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: sg_status,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: sg_status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Empty { .. } => sg_status::Empty,
            Error::NotRows { .. } | Error::Length { .. } => sg_status::Length,
            Error::TooLarge { .. } => sg_status::TooLarge,
            Error::Row { source, .. } => of_core(source),
            // Others, and what may come.
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

/// Runs what a function does, so that nothing unwinds into C.
pub(crate) fn guarded(work: impl FnOnce() -> Result<(), Failure>) -> sg_status {
    let Failure { status, message } = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return sg_status::Ok,
        Ok(Err(failure)) => failure,
        Err(panic) => Failure::new(sg_status::Panic, format!("a fault of this library: {}", said(&*panic))),
    };
    // A message of ours holds no zero; one of a panic might.
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // Fails only while the thread ends.
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

/// What was wrong with the last call of this thread that failed, in English, UTF-8; empty if none has. It stays until the
/// next call of this thread that fails, and is not to be freed.
///
/// A message of the thread rather than a buffer in every call: nothing to size, nothing in the way of the numbers, and no
/// other thread can overwrite it.
#[unsafe(no_mangle)]
pub extern "C" fn sg_last_message() -> *const c_char {
    MESSAGE.try_with(|message| message.try_borrow().map_or(c"".as_ptr(), |text| text.as_ptr())).unwrap_or(c"".as_ptr())
}

/// The version of this library, such as "0.2.0".
#[unsafe(no_mangle)]
pub extern "C" fn sg_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn message() -> String {
        // SAFETY: a string of this library's, not freed before the next failure.
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
