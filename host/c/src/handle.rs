//! Handles: created, borrowed and freed by this library.

use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::{
    memory::pointer,
    status::{Failure, sg_status},
};

/// Writes a new handle to `out`.
///
/// # Safety
/// If `out` is not null, it must point to a pointer.
pub(crate) unsafe fn give<T>(out: *mut *mut T, make: impl FnOnce() -> Result<T, Failure>) -> Result<(), Failure> {
    pointer(out, "the handle's place")?;
    let made = Box::into_raw(Box::new(make()?));
    // SAFETY: not null, aligned, and points to a pointer, as the caller promises.
    unsafe { out.write(made) };
    Ok(())
}

/// Returns a reference to the value of a handle.
///
/// # Safety
/// If `handle` is not null, it must come from [`give`] and must not have been freed.
pub(crate) unsafe fn borrow<'a, T>(handle: *const T, what: &str) -> Result<&'a T, Failure> {
    pointer(handle, what)?;
    // SAFETY: not null, aligned, and alive, as the caller promises; only shared references to it are created.
    Ok(unsafe { &*handle })
}

/// Locks a mutex for this call.
pub(crate) fn lock<'a, T>(mutex: &'a Mutex<T>, what: &str) -> Result<MutexGuard<'a, T>, Failure> {
    mutex.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Failure::new(sg_status::Busy, format!("{what}: another thread is using them")),
        TryLockError::Poisoned(_) => {
            Failure::new(sg_status::Panic, format!("{what}: a call that used them ended by a fault; free them"))
        }
    })
}

/// Frees a handle; does nothing for null.
///
/// # Safety
/// As [`borrow`]. In addition, no other code may use the handle.
pub(crate) unsafe fn take<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: the handle came from `Box::into_raw`, as the caller promises. The values dropped are plain numbers
        // and a pool of threads, and none of them panics.
        drop(unsafe { Box::from_raw(handle) });
    }
}
