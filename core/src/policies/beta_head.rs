//! `K` independent actions between 0 and 1, each with a beta distribution.
//!
//! Source: P.-W. Chou, D. Maturana and S. Scherer, *Improving stochastic policy gradients in continuous control with
//! deep reinforcement learning using the beta distribution*, ICML 2017.

use crate::{
    arithmetic::{
        elementary::{sigmoid, softplus},
        lane::Lane,
        special::trigamma,
    },
    check,
    distributions::beta::{Beta, inside},
    error::Error,
    noise::source::Source,
    policies::head::Head,
};

/// `K` independent actions between 0 and 1 with the shapes `a = 1 + ln(1 + e^o)` and `b = 1 + ln(1 + e^p)`: the first
/// row of outputs is `o`, the second `p`. Shapes from 1 up give a density with one peak, which has no mass outside the
/// bounds.
///
/// Outputs are kept within ±10^5; beyond that the score is zero. The score of a drawn action is computed from its logit,
/// so it is exact where the action is rounded near 0 or 1. An action that was chosen elsewhere is read as a logit, with
/// the action kept from the smallest normal float to `1 − 2^−24`.
///
/// ```
/// use samplegrad_core::{BetaHead, Dense, Features, NetworkPolicy, stream};
///
/// let policy = NetworkPolicy::<_, Dense<1, 1, 2>>::new(BetaHead);
/// let choice = policy.act(&Features::new([0.5])?, &(), &mut stream::xorshift(2026, 0));
/// let [opening] = choice.action();
/// assert!(0.0 < opening && opening < 1.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BetaHead;

/// Independent beta actions, as created by [`BetaHead`].
///
/// ```
/// use samplegrad_core::{BetaHead, Head};
///
/// let p = BetaHead.distribution(&[[1e9_f32], [-1e9]], &());
/// assert_eq!(p.components()[0].shapes(), [100_001.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BetaActions<const K: usize, L: Lane = f32> {
    components: [Beta<L>; K],
    /// The derivatives of the two shapes in the outputs.
    slopes: [[L; 2]; K],
    /// The logits of the actions drawn last; 0 before the first draw.
    logits: [L; K],
}

impl<const K: usize, L: Lane> BetaActions<K, L> {
    /// Returns the distribution of each action.
    #[inline]
    pub fn components(&self) -> &[Beta<L>; K] {
        &self.components
    }
}

/// The largest magnitude of an output.
const LARGEST: f32 = 1e5;

/// Returns the action of a logit.
#[inline]
fn action<L: Lane>(logit: L) -> L {
    inside(sigmoid(logit))
}

/// Returns the logit of an action: the logit that was drawn, where it is known.
#[inline]
fn logit<L: Lane>(drawn: L, a: L) -> L {
    let kept = inside(a);
    L::select(action(drawn).equals(a), drawn, kept.ln() - (-kept).ln_1p())
}

impl<const K: usize, L: Lane> Head<K, 2, L> for BetaHead {
    type Distribution = BetaActions<K, L>;
    type Action = [L; K];
    type Constraint = ();

    #[inline]
    fn sees_features(&self, _: usize) -> bool {
        true
    }

    #[inline]
    fn distribution(&self, [first, second]: &[[L; K]; 2], (): &()) -> BetaActions<K, L> {
        let limit = L::splat(LARGEST);
        let mut components = [Beta::trusted([L::ONE; 2]); K];
        let mut slopes = [[L::ZERO; 2]; K];
        for (((component, slopes), &o), &p) in components.iter_mut().zip(&mut slopes).zip(first).zip(second) {
            let outputs = [o, p].map(|o| o.min(limit).max(-limit));
            *component = Beta::trusted(outputs.map(|o| softplus(o) + 1.0));
            *slopes = [(o, outputs[0]), (p, outputs[1])]
                .map(|(o, kept)| L::select(limit.lt(o.abs()), L::ZERO, sigmoid(kept)));
        }
        BetaActions { components, slopes, logits: [L::ZERO; K] }
    }

    /// Draws the actions from first to last. Each action takes two words of the source.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &BetaActions<K, L>, source: &mut S) -> [L; K] {
        distribution.components.map(|component| action(component.sample_logit(source).0))
    }

    /// Draws the actions and keeps their logits.
    #[inline]
    fn draw_kept<S: Source<L> + ?Sized>(&self, distribution: &mut BetaActions<K, L>, source: &mut S) -> [L; K] {
        let mut actions = [L::ZERO; K];
        let laws = distribution.components.iter().zip(&mut distribution.logits);
        for (to, (component, logit)) in actions.iter_mut().zip(laws) {
            *logit = component.sample_logit(source).0;
            *to = action(*logit);
        }
        actions
    }

    /// Returns the mode of each action, `(a − 1)/(a + b − 2)`.
    #[inline]
    fn mode(&self, distribution: &BetaActions<K, L>) -> [L; K] {
        distribution.components.map(|component| {
            let [a, b] = component.shapes().map(|shape| shape - 1.0);
            let total = a + b;
            // Both shapes are 1 only for outputs far below zero: the density is then flat.
            L::select(L::ZERO.lt(total), inside(a / total.max(L::splat(f32::MIN_POSITIVE))), L::splat(0.5))
        })
    }

    /// Returns [`Error::OutOfRange`] for a number that is not from 0 to 1.
    fn check(&self, _: &BetaActions<K, L>, action: [L; K]) -> Result<(), Error> {
        action.iter().try_for_each(|&a| check::within("action", a, 0.0, 1.0, "from 0 to 1"))
    }

    #[inline]
    fn score(&self, distribution: &BetaActions<K, L>, actions: [L; K], [by_first, by_second]: &mut [[L; K]; 2]) {
        let laws = distribution.components.iter().zip(&distribution.slopes).zip(&distribution.logits).zip(&actions);
        for ((((component, &slopes), &drawn), &a), (first, second)) in laws.zip(by_first.iter_mut().zip(by_second)) {
            let score = component.score_at_logit(logit(drawn, a));
            (*first, *second) = (score[0] * slopes[0], score[1] * slopes[1]);
        }
    }

    /// Returns the sum over the actions, from first to last.
    #[inline]
    fn log_ratio(&self, now: &mut BetaActions<K, L>, then: &BetaActions<K, L>, actions: [L; K]) -> L {
        let laws =
            now.components.iter().zip(&mut now.logits).zip(then.components.iter().zip(&then.logits)).zip(&actions);
        laws.fold(L::ZERO, |sum, (((now, to), (then, &drawn)), &a)| {
            *to = logit(drawn, a);
            sum + (now.log_prob_at_logit(*to) - then.log_prob_at_logit(*to))
        })
    }

    /// Writes the derivatives `(a + b − 2) ψ'(a + b) − (a − 1) ψ'(a)` of the entropy in `a`, and likewise in `b`, times
    /// the derivatives of the shapes.
    #[inline]
    fn entropy_gradient(&self, distribution: &BetaActions<K, L>, [by_first, by_second]: &mut [[L; K]; 2]) {
        let laws = distribution.components.iter().zip(&distribution.slopes);
        for ((component, &slopes), (first, second)) in laws.zip(by_first.iter_mut().zip(by_second)) {
            let [a, b] = component.shapes();
            let common = (a + b - 2.0) * trigamma(a + b);
            *first = (common - (a - 1.0) * trigamma(a)) * slopes[0];
            *second = (common - (b - 1.0) * trigamma(b)) * slopes[1];
        }
    }
}
