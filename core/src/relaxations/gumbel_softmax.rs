//! Gumbel-softmax draws a sample of the Concrete distribution. The sample is a point of the simplex and a
//! differentiable function of the logits. It is a relaxation of a sampled class: as `τ` decreases, it approaches the
//! one-hot vector of the class, and the variance of its gradient increases.
//!
//! Logits may be of any size. Floats near a large logit have a wide spacing, so the sum of logit and noise would lose
//! the digits of the noise. If the largest logit and the largest sum are large, [`perturb`] therefore subtracts the
//! largest logit before it adds the noise. The sampled class is the class of the [`largest_sum`](crate::largest_sum).
//! At `τ` = 1 and ½, [`GumbelSoftmax::sample`] takes the class of the largest weight of the
//! [`relaxed_race`](crate::relaxed_race) instead. In either case the entry of `y` at the sampled class is the largest;
//! rounding may make other entries equal to it.
//!
//! ```text
//! y = softmax((l + G)/τ),   ∂⟨c, y⟩/∂l = (1/τ) y ⊙ (c − ⟨y, c⟩),   P(y_k = max y) = softmax(l)_k at every τ
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one relaxed sample |
//! | bias | none for the gradient of `E[f(y)]`; the gradient of `E[f]` at the classes has the bias of the relaxation, which decreases as `τ` decreases |
//! | variance on the toy problem | for one bit, see the estimator [`concrete_relaxation`](crate::concrete_relaxation) |
//! | cost | per class: a word of noise, an exponential, and two logarithms (one at `τ` = 1 and ½); the gradient takes a few more products |
//! | use it | as a sample whose cotangent is computed elsewhere: by a network, or by automatic differentiation |
//! | avoid it | if only a class is needed, and no gradient: see [`inverse_cdf`](crate::inverse_cdf); if `f` can be evaluated only at a class: see [`straight_through`](crate::straight_through) |
//!
//! Sources: E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR 2017; C. J.
//! Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask, Word},
        largest_sum::LARGE,
        reduce,
        softmax::{self, Normalizer},
    },
    check,
    error::Error,
    fixed_vec::{copied, full, zeros},
    noise::{gumbel, source::Source, uniform::Uniform},
    relaxations::relaxed_race::RelaxedRace,
    samplers::gumbel_max,
    settings::{logits::Logits, temperature::Temperature},
};

/// A relaxed sample and the numbers that its gradient needs.
///
/// # Example
/// ```
/// use samplegrad_core::{GumbelSoftmax, Logits, Temperature, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, -1.0])?;
/// let y = GumbelSoftmax::sample(&logits, Temperature::new(0.5)?, &mut stream::xorshift(2026, 0));
/// let cost = [1.0, 0.0, 2.0];                       // f(y) = ⟨cost, y⟩, so ∂f/∂y = cost
/// let gradient = y.vjp(&cost)?;                     // ∂f/∂logits
/// assert!(gradient.iter().sum::<f32>().abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GumbelSoftmax<const N: usize, L: Lane = f32> {
    drawn: Drawn<N, L>,
    y: Vec<L, N>,
    tau: Temperature,
}

/// The inputs from which a sample was computed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Drawn<const N: usize, L: Lane> {
    /// Logits, noise, the class of their largest sum, and the normalizer of the exponentials.
    Perturbed { logits: Vec<L, N>, noise: Vec<L, N>, class: L::Word, sum: Normalizer<L> },
    /// Logits, the arrival times of a race, and the first class to arrive.
    Race { logits: Vec<L, N>, arrivals: Vec<L, N>, first: L::Word },
}

impl<const N: usize, L: Lane> GumbelSoftmax<N, L> {
    /// Draws a relaxed sample from one word of the source per class, in class order, masked classes included. At `τ` =
    /// 1 and ½, the sample is computed by a [`relaxed_race`](crate::relaxed_race) from the same words.
    pub fn sample<S: Source<L> + ?Sized>(logits: &Logits<N, L>, tau: Temperature, source: &mut S) -> Self {
        if let Some(race) = RelaxedRace::at(tau) {
            return Self::race(logits, tau, race, source);
        }
        let mut noise: Vec<L, N> = zeros(logits.as_slice().len());
        for g in &mut noise {
            *g = gumbel::sample(source);
        }
        Self::perturb(logits, tau, noise)
    }

