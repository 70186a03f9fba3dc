//! Decodes the defmt frames of a device as they come.

use std::path::Path;

use anyhow::{Context, Result, bail};
use defmt_decoder::{DecodeError, StreamDecoder, Table};

/// The strings that a firmware's frames refer to.
pub struct Dictionary {
    table: Table,
}

impl Dictionary {
    /// Reads them from the firmware.
    pub fn read(elf: &Path) -> Result<Self> {
        let bytes = std::fs::read(elf).with_context(|| format!("reading {}", elf.display()))?;
        match Table::parse(&bytes) {
            Ok(Some(table)) => Ok(Self { table }),
            Ok(None) => bail!("{} logs nothing through defmt", elf.display()),
            Err(error) => bail!("{}: {error}", elf.display()),
        }
    }

    /// A decoder at the start of a stream.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder { stream: self.table.new_stream_decoder() }
    }
}

/// Turns bytes into messages.
pub struct Decoder<'a> {
    stream: Box<dyn StreamDecoder + Send + Sync + 'a>,
}

impl Decoder<'_> {
    /// Takes bytes in and hands every message out that they complete.
    pub fn take(&mut self, bytes: &[u8], mut message: impl FnMut(&str) -> Result<()>) -> Result<()> {
        self.stream.received(bytes);
        loop {
            match self.stream.decode() {
                Ok(frame) => message(&frame.display_message().to_string())?,
                Err(DecodeError::UnexpectedEof) => return Ok(()),
                Err(DecodeError::Malformed) => bail!("the device sent a defmt frame that cannot be read"),
            }
        }
    }
}
