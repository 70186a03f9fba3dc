//! The Bernoulli distribution, given by its logit.

use crate::{
    arithmetic::{
        elementary::{sigmoid, softplus},
        lane::{Lane, Mask},
    },
    error::Error,
    noise::{source::Source, uniform::Uniform},
};

/// A Bernoulli variable with `P(b = 1) = p = 1/(1 + e^{−l})`.
///
/// # Example
/// ```
/// use samplegrad_core::{Bernoulli, stream};
///
/// let b = Bernoulli::new(0.0)?;
/// assert_eq!((b.probability(), b.score(true)), (0.5, 0.5));
/// let drawn: bool = b.sample(&mut stream::xorshift(2026, 0));
/// # let _ = drawn;
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bernoulli<L: Lane = f32> {
    logit: L,
    p: L,
    q: L,
}

impl<L: Lane> Bernoulli<L> {
    /// Creates a variable from a finite logit.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a logit that is NaN or infinite in a lane.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    pub fn new(logit: L) -> Result<Self, Error> {
        check_logit(logit)?;
        Ok(Self::trusted(logit))
    }

    /// Creates a variable from a logit that is known to be finite.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub(crate) fn trusted(logit: L) -> Self {
        Self { logit, p: sigmoid(logit), q: sigmoid(-logit) }
    }

    /// Returns the logit `l`.
    #[inline]
    pub fn logit(self) -> L {
        self.logit
    }

    /// Returns `p = P(b = 1)`.
    #[inline]
    pub fn probability(self) -> L {
        self.p
    }

    /// Returns `1 − p`, without cancellation.
    #[inline]
    pub fn complement(self) -> L {
        self.q
    }

    /// Draws a value from one word of the source, as [`Bernoulli::at`].
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn sample<S: Source<L> + ?Sized>(self, source: &mut S) -> L::Mask {
        self.at(Uniform::sample(source))
    }

    /// Returns the value `b = [u < p]` for a uniform number `u`. An upper `u` is compared as `1 − u > 1 − p`, to full
    /// precision.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn at(self, u: Uniform<L>) -> L::Mask {
        let below = u.is_upper().not().and(u.tail().lt(self.p));
        below.or(u.is_upper().and(self.q.lt(u.tail())))
    }

    /// Returns `ln P(b)`: `−softplus(−l)` for 1, `−softplus(l)` for 0.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn log_prob(self, b: L::Mask) -> L {
        -softplus(L::select(b, -self.logit, self.logit))
    }

    /// Returns the score `∂ ln P(b)/∂l = b − p`.
    #[inline]
    pub fn score(self, b: L::Mask) -> L {
        L::select(b, self.q, -self.p)
    }

    /// Returns the entropy in nats: `p softplus(−l) + (1 − p) softplus(l)`.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn entropy(self) -> L {
        self.p * softplus(-self.logit) + self.q * softplus(self.logit)
    }

    /// Returns the derivative of the entropy in the logit: `−l p (1 − p)`.
    #[inline]
    pub fn entropy_derivative(self) -> L {
        -(self.logit * (self.p * self.q))
    }

    /// Returns `KL(self ‖ other)` in nats.
    #[cfg_attr(target_arch = "x86_64", inline(always))]
    #[cfg_attr(not(target_arch = "x86_64"), inline)]
    pub fn kl(self, other: Self) -> L {
        let one = softplus(-other.logit) - softplus(-self.logit);
        let zero = softplus(other.logit) - softplus(self.logit);
        self.p * one + self.q * zero
    }

    /// Returns the derivatives of `KL(self ‖ other)`: `p (1 − p)(l − m)` in the logit of `self`, and `q − p` in the
    /// logit of `other`.
    #[inline]
    pub fn kl_derivatives(self, other: Self) -> (L, L) {
        // Compute q − p from the probabilities or from the complements, so that neither number is near 1.
        let by_other = L::select(L::ZERO.lt(self.logit), self.q - other.q, other.p - self.p);
        ((self.p * self.q) * (self.logit - other.logit), by_other)
    }
}

/// Checks that a logit is finite.
#[cfg_attr(target_arch = "x86_64", inline(always))]
pub(crate) fn check_logit<L: Lane>(logit: L) -> Result<(), Error> {
    let finite = logit.abs().lt(L::splat(f32::INFINITY));
    if finite.all() {
        return Ok(());
    }
    let value = logit.extract((0..L::LANES).find(|&lane| !finite.extract(lane)).unwrap_or(0));
    Err(Error::OutOfRange { what: "logit", value, requirement: "finite" })
}