    fn race<S: Source<L> + ?Sized>(logits: &Logits<N, L>, tau: Temperature, race: RelaxedRace, source: &mut S) -> Self {
        if let Some(logits) = full::<N, L>(logits.as_slice()) {
            let arrivals: [L; N] = core::array::from_fn(|_| Uniform::neg_ln_of_word(source.next_word()));
            let mut y = [L::ZERO; N];
            let first = race.relax(logits, &arrivals, &mut y);
            let drawn = Drawn::Race { logits: Vec::from_array(*logits), arrivals: Vec::from_array(arrivals), first };
            return Self { drawn, y: Vec::from_array(y), tau };
        }
        let logits = copied(logits.as_slice());
        let (mut arrivals, mut y): (Vec<L, N>, Vec<L, N>) = (zeros(logits.len()), zeros(logits.len()));
        for arrival in &mut arrivals {
            *arrival = Uniform::neg_ln_of_word(source.next_word());
        }
        let first = race.relax(&logits, &arrivals, &mut y);
        Self { drawn: Drawn::Race { logits, arrivals, first }, y, tau }
    }

    /// Computes the sample from given Gumbel noise, one number per class.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one number per class; [`Error::NotANumber`] and [`Error::Infinite`] with the
    /// index of a number that is not finite.
    pub fn with_noise(logits: &Logits<N, L>, tau: Temperature, noise: &[L]) -> Result<Self, Error> {
        check::length("noise", logits.as_slice().len(), noise.len())?;
        check::finite("noise", noise)?;
        let mut sample = Self::perturb(logits, tau, copied(noise));
        // Given noise can be so large that a sum is small although its logit is large. Then `perturb` does not compare
        // rounding errors, so the class is computed here.
        let largest = gumbel_max::largest(logits.as_slice(), noise.iter().copied());
        if let Drawn::Perturbed { class, .. } = &mut sample.drawn {
            *class = largest.class;
        }
        Ok(sample)
    }

    fn perturb(logits: &Logits<N, L>, tau: Temperature, noise: Vec<L, N>) -> Self {
        let (mut z, mut y) = (zeros::<N, L>(noise.len()), zeros(noise.len()));
        let peak = perturb(logits.as_slice(), &noise, &mut z);
        let sum = relax_below(&z, (peak.mode, peak.max), tau, &mut y);
        let logits = copied(logits.as_slice());
        Self { drawn: Drawn::Perturbed { logits, noise, class: peak.class, sum }, y, tau }
    }

    /// Returns the relaxed sample `y`, a point of the simplex, in class order.
    #[inline(always)]
    pub fn values(&self) -> &[L] {
        &self.y
    }

    /// Returns `ln y_k = (z_k − max z)/τ − ln Σ_j exp((z_j − max z)/τ)`. For possible classes it is finite even
    /// if `y_k` underflows, unless `(z_k − max z)/τ` overflows. For masked classes it is −∞.
    /// [`Concrete::log_density_exp`](crate::Concrete::log_density_exp) accepts these numbers.
    pub fn log_values(&self) -> Vec<L, N> {
        let (mut log_y, (z, _)) = (zeros(self.y.len()), self.relative());
        let sum = match &self.drawn {
            Drawn::Perturbed { sum, .. } => *sum,
            Drawn::Race { .. } => relax(&z, self.tau, &mut log_y),
        };
        log_relaxed(&z, sum, self.tau, &mut log_y);
        log_y
    }

    /// Returns the perturbed logits `z = l + G`.
    pub fn perturbed(&self) -> Vec<L, N> {
        let (logits, noise) = self.summands();
        let mut z = noise;
        for (z, &l) in z.iter_mut().zip(logits) {
            *z = l + *z;
        }
        z
    }

    /// Returns the result of [`perturb`] for the logits and the noise, and the largest perturbed logit.
    fn relative(&self) -> (Vec<L, N>, L) {
        let (logits, noise) = self.summands();
        let mut z: Vec<L, N> = zeros(noise.len());
        let peak = perturb(logits, &noise, &mut z);
        (z, peak.max)
    }

