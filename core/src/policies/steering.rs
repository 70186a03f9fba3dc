//! What steers a learner of whole episodes.

use crate::{
    arithmetic::lane::{Lane, Mask},
    error::Error,
    settings::{
        checked::parameter,
        learning::{EntropyBonus, MaxNorm},
    },
};

parameter! {
    /// The discount `γ`: what a reward one step later is worth.
    ///
    /// ```
    /// use samplegrad_core::Discount;
    ///
    /// assert_eq!(Discount::new(0.99)?.get(), 0.99);
    /// assert!(Discount::new(1.5).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    Discount, "discount", "from 0 to 1", |x| x >= 0.0 && x <= 1.0
}
parameter! {
    /// The decay `λ` of an eligibility trace beyond the discount: 0 remembers one step, 1 the whole episode.
    ///
    /// ```
    /// use samplegrad_core::TraceDecay;
    ///
    /// assert_eq!(TraceDecay::new(0.9)?.get(), 0.9);
    /// assert!(TraceDecay::new(-0.1).is_err());
    /// # Ok::<(), samplegrad_core::Error>(())
    /// ```
    TraceDecay, "trace decay", "from 0 to 1", |x| x >= 0.0 && x <= 1.0
}
/// How much the steps of an episode count in a gradient.
///
/// ```
/// use samplegrad_core::StepWeight;
///
/// assert_eq!(StepWeight::default(), StepWeight::Equal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum StepWeight {
    /// All alike: what nearly everyone does. With a discount below 1 it is not the gradient of the discounted return
    /// (P. S. Thomas, *Bias in natural actor-critic algorithms*, ICML 2014).
    #[default]
    Equal,
    /// Step `t` counts `γ^t`: the gradient of the discounted return from the start, exactly. In a task without ends it
    /// comes to nothing.
    Discounted,
}

/// What the learners of episodes have in common.
///
/// ```
/// use samplegrad_core::{Discount, EntropyBonus, MaxNorm, Steering, StepWeight, TraceDecay};
///
/// let steering = Steering {
///     discount: Discount::new(0.99)?,
///     max_norm: Some(MaxNorm::new(1.0)?),
///     ..Steering::default()
/// };
/// assert_eq!(steering.step_weight, StepWeight::Equal);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Steering {
    /// `γ`.
    pub discount: Discount,
    /// `λ` of the policy's trace. Episodic REINFORCE has none: it sums whole returns.
    pub trace_decay: TraceDecay,
    /// `β`: the weight of the entropy.
    pub entropy_bonus: EntropyBonus,
    /// Where the policy's gradient is clipped, if it is.
    pub max_norm: Option<MaxNorm>,
    /// How much each step counts.
    pub step_weight: StepWeight,
}

impl Default for Steering {
    /// No discount, the whole episode in the trace, no entropy bonus, no clipping, all steps alike.
    fn default() -> Self {
        Self {
            discount: Discount(1.0),
            trace_decay: TraceDecay(1.0),
            entropy_bonus: EntropyBonus::NONE,
            max_norm: None,
            step_weight: StepWeight::Equal,
        }
    }
}

/// Whether, and how, an episode ended with a step: one truth value per lane.
///
/// ```
/// use samplegrad_core::Ending;
///
/// assert_eq!(Ending::<f32>::new(true, true), Ending::terminal());
/// assert_eq!(Ending::<f32>::new(false, false), Ending::none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ending<L: Lane = f32> {
    terminal: L::Mask,
    truncated: L::Mask,
}

impl<L: Lane> Ending<L> {
    /// Terminal: nothing comes after. Truncated: cut off, by a limit of time; it would have gone on. What is both is
    /// terminal.
    pub fn new(terminal: L::Mask, truncated: L::Mask) -> Self {
        Self { terminal, truncated: truncated.and(terminal.not()) }
    }

    /// The episode goes on.
    pub fn none() -> Self {
        Self::new(L::Mask::splat(false), L::Mask::splat(false))
    }

    /// Nothing comes after.
    pub fn terminal() -> Self {
        Self::new(L::Mask::splat(true), L::Mask::splat(false))
    }

    /// Cut off.
    pub fn truncated() -> Self {
        Self::new(L::Mask::splat(false), L::Mask::splat(true))
    }

    /// Where nothing comes after.
    #[inline]
    pub fn is_terminal(&self) -> L::Mask {
        self.terminal
    }

    /// Where the episode ended, in either way.
    #[inline]
    pub fn ended(&self) -> L::Mask {
        self.terminal.or(self.truncated)
    }
}
