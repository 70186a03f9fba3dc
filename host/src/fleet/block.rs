//! A block of devices. Its tiles are computed one after the other.

use samplegrad_core::{lane::Lane, stream};

use crate::{
    error::Error,
    fleet::{
        device::{Device, Numbers},
        fleet::Fleet,
        sink::Sink,
    },
    lanes::{
        dispatch::{Lanes, has_avx2, has_avx512},
        native::Native,
        portable::{F32x4, F32x8, F32x16},
    },
    streams::lane_rng::LaneRng,
};

/// The number of partial sums of a block. It equals the number of lanes of the widest vector. It does not depend on the
/// vector that is used.
pub(super) const SLOTS: usize = 16;
/// Largest size, in bytes, of a tile of sixteen lanes. For larger tiles, eight lanes are faster. Half of the data of a
/// larger tile comes from the second-level cache, with eight lanes as well as with sixteen. With eight lanes, the other
/// half stays in the first-level cache.
const LARGEST_TILE: usize = 32_768;

/// A block of `count` consecutive devices that starts with number `first`. `count` is at most
/// [`BLOCK`](crate::fleet::fleet::BLOCK).
pub(super) struct Block<'a, D, S> {
    pub(super) fleet: &'a Fleet,
    pub(super) device: &'a D,
    pub(super) first: u64,
    pub(super) count: usize,
    /// The accumulators for the sums of rewards in each window. Device `i` of the block adds to slot `i mod 16`.
    pub(super) sums: &'a mut [[f64; SLOTS]],
    pub(super) sink: S,
}

impl<D: Device, S: Sink<D::Report>> Block<'_, D, S> {
    /// Runs every device to its last step.
    pub(super) fn run_in(self, lanes: Lanes) -> Result<(), Error> {
        match lanes {
            Lanes::Widest if has_avx512() => self.run::<F32x16>(),
            Lanes::Widest if has_avx2() => self.tiles::<F32x8>(),
            Lanes::Widest => self.run::<Native>(),
            Lanes::One => self.tiles::<f32>(),
            Lanes::Four => self.tiles::<F32x4>(),
            Lanes::Eight => self.tiles::<F32x8>(),
            Lanes::Sixteen => self.tiles::<F32x16>(),
        }
    }

    /// Runs every device to its last step in lanes of `L`. If a tile of sixteen lanes is too large, uses eight lanes
    /// instead.
    #[inline(always)]
    fn run<L: Lane>(self) -> Result<(), Error> {
        if L::LANES > 8 && size_of::<D::Life<L>>() > LARGEST_TILE { self.tiles::<F32x8>() } else { self.tiles::<L>() }
    }

    /// Runs every device to its last step in lanes of `L`.
    #[inline(always)]
    fn tiles<L: Lane>(mut self) -> Result<(), Error> {
        const { assert!(SLOTS.is_multiple_of(L::LANES), "lanes share the slots of a block evenly") };
        for place in (0..self.count).step_by(L::LANES) {
            let count = L::LANES.min(self.count - place);
            let devices = Numbers { first: self.first + place as u64, count };
            if let Err(error) = self.tile::<L>(place, devices) {
                return Err(self.refused(devices, error));
            }
        }
        Ok(())
    }

    /// Runs the devices of one tile to their last step. The first device of the tile has number `place` in the block.
    #[inline(always)]
    fn tile<L: Lane>(&mut self, place: usize, devices: Numbers) -> Result<(), samplegrad_core::Error> {
        let (fleet, device, slot) = (self.fleet, self.device, place % SLOTS);
        let mut rng = rng::<L>(fleet, devices);
        let mut life = device.start(devices, &mut rng)?;
        let mut step = 0;
        for sums in &mut *self.sums {
            let sums = &mut sums[slot..slot + L::LANES];
            let end = fleet.steps.min(step + fleet.window);
            while step < end {
                let reward = device.step(&mut life, step, &mut rng)?;
                // For a full vector, the compiler knows the length of the loop.
                if devices.count == L::LANES {
                    (0..L::LANES).for_each(|lane| sums[lane] += f64::from(reward.extract(lane)));
                } else {
                    (0..devices.count).for_each(|lane| sums[lane] += f64::from(reward.extract(lane)));
                }
                step += 1;
            }
        }
        for lane in 0..devices.count {
            self.sink.put(place + lane, devices.of_lane(lane), || device.report(&life, lane, &rng));
        }
        Ok(())
    }

    /// Finds the first device of the tile for which the core returns an error. Runs each device again, alone.
    #[cold]
    fn refused(&self, devices: Numbers, source: samplegrad_core::Error) -> Error {
        let alone = |lane| {
            let numbers = Numbers::of(devices.of_lane(lane));
            let mut rng = rng::<f32>(self.fleet, numbers);
            let life = self.device.start(numbers, &mut rng);
            let lived = life.and_then(|mut life| {
                (0..self.fleet.steps).try_for_each(|step| self.device.step(&mut life, step, &mut rng).map(drop))
            });
            lived.err().map(|source| Error::Device { device: numbers.first, source })
        };
        (0..devices.count).find_map(alone).unwrap_or(Error::Device { device: devices.first, source })
    }
}

/// Creates the generators of the given devices.
fn rng<L: Lane>(fleet: &Fleet, devices: Numbers) -> LaneRng<L> {
    LaneRng::from_states(|lane| stream::state(fleet.seed, devices.of_lane(lane)))
}