    /// Returns the logits and the noise.
    fn summands(&self) -> (&[L], Vec<L, N>) {
        match &self.drawn {
            Drawn::Perturbed { logits, noise, .. } => (logits, noise.clone()),
            Drawn::Race { logits, arrivals, .. } => {
                let mut noise = arrivals.clone();
                for arrival in &mut noise {
                    *arrival = gumbel::of_arrival(*arrival);
                }
                (logits, noise)
            }
        }
    }

    /// Returns the class `argmax y`, decided before `y` is rounded; the first class wins ties. The class is an exact
    /// sample of `softmax(l)` at every temperature. It equals the class of [`gumbel_max`](crate::gumbel_max) for the
    /// same words, with one exception: at `τ` = 1 and ½, the two classes may differ if two sums are equal to within
    /// rounding.
    #[inline]
    pub fn hard(&self) -> L::Word {
        match &self.drawn {
            Drawn::Perturbed { class, .. } => *class,
            Drawn::Race { first, .. } => *first,
        }
    }

    /// Returns the temperature of the draw.
    #[inline(always)]
    pub fn temperature(&self) -> Temperature {
        self.tau
    }

    /// Computes the vector–Jacobian product: given `ȳ = ∂f/∂y`, returns `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)`, which is
    /// also `∂f/∂G`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one cotangent per class.
    pub fn vjp(&self, cotangent: &[L]) -> Result<Vec<L, N>, Error> {
        check::length("cotangent", self.y.len(), cotangent.len())?;
        if let (Some(&y), Some(&cotangent)) = (full::<N, L>(&self.y), full::<N, L>(cotangent)) {
            // With copies, the compiler knows that the output does not alias the inputs.
            let mut gradient = [L::ZERO; N];
            vjp(&y, &cotangent, self.tau, &mut gradient);
            return Ok(Vec::from_array(gradient));
        }
        let mut gradient: Vec<L, N> = zeros(self.y.len());
        vjp(&self.y, cotangent, self.tau, &mut gradient);
        Ok(gradient)
    }

    /// Returns `∂f/∂τ = −(1/τ²) Σ_k y_k (ȳ_k − ⟨y, ȳ⟩)(z_k − max z)`. The terms are added from first to last. In exact
    /// arithmetic the shift by the maximum changes nothing; in floating point it keeps the terms small.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one cotangent per class.
    pub fn vjp_temperature(&self, cotangent: &[L]) -> Result<L, Error> {
        check::length("cotangent", self.y.len(), cotangent.len())?;
        let (z, max) = self.relative();
        Ok(vjp_temperature(&z, max, &self.y, cotangent, self.tau))
    }
}

/// The largest perturbed logit, as [`perturb`] returns it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Peak<L: Lane = f32> {
    /// The class of the largest perturbed logit that [`perturb`] wrote; the first class on ties.
    pub mode: L::Word,
    /// The largest perturbed logit that [`perturb`] wrote.
    pub max: L,
    /// The class of the largest sum of a logit and Gumbel noise, equal to the class of [`gumbel_max::largest`].
    pub class: L::Word,
}

/// A bound on the magnitude of a sum. Below this bound, the logit in the sum is below [`LARGE`] in magnitude, since
/// Gumbel noise lies between −3.2 and 22.9.
const NEAR: f32 = LARGE - 64.0;

/// Writes perturbed logits for [`relax`]: `z_k = l_k + g_k`. If the magnitude of the largest logit is at least
/// [`LARGE`] and the magnitude of the largest sum exceeds `LARGE − 64`, it writes `z_k = (l_k − max l) + g_k` instead.
/// Both forms have the same softmax, but the second form loses no noise of a
/// class whose logit is close to the largest. All slices must have equal length. The logits
/// must satisfy the conditions of [`Logits::new`].
///
/// ```
/// use samplegrad_core::gumbel_softmax;
///
/// let (mut z, noise) = ([0.0_f32; 2], [1.5, 2.0]);
/// gumbel_softmax::perturb(&[1.0, 3.0], &noise, &mut z);
/// assert_eq!(z, [2.5, 5.0]);
/// let peak = gumbel_softmax::perturb(&[1e8, 1e8], &noise, &mut z);
/// assert_eq!((z, peak.class), ([1.5, 2.0], 1));
/// ```
#[inline(always)]
pub fn perturb<L: Lane>(logits: &[L], noise: &[L], z: &mut [L]) -> Peak<L> {
    for ((z, &l), &g) in z.iter_mut().zip(logits).zip(noise) {
        *z = l + g;
    }
    let (mode, max) = reduce::arg_max(z);
    if is_far(max).any() { perturb_far(logits, noise, z, (mode, max)) } else { Peak { mode, max, class: mode } }
}

