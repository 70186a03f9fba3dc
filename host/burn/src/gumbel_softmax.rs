use burn::Tensor;
use samplegrad_core::Temperature;
use samplegrad_host::{
    Error, Streams,
    batch::{self, Logits},
};

use super::node::{self, Input};

/// Draws relaxed samples `y = softmax((l + G)/τ)` over the last dimension. With `hard`, draws one-hot vectors of
/// `argmax (l + G)` instead. In both cases the gradient with respect to the logits is the gradient of `y`: `(1/τ) y ⊙
/// (ȳ − ⟨y, ȳ⟩)`.
///
/// `logits` have any shape; the last dimension is the classes, and `−∞` masks a class. Row `b` in row-major order is
/// drawn from stream `b mod n`, as in [`batch::gumbel_softmax`] and [`batch::straight_through`], and has the same bits.
///
/// Source: E. Jang, S. Gu and B. Poole, *Categorical reparameterization with Gumbel-softmax*, ICLR 2017.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::gumbel_softmax;
/// use samplegrad_core::Temperature;
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<2>::from_data([[0.0, 1.0, -1.0]], &Device::flex().autodiff()).require_grad();
/// let y = gumbel_softmax(&logits, Temperature::ONE, true, &mut Streams::new(7, 1)?)?;
/// assert_eq!(y.clone().sum().into_scalar::<f32>(), 1.0);
/// let weights = Tensor::from_data([[1.0, 2.0, 3.0]], &Device::flex());
/// let gradient = logits.grad(&(y * weights).sum().backward()).expect("it requires one");
/// assert!(gradient.sum().into_scalar::<f32>().abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for logits that are not `f32`; the errors of [`Logits::new`]. Streams are then unchanged.
pub fn gumbel_softmax<const D: usize>(
    logits: &Tensor<D>,
    tau: Temperature,
    hard: bool,
    streams: &mut Streams,
) -> Result<Tensor<D>, Error> {
    let input = Input::new("logits", logits)?;
    let k = input.shape.last().copied().unwrap_or(0);
    let checked = Logits::new(&input.values, k)?;
    let mut soft = vec![0.0; input.values.len()];
    if !hard {
        batch::gumbel_softmax::sample(&checked, tau, streams, &mut soft)?;
        return Ok(relaxed(input, soft.clone(), soft, logits.dims(), k, tau));
    }
    let mut classes = vec![0; checked.rows()];
    batch::straight_through::sample(&checked, tau, streams, &mut classes, &mut soft)?;
    Ok(relaxed(input, one_hot(&classes, k), soft, logits.dims(), k, tau))
}

/// Computes [`gumbel_softmax`] for given Gumbel noise, in the shape of the logits. The noise gets no gradient.
///
/// # Errors
/// As [`gumbel_softmax`]; [`Error::Length`] unless there is one noise number per logit; [`Error::Row`] with noise that
/// is not finite.
pub fn gumbel_softmax_with_noise<const D: usize>(
    logits: &Tensor<D>,
    noise: &Tensor<D>,
    tau: Temperature,
    hard: bool,
) -> Result<Tensor<D>, Error> {
    let (input, noise) = (Input::new("logits", logits)?, Input::new("noise", noise)?.values);
    let k = input.shape.last().copied().unwrap_or(0);
    let checked = Logits::new(&input.values, k)?;
    let mut soft = vec![0.0; input.values.len()];
    batch::gumbel_softmax::with_noise(&checked, tau, &noise, &mut soft)?;
    if !hard {
        return Ok(relaxed(input, soft.clone(), soft, logits.dims(), k, tau));
    }
    let mut classes = vec![0; checked.rows()];
    batch::gumbel_softmax::hard(&checked, &noise, &mut classes)?;
    Ok(relaxed(input, one_hot(&classes, k), soft, logits.dims(), k, tau))
}

fn relaxed<const D: usize>(
    input: Input,
    values: Vec<f32>,
    soft: Vec<f32>,
    shape: [usize; D],
    k: usize,
    tau: Temperature,
) -> Tensor<D> {
    node::output([input], values, shape, move |cotangent: &[f32]| {
        let mut gradient = vec![0.0; soft.len()];
        // Cannot fail: all have one length, a whole number of rows.
        let _ = batch::gumbel_softmax::vjp(&soft, cotangent, k, tau, &mut gradient);
        [gradient]
    })
}

/// Writes one-hot vectors as the rows of one vector.
pub(super) fn one_hot(classes: &[u32], k: usize) -> Vec<f32> {
    let mut values = vec![0.0; classes.len() * k];
    for (row, &class) in values.chunks_exact_mut(k).zip(classes) {
        row[class as usize] = 1.0;
    }
    values
}
