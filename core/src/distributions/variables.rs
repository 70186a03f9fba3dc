//! Interfaces of random variables, which gradient estimators use.
//!
//! | trait | adds | implemented by |
//! |---|---|---|
//! | [`Variables`] | samples and their score | all |
//! | [`Enumerable`] | a first value, a next value, their probabilities | [`Bernoullis`](crate::Bernoullis), [`Categoricals`](crate::Categoricals) |
//! | [`Embedded`] | values as points of a real space, between which a cost can be differentiable | [`Bernoullis`](crate::Bernoullis), [`Categoricals`](crate::Categoricals) |
//! | [`Modal`] | the most probable value | [`Bernoullis`](crate::Bernoullis), [`Categoricals`](crate::Categoricals), normal variables |
//! | [`PointMoments`] | mean and variance, and their derivatives | [`Bernoullis`](crate::Bernoullis), [`Categoricals`](crate::Categoricals), normal variables |
//! | [`Perturbed`](crate::perturbed::Perturbed) | samples by perturbed logits, relaxed at a temperature | [`Bernoullis`](crate::Bernoullis), [`Categoricals`](crate::Categoricals) |
//! | [`Reparameterized`] | samples that are differentiable in the parameters | [`Independent`](crate::independent::Independent) families, [`Dirichlet`](crate::Dirichlet), [`MultivariateNormal`](crate::MultivariateNormal) |

use core::fmt::Debug;

use crate::{arithmetic::lane::Lane, noise::source::Source};

pub use crate::fixed_vec::FixedVec;

/// Random variables, their samples and their score. The associated types are the types of the results, so generic code
/// names neither a capacity nor a lane.
///
/// A sample has one number per variable: a real number, a bit as 0 or 1, or a class as its index. The score and every
/// gradient have one coordinate per parameter. The parameters of discrete variables are their logits.
///
/// ```
/// use samplegrad_core::{Bernoullis, stream, variables::Variables};
///
/// let b = Bernoullis::<4>::new(&[0.0, 2.0])?;
/// let sample = b.sample(&mut stream::xorshift(2026, 0));
/// assert_eq!((sample.len(), b.score(&sample).len()), (2, 2));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Variables {
    /// The number type: `f32`, or a vector of lanes.
    type Lane: Lane;
    /// The value of one variable.
    type Value: Copy + Debug + PartialEq + 'static;
    /// A value per variable.
    type Values: FixedVec<Self::Value>;
    /// A number per parameter.
    type Numbers: FixedVec<Self::Lane>;
    /// An element of type `T` per parameter.
    type Of<T: Clone + Debug + PartialEq>: FixedVec<T>;

    /// Returns the number of variables.
    fn len(&self) -> usize;
    /// Returns false: there is at least one variable.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Returns the number of parameters of all variables.
    fn parameters(&self) -> usize;
    /// Draws all variables, in order. Each variable takes one word of the source, unless its family is documented to
    /// take more.
    fn sample<S: Source<Self::Lane> + ?Sized>(&self, source: &mut S) -> Self::Values;
    /// Returns the score `∇_φ ln p(x)`.
    fn score(&self, x: &[Self::Value]) -> Self::Numbers;
    /// Draws all variables and returns them with their score. The words and the values are those of
    /// [`Variables::sample`]. For continuous variables the score is computed from the noise
    /// ([`Family::sample_score`](crate::family::Family::sample_score)).
    ///
    /// The default implementation computes the score at the sample, which is exact for discrete variables.
    fn sample_score<S: Source<Self::Lane> + ?Sized>(&self, source: &mut S) -> (Self::Values, Self::Numbers) {
        let x = self.sample(source);
        let score = self.score(&x);
        (x, score)
    }
}

/// Discrete variables whose values can be enumerated.
///
/// ```
/// use samplegrad_core::{Bernoullis, variables::Enumerable};
///
/// let b = Bernoullis::<2>::new(&[0.0, 0.0])?;
/// let mut x = b.first();
/// let mut total = b.probability(&x);
/// while b.next(&mut x) {
///     total += b.probability(&x);
/// }
/// assert_eq!(total, 1.0);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Enumerable: Variables {
    /// Returns the first value of all variables, where enumeration starts.
    fn first(&self) -> Self::Values;
    /// Advances to the next value, the first variable changing fastest; returns false after the last value.
    fn next(&self, x: &mut [Self::Value]) -> bool;
    /// Returns `p(x)`, the product from the first variable to the last.
    fn probability(&self, x: &[Self::Value]) -> Self::Lane;
}

