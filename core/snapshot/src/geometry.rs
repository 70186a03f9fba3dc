//! Sizes of pages and words: the number of pages that a snapshot needs, and the wear of each page.

use embedded_storage_async::nor_flash::NorFlash;

/// Bytes of a frame's header: generation, frame number, frame count.
pub(crate) const FRAME_HEADER: usize = 8;
/// Bytes of the largest item, frame header included.
pub(crate) const LARGEST_ITEM: usize = 256;
/// Bytes of the largest word of flash.
pub(crate) const LARGEST_WORD: usize = 32;
/// Bytes of the header that `sequential-storage` puts before an item.
const ITEM_HEADER: usize = 8;

/// The sizes of a flash memory that decide the layout of snapshots.
///
/// ```
/// use samplegrad_snapshot::Geometry;
///
/// // An nRF52 has pages of 4096 bytes and words of 4. A policy of 64 features and 10 actions with its model of rewards:
/// const NRF52: Geometry = Geometry { page: 4096, word: 4 };
/// const BYTES: usize = 5_257;
/// assert_eq!(NRF52.pages(BYTES), 4);
/// // In sixteen pages a page is erased once in ten saves: 10 000 erasures last for 100 000 saves.
/// assert_eq!(NRF52.saves_per_erasure(BYTES, 16), 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Geometry {
    /// Bytes that are erased at once.
    pub page: usize,
    /// Bytes that are written at once, or bytes that are read at once, if these are more.
    pub word: usize,
}

impl Geometry {
    /// Returns the geometry of a driver.
    pub const fn of<F: NorFlash>() -> Self {
        let word = if F::WRITE_SIZE > F::READ_SIZE { F::WRITE_SIZE } else { F::READ_SIZE };
        Self { page: F::ERASE_SIZE, word }
    }

    /// Returns the number of bytes of a page that can hold items: all bytes but one word at each end.
    const fn room(self) -> usize {
        self.page.saturating_sub(2 * self.word)
    }

    /// Returns the number of bytes that an item of this length takes.
    const fn item(self, length: usize) -> usize {
        ITEM_HEADER.next_multiple_of(self.word) + length.next_multiple_of(self.word)
    }

    /// Returns the number of bytes of a snapshot that one frame holds; 0 if the pages are too small for any frame.
    pub(crate) const fn chunk(self) -> usize {
        let most = self.room().saturating_sub(ITEM_HEADER.next_multiple_of(self.word));
        let most = if most < LARGEST_ITEM { most } else { LARGEST_ITEM };
        (most - most % self.word).saturating_sub(FRAME_HEADER)
    }

    /// Returns the number of bytes that the frames of a snapshot take, if no page ends between them.
    pub(crate) const fn frames(self, bytes: usize) -> usize {
        let (full, rest) = (bytes / self.chunk(), bytes % self.chunk());
        let rest = if rest == 0 { 0 } else { self.item(FRAME_HEADER + rest) };
        full * self.item(FRAME_HEADER + self.chunk()) + rest
    }

    /// Computes the room left in a page, and the number of further pages begun, after a snapshot has been appended.
    const fn placed(self, bytes: usize, mut left: usize) -> (usize, usize) {
        let (mut written, mut begun) = (0, 0);
        while written < bytes {
            let chunk = if bytes - written < self.chunk() { bytes - written } else { self.chunk() };
            let item = self.item(FRAME_HEADER + chunk);
            if item > left {
                begun += 1;
                left = self.room();
            }
            left -= item;
            written += chunk;
        }
        (left, begun)
    }

    /// Returns the offset of a half's seal from the half's start, for a first snapshot of the given size in bytes. The
    /// seal is the word behind the snapshot, or the last word of the snapshot's page if no other word is left.
    pub(crate) const fn seal(self, bytes: usize) -> usize {
        let (left, begun) = if bytes == 0 { (self.room() - self.item(FRAME_HEADER), 1) } else { self.placed(bytes, 0) };
        begun * self.page - self.word - left
    }

    /// Returns the least number of pages of a store for snapshots of up to the given size in bytes. The number is even:
    /// one half of the pages holds the last complete snapshot while the other half is erased and written.
    pub const fn pages(self, bytes: usize) -> usize {
        assert!(self.chunk() > 0, "the pages are too small to hold anything");
        let (left, begun) = self.placed(bytes, 0);
        // The last word of the last page cannot be a seal: all pages would count as full.
        2 * if left < self.word { begun + 1 } else { begun }
    }

    /// Returns the number of saves per erasure of each page, for snapshots of the given size in bytes in the given
    /// number of pages. This number holds while the device runs; in addition, the first save after a start erases a
    /// half.
    pub const fn saves_per_erasure(self, bytes: usize, pages: usize) -> usize {
        assert!(self.chunk() > 0, "the pages are too small to hold anything");
        assert!(bytes > 0, "a snapshot is never empty");
        let (mut left, mut begun, mut saves) = (0, 0, 0);
        loop {
            let (rest, more) = self.placed(bytes, left);
            if begun + more > pages / 2 {
                return 2 * saves;
            }
            (left, begun, saves) = (rest, begun + more, saves + 1);
            // The seal follows the first snapshot.
            left = left.saturating_sub(if saves == 1 { self.word } else { 0 });
        }
    }
}
