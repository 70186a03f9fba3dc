//! All tasks by name, for programs that replay devices.

use core::{fmt::Display, ops::ControlFlow};

use samplegrad_core::{BITS, SoftmaxHead, Source, lane::Lane};

use crate::{
    cart_pole, digits_bandit, digits_integer,
    log::{Ended, Frame, log},
    pendulum::{self, Pendulum},
    sensor_node,
    streaming::{self, Small},
};

/// A task, with the name of its firmware.
///
/// ```
/// use core::ops::ControlFlow;
/// use samplegrad_core::stream;
/// use samplegrad_tasks::Task;
///
/// let task = Task::named("sensor-node").unwrap();
/// let mut log = Vec::new();
/// let ended = task.live(&[3, 10], 0, &mut stream::xorshift(task.seed(), 3), &mut |_, line| {
///     log.push(line.to_string());
///     ControlFlow::Continue(())
/// })?;
/// assert!(ended.is_continue() && log[0] == "bits 2" && log[1].starts_with("10 packets, earned "));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// [`digits_bandit`].
    DigitsBandit,
    /// [`digits_integer`].
    DigitsInteger,
    /// [`cart_pole`].
    CartPole,
    /// [`pendulum`], learned by the trainer of [`streaming`].
    Pendulum,
    /// [`sensor_node`].
    SensorNode,
}

/// A callback that receives each line of a log, with the device's steps of learning so far, and returns whether to go
/// on.
pub type Listener<'a> = &'a mut dyn FnMut(u64, &dyn Display) -> ControlFlow<()>;

impl Task {
    /// All tasks.
    pub const ALL: [Self; 5] =
        [Self::DigitsBandit, Self::DigitsInteger, Self::CartPole, Self::Pendulum, Self::SensorNode];

    /// Returns the name of the task and of its firmware.
    pub fn name(self) -> &'static str {
        match self {
            Self::DigitsBandit => "digits-bandit",
            Self::DigitsInteger => "digits-integer",
            Self::CartPole => "cart-pole",
            Self::Pendulum => "pendulum",
            Self::SensorNode => "sensor-node",
        }
    }

    /// Returns the task with a given name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// Returns the seed of all devices of the task; the stream is the device's number.
    pub fn seed(self) -> u64 {
        match self {
            Self::DigitsBandit => digits_bandit::SEED,
            Self::DigitsInteger => digits_integer::SEED,
            Self::CartPole => cart_pole::SEED,
            Self::Pendulum => streaming::SEED,
            Self::SensorNode => sensor_node::SEED,
        }
    }

    /// Returns the names and default values of a device's arguments. The device's own number comes first.
    pub fn arguments(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::DigitsBandit => &digits_bandit::ARGUMENTS,
            Self::DigitsInteger => &digits_integer::ARGUMENTS,
            Self::CartPole => &cart_pole::ARGUMENTS,
            Self::Pendulum => &streaming::ARGUMENTS,
            Self::SensorNode => &sensor_node::ARGUMENTS,
        }
    }

    /// Runs the device in the lane `lane` with the stream `source`. Logs all lines that the device logs, except the
    /// last line, which reports the stack. The listener can stop the run early. `arguments` are the values of the
    /// arguments that [`Task::arguments`] names.
    ///
    /// # Errors
    /// None for passes within the schedule: the constants are in range.
    pub fn live<L: Lane, S: Source<L>>(
        self,
        arguments: &[u32],
        lane: usize,
        source: &mut S,
        listener: Listener<'_>,
    ) -> Ended {
        /// Returns the given numbers, then the defaults for the rest.
        fn whole<const N: usize>(known: &[(&str, u32); N], given: &[u32]) -> [u32; N] {
            let mut numbers = known.map(|(_, default)| default);
            numbers.iter_mut().zip(given).for_each(|(number, &given)| *number = given);
            numbers
        }
        log!(listener, 0_u32, &Frame::Bits { bits: BITS });
        match self {
            Self::DigitsBandit => {
                let numbers = whole(&digits_bandit::ARGUMENTS, arguments);
                digits_bandit::live(numbers, lane, source, |steps, line| listener(steps, &line))
            }
            Self::DigitsInteger => {
                let numbers = whole(&digits_integer::ARGUMENTS, arguments);
                digits_integer::live(numbers, lane, source, |steps, line| listener(steps, &line))
            }
            Self::CartPole => {
                let numbers = whole(&cart_pole::ARGUMENTS, arguments);
                cart_pole::live(numbers, lane, source, |steps, line| listener(steps, &line))
            }
            Self::Pendulum => {
                let numbers = whole(&streaming::ARGUMENTS, arguments);
                let listener = |steps, line| listener(steps, &line);
                let policy = Small::<{ pendulum::OBSERVATIONS }, { pendulum::ACTIONS }, L>::new(SoftmaxHead);
                streaming::live::<Pendulum<L>, _, S>(policy, numbers, lane, source, listener)
            }
            Self::SensorNode => {
                let numbers = whole(&sensor_node::ARGUMENTS, arguments);
                sensor_node::live(numbers, lane, source, |steps, line| listener(steps, &line))
            }
        }
    }
}
