//! Snapshots in flash, in two halves: while one half is written, the other holds the last complete snapshot.

use core::{fmt, ops::Range};

use embedded_storage_async::nor_flash::NorFlash;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    form::{Error, Kind, decode, decode_into, encode},
    geometry::{Geometry, LARGEST_WORD},
    log::{self, Frame},
    survey::{Found, Survey},
};

/// Snapshots of one kind, no larger than a buffer, in a range of pages of NOR flash.
///
/// A save that has returned survives any later power cut. A save that is cut short leaves the snapshot before it
/// intact: see the [crate's page](crate).
///
/// A store needs a buffer, which the caller provides and which is preferably static. For the stack that it needs, see
/// the [crate's page](crate).
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
    /// The generation of the newest complete snapshot, of any kind.
    newest: Option<u32>,
    /// The newest generation that anything in flash can have.
    tried: u32,
    /// The half that was erased and sealed since the store was opened, unless a write to it has failed.
    open: Option<Half>,
    /// The number of the bits of the program that saved the last loaded snapshot.
    bits: Option<u32>,
    buffer: &'b mut [u8],
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

    /// Selects from a pair (lower, upper): returns the item of this half first, then the item of the other half.
    fn of<T>(self, [lower, upper]: [T; 2]) -> [T; 2] {
        match self {
            Half::Lower => [lower, upper],
            Half::Upper => [upper, lower],
        }
    }
}

