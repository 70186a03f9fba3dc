//! Firmware: learns to balance a pole on a cart, which it simulates itself, and logs how it goes.
//!
//! Semihosting arguments, all optional: the number of the device (0), the steps to train (150 000), the episodes to evaluate
//! (100).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::{lane::Lane, stream};
    use samplegrad_firmware_example::{
        cart_pole::{SEED, TRAINING_STEPS, Trainer},
        device,
    };

    pub fn run() -> Result<(), &'static str> {
        let usage = "an argument is not a number: DEVICE STEPS EPISODES";
        let [number, steps, episodes] = device::arguments([0, TRAINING_STEPS, 100], usage)?;
        let mut rng = stream::xorshift(SEED, u64::from(number));
        let refused = "a constant of the example is out of range";
        let mut trainer = Trainer::<f32>::new(&mut rng).map_err(|_| refused)?;
        let mut left = steps;
        while left > 0 {
            let part = left.min(10_000);
            let ended = trainer.train(part, &mut rng).map_err(|_| refused)?;
            left -= part;
            defmt::info!("{=u32} steps, {=u32} episodes ended in the last", trainer.steps(), ended.to_word());
        }
        let mean = trainer.evaluate(episodes, &mut rng).map_err(|_| refused)?;
        defmt::info!("mean return of {=u32} episodes: {=f32}", episodes, mean);
        defmt::info!("fingerprint {=u64:016x}", trainer.fingerprint(0));
        Ok(())
    }
}
