//! The micro:bit v2 learns to read digits and to swing a pendulum up.

#![no_std]
#![no_main]

use embassy_nrf::rng::Rng;

#[cortex_m_rt::entry]
fn main() -> ! {
    let board = embassy_nrf::init(Default::default());
    let mut generator = Rng::new_blocking(board.RNG);
    generator.set_bias_correction(true);
    samplegrad_boards::learn([(); 4].map(|()| generator.blocking_next_u32()))
}
