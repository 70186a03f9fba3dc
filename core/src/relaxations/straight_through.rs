//! Straight-through Gumbel-softmax for one sample. The forward pass returns the hard sample, and the backward pass uses
//! the gradient of the relaxed sample. The cotangent is computed at the hard sample, and is passed back as if it had
//! been computed at the relaxed sample.
//!
//! ```text
//! forward D = one-hot(argmax (l + G)),   backward (1/τ) y ⊙ (c − ⟨y, c⟩),   y = softmax((l + G)/τ),   c = ∇f(D)
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | yes |
//! | variance on the toy problem | `τ` = 0.5: 7.793369e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 3.569666e-2 at logit 2 (mean 6.009456e-2, exact 1.049936e-2) |
//! | cost | the cost of [`gumbel_softmax`](crate::gumbel_softmax) |
//! | use it | as a sample whose cotangent is computed elsewhere |
//! | avoid it | with a cost of this crate: [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) is the corresponding estimator, for bits too, and related estimators have less variance or bias |
//!
//! Sources: Y. Bengio, N. Léonard and A. Courville, *Estimating or propagating gradients through stochastic neurons for
//! conditional computation*, 2013; E. Jang, S. Gu and B. Poole, ICLR 2017, section 2.2.

use heapless::Vec;

use crate::{
    arithmetic::{lane::Lane, softmax::one_hot},
    error::Error,
    fixed_vec::zeros,
    noise::source::Source,
    relaxations::gumbel_softmax::GumbelSoftmax,
    settings::{logits::Logits, temperature::Temperature},
};

/// A hard sample with the gradient of the relaxed sample.
///
/// # Example
/// ```
/// use samplegrad_core::{Logits, StraightThrough, Temperature, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, -1.0])?;
/// let sample = StraightThrough::sample(&logits, Temperature::ONE, &mut stream::xorshift(2026, 0));
/// assert_eq!(sample.one_hot().iter().sum::<f32>(), 1.0);
/// let gradient = sample.vjp(&[1.0, 0.0, 2.0])?;
/// assert_eq!(gradient.len(), 3);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StraightThrough<const N: usize, L: Lane = f32> {
    soft: GumbelSoftmax<N, L>,
}

impl<const N: usize, L: Lane> StraightThrough<N, L> {
    /// Draws a sample from one word of the source per class, in class order.
    pub fn sample<S: Source<L> + ?Sized>(logits: &Logits<N, L>, tau: Temperature, source: &mut S) -> Self {
        Self { soft: GumbelSoftmax::sample(logits, tau, source) }
    }

    /// Creates a hard sample from a relaxed sample.
    pub fn new(soft: GumbelSoftmax<N, L>) -> Self {
        Self { soft }
    }

    /// Returns the class, an exact sample of `softmax(l)`.
    #[inline]
    pub fn class(&self) -> L::Word {
        self.soft.hard()
    }

    /// Returns the forward value, the one-hot vector of the class.
    pub fn one_hot(&self) -> Vec<L, N> {
        let mut hot: Vec<L, N> = zeros(self.soft.values().len());
        one_hot(self.class(), &mut hot);
        hot
    }

    /// Returns the relaxed sample.
    pub fn soft(&self) -> &GumbelSoftmax<N, L> {
        &self.soft
    }

    /// Computes the backward pass: [`GumbelSoftmax::vjp`] of the cotangent of the hard value.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one cotangent per class.
    pub fn vjp(&self, cotangent: &[L]) -> Result<Vec<L, N>, Error> {
        self.soft.vjp(cotangent)
    }
}
