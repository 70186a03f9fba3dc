//! Threads created before a `fork` work in the child as well. This test program has one test only, and no other code
//! runs while it forks.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use nix::{
    sys::wait::{WaitStatus, waitpid},
    unistd::{ForkResult, alarm, fork},
};
use samplegrad_host::{Streams, Threads, batch};

fn gumbels(threads: &Threads) -> Vec<f32> {
    let mut gumbels = vec![0.0; 100_000];
    let streams = &mut Streams::new(1, 50_000).unwrap();
    threads.run(|| batch::noise::gumbel(streams, 2, &mut gumbels)).unwrap();
    gumbels
}

/// Runs `work` in a child, which must end well within a minute.
#[track_caller]
fn in_child(work: impl FnOnce() -> bool) {
    // SAFETY: the threads of this program are idle at this moment, so no lock is held.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            alarm::set(60);
            std::process::exit(i32::from(!work()));
        }
        ForkResult::Parent { child } => assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0))),
    }
}

#[test]
fn threads_work_after_a_fork() {
    let threads = Threads::new(2).unwrap();
    let expected = gumbels(&threads);
    in_child(|| {
        let child = gumbels(&threads);
        // Also in a child of the child.
        in_child(|| gumbels(&threads) == expected);
        child == expected && threads.count() == 2
    });
    // Threads that are dropped in a child, used there or not, block neither the child nor the parent.
    let unused = Threads::new(2).unwrap();
    in_child(move || {
        drop(unused);
        true
    });
    assert!(gumbels(&threads) == expected);
}
