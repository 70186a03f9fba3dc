//! The Raspberry Pi Pico 2 learns to read digits and to swing a pendulum up.

#![no_std]
#![no_main]

use embassy_rp::{bind_interrupts, peripherals::TRNG, trng};

bind_interrupts!(struct Interrupts {
    TRNG_IRQ => trng::InterruptHandler<TRNG>;
});

#[cortex_m_rt::entry]
fn main() -> ! {
    let board = embassy_rp::init(Default::default());
    let mut generator = trng::Trng::new(board.TRNG, Interrupts, trng::Config::default());
    samplegrad_boards::learn([(); 4].map(|()| generator.blocking_next_u32()))
}
