//! The log of a device: its `defmt` frames become messages, and messages are held against what a host says.
//!
//! A device sends numbers that stand for its texts; the texts are in the firmware's ELF file, the [`Dictionary`]. A
//! [`Decoder`] turns bytes into messages as they come. [`Replay`] holds messages against those of a lane that lives the same
//! life, and says where the first departs.

#![deny(unsafe_code)]

use core::fmt;
use std::path::{Path, PathBuf};

use defmt_decoder::{DecodeError, StreamDecoder, Table};

/// Why a log cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The firmware's file cannot be read.
    File {
        /// The file.
        elf: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The firmware has no texts.
    Nothing {
        /// The file.
        elf: PathBuf,
    },
    /// The firmware's texts cannot be read.
    Texts {
        /// The file.
        elf: PathBuf,
        /// Why.
        reason: String,
    },
    /// A frame cannot be read: the log is damaged, or of another firmware.
    Frame {
        /// Messages before it.
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
    /// Reads them from the firmware's ELF file.
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

    /// A decoder at the start of a stream.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder { stream: self.table.new_stream_decoder(), messages: 0 }
    }
}

/// Turns bytes into messages.
///
/// Example: [`Dictionary`].
pub struct Decoder<'a> {
    stream: Box<dyn StreamDecoder + Send + Sync + 'a>,
    messages: u64,
}

impl Decoder<'_> {
    /// Takes bytes in and hands every message out that they complete.
    ///
    /// # Errors
    /// [`Error::Frame`] at the first frame that cannot be read, those before having been handed out; and the listener's.
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

/// Where a device and its host say different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Messages before, in which they agree.
    pub after: usize,
    /// Steps of learning that had been made when they last agreed, and when the host says what the device does not.
    pub steps: (u64, u64),
    /// What the device says; nothing if it has no more to say.
    pub device: Option<String>,
    /// What the host says; nothing if it has no more to say.
    pub host: Option<String>,
}

/// A device's messages, held one by one against those of a host that lives the same life.
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
    /// Of these messages.
    pub fn new(device: Vec<String>) -> Self {
        Self { device, agreed: 0, steps: 0, departure: None }
    }

    /// Hears what the host says after so many steps. Returns whether there is more to be heard: the device said the same, and
    /// its log goes on.
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

    /// Messages in which they agree.
    pub fn agreed(&self) -> usize {
        self.agreed
    }

    /// Steps that had been made when they last agreed.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What the device says beyond what was heard.
    pub fn rest(&self) -> &[String] {
        &self.device[self.agreed..]
    }

    /// Where the device departs, if it does.
    pub fn departure(&self) -> Option<&Departure> {
        self.departure.as_ref()
    }
}
