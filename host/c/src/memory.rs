//! Memory of the caller. During a call, each piece of memory is either read or written.

use std::ops::Range;

use crate::status::{Failure, sg_status};

/// Numbers to read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_floats {
    /// The first element.
    pub data: *const f32,
    /// The number of elements.
    pub length: usize,
}

/// Room for numbers to write.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_floats_out {
    /// The first element.
    pub data: *mut f32,
    /// The number of elements that fit.
    pub length: usize,
}

/// Words to read, such as classes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_words {
    /// The first element.
    pub data: *const u32,
    /// The number of elements.
    pub length: usize,
}

/// Room for words to write.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_words_out {
    /// The first element.
    pub data: *mut u32,
    /// The number of elements that fit.
    pub length: usize,
}

/// Bytes to read, such as truth values.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sg_bytes {
    /// The first element.
    pub data: *const u8,
    /// The number of elements.
    pub length: usize,
}

/// A pointer and a length to read.
pub(crate) trait Given {
    type Item;
    fn place(self) -> (*const Self::Item, usize);
}

/// A pointer and a length to write.
pub(crate) trait GivenOut {
    type Item;
    fn place(self) -> (*mut Self::Item, usize);
}

macro_rules! given {
    ($($type:ident: $trait:ident, $pointer:ty, $item:ty;)*) => {$(
        impl $trait for $type {
            type Item = $item;
            fn place(self) -> ($pointer, usize) {
                (self.data, self.length)
            }
        }
    )*};
}

given! {
    sg_floats: Given, *const f32, f32;
    sg_words: Given, *const u32, u32;
    sg_bytes: Given, *const u8, u8;
    sg_floats_out: GivenOut, *mut f32, f32;
    sg_words_out: GivenOut, *mut u32, u32;
}

/// The memory of one call.
#[derive(Default)]
pub(crate) struct Memory {
    parts: Vec<(Range<usize>, bool, &'static str)>,
}

impl Memory {
    /// Returns memory to read.
    ///
    /// # Safety
    /// If the pointer is not null, the memory must stay valid during the whole call.
    pub(crate) unsafe fn read<'a, G: Given>(&mut self, given: G, what: &'static str) -> Result<&'a [G::Item], Failure> {
        let (data, length) = given.place();
        self.check(data, length, false, what)?;
        // SAFETY: the pointer is not null and is aligned. The length is possible. No other part of this call writes the
        // memory. The caller promises that the memory is valid.
        Ok(unsafe { std::slice::from_raw_parts(data, length) })
    }

    /// Returns memory to write.
    ///
    /// # Safety
    /// If the pointer is not null, the memory must stay valid during the whole call, and no other code may use it
    /// during the call.
    pub(crate) unsafe fn write<'a, G: GivenOut>(
        &mut self,
        given: G,
        what: &'static str,
    ) -> Result<&'a mut [G::Item], Failure> {
        let (data, length) = given.place();
        self.check(data.cast_const(), length, true, what)?;
        // SAFETY: the pointer is not null and is aligned. The length is possible. No other part of this call uses the
        // memory. The caller promises that the memory is valid.
        Ok(unsafe { std::slice::from_raw_parts_mut(data, length) })
    }

    fn check<T>(&mut self, data: *const T, length: usize, written: bool, what: &'static str) -> Result<(), Failure> {
        pointer(data, what)?;
        let (start, bytes) = (data.addr(), length.checked_mul(size_of::<T>()));
        let end = bytes.filter(|&bytes| bytes <= isize::MAX as usize).and_then(|bytes| start.checked_add(bytes));
        let Some(end) = end else {
            return Err(Failure::new(sg_status::TooLarge, format!("{what}: no memory holds {length} numbers")));
        };
        for (other, other_written, name) in &self.parts {
            if (written || *other_written) && start < other.end && other.start < end {
                return Err(Failure::new(
                    sg_status::Overlap,
                    format!("{what} and {name} share memory, and one of them is written"),
                ));
            }
        }
        self.parts.push((start..end, written, what));
        Ok(())
    }
}

/// Checks that a pointer is not null and is aligned.
pub(crate) fn pointer<T>(data: *const T, what: &str) -> Result<(), Failure> {
    if data.is_null() {
        return Err(Failure::new(sg_status::Null, format!("{what}: the pointer is null")));
    }
    if !data.is_aligned() {
        let message = format!("{what}: the address is no multiple of {}", align_of::<T>());
        return Err(Failure::new(sg_status::Alignment, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(failure: Failure) -> String {
        format!("{failure:?}")
    }

    #[test]
    fn bad_memory_is_refused() {
        let (mut x, room) = ([0.0_f32; 8], usize::MAX / 4);
        let data = x.as_mut_ptr();
        let (input, output) =
            (|data, length| sg_floats { data, length }, |data, length| sg_floats_out { data, length });
        let mut memory = Memory::default();
        // SAFETY: the functions return an error for every pointer here that does not point into `x`.
        unsafe {
            assert!(status(memory.read(input(std::ptr::null(), 0), "a").unwrap_err()).contains("Null"));
            let odd = data.cast::<u8>().add(1).cast::<f32>();
            assert!(status(memory.read(input(odd, 1), "a").unwrap_err()).contains("Alignment"));
            assert!(status(memory.read(input(data, room), "a").unwrap_err()).contains("TooLarge"));
            memory.read(input(data, 4), "a").unwrap();
            memory.read(input(data, 4), "b").unwrap();
            assert!(status(memory.write(output(data.add(3), 2), "c").unwrap_err()).contains("Overlap"));
            memory.write(output(data.add(4), 4), "c").unwrap();
            assert!(status(memory.read(input(data.add(7), 1), "d").unwrap_err()).contains("d and c share"));
        }
    }
}
