//! Firmware: learns which transmission power its radio needs, in a world that it simulates itself, and logs its
//! earnings.
//!
//! Semihosting arguments, both optional: the number of the node (default 0) and the number of packets to send (20 000).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::stream;
    use samplegrad_firmware_example::device::{self, Stop};
    use samplegrad_tasks::sensor_node::{ARGUMENTS, SEED, live};

    pub fn run() -> Result<(), Stop> {
        let arguments = device::arguments(&ARGUMENTS)?;
        let mut rng = stream::xorshift(SEED, u64::from(arguments[0]));
        live::<f32, _>(arguments, 0, &mut rng, device::log)?;
        Ok(())
    }
}
