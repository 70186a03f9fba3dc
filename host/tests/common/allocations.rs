//! An allocator that counts the allocations of chosen threads only: the test harness and other tests allocate at any
//! time.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

/// A counter of allocations. Each test that counts has one counter.
pub struct Count(AtomicUsize);

thread_local! {
    static COUNT: Cell<Option<&'static Count>> = const { Cell::new(None) };
}

impl Count {
    pub const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Counts the allocations of the calling thread from now on.
    pub fn this_thread(&'static self) {
        COUNT.set(Some(self));
    }

    /// Returns the number of allocations that `work` makes on the counted threads.
    pub fn of(&self, work: impl FnOnce()) -> usize {
        let before = self.0.load(Ordering::SeqCst);
        work();
        self.0.load(Ordering::SeqCst) - before
    }
}

/// The system's allocator.
struct Counting;

fn count() {
    if let Some(count) = COUNT.get() {
        count.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[allow(unsafe_code)]
// SAFETY: every call is passed unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
