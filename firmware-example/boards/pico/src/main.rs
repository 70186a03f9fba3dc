//! The Raspberry Pi Pico learns to read digits.

#![no_std]
#![no_main]

use embassy_rp::clocks::RoscRng;

#[cortex_m_rt::entry]
fn main() -> ! {
    embassy_rp::init(Default::default());
    samplegrad_boards::learn_digits([(); 4].map(|()| RoscRng.next_u32()))
}
