//! Working memory that each thread allocates once, in its first call, and keeps for later calls.

use core::{
    any::Any,
    cell::RefCell,
    ops::{Deref, DerefMut},
};

thread_local! {
    /// Buffers that no call uses at present, for any type of vector.
    static FREE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer that initially contains the values that an earlier call left.
#[allow(clippy::box_collection, reason = "it goes back among others as the box that it came in")]
pub(crate) struct Scratch<T: Copy + 'static> {
    /// Present until the value is dropped.
    kept: Option<Box<Vec<T>>>,
    length: usize,
}

impl<T: Copy + 'static> Scratch<T> {
    /// Creates a buffer of the given length; newly allocated elements are `fill`.
    pub(crate) fn new(length: usize, fill: T) -> Self {
        let free = FREE.with_borrow_mut(|free| {
            let place = best(free, |kept| kept.downcast_ref::<Vec<T>>().map(Vec::len), length)?;
            free.swap_remove(place).downcast::<Vec<T>>().ok()
        });
        let mut kept = free.unwrap_or_default();
        if kept.len() < length {
            kept.resize(length, fill);
        }
        Self { kept: Some(kept), length }
    }
}

/// Returns the place of the shortest buffer that is long enough, or of the longest buffer if none is long enough. So a
/// series of similar calls allocates no more memory than the first call alone.
fn best(free: &[Box<dyn Any>], len: impl Fn(&dyn Any) -> Option<usize>, needed: usize) -> Option<usize> {
    let of_type = free.iter().enumerate().filter_map(|(place, kept)| len(&**kept).map(|len| (place, len)));
    let rank = |&(_, len): &(usize, usize)| if len < needed { (1, usize::MAX - len) } else { (0, len) };
    of_type.min_by_key(rank).map(|(place, _)| place)
}

impl<T: Copy + 'static> Drop for Scratch<T> {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            FREE.with_borrow_mut(|free| free.push(kept));
        }
    }
}

impl<T: Copy + 'static> Deref for Scratch<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.kept.as_ref().map_or(&[], |kept| &kept[..self.length])
    }
}

impl<T: Copy + 'static> DerefMut for Scratch<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.kept.as_mut().map_or(&mut [], |kept| &mut kept[..self.length])
    }
}

/// The largest number of vectors that a [`Room`] keeps on the stack.
pub(crate) const FEW: usize = 32;

/// Room for `N` slices of vectors, or of vectors of words: on the stack for a short length, otherwise in memory kept by
/// the thread.
pub(crate) struct Room<T: Copy + 'static, const N: usize> {
    few: [[T; FEW]; N],
    many: Option<Scratch<T>>,
    length: usize,
}

impl<T: Copy + 'static, const N: usize> Room<T, N> {
    /// Creates slices of the given length. On the stack they are filled with `zero`; elsewhere they may contain values
    /// that an earlier call left.
    #[inline(always)]
    pub(crate) fn new(length: usize, zero: T) -> Self {
        let many = if length <= FEW { None } else { Some(Scratch::new(N * length, zero)) };
        Self { few: [[zero; FEW]; N], many, length }
    }

    /// Returns all slices.
    #[inline(always)]
    pub(crate) fn slices(&mut self) -> [&mut [T]; N] {
        let length = self.length;
        match &mut self.many {
            None => self.few.each_mut().map(|few| &mut few[..length]),
            Some(many) => {
                let mut rest = &mut **many;
                [(); N].map(|()| rest.split_off_mut(..length).unwrap_or_default())
            }
        }
    }
}
