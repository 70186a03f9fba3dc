//! Batches allocate nothing after their first call on a thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

#[path = "../benches/operations.rs"]
mod operations;

use operations::{OPERATIONS, Work};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, and how often this thread asked it.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
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

#[test]
fn calls_after_the_first_allocate_nothing() {
    assert_eq!(OPERATIONS.len(), 14);
    for (name, ..) in OPERATIONS {
        for (rows, classes) in [(64, 2), (50, 10), (40, 100), (3, 5000)] {
            let mut work = Work::new(name, rows, classes).expect("a known operation");
            work.run();
            let before = COUNT.get();
            work.run();
            work.run();
            assert_eq!(COUNT.get() - before, 0, "{name} of {rows} rows of {classes}");
        }
    }
    // The count counts.
    let before = COUNT.get();
    std::hint::black_box(vec![1_u8; std::hint::black_box(3)]);
    assert_eq!(COUNT.get() - before, 1);
}
