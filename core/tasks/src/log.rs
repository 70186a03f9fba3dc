//! The lines of a device's log. Each text is written once: a device sends it through `defmt`, a host prints the same
//! text.

use core::ops::ControlFlow;

use samplegrad_core::Error;

/// Declares an enumeration of lines. Each variant has numbers, and a text with places for these numbers in their order.
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
    /// The lines around every run of a device, for any task: the first line, the last line, and the line that replaces
    /// the last one if the run stopped early.
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
        /// The largest number of stack bytes in use.
        Stack { bytes: usize } => "stack {} bytes",
        /// The reason why the run stopped early.
        Stopped { reason: &'static str } => "stopped: {}",
    }
}

/// Parses the number of the bits from its line. A log without this line was written by release 0.1.0, whose number of
/// the bits is 1.
pub fn bits(message: &str) -> Option<u32> {
    message.strip_prefix("bits ")?.parse().ok()
}

/// Parses the bytes of stack in use from their line.
pub fn stack(message: &str) -> Option<u64> {
    message.strip_prefix("stack ")?.strip_suffix(" bytes")?.parse().ok()
}

/// Parses the reason why the run stopped early from its line.
pub fn stopped(message: &str) -> Option<&str> {
    message.strip_prefix("stopped: ")
}

/// The result of a run: complete, or stopped by the listener.
///
/// # Errors
/// None for passes within the schedule: the constants of the tasks are in range.
pub type Ended = Result<ControlFlow<()>, Error>;

/// Passes a line to the listener, with the steps of learning so far; returns from the function if the listener stops
/// the run.
macro_rules! log {
    ($listener:ident, $steps:expr, $line:expr) => {
        if $listener(u64::from($steps), $line).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    };
}
pub(crate) use log;
