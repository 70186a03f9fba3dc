//! Inputs shared by the property tests: valid input of any kind, including extremes.

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, RngSeed},
};

/// Largest number of classes.
pub const CAPACITY: usize = 16;
/// Logit of a class that is not possible.
pub const MASKED: f32 = f32::NEG_INFINITY;

/// Returns the configuration: a thousand cases, the same in every run.
pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    }
}

/// A generator that repeats a list of words.
pub struct Script<'a>(std::iter::Cycle<std::slice::Iter<'a, u32>>);

impl<'a> Script<'a> {
    /// Creates a generator that repeats these words.
    pub fn new(words: &'a [u32]) -> Self {
        Self(words.iter().cycle())
    }
}

impl rand_core::TryRng for Script<'_> {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0.next().copied().unwrap_or(0))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.try_next_u32()?) | u64::from(self.try_next_u32()?) << 32)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for byte in bytes {
            *byte = self.try_next_u32()? as u8;
        }
        Ok(())
    }
}

/// Returns words, including both ends and the middle of the range.
pub fn words() -> impl Strategy<Value = Vec<u32>> {
    let word = prop_oneof![
        Just(0),
        Just(1),
        Just(u32::MAX),
        Just(u32::MAX - 1),
        Just(0x7fff_ffff),
        Just(0x8000_0000),
        any::<u32>()
    ];
    prop::collection::vec(word, 1..40)
}

/// Returns logits within ±10^4, some masked, at least one not.
pub fn logits() -> impl Strategy<Value = Vec<f32>> {
    let logit = prop_oneof![
        8 => -20.0_f32..20.0,
        4 => -1e4_f32..=1e4,
        1 => Just(1e4),
        1 => Just(-1e4),
        1 => Just(0.0),
        3 => Just(MASKED)
    ];
    prop::collection::vec(logit, 1..=CAPACITY)
        .prop_filter("one class at least is possible", |l| l.iter().any(|&l| l > MASKED))
}

/// Fails with the index of the first number that is not finite.
pub fn finite(what: &str, x: &[f32]) -> Result<(), TestCaseError> {
    match x.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(place) => Err(TestCaseError::fail(format!("{what}[{place}] is {}", x[place]))),
    }
}
