//! The logistic distribution with location `μ` and scale `s`. The difference of two independent Gumbel numbers has a
//! logistic distribution. Relaxations of bits add logistic noise to a logit.
//!
//! Source: N. Balakrishnan, *Handbook of the logistic distribution*, Marcel Dekker, 1991. The KL divergence between
//! logistic distributions of different scales has no closed form.

use crate::{
    arithmetic::{elementary::sigmoid, lane::Lane, powers::one_minus_exp},
    distributions::location_scale::{LocationScale, Standard, StandardMoments},
    noise::{logistic, uniform::Uniform},
};

/// The distribution of the logit of a uniform number. It has mean 0 and variance `π²/3`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardLogistic;

/// A logistic distribution.
///
/// ```
/// use samplegrad_core::logistic::Logistic;
///
/// let p = Logistic::new(1.0, 2.0)?;
/// assert_eq!((p.cdf(1.0), p.derivative(1.0), p.mean()), (0.5, 0.0, 1.0));
/// assert!((p.entropy() - 2.693_147).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type Logistic<L = f32> = LocationScale<StandardLogistic, L>;

impl Standard for StandardLogistic {
    const ENTROPY: f32 = 2.0;

    #[inline]
    fn quantile<L: Lane>(u: Uniform<L>) -> L {
        logistic::quantile(u)
    }
    #[inline]
    fn log_density<L: Lane>(z: L) -> L {
        let distance = z.abs();
        -distance - (-distance).exp().ln_1p() * 2.0
    }
    /// Returns `−tanh(z/2)`.
    #[inline]
    fn slope<L: Lane>(z: L) -> L {
        let e = one_minus_exp(z.abs());
        let magnitude = e / (-e + 2.0);
        L::select(z.lt(L::ZERO), magnitude, -magnitude)
    }
    #[inline]
    fn cdf<L: Lane>(z: L) -> L {
        sigmoid(z)
    }
}

impl StandardMoments for StandardLogistic {
    const MEAN: f32 = 0.0;
    const VARIANCE: f32 = 3.289_868_1;
}
