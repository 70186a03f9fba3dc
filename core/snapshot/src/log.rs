//! One half of a store: a log of frames, appended to through `sequential-storage`, never changed.
//!
//! A snapshot is cut into frames, each an item with a checksum of its own. A frame begins with the generation (`u32`), its
//! number from 0 (`u16`) and how many there are (`u16`), little-endian. Only an unbroken run, from the first to the last,
//! is a snapshot, so the last frame is the commit.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;
use sequential_storage::{
    Error,
    cache::Cache,
    queue::{QueueConfig, QueueStorage},
};

use crate::geometry::{FRAME_HEADER, Geometry, LARGEST_ITEM};

/// Some drivers read words from where the bytes lie.
#[repr(align(8))]
struct Item([u8; LARGEST_ITEM]);

/// A frame that goes on where the one before it ended.
pub(crate) struct Frame<'d> {
    pub generation: u32,
    /// Where in the snapshot its bytes belong.
    pub offset: usize,
    pub bytes: &'d [u8],
    /// With it the snapshot is complete.
    pub is_last: bool,
}

fn split(item: &[u8]) -> Option<(u32, u16, u16, &[u8])> {
    let (generation, rest) = item.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let (count, bytes) = rest.split_first_chunk()?;
    Some((u32::from_le_bytes(*generation), u16::from_le_bytes(*number), u16::from_le_bytes(*count), bytes))
}

/// Shows every frame that belongs to an unbroken run, oldest first. What follows after something unreadable is not there.
pub(crate) async fn walk<F: NorFlash>(
    flash: &mut F,
    pages: Range<u32>,
    visit: &mut (dyn FnMut(Frame<'_>) + Send),
) -> Result<(), F::Error> {
    let Ok(config) = QueueConfig::try_new(pages) else { return Ok(()) };
    let mut queue = QueueStorage::new(flash, config, Cache::new_uncached());
    let mut items = match queue.iter().await {
        Ok(items) => items,
        Err(Error::Storage { value, .. }) => return Err(value),
        Err(_) => return Ok(()),
    };
    let mut buffer = Item([0; LARGEST_ITEM]);
    // The generation, the number of frames and the next one of the run that is being read.
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

/// Appends a snapshot; false if there is no room for it, or none that can be found.
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
    let chunks = snapshot.chunks(geometry.chunk());
    let Ok(count) = u16::try_from(chunks.len()) else { return Ok(false) };
    let mut item = Item([0; LARGEST_ITEM]);
    for (number, chunk) in (0..count).zip(chunks) {
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
