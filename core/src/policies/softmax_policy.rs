//! The linear-softmax policy: `π(a | x) = softmax(W x + b)_a`, with a mask of the possible actions.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        linear,
    },
    check,
    distributions::categorical::Categorical,
    error::Error,
    settings::{features::Features, logits::Logits},
    stored::in_place::Finite,
};

/// A linear-softmax policy over `K` actions, with `D` features.
///
/// Weights are feature-major, `weights()[d][k]`: a row holds the weights of one feature for all actions, so that the
/// product and the update both access contiguous memory.
///
/// # Example
/// ```
/// use samplegrad_core::{ActionMask, Features, SoftmaxPolicy};
///
/// let policy = SoftmaxPolicy::<2, 3>::new();
/// let mask = ActionMask::new([true, true, false])?;
/// let distribution = policy.distribution(&Features::new([1.0, -1.0])?, &mask);
/// assert_eq!(distribution.probabilities(), [0.5, 0.5, 0.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(bound = ""))]
pub struct SoftmaxPolicy<const D: usize, const K: usize, L: Lane = f32> {
    weights: Finite<[[L; K]; D]>,
    #[cfg_attr(feature = "serde", serde(with = "crate::stored::numbers::finite"))]
    bias: [L; K],
}

impl<const D: usize, const K: usize, L: Lane> Default for SoftmaxPolicy<D, K, L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const D: usize, const K: usize, L: Lane> SoftmaxPolicy<D, K, L> {
    /// Creates an untrained policy: every possible action is equally likely. `K = 0` is a compile error.
    pub const fn new() -> Self {
        const { assert!(K > 0, "a policy needs at least one action") };
        Self { weights: Finite([[L::ZERO; K]; D]), bias: [L::ZERO; K] }
    }

    /// Creates a policy with given weights, feature-major, and biases.
    ///
    /// # Errors
    /// [`Error::NotANumber`] and [`Error::Infinite`] for a number that is not finite, with its feature index or, for a
    /// bias, its action index.
    pub fn from_weights(weights: [[L; K]; D], bias: [L; K]) -> Result<Self, Error> {
        let place = |d: usize| {
            move |error| match error {
                Error::NotANumber { what, .. } => Error::NotANumber { what, index: d },
                Error::Infinite { what, .. } => Error::Infinite { what, index: d },
                other => other,
            }
        };
        for (d, row) in weights.iter().enumerate() {
            check::finite("weights", row).map_err(place(d))?;
        }
        check::finite("bias", &bias)?;
        Ok(Self { weights: Finite(weights), bias })
    }

    /// Returns the weights, feature-major.
    #[inline]
    pub fn weights(&self) -> &[[L; K]; D] {
        &self.weights
    }

    /// Returns the biases, one per action.
    #[inline]
    pub fn bias(&self) -> &[L; K] {
        &self.bias
    }

    /// Returns the logits `b + Σ_d x_d W_d`. The sum starts with the bias and adds the features from first to last. The
    /// logits are kept within ±10^30, so that they are finite.
    #[inline]
    pub fn logits(&self, features: &Features<D, L>) -> [L; K] {
        linear::map(&self.weights, &self.bias, features.as_array()).map(within_limits)
    }

    /// Returns the distribution over actions.
    #[inline]
    pub fn distribution(&self, features: &Features<D, L>, mask: &ActionMask<K, L>) -> Categorical<K, L> {
        mask.distribution(&self.logits(features))
    }

    /// Takes one step of gradient ascent: `b ← b + η g`, `W_d ← W_d + x_d · (η g)` for the gradient `g` in the logits.
    #[inline]
    pub fn ascend(&mut self, features: &Features<D, L>, gradient: &[L; K], rate: f32) {
        let step = gradient.map(|g| g * rate);
        linear::add_outer(&mut self.weights, &mut self.bias, features.as_array(), &step);
    }
}

/// A mask of the possible actions among `K`; at least one is possible.
///
/// ```
/// use samplegrad_core::{ActionMask, Error};
///
/// assert!(ActionMask::<3>::new([true, false, true]).is_ok());
/// assert_eq!(ActionMask::<2>::new([false; 2]), Err(Error::AllMasked { what: "action mask" }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ActionMask<const K: usize, L: Lane = f32> {
    allowed: [L::Mask; K],
}

impl<const K: usize, L: Lane> ActionMask<K, L> {
    /// Creates a mask from one truth value per action and lane.
    ///
    /// # Errors
    /// [`Error::AllMasked`] if no action is possible in some lane.
    pub fn new(allowed: [L::Mask; K]) -> Result<Self, Error> {
        let any = allowed.iter().fold(L::Mask::splat(false), |any, &allowed| any.or(allowed));
        if any.all() { Ok(Self { allowed }) } else { Err(Error::AllMasked { what: "action mask" }) }
    }

    /// Creates a mask in which every action is possible.
    pub fn all() -> Self {
        const { assert!(K > 0, "a policy needs at least one action") };
        Self { allowed: [L::Mask::splat(true); K] }
    }

    /// Returns the distribution over the possible actions, for finite logits.
    #[inline]
    pub(crate) fn distribution(&self, logits: &[L; K]) -> Categorical<K, L> {
        let mut possible = *logits;
        for (l, &allowed) in possible.iter_mut().zip(&self.allowed) {
            *l = L::select(allowed, *l, L::NEG_INFINITY);
        }
        Categorical::new(&Logits::trusted(Vec::from_array(possible)))
    }
}

/// Every action is possible.
impl<const K: usize, L: Lane> Default for ActionMask<K, L> {
    fn default() -> Self {
        Self::all()
    }
}

/// Returns a logit kept within ±10^30, so that it is finite.
#[inline]
pub(crate) fn within_limits<L: Lane>(l: L) -> L {
    let limit = L::splat(1e30);
    l.min(limit).max(-limit)
}
