//! Running mean and variance of observations, and the scale of rewards.

use crate::{
    arithmetic::lane::Lane,
    fixed_vec::format_where,
    limits,
    policies::steering::{Discount, Ending},
    settings::{memory::Memory, observation::Observation, reward::Reward},
};

/// The largest magnitude of a normalised number, in deviations.
const WIDEST: f32 = 10.0;
/// Added to a variance before the root.
const EPSILON: f32 = 1e-8;

/// Updates a mean and a variance with a number; `share` is the weight of the number.
///
/// Source: B. P. Welford, *Note on a method for calculating corrected sums of squares and products*, Technometrics 4(3),
/// 1962, with the sum of squares divided by the count.
#[inline]
fn update<L: Lane>(mean: &mut L, variance: &mut L, x: L, share: L) {
    let from_old = x - *mean;
    *mean = *mean + from_old * share;
    let square = from_old * (x - *mean);
    *variance = (*variance + (square - *variance) * share).max(L::ZERO);
}

/// Normalisation of observations by their running mean and variance:
///
/// ```text
/// n ← min(n + 1, memory)      d = x − m      m ← m + d/n      v ← v + (d (x − m) − v)/n
/// normalised = (x − m) / √(v + 10^−8), within ±10
/// ```
///
/// A constant observation is normalised to 0.
///
/// Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
/// algorithm 6; the limit and the memory are additions.
///
/// ```
/// use samplegrad_core::{Features, Memory, Standardizer};
///
/// let mut standardizer = Standardizer::new(Memory::WHOLE);
/// standardizer.normalize(&Features::new([1.0_f32, 7.0])?, true);
/// let second = standardizer.normalize(&Features::new([3.0, 7.0])?, true);
/// assert!((second.as_array()[0] - 1.0).abs() < 1e-6);          // mean 2, deviation 1
/// assert_eq!(second.as_array()[1], 0.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct Standardizer<X: Observation> {
    memory: Memory,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    count: X::Lane,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::returns"))]
    mean: X::Array,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    variance: X::Array,
}

format_where!(Standardizer<X: Observation> { memory, count, mean, variance } where X::Lane, X::Array);

impl<X: Observation> Standardizer<X> {
    /// Creates a normalisation that has seen nothing.
    pub const fn new(memory: Memory) -> Self {
        Self { memory, count: X::Lane::ZERO, mean: X::ZEROS, variance: X::ZEROS }
    }

    /// Returns the running mean.
    pub fn mean(&self) -> &X::Array {
        &self.mean
    }

    /// Returns the running variance.
    pub fn variance(&self) -> &X::Array {
        &self.variance
    }

    /// Updates the statistics with an observation in the lanes where the mask holds, and returns the observation
    /// normalised by the updated statistics. In the other lanes the statistics do not change.
    #[inline]
    pub fn normalize(&mut self, observation: &X, lanes: <X::Lane as Lane>::Mask) -> X {
        let count = (self.count + 1.0).min(X::Lane::splat(self.memory.get()));
        let share = X::Lane::select(lanes, X::Lane::ONE / count, X::Lane::ZERO);
        self.count = X::Lane::select(lanes, count, self.count);
        let mut numbers = observation.to_array();
        let statistics = self.mean.as_mut().iter_mut().zip(self.variance.as_mut());
        for (x, (mean, variance)) in numbers.as_mut().iter_mut().zip(statistics) {
            let mut updated = (*mean, *variance);
            update(&mut updated.0, &mut updated.1, *x, share);
            // A share of zero could change the sign of a zero.
            *mean = X::Lane::select(lanes, updated.0, *mean);
            *variance = X::Lane::select(lanes, updated.1, *variance);
            let widest = X::Lane::splat(WIDEST);
            *x = ((*x - *mean) / (*variance + EPSILON).sqrt()).min(widest).max(-widest);
        }
        X::from_bounded(numbers)
    }
}

/// The scale of rewards: the running deviation of the discounted return `u`.
///
/// ```text
/// r' = r within ±10 √q      k, q ← min(k + 1, memory), q + (r'² − q)/k for r' ≠ 0
/// u ← γ u + r'              n, m, v ← updated with u, as in a Standardizer
/// scaled = r' / √(v + 10^−8), within ±10
/// ```
///
/// `q` is the mean square of the rewards other than zero, and 1 before the first; before the second reward `v` counts
/// as 1. `u` restarts at 0 after a terminal end, but not after a truncated
/// one. The first limit keeps one enormous reward out of the statistics, so that
/// later rewards keep their weight.
///
/// Source: M. Elsayed, G. Vasan and A. R. Mahmood, *Streaming deep reinforcement learning finally works*, 2024,
/// algorithm 5; the limits and the memory are additions.
///
/// ```
/// use samplegrad_core::{Discount, Ending, Memory, Reward, RewardScale};
///
/// let (mut scale, discount) = (RewardScale::<f32>::new(Memory::WHOLE), Discount::new(0.9)?);
/// for _ in 0..1000 {
///     scale.scale(Reward::new(-3.0)?, discount, &Ending::none());
/// }
/// let usual = scale.scale(Reward::new(-3.0)?, discount, &Ending::none());
/// scale.scale(Reward::new(1e6)?, discount, &Ending::none());
/// let after = scale.scale(Reward::new(-3.0)?, discount, &Ending::none());
/// assert!(after / usual > 0.5);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct RewardScale<L: Lane = f32> {
    memory: Memory,
    /// Counts of all rewards, and of rewards other than zero.
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    counts: [L; 2],
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::returns"))]
    mean: L,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    variance: L,
    /// The mean square of the rewards other than zero.
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::total"))]
    square: L,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::returns"))]
    so_far: L,
}

impl<L: Lane> RewardScale<L> {
    /// Creates a scale that has seen no reward.
    pub const fn new(memory: Memory) -> Self {
        let (zero, one) = (L::ZERO, L::ONE);
        Self { memory, counts: [zero; 2], mean: zero, variance: zero, square: one, so_far: zero }
    }

    /// Returns the variance of the discounted return; 1 before the second reward.
    #[inline]
    pub fn variance(&self) -> L {
        let [count, _] = self.counts;
        L::select(count.lt(L::splat(2.0)), L::ONE, self.variance)
    }

    /// Updates the scale with a reward, and returns the scaled reward, within ±10.
    #[inline]
    pub fn scale(&mut self, reward: Reward<L>, discount: Discount, ending: &Ending<L>) -> L {
        let (limit, widest, memory) = (self.square.sqrt() * WIDEST, L::splat(WIDEST), L::splat(self.memory.get()));
        let reward = reward.get().min(limit).max(-limit);
        let [count, other] = &mut self.counts;
        *count = (*count + 1.0).min(memory);
        let zero = reward.equals(L::ZERO);
        *other = L::select(zero, *other, (*other + 1.0).min(memory));
        let square = self.square + (reward * reward - self.square) / *other;
        // A square below the smallest would set a limit of zero, which no later reward could raise.
        self.square = L::select(zero, self.square, square.max(L::splat(EPSILON)));

        let so_far = limits::of_return(self.so_far * discount.get() + reward);
        update(&mut self.mean, &mut self.variance, so_far, L::ONE / *count);
        self.so_far = L::select(ending.is_terminal(), L::ZERO, so_far);
        (reward / (self.variance() + EPSILON).sqrt()).min(widest).max(-widest)
    }
}
