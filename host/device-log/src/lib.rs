//! The log of a device: its `defmt` frames are decoded to messages, and the messages are compared with a host's
//! messages.
//!
//! A device sends numbers that refer to texts; the texts are in the firmware's ELF file, the [`Dictionary`]. A
//! [`Decoder`] turns bytes into messages as they arrive. [`Replay`] compares them with the messages of a lane that runs
//! the same steps, and reports the first difference.

#![deny(unsafe_code)]

use core::fmt;
use std::path::{Path, PathBuf};

use defmt_decoder::{DecodeError, StreamDecoder, Table};

/// An error in reading a log.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file of the firmware that cannot be read.
    File {
        /// The file.
        elf: PathBuf,
        /// The error of the file system.
        source: std::io::Error,
    },
    /// A firmware without texts.
    Nothing {
        /// The file.
        elf: PathBuf,
    },
    /// Texts of the firmware that cannot be read.
    Texts {
        /// The file.
        elf: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A frame that cannot be read: the log is damaged, or from another firmware.
    Frame {
        /// The number of messages before the frame.
        after: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::File { elf, source } => write!(f, "cannot read {}: {source}", elf.display()),
            Error::Nothing { elf } => write!(f, "{} logs nothing through defmt", elf.display()),
            Error::Texts { elf, reason } => write!(f, "{}: {reason}", elf.display()),
            Error::Frame { after } => {
                write!(f, "the device sent a defmt frame that cannot be read, after {after} messages")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::File { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The texts that a firmware's frames refer to.
///
/// ```
/// use samplegrad_device_log::{Dictionary, Error};
///
/// fn print(elf: &std::path::Path, frames: &[u8]) -> Result<(), Error> {
///     Dictionary::read(elf)?.decoder().take(frames, |message| Ok(println!("{message}")))
/// }
/// assert!(matches!(print("no/such/file".as_ref(), &[]), Err(Error::File { .. })));
/// ```
pub struct Dictionary {
    table: Table,
}

impl Dictionary {
    /// Reads the texts from the firmware's ELF file.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Nothing`], [`Error::Texts`].
    pub fn read(elf: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(elf).map_err(|source| Error::File { elf: elf.to_owned(), source })?;
        match Table::parse(&bytes) {
            Ok(Some(table)) => Ok(Self { table }),
            Ok(None) => Err(Error::Nothing { elf: elf.to_owned() }),
            Err(error) => Err(Error::Texts { elf: elf.to_owned(), reason: error.to_string() }),
        }
    }

    /// Creates a decoder at the start of a stream.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder { stream: self.table.new_stream_decoder(), messages: 0 }
    }
}

/// A decoder from bytes to messages.
///
/// Example: [`Dictionary`].
pub struct Decoder<'a> {
    stream: Box<dyn StreamDecoder + Send + Sync + 'a>,
    messages: u64,
}

impl Decoder<'_> {
    /// Decodes bytes, and calls `message` with every completed message.
    ///
    /// # Errors
    /// [`Error::Frame`] at the first frame that cannot be read, after the messages before it were passed on; and the
    /// errors of `message`.
    pub fn take<E: From<Error>>(
        &mut self,
        bytes: &[u8],
        mut message: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.stream.received(bytes);
        loop {
            match self.stream.decode() {
                Ok(frame) => message(&frame.display_message().to_string())?,
                Err(DecodeError::UnexpectedEof) => return Ok(()),
                Err(DecodeError::Malformed) => return Err(Error::Frame { after: self.messages }.into()),
            }
            self.messages += 1;
        }
    }
}

/// The first difference between a device and its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// The number of equal messages before the difference.
    pub after: usize,
    /// Two numbers of learning steps of the host: at its last equal message, and at its message that differs from the
    /// device's message.
    pub steps: (u64, u64),
    /// The message of the device; `None` if it has no more messages.
    pub device: Option<String>,
    /// The message of the host; `None` if it has no more messages.
    pub host: Option<String>,
}

/// A comparison of a device's messages, one by one, with the messages of a host that runs the same steps.
///
/// ```
/// use samplegrad_device_log::Replay;
///
/// let mut replay = Replay::new(["step 10: 0.5", "step 20: 0.7"].map(str::to_owned).into());
/// assert!(replay.hear(10, "step 10: 0.5"));
/// assert!(!replay.hear(20, "step 20: 0.75"));
/// let departure = replay.departure().unwrap();
/// assert_eq!((departure.after, departure.steps), (1, (10, 20)));
/// ```
#[derive(Clone, Debug)]
pub struct Replay {
    device: Vec<String>,
    agreed: usize,
    steps: u64,
    departure: Option<Departure>,
}

impl Replay {
    /// Creates a comparison with these messages of the device.
    pub fn new(device: Vec<String>) -> Self {
        Self { device, agreed: 0, steps: 0, departure: None }
    }

    /// Compares the next message of the host, sent after `steps` steps. Returns whether the comparison goes on: the
    /// device's message is equal, and its log may have more messages.
    pub fn hear(&mut self, steps: u64, host: &str) -> bool {
        match self.device.get(self.agreed) {
            Some(device) if device == host => {
                (self.agreed, self.steps) = (self.agreed + 1, steps);
                true
            }
            Some(device) => {
                self.departure = Some(Departure {
                    after: self.agreed,
                    steps: (self.steps, steps),
                    device: Some(device.clone()),
                    host: Some(host.to_owned()),
                });
                false
            }
            None => false,
        }
    }

    /// Returns the number of equal messages.
    pub fn agreed(&self) -> usize {
        self.agreed
    }

    /// Returns the number of steps at the last equal message.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Returns the messages of the device beyond those compared.
    pub fn rest(&self) -> &[String] {
        &self.device[self.agreed..]
    }

    /// Returns the first difference, if there is one.
    pub fn departure(&self) -> Option<&Departure> {
        self.departure.as_ref()
    }
}
