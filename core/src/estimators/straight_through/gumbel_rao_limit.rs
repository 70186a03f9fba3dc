//! The limit of Gumbel-Rao for bits: the gradient of straight-through Gumbel-softmax, with all noise given the sample
//! integrated out. The estimator draws no noise beyond the noise of the sample, so its variance comes from the sample
//! only.
//!
//! ```text
//! g = c A_b,   A_1 = E[σ'(z/τ)/τ | z > 0],   A_0 the same at −l,   z = l + logit u,   c = f'(b)
//! ```
//!
//! At `τ = 1`, with `a = e^l`, there is a closed form, whose terms cancel near `l = 0`:
//!
//! ```text
//! A_1 = (1 + a)/(1 − a)² · ((1 + a)/(1 − a) · ln(2/(1 + a)) − (1 + 3 a)/(2 (1 + a))),   1/6 at l = 0
//! ```
//!
//! Other rational `τ` have closed forms of growing length, and irrational `τ` have none. A fixed quadrature rule of 40
//! nodes is therefore used at every `τ`. At every `τ`, its relative error is below 2e-6 for `|l| ≤ 40` and below 1e-4
//! for larger `|l|`. The rounding of `f32` adds a relative error of a few times 10^−6.
//!
//! | | |
//! |---|---|
//! | needs from `f` | value and gradient at one sample |
//! | bias | the bias of [`StraightThroughGumbel`](crate::straight_through_gumbel::StraightThroughGumbel) |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit, `τ` = 0.5: 4.605395e-2 at logit 0 (mean 2.146018e-2, exact 0.025), 1.261921e-2 at logit 2 (mean 6.009456e-2, exact 1.049936e-2) |
//! | | `τ` = 1: 2.777778e-2 at logit 0 (mean 1.666667e-2), 8.424892e-3 at logit 2 (mean 7.967429e-2) |
//! | cost | one call of `f`; a word of noise and 80 exponentials per bit |
//! | use it | for bits, if `f` costs as much as the exponentials: it has the least possible variance among estimators with the mean of ST-Gumbel |
//! | avoid it | for classes: with three and more there is no closed form and no one-dimensional integral, use [`GumbelRao`](crate::gumbel_rao::GumbelRao) |
//!
//! A variable of two classes is equivalent to a bit whose logit is the difference of the two logits.
//!
//! Sources: M. B. Paulus, C. J. Maddison and A. Krause, *Rao-Blackwellizing the straight-through Gumbel-softmax
//! gradient estimator*, ICLR 2021 (the limit replaces the Monte Carlo mean of the paper); C. F. Gauss and A.-M.
//! Legendre (the quadrature rule of 20 nodes).

use heapless::Vec;

use crate::{
    arithmetic::lane::Lane,
    distributions::{bernoulli::Bernoulli, bernoullis::Bernoullis, variables::Variables},
    estimators::{
        cost::{self, DifferentiableCost},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::collected,
    noise::source::Source,
    settings::temperature::Temperature,
};

/// The limit of the Gumbel-Rao estimator for bits.
///
/// ```
/// use samplegrad_core::{Bernoullis, Temperature, cost::FnWithGradient, stream};
/// use samplegrad_core::{estimator::Estimator, gumbel_rao_limit::GumbelRaoLimit};
///
/// let mut twice = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.fill(2.0);
///     2.0 * y[0]
/// });
/// let b = Bernoullis::<4>::new(&[0.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = GumbelRaoLimit { tau: Temperature::ONE }.estimate(&b, &mut twice, rng).unwrap();
/// assert!((estimate.gradient[0] - 2.0 / 6.0).abs() < 1e-6);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GumbelRaoLimit {
    /// The temperature `τ` of the gradient.
    pub tau: Temperature,
}

