//! Firmware: learns to read digits from reward alone, in integers, and logs how it goes.
//!
//! Semihosting arguments, all optional: the number of the device (0), the passes to make of the schedule (all), the
//! passes of the schedule (20).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::stream;
    use samplegrad_firmware_example::{
        device,
        digits_integer::{IntegerBandit, PASSES, SEED},
    };

    pub fn run() -> Result<(), &'static str> {
        let usage = "an argument is not a number: DEVICE PASSES SCHEDULE";
        let [number, passes, schedule] = device::arguments([0, PASSES, PASSES], usage)?;
        if passes > schedule {
            return Err("more passes than the schedule has");
        }
        let mut rng = stream::xorshift(SEED, u64::from(number));
        let refused = "a constant of the example is out of range";
        let mut bandit = IntegerBandit::<f32>::new().map_err(|_| refused)?;
        for pass in 0..passes {
            let rewards = bandit.pass(pass, schedule, &mut rng).map_err(|_| refused)?;
            let right = bandit.held_out_right();
            defmt::info!("pass {=u32} rewards {=u32} held out {=u32}", pass + 1, rewards, right);
        }
        defmt::info!("fingerprint {=u64:016x}", bandit.fingerprint(0));
        Ok(())
    }
}
