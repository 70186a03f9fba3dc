//! Snapshots in flash, in two halves: while one is written the other holds the last complete snapshot.

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
/// A save that has returned is never lost, whenever power fails afterwards; one that is cut short leaves the one before it
/// intact: see the [crate's page](crate).
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
    /// The generation of the newest complete snapshot, of whatever kind.
    newest: Option<u32>,
    /// The newest generation that anything in flash may have.
    tried: u32,
    /// The half that was erased and sealed since the store was opened, if nothing has failed in it.
    open: Option<Half>,
    /// The number of the bits that the last snapshot that was loaded was learned with.
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

    /// Of what is of the lower and of the upper half: what is of this one, and of the other one.
    fn of<T>(self, [lower, upper]: [T; 2]) -> [T; 2] {
        match self {
            Half::Lower => [lower, upper],
            Half::Upper => [upper, lower],
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
    /// Finds the newest complete snapshot in a range of the flash; it need not hold any, whatever it holds. Writes nothing.
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
        // A save that was cut short may read as nothing now, and as complete at the next start.
        store.tried = store.newest.map_or(0, |newest| newest.wrapping_add(1));
        Ok(store)
    }

    /// Saves a value; returns its generation, which grows with every save: by one, and by two with the first save after a
    /// start.
    ///
    /// A saved value has been read back. A future that is dropped before its end is as a power cut: what was saved before
    /// it is intact.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with [`Error::TooLarge`], before anything is written; [`StoreError::Flash`] and
    /// [`StoreError::NotKept`], with what was saved before as it was.
    pub async fn save<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<u32, StoreError<F::Error>> {
        let length = encode(self.kind, value, self.buffer)?.len();
        if let Some(half) = self.open.take() {
            let generation = self.tried.wrapping_add(1);
            // A failure here is no reason to give up: there is another half, with nothing in it that is needed.
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

    /// Saves what is in the buffer in a half that is erased for it.
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

    /// Erases a half in which nothing is that is needed, see [`crate::survey`].
    async fn erased_half(&mut self) -> Result<Half, StoreError<F::Error>> {
        let surveys @ [lower, upper] = self.surveys(None).await?;
        // Snapshots of another kind go first.
        let kept = newest(lower.own, upper.own).or(newest(lower.newest, upper.newest)).map(|(half, _)| half);
        let half = match kept {
            None => {
                self.erase(Half::Upper).await?;
                Half::Lower
            }
            Some(kept) if self.is_sealed(kept, &surveys).await? => kept.other(),
            Some(kept) => {
                let [_, other] = kept.of(surveys);
                // Nothing was ever acknowledged.
                if other.newest.is_none() {
                    self.erase(kept.other()).await?;
                }
                kept
            }
        };
        self.erase(half).await?;
        Ok(half)
    }

    /// Whether a half has a seal; one that may have been cut short is written again.
    async fn is_sealed(&mut self, half: Half, surveys: &[Survey; 2]) -> Result<bool, StoreError<F::Error>> {
        let [Survey { first: Some(first), newest, .. }, _] = half.of(*surveys) else { return Ok(false) };
        if first.header().is_some_and(|header| header.is_unsealed()) {
            return Ok(true);
        }
        let seal = self.seal(half, first.length);
        if !log::is_begun(&mut self.flash, seal).await.map_err(StoreError::Flash)? {
            return Ok(false);
        }
        // What is behind a seal was written after it.
        let is_last = newest.is_some_and(|newest| newest.generation == first.generation);
        if is_last && !log::clear_word(&mut self.flash, seal).await.map_err(StoreError::Flash)? {
            return Err(StoreError::NotKept);
        }
        Ok(true)
    }

    fn seal(&self, half: Half, length: usize) -> u32 {
        self.pages(half).start + Geometry::of::<F>().seal(length) as u32
    }

    /// The newest value that can be loaded, or nothing if nothing was ever saved.
    ///
    /// A snapshot that is damaged, against what its checksums in flash say, counts as not complete: the one before it
    /// is loaded, if it is still there. One of another [`Kind`], or of another version of the form, is passed over: the
    /// newest of the store's own kind is loaded, if it is still there, such as after a roll-back of the firmware.
    ///
    /// # Errors
    /// [`StoreError::Snapshot`] with why the newest one is refused, [`Error::Kind`] if there are only snapshots of another
    /// kind and [`Error::TooLarge`] if the buffer is too small for it; [`StoreError::Flash`].
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
        // Only others.
        if let (None, None, Some((half, found))) = (candidate, refused, any) {
            let read = self.read(half, found).await?.and_then(|length| read(self.kind, self.bytes(length)).map(|_| ()));
            refused = Some(found.refused(self.kind).or(read.err()).unwrap_or(Error::NotASnapshot));
        }
        refused.map_or(Ok(None), |error| Err(StoreError::Snapshot(error)))
    }

    fn bytes(&self, length: usize) -> &[u8] {
        self.buffer.get(..length).unwrap_or_default()
    }

    /// The generation of the newest complete snapshot, of whatever kind.
    pub fn generation(&self) -> Option<u32> {
        self.newest
    }

    /// Erases every snapshot.
    ///
    /// The flash says that nothing is there before the newest is erased, so that after a power cut at any time the store is
    /// empty or as it was.
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

    /// The number of the bits, [`samplegrad_core::BITS`], of the program that saved what was loaded last.
    ///
    /// If it is not this program's, learning goes on from the same weights and generator, but what follows is another
    /// sequence of bits than that program's would have been. Nothing until something is loaded.
    pub fn bits(&self) -> Option<u32> {
        self.bits
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

    async fn erase(&mut self, half: Half) -> Result<(), StoreError<F::Error>> {
        let Range { start, end } = self.pages(half);
        self.flash.erase(start, end).await.map_err(StoreError::Flash)
    }

    /// The contents of the lower and the upper half, or those older than a generation.
    async fn surveys(&mut self, before: Option<u32>) -> Result<[Survey; 2], StoreError<F::Error>> {
        let [lower, upper] = Half::BOTH.map(|half| self.pages(half));
        let lower = Survey::of(&mut self.flash, lower, self.kind, before).await.map_err(StoreError::Flash)?;
        let upper = Survey::of(&mut self.flash, upper, self.kind, before).await.map_err(StoreError::Flash)?;
        Ok([lower, upper])
    }

    /// Reads a snapshot into the buffer and returns its length, or that the buffer is too small.
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

    /// Appends what is in the buffer to a half and reads it back.
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
    /// It reads back.
    Kept,
    /// It does not read back.
    NotKept,
    /// Its last frame was not begun.
    NoRoom,
}

/// The newest of the lower and the upper half.
fn newest(lower: Option<Found>, upper: Option<Found>) -> Option<(Half, Found)> {
    match (lower, upper) {
        (Some(lower), Some(upper)) if lower.generation < upper.generation => Some((Half::Upper, upper)),
        (Some(lower), _) => Some((Half::Lower, lower)),
        (None, upper) => upper.map(|upper| (Half::Upper, upper)),
    }
}
