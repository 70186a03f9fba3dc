//! A board of your own learns to read digits and to swing a pendulum up.

#![no_std]
#![no_main]

#[cortex_m_rt::entry]
fn main() -> ! {
    samplegrad_boards::learn(entropy())
}

/// Returns four words that seed the second run. These constants are the same at every start: replace them with words
/// from your chip's hardware generator, read through its hardware library.
fn entropy() -> [u32; 4] {
    [1, 2, 3, 4]
}
