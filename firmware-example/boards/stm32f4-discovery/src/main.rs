//! The STM32F4 Discovery learns to read digits and to swing a pendulum up.

#![no_std]
#![no_main]

use embassy_stm32::{Config, bind_interrupts, peripherals::RNG, rcc, rng};

bind_interrupts!(struct Interrupts {
    RNG => rng::InterruptHandler<RNG>;
});

#[cortex_m_rt::entry]
fn main() -> ! {
    let board = embassy_stm32::init(clocks());
    let mut generator = rng::Rng::new(board.RNG, Interrupts);
    samplegrad_boards::learn([(); 4].map(|()| generator.next_u32()))
}

/// Sets 168 MHz for the core and 48 MHz for the generator, from the board's crystal of 8 MHz.
fn clocks() -> Config {
    let mut config = Config::default();
    config.rcc.hse = Some(rcc::Hse { freq: embassy_stm32::time::Hertz(8_000_000), mode: rcc::HseMode::Oscillator });
    config.rcc.pll_src = rcc::PllSource::HSE;
    config.rcc.pll = Some(rcc::Pll {
        prediv: rcc::PllPreDiv::DIV4,
        mul: rcc::PllMul::MUL168,
        divp: Some(rcc::PllPDiv::DIV2),
        divq: Some(rcc::PllQDiv::DIV7),
        divr: None,
    });
    config.rcc.sys = rcc::Sysclk::PLL1_P;
    config.rcc.ahb_pre = rcc::AHBPrescaler::DIV1;
    config.rcc.apb1_pre = rcc::APBPrescaler::DIV4;
    config.rcc.apb2_pre = rcc::APBPrescaler::DIV2;
    config
}
