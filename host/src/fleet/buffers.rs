//! Buffers that are allocated before the run. Further buffers are allocated only if the threads need more.

use std::sync::{Mutex, PoisonError};

use crate::error::Error;

/// Buffers of one length.
pub(super) struct Buffers<T> {
    length: usize,
    free: Mutex<Vec<Vec<T>>>,
}

impl<T: Copy + Default> Buffers<T> {
    /// Creates `count` buffers of this length.
    pub(super) fn new(count: usize, length: usize) -> Result<Self, Error> {
        let too_large = |_| Error::TooLarge { what: "windows of steps" };
        let mut free = Vec::new();
        free.try_reserve_exact(count).map_err(too_large)?;
        for _ in 0..count {
            let mut buffer = Vec::new();
            buffer.try_reserve_exact(length).map_err(too_large)?;
            free.push(buffer);
        }
        Ok(Self { length, free: Mutex::new(free) })
    }

    /// Returns a buffer full of zeros.
    pub(super) fn take(&self) -> Vec<T> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = free.unwrap_or_default();
        buffer.clear();
        buffer.resize(self.length, T::default());
        buffer
    }

    /// Puts a buffer back.
    pub(super) fn give(&self, buffer: Vec<T>) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
