//! Firmware: learns which power its radio needs, in a world that it simulates itself, and logs what it earned.
//!
//! Semihosting arguments, both optional: the number of the node (0), the packets to send (20 000).

#![cfg_attr(target_os = "none", no_std, no_main)]

samplegrad_firmware_example::firmware!(device::run);

#[cfg(target_os = "none")]
mod device {
    use samplegrad_core::stream;
    use samplegrad_firmware_example::{
        device,
        sensor_node::{PACKETS, SEED, Trial},
    };

    pub fn run() -> Result<(), &'static str> {
        let [number, packets] = device::arguments([0, PACKETS], "an argument is not a number: NODE PACKETS")?;
        let mut rng = stream::xorshift(SEED, u64::from(number));
        let refused = "a constant of the example is out of range";
        let mut trial = Trial::<f32>::new().map_err(|_| refused)?;
        let mut left = packets;
        while left > 0 {
            let part = left.min(2000);
            trial.send(part, &mut rng).map_err(|_| refused)?;
            left -= part;
            let (packets, earned) = (trial.packets(), trial.node().earned());
            defmt::info!("{=u32} packets, earned {=f32}, charge {=f32}", packets, earned, trial.node().charge());
        }
        defmt::info!("regret against the best fixed level: {=f32}", trial.regret());
        defmt::info!("regret of not knowing the loss: {=f32}", trial.regret_of_not_knowing());
        defmt::info!("fingerprint {=u64:016x}", trial.fingerprint(0));
        Ok(())
    }
}
