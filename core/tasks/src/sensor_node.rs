//! A sensor node learns at which power to send: loud enough to be heard, and no louder, for its battery must last.
//!
//! Before each packet the node sees how much is lost on the way to its gateway, as a beacon told it, and the charge of its
//! battery. It chooses one of six levels, is told whether the packet arrived, makes one step, and forgets. Levels that the
//! battery has not the energy of another 20 packets for are masked.
//!
//! # The simulated world
//! | what | how it goes |
//! |---|---|
//! | path loss `l` | a walk of uniform steps within ±1.5 dB, kept from 78 to 114 dB |
//! | what the beacon tells | `l`, off by a uniform error within ±1.5 dB |
//! | noise | −100 dBm at the gateway, which needs 6 dB above it for every second packet |
//! | a packet sent at `P` dBm arrives | with probability `1/(1 + e^{−m/1.5})`, with a margin of `m = P − l + 100 − 6` dB |
//! | energy of a packet | 6 mW for the electronics and `10^{P/10}` mW at an efficiency of 0.3, as a share of that of the highest level |
//! | battery | holds 1000 packets at the highest level; by day, every other 500 packets, the sun gives the energy of one with each |
//! | reward | 1 if the packet arrived, less the energy times its price, `0.1 + (1 − charge)²` |
//!
//! What a choice is worth is compared with a node that keeps to one level, the best in hindsight, and with one that knows
//! the true loss and takes the level of the largest expected reward, found by enumeration. All meet the same world: the
//! same losses, the same luck.

use core::ops::ControlFlow;

use samplegrad_core::{
    ActionMask, ActionModel, EntropyBonus, Error, Features, LearningRate, Reinforce, Reward, Source,
    elementary::sigmoid,
    lane::{Lane, Mask, Word},
    noise::Uniform,
    reduce,
};

use crate::{
    fingerprint,
    log::{Ended, lines, log},
};

/// The seed of every device; its stream is the device's number.
pub const SEED: u64 = 2026;
/// Levels to choose from.
pub const LEVELS: usize = 6;
/// The power of each, in dBm.
pub const POWERS: [f32; LEVELS] = [-12.0, -8.0, -4.0, 0.0, 4.0, 8.0];
/// Numbers that the policy sees: the charge, and the loss between knots.
pub const FEATURES: usize = 11;
/// Packets of a whole run.
pub const PACKETS: u32 = 20_000;
/// The numbers that a device can be started with, and their values where they are not given.
pub const ARGUMENTS: [(&str, u32); 2] = [("NODE", 0), ("PACKETS", PACKETS)];

/// Step length of the policy at first; it falls on a line to 1/20 of it.
const RATE: f32 = 1.0;
/// Weight of the entropy at first; it falls alike.
const ENTROPY_BONUS: f32 = 0.1;
/// Step length of the model of rewards.
const MODEL_RATE: f32 = 0.1;

/// `10^{P/10}` for each level, in milliwatts.
const RADIATED: [f32; LEVELS] = [0.063_095_73, 0.158_489_32, 0.398_107_17, 1.0, 2.511_886_4, 6.309_573_4];
const ELECTRONICS: f32 = 6.0;
const EFFICIENCY: f32 = 0.3;
/// Gateway's noise and the margin that half of the packets need: what a level must reach, in dB.
const NEEDED: f32 = 6.0 - 100.0;
/// How wide the step is from lost to heard, in dB.
const WIDTH: f32 = 1.5;
const LOSSES: [f32; 2] = [78.0, 114.0];
/// From one knot of the policy's features to the next, in dB.
const KNOT: f32 = 4.0;
const WALK: f32 = 1.5;
const BEACON_ERROR: f32 = 1.5;
/// The share of the battery that a packet at the highest level takes.
const DRAIN: f32 = 1.0 / 1000.0;
/// The share that the sun gives with each packet by day.
const HARVEST: f32 = DRAIN;
/// Packets of a day, and of a night.
const HALF_DAY: u32 = 500;
/// Packets that the battery must have the energy of for a level to be chosen.
const RESERVE: f32 = 20.0;

/// Energy of a packet at each level, as a share of that at the highest.
const fn energies() -> [f32; LEVELS] {
    let mut energies = RADIATED;
    let highest = ELECTRONICS + RADIATED[LEVELS - 1] / EFFICIENCY;
    let mut level = 0;
    while level < LEVELS {
        energies[level] = (ELECTRONICS + RADIATED[level] / EFFICIENCY) / highest;
        level += 1;
    }
    energies
}
const ENERGIES: [f32; LEVELS] = energies();

/// A battery, and what has been earned on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node<L: Lane = f32> {
    charge: L,
    earned: L,
}

impl<L: Lane> Node<L> {
    /// A full battery.
    fn new() -> Self {
        Self { charge: L::ONE, earned: L::ZERO }
    }

    /// The charge, from 0 to 1.
    pub fn charge(&self) -> L {
        self.charge
    }

    /// The sum of all rewards.
    pub fn earned(&self) -> L {
        self.earned
    }

    /// What energy costs now.
    fn price(&self) -> L {
        let empty = L::ONE - self.charge;
        empty * empty + 0.1
    }

