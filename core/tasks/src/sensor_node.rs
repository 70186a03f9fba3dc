//! Sensor node: a policy learns the transmit power that reaches a gateway without draining the battery.
//!
//! Before each packet the node sees the path loss to its gateway, as measured by a beacon, and the charge of its
//! battery. It chooses one of six levels, receives the reward, makes one step, and forgets. A level other than the
//! lowest is masked if the battery has less than the energy of 20 packets at this level.
//!
//! # The simulated world
//! | quantity | model |
//! |---|---|
//! | path loss `l` | a random walk of uniform steps within ±1.5 dB, clamped to the range from 78 to 114 dB |
//! | loss measured by the beacon | `l` with a uniform error within ±1.5 dB |
//! | noise | −100 dBm at the gateway, which receives half of the packets that arrive 6 dB above the noise |
//! | arrival of a packet sent at `P` dBm | with probability `1/(1 + e^{−m/1.5})`, with a margin of `m = P − l + 100 − 6` dB |
//! | energy of a packet | 6 mW for the electronics and `10^{P/10}` mW at an efficiency of 0.3, as a share of the energy at the highest level |
//! | battery | holds the energy of 1000 packets at the highest level; days and nights of 500 packets each alternate; by day, the sun adds the energy of one packet at the highest level with each packet |
//! | reward | 1 if the packet arrived, minus the energy times its price, `0.1 + (1 − charge)²` |
//!
//! The policy is compared with two kinds of nodes. The nodes of the first kind each keep to one level; the best of them
//! in hindsight counts. The node of the second kind knows the true loss, and takes the level of the largest expected
//! reward, found by enumeration. All nodes see the same losses and the same random numbers.

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

/// The seed of all devices. The number of a device selects its stream.
pub const SEED: u64 = 2026;
/// The number of levels.
pub const LEVELS: usize = 6;
/// The power of each level, in dBm.
pub const POWERS: [f32; LEVELS] = [-12.0, -8.0, -4.0, 0.0, 4.0, 8.0];
/// The number of features: the charge, and the loss as interpolation weights at ten knots.
pub const FEATURES: usize = 11;
/// Packets of a whole run.
pub const PACKETS: u32 = 20_000;
/// The names and default values of a device's arguments.
pub const ARGUMENTS: [(&str, u32); 2] = [("NODE", 0), ("PACKETS", PACKETS)];

/// The initial learning rate of the policy; it falls linearly to 1/20 of this.
const RATE: f32 = 1.0;
/// The initial weight of the entropy; it falls like the learning rate.
const ENTROPY_BONUS: f32 = 0.1;
/// The learning rate of the model of rewards.
const MODEL_RATE: f32 = 0.1;

/// `10^{P/10}` for each level, in milliwatts.
const RADIATED: [f32; LEVELS] = [0.063_095_73, 0.158_489_32, 0.398_107_17, 1.0, 2.511_886_4, 6.309_573_4];
const ELECTRONICS: f32 = 6.0;
const EFFICIENCY: f32 = 0.3;
/// The received power at which half of the packets arrive, in dBm: the gateway's noise plus 6 dB.
const NEEDED: f32 = 6.0 - 100.0;
/// The width of the transition from lost to received packets, in dB.
const WIDTH: f32 = 1.5;
const LOSSES: [f32; 2] = [78.0, 114.0];
/// Distance between knots of the policy's features, in dB.
const KNOT: f32 = 4.0;
const WALK: f32 = 1.5;
const BEACON_ERROR: f32 = 1.5;
/// The share of the battery that a packet at the highest level uses.
const DRAIN: f32 = 1.0 / 1000.0;
/// The share of the battery that the sun adds with each packet by day.
const HARVEST: f32 = DRAIN;
/// Packets of a day, and of a night.
const HALF_DAY: u32 = 500;
/// The reserve: a level is possible if the battery has the energy of this many packets at the level.
const RESERVE: f32 = 20.0;

/// Computes the energy of a packet at each level, as a share of the energy at the highest level.
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

/// A node's battery, and its sum of rewards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node<L: Lane = f32> {
    charge: L,
    earned: L,
}

impl<L: Lane> Node<L> {
    /// Creates a node with a full battery.
    fn new() -> Self {
        Self { charge: L::ONE, earned: L::ZERO }
    }

    /// Returns the charge, from 0 to 1.
    pub fn charge(&self) -> L {
        self.charge
    }

    /// Returns the sum of all rewards.
    pub fn earned(&self) -> L {
        self.earned
    }

    /// Returns the present price of energy.
    fn price(&self) -> L {
        let empty = L::ONE - self.charge;
        empty * empty + 0.1
    }

