//! Checks of the caller's memory.

use crate::status::{refuse, sgc_code, sgc_status, sgc_thing};

fn check<T>(data: *const T, thing: sgc_thing) -> Result<(), sgc_status> {
    if data.is_null() {
        return Err(refuse(sgc_code::Null, thing, 0));
    }
    if !data.is_aligned() {
        return Err(refuse(sgc_code::Alignment, thing, 0));
    }
    Ok(())
}

/// Checks an input array and returns it as a slice.
///
/// # Safety
/// A non-null pointer must point to `count` numbers that no other code writes during the call.
pub(crate) unsafe fn read<'a>(data: *const f32, count: usize, thing: sgc_thing) -> Result<&'a [f32], sgc_status> {
    check(data, thing)?;
    // SAFETY: the pointer is not null and is aligned; the caller promises that the memory is valid.
    Ok(unsafe { core::slice::from_raw_parts(data, count) })
}

/// Checks an output array, which must not overlap any of `inputs`, and returns it as a slice.
///
/// # Safety
/// A non-null pointer must point to room for `count` numbers that no other code uses during the call.
pub(crate) unsafe fn write<'a>(data: *mut f32, count: usize, inputs: &[&[f32]]) -> Result<&'a mut [f32], sgc_status> {
    check(data.cast_const(), sgc_thing::Output)?;
    let start = data.addr();
    let end = start.wrapping_add(count.wrapping_mul(size_of::<f32>()));
    for input in inputs {
        let range = input.as_ptr_range();
        if start < range.end.addr() && range.start.addr() < end {
            return Err(refuse(sgc_code::Overlap, sgc_thing::Output, 0));
        }
    }
    // SAFETY: the pointer is not null, is aligned, and the memory is disjoint from the inputs; the caller promises that
    // the memory is valid.
    Ok(unsafe { core::slice::from_raw_parts_mut(data, count) })
}

/// Checks a pointer to a value and returns it as a mutable reference.
///
/// # Safety
/// A non-null pointer must point to a `T` that no other code uses during the call.
pub(crate) unsafe fn change<'a, T>(data: *mut T, thing: sgc_thing) -> Result<&'a mut T, sgc_status> {
    check(data.cast_const(), thing)?;
    // SAFETY: the pointer is not null and is aligned; the caller promises that it points to a `T`.
    Ok(unsafe { &mut *data })
}
