//! The largest magnitudes of a learner's numbers, chosen so that no sum of them can overflow.

use crate::arithmetic::lane::{Lane, Mask};

/// Limit of rewards, of features, and of a model's predictions of them.
pub(crate) const REWARD: f32 = 1e6;
/// Limit of returns: predictions of a value function, and the return of an episode.
pub(crate) const RETURN: f32 = 1e9;
/// Limit of parameters and of their steps.
pub(crate) const PARAMETER: f32 = 1e15;
/// Limit of the learned values of a baseline or a critic.
pub(crate) const LEARNED: f32 = 1e30;
/// Limit of a mean of squared steps.
pub(crate) const SQUARE: f32 = PARAMETER * PARAMETER;

/// Clamps a number to `±limit`.
#[inline]
fn within<L: Lane>(x: L, limit: f32) -> L {
    x.min(L::splat(limit)).max(L::splat(-limit))
}

/// Clamps a prediction of a reward to the range of rewards, so that a model that learns too fast stays finite.
#[inline]
pub(crate) fn reward<L: Lane>(x: L) -> L {
    within(x, REWARD)
}

/// Clamps a return to the range of returns.
#[inline]
pub(crate) fn of_return<L: Lane>(x: L) -> L {
    within(x, RETURN)
}

/// Clamps a parameter to the range of parameters.
#[inline]
pub(crate) fn parameter<L: Lane>(x: L) -> L {
    within(x, PARAMETER)
}

/// Clamps numbers to the range of parameters.
#[inline]
pub(crate) fn parameters<L: Lane>(x: &mut [L]) {
    all_within(x, PARAMETER);
}

/// Clamps numbers to the range of features.
#[inline]
pub(crate) fn features<L: Lane>(x: &mut [L]) {
    all_within(x, REWARD);
}

/// Clamps numbers to `±limit`. Numbers whose magnitudes sum to at most the limit are in the range already.
#[inline]
fn all_within<L: Lane>(x: &mut [L], limit: f32) {
    if L::splat(limit).lt(L::add_magnitudes(L::ZERO, x)).any() {
        x.iter_mut().for_each(|x| *x = within(*x, limit));
    }
}

/// Clamps a number to the range of a baseline's learned values.
#[inline]
pub(crate) fn learned<L: Lane>(x: L) -> L {
    within(x, LEARNED)
}