    /// Returns a mask of the levels for which the battery has the reserve; the lowest level is always possible.
    fn affordable(&self) -> [L::Mask; LEVELS] {
        let mut affordable = ENERGIES.map(|energy| self.charge.lt(L::splat(energy * (RESERVE * DRAIN))).not());
        if let Some(lowest) = affordable.first_mut() {
            *lowest = L::Mask::splat(true);
        }
        affordable
    }

    /// Returns the highest possible level up to `level`.
    fn up_to(&self, level: u32) -> L::Word {
        (0..)
            .zip(self.affordable())
            .take(level as usize + 1)
            .fold(L::Word::splat(0), |best, (k, affordable)| L::Word::select(affordable, L::Word::splat(k), best))
    }

    /// Returns the level of the largest expected reward, given the true loss.
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

/// Returns the probability that a packet arrives.
fn arrives<L: Lane>(power: f32, loss: L) -> L {
    sigmoid((-loss + (power - NEEDED)) * (1.0 / WIDTH))
}

/// The random state that all nodes share.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Weather<L: Lane> {
    loss: L,
    beacon: L,
    luck: L,
    sun: f32,
}

impl<L: Lane> Weather<L> {
    /// Advances to the next packet; takes three words of the source.
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

/// The learner: online REINFORCE with a model of the rewards.
pub type Learner<L = f32> = Reinforce<FEATURES, LEVELS, ActionModel<FEATURES, LEVELS, L>, L>;

/// A trial of the learning node and of the nodes for comparison.
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
    /// The initial learning rate and weight of the entropy.
    start: (LearningRate, EntropyBonus),
    weather: Weather<L>,
    node: Node<L>,
    fixed: [Node<L>; LEVELS],
    informed: Node<L>,
    packets: u32,
}

impl<L: Lane> Trial<L> {
    /// Creates an untrained policy, with all batteries full.
    ///
    /// # Errors
    /// None: the constants are in range.
    pub fn new() -> Result<Self, Error> {
        Self::with_rates(LearningRate::new(RATE)?, LearningRate::new(MODEL_RATE)?, EntropyBonus::new(ENTROPY_BONUS)?)
    }

    /// Creates a trial with other learning rates, of the policy and of the model of rewards, and another weight of the
    /// entropy.
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

    /// Sends packets; each takes four words of the source.
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

    /// Computes the policy's features: the charge, scaled to −1 to 1, and for each knot an interpolation weight of the
    /// measured loss. The weight falls from 1 at the knot to 0 at the neighbouring knots, and is 0 beyond them. The
    /// policy is therefore linear in the loss between knots.
    fn features(&self) -> Result<Features<FEATURES, L>, Error> {
        let mut features = [self.node.charge * 2.0 - 1.0; FEATURES];
        for (knot, feature) in (0_u8..).zip(features.iter_mut().skip(1)) {
            let distance = (self.weather.beacon - (LOSSES[0] + KNOT * f32::from(knot))).abs();
            *feature = (L::ONE - distance * (1.0 / KNOT)).max(L::ZERO);
        }
        Features::new(features)
    }

    /// Returns the learner.
    pub fn learner(&self) -> &Learner<L> {
        &self.learner
    }

    /// Returns the number of packets sent so far.
    pub fn packets(&self) -> u32 {
        self.packets
    }

    /// Returns the learning node.
    pub fn node(&self) -> &Node<L> {
        &self.node
    }

    /// Returns the nodes that keep to one level each, as far as their batteries allow.
    pub fn fixed(&self) -> &[Node<L>; LEVELS] {
        &self.fixed
    }

    /// Returns the node that knows the true loss and takes the level of the largest expected reward.
    pub fn informed(&self) -> &Node<L> {
        &self.informed
    }

    /// Computes the best fixed level's earnings in hindsight minus the learner's; negative if the learner has earned
    /// more.
    pub fn regret(&self) -> L {
        reduce::arg_max(&self.fixed.map(|node| node.earned)).1 - self.node.earned
    }

    /// Computes the informed node's earnings minus the learner's.
    pub fn regret_of_not_knowing(&self) -> L {
        self.informed.earned - self.node.earned
    }

    /// Returns a hash of the bits of every weight and bias of one lane: 64-bit FNV-1a over the words, weights first.
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

/// Runs a device with these arguments (number, packets) and logs one lane of it. The device's stream is made from its
/// number.
///
/// # Errors
/// None: the constants are in range.
pub fn live<L: Lane, S: Source<L> + ?Sized>(
    [_, packets]: [u32; 2],
    lane: usize,
    source: &mut S,
    mut listener: impl FnMut(u64, Line) -> ControlFlow<()>,
) -> Ended {
    /// Packets between two lines of the log.
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