/// Discrete variables as points of a real space with one coordinate per logit. A bit is its own coordinate, and a class
/// is a one-hot vector.
///
/// ```
/// use samplegrad_core::{Categoricals, variables::Embedded};
///
/// let x = Categoricals::<4>::new(&[2, 2], &[0.0, 0.0, 0.0, f32::NEG_INFINITY])?;
/// assert_eq!(x.embed(&[1, 0]), [0.0, 1.0, 1.0, 0.0]);
/// assert_eq!(x.mean(), [0.5, 0.5, 1.0, 0.0]);
/// assert_eq!(x.pullback_mean(&[1.0, -1.0, 5.0, 7.0]), [0.5, -0.5, 0.0, 0.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Embedded: Variables {
    /// Returns the point of a value, with one number per logit.
    fn embed(&self, x: &[Self::Value]) -> Self::Numbers;
    /// Returns `E[embed(x)]`, the probabilities.
    fn mean(&self) -> Self::Numbers;
    /// Computes the vector–Jacobian product. Given `c`, one number per logit, it returns `∂⟨c, mean⟩/∂l`. The result is
    /// `c p (1 − p)` for a bit and `p ⊙ (c − ⟨p, c⟩)` for a categorical variable. At a masked class it is zero.
    fn pullback_mean(&self, cotangent: &[Self::Lane]) -> Self::Numbers;
}

/// Variables whose most probable value is known.
///
/// ```
/// use samplegrad_core::{Categoricals, variables::Modal};
///
/// let x = Categoricals::<5>::new(&[2, 3], &[0.0, 0.0, f32::NEG_INFINITY, 1.0, 0.5])?;
/// assert_eq!(x.mode(), [0, 1]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Modal: Variables {
    /// Returns the most probable value of each variable, the first on ties. It is never a masked class.
    fn mode(&self) -> Self::Values;
}

/// Variables as points of a real space, with known mean and variance of the points. Control variates by Taylor
/// expansion use them. A point of continuous variables has a coordinate per variable; a point of discrete variables has
/// a coordinate per logit, as in [`Embedded`].
///
/// ```
/// use samplegrad_core::{LogStdNormal, independent::Independent, variables::PointMoments};
///
/// let x = Independent::<_, 2>::new(&[LogStdNormal::new(1.0, 0.0)?])?;
/// assert_eq!(x.means(), [1.0]);
/// assert_eq!(x.pullback_moments(&[3.0], &[0.5]), [3.0, 1.0]);     // μ and σ² in μ and ln σ
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait PointMoments: Variables {
    /// Returns the point of a value.
    fn point(&self, x: &[Self::Value]) -> Self::Numbers;
    /// Returns the mean of the points.
    fn means(&self) -> Self::Numbers;
    /// Computes the vector–Jacobian product. Given `c` and `v`, each with one number per coordinate, it returns the
    /// gradient of `⟨c, mean⟩ + ⟨v, variance⟩` in the parameters. This is also the gradient of
    /// `E[Σ_k c_k d_k + v_k d_k²]`, where `d` is the distance of the point from the mean, and this mean is held
    /// constant.
    fn pullback_moments(&self, by_mean: &[Self::Lane], by_variance: &[Self::Lane]) -> Self::Numbers;
}

/// Computes [`PointMoments::pullback_moments`] for variables whose coordinates are 0 or 1. Their variance is
/// `p (1 − p)`.
pub(crate) fn pullback_of_points<V: Embedded>(
    variables: &V,
    by_mean: &[V::Lane],
    by_variance: &[V::Lane],
) -> V::Numbers {
    let p = variables.mean();
    let cotangents = by_mean.iter().zip(by_variance).zip(p.iter());
    let cotangents = cotangents.map(|((&c, &v), &p)| c + v * (V::Lane::ONE - (p + p)));
    variables.pullback_mean(&V::Numbers::collected(cotangents))
}

/// Continuous variables whose samples are a differentiable function of their parameters and of parameter-free noise.
///
/// ```
/// use samplegrad_core::{LogStdNormal, independent::Independent, stream, variables::Reparameterized};
///
/// let x = Independent::<_, 4>::new(&[LogStdNormal::new(1.0, 0.0)?, LogStdNormal::new(-1.0, 0.5)?])?;
/// let (sample, path) = x.sample_path(&mut stream::xorshift(2026, 0));
/// let gradient = x.pullback(&path, &[1.0, 2.0]);      // ∂f/∂x = (1, 2)
/// assert_eq!((sample.len(), gradient.len()), (2, 4)); // a mean and a ln σ each
/// assert_eq!((gradient[0], gradient[2]), (1.0, 2.0));
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
pub trait Reparameterized: Variables<Value = <Self as Variables>::Lane> {
    /// Data for the derivative of a sample.
    type Path;

    /// Draws all variables, in order, with the data for their derivatives. The words and the values are those of
    /// [`Variables::sample`].
    fn sample_path<S: Source<Self::Lane> + ?Sized>(&self, source: &mut S) -> (Self::Values, Self::Path);
    /// Computes the vector–Jacobian product. Given `x̄ = ∂f/∂x`, one number per variable, it returns `∂f/∂φ`.
    fn pullback(&self, path: &Self::Path, cotangent: &[Self::Lane]) -> Self::Numbers;
}
