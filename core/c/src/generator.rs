//! Random numbers.

use samplegrad_core::{
    Source,
    noise::{self, gumbel, normal},
    stream,
};

use crate::{
    memory::{change, write},
    status::{ended, refuse, sgc_code, sgc_status, sgc_thing},
};

/// A generator: Marsaglia's xorshift128. A host has the same generator in the lane with the device's number.
///
/// Keep the words to continue later. A state of zeros is invalid.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct sgc_generator {
    /// The state.
    pub words: [u32; 4],
}

impl Source<f32> for sgc_generator {
    /// Computes the next word of G. Marsaglia's xorshift with shifts 11, 8 and 19, as in `rand_xorshift`.
    #[inline(always)]
    fn next_word(&mut self) -> u32 {
        let [x, y, z, w] = self.words;
        let t = x ^ (x << 11);
        let next = w ^ (w >> 19) ^ t ^ (t >> 8);
        self.words = [y, z, w, next];
        next
    }
}

/// Checks the caller's generator.
///
/// # Safety
/// A non-null pointer must point to a generator that no other code uses during the call.
pub(crate) unsafe fn generator<'a>(generator: *mut sgc_generator) -> Result<&'a mut sgc_generator, sgc_status> {
    // SAFETY: as the caller promises.
    let generator = unsafe { change(generator, sgc_thing::Generator) }?;
    if generator.words == [0; 4] { Err(refuse(sgc_code::NotMade, sgc_thing::Generator, 0)) } else { Ok(generator) }
}

/// Creates the generator of a device from a seed and the device's number.
#[unsafe(no_mangle)]
pub extern "C" fn sgc_generator_new(seed: u64, device: u64) -> sgc_generator {
    sgc_generator { words: stream::state(seed, device) }
}

/// Creates a generator from four words of a hardware generator and the device's number. Log the words: a host needs
/// them to replay the device.
#[unsafe(no_mangle)]
pub extern "C" fn sgc_generator_from_entropy(a: u32, b: u32, c: u32, d: u32, device: u64) -> sgc_generator {
    sgc_generator { words: stream::state_from_entropy([a, b, c, d], device) }
}

/// Writes `count` standard Gumbel numbers, −ln(−ln u); each takes a word of the generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_gumbel(generator: *mut sgc_generator, count: u32, out: *mut f32) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { fill(gumbel::sample, generator, count, out) })
}

/// Writes `count` standard normal numbers; each takes a word of the generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sgc_normal(generator: *mut sgc_generator, count: u32, out: *mut f32) -> sgc_status {
    // SAFETY: the caller's promises.
    ended(unsafe { fill(normal::sample, generator, count, out) })
}

unsafe fn fill(
    sample: impl Fn(&mut sgc_generator) -> f32,
    source: *mut sgc_generator,
    count: u32,
    out: *mut f32,
) -> Result<(), sgc_status> {
    // SAFETY: the caller's promises.
    let (source, out) = unsafe { (generator(source)?, write(out, count as usize, &[])?) };
    noise::fill(sample, source, out);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rand_core::Rng;

    use super::*;

    #[test]
    fn it_is_the_device_of_its_number() {
        let (mut ours, mut device) = (sgc_generator_new(2026, 41), stream::xorshift(2026, 41));
        for _ in 0..1000 {
            assert_eq!(Source::<f32>::next_word(&mut ours), device.next_u32());
        }
        assert_eq!(ours.words, stream::words(&device));
    }
}
