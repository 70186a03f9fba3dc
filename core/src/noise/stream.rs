//! Independent streams: one generator per device number or lane number.
//!
//! The rule is documented so that anyone can compute it. With `γ = 0x9E3779B97F4A7C15` and SplitMix64's finaliser
//! `mix(z) = { z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27; z *= 0x94D049BB133111EB; z ^ (z >> 31) }`, the rule
//! is:
//!
//! ```text
//! key  = mix(mix(seed + γ) + stream · γ)             (all arithmetic modulo 2^64)
//! low  = mix(key + γ),  high = mix(key + 2γ)
//! ```
//!
//! The sixteen bytes of the `XorShiftRng` seed are `low`, then `high`, each little-endian. `mix` is a bijection and `γ`
//! is odd, so no two streams of one seed share a key. `low` and `high` cannot both be zero: they are images of two
//! different numbers under a bijection.
//!
//! # From a hardware generator
//! A device with a source of physical randomness seeds its generator with 128 bits from this source, by
//! [`xorshift_from_entropy`]. The rule for the two 64-bit words `a` (low) and `b` (high) is:
//!
//! ```text
//! low  = mix(a + mix(stream · γ + γ)),  high = mix(b + mix(stream · γ + 2γ))
//! ```
//!
//! For a fixed stream number, this rule is a bijection, so no randomness is lost. If the source is stuck at one value,
//! even at zero, every device number still has a different stream. For one pair of words, `low` and `high` would both
//! be zero, a state that xorshift cannot leave. This pair is given the state of the same stream number of seed 0
//! instead. A host that knows the four 32-bit words of entropy can replay the device.
//!
//! # Quality of the generator
//! `XorShiftRng` is Marsaglia's xorshift128: 16 bytes, a dozen instructions, period 2^128 − 1. It visits every state
//! but zero, so four successive words are equidistributed. With this generator, the samplers of this crate pass their
//! tests of distribution at 10^8 draws and more. Its weaknesses:
//!
//! - It is linear over the field of two elements: each bit of each word is a sum of the 128 bits of its state. Tests
//!   for linearity reject it. The rank of a matrix of its bits is at most 128 however large the matrix (a test checks
//!   this), and the linear complexity of a bit is at most 128 (TestU01's `MatrixRank` and `LinearComp`). Rewards or
//!   features that are sums modulo 2 of many random bits are affected; operations that round, add or compare are not.
//! - It is predictable: five of its words determine all later words. Its output is not secret and must not be used to
//!   make secrets.
//! - If few bits of the state are 1, few bits of the next dozens of words are 1. The rules above do not produce such
//!   states. Users who set the state themselves should skip a hundred words.
//!
//! Use another generator if these weaknesses matter: ChaCha against prediction, a PCG or xoshiro of 64 bits or more
//! against linearity. Every `rand_core` generator is a [`Source`](crate::Source) on a device. The host's lanes replay
//! `XorShiftRng` only.
//!
//! Sources: G. L. Steele, D. Lea and C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014
//! (`mix` and `γ`); G. Marsaglia, *Xorshift RNGs*, J. Stat. Softw. 8(14), 2003 (the generator).

use rand_core::{Rng, SeedableRng};
use rand_xorshift::XorShiftRng;

use crate::error::Error;

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Returns the four state words `[x, y, z, w]` in which stream number `stream` of `seed` starts.
///
/// ```
/// use samplegrad_core::stream;
///
/// assert_ne!(stream::state(1, 0), stream::state(1, 1));
/// assert_ne!(stream::state(1, 0), stream::state(0, 1));
/// ```
pub const fn state(seed: u64, stream: u64) -> [u32; 4] {
    let key = mix(mix(seed.wrapping_add(GAMMA)).wrapping_add(stream.wrapping_mul(GAMMA)));
    let low = mix(key.wrapping_add(GAMMA));
    let high = mix(key.wrapping_add(GAMMA.wrapping_mul(2)));
    [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32]
}

/// Returns the generator of stream number `stream` of `seed`. The device with this number is flashed with the
/// generator. On a host, the lane with this number starts from the same generator.
///
/// ```
/// use rand_core::Rng;
/// use samplegrad_core::stream;
///
/// let mut device = stream::xorshift(2026, 41);
/// let mut replay = stream::xorshift(2026, 41);
/// assert_eq!(device.next_u32(), replay.next_u32());
/// ```
pub fn xorshift(seed: u64, stream: u64) -> XorShiftRng {
    from_words(state(seed, stream))
}

