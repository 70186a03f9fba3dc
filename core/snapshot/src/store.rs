//! Snapshots in flash, in two halves: while one is written the other holds the last complete snapshot.

use core::{fmt, ops::Range};

use embedded_storage_async::nor_flash::NorFlash;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Geometry, Kind, decode, decode_into, encode,
    log::{self, Frame},
};

/// Snapshots of one kind, no larger than a buffer, in a range of pages of NOR flash.
///
/// A save is complete, and the newest, from the moment the last word of its last frame is written. Until then, and
/// whenever power fails on the way, the one before it is intact: see the [crate's page](crate).
///
/// Memory: the buffer, which the caller provides (a static one, best), and the stack that [the crate's page](crate) says.
///
/// # Example
/// See the [crate's page](crate).
#[derive(Debug)]
pub struct Store<'b, F> {
    flash: F,
    start: u32,
    /// Bytes in each half.
    half: u32,
    kind: Kind,
    newest: Option<Newest>,
    buffer: &'b mut [u8],
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    generation: u32,
    half: Half,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Half {
    Lower,
    Upper,
}

impl Half {
    const BOTH: [Self; 2] = [Self::Lower, Self::Upper];

    fn other(self) -> Self {
        match self {
            Half::Lower => Half::Upper,
            Half::Upper => Half::Lower,
        }
    }
}

/// Why something was not saved or loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoreError<E> {
    /// The value has no snapshot that fits, or the snapshot in flash is refused.
    Snapshot(Error),
    /// The driver failed.
    Flash(E),
    /// The range does not consist of an even number of whole pages of this flash.
    Range {
        /// Where it starts.
        start: u32,
        /// Where it ends.
        end: u32,
        /// The size of a page.
        page: usize,
    },
    /// The range has too few pages.
    Pages {
        /// How many the store needs.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// Words are larger than 32 bytes, or pages too small to hold anything.
    Geometry(Geometry),
    /// What was written does not read back: the flash is worn out. The last complete snapshot is still there.
    NotKept,
}

impl<E> From<Error> for StoreError<E> {
    fn from(error: Error) -> Self {
        Self::Snapshot(error)
    }
}

