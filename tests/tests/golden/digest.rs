//! A seeded run of every operation in a debug build. Each lane must have the hash that scalar code has for the lane's
//! stream. The program `golden-io` compares more draws in optimised builds.

use samplegrad_conformance::digest::{Digest, digest, digest_stream};
use samplegrad_core::lane::Lane;
use samplegrad_host::{F32x4, F32x8, F32x16, Kernel, LaneRng, Lanes, Vector};

const DRAWS: u32 = 100;

/// Number of draws for vectors chosen at run time. It is small, because core code that is not inlined calls a function
/// for each operation on a vector.
const FEW: u32 = 100;

fn scalar(draws: u32, stream: u64) -> Vec<(&'static str, u64)> {
    let mut hashes = Vec::new();
    digest_stream(draws, stream, &mut |name, digest| {
        assert_eq!(digest.not_finite(), 0, "{name} of stream {stream} gave numbers that are not finite");
        hashes.push((name, digest.hash(0)));
    });
    hashes
}

fn check<L: Lane>(draws: u32) {
    let mut lanes: Vec<(&str, Digest<L>)> = Vec::new();
    digest::<L, LaneRng<L>>(draws, |operation| LaneRng::new(operation, 0), &mut |name, digest| {
        lanes.push((name, digest))
    });
    for lane in 0..L::LANES {
        let of_lane: Vec<_> = lanes.iter().map(|(name, digest)| (*name, digest.hash(lane))).collect();
        assert_eq!(of_lane, scalar(draws, lane as u64), "lane {lane} of {}", L::LANES);
    }
}

/// Kernel that compares the digests in vectors chosen at run time.
struct Check;

impl Kernel for Check {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        check::<V>(FEW);
    }
}

#[test]
fn avx2() {
    Lanes::Eight.run(Check);
}

#[test]
fn avx512() {
    Lanes::Sixteen.run(Check);
}

#[test]
fn four_lanes() {
    check::<F32x4>(DRAWS);
}

#[test]
fn eight_lanes() {
    check::<F32x8>(DRAWS);
}

#[test]
fn sixteen_lanes() {
    check::<F32x16>(DRAWS);
}

#[test]
fn streams_differ() {
    for ((name, a), (_, b)) in scalar(DRAWS, 0).into_iter().zip(scalar(DRAWS, 1)) {
        // Schedules draw no words.
        assert_eq!(a == b, name == "schedules", "{name}");
    }
}
