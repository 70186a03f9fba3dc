//! Firmware: learns to read digits from reward alone and logs its progress.
//!
//! Semihosting arguments, all optional: the number of the device (default 0), the number of passes to run (all), and
//! the length of the schedule in passes (20). `cargo xtask demo` builds, boots, decodes and replays it.

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::stream;
    use samplegrad_firmware_example::device::{self, Stop};
    use samplegrad_tasks::digits_bandit::{ARGUMENTS, SEED, live};

    pub fn run() -> Result<(), Stop> {
        let arguments = device::arguments(&ARGUMENTS)?;
        let [number, passes, schedule] = arguments;
        if passes > schedule {
            return Err(Stop("more passes than the schedule has"));
        }
        let mut rng = stream::xorshift(SEED, u64::from(number));
        live::<f32, _>(arguments, 0, &mut rng, device::log)?;
        Ok(())
    }
}
