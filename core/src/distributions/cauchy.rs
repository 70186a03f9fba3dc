//! The Cauchy distribution with location `μ` and scale `γ`. The distribution has neither a mean nor a variance. The
//! pathwise derivative `∂x/∂γ` is a standard Cauchy number, so it has no mean and no variance. The pathwise estimator
//! in `γ` of a cost `f` has a variance only if `∫ f'(x)² dx` is finite. This is the case if the slope `f'` is bounded
//! and falls as fast as `1/|x|`.
//!
//! Sources: N. L. Johnson, S. Kotz and N. Balakrishnan, *Continuous univariate distributions 1*, Wiley, 1994, chapter
//! 16; divergence: F. Chyzak and F. Nielsen, *A closed-form formula for the Kullback–Leibler divergence between Cauchy
//! distributions*, 2019. The arctangent is a polynomial fitted at Chebyshev's points, accurate to 2e−8.

use crate::{
    arithmetic::lane::Lane,
    distributions::location_scale::{LocationScale, Standard},
    noise::{cauchy, uniform::Uniform},
};

/// The constant `ln π`.
const LN_PI: f32 = 1.144_729_9;

/// Coefficients of `atan(w)/(π w)` in powers of `w²`, the highest first, for `0 ≤ w ≤ 1`.
const ARCTANGENT: [f32; 9] = [
    0.000_880_535_4,
    -0.005_007_412,
    0.013_412_822,
    -0.023_735_906,
    0.033_799_324,
    -0.045_192_994,
    0.063_636_105,
    -0.106_102_35,
    core::f32::consts::FRAC_1_PI,
];

/// The distribution of the tangent of a uniform angle. It has neither a mean nor a variance.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StandardCauchy;

/// A Cauchy distribution.
///
/// ```
/// use samplegrad_core::cauchy::Cauchy;
///
/// let p = Cauchy::new(1.0, 2.0)?;
/// assert!((p.cdf(3.0) - 0.75).abs() < 1e-7);
/// assert_eq!((p.derivative(3.0), p.kl(p)), (-0.5, 0.0));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub type Cauchy<L = f32> = LocationScale<StandardCauchy, L>;

impl<L: Lane> Cauchy<L> {
    /// Returns `KL(self ‖ other) = ln(((1 + r)² + d²)/(4r))` with `r = γ₁/γ₂` and `d = (μ₁ − μ₂)/γ₂`. It is symmetric.
    #[inline]
    pub fn kl(self, other: Self) -> L {
        let (shift, ratio) = self.relative_to(other);
        // (1 + r)² = 4r + (1 − r)².
        let gap = ratio - 1.0;
        ((gap * gap + shift * shift) / (ratio * 4.0)).ln_1p()
    }
}

impl Standard for StandardCauchy {
    /// Entropy `ln 4π`.
    const ENTROPY: f32 = LN_PI + 2.0 * core::f32::consts::LN_2;

    #[inline]
    fn quantile<L: Lane>(u: Uniform<L>) -> L {
        cauchy::quantile(u)
    }
    /// Returns `−ln π − 2 ln max(|z|, 1) − ln(1 + w²)`, where `w` is the smaller of `|z|` and `1/|z|`.
    #[inline]
    fn log_density<L: Lane>(z: L) -> L {
        let distance = z.abs();
        let w = distance.min(distance.recip());
        -(distance.max(L::ONE).ln() * 2.0) - (w * w).ln_1p() - LN_PI
    }
    /// Returns `−2z/(1 + z²)`, as `−2/(z + 1/z)`.
    #[inline]
    fn slope<L: Lane>(z: L) -> L {
        L::splat(-2.0) / (z + z.recip())
    }
    /// Returns `P(Z ≤ z)`, to full relative precision in the lower tail.
    #[inline]
    fn cdf<L: Lane>(z: L) -> L {
        let distance = z.abs();
        let far = L::ONE.lt(distance);
        let w = L::select(far, distance.recip(), distance);
        let square = w * w;
        let angle = ARCTANGENT.iter().fold(L::ZERO, |sum, &c| sum * square + c) * w;
        let tail = L::select(far, angle, -angle + 0.5);
        L::select(z.lt(L::ZERO), tail, -tail + 1.0)
    }
}
