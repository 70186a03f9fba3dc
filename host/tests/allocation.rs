//! Batches allocate nothing after their first call on a thread.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "../benches/operations.rs"]
mod operations;

use allocations::Count;
use operations::{OPERATIONS, Work};

/// Outside of a `rayon` pool, batches run in the caller's thread.
static COUNT: Count = Count::new();

#[test]
fn calls_after_the_first_allocate_nothing() {
    COUNT.this_thread();
    assert_eq!(OPERATIONS.len(), 14);
    for (name, ..) in OPERATIONS {
        for (rows, classes) in [(64, 2), (50, 10), (40, 100), (3, 1500)] {
            let mut work = Work::new(name, rows, classes).expect("a known operation");
            work.run();
            let again = || {
                work.run();
                work.run();
            };
            assert_eq!(COUNT.of(again), 0, "{name} of {rows} rows of {classes}");
        }
    }
    // The count counts.
    let allocates = || _ = std::hint::black_box(vec![1_u8; std::hint::black_box(3)]);
    assert_eq!(COUNT.of(allocates), 1);
}