/// Returns whether the magnitude of the largest sum `l + g` exceeds `LARGE − 64`. If so, [`perturb`] may subtract the
/// largest logit, and rounding errors may decide the class.
///
/// ```
/// use samplegrad_core::gumbel_softmax::is_far;
///
/// assert!(is_far(-1e8_f32) && !is_far(10.0_f32));
/// ```
#[inline(always)]
pub fn is_far<L: Lane>(max: L) -> L::Mask {
    L::splat(NEAR).lt(max.abs())
}

#[inline]
fn perturb_far<L: Lane>(logits: &[L], noise: &[L], z: &mut [L], (mode, max): (L::Word, L)) -> Peak<L> {
    let far = is_far(max);
    let class = gumbel_max::largest(logits, noise.iter().copied()).class;
    let largest = reduce::max(logits);
    let shift = L::select(far.and(largest.abs().lt(L::splat(LARGE)).not()), largest, L::ZERO);
    for ((z, &l), &g) in z.iter_mut().zip(logits).zip(noise) {
        *z = (l - shift) + g;
    }
    // The class of a lane must not depend on whether the sums of other lanes are far.
    let class = L::Word::select(far, class, mode);
    let (mode, max) = reduce::arg_max(z);
    Peak { mode, max, class }
}

/// Writes `y = softmax(z/τ)` for perturbed logits `z = l + G`: `y_k = e_k · (1/Σ e)`,
/// `e_k = exp((z_k − max z) · (1/τ))`. All slices must have equal length.
#[inline(always)]
pub fn relax<L: Lane>(z: &[L], tau: Temperature, y: &mut [L]) -> Normalizer<L> {
    relax_below(z, reduce::arg_max(z), tau, y)
}

/// Computes [`relax`], given the largest perturbed logit and its class.
#[inline(always)]
fn relax_below<L: Lane>(z: &[L], largest: (L::Word, L), tau: Temperature, y: &mut [L]) -> Normalizer<L> {
    let sum = softmax::exponentials_below(z, largest, tau.recip(), y);
    let recip = sum.recip();
    for y in y {
        *y = *y * recip;
    }
    sum
}

/// Writes `ln y_k = (z_k − max z) · (1/τ) − ln S`. The logarithm of the sum `S` is [`Normalizer::ln`] of the result of
/// [`relax`]. All slices must have equal length.
#[inline(always)]
pub fn log_relaxed<L: Lane>(z: &[L], sum: Normalizer<L>, tau: Temperature, log_y: &mut [L]) {
    let ln = sum.ln();
    for (log_y, &z) in log_y.iter_mut().zip(z) {
        *log_y = (z - sum.max()) * tau.recip() - ln;
    }
}

/// Writes `(y_k (ȳ_k − ⟨y, ȳ⟩)) · (1/τ)`. All slices must have equal length.
#[inline(always)]
pub fn vjp<L: Lane>(y: &[L], cotangent: &[L], tau: Temperature, gradient: &mut [L]) {
    softmax::vjp(y, cotangent, tau.recip(), gradient);
}

/// Computes `−(1/τ²) Σ_k y_k (ȳ_k − ⟨y, ȳ⟩)(z_k − max z)`. The terms are added from first to last. All slices must have
/// equal length.
#[inline(always)]
pub fn vjp_temperature<L: Lane>(z: &[L], max: L, y: &[L], cotangent: &[L], tau: Temperature) -> L {
    let mean = reduce::dot(y, cotangent);
    let total = y.iter().zip(cotangent).zip(z).fold(L::ZERO, |total, ((&y, &c), &z)| {
        // A class with y = 0 may be masked, z = −∞, and contributes zero.
        total + L::select(y.equals(L::ZERO), L::ZERO, (y * (c - mean)) * (z - max))
    });
    -(total * tau.recip() * tau.recip())
}
