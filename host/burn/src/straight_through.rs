use burn::Tensor;
use samplegrad_host::{Error, Streams};

use crate::{
    node::{self, Input},
    replay::{self, Answers, OfBits, OfClasses},
    variables::Variables,
};

/// Draws samples. In the backward pass, an estimator of the core's straight-through family computes the gradient from
/// the cotangent at the sample. The family has the estimators [`PlainStraightThrough`], [`StraightThroughGumbel`],
/// [`DecoupledStraightThrough`], [`GumbelRao`], [`GappedStraightThrough`], [`ReinMax`].
///
/// The input is `logits` `[rows × columns]`; the output is bits or one-hot vectors of the same shape. Variable `v` in
/// row-major order is drawn from stream `v mod n`. Sample, noise and gradient have the bits of the core's estimator for
/// that variable alone. The gradient is computed in the backward pass, from a copy of the streams. A cotangent that is
/// not finite gives a gradient that is not finite.
///
/// [`PlainStraightThrough`]: samplegrad_core::plain_straight_through::PlainStraightThrough
/// [`StraightThroughGumbel`]: samplegrad_core::straight_through_gumbel::StraightThroughGumbel
/// [`DecoupledStraightThrough`]: samplegrad_core::decoupled_straight_through::DecoupledStraightThrough
/// [`GumbelRao`]: samplegrad_core::gumbel_rao::GumbelRao
/// [`GappedStraightThrough`]: samplegrad_core::gapped_straight_through::GappedStraightThrough
/// [`ReinMax`]: samplegrad_core::reinmax::ReinMax
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::{Variables, straight_through};
/// use samplegrad_core::{Temperature, reinmax::ReinMax};
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<2>::from_data([[0.0, 1.0, -1.0, 0.5]], &Device::flex().autodiff()).require_grad();
/// let reinmax = ReinMax { tau: Temperature::ONE };
/// let x = straight_through(&logits, Variables::Classes(2), &reinmax, &mut Streams::new(7, 2)?)?;
/// assert_eq!(x.clone().sum().into_scalar::<f32>(), 2.0);           // one of each
/// let gradient = logits.grad(&(x.clone() * x).sum().backward()).expect("it requires one");
/// assert_eq!(gradient.dims(), [1, 4]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for logits that are not `f32`; the errors of [`Variables::count`]; [`Error::Row`] with the
/// number of the variable whose logits are refused; [`Error::TooLarge`] for more classes than
/// [`MOST_CLASSES`](super::MOST_CLASSES). Streams are then unchanged.
pub fn straight_through(
    logits: &Tensor<2>,
    variables: Variables,
    estimator: &(impl OfBits + OfClasses),
    streams: &mut Streams,
) -> Result<Tensor<2>, Error> {
    let input = Input::new("logits", logits)?;
    variables.count(logits.dims()[1])?;
    let before = streams.clone();
    let values = replay::run(variables, &input.values, estimator, Answers::default(), streams)?.points.swap_remove(0);
    let (estimator, l) = (estimator.clone(), input.values.clone());
    Ok(node::output([input], values, logits.dims(), move |cotangent: &[f32]| {
        let answers = Answers { slopes: vec![cotangent.to_vec()], ..Answers::default() };
        let replay = replay::run(variables, &l, &estimator, answers, &mut before.clone());
        [replay::gradient(replay, l.len())]
    }))
}

/// Computes [`straight_through`] for bits alone, in any shape. It also accepts
/// [`GumbelRaoLimit`](samplegrad_core::gumbel_rao_limit::GumbelRaoLimit).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::straight_through_bits;
/// use samplegrad_core::{Temperature, gumbel_rao_limit::GumbelRaoLimit};
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<1>::from_data([0.0, 1.0], &Device::flex().autodiff()).require_grad();
/// let estimator = GumbelRaoLimit { tau: Temperature::ONE };
/// let b = straight_through_bits(&logits, &estimator, &mut Streams::new(7, 2)?)?;
/// assert!(logits.grad(&b.sum().backward()).is_some());
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// As [`straight_through`].
pub fn straight_through_bits<const D: usize>(
    logits: &Tensor<D>,
    estimator: &impl OfBits,
    streams: &mut Streams,
) -> Result<Tensor<D>, Error> {
    let input = Input::new("logits", logits)?;
    let before = streams.clone();
    let values = replay::bits(&input.values, estimator, Answers::default(), streams)?.points.swap_remove(0);
    let (estimator, l) = (estimator.clone(), input.values.clone());
    Ok(node::output([input], values, logits.dims(), move |cotangent: &[f32]| {
        let answers = Answers { slopes: vec![cotangent.to_vec()], ..Answers::default() };
        [replay::gradient(replay::bits(&l, &estimator, answers, &mut before.clone()), l.len())]
    }))
}