/// Returns the four state words for 128 bits of a hardware generator and a device number, by the rule in the module's
/// documentation. The four words are never all zero.
///
/// ```
/// use samplegrad_core::stream;
///
/// // A generator that is stuck still gives every device a stream of its own.
/// assert_ne!(stream::state_from_entropy([0; 4], 1), stream::state_from_entropy([0; 4], 2));
/// ```
pub const fn state_from_entropy(entropy: [u32; 4], stream: u64) -> [u32; 4] {
    let [a, b, c, d] = entropy;
    let key = stream.wrapping_mul(GAMMA);
    let low = mix((a as u64 | (b as u64) << 32).wrapping_add(mix(key.wrapping_add(GAMMA))));
    let high = mix((c as u64 | (d as u64) << 32).wrapping_add(mix(key.wrapping_add(GAMMA.wrapping_mul(2)))));
    if low | high == 0 {
        return state(0, stream);
    }
    [low as u32, (low >> 32) as u32, high as u32, (high >> 32) as u32]
}

/// Returns the generator that starts in the state of [`state_from_entropy`].
///
/// ```
/// use rand_core::Rng;
/// use samplegrad_core::stream;
///
/// fn boot(mut hardware: impl Rng, device: u64) -> impl Rng {
///     let entropy = [(); 4].map(|()| hardware.next_u32());
///     // Log `entropy` here: a host needs it to replay this device.
///     stream::xorshift_from_entropy(entropy, device)
/// }
/// # let _ = boot(stream::xorshift(1, 0), 7);
/// ```
pub fn xorshift_from_entropy(entropy: [u32; 4], stream: u64) -> XorShiftRng {
    from_words(state_from_entropy(entropy, stream))
}

/// Returns the four state words `[x, y, z, w]` of a generator, which are its complete state.
///
/// The generator does not expose its state. The next four words are the state four steps later. This function draws
/// them from a copy and steps that state back four times.
///
/// ```
/// use samplegrad_core::stream;
///
/// assert_eq!(stream::words(&stream::xorshift(2026, 41)), stream::state(2026, 41));
/// ```
pub fn words(generator: &XorShiftRng) -> [u32; 4] {
    let mut ahead = generator.clone();
    let mut state = [(); 4].map(|()| ahead.next_u32());
    for _ in 0..4 {
        let [y, z, w, next] = state;
        // Inverts `next = w ^ (w >> 19) ^ t ^ (t >> 8)` and `t = x ^ (x << 11)`. Terms shifted by more than 31 bits are
        // zero.
        let sum = next ^ w ^ (w >> 19);
        let t = sum ^ (sum >> 8) ^ (sum >> 16) ^ (sum >> 24);
        let x = t ^ (t << 11) ^ (t << 22);
        state = [x, y, z, w];
    }
    state
}

/// Returns a generator with the state words that [`words`] returned. It continues the stream of the generator whose
/// state was read.
///
/// # Errors
/// [`Error::Empty`] for four zeros, a state that no generator reaches or leaves.
///
/// ```
/// use rand_core::Rng;
/// use samplegrad_core::{Error, stream};
///
/// let mut generator = stream::xorshift(2026, 41);
/// let _ = generator.next_u32();
/// let mut resumed = stream::resumed(stream::words(&generator))?;
/// assert_eq!(resumed, generator);
/// assert_eq!(stream::resumed([0; 4]), Err(Error::Empty { what: "generator state" }));
/// # Ok::<(), Error>(())
/// ```
pub fn resumed(words: [u32; 4]) -> Result<XorShiftRng, Error> {
    if words == [0; 4] { Err(Error::Empty { what: "generator state" }) } else { Ok(from_words(words)) }
}

fn from_words(words: [u32; 4]) -> XorShiftRng {
    let [x, y, z, w] = words.map(u32::to_le_bytes);
    XorShiftRng::from_seed([
        x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3], z[0], z[1], z[2], z[3], w[0], w[1], w[2], w[3],
    ])
}
