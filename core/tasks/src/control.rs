//! Control tasks: the trait by which one trainer runs each of them.
//!
//! | task | observed numbers | actions | reward of a step | terminal | truncated after |
//! |---|---|---|---|---|---|
//! | [`CartPole`] | position, velocity, angle, angular velocity | 2 forces | 1 | pole or cart beyond its limit | 500 steps |
//! | [`Pendulum`] | cosine and sine of the angle, angular velocity | 3 torques, or any torque | minus a cost, from −16.3 to 0 | never | 200 steps |
//! | [`MountainCar`] | position, velocity | 3 forces | −1 | car at the flag | 200 steps |
//! | [`Acrobot`] | cosine and sine of two angles, two angular velocities | 3 torques | −1, and 0 with the terminal step | free end above the line | 500 steps |
//!
//! The dynamics, rewards, endings and initial states are those of Gymnasium's CartPole-v1, Pendulum-v1, MountainCar-v0
//! and Acrobot-v1. A test compares single steps with Gymnasium.
//!
//! Source: M. Towers et al., *Gymnasium: A Standard Interface for Reinforcement Learning Environments*,
//! arXiv:2407.17032, 2024.
//!
//! [`CartPole`]: crate::cart_pole::CartPole
//! [`Pendulum`]: crate::pendulum::Pendulum
//! [`MountainCar`]: crate::mountain_car::MountainCar
//! [`Acrobot`]: crate::acrobot::Acrobot

use core::fmt::Debug;

use samplegrad_core::{Ending, Error, Observation, Source, lane::Lane};

/// A control task. A value is one episode in each lane. Episodes of different lanes end and restart independently.
///
/// ```
/// use samplegrad_core::{Source, lane::{Lane, Mask, Word}, stream};
/// use samplegrad_tasks::{acrobot::Acrobot, control::ControlTask, mountain_car::MountainCar};
///
/// /// Returns the sum of rewards of 1000 steps with random actions of three classes.
/// fn earned<T: ControlTask<L, Action = L::Word>, L: Lane>(source: &mut impl Source<L>) -> L {
///     let mut task = T::start(source);
///     let mut total = L::ZERO;
///     for _ in 0..1000 {
///         let (reward, ending) = task.step(source.next_word().mul_high(L::Word::splat(3)));
///         total = total + reward;
///         task.replace(ending.ended(), &T::start(source));
///     }
///     total
/// }
/// let mut rng = stream::xorshift(2026, 0);
/// assert_eq!(earned::<MountainCar, f32>(&mut rng), -1000.0);
/// assert!(earned::<Acrobot, f32>(&mut rng) < -900.0);
/// ```
pub trait ControlTask<L: Lane = f32>: Copy + Debug + PartialEq {
    /// The observed numbers.
    type Input: Observation<Lane = L>;
    /// An action: a class per lane, or numbers.
    type Action;
    /// Number of steps after which an episode is truncated.
    const MAX_STEPS: u32;

    /// Starts an episode in each lane. Every call takes the same number of words of the source.
    fn start<S: Source<L> + ?Sized>(source: &mut S) -> Self;

    /// Returns the observed numbers of the present state, in the units of the task.
    ///
    /// # Errors
    /// None for the tasks of this crate: their numbers are in the range of features.
    fn observation(&self) -> Result<Self::Input, Error>;

    /// Makes one step, and returns the reward and the ending of this step. Classes are numbered from 0. A number beyond
    /// the last class has the effect of the last class.
    ///
    /// After the end of an episode, [`replace`](Self::replace) it before the next step.
    fn step(&mut self, action: Self::Action) -> (L, Ending<L>);

    /// Replaces the episode by the episode `other` in the lanes of the mask.
    fn replace(&mut self, lanes: L::Mask, other: &Self);
}
