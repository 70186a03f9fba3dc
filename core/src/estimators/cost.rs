//! The cost function to minimise, and the error for a value that is not finite.

use crate::{
    arithmetic::{
        lane::{Lane, Mask},
        softmax::one_hot,
    },
    fixed_vec::{FixedVec, zeros},
};

/// A cost function with a value at each sample. Estimators that use only values need no more. Any function implements
/// this trait.
///
/// ```
/// use samplegrad_core::cost::Cost;
///
/// let mut ones = |b: &[f32]| b.iter().sum::<f32>();
/// assert_eq!(ones.value(&[1.0, 0.0, 1.0][..]), 2.0);
/// ```
pub trait Cost<X: ?Sized, L: Lane = f32> {
    /// Returns `f(x)`.
    fn value(&mut self, x: &X) -> L;
}

impl<X: ?Sized, L: Lane, F: FnMut(&X) -> L> Cost<X, L> for F {
    #[inline]
    fn value(&mut self, x: &X) -> L {
        self(x)
    }
}

/// A cost function that is differentiable at real vectors. A real vector is a sample of continuous variables, or a
/// relaxed sample of discrete variables: a point between the values of the variables.
///
/// ```
/// use samplegrad_core::cost::DifferentiableCost;
///
/// /// The square of the distance from a point.
/// struct Distance([f32; 2]);
///
/// impl DifferentiableCost for Distance {
///     fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
///         let differences = y.iter().zip(&self.0).map(|(y, x)| y - x);
///         differences.zip(gradient).map(|(d, g)| { *g = 2.0 * d; d * d }).sum()
///     }
/// }
/// assert_eq!(Distance([0.0, 1.0]).value_and_gradient(&[0.5, 1.0], &mut [0.0; 2]), 0.25);
/// ```
pub trait DifferentiableCost<L: Lane = f32> {
    /// Returns `f(y)` and writes `∂f/∂y`. For continuous variables and bits, `y` has one number per variable; for
    /// classes, one number per class of every variable.
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L;
}

/// A differentiable cost function with a known curvature.
///
/// ```
/// use samplegrad_core::cost::{FnWithHessianDiagonal, TwiceDifferentiableCost};
///
/// let mut square = FnWithHessianDiagonal::<1, _>(|y: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
///     (slope[0], curvature[0]) = (2.0 * y[0], 2.0);
///     y[0] * y[0]
/// });
/// let (mut slope, mut curvature) = ([0.0], [0.0]);
/// assert_eq!(square.expand(&[3.0], &mut slope, &mut curvature), 9.0);
/// assert_eq!((slope, curvature), ([6.0], [2.0]));
/// ```
pub trait TwiceDifferentiableCost<L: Lane = f32>: DifferentiableCost<L> {
    /// Returns `f(y)` and writes `∂f/∂y_k` and `∂²f/∂y_k²`, one number each per coordinate.
    fn expand(&mut self, y: &[L], slope: &mut [L], curvature: &mut [L]) -> L;
}

/// A cost function made from a closure that returns `f(y)` and writes `∂f/∂y_k` and `∂²f/∂y_k²`. The variables are at
/// most `N` real numbers or bits, relaxed or not.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FnWithHessianDiagonal<const N: usize, F>(pub F);

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L], &mut [L]) -> L> Cost<[L], L> for FnWithHessianDiagonal<N, F> {
    fn value(&mut self, x: &[L]) -> L {
        self.0(x, &mut zeros::<N, L>(x.len()), &mut zeros::<N, L>(x.len()))
    }
}

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L], &mut [L]) -> L> DifferentiableCost<L>
    for FnWithHessianDiagonal<N, F>
{
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        self.0(y, gradient, &mut zeros::<N, L>(y.len()))
    }
}

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L], &mut [L]) -> L> TwiceDifferentiableCost<L>
    for FnWithHessianDiagonal<N, F>
{
    fn expand(&mut self, y: &[L], slope: &mut [L], curvature: &mut [L]) -> L {
        self.0(y, slope, curvature)
    }
}

/// A cost function made from a closure that returns `f(y)` and writes `∂f/∂y`. The variables are at most `N` bits,
/// relaxed or not.
///
/// ```
/// use samplegrad_core::cost::{Cost, FnWithGradient};
///
/// let mut f = FnWithGradient::<4, _>(|y: &[f32], gradient: &mut [f32]| {
///     gradient.fill(1.0);
///     y.iter().sum()
/// });
/// assert_eq!(f.value(&[1.0, 1.0][..]), 2.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FnWithGradient<const N: usize, F>(pub F);

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L]) -> L> Cost<[L], L> for FnWithGradient<N, F> {
    fn value(&mut self, x: &[L]) -> L {
        self.0(x, &mut zeros::<N, L>(x.len()))
    }
}

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L]) -> L> DifferentiableCost<L> for FnWithGradient<N, F> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        self.0(y, gradient)
    }
}

