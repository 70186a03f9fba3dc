//! `K` independent actions between −1 and 1: normal numbers squashed by the hyperbolic tangent.
//!
//! Source: T. Haarnoja, A. Zhou, P. Abbeel and S. Levine, *Soft actor-critic*, ICML 2018, appendix C.

use crate::{
    arithmetic::{elementary::tanh, lane::Lane},
    check,
    error::Error,
    noise::source::Source,
    policies::{
        gaussian_head::{GaussianActions, GaussianHead},
        head::Head,
    },
};

/// `K` independent bounded actions `a_k = tanh(u_k)`, `u_k = μ_k + σ_k ε_k`: the first row of outputs is `μ`, the second
/// `ln σ`. The ranges of both are those of the [`GaussianHead`].
///
/// The score of a drawn action is computed from its noise `ε`, so it is exact where the action is rounded, at ±1 too. An
/// action that was chosen elsewhere is read as `u = artanh(a)`, with `a` kept within ±(1 − 2^−24).
///
/// The entropy has no closed form. Its gradient is the unbiased estimate from the noise of the drawn action:
/// `∂/∂μ = −2 tanh(u)`, `∂/∂ ln σ = 1 − 2 tanh(u) σ ε`.
///
/// ```
/// use samplegrad_core::{Dense, Features, GaussianHead, NetworkPolicy, SquashedGaussianHead, stream};
///
/// let head = SquashedGaussianHead::new(GaussianHead::new(-5.0, 2.0)?);
/// let policy = NetworkPolicy::<_, Dense<1, 1, 2>>::new(head);
/// let choice = policy.act(&Features::new([0.5])?, &(), &mut stream::xorshift(2026, 0));
/// let [torque] = choice.action();
/// assert!(torque.abs() <= 1.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SquashedGaussianHead {
    gaussian: GaussianHead,
}

impl SquashedGaussianHead {
    /// Creates a head that squashes the actions of a normal head.
    pub const fn new(gaussian: GaussianHead) -> Self {
        Self { gaussian }
    }
}

/// The largest action below 1 from which a normal number is computed.
const LARGEST: f32 = 1.0 - f32::EPSILON / 2.0;

/// Returns the normal number of an action.
#[inline]
fn unsquashed<L: Lane>(action: L) -> L {
    let a = action.min(L::splat(LARGEST)).max(L::splat(-LARGEST));
    (a.ln_1p() - (-a).ln_1p()) * 0.5
}

/// Returns the normal numbers of the actions: those that were drawn, where they are known.
#[inline]
fn normal<const K: usize, L: Lane>(distribution: &GaussianActions<K, L>, action: [L; K]) -> [L; K] {
    let mut normal = action;
    for (u, (component, &noise)) in normal.iter_mut().zip(distribution.components.iter().zip(&distribution.noise)) {
        let drawn = component.reparameterize(noise);
        *u = L::select(tanh(drawn).equals(*u), drawn, unsquashed(*u));
    }
    normal
}

impl<const K: usize, L: Lane> Head<K, 2, L> for SquashedGaussianHead {
    /// The distribution before the hyperbolic tangent.
    type Distribution = GaussianActions<K, L>;
    type Action = [L; K];
    type Constraint = ();

    #[inline]
    fn sees_features(&self, h: usize) -> bool {
        Head::<K, 2, L>::sees_features(&self.gaussian, h)
    }

    #[inline]
    fn distribution(&self, outputs: &[[L; K]; 2], (): &()) -> GaussianActions<K, L> {
        self.gaussian.distribution(outputs, &())
    }

    /// Draws the actions from first to last. Each action takes one word of the source.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &GaussianActions<K, L>, source: &mut S) -> [L; K] {
        self.gaussian.draw(distribution, source).map(tanh)
    }

    /// Draws the actions and keeps their noise.
    #[inline]
    fn draw_kept<S: Source<L> + ?Sized>(&self, distribution: &mut GaussianActions<K, L>, source: &mut S) -> [L; K] {
        self.gaussian.draw_kept(distribution, source).map(tanh)
    }

    /// Returns the median of each action, `tanh(μ)`.
    #[inline]
    fn mode(&self, distribution: &GaussianActions<K, L>) -> [L; K] {
        self.gaussian.mode(distribution).map(tanh)
    }

    /// Returns [`Error::OutOfRange`] for a number that is not from −1 to 1.
    fn check(&self, _: &GaussianActions<K, L>, action: [L; K]) -> Result<(), Error> {
        action.iter().try_for_each(|&a| check::within("action", a, -1.0, 1.0, "from -1 to 1"))
    }

    #[inline]
    fn score(&self, distribution: &GaussianActions<K, L>, action: [L; K], score: &mut [[L; K]; 2]) {
        self.gaussian.score(distribution, normal(distribution, action), score);
    }

    /// Returns the logarithm of the ratio of the normal densities, because the derivative of the hyperbolic tangent cancels.
    #[inline]
    fn log_ratio(&self, now: &mut GaussianActions<K, L>, then: &GaussianActions<K, L>, action: [L; K]) -> L {
        self.gaussian.log_ratio(now, then, normal(then, action))
    }

    #[inline]
    fn entropy_gradient(&self, distribution: &GaussianActions<K, L>, gradient: &mut [[L; K]; 2]) {
        self.gaussian.entropy_gradient(distribution, gradient);
        let [by_mean, by_log_std] = gradient;
        let laws = distribution.components.iter().zip(&distribution.noise).zip(&distribution.slopes);
        for (((component, &noise), &[slope, log_slope, _]), (m, s)) in laws.zip(by_mean.iter_mut().zip(by_log_std)) {
            let twice = tanh(component.reparameterize(noise)) * 2.0;
            *m = *m - twice * slope;
            *s = *s - twice * (component.std() * noise) * log_slope;
        }
    }
}
