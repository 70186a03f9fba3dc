//! The trait of the devices of a fleet.

use samplegrad_core::{Error, lane::Lane};

use crate::streams::lane_rng::LaneRng;

/// A kind of device that learns online, written once for lanes of any width. It may contain every type of the core that
/// is generic over [`Lane`].
///
/// The whole fleet shares one value of this type: data that devices read but do not change. A tile of devices, one per
/// lane, has its own [`Device::Life`] on the stack of a thread. Box data larger than a few hundred kilobytes.
///
/// A lane must not read its neighbours. A device of the fleet is then bit for bit the same as that device alone. Mark
/// `step` as `#[inline(always)]`, so that it is compiled for the instructions of the loop that contains it.
///
/// ```
/// use samplegrad_core::{
///     ActionMask, Decay, EntropyBonus, Error, Features, LearningRate, Reinforce, Reward,
///     MovingAverage,
///     lane::{Lane, Word},
/// };
/// use samplegrad_host::{
///     LaneRng,
///     fleet::{Device, Fleet, Numbers},
/// };
///
/// /// Is rewarded for the second of two actions.
/// struct Lever;
///
/// impl Device for Lever {
///     type Life<L: Lane> = Reinforce<1, 2, MovingAverage<L>, L>;
///     type Report = f32;
///
///     fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<Self::Life<L>, Error> {
///         let baseline = MovingAverage::new(Decay::new(0.9)?);
///         Ok(Reinforce::new(baseline, LearningRate::new(0.5)?, EntropyBonus::new(0.0)?))
///     }
///
///     #[inline(always)]
///     fn step<L: Lane>(&self, life: &mut Self::Life<L>, _: u64, rng: &mut LaneRng<L>) -> Result<L, Error> {
///         let x = Features::new([L::ONE])?;
///         let decision = life.act(&x, &ActionMask::all(), rng);
///         let reward = L::select(decision.action().equals(L::Word::splat(1)), L::ONE, L::ZERO);
///         life.learn(&x, &decision, Reward::new(reward)?);
///         Ok(reward)
///     }
///
///     /// The bias of the second action.
///     fn report<L: Lane>(&self, life: &Self::Life<L>, lane: usize, _: &LaneRng<L>) -> f32 {
///         life.policy().bias()[1].extract(lane)
///     }
/// }
///
/// let fleet = Fleet::new(2026, 1000, 200)?;
/// let mut biases = vec![0.0; 1000];
/// let rewards = fleet.live(&Lever).fill(&mut biases)?;
/// assert!(rewards.means().last() > Some(0.9));
/// assert!(biases.iter().all(|&bias| bias > 0.0));
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub trait Device: Sync {
    /// The state of the devices of a tile, one per lane.
    type Life<L: Lane>;
    /// The result of a device, kept after its last step.
    type Report: Send;

    /// Creates devices before their first step. Device `n` has generator number `n`, and this function makes the first
    /// draws from the generators.
    ///
    /// # Errors
    /// Errors of the core.
    fn start<L: Lane>(&self, devices: Numbers, rng: &mut LaneRng<L>) -> Result<Self::Life<L>, Error>;

    /// Computes step number `step`, counted from 0. Returns the reward of each device, finite.
    ///
    /// # Errors
    /// Errors of the core.
    fn step<L: Lane>(&self, life: &mut Self::Life<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, Error>;

    /// Returns the report of the device in a lane. [`LaneRng::device`] returns the generator of this device.
    fn report<L: Lane>(&self, life: &Self::Life<L>, lane: usize, rng: &LaneRng<L>) -> Self::Report;
}

/// The numbers of the devices in a tile: consecutive numbers, lane by lane.
///
/// Lanes beyond the last device of the fleet repeat the last device, and their results are discarded.
///
/// ```
/// # use samplegrad_host::fleet::Numbers;
/// fn is_even(devices: Numbers, lane: usize) -> bool {
///     devices.of_lane(lane) % 2 == 0
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    pub(super) first: u64,
    pub(super) count: usize,
}

impl Numbers {
    /// Returns the numbers of a tile that contains one device alone.
    pub fn of(device: u64) -> Self {
        Self { first: device, count: 1 }
    }

    /// Returns the number of the device in a lane.
    #[inline]
    pub fn of_lane(&self, lane: usize) -> u64 {
        self.first + lane.min(self.count - 1) as u64
    }
}
