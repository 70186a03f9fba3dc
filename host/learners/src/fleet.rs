//! Learners of a fixed capacity, eight in a vector.

use samplegrad_core::{
    ActionMask, Decision, EntropyBonus, Error as Refused, Features, LearningRate, Reinforce, Reward,
    baseline::ControlVariate,
    lane::{Lane, Mask, Word},
};
use samplegrad_host::{Error, F32x8, LaneRng};

/// The vector of a tile, with eight learners on every machine. The results do not depend on this number.
type Lanes = F32x8;
type Masks = <Lanes as Lane>::Mask;

/// The interface of learners of any capacity.
pub(super) trait Fleet: Send {
    /// Draws one action per learner. `allowed` is empty, or has a byte for every action of every learner.
    fn act(&mut self, features: &[f32], allowed: &[u8], actions: &mut [u32]) -> Result<(), Error>;
    /// Returns whether actions wait for their rewards.
    fn waits(&self) -> bool;
    /// Makes one learning step for the actions that wait.
    fn learn(&mut self, rewards: &[f32]) -> Result<(), Error>;
    /// Writes the weights, feature-major, and the biases of one learner.
    fn policy(&self, number: usize, weights: &mut [f32], bias: &mut [f32]);
}

/// The number of learners, of features and of actions.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub count: usize,
    pub features: usize,
    pub actions: usize,
}

struct Tile<const D: usize, const K: usize, C> {
    learner: Reinforce<D, K, C, Lanes>,
    rng: LaneRng<Lanes>,
    waiting: Option<(Features<D, Lanes>, Decision<K, Lanes>)>,
}

/// Learners with capacity for `D` features and `K` actions: unused features are zero, and unused actions are masked.
/// Neither changes a sum.
pub(super) struct Padded<const D: usize, const K: usize, C> {
    shape: Shape,
    tiles: Vec<Tile<D, K, C>>,
}

impl<const D: usize, const K: usize, C: ControlVariate<D, K, Lanes>> Padded<D, K, C> {
    pub(super) fn new(
        shape: Shape,
        (seed, first): (u64, u64),
        (rate, bonus): (LearningRate, EntropyBonus),
        control_variate: impl Fn() -> C,
    ) -> Result<Self, Error> {
        let count = shape.count.div_ceil(Lanes::LANES);
        let mut tiles = Vec::new();
        tiles.try_reserve_exact(count).map_err(|_| Error::TooLarge { what: "learners" })?;
        tiles.extend((0..count).map(|tile| Tile {
            learner: Reinforce::new(control_variate(), rate, bonus),
            rng: LaneRng::new(seed, first.wrapping_add((tile * Lanes::LANES) as u64)),
            waiting: None,
        }));
        Ok(Self { shape, tiles })
    }

    /// Returns the number of the learner in a lane of a tile; lanes beyond the last learner repeat the last learner.
    fn number(&self, tile: usize, lane: usize) -> usize {
        (tile * Lanes::LANES + lane).min(self.shape.count - 1)
    }

    fn features(&self, tile: usize, features: &[f32]) -> Result<Features<D, Lanes>, Refused> {
        let wide = self.shape.features;
        let of = |d: usize| {
            if d < wide { Lanes::from_fn(|lane| features[self.number(tile, lane) * wide + d]) } else { Lanes::ZERO }
        };
        Features::new(std::array::from_fn(of))
    }

    fn mask(&self, tile: usize, allowed: &[u8]) -> Result<ActionMask<K, Lanes>, Refused> {
        let wide = self.shape.actions;
        let of = |k: usize| match allowed {
            _ if k >= wide => Masks::splat(false),
            [] => Masks::splat(true),
            _ => Masks::from_fn(|lane| allowed[self.number(tile, lane) * wide + k] != 0),
        };
        ActionMask::new(std::array::from_fn(of))
    }
}

pub(super) fn check(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

/// Checks all rows. Returns the error of the first row that is refused.
fn rows(count: usize, refuse: impl Fn(usize) -> Result<(), Refused>) -> Result<(), Error> {
    (0..count).try_for_each(|row| refuse(row).map_err(|source| Error::Row { row, source }))
}

impl<const D: usize, const K: usize, C: ControlVariate<D, K, Lanes> + Send> Fleet for Padded<D, K, C> {
    fn act(&mut self, features: &[f32], allowed: &[u8], actions: &mut [u32]) -> Result<(), Error> {
        let Shape { count, features: wide, actions: most } = self.shape;
        check("features", count * wide, features.len())?;
        check("drawn actions", count, actions.len())?;
        if !allowed.is_empty() {
            check("allowed actions", count * most, allowed.len())?;
            rows(count, |row| {
                let any = allowed[row * most..][..most].iter().any(|&allowed| allowed != 0);
                if any { Ok(()) } else { Err(Refused::AllMasked { what: "allowed actions" }) }
            })?;
        }
        rows(count, |row| {
            let mut seen = [0.0; D];
            seen[..wide].copy_from_slice(&features[row * wide..][..wide]);
            Features::new(seen).map(drop)
        })?;
        for (number, actions) in actions.chunks_mut(Lanes::LANES).enumerate() {
            let at = |source| Error::Row { row: number * Lanes::LANES, source };
            let seen = self.features(number, features).map_err(at)?;
            let mask = self.mask(number, allowed).map_err(at)?;
            let tile = &mut self.tiles[number];
            let decision = tile.learner.act(&seen, &mask, &mut tile.rng);
            for (lane, action) in actions.iter_mut().enumerate() {
                *action = decision.action().extract(lane);
            }
            tile.waiting = Some((seen, decision));
        }
        Ok(())
    }

    fn waits(&self) -> bool {
        self.tiles.iter().all(|tile| tile.waiting.is_some())
    }

    fn learn(&mut self, rewards: &[f32]) -> Result<(), Error> {
        check("rewards", self.shape.count, rewards.len())?;
        rows(rewards.len(), |row| Reward::new(rewards[row]).map(drop))?;
        for (tile, rewards) in self.tiles.iter_mut().zip(rewards.chunks(Lanes::LANES)) {
            let reward = Lanes::from_fn(|lane| rewards[lane.min(rewards.len() - 1)]);
            // Always true: each reward was checked, and the caller has checked that actions wait.
            if let (Ok(reward), Some((seen, decision))) = (Reward::new(reward), tile.waiting.take()) {
                tile.learner.learn(&seen, &decision, reward);
            }
        }
        Ok(())
    }

    fn policy(&self, number: usize, weights: &mut [f32], bias: &mut [f32]) {
        let (tile, lane) = (&self.tiles[number / Lanes::LANES], number % Lanes::LANES);
        let policy = tile.learner.policy();
        for (to, from) in weights.chunks_exact_mut(self.shape.actions).zip(policy.weights()) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = from.extract(lane));
        }
        bias.iter_mut().zip(policy.bias()).for_each(|(to, from)| *to = from.extract(lane));
    }
}
