//! `K` independent normal numbers, each with its own mean and logarithm of the standard deviation.
//!
//! Source: R. S. Sutton and A. G. Barto, *Reinforcement Learning*, 2nd edition, 2018, section 13.7.

use crate::{
    arithmetic::lane::{Lane, Mask},
    check,
    distributions::log_std_normal::LogStdNormal,
    error::Error,
    noise::source::Source,
    policies::head::Head,
};

/// `K` independent real actions `a_k = μ_k + σ_k ε_k`: the first row of outputs is `μ`, the second `ln σ`.
///
/// `ln σ` is kept in a range, and `μ` within ±10^6, so that all numbers stay finite. Beyond the range the distribution
/// does not depend on the output, so the score there is zero. Below the range the gradient of the entropy is still 1,
/// so that an entropy bonus raises a deviation that has become too small.
///
/// ```
/// use samplegrad_core::{GaussianHead, Head};
///
/// let head = GaussianHead::new(-5.0, 2.0)?;
/// let p = head.distribution(&[[1.0_f32], [0.0]], &());
/// let mut score = [[0.0]; 2];
/// head.score(&p, [1.5], &mut score);
/// assert_eq!(score, [[0.5], [-0.75]]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "Stored"))]
pub struct GaussianHead {
    low: f32,
    high: f32,
    sees_features: bool,
}

/// Independent normal actions, as created by [`GaussianHead`].
///
/// ```
/// use samplegrad_core::{GaussianHead, Head};
///
/// let p = GaussianHead::new(-5.0, 2.0)?.distribution(&[[1.0_f32], [-9.0]], &());
/// assert_eq!(p.components()[0].std(), libm::expf(-5.0));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GaussianActions<const K: usize, L: Lane = f32> {
    pub(crate) components: [LogStdNormal<L>; K],
    /// The derivatives of `μ`, `ln σ` and the entropy in the outputs: 1, or 0 beyond the range.
    pub(crate) slopes: [[L; 3]; K],
    /// The noise of the actions drawn last; before the first draw, the noise of the mean.
    pub(crate) noise: [L; K],
}

impl<const K: usize, L: Lane> GaussianActions<K, L> {
    /// Returns the distribution of each action.
    #[inline]
    pub fn components(&self) -> &[LogStdNormal<L>; K] {
        &self.components
    }
}

/// The number of deviations above which the score of a drawn action is computed from its noise: rounding such an
/// action may change `(a − μ)/σ` by 2^−12.
const COARSE: f32 = 4096.0;

impl GaussianHead {
    /// The largest magnitude of a mean.
    pub const MAX_MEAN: f32 = 1e6;
    /// The largest magnitude of an action.
    pub const MAX_ACTION: f32 = 1e7;

    /// Creates a head whose means and log standard deviations both depend on the features. The latter are kept from
    /// `low` to `high`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `−10 ≤ low ≤ high ≤ 10`.
    pub fn new(low: f32, high: f32) -> Result<Self, Error> {
        let refuse = |what, value, requirement| Err(Error::OutOfRange { what, value, requirement });
        if !(-10.0..=10.0).contains(&low) {
            return refuse("lowest log standard deviation", low, "from -10 to 10");
        }
        if !(low <= high && high <= 10.0) {
            return refuse("highest log standard deviation", high, "at least the lowest and at most 10");
        }
        Ok(Self { low, high, sees_features: true })
    }

    /// Creates a head whose deviations do not depend on the features: they are learned as biases only.
    ///
    /// # Errors
    /// The errors of [`GaussianHead::new`].
    pub fn with_shared_deviation(low: f32, high: f32) -> Result<Self, Error> {
        Ok(Self { sees_features: false, ..Self::new(low, high)? })
    }
}

/// The fields of a head before they are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct Stored {
    low: f32,
    high: f32,
    sees_features: bool,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for GaussianHead {
    type Error = Error;

    fn try_from(Stored { low, high, sees_features }: Stored) -> Result<Self, Error> {
        Ok(Self { sees_features, ..Self::new(low, high)? })
    }
}

/// Returns 1 where the mask holds, 0 elsewhere.
#[inline]
fn indicator<L: Lane>(mask: L::Mask) -> L {
    L::select(mask, L::ONE, L::ZERO)
}

impl<const K: usize, L: Lane> Head<K, 2, L> for GaussianHead {
    type Distribution = GaussianActions<K, L>;
    type Action = [L; K];
    type Constraint = ();

    #[inline]
    fn sees_features(&self, h: usize) -> bool {
        self.sees_features || h == 0
    }

