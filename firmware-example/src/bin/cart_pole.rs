//! Firmware: learns to balance a pole on a cart, which it simulates itself, and logs its progress.
//!
//! Semihosting arguments, all optional: the number of the device (default 0), the number of training steps (150 000),
//! and the number of evaluation episodes (100).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::stream;
    use samplegrad_firmware_example::device::{self, Stop};
    use samplegrad_tasks::cart_pole::{ARGUMENTS, SEED, live};

    pub fn run() -> Result<(), Stop> {
        let arguments = device::arguments(&ARGUMENTS)?;
        let mut rng = stream::xorshift(SEED, u64::from(arguments[0]));
        live::<f32, _>(arguments, 0, &mut rng, device::log)?;
        Ok(())
    }
}