/// An error of saving or loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoreError<E> {
    /// The value has no snapshot that fits the buffer, or the snapshot in flash is refused.
    Snapshot(Error),
    /// The driver failed.
    Flash(E),
    /// The range is not an even number of whole pages of this flash.
    Range {
        /// The start of the range.
        start: u32,
        /// The end of the range.
        end: u32,
        /// The size of a page.
        page: usize,
    },
    /// The range has too few pages.
    Pages {
        /// The number of pages needed.
        needed: usize,
        /// The number of pages in the range.
        found: usize,
    },
    /// Words are larger than 32 bytes, or pages are too small to hold any item.
    Geometry(Geometry),
    /// The written data do not read back: the flash is worn out. The last complete snapshot is still in flash.
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
    /// Finds the newest complete snapshot in a range of the flash, which may have any contents. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Geometry`], [`StoreError::Range`], and [`StoreError::Pages`] if the range has fewer pages than
    /// [`Geometry::pages`] of the buffer's length, all before anything is read; [`StoreError::Flash`].
    pub async fn open(
        flash: F,
        range: Range<u32>,
        kind: Kind,
        buffer: &'b mut [u8],
    ) -> Result<Self, StoreError<F::Error>> {
        let geometry = Geometry::of::<F>();
        if geometry.chunk() == 0
            || geometry.word > LARGEST_WORD
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
        let half = (end - start) / 2;
        let mut store = Self { flash, start, half, kind, newest: None, tried: 0, open: None, bits: None, buffer };
        let [lower, upper] = store.surveys(None).await?;
        store.newest = newest(lower.newest, upper.newest).map(|(_, found)| found.generation);
        // A save that was cut short may be unreadable now, and read as complete at the next start.
        store.tried = store.newest.map_or(0, |newest| newest.wrapping_add(1));
        Ok(store)
    }

    /// Saves a value and returns its generation. The generation grows by one with every save, and by two with the first
    /// save after a start.
    ///
    /// A saved value has been read back. Dropping the future before its end has the effect of a power cut: the snapshot
    /// saved earlier is intact.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with [`Error::TooLarge`], before anything is written; [`StoreError::Flash`] and
    /// [`StoreError::NotKept`], with the earlier snapshot intact.
    pub async fn save<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<u32, StoreError<F::Error>> {
        let length = encode(self.kind, value, self.buffer)?.len();
        if let Some(half) = self.open.take() {
            let generation = self.tried.wrapping_add(1);
            // If this half fails, the other half is tried; it holds nothing that is needed.
            match self.write(half, generation, length).await {
                Ok(Written::Kept) => {
                    self.done(half, generation);
                    return Ok(generation);
                }
                Ok(Written::NoRoom) => {}
                Ok(Written::NotKept) | Err(_) => self.tried = generation,
            }
        }
        self.save_anew(length).await
    }

    /// Saves the contents of the buffer in a half that is erased first.
    async fn save_anew(&mut self, length: usize) -> Result<u32, StoreError<F::Error>> {
        let half = self.erased_half().await?;
        self.tried = self.tried.wrapping_add(1);
        let generation = self.tried;
        let seal = self.seal(half, length);
        match self.write(half, generation, length).await.map_err(StoreError::Flash)? {
            Written::Kept if log::clear_word(&mut self.flash, seal).await.map_err(StoreError::Flash)? => {
                self.done(half, generation);
                Ok(generation)
            }
            _ => Err(StoreError::NotKept),
        }
    }

    fn done(&mut self, half: Half, generation: u32) {
        (self.newest, self.tried, self.open) = (Some(generation), generation, Some(half));
    }

    /// Erases and returns a half that holds nothing needed, see [`crate::survey`].
    async fn erased_half(&mut self) -> Result<Half, StoreError<F::Error>> {
        let surveys @ [lower, upper] = self.surveys(None).await?;
        // Keep the half with a snapshot of the store's kind; erase snapshots of another kind first.
        let kept = newest(lower.own, upper.own).or(newest(lower.newest, upper.newest)).map(|(half, _)| half);
        let half = match kept {
            None => {
                self.erase(Half::Upper).await?;
                Half::Lower
            }
            Some(kept) if self.is_sealed(kept, &surveys).await? => kept.other(),
            Some(kept) => {
                let [_, other] = kept.of(surveys);
                // No save was ever acknowledged.
                if other.newest.is_none() {
                    self.erase(kept.other()).await?;
                }
                kept
            }
        };
        self.erase(half).await?;
        Ok(half)
    }

    /// Returns whether a half has a seal; writes the seal again if its writing may have been cut short.
    async fn is_sealed(&mut self, half: Half, surveys: &[Survey; 2]) -> Result<bool, StoreError<F::Error>> {
        let [Survey { first: Some(first), newest, .. }, _] = half.of(*surveys) else { return Ok(false) };
        if first.header().is_some_and(|header| header.is_unsealed()) {
            return Ok(true);
        }
        let seal = self.seal(half, first.length);
        if !log::is_begun(&mut self.flash, seal).await.map_err(StoreError::Flash)? {
            return Ok(false);
        }
        // Anything behind a seal was written after the seal.
        let is_last = newest.is_some_and(|newest| newest.generation == first.generation);
        if is_last && !log::clear_word(&mut self.flash, seal).await.map_err(StoreError::Flash)? {
            return Err(StoreError::NotKept);
        }
        Ok(true)
    }

    fn seal(&self, half: Half, length: usize) -> u32 {
        self.pages(half).start + Geometry::of::<F>().seal(length) as u32
    }

    /// Loads the newest snapshot of the store's kind; returns `None` if nothing was ever saved.
    ///
    /// A snapshot whose checksums in flash do not match counts as incomplete: the snapshot before it is loaded, if it
    /// is still there. A snapshot of another [`Kind`], or of another version of the format, is skipped: the newest
    /// snapshot of the store's own kind is loaded, if it is still there, such as after a roll-back of the firmware.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with the error of the newest snapshot: [`Error::Kind`] if all snapshots are of another
    /// kind, [`Error::TooLarge`] if the buffer is too small; [`StoreError::Flash`].
    pub async fn load<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StoreError<F::Error>> {
        self.newest_by(decode).await
    }

    /// Loads the newest snapshot into an existing value, so that the stack holds no second value. For a large learner
    /// this saves most of the memory that loading takes. Returns whether anything was ever saved.
    ///
    /// # Errors
    /// The errors of [`Store::load`]. After [`Error::Payload`] and [`Error::Invalid`] the value is a mix of old and new
    /// numbers, each of them valid: create it anew. After any other error the value is unchanged.
    pub async fn load_into<T: DeserializeOwned>(&mut self, value: &mut T) -> Result<bool, StoreError<F::Error>> {
        let loaded = self.newest_by(|kind, bytes| decode_into(kind, bytes, value)).await?;
        Ok(loaded.is_some())
    }

    /// Reads the newest snapshot of the store's kind that is not damaged.
    async fn newest_by<T>(
        &mut self,
        mut read: impl FnMut(Kind, &[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, StoreError<F::Error>> {
        let [lower, upper] = self.surveys(None).await?;
        let any = newest(lower.newest, upper.newest);
        let (mut candidate, mut refused) = (newest(lower.own, upper.own), None);
        while let Some((half, found)) = candidate {
            if found.is_cleared() {
                break;
            }
            match self.read(half, found).await?.and_then(|length| read(self.kind, self.bytes(length))) {
                Ok(value) => {
                    self.bits = found.bits();
                    return Ok(Some(value));
                }
                Err(error @ (Error::Payload | Error::Invalid | Error::TooLarge { .. })) => {
                    return Err(StoreError::Snapshot(refused.unwrap_or(error)));
                }
                Err(error) => refused = refused.or(Some(error)),
            }
            let [lower, upper] = self.surveys(Some(found.generation)).await?;
            candidate = newest(lower.own, upper.own);
        }
        // All snapshots are of another kind.
        if let (None, None, Some((half, found))) = (candidate, refused, any) {
            let read = self.read(half, found).await?.and_then(|length| read(self.kind, self.bytes(length)).map(|_| ()));
            refused = Some(found.refused(self.kind).or(read.err()).unwrap_or(Error::NotASnapshot));
        }
        refused.map_or(Ok(None), |error| Err(StoreError::Snapshot(error)))
    }

    fn bytes(&self, length: usize) -> &[u8] {
        self.buffer.get(..length).unwrap_or_default()
    }

    /// Returns the generation of the newest complete snapshot, of any kind.
    pub fn generation(&self) -> Option<u32> {
        self.newest
    }

    /// Erases every snapshot.
    ///
    /// A mark of an empty store is written before the newest snapshot is erased. After a power cut at any time the
    /// store is therefore empty or unchanged.
    ///
    /// # Errors
    /// [`StoreError::Flash`]; [`StoreError::NotKept`] for flash that is worn out.
    pub async fn clear(&mut self) -> Result<(), StoreError<F::Error>> {
        self.open = None;
        let mut last = Half::Upper;
        if self.newest.is_some() {
            self.save_anew(0).await?;
            last = self.open.take().unwrap_or(last);
        }
        self.erase(last.other()).await?;
        self.erase(last).await?;
        (self.newest, self.tried) = (None, 0);
        Ok(())
    }

    /// Returns the number of the bits, [`samplegrad_core::BITS`], of the program that saved the last loaded snapshot.
    ///
    /// If it differs from the number of this program, learning continues from the same weights and generator, but
    /// produces other bits than the program that saved the snapshot would have produced. Returns `None` until a
    /// snapshot is loaded.
    pub fn bits(&self) -> Option<u32> {
        self.bits
    }

    /// Returns the flash driver.
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

    async fn erase(&mut self, half: Half) -> Result<(), StoreError<F::Error>> {
        let Range { start, end } = self.pages(half);
        self.flash.erase(start, end).await.map_err(StoreError::Flash)
    }

    /// Returns the contents of the lower and the upper half. If a generation is given, only snapshots older than it
    /// count.
    async fn surveys(&mut self, before: Option<u32>) -> Result<[Survey; 2], StoreError<F::Error>> {
        let [lower, upper] = Half::BOTH.map(|half| self.pages(half));
        let lower = Survey::of(&mut self.flash, lower, self.kind, before).await.map_err(StoreError::Flash)?;
        let upper = Survey::of(&mut self.flash, upper, self.kind, before).await.map_err(StoreError::Flash)?;
        Ok([lower, upper])
    }

    /// Reads a snapshot into the buffer. Returns its length, 0 if it is not complete, or an error if the buffer is too
    /// small.
    async fn read(&mut self, half: Half, found: Found) -> Result<Result<usize, Error>, StoreError<F::Error>> {
        let (pages, buffer) = (self.pages(half), &mut *self.buffer);
        let (needed, capacity) = (found.length, buffer.len());
        if needed > capacity {
            return Ok(Err(Error::TooLarge { needed, capacity }));
        }
        let mut complete = false;
        let mut visit = |frame: Frame<'_>| {
            if frame.generation != found.generation || complete {
                return;
            }
            let end = frame.offset + frame.bytes.len();
            if let Some(place) = buffer.get_mut(frame.offset..end) {
                place.copy_from_slice(frame.bytes);
            }
            complete = frame.is_last;
        };
        log::walk(&mut self.flash, pages, &mut visit).await.map_err(StoreError::Flash)?;
        Ok(Ok(if complete { needed } else { 0 }))
    }

    /// Appends the first `length` bytes of the buffer to a half and reads them back.
    async fn write(&mut self, half: Half, generation: u32, length: usize) -> Result<Written, F::Error> {
        let pages = self.pages(half);
        let snapshot = self.buffer.get(..length).unwrap_or_default();
        if !log::append(&mut self.flash, pages.clone(), generation, snapshot).await? {
            return Ok(Written::NoRoom);
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
        Ok(if kept { Written::Kept } else { Written::NotKept })
    }
}

/// The outcome of appending a snapshot to a half.
enum Written {
    /// The snapshot reads back.
    Kept,
    /// The snapshot does not read back.
    NotKept,
    /// The last frame of the snapshot was not begun.
    NoRoom,
}

/// Returns the newest snapshot of the lower and the upper half.
fn newest(lower: Option<Found>, upper: Option<Found>) -> Option<(Half, Found)> {
    match (lower, upper) {
        (Some(lower), Some(upper)) if lower.generation < upper.generation => Some((Half::Upper, upper)),
        (Some(lower), _) => Some((Half::Lower, lower)),
        (None, upper) => upper.map(|upper| (Half::Upper, upper)),
    }
}
