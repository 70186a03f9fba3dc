//! Gumbel-softmax, the Concrete distribution: a sample of a class, relaxed to a point of the simplex that is a differentiable
//! function of the logits. As `τ` falls the point becomes the one-hot vector of the class, and its gradient wilder.
//!
//! ```text
//! y = softmax((l + G)/τ),   ∂⟨c, y⟩/∂l = (1/τ) y ⊙ (c − ⟨y, c⟩),   P(y_k = max y) = softmax(l)_k at every τ
//! ```
//!
//! | | |
//! |---|---|
//! | asks of `f` | value and gradient at one relaxed sample |
//! | bias | exact for `E[f(y)]`; for `E[f]` of the classes that of the relaxation, which falls with `τ` |
//! | variance on the toy | one bit: see [`concrete_relaxation`](crate::concrete_relaxation), the estimator made of it |
//! | cost | a word of noise, two logarithms and an exponential per class, one logarithm at `τ` = 1 and ½; the gradient a few products more |
//! | use it | as a sample whose cotangent comes from elsewhere: a network behind it, an automatic derivative |
//! | not | for a class alone: see [`inverse_cdf`](crate::inverse_cdf); where `f` must see a class: [`straight_through`](crate::straight_through) |
//!
//! Sources: E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR 2017; C. J.
//! Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017.

use heapless::Vec;

use crate::{
    Error, Logits, Source, Temperature, check,
    fixed_vec::{copied, full, zeros},
    lane::Lane,
    noise::{Uniform, gumbel},
    reduce,
    relaxed_race::RelaxedRace,
    softmax::{self, Normalizer},
};

/// A relaxed sample and what its gradient needs.
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

/// What a sample was made of.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Drawn<const N: usize, L: Lane> {
    /// Perturbed logits, and what normalises their exponentials.
    Perturbed { z: Vec<L, N>, sum: Normalizer<L> },
    /// Logits, the arrival times of a race, and who is first.
    Race { logits: Vec<L, N>, arrivals: Vec<L, N>, first: L::Word },
}

impl<const N: usize, L: Lane> GumbelSoftmax<N, L> {
    /// Draws one: one word of the source per class, in class order, masked classes included. At `τ` = 1 and ½ as a
    /// [`relaxed_race`](crate::relaxed_race) of the same words.
    pub fn sample<S: Source<L> + ?Sized>(logits: &Logits<N, L>, tau: Temperature, source: &mut S) -> Self {
        if let Some(race) = RelaxedRace::at(tau) {
            return Self::race(logits, tau, race, source);
        }
        let mut z = zeros(logits.as_slice().len());
        for z in &mut z {
            *z = gumbel::sample(source);
        }
        Self::perturb(logits, tau, z)
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
        let (mut arrivals, mut y) = (zeros(logits.len()), zeros(logits.len()));
        for arrival in &mut arrivals {
            *arrival = Uniform::neg_ln_of_word(source.next_word());
        }
        let first = race.relax(&logits, &arrivals, &mut y);
        Self { drawn: Drawn::Race { logits, arrivals, first }, y, tau }
    }

    /// From Gumbel noise that is given, one number per class.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one number per class; [`Error::NotANumber`] and [`Error::Infinite`] with the
    /// place of one that is not finite.
    pub fn with_noise(logits: &Logits<N, L>, tau: Temperature, noise: &[L]) -> Result<Self, Error> {
        check::length("noise", logits.as_slice().len(), noise.len())?;
        check::finite("noise", noise)?;
        Ok(Self::perturb(logits, tau, copied(noise)))
    }

    fn perturb(logits: &Logits<N, L>, tau: Temperature, mut z: Vec<L, N>) -> Self {
        let mut y = zeros(z.len());
        for (z, &l) in z.iter_mut().zip(logits.as_slice()) {
            *z = l + *z;
        }
        let sum = relax(&z, tau, &mut y);
        Self { drawn: Drawn::Perturbed { z, sum }, y, tau }
    }

    /// The relaxed sample `y`, a point of the simplex, in class order.
    #[inline(always)]
    pub fn values(&self) -> &[L] {
        &self.y
    }

    /// `ln y_k = (z_k − max z)/τ − ln Σ`: finite where `y` itself is too small for a float.
    pub fn log_values(&self) -> Vec<L, N> {
        let mut log_y = zeros(self.y.len());
        match &self.drawn {
            Drawn::Perturbed { z, sum } => log_relaxed(z, *sum, self.tau, &mut log_y),
            Drawn::Race { .. } => {
                let z = self.perturbed();
                let sum = relax(&z, self.tau, &mut log_y);
                log_relaxed(&z, sum, self.tau, &mut log_y);
            }
        }
        log_y
    }