    /// Whether the battery has the reserve of each level; the lowest is always possible.
    fn affordable(&self) -> [L::Mask; LEVELS] {
        let mut affordable = ENERGIES.map(|energy| self.charge.lt(L::splat(energy * (RESERVE * DRAIN))).not());
        if let Some(lowest) = affordable.first_mut() {
            *lowest = L::Mask::splat(true);
        }
        affordable
    }

    /// The highest level up to `level` that can be afforded.
    fn up_to(&self, level: u32) -> L::Word {
        (0..)
            .zip(self.affordable())
            .take(level as usize + 1)
            .fold(L::Word::splat(0), |best, (k, affordable)| L::Word::select(affordable, L::Word::splat(k), best))
    }

    /// The level of the largest expected reward, given the true loss.
    fn best(&self, loss: L) -> L::Word {
        let mut worth = [L::NEG_INFINITY; LEVELS];
        let levels = worth.iter_mut().zip(self.affordable()).zip(POWERS).zip(ENERGIES);
        for (((worth, affordable), power), energy) in levels {
            *worth = L::select(affordable, arrives(power, loss) - self.price() * energy, L::NEG_INFINITY);
        }
        reduce::arg_max(&worth).0
    }

    /// Sends a packet at a level and returns its reward.
    fn send(&mut self, level: L::Word, weather: &Weather<L>) -> L {
        let (mut arrival, mut energy) = (L::ZERO, L::ZERO);
        for ((k, power), share) in (0..).zip(POWERS).zip(ENERGIES) {
            let chosen = level.equals(L::Word::splat(k));
            arrival = L::select(chosen, arrives(power, weather.loss), arrival);
            energy = L::select(chosen, L::splat(share), energy);
        }
        let arrived = L::select(weather.luck.lt(arrival), L::ONE, L::ZERO);
        let reward = arrived - self.price() * energy;
        self.charge = (self.charge - energy * DRAIN + weather.sun).min(L::ONE).max(L::ZERO);
        self.earned = self.earned + reward;
        reward
    }
}

/// The probability that a packet arrives.
fn arrives<L: Lane>(power: f32, loss: L) -> L {
    sigmoid((-loss + (power - NEEDED)) * (1.0 / WIDTH))
}

/// What befalls all nodes alike.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weather<L: Lane> {
    loss: L,
    beacon: L,
    luck: L,
    sun: f32,
}

impl<L: Lane> Weather<L> {
    /// The next packet's: three words of the source.
    fn advance<S: Source<L> + ?Sized>(&mut self, packet: u32, source: &mut S) {
        let within = |u: Uniform<L>, range: f32| (u.value() - 0.5) * (2.0 * range);
        let [low, high] = LOSSES;
        let walked = self.loss + within(Uniform::sample(source), WALK);
        self.loss = walked.min(L::splat(high)).max(L::splat(low));
        self.beacon = self.loss + within(Uniform::sample(source), BEACON_ERROR);
        self.luck = Uniform::sample(source).value();
        self.sun = if (packet / HALF_DAY).is_multiple_of(2) { HARVEST } else { 0.0 };
    }
}

/// How the policy learns: online, with a model of the rewards.
pub type Learner<L = f32> = Reinforce<FEATURES, LEVELS, ActionModel<FEATURES, LEVELS, L>, L>;

/// The node that learns, and those that it is compared with.
///
/// ```
/// use samplegrad_core::stream;
/// use samplegrad_tasks::sensor_node::{SEED, Trial};
///
/// let mut trial = Trial::<f32>::new()?;
/// trial.send(5000, &mut stream::xorshift(SEED, 0))?;
/// assert!(trial.regret() < 0.0);       // better than the best fixed level already
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trial<L: Lane = f32> {
    learner: Learner<L>,
    /// The step length and the weight of the entropy at first.
    start: (LearningRate, EntropyBonus),
    weather: Weather<L>,
    node: Node<L>,
    fixed: [Node<L>; LEVELS],
    informed: Node<L>,
    packets: u32,
}