/// The positive nodes of the rule on (−1, 1), and their weights.
const NODES: [(f32, f32); 10] = [
    (0.076_526_52, 0.152_753_39),
    (0.227_785_85, 0.149_172_99),
    (0.373_706_1, 0.142_096_1),
    (0.510_867, 0.131_688_64),
    (0.636_053_7, 0.118_194_532),
    (0.746_331_91, 0.101_930_12),
    (0.839_117, 0.083_276_74),
    (0.912_234_4, 0.062_672_05),
    (0.963_971_9, 0.040_601_43),
    (0.993_128_6, 0.017_614_007),
];
/// The number of widths of the narrower factor beyond which the integrand is below 10^−7 of its maximum.
const TAIL: f32 = 17.0;

/// Computes `E[σ'(z/τ)/τ | b]`: the mean slope `∂y/∂l` of the relaxed sample, given the bit `b`.
///
/// The integrand is the product of two factors: `σ'(z/τ)`, centred at 0, and the density of `z`, centred at `l`. One of
/// the factors is narrower than the other. The rule is applied to two intervals: the part between the two centres where
/// the integrand is not negligible, and the tail beyond a centre. The intervals are summed in this order. In each
/// interval, the sum runs from the inner nodes outwards, with the left node before the right node.
///
/// ```
/// use samplegrad_core::{Temperature, gumbel_rao_limit::mean_slope};
///
/// assert!((mean_slope(true, 0.0_f32, Temperature::ONE) - 1.0 / 6.0).abs() < 1e-7);
/// ```
pub fn mean_slope<L: Lane>(b: L::Mask, logit: L, tau: Temperature) -> L {
    // The slope for the bit 0 equals the slope for the bit 1 at the opposite logit.
    let l = L::select(b, logit, -logit);
    let (wide_slope, unit) = if tau.get() < 1.0 { (false, tau.get()) } else { (true, 1.0) };
    // Between the centres, the integrand falls exponentially, at this rate per width of the narrower factor.
    let rate = 1.0 - if wide_slope { tau.recip() } else { unit };
    let reach = if TAIL < 120.0 * rate { TAIL / rate } else { 120.0 };
    let centre = l.max(L::ZERO);
    let between = (centre / unit).min(L::splat(reach)) * unit;
    let tail = L::splat(TAIL * unit);
    // Positions relative to the centre of the narrower factor: the centre of the density if the slope is wider, 0
    // otherwise.
    let parts = if wide_slope { [(-between, between), (L::ZERO, tail)] } else { [(L::ZERO, between), (between, tail)] };

    // The density of z given z > 0 is n (1 + e)/(1 + d n)² with n = e^{−|z − centre|}, e = e^{−|l|}.
    let e = (-l.abs()).exp();
    let d = L::select(l.lt(L::ZERO), e, L::ONE);
    let integrand = |s: L| {
        let (z, distance) = if wide_slope { (centre + s, s) } else { (s, s - centre) };
        let n = (-distance.abs()).exp();
        let m = (-(z.abs() * tau.recip())).exp();
        let (density, slope) = (d * n + 1.0, m + 1.0);
        (n / (density * density)) * (m / (slope * slope))
    };
    let mut total = L::ZERO;
    for (start, length) in parts {
        let half = length * 0.5;
        let middle = start + half;
        let mut part = L::ZERO;
        for (x, w) in NODES {
            let step = half * x;
            part = part + (integrand(middle - step) + integrand(middle + step)) * w;
        }
        total = total + part * half;
    }
    (total * (e + 1.0)) * tau.recip()
}

impl<const N: usize, L, F> Estimator<Bernoullis<N, L>, F> for GumbelRaoLimit
where
    L: Lane,
    F: DifferentiableCost<L> + ?Sized,
{
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Bernoullis<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Estimated<Bernoullis<N, L>> {
        let x = variables.sample(source);
        let (mean, slope): (L, Vec<L, N>) = cost::at_point(cost, &x, &x)?;
        let coordinate = |((b, &x), &c): ((&Bernoulli<L>, &L), &L)| c * mean_slope(L::ZERO.lt(x), b.logit(), self.tau);
        Ok(Estimate { mean, gradient: collected(variables.as_slice().iter().zip(&x).zip(&slope).map(coordinate)) })
    }
}
