//! The largest magnitudes of what a learner holds, so that no sum of them can overflow.

use crate::arithmetic::lane::Lane;

/// Of rewards and features, and of what a model predicts of them.
pub(crate) const REWARD: f32 = 1e6;
/// Of returns: what a value function predicts, and what an episode has come to.
pub(crate) const RETURN: f32 = 1e9;
/// Of parameters, and of steps in them.
pub(crate) const PARAMETER: f32 = 1e15;
/// Of what a baseline or a critic has learned.
pub(crate) const LEARNED: f32 = 1e30;
/// Of a mean of squares of steps.
pub(crate) const SQUARE: f32 = PARAMETER * PARAMETER;

/// A number, kept within `±LIMIT`.
#[inline]
fn within<L: Lane>(x: L, limit: f32) -> L {
    x.min(L::splat(limit)).max(L::splat(-limit))
}

/// A prediction of a reward, kept within what a reward can be, so that a model that learns too fast stays finite.
#[inline]
pub(crate) fn reward<L: Lane>(x: L) -> L {
    within(x, REWARD)
}

/// A return, kept within what a return can be.
#[inline]
pub(crate) fn of_return<L: Lane>(x: L) -> L {
    within(x, RETURN)
}

/// A parameter, kept within what a parameter can be.
#[inline]
pub(crate) fn parameter<L: Lane>(x: L) -> L {
    within(x, PARAMETER)
}

/// A number, kept within what a baseline learns.
#[inline]
pub(crate) fn learned<L: Lane>(x: L) -> L {
    within(x, LEARNED)
}
