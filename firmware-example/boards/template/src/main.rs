//! A board of your own learns to read digits.

#![no_std]
#![no_main]

#[cortex_m_rt::entry]
fn main() -> ! {
    samplegrad_boards::learn_digits(entropy())
}

/// Four words for the second life, another four at every start: take them from your chip's hardware generator, through its
/// hardware library. These are the same at every start.
fn entropy() -> [u32; 4] {
    [1, 2, 3, 4]
}