    #[inline]
    fn distribution(&self, [means, log_stds]: &[[L; K]; 2], (): &()) -> GaussianActions<K, L> {
        let (low, high, limit) = (L::splat(self.low), L::splat(self.high), L::splat(Self::MAX_MEAN));
        let mut components = [LogStdNormal::trusted(L::ZERO, L::ZERO); K];
        let mut slopes = [[L::ONE; 3]; K];
        for (((component, slopes), &mean), &log_std) in components.iter_mut().zip(&mut slopes).zip(means).zip(log_stds)
        {
            *component = LogStdNormal::trusted(mean.min(limit).max(-limit), log_std.min(high).max(low));
            let not_above = high.lt(log_std).not();
            let inside = not_above.and(log_std.lt(low).not());
            *slopes = [indicator(limit.lt(mean.abs()).not()), indicator(inside), indicator(not_above)];
        }
        GaussianActions { components, slopes, noise: [L::ZERO; K] }
    }

    /// Draws the actions from first to last. Each action takes one word of the source.
    #[inline]
    fn draw<S: Source<L> + ?Sized>(&self, distribution: &GaussianActions<K, L>, source: &mut S) -> [L; K] {
        distribution.components.map(|component| component.sample(source).0)
    }

    /// Draws the actions and keeps their noise.
    #[inline]
    fn draw_kept<S: Source<L> + ?Sized>(&self, distribution: &mut GaussianActions<K, L>, source: &mut S) -> [L; K] {
        let mut actions = [L::ZERO; K];
        let laws = distribution.components.iter().zip(&mut distribution.noise);
        for (action, (component, noise)) in actions.iter_mut().zip(laws) {
            (*action, *noise) = component.sample(source);
        }
        actions
    }

    #[inline]
    fn mode(&self, distribution: &GaussianActions<K, L>) -> [L; K] {
        distribution.components.map(LogStdNormal::mean)
    }

    /// Returns [`Error::OutOfRange`] for a number that is not from −10^7 to 10^7.
    fn check(&self, _: &GaussianActions<K, L>, action: [L; K]) -> Result<(), Error> {
        action
            .iter()
            .try_for_each(|&a| check::within("action", a, -Self::MAX_ACTION, Self::MAX_ACTION, "from -1e7 to 1e7"))
    }

    /// Writes the score. An action above 4096 deviations that [`Head::draw_kept`] drew from this distribution uses its
    /// noise, since a float of that size does not hold the noise. For any other action, the noise is computed from the
    /// action.
    #[inline]
    fn score(&self, distribution: &GaussianActions<K, L>, action: [L; K], [by_mean, by_log_std]: &mut [[L; K]; 2]) {
        let laws = distribution.components.iter().zip(&distribution.noise).zip(&distribution.slopes).zip(&action);
        for ((((component, &noise), &[slope, log_slope, _]), &a), (m, s)) in
            laws.zip(by_mean.iter_mut().zip(by_log_std))
        {
            let coarse = (component.std() * COARSE).lt(a.abs());
            let own = coarse.and(component.reparameterize(noise).equals(a));
            let of_action = (a - component.mean()) / component.std();
            let score = component.score_of_noise(L::select(own, noise, of_action));
            (*m, *s) = (score.0 * slope, score.1 * log_slope);
        }
    }

    /// Returns the sum over the actions, from first to last. The noise of a drawn action is used where it is known.
    #[inline]
    fn log_ratio(&self, now: &mut GaussianActions<K, L>, then: &GaussianActions<K, L>, action: [L; K]) -> L {
        let laws = now.components.iter().zip(&mut now.noise).zip(then.components.iter().zip(&then.noise)).zip(&action);
        laws.fold(L::ZERO, |sum, (((now, to), (then, &drawn)), &a)| {
            let own = then.reparameterize(drawn).equals(a);
            let noise = L::select(own, drawn, (a - then.mean()) / then.std());
            *to = ((then.mean() - now.mean()) + then.std() * noise) / now.std();
            sum + (now.log_prob_of_noise(*to) - then.log_prob_of_noise(noise))
        })
    }

    #[inline]
    fn entropy_gradient(&self, distribution: &GaussianActions<K, L>, [by_mean, by_log_std]: &mut [[L; K]; 2]) {
        for ((m, s), &[.., slope]) in by_mean.iter_mut().zip(by_log_std).zip(&distribution.slopes) {
            (*m, *s) = (L::ZERO, slope);
        }
    }
}
