//! A long seeded run of every operation: each lane comes to the hash of its own stream in scalar form.

use samplegrad_conformance::digest::{Digest, digest, digest_stream};
use samplegrad_core::lane::Lane;
use samplegrad_host::{
    F32x4, F32x8, F32x16, LaneRng, Vector,
    dispatch::{Avx2, Avx512, Kernel, Width},
};

/// Fewer where code is not optimised.
const DRAWS: u32 = if cfg!(debug_assertions) { 500 } else { 100_000 };

fn scalar(stream: u64) -> Vec<(&'static str, u64)> {
    let mut hashes = Vec::new();
    digest_stream(DRAWS, stream, &mut |name, digest| {
        assert_eq!(digest.not_finite(), 0, "{name} of stream {stream} gave numbers that are not finite");
        hashes.push((name, digest.hash(0)));
    });
    hashes
}

fn check<L: Lane>() {
    let mut lanes: Vec<(&str, Digest<L>)> = Vec::new();
    digest::<L, LaneRng<L>>(DRAWS, |operation| LaneRng::new(operation, 0), &mut |name, digest| {
        lanes.push((name, digest))
    });
    for lane in 0..L::LANES {
        let of_lane: Vec<_> = lanes.iter().map(|(name, digest)| (*name, digest.hash(lane))).collect();
        assert_eq!(of_lane, scalar(lane as u64), "lane {lane} of {}", L::LANES);
    }
}

/// The same in the vectors that are chosen at run time.
struct Check;

impl Kernel for Check {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        check::<V>();
    }
}

#[test]
fn avx2() {
    Avx2::run(Check);
}

#[test]
fn avx512() {
    Avx512::run(Check);
}

#[test]
fn four_lanes() {
    check::<F32x4>();
}

#[test]
fn eight_lanes() {
    check::<F32x8>();
}

#[test]
fn sixteen_lanes() {
    check::<F32x16>();
}

#[test]
fn streams_differ() {
    for ((name, a), (_, b)) in scalar(0).into_iter().zip(scalar(1)) {
        // Schedules draw nothing.
        assert_eq!(a == b, name == "schedules", "{name}");
    }
}
