//! What each firmware tells in its log, told by a lane of a host: the same lines, from first to last.
//!
//! On hosts only. The firmware itself is in `src/bin`; when a line of it changes, the line here does.

use core::ops::ControlFlow;
use std::{format, string::String};

use samplegrad_core::{
    BITS, Error, Source,
    lane::{Lane, Word},
};

use crate::{cart_pole, digits_bandit, digits_integer, sensor_node};

/// Tells a line, and returns from the function if that was enough.
macro_rules! tell {
    ($listener:ident, $steps:expr, $($message:tt)*) => {
        if $listener(Told { steps: $steps, message: format!($($message)*) }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    };
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Steps of learning that the device has made when it says so.
    pub steps: u64,
    /// What it says.
    pub message: String,
}

/// A firmware of this example.
///
/// ```
/// use core::ops::ControlFlow;
/// use samplegrad_core::stream;
/// use samplegrad_firmware_example::told::Firmware;
///
/// let firmware = Firmware::named("sensor-node").unwrap();
/// let mut log = Vec::new();
/// let ended = firmware.tell(&[3, 10], 0, &mut stream::xorshift(firmware.seed(), 3), &mut |told| {
///     log.push(told);
///     ControlFlow::Continue(())
/// })?;
/// assert!(ended.is_continue() && log[0].message == "bits 2" && log[1].message.starts_with("10 packets, earned "));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// [`digits_bandit`].
    DigitsBandit,
    /// [`digits_integer`].
    DigitsInteger,
    /// [`cart_pole`].
    CartPole,
    /// [`sensor_node`].
    SensorNode,
}

/// Who hears of lines, and may have heard enough.
pub type Listener<'a> = &'a mut dyn FnMut(Told) -> ControlFlow<()>;

/// Whether the listener heard everything.
pub type Heard = Result<ControlFlow<()>, Error>;

impl Firmware {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::DigitsBandit, Self::DigitsInteger, Self::CartPole, Self::SensorNode];

    /// What its program is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::DigitsBandit => "digits-bandit",
            Self::DigitsInteger => "digits-integer",
            Self::CartPole => "cart-pole",
            Self::SensorNode => "sensor-node",
        }
    }

    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|firmware| firmware.name() == name)
    }

    /// The seed of all its devices; the stream is the device's number.
    pub fn seed(self) -> u64 {
        match self {
            Self::DigitsBandit => digits_bandit::SEED,
            Self::DigitsInteger => digits_integer::SEED,
            Self::CartPole => cart_pole::SEED,
            Self::SensorNode => sensor_node::SEED,
        }
    }

    /// The numbers that it can be started with: what each is, and what it is if it is not given. The device's own comes first.
    pub fn arguments(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::DigitsBandit => {
                &[("DEVICE", 0), ("PASSES", digits_bandit::PASSES), ("SCHEDULE", digits_bandit::PASSES)]
            }
            Self::DigitsInteger => {
                &[("DEVICE", 0), ("PASSES", digits_integer::PASSES), ("SCHEDULE", digits_integer::PASSES)]
            }
            Self::CartPole => &[("DEVICE", 0), ("STEPS", cart_pole::TRAINING_STEPS), ("EPISODES", 100)],
            Self::SensorNode => &[("NODE", 0), ("PACKETS", sensor_node::PACKETS)],
        }
    }

    /// Lives the life of the device in a lane, whose stream is `source`, and tells what it logs, but for the last line, which
    /// is of the stack. The first line is the number of the bits, as in [`bits`]. It is over before its end if the listener
    /// says so. Arguments are those of [`Firmware::arguments`].
    ///
    /// # Errors
    /// None for passes within the schedule: the constants are in range.
    pub fn tell<L: Lane, S: Source<L>>(
        self,
        arguments: &[u32],
        lane: usize,
        source: &mut S,
        listener: Listener<'_>,
    ) -> Heard {
        let argument = |place: usize| {
            let default = self.arguments().get(place).map_or(0, |&(_, default)| default);
            arguments.get(place).copied().unwrap_or(default)
        };
        tell!(listener, 0, "bits {BITS}");
        match self {
            Self::DigitsBandit => {
                let [device, passes, schedule] = [0, 1, 2].map(argument);
                digits_bandit(device, passes, schedule, lane, source, listener)
            }
            Self::DigitsInteger => digits_integer(argument(1), argument(2), lane, source, listener),
            Self::CartPole => cart_pole(argument(1), argument(2), lane, source, listener),
            Self::SensorNode => sensor_node(argument(1), lane, source, listener),
        }
    }
}

