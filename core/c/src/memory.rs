//! Memory of the caller's.

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

/// Numbers that are read.
///
/// # Safety
/// If it is not null there are so many numbers, which no one writes meanwhile.
pub(crate) unsafe fn read<'a>(data: *const f32, count: usize, thing: sgc_thing) -> Result<&'a [f32], sgc_status> {
    check(data, thing)?;
    // SAFETY: not null, aligned; there, as the caller promises.
    Ok(unsafe { core::slice::from_raw_parts(data, count) })
}

/// Room for numbers, none of which is in `inputs`.
///
/// # Safety
/// If it is not null there is room for so many numbers, which no one else uses meanwhile.
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
    // SAFETY: not null, aligned, apart from the inputs; there, as the caller promises.
    Ok(unsafe { core::slice::from_raw_parts_mut(data, count) })
}

/// Something to change.
///
/// # Safety
/// If it is not null it is one of these, which no one else uses meanwhile.
pub(crate) unsafe fn change<'a, T>(data: *mut T, thing: sgc_thing) -> Result<&'a mut T, sgc_status> {
    check(data.cast_const(), thing)?;
    // SAFETY: not null, aligned, and a `T`, as the caller promises.
    Ok(unsafe { &mut *data })
}
