//! Every operation of batches on two threads: both threads work, and no bit changes.

#![cfg(target_os = "linux")]

#[path = "common/every_operation.rs"]
mod every_operation;

use std::time::{Duration, Instant};

use every_operation::{Given, OPERATIONS};
use nix::time::{ClockId, clock_gettime};
use samplegrad_host::Threads;

/// Returns the time that each thread of the pool has worked.
fn at_work(threads: &Threads) -> Vec<Duration> {
    let of_this = |_: rayon::BroadcastContext<'_>| {
        Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("the time of a thread"))
    };
    threads.run(|| rayon::broadcast(of_this))
}

#[test]
fn both_threads_are_at_work_and_change_no_bit() {
    let threads = Threads::new(2).unwrap();
    let (rows, k) = if cfg!(debug_assertions) { (1 << 12, 8) } else { (1 << 17, 8) };
    let given = Given::new(rows, k);
    for operation in OPERATIONS {
        let (mut alone, mut written) = (given.room(), given.room());
        (operation.run)(&given, &mut alone).unwrap();
        threads.run(|| (operation.run)(&given, &mut written)).unwrap();
        assert!(written.to_words() == alone.to_words(), "{}: others than in one thread", operation.name);
        // All calls come from one of the threads. On a busy machine the other may start late.
        let shared = (0..60).any(|_| {
            let (before, start) = (at_work(&threads), Instant::now());
            threads.run(|| {
                while start.elapsed() < Duration::from_millis(100) {
                    (operation.run)(&given, &mut written).unwrap();
                }
            });
            let worked: Vec<u128> =
                at_work(&threads).iter().zip(before).map(|(after, before)| (*after - before).as_nanos()).collect();
            // A thread without work sleeps.
            16 * worked.iter().min().unwrap() > *worked.iter().max().unwrap()
        });
        assert!(shared, "{}: one of two threads did it all", operation.name);
    }
}
