//! Firmware: learns to swing a pendulum up, which it simulates itself, with a small network, and logs its progress.
//!
//! Semihosting arguments, all optional: the number of the device (default 0), and the number of training steps (100 000).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::{SoftmaxHead, stream};
    use samplegrad_firmware_example::device::{self, Stop};
    use samplegrad_tasks::{
        pendulum::{ACTIONS, OBSERVATIONS, Pendulum},
        streaming::{ARGUMENTS, SEED, Small, live},
    };

    pub fn run() -> Result<(), Stop> {
        let arguments = device::arguments(&ARGUMENTS)?;
        let mut rng = stream::xorshift(SEED, u64::from(arguments[0]));
        let policy = Small::<OBSERVATIONS, ACTIONS>::new(SoftmaxHead);
        live::<Pendulum, _, _>(policy, arguments, 0, &mut rng, device::log)?;
        Ok(())
    }
}
