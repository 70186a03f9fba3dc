//! Tests of the documented properties of the generator and of the seeding.

use std::collections::HashSet;

use rand_core::{Rng, SeedableRng};
use rand_xorshift::XorShiftRng;
use samplegrad_core::stream;

/// Returns the rank of a square matrix over the field with two elements. Row `i` of the matrix consists of the lowest
/// bits of 256 words, starting at word `256 i`.
fn rank(mut word: impl FnMut() -> u32) -> usize {
    const N: usize = 256;
    let mut rows: Vec<[u64; N / 64]> = (0..N)
        .map(|_| {
            let mut row = [0; N / 64];
            (0..N).for_each(|column| row[column / 64] |= u64::from(word() & 1) << (column % 64));
            row
        })
        .collect();
    let mut rank = 0;
    for column in 0..N {
        let bit = |row: &[u64; N / 64]| row[column / 64] >> (column % 64) & 1 == 1;
        let Some(pivot) = (rank..N).find(|&i| bit(&rows[i])) else { continue };
        rows.swap(rank, pivot);
        let of_pivot = rows[rank];
        for row in rows.iter_mut().skip(rank + 1).filter(|row| bit(row)) {
            row.iter_mut().zip(of_pivot).for_each(|(word, of_pivot)| *word ^= of_pivot);
        }
        rank += 1;
    }
    rank
}

/// Checks that the generator is linear. The control is a generator that is not linear. A random matrix of this size has
/// a rank below 250 with a probability below 2^-36. This is the false-alarm probability.
#[test]
fn the_generator_is_linear_and_a_mixer_is_not() {
    let mut xorshift = stream::xorshift(2026, 0);
    assert_eq!(rank(|| xorshift.next_u32()), 128);
    let mut counter = 0;
    let mut mixer = || {
        counter += 1;
        stream::state(counter, 0)[0]
    };
    assert!(rank(&mut mixer) >= 250);
}

#[test]
fn five_words_tell_the_next() {
    let mut generator = stream::xorshift(2026, 3);
    let words = [(); 4].map(|()| generator.next_u32());
    let mut predicted = stream::resumed(words).expect("not all zero");
    assert_eq!(predicted.next_u32(), generator.next_u32());
}

/// Computes the inverse of `mix`. It is used to find the words that `mix` would turn into an all-zero state.
fn unmixed(mut z: u64) -> u64 {
    let inverse = |odd: u64| (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))));
    z ^= z >> 31 ^ z >> 62;
    z = z.wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
    z ^= z >> 27 ^ z >> 54;
    z = z.wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
    z ^ z >> 30 ^ z >> 60
}

#[test]
fn no_seed_is_all_zero() {
    const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    assert_eq!(unmixed(mix(12_345)), 12_345);
    for number in [0, 1, 41, u64::MAX] {
        let key = number.wrapping_mul(GAMMA);
        let zeroing = |k: u64| unmixed(0).wrapping_sub(mix(key.wrapping_add(GAMMA.wrapping_mul(k))));
        let (a, b) = (zeroing(1), zeroing(2));
        let entropy = [a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32];
        assert_eq!(stream::state_from_entropy(entropy, number), stream::state(0, number), "the one pair for {number}");
        // A seed that differs in one bit is mixed in the normal way.
        let neighbour = [entropy[0] ^ 1, entropy[1], entropy[2], entropy[3]];
        let state = stream::state_from_entropy(neighbour, number);
        assert!(state != stream::state(0, number) && state[2..] == [0, 0] && state != [0; 4]);
    }
    // The generator replaces an all-zero seed, because an all-zero state would give only zeros.
    let mut generator = XorShiftRng::from_seed([0; 16]);
    assert_ne!((generator.next_u32(), generator.next_u32()), (0, 0));
}

/// Checks that distinct numbers, and distinct words of a hardware generator, select distinct streams. The test compares
/// 2^17 states of 128 bits.
#[test]
fn streams_differ() {
    let mut seen = HashSet::new();
    for number in 0..1 << 15 {
        assert!(seen.insert(stream::state(2026, number)));
        assert!(seen.insert(stream::state_from_entropy([0; 4], number)), "a generator stuck at zero");
        assert!(seen.insert(stream::state_from_entropy([u32::MAX; 4], number)), "stuck at one");
        assert!(seen.insert(stream::state_from_entropy([number as u32 + 1, 0, 0, 0], 0)));
    }
    assert_eq!(seen.len(), 1 << 17);
}

/// Checks that half of the bits differ between words of neighbouring streams. The test uses 2^20 pairs of words. For
/// each of 32 bits, the measured fraction of differences has a standard deviation of 2^-11. The limit is six standard
/// deviations, which gives a false-alarm probability of 6e-8 for all 32 bits.
#[test]
fn neighbouring_streams_have_nothing_in_common() {
    let differing = |state: fn(u64) -> [u32; 4]| {
        let mut counts = [0_u32; 32];
        for number in 0..1 << 20 {
            let different = state(number)[0] ^ state(number + 1)[0];
            counts.iter_mut().enumerate().for_each(|(bit, count)| *count += different >> bit & 1);
        }
        counts.map(|count| (f64::from(count) / f64::from(1 << 20) - 0.5).abs()).into_iter().fold(0.0, f64::max)
    };
    let limit = 6.0 * 0.5_f64.powi(11);
    assert!(differing(|number| stream::state(2026, number)) < limit);
    assert!(differing(|number| stream::state_from_entropy([7; 4], number)) < limit);
    // The control uses the numbers themselves as states, without mixing.
    assert!(differing(|number| [number as u32; 4]) > limit);
}
