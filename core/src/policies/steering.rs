//! Settings of learners of whole episodes.

use crate::{
    arithmetic::lane::{Lane, Mask},
    error::Error,
    limits,
    settings::{
        checked::parameter,
        learning::{EntropyBonus, MaxNorm},
    },
};

parameter! {
    /// The discount `γ`. A reward that comes one step later is multiplied by `γ`.
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
    /// The decay `λ` of an eligibility trace, in addition to the discount. With 0, the trace contains one step. With 1,
    /// it contains the whole episode.
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
/// The weight of each step of an episode in a gradient.
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
    /// Equal weights for all steps, the usual choice. With a discount below 1, the weighted sum is not the gradient of
    /// the discounted return (P. S. Thomas, *Bias in natural actor-critic algorithms*, ICML 2014).
    #[default]
    Equal,
    /// The weight `γ^t` for step `t`. It gives the exact gradient of the discounted return from the start. In a task
    /// that never ends, the weight tends to zero.
    Discounted,
}

/// The common settings of learners of episodes.
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
    /// The discount `γ`.
    pub discount: Discount,
    /// The decay `λ` of the policy's trace. Episodic REINFORCE sums whole returns and does not use this decay.
    pub trace_decay: TraceDecay,
    /// The weight `β` of the entropy.
    pub entropy_bonus: EntropyBonus,
    /// The norm to which the gradient of the policy is clipped, or `None` for no clipping.
    pub max_norm: Option<MaxNorm>,
    /// The weight of each step.
    pub step_weight: StepWeight,
}

impl Default for Steering {
    /// Returns default settings: no discount, no entropy bonus, no clipping, the whole episode in the trace, and equal
    /// step weights.
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

/// The ending of a step: whether the episode ended with this step, and whether the end is terminal or truncated. There
/// is one truth value per lane for each.
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
    /// Creates an ending. A terminal ending has no later rewards. A truncated ending means that a time limit cut off an
    /// episode that would have continued. An ending that is both counts as terminal.
    pub fn new(terminal: L::Mask, truncated: L::Mask) -> Self {
        Self { terminal, truncated: truncated.and(terminal.not()) }
    }

    /// Creates the ending for a step after which the episode continues.
    pub fn none() -> Self {
        Self::new(L::Mask::splat(false), L::Mask::splat(false))
    }

    /// Creates a terminal ending. There are no later rewards.
    pub fn terminal() -> Self {
        Self::new(L::Mask::splat(true), L::Mask::splat(false))
    }

    /// Creates a truncated ending. The episode was cut off and would have continued.
    pub fn truncated() -> Self {
        Self::new(L::Mask::splat(false), L::Mask::splat(true))
    }

    /// Returns the lanes in which the episode ended terminally.
    #[inline]
    pub fn is_terminal(&self) -> L::Mask {
        self.terminal
    }

    /// Returns the lanes in which the episode ended, either terminally or by truncation.
    #[inline]
    pub fn ended(&self) -> L::Mask {
        self.terminal.or(self.truncated)
    }
}

/// Returns the TD error of a step, `r + γ v(x') − v(x)`, within ±10^9. After a terminal end `v(x')` is not read.
#[inline]
pub(crate) fn td_error<L: Lane>(reward: L, discount: Discount, next: L, ending: &Ending<L>, value: L) -> L {
    let to_come = L::select(ending.is_terminal(), L::ZERO, next);
    limits::of_return(reward + to_come * discount.get() - value)
}
