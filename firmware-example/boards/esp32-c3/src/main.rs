//! The ESP32-C3 learns to read digits.

#![no_std]
#![no_main]

use esp_hal::{
    clock::CpuClock,
    rng::{Trng, TrngSource},
};

esp_bootloader_esp_idf::esp_app_desc!();

#[esp_hal::main]
fn main() -> ! {
    let board = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    // The generator is a true one only while the converter feeds it noise.
    let _noise = TrngSource::new(board.RNG, board.ADC1);
    let entropy =
        Trng::try_new().map_or(0, |generator| (u64::from(generator.random()) << 32) | u64::from(generator.random()));
    samplegrad_boards::learn_digits(entropy)
}