/// The number of the bits, if a line of a log is the one that says so. A log without one is of release 0.1.0, whose number
/// is 1.
///
/// ```
/// use samplegrad_firmware_example::told::bits;
///
/// assert_eq!((bits("bits 2"), bits("pass 1 rewards 752 held out 299")), (Some(2), None));
/// ```
pub fn bits(message: &str) -> Option<u32> {
    message.strip_prefix("bits ")?.parse().ok()
}

/// Rows of a pass over the digits.
fn rows() -> u64 {
    crate::optdigits::training().count() as u64
}

fn digits_bandit<L: Lane, S: Source<L>>(
    device: u32,
    passes: u32,
    schedule: u32,
    lane: usize,
    source: &mut S,
    listener: Listener<'_>,
) -> Heard {
    let mut bandit = digits_bandit::Bandit::<L>::new()?;
    let word = |x: L| x.extract(lane) as u32;
    tell!(listener, 0, "device {device} knows nothing: held out {}", word(bandit.held_out_right()));
    for pass in 0..passes {
        let rewards = word(bandit.pass(pass, schedule, source)?);
        let right = word(bandit.held_out_right());
        tell!(listener, u64::from(pass + 1) * rows(), "pass {} rewards {rewards} held out {right}", pass + 1);
    }
    let steps = u64::from(passes) * rows();
    let bits = |x: L| x.extract(lane).to_bits();
    for (pixel, row) in bandit.weights().iter().enumerate() {
        tell!(listener, steps, "weights {pixel} {:?}", row.map(bits));
    }
    tell!(listener, steps, "bias {:?}", bandit.bias().map(bits));
    tell!(listener, steps, "fingerprint {:016x}", bandit.fingerprint(lane));
    Ok(ControlFlow::Continue(()))
}

fn digits_integer<L: Lane, S: Source<L>>(
    passes: u32,
    schedule: u32,
    lane: usize,
    source: &mut S,
    listener: Listener<'_>,
) -> Heard {
    let mut bandit = digits_integer::IntegerBandit::<L>::new()?;
    for pass in 0..passes {
        let rewards = bandit.pass(pass, schedule, source)?.extract(lane);
        let right = bandit.held_out_right().extract(lane);
        tell!(listener, u64::from(pass + 1) * rows(), "pass {} rewards {rewards} held out {right}", pass + 1);
    }
    tell!(listener, u64::from(passes) * rows(), "fingerprint {:016x}", bandit.fingerprint(lane));
    Ok(ControlFlow::Continue(()))
}

fn cart_pole<L: Lane, S: Source<L>>(
    steps: u32,
    episodes: u32,
    lane: usize,
    source: &mut S,
    listener: Listener<'_>,
) -> Heard {
    /// Steps between two lines.
    const PART: u32 = 10_000;
    let mut trainer = cart_pole::Trainer::<L>::new(source)?;
    let mut left = steps;
    while left > 0 {
        let part = left.min(PART);
        let ended = trainer.train(part, source)?.extract(lane) as u32;
        left -= part;
        let steps = trainer.steps();
        tell!(listener, steps.into(), "{steps} steps, {ended} episodes ended in the last");
    }
    let mean = trainer.evaluate(episodes, source)?.extract(lane);
    tell!(listener, steps.into(), "mean return of {episodes} episodes: {mean:?}");
    tell!(listener, steps.into(), "fingerprint {:016x}", trainer.fingerprint(lane));
    Ok(ControlFlow::Continue(()))
}

fn sensor_node<L: Lane, S: Source<L>>(packets: u32, lane: usize, source: &mut S, listener: Listener<'_>) -> Heard {
    /// Packets between two lines.
    const PART: u32 = 2000;
    let mut trial = sensor_node::Trial::<L>::new()?;
    let mut left = packets;
    while left > 0 {
        let part = left.min(PART);
        trial.send(part, source)?;
        left -= part;
        let (packets, node) = (trial.packets(), trial.node());
        let (earned, charge) = (node.earned().extract(lane), node.charge().extract(lane));
        tell!(listener, packets.into(), "{packets} packets, earned {earned:?}, charge {charge:?}");
    }
    let regrets = [trial.regret(), trial.regret_of_not_knowing()].map(|regret| regret.extract(lane));
    tell!(listener, packets.into(), "regret against the best fixed level: {:?}", regrets[0]);
    tell!(listener, packets.into(), "regret of not knowing the loss: {:?}", regrets[1]);
    tell!(listener, packets.into(), "fingerprint {:016x}", trial.fingerprint(lane));
    Ok(ControlFlow::Continue(()))
}