impl<E: fmt::Debug> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Snapshot(error) => error.fmt(f),
            StoreError::Flash(error) => write!(f, "flash: {error:?}"),
            StoreError::Range { start, end, page } => {
                write!(f, "store: {start:#x}..{end:#x} is not an even number of pages of {page} bytes")
            }
            StoreError::Pages { needed, found } => write!(f, "store: {found} pages, {needed} are needed"),
            StoreError::Geometry(geometry) => {
                write!(f, "store: pages of {} bytes and words of {} do not hold it", geometry.page, geometry.word)
            }
            StoreError::NotKept => write!(f, "flash: worn out, what was written does not read back"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for StoreError<E> {}

impl<'b, F: NorFlash> Store<'b, F> {
    /// Finds the newest complete snapshot in a range of the flash; it need not hold any, whatever it holds.
    ///
    /// # Errors
    /// [`StoreError::Geometry`], [`StoreError::Range`], and [`StoreError::Pages`] with fewer than
    /// [`Geometry::pages`] of the buffer's length, before anything is read; [`StoreError::Flash`].
    pub async fn open(
        flash: F,
        range: Range<u32>,
        kind: Kind,
        buffer: &'b mut [u8],
    ) -> Result<Self, StoreError<F::Error>> {
        let geometry = Geometry::of::<F>();
        if geometry.chunk() == 0
            || geometry.word > 32
            || buffer.len().div_ceil(geometry.chunk()) > usize::from(u16::MAX)
        {
            return Err(StoreError::Geometry(geometry));
        }
        let Range { start, end } = range;
        let (first, last, page) = (start as usize, end as usize, geometry.page);
        let found = last.saturating_sub(first) / page;
        let whole = first.is_multiple_of(page) && last.is_multiple_of(page) && last <= flash.capacity();
        if !whole || found == 0 || !found.is_multiple_of(2) {
            return Err(StoreError::Range { start, end, page });
        }
        let needed = geometry.pages(buffer.len());
        if found < needed {
            return Err(StoreError::Pages { needed, found });
        }
        let mut store = Self { flash, start, half: (end - start) / 2, kind, newest: None, buffer };
        store.newest = store.newest_before(None).await?;
        Ok(store)
    }

    /// Saves a value; returns its generation, which counts the saves from 1.
    ///
    /// What was saved has been read back. A future that is dropped before its end is as a power cut: the snapshot before
    /// it is intact.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with [`Error::TooLarge`], before anything is written; [`StoreError::Flash`] and
    /// [`StoreError::NotKept`], with the last complete snapshot as it was.
    pub async fn save<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<u32, StoreError<F::Error>> {
        let length = encode(self.kind, value, self.buffer)?.len();
        let generation = self.newest.map_or(1, |newest| newest.generation.wrapping_add(1));
        if let Some(Newest { half, .. }) = self.newest {
            // A failure here is no reason to give up: there is another half, with nothing in it that is needed.
            if let Ok(true) = self.write(half, generation, length).await {
                return Ok(generation);
            }
        }
        let half = self.newest.map_or(Half::Lower, |newest| newest.half.other());
        let Range { start, end } = self.pages(half);
        self.flash.erase(start, end).await.map_err(StoreError::Flash)?;
        match self.write(half, generation, length).await {
            Ok(true) => Ok(generation),
            Ok(false) => Err(StoreError::NotKept),
            Err(error) => Err(StoreError::Flash(error)),
        }
    }

    /// The newest value that can be loaded, or nothing if nothing was ever saved.
    ///
    /// A snapshot that is damaged, against what its checksums in flash say, counts as not complete: the one before it
    /// is loaded, if it is still there.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with why the newest one is refused; [`StoreError::Flash`].
    pub async fn load<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError<F::Error>> {
        self.newest_by(decode).await
    }

    /// The same, in the place of a value, such as one that was just made: the stack is not needed for another, which for a
    /// large learner is most of what loading takes. Returns whether anything was ever saved.
    ///
    /// # Errors
    /// As [`Store::load`]. After [`Error::Payload`] and [`Error::Invalid`] the value is partly the old and partly the new one,
    /// each number of it valid: make it anew. After any other error it is as it was.
    pub async fn load_into<T: DeserializeOwned>(&mut self, value: &mut T) -> Result<bool, StoreError<F::Error>> {
        let loaded = self.newest_by(|kind, bytes| decode_into(kind, bytes, value)).await?;
        Ok(loaded.is_some())
    }

    /// What is read from the newest snapshot that is not damaged.
    async fn newest_by<T>(
        &mut self,
        mut read: impl FnMut(Kind, &[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, StoreError<F::Error>> {
        let (mut candidate, mut refused) = (self.newest, None);
        while let Some(newest) = candidate {
            let length = self.read(newest).await?;
            match read(self.kind, self.buffer.get(..length).unwrap_or_default()) {
                Ok(value) => return Ok(Some(value)),
                Err(error @ (Error::Version { .. } | Error::Kind { .. } | Error::Payload | Error::Invalid)) => {
                    return Err(StoreError::Snapshot(refused.unwrap_or(error)));
                }
                Err(error) => refused = refused.or(Some(error)),
            }
            candidate = self.newest_before(Some(newest.generation)).await?;
        }
        refused.map_or(Ok(None), |error| Err(StoreError::Snapshot(error)))
    }

    /// The generation of the newest complete snapshot, of whatever kind.
    pub fn generation(&self) -> Option<u32> {
        self.newest.map(|newest| newest.generation)
    }

    /// Erases every snapshot, the newest last.
    ///
    /// # Errors
    /// [`StoreError::Flash`].
    pub async fn clear(&mut self) -> Result<(), StoreError<F::Error>> {
        let last = self.newest.map_or(Half::Upper, |newest| newest.half);
        for half in [last.other(), last] {
            let Range { start, end } = self.pages(half);
            self.flash.erase(start, end).await.map_err(StoreError::Flash)?;
        }
        self.newest = None;
        Ok(())
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash
    }

    fn pages(&self, half: Half) -> Range<u32> {
        let start = match half {
            Half::Lower => self.start,
            Half::Upper => self.start + self.half,
        };
        start..start + self.half
    }

    /// The newest complete snapshot, or the newest that is older than a generation.
    async fn newest_before(&mut self, generation: Option<u32>) -> Result<Option<Newest>, StoreError<F::Error>> {
        let mut newest: Option<Newest> = None;
        for half in Half::BOTH {
            let pages = self.pages(half);
            let mut visit = |frame: Frame<'_>| {
                let newer = newest.is_none_or(|newest| newest.generation < frame.generation);
                let in_time = generation.is_none_or(|generation| frame.generation < generation);
                if frame.is_last && newer && in_time {
                    newest = Some(Newest { generation: frame.generation, half });
                }
            };
            log::walk(&mut self.flash, pages, &mut visit).await.map_err(StoreError::Flash)?;
        }
        Ok(newest)
    }

    /// Reads a snapshot into the buffer and returns its length.
    async fn read(&mut self, Newest { generation, half }: Newest) -> Result<usize, StoreError<F::Error>> {
        let (pages, buffer) = (self.pages(half), &mut *self.buffer);
        let mut length = None;
        let mut visit = |frame: Frame<'_>| {
            if frame.generation != generation || length.is_some() {
                return;
            }
            let end = frame.offset + frame.bytes.len();
            // A snapshot of a larger store does not fit: it is refused as one that is cut off.
            if let Some(place) = buffer.get_mut(frame.offset..end) {
                place.copy_from_slice(frame.bytes);
            }
            if frame.is_last {
                length = Some(end.min(buffer.len()));
            }
        };
        log::walk(&mut self.flash, pages, &mut visit).await.map_err(StoreError::Flash)?;
        Ok(length.unwrap_or(0))
    }

    /// Appends what is in the buffer to a half and reads it back.
    async fn write(&mut self, half: Half, generation: u32, length: usize) -> Result<bool, F::Error> {
        let pages = self.pages(half);
        let snapshot = self.buffer.get(..length).unwrap_or_default();
        if !log::append(&mut self.flash, pages.clone(), generation, snapshot).await? {
            return Ok(false);
        }
        let (mut as_written, mut kept) = (true, false);
        let mut visit = |frame: Frame<'_>| {
            if frame.generation == generation {
                let end = frame.offset + frame.bytes.len();
                as_written = (frame.offset == 0 || as_written) && snapshot.get(frame.offset..end) == Some(frame.bytes);
                kept |= as_written && frame.is_last && end == length;
            }
        };
        log::walk(&mut self.flash, pages, &mut visit).await?;
        if kept {
            self.newest = Some(Newest { generation, half });
        }
        Ok(kept)
    }
}
