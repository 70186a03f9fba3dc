//! Lines of a device's log. The text of each is written once: a device sends it through `defmt`, a host prints the same.

use core::ops::ControlFlow;

use samplegrad_core::Error;

/// Makes an enumeration of lines: a variant a line, with its numbers, and the text that they stand in, in this order.
macro_rules! lines {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $($(#[$what:meta])* $line:ident { $($number:ident: $kind:ty),+ } => $text:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$what])* #[allow(missing_docs)] $line { $($number: $kind),+ },)+
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match *self {
                    $(Self::$line { $($number),+ } => write!(f, $text, $($number),+),)+
                }
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $name {
            fn format(&self, f: defmt::Formatter<'_>) {
                match *self {
                    $(Self::$line { $($number),+ } => defmt::write!(f, $text, $($number),+),)+
                }
            }
        }
    };
}
pub(crate) use lines;

lines! {
    /// The lines around every life, whatever the task: the first, the last, and the one in its place where the life was cut
    /// short.
    ///
    /// ```
    /// use samplegrad_tasks::log::{Frame, bits, stack, stopped};
    ///
    /// assert_eq!(bits(&Frame::Bits { bits: 2 }.to_string()), Some(2));
    /// assert_eq!(stack(&Frame::Stack { bytes: 6032 }.to_string()), Some(6032));
    /// assert_eq!(stopped(&Frame::Stopped { reason: "a fuse blew" }.to_string()), Some("a fuse blew"));
    /// ```
    pub enum Frame {
        /// The number of the bits, [`BITS`](samplegrad_core::BITS), of the device's version.
        Bits { bits: u32 } => "bits {}",
        /// The most of the stack that was in use.
        Stack { bytes: usize } => "stack {} bytes",
        /// Why the life was cut short.
        Stopped { reason: &'static str } => "stopped: {}",
    }
}

/// The number of the bits, if this is the line that says it. A log without one is of release 0.1.0, whose number is 1.
pub fn bits(message: &str) -> Option<u32> {
    message.strip_prefix("bits ")?.parse().ok()
}

/// The bytes of stack that were in use, if this is the line that says it.
pub fn stack(message: &str) -> Option<u64> {
    message.strip_prefix("stack ")?.strip_suffix(" bytes")?.parse().ok()
}

/// Why the life was cut short, if this is the line that says it.
pub fn stopped(message: &str) -> Option<&str> {
    message.strip_prefix("stopped: ")
}

/// The end of a life: it was lived to its end, or the listener had heard enough.
///
/// # Errors
/// None for passes within the schedule: the constants of the tasks are in range.
pub type Ended = Result<ControlFlow<()>, Error>;

/// Hands a line to the listener, with the steps of learning made so far, and returns from the function if that was enough.
macro_rules! log {
    ($listener:ident, $steps:expr, $line:expr) => {
        if $listener(u64::from($steps), $line).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    };
}
pub(crate) use log;
