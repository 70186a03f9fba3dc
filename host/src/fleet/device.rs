//! What lives in a lane.

use samplegrad_core::{Error, lane::Lane};

use crate::streams::lane_rng::LaneRng;

/// A kind of device that learns online, written once for lanes of any width: whatever is generic over
/// [`Lane`] in the core may be inside.
///
/// One value of this type is shared by the whole fleet: what devices read but do not change. A tile of devices, one a lane,
/// has a [`Device::Life`] of its own, on the stack of a thread: box what is larger than a few hundred kilobytes.
///
/// A lane must not look at its neighbours: then a device of the fleet is the same device alone, bit for bit. Mark `step` as
/// `#[inline(always)]`, so that it is compiled for the instructions of the loop it is in.
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
    /// What the devices of a tile remember, one a lane.
    type Life<L: Lane>;
    /// What is kept of a device when its life is over.
    type Report: Send;

    /// Devices before their first step. Their generators are those of their numbers; what is drawn here is drawn first.
    ///
    /// # Errors
    /// Whatever the core refuses.
    fn start<L: Lane>(&self, devices: Numbers, rng: &mut LaneRng<L>) -> Result<Self::Life<L>, Error>;

    /// Step number `step`, from 0 on. Returns the reward of each, finite.
    ///
    /// # Errors
    /// Whatever the core refuses.
    fn step<L: Lane>(&self, life: &mut Self::Life<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, Error>;

    /// What is kept of the device in a lane; [`LaneRng::device`] has its generator.
    fn report<L: Lane>(&self, life: &Self::Life<L>, lane: usize, rng: &LaneRng<L>) -> Self::Report;
}

/// The numbers of the devices in a tile: neighbours, lane by lane.
///
/// Lanes that a fleet has no device for repeat the last one, and nothing is kept of them.
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
    /// One device alone.
    pub fn of(device: u64) -> Self {
        Self { first: device, count: 1 }
    }

    /// The number of the device in a lane.
    #[inline]
    pub fn of_lane(&self, lane: usize) -> u64 {
        self.first + lane.min(self.count - 1) as u64
    }
}
