//! One half of a store: an append-only log of frames, written through `sequential-storage`, and its seal.
//!
//! A snapshot is cut into frames. Each frame is an item with its own checksum. A frame begins with the generation
//! (`u32`), the frame's number from 0 (`u16`) and the number of frames (`u16`), all little-endian. Only an unbroken run
//! of frames, from the first to the last, is a snapshot, so writing the last frame commits the snapshot.
//!
//! The seal is a word behind the first snapshot of a half, cleared once that snapshot has been read back. See
//! [`crate::survey`] for its use.

use core::ops::Range;

use embedded_storage_async::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
use sequential_storage::{
    Error,
    cache::Cache,
    queue::{QueueConfig, QueueStorage},
};

use crate::geometry::{FRAME_HEADER, Geometry, LARGEST_ITEM, LARGEST_WORD};

/// A buffer aligned for drivers that read whole words into it.
#[repr(align(8))]
struct Item([u8; LARGEST_ITEM]);

/// A frame that continues the frame before it, or the first frame of a snapshot.
pub(crate) struct Frame<'d> {
    pub generation: u32,
    /// The offset of the frame's bytes in the snapshot.
    pub offset: usize,
    pub bytes: &'d [u8],
    /// True for the last frame, which completes the snapshot.
    pub is_last: bool,
}

fn split(item: &[u8]) -> Option<(u32, u16, u16, &[u8])> {
    let (generation, rest) = item.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (count, bytes) = rest.split_first_chunk()?;
    Some((u32::from_le_bytes(*generation), u16::from_le_bytes(*number), u16::from_le_bytes(*count), bytes))
}

/// A read-only view of flash. Without it, `sequential-storage` would erase pages that look half erased while it reads.
struct ReadOnly<'f, F>(&'f mut F);

impl<F: ErrorType> ErrorType for ReadOnly<'_, F> {
    type Error = F::Error;
}

impl<F: NorFlash> ReadNorFlash for ReadOnly<'_, F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        self.0.read(offset, bytes).await
    }
    fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl<F: NorFlash> NorFlash for ReadOnly<'_, F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, _: u32, _: u32) -> Result<(), F::Error> {
        Ok(())
    }
    async fn write(&mut self, _: u32, _: &[u8]) -> Result<(), F::Error> {
        Ok(())
    }
}

/// Passes every frame of an unbroken run to `visit`, oldest first, up to the first unreadable item. Writes nothing, for
/// any contents of the pages.
pub(crate) async fn walk<F: NorFlash>(
    flash: &mut F,
    pages: Range<u32>,
    visit: &mut (dyn FnMut(Frame<'_>) + Send),
) -> Result<(), F::Error> {
    let Ok(config) = QueueConfig::try_new(pages) else { return Ok(()) };
    let mut queue = QueueStorage::new(ReadOnly(flash), config, Cache::new_uncached());
    let mut items = match queue.iter().await {
        Ok(items) => items,
        Err(Error::Storage { value, .. }) => return Err(value),
        Err(_) => return Ok(()),
    };
    let mut buffer = Item([0; LARGEST_ITEM]);
    // The current run's generation and number of frames, and the number of its next frame.
    let (mut run, mut next) = (None, 0);
    loop {
        let item = match items.next(&mut buffer.0).await {
            Ok(Some(item)) => item,
            Err(Error::Storage { value, .. }) => return Err(value),
            Ok(None) | Err(_) => return Ok(()),
        };
        let Some((generation, number, count, bytes)) = split(&item) else { continue };
        if number == 0 {
            (run, next) = (Some((generation, count)), 0);
        }
        if run != Some((generation, count)) || number != next {
            run = None;
            continue;
        }
        next += 1;
        let offset = usize::from(number) * Geometry::of::<F>().chunk();
        visit(Frame { generation, offset, bytes, is_last: next == count });
        if next == count {
            run = None;
        }
    }
}

/// Appends a snapshot. Returns false if there is no room, or if the room cannot be determined; the last frame of the
/// snapshot is then not begun.
pub(crate) async fn append<F: NorFlash>(
    flash: &mut F,
    pages: Range<u32>,
    generation: u32,
    snapshot: &[u8],
) -> Result<bool, F::Error> {
    let Ok(config) = QueueConfig::try_new(pages) else { return Ok(false) };
    let geometry = Geometry::of::<F>();
    let mut queue = QueueStorage::new(flash, config, Cache::new_uncached());
    match queue.space_left().await {
        Ok(space) if space as usize >= geometry.frames(snapshot.len()) => {}
        Err(Error::Storage { value, .. }) => return Err(value),
        Ok(_) | Err(_) => return Ok(false),
    }
    // An empty snapshot has one frame.
    let first = if snapshot.is_empty() { Some(snapshot) } else { None };
    let chunks = snapshot.chunks(geometry.chunk());
    let Ok(count) = u16::try_from(chunks.len().max(1)) else { return Ok(false) };
    let mut item = Item([0; LARGEST_ITEM]);
    for (number, chunk) in (0..count).zip(first.into_iter().chain(chunks)) {
        let (header, rest) = item.0.split_at_mut(FRAME_HEADER);
        header[0..4].copy_from_slice(&generation.to_le_bytes());
        header[4..6].copy_from_slice(&number.to_le_bytes());
        header[6..8].copy_from_slice(&count.to_le_bytes());
        rest[..chunk.len()].copy_from_slice(chunk);
        match queue.push(&item.0[..FRAME_HEADER + chunk.len()], false).await {
            Ok(()) => {}
            Err(Error::Storage { value, .. }) => return Err(value),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// Returns whether the word at an address has a bit that differs from the erased state.
pub(crate) async fn is_begun<F: NorFlash>(flash: &mut F, address: u32) -> Result<bool, F::Error> {
    let mut word = Word([0xFF; LARGEST_WORD]);
    flash.read(address, &mut word.0[..Geometry::of::<F>().word.min(LARGEST_WORD)]).await?;
    Ok(word.0.iter().any(|&byte| byte != 0xFF))
}

/// Clears the word at an address, which may have any contents. Returns false if the word does not read back as zeros.
pub(crate) async fn clear_word<F: NorFlash>(flash: &mut F, address: u32) -> Result<bool, F::Error> {
    let mut word = Word([0; LARGEST_WORD]);
    let bytes = &mut word.0[..Geometry::of::<F>().word.min(LARGEST_WORD)];
    flash.write(address, bytes).await?;
    bytes.fill(0xFF);
    flash.read(address, bytes).await?;
    Ok(bytes.iter().all(|&byte| byte == 0))
}

#[repr(align(8))]
struct Word([u8; LARGEST_WORD]);
