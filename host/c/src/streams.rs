//! Streams of random numbers.

use std::sync::Mutex;

use samplegrad_core::stream;
use samplegrad_host::Streams;

use crate::{
    handle::{borrow, give, lock, take},
    memory::{Memory, pointer, sg_words, sg_words_out},
    status::{Failure, guarded, sg_status},
};

/// Streams of random numbers: row `b` of a batch draws from stream `b mod count`, as the device with the number of the
/// stream does.
///
/// Streams may be used by one thread at a time. A second thread gets SG_STATUS_BUSY.
pub struct sg_streams(Mutex<Streams>);

impl sg_streams {
    /// Locks the streams for one call.
    ///
    /// # Safety
    /// If the handle is not null, it must not have been freed.
    pub(crate) unsafe fn with<T>(
        streams: *mut Self,
        work: impl FnOnce(&mut Streams) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // SAFETY: as the caller promises.
        let streams = unsafe { borrow(streams, "streams") }?;
        work(&mut *lock(&streams.0, "streams")?)
    }
}

/// Creates streams number 0 to `count` − 1 of a seed, and writes their handle to `out`. Free it with `sg_streams_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_streams_new(seed: u64, count: usize, out: *mut *mut sg_streams) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe { give(out, || Ok(sg_streams(Mutex::new(Streams::new(seed, count)?)))) })
}

/// Creates streams that continue from given states, four words each. The states were written by `sg_streams_states` or
/// by a device.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_streams_from_states(states: sg_words, out: *mut *mut sg_streams) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let states = Memory::default().read(states, "states")?;
        let (words, rest) = states.as_chunks::<4>();
        if !rest.is_empty() {
            let message = format!("states: {} words, a stream has four", states.len());
            return Err(Failure::new(sg_status::Length, message));
        }
        give(out, || Ok(sg_streams(Mutex::new(Streams::from_states(words)?))))
    })
}

/// Writes the number of streams.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_streams_count(streams: *mut sg_streams, count: *mut usize) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        pointer(count, "count")?;
        count.write(sg_streams::with(streams, |streams| Ok(streams.count()))?);
        Ok(())
    })
}

/// Writes the current states of all streams, four words each. Each state equals the state of the device with the number
/// of the stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_streams_states(streams: *mut sg_streams, states: sg_words_out) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let states = Memory::default().write(states, "states")?;
        sg_streams::with(streams, |streams| {
            let expected = streams.count() * 4;
            if states.len() != expected {
                let message = format!("states: length {}, it must be {expected}", states.len());
                return Err(Failure::new(sg_status::Length, message));
            }
            for (number, words) in states.chunks_exact_mut(4).enumerate() {
                if let Some(device) = streams.device(number) {
                    words.copy_from_slice(&stream::words(&device));
                }
            }
            Ok(())
        })
    })
}

/// Frees streams; does nothing for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_streams_free(streams: *mut sg_streams) {
    // SAFETY: the caller's promises.
    unsafe { take(streams) }
}
