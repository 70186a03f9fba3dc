//! Test that batches allocate nothing after their first call on a thread. The test covers every public operation of the
//! module `batch`.

#[path = "common/allocations.rs"]
mod allocations;
#[path = "common/every_operation.rs"]
mod every_operation;
#[path = "../benches/operations.rs"]
mod operations;

use std::collections::BTreeSet;

use allocations::Count;
use every_operation::{CHECKS, Given, public_functions};
use operations::Work;

/// The count of this test. Outside of a `rayon` pool, batches run in the caller's thread.
static COUNT: Count = Count::new();

/// Shapes of batches: pairs, packs of tiles, tiles, and rows that are divided among lanes.
const SHAPES: [(usize, usize); 4] = [(64, 2), (50, 10), (40, 100), (3, 1500)];

#[test]
fn every_public_operation_is_listed() {
    let listed = every_operation::OPERATIONS.iter().chain(CHECKS).map(|operation| operation.name.to_owned());
    assert_eq!(public_functions(), listed.collect::<BTreeSet<_>>(), "those of the sources, and those that are listed");
}

#[test]
fn calls_after_the_first_allocate_nothing() {
    COUNT.this_thread();
    for operation in every_operation::OPERATIONS.iter().chain(CHECKS) {
        for (rows, classes) in SHAPES {
            let given = Given::new(rows, classes);
            let mut written = given.room();
            let mut run = || (operation.run)(&given, &mut written).unwrap();
            run();
            let again = || {
                run();
                run();
            };
            assert_eq!(COUNT.of(again), 0, "{} of {rows} rows of {classes}", operation.name);
        }
    }
    // The measured operations, some of which have other settings than the operations above.
    for (name, ..) in operations::OPERATIONS {
        for (rows, classes) in SHAPES {
            let mut work = Work::new(name, rows, classes).expect("a known operation");
            work.run();
            let again = || {
                work.run();
                work.run();
            };
            assert_eq!(COUNT.of(again), 0, "{name} of {rows} rows of {classes}");
        }
    }
    // Checks that the counter counts an allocation.
    let allocates = || _ = std::hint::black_box(vec![1_u8; std::hint::black_box(3)]);
    assert_eq!(COUNT.of(allocates), 1);
}
