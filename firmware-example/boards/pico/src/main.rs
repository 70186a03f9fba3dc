//! The Raspberry Pi Pico learns to read digits and to swing a pendulum up.

#![no_std]
#![no_main]

use embassy_rp::clocks::RoscRng;

#[cortex_m_rt::entry]
fn main() -> ! {
    embassy_rp::init(Default::default());
    samplegrad_boards::learn([(); 4].map(|()| RoscRng.next_u32()))
}