/// A cost function made from a closure, for categorical variables with `N` classes in all. The closure receives the
/// concatenated one-hot vectors of all variables, or points between one-hot vectors.
///
/// ```
/// use samplegrad_core::{Categoricals, Rebar, Temperature, cost::OneHot, estimator::Estimator, stream};
///
/// let sizes = [2, 3];
/// let x = Categoricals::<5>::new(&sizes, &[0.0, 0.0, 1.0, 0.0, -1.0])?;
/// let mut f = OneHot::<5, _>::new(&sizes, |y: &[f32], gradient: &mut [f32]| {
///     (gradient[0], gradient[4]) = (y[4], y[0]);
///     y[0] * y[4]                 // 1 for the first class of one variable and the last class of the other
/// });
/// let mut rebar = Rebar::new(Temperature::new(0.5)?, 1.0)?;
/// let estimate = rebar.estimate(&x, &mut f, &mut stream::xorshift(2026, 0)).unwrap();
/// assert!(estimate.mean == 0.0 || estimate.mean == 1.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OneHot<'a, const N: usize, F> {
    sizes: &'a [usize],
    f: F,
}

impl<'a, const N: usize, F> OneHot<'a, N, F> {
    /// Creates the cost function from the number of classes of each variable.
    pub const fn new(sizes: &'a [usize], f: F) -> Self {
        Self { sizes, f }
    }
}

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L]) -> L> Cost<[L::Word], L> for OneHot<'_, N, F> {
    fn value(&mut self, x: &[L::Word]) -> L {
        let classes = self.sizes.iter().fold(0, |sum: usize, &size| sum.saturating_add(size));
        let (mut point, mut slope) = (zeros::<N, L>(classes), zeros::<N, L>(classes));
        let mut rest = point.as_mut_slice();
        for (&size, &class) in self.sizes.iter().zip(x) {
            let Some((own, others)) = rest.split_at_mut_checked(size) else { break };
            one_hot(class, own);
            rest = others;
        }
        (self.f)(&point, &mut slope)
    }
}

impl<const N: usize, L: Lane, F: FnMut(&[L], &mut [L]) -> L> DifferentiableCost<L> for OneHot<'_, N, F> {
    fn value_and_gradient(&mut self, y: &[L], gradient: &mut [L]) -> L {
        (self.f)(y, gradient)
    }
}

/// The error for a cost function that returns NaN or an infinity. No gradient is computed from such a value.
///
/// ```
/// use samplegrad_core::{Bernoullis, cost::CostError, enumeration};
///
/// let b = Bernoullis::<2>::new(&[0.0, 1.0])?;
/// let error = enumeration::gradient(&b, &mut |b: &[f32]| if b[1] > 0.0 { f32::NAN } else { 1.0 }).unwrap_err();
/// assert_eq!(error.sample, [0.0, 1.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CostError<X> {
    /// The sample, in all lanes. If the cost was evaluated at a relaxed sample, this is the hard sample that belongs to
    /// the relaxed sample.
    pub sample: X,
    /// The first lane with a value that is not finite.
    pub lane: usize,
    /// The value in the lane `lane`.
    pub value: f32,
}

impl<X> core::fmt::Display for CostError<X> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "cost: {} at a sample (lane {}), it must be finite", self.value, self.lane)
    }
}

impl<X: core::fmt::Debug> core::error::Error for CostError<X> {}

/// Returns the value of a cost function at a sample, if it is finite in every lane.
#[inline]
pub(crate) fn finite<X, T, L: Lane>(cost: &mut (impl Cost<[T], L> + ?Sized), sample: &X) -> Result<L, CostError<X>>
where
    X: FixedVec<T>,
{
    let value = cost.value(sample);
    check(value, sample)?;
    Ok(value)
}

/// Returns the value of a cost function at a point and writes its gradient to `slope`, if all numbers are finite in
/// every lane. Otherwise returns an error with the sample that belongs to the point.
pub(crate) fn differentiable<X: Clone, L: Lane>(
    cost: &mut (impl DifferentiableCost<L> + ?Sized),
    sample: &X,
    point: &[L],
    slope: &mut [L],
) -> Result<L, CostError<X>> {
    let value = cost.value_and_gradient(point, slope);
    check(value, sample)?;
    for &g in &*slope {
        check(g, sample)?;
    }
    Ok(value)
}

/// Returns the value and the gradient of a cost function at a point, with the checks of [`differentiable`].
pub(crate) fn at_point<X: Clone, L: Lane, G: FixedVec<L>>(
    cost: &mut (impl DifferentiableCost<L> + ?Sized),
    sample: &X,
    point: &[L],
) -> Result<(L, G), CostError<X>> {
    let mut slope = G::zeros(point.len());
    let value = differentiable(cost, sample, point, &mut slope)?;
    Ok((value, slope))
}

/// Returns an error if the value or a slope is not finite in every lane.
#[inline]
pub(crate) fn check<X: Clone, L: Lane>(value: L, sample: &X) -> Result<(), CostError<X>> {
    let finite = value.abs().lt(L::splat(f32::INFINITY));
    if finite.all() {
        return Ok(());
    }
    let lane = (0..L::LANES).find(|&lane| !finite.extract(lane)).unwrap_or(0);
    Err(CostError { sample: sample.clone(), lane, value: value.extract(lane) })
}
