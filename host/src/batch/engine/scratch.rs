//! Working memory that is allocated once a thread, and not again by the calls after the first.

use core::{
    any::Any,
    cell::RefCell,
    ops::{Deref, DerefMut},
};

thread_local! {
    /// Buffers that no call uses at present, of any type of vector.
    static FREE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// So many numbers, which start as whatever a call before left.
#[allow(clippy::box_collection, reason = "it goes back among others as the box that it came in")]
pub(crate) struct Scratch<T: Copy + 'static> {
    /// There until it is dropped.
    kept: Option<Box<Vec<T>>>,
    length: usize,
}

impl<T: Copy + 'static> Scratch<T> {
    /// Of a length; `fill` is what is new.
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

/// The place of the shortest that is long enough, or of the longest: so that calls that are alike need no more than the first.
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

/// Vectors of a [`Room`] that are on the stack.
pub(crate) const FEW: usize = 32;

/// Room for `N` times so many vectors, or vectors of words: on the stack for a few, and for more kept by the thread.
pub(crate) struct Room<T: Copy + 'static, const N: usize> {
    few: [[T; FEW]; N],
    many: Option<Scratch<T>>,
    length: usize,
}

impl<T: Copy + 'static, const N: usize> Room<T, N> {
    /// Of a length. What is on the stack is filled with `zero`; the rest may be whatever a call before left.
    #[inline(always)]
    pub(crate) fn new(length: usize, zero: T) -> Self {
        let many = if length <= FEW { None } else { Some(Scratch::new(N * length, zero)) };
        Self { few: [[zero; FEW]; N], many, length }
    }

    /// All of it.
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
