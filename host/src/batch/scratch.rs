//! Working memory that is allocated once a thread, and not again by the calls after the first.

use core::{
    any::Any,
    cell::RefCell,
    ops::{Deref, DerefMut},
};

thread_local! {
    /// What no call uses at present, of any type of vector.
    static FREE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// So many numbers, which start as whatever a call before left.
#[allow(clippy::box_collection, reason = "it goes back among others as the box that it came in")]
pub(super) struct Scratch<T: Copy + 'static> {
    kept: Box<Vec<T>>,
    length: usize,
}

impl<T: Copy + 'static> Scratch<T> {
    /// Of a length; `fill` is what is new.
    pub(super) fn new(length: usize, fill: T) -> Self {
        let free = FREE.with_borrow_mut(|free| {
            let place = free.iter().position(|kept| kept.is::<Vec<T>>())?;
            free.swap_remove(place).downcast::<Vec<T>>().ok()
        });
        let mut kept = free.unwrap_or_default();
        if kept.len() < length {
            kept.resize(length, fill);
        }
        Self { kept, length }
    }
}

impl<T: Copy + 'static> Drop for Scratch<T> {
    fn drop(&mut self) {
        let kept = core::mem::take(&mut self.kept);
        FREE.with_borrow_mut(|free| free.push(kept));
    }
}

impl<T: Copy + 'static> Deref for Scratch<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.kept[..self.length]
    }
}

impl<T: Copy + 'static> DerefMut for Scratch<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.kept[..self.length]
    }
}
