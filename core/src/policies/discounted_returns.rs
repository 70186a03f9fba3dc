//! Discounted returns of a recorded sequence of steps.

use crate::{arithmetic::lane::Lane, check, error::Error, policies::steering::Discount};

/// Writes `G_t = r_t + γ G_{t+1}`, from last to first, with `G_{t+1} = 0` if the episode ended with step `t`. `after`
/// is the return after the last step: 0, or a critic's value.
///
/// ```
/// use samplegrad_core::{Discount, discounted_returns};
///
/// let mut returns = [0.0_f32; 3];
/// let (rewards, ended) = ([1.0, 2.0, 4.0], [false, true, false]);
/// discounted_returns::returns(&rewards, &ended, Discount::new(0.5)?, 8.0, &mut returns)?;
/// assert_eq!(returns, [2.0, 2.0, 8.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless all slices have the same length.
pub fn returns<L: Lane>(
    rewards: &[L],
    ended: &[L::Mask],
    discount: Discount,
    after: L,
    returns: &mut [L],
) -> Result<(), Error> {
    check::length("ends", rewards.len(), ended.len())?;
    check::length("returns", rewards.len(), returns.len())?;
    let mut next = after;
    for ((g, &r), &ended) in returns.iter_mut().zip(rewards).zip(ended).rev() {
        next = r + L::select(ended, L::ZERO, next) * discount.get();
        *g = next;
    }
    Ok(())
}
