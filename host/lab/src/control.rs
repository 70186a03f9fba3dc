//! Learners of control tasks: many devices that learn one task, and how well they do at the end.
//!
//! The tasks and their trainer are those of the crate `samplegrad-tasks`. A [`Subject`] is a task with the policy that
//! learns it; [`subject!`](crate::subject) declares one.

use std::marker::PhantomData;

use samplegrad_core::{self as core, StreamingSettings, lane::Lane};
use samplegrad_host::{
    Error, LaneRng, Threads,
    fleet::{Device, Fleet, Numbers},
};

pub use samplegrad_tasks::{self as tasks, streaming::SEED};

/// A control task and the policy that learns it.
///
/// ```
/// use samplegrad_core::{SoftmaxHead, StreamingSettings};
/// use samplegrad_lab::{control, subject};
/// use samplegrad_tasks::{mountain_car::MountainCar, streaming::Small};
///
/// subject!(
///     /// A car in a valley, and 16 hidden units.
///     Car: MountainCar<L>, Small<2, 3, L> = Small::new(SoftmaxHead)
/// );
/// let returns = control::learn::<Car>(8, 4000, &StreamingSettings::DEFAULT, None)?;
/// assert!(returns.median() >= -200.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
pub trait Subject: Sync {
    /// The state of the devices of a tile, one per lane.
    type Life<L: Lane>;

    /// Creates devices before their first step.
    ///
    /// # Errors
    /// Errors of the core.
    fn start<L: Lane>(settings: StreamingSettings, rng: &mut LaneRng<L>) -> Result<Self::Life<L>, core::Error>;
    /// Trains for one step.
    ///
    /// # Errors
    /// Errors of the core.
    fn step<L: Lane>(life: &mut Self::Life<L>, rng: &mut LaneRng<L>) -> Result<(), core::Error>;
    /// Returns the sum of the returns of the episodes that ended since the last call, and their number.
    fn take_returns<L: Lane>(life: &mut Self::Life<L>) -> (L, L);
}

/// Declares a [`Subject`](crate::control::Subject): its name, a control task, and a policy with its first value. `L`
/// stands for the lane. The policy learns as a [`StreamingActorCritic`](samplegrad_core::StreamingActorCritic). Another
/// learner follows the word `with`: its type and a function that makes it from the policy and the settings.
#[macro_export]
macro_rules! subject {
    ($(#[$doc:meta])* $name:ident: $task:ty, $policy:ty = $first:expr) => {
        $crate::subject! {
            $(#[$doc])*
            $name: $task, $policy = $first,
            with ::samplegrad_core::StreamingActorCritic<$policy> = ::samplegrad_core::StreamingActorCritic::new
        }
    };
    ($(#[$doc:meta])* $name:ident: $task:ty, $policy:ty = $first:expr, with $learner:ty = $make:expr) => {
        $(#[$doc])*
        pub struct $name;

        impl $crate::control::Subject for $name {
            type Life<L: ::samplegrad_core::lane::Lane> =
                $crate::control::tasks::streaming::Trainer<$task, $learner>;

            fn start<L: ::samplegrad_core::lane::Lane>(
                settings: ::samplegrad_core::StreamingSettings,
                rng: &mut ::samplegrad_host::LaneRng<L>,
            ) -> Result<Self::Life<L>, ::samplegrad_core::Error> {
                let policy: $policy = $first;
                Self::Life::<L>::new($make(policy, settings), rng)
            }

            #[inline(always)]
            fn step<L: ::samplegrad_core::lane::Lane>(
                life: &mut Self::Life<L>,
                rng: &mut ::samplegrad_host::LaneRng<L>,
            ) -> Result<(), ::samplegrad_core::Error> {
                life.train(1, rng)
            }

            fn take_returns<L: ::samplegrad_core::lane::Lane>(life: &mut Self::Life<L>) -> (L, L) {
                life.take_returns()
            }
        }
    };
}

/// The mean returns of devices in the last eighth of their steps, from the lowest to the highest.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    sorted: Vec<f32>,
}

impl Returns {
    /// Returns the mean returns, from the lowest to the highest.
    pub fn sorted(&self) -> &[f32] {
        &self.sorted
    }

    /// Returns the mean return that a share of the devices stay below: the element at index `⌊share · devices⌋`.
    pub fn quantile(&self, share: f64) -> f32 {
        let index = (share * self.sorted.len() as f64) as usize;
        self.sorted.get(index).or(self.sorted.last()).copied().unwrap_or(f32::NAN)
    }

    /// Returns the median.
    pub fn median(&self) -> f32 {
        self.quantile(0.5)
    }
}

/// Lets devices 0 to `devices − 1` learn for a number of steps, in the widest lanes. The mean return of a device is over
/// the episodes that end in the last eighth of its steps; it is 0 if none ends.
///
/// # Errors
/// [`Error`] for a fleet without devices or steps.
pub fn learn<S: Subject>(
    devices: u64,
    steps: u64,
    settings: &StreamingSettings,
    threads: Option<&Threads>,
) -> Result<Returns, Error> {
    let mut sorted = vec![0.0; usize::try_from(devices).unwrap_or(0)];
    let (fleet, trial) = (Fleet::new(SEED, devices, steps)?, Trial::<S>(settings, steps - steps / 8, PhantomData));
    let run = fleet.live(&trial);
    match threads {
        Some(threads) => run.on(threads).fill(&mut sorted)?,
        None => run.fill(&mut sorted)?,
    };
    sorted.sort_by(f32::total_cmp);
    Ok(Returns { sorted })
}

/// Devices with their settings, and the number of steps whose returns do not count.
struct Trial<'a, S>(&'a StreamingSettings, u64, PhantomData<S>);

impl<S: Subject> Device for Trial<'_, S> {
    /// The device, the sum of the counted returns and their number.
    type Life<L: Lane> = (S::Life<L>, L, L);
    type Report = f32;

    fn start<L: Lane>(&self, _: Numbers, rng: &mut LaneRng<L>) -> Result<Self::Life<L>, core::Error> {
        Ok((S::start(*self.0, rng)?, L::ZERO, L::ZERO))
    }

    #[inline(always)]
    fn step<L: Lane>(&self, life: &mut Self::Life<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, core::Error> {
        let (trainer, sum, count) = life;
        S::step(trainer, rng)?;
        let (returns, ended) = S::take_returns(trainer);
        if step >= self.1 {
            (*sum, *count) = (*sum + returns, *count + ended);
        }
        Ok(returns)
    }

    fn report<L: Lane>(&self, (_, sum, count): &Self::Life<L>, lane: usize, _: &LaneRng<L>) -> f32 {
        let (sum, count) = (sum.extract(lane), count.extract(lane));
        if count > 0.0 { sum / count } else { 0.0 }
    }
}
