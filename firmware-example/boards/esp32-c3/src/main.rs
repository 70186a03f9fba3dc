//! The ESP32-C3 learns to read digits and to swing a pendulum up.

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
    // The generator returns true random numbers only while the converter feeds it noise.
    let _noise = TrngSource::new(board.RNG, board.ADC1);
    // Without a generator, the words are zeros. They select a stream too, the same one at every start.
    let entropy = Trng::try_new().map_or([0; 4], |generator| [(); 4].map(|()| generator.random()));
    samplegrad_boards::learn(entropy)
}