    /// The perturbed logits `z = l + G`.
    pub fn perturbed(&self) -> Vec<L, N> {
        match &self.drawn {
            Drawn::Perturbed { z, .. } => z.clone(),
            Drawn::Race { logits, arrivals, .. } => {
                let mut z = logits.clone();
                for (z, &arrival) in z.iter_mut().zip(arrivals) {
                    *z = *z + gumbel::of_arrival(arrival);
                }
                z
            }
        }
    }

    /// The class `argmax y`, told apart before `y` is rounded, the first on ties: an exact sample of `softmax(l)` at every temperature, and that of
    /// [`gumbel_max`](crate::gumbel_max) for the same words but where rounding decides.
    #[inline]
    pub fn hard(&self) -> L::Word {
        match &self.drawn {
            Drawn::Perturbed { sum, .. } => sum.mode(),
            Drawn::Race { first, .. } => *first,
        }
    }

    /// The temperature it was drawn at.
    #[inline(always)]
    pub fn temperature(&self) -> Temperature {
        self.tau
    }

    /// Vector–Jacobian product: given `ȳ = ∂f/∂y`, returns `∂f/∂l = (1/τ) y ⊙ (ȳ − ⟨y, ȳ⟩)`, which is also `∂f/∂G`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one cotangent per class.
    pub fn vjp(&self, cotangent: &[L]) -> Result<Vec<L, N>, Error> {
        check::length("cotangent", self.y.len(), cotangent.len())?;
        if let (Some(&y), Some(&cotangent)) = (full::<N, L>(&self.y), full::<N, L>(cotangent)) {
            // Copies: the compiler then knows that what is written is not read again.
            let mut gradient = [L::ZERO; N];
            vjp(&y, &cotangent, self.tau, &mut gradient);
            return Ok(Vec::from_array(gradient));
        }
        let mut gradient = zeros(self.y.len());
        vjp(&self.y, cotangent, self.tau, &mut gradient);
        Ok(gradient)
    }

    /// `∂f/∂τ = −(1/τ²) Σ_k y_k (ȳ_k − ⟨y, ȳ⟩)(z_k − max z)`, from first to last. The shift by the maximum changes
    /// nothing in exact arithmetic and keeps the terms small.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one cotangent per class.
    pub fn vjp_temperature(&self, cotangent: &[L]) -> Result<L, Error> {
        check::length("cotangent", self.y.len(), cotangent.len())?;
        let z = self.perturbed();
        Ok(vjp_temperature(&z, reduce::max(&z), &self.y, cotangent, self.tau))
    }
}

/// Writes `y = softmax(z/τ)` for perturbed logits `z = l + G`: `y_k = e_k · (1/Σ e)`, `e_k = exp((z_k − max z) · (1/τ))`.
/// On slices; works on the shorter length.
#[inline(always)]
pub fn relax<L: Lane>(z: &[L], tau: Temperature, y: &mut [L]) -> Normalizer<L> {
    let sum = softmax::exponentials(z, tau.recip(), y);
    let recip = sum.recip();
    for y in y {
        *y = *y * recip;
    }
    sum
}

/// Writes `ln y_k = (z_k − max z) · (1/τ) − ln Σ` for what [`relax`] returned. On slices; works on the shorter length.
#[inline(always)]
pub fn log_relaxed<L: Lane>(z: &[L], sum: Normalizer<L>, tau: Temperature, log_y: &mut [L]) {
    let ln = sum.ln();
    for (log_y, &z) in log_y.iter_mut().zip(z) {
        *log_y = (z - sum.max()) * tau.recip() - ln;
    }
}

/// Writes `(y_k (ȳ_k − ⟨y, ȳ⟩)) · (1/τ)`. On slices; works on the shortest length.
#[inline(always)]
pub fn vjp<L: Lane>(y: &[L], cotangent: &[L], tau: Temperature, gradient: &mut [L]) {
    softmax::vjp(y, cotangent, tau.recip(), gradient);
}

/// `−(1/τ²) Σ_k y_k (ȳ_k − ⟨y, ȳ⟩)(z_k − max z)`, from first to last. On slices; works on the shortest length.
#[inline(always)]
pub fn vjp_temperature<L: Lane>(z: &[L], max: L, y: &[L], cotangent: &[L], tau: Temperature) -> L {
    let mean = reduce::dot(y, cotangent);
    let total = y.iter().zip(cotangent).zip(z).fold(L::ZERO, |total, ((&y, &c), &z)| {
        // A class with y = 0 may be masked, z = −∞, and has no share.
        total + L::select(y.equals(L::ZERO), L::ZERO, (y * (c - mean)) * (z - max))
    });
    -(total * tau.recip() * tau.recip())
}