impl<L: Lane> Trial<L> {
    /// Nothing is known, and all batteries are full.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn new() -> Result<Self, Error> {
        Self::with_rates(LearningRate::new(RATE)?, LearningRate::new(MODEL_RATE)?, EntropyBonus::new(ENTROPY_BONUS)?)
    }

    /// With other lengths of steps, of the policy and of the model of rewards, and another weight of the entropy.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn with_rates(rate: LearningRate, model_rate: LearningRate, bonus: EntropyBonus) -> Result<Self, Error> {
        let learner = Reinforce::new(ActionModel::new(model_rate), rate, bonus);
        let [low, high] = LOSSES;
        let loss = L::splat(0.5 * (low + high));
        Ok(Self {
            learner,
            start: (rate, bonus),
            weather: Weather { loss, beacon: loss, luck: L::ZERO, sun: 0.0 },
            node: Node::new(),
            fixed: [Node::new(); LEVELS],
            informed: Node::new(),
            packets: 0,
        })
    }

    /// Sends packets: four words of the source each.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn send<S: Source<L> + ?Sized>(&mut self, packets: u32, source: &mut S) -> Result<(), Error> {
        for _ in 0..packets {
            let left = (1.0 - self.packets as f32 / PACKETS as f32).max(0.05);
            let (rate, bonus) = self.start;
            self.learner.set_rate(LearningRate::new(rate.get() * left)?);
            self.learner.set_entropy_bonus(EntropyBonus::new(bonus.get() * left)?);
            self.step(source)?;
        }
        Ok(())
    }

    /// Sends one packet from every node.
    fn step<S: Source<L> + ?Sized>(&mut self, source: &mut S) -> Result<(), Error> {
        self.weather.advance(self.packets, source);
        let features = self.features()?;
        let mask = ActionMask::new(self.node.affordable())?;
        let decision = self.learner.act(&features, &mask, source);
        let reward = self.node.send(decision.action(), &self.weather);
        self.learner.learn(&features, &decision, Reward::new(reward)?);
        for (level, node) in (0..).zip(&mut self.fixed) {
            node.send(node.up_to(level), &self.weather);
        }
        self.informed.send(self.informed.best(self.weather.loss), &self.weather);
        self.packets += 1;
        Ok(())
    }

    /// What the policy sees: the charge from −1 to 1, and for each knot how near to it the loss is that the beacon told, 1 there
    /// and 0 from the next knots on: the policy is linear in the loss between knots.
    fn features(&self) -> Result<Features<FEATURES, L>, Error> {
        let mut features = [self.node.charge * 2.0 - 1.0; FEATURES];
        for (knot, feature) in (0_u8..).zip(features.iter_mut().skip(1)) {
            let distance = (self.weather.beacon - (LOSSES[0] + KNOT * f32::from(knot))).abs();
            *feature = (L::ONE - distance * (1.0 / KNOT)).max(L::ZERO);
        }
        Features::new(features)
    }

    /// The learner.
    pub fn learner(&self) -> &Learner<L> {
        &self.learner
    }

    /// Packets sent so far.
    pub fn packets(&self) -> u32 {
        self.packets
    }

    /// The node that learns.
    pub fn node(&self) -> &Node<L> {
        &self.node
    }

    /// The nodes that keep to a level each, as far as they can afford it.
    pub fn fixed(&self) -> &[Node<L>; LEVELS] {
        &self.fixed
    }

    /// The node that knows the true loss and takes the level of the largest expected reward.
    pub fn informed(&self) -> &Node<L> {
        &self.informed
    }

    /// How much less the learner has earned than the best fixed level in hindsight; negative where it has earned more.
    pub fn regret(&self) -> L {
        reduce::arg_max(&self.fixed.map(|node| node.earned)).1 - self.node.earned
    }

    /// How much less the learner has earned than the informed node.
    pub fn regret_of_not_knowing(&self) -> L {
        self.informed.earned - self.node.earned
    }

    /// A hash of the bits of every weight and bias of one lane: 64-bit FNV-1a over the words, weights first.
    pub fn fingerprint(&self, lane: usize) -> u64 {
        let policy = self.learner.policy();
        let numbers = policy.weights().iter().flatten().chain(policy.bias());
        fingerprint::of_words(numbers.map(|x| x.extract(lane).to_bits()))
    }
}

lines! {
    /// A line of the log.
    ///
    /// ```
    /// use samplegrad_tasks::sensor_node::Line;
    ///
    /// assert_eq!(Line::Regret { regret: -3.5 }.to_string(), "regret against the best fixed level: -3.5");
    /// ```
    pub enum Line {
        /// A part of the run: packets sent, rewards so far, the charge of the battery.
        Sent { packets: u32, earned: f32, charge: f32 } => "{} packets, earned {:?}, charge {:?}",
        /// [`Trial::regret`].
        Regret { regret: f32 } => "regret against the best fixed level: {:?}",
        /// [`Trial::regret_of_not_knowing`].
        RegretOfNotKnowing { regret: f32 } => "regret of not knowing the loss: {:?}",
        /// [`Trial::fingerprint`].
        Fingerprint { hash: u64 } => "fingerprint {:016x}",
    }
}

/// The life of a device, of its number (which its stream is made from) and packets. One lane of it is logged.
///
/// # Errors
/// None: the constants are in range.
pub fn live<L: Lane, S: Source<L> + ?Sized>(
    [_, packets]: [u32; 2],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended {
    /// Packets between two lines.
    const PART: u32 = 2000;
    let mut trial = Trial::<L>::new()?;
    while trial.packets() < packets {
        trial.send(PART.min(packets - trial.packets()), source)?;
        let (earned, charge) = (trial.node().earned().extract(lane), trial.node().charge().extract(lane));
        log!(listener, trial.packets(), Line::Sent { packets: trial.packets(), earned, charge });
    }
    log!(listener, packets, Line::Regret { regret: trial.regret().extract(lane) });
    let regret = trial.regret_of_not_knowing().extract(lane);
    log!(listener, packets, Line::RegretOfNotKnowing { regret });
    log!(listener, packets, Line::Fingerprint { hash: trial.fingerprint(lane) });
    Ok(ControlFlow::Continue(()))
}
