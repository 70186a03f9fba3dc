//! Handles: made here, lent, taken back.

use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::{
    memory::pointer,
    status::{Failure, sg_status},
};

/// Gives a handle away.
///
/// # Safety
/// `out`, if it is not null, is a pointer's place.
pub(crate) unsafe fn give<T>(out: *mut *mut T, make: impl FnOnce() -> Result<T, Failure>) -> Result<(), Failure> {
    pointer(out, "the handle's place")?;
    let made = Box::into_raw(Box::new(make()?));
    // SAFETY: not null, aligned, and a pointer's place, as the caller promises.
    unsafe { out.write(made) };
    Ok(())
}

/// What a handle stands for.
///
/// # Safety
/// `handle`, if it is not null, came from [`give`] and has not been taken back.
pub(crate) unsafe fn borrow<'a, T>(handle: *const T, what: &str) -> Result<&'a T, Failure> {
    pointer(handle, what)?;
    // SAFETY: not null, aligned, and alive, as the caller promises; only shared references are ever made of it.
    Ok(unsafe { &*handle })
}

/// What is behind a lock, for this call.
pub(crate) fn lock<'a, T>(mutex: &'a Mutex<T>, what: &str) -> Result<MutexGuard<'a, T>, Failure> {
    mutex.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Failure::new(sg_status::Busy, format!("{what}: another thread is using them")),
        TryLockError::Poisoned(_) => {
            Failure::new(sg_status::Panic, format!("{what}: a call that used them ended by a fault; free them"))
        }
    })
}

/// Takes a handle back; nothing for null.
///
/// # Safety
/// As [`borrow`], and no one uses it.
pub(crate) unsafe fn take<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: it came from `Box::into_raw`, as the caller promises. What is dropped are plain numbers and a pool of
        // threads, none of which panics.
        drop(unsafe { Box::from_raw(handle) });
    }
}
