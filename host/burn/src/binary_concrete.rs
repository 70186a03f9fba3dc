use burn::Tensor;
use samplegrad_core::Temperature;
use samplegrad_host::{
    Error, Streams,
    batch::binary_concrete::{BinaryConcretes, Relaxed},
};

use super::node::{self, Input};

/// Draws relaxed bits `y = σ(z/τ)` with `z = l + logit u`. With `hard`, draws the bits `[z > 0]` instead. In both cases
/// the gradient with respect to the logits is the gradient of `y`: `ȳ y (1 − y)/τ`.
///
/// `logits` have any shape and are finite. Element `e` in row-major order is drawn from stream `e mod n`, as in
/// [`batch::binary_concrete`](samplegrad_host::batch::binary_concrete).
///
/// Source: C. J. Maddison, A. Mnih and Y. W. Teh, *The Concrete distribution*, ICLR 2017, appendix B.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::binary_concrete;
/// use samplegrad_core::Temperature;
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<1>::from_data([0.0, 100.0], &Device::flex().autodiff()).require_grad();
/// let b = binary_concrete(&logits, Temperature::ONE, true, &mut Streams::new(7, 2)?)?;
/// assert_eq!(b.slice([1..2]).into_scalar::<f32>(), 1.0);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for logits that are not `f32`; [`Error::Row`] with the number of a logit that is not finite.
pub fn binary_concrete<const D: usize>(
    logits: &Tensor<D>,
    tau: Temperature,
    hard: bool,
    streams: &mut Streams,
) -> Result<Tensor<D>, Error> {
    let input = Input::new("logits", logits)?;
    let zeros = vec![0.0; input.values.len()];
    let (mut y, mut slope, mut by_tau) = (zeros.clone(), zeros.clone(), zeros);
    let mut bits = vec![0; input.values.len()];
    let out = Relaxed { y: &mut y, derivative: &mut slope, temperature_derivative: &mut by_tau, hard: &mut bits };
    BinaryConcretes::new(&input.values, tau)?.sample(streams, out)?;
    let values = if hard { bits.iter().map(|&b| b as f32).collect() } else { y };
    Ok(node::output([input], values, logits.dims(), move |cotangent: &[f32]| {
        [cotangent.iter().zip(&slope).map(|(c, s)| c * s).collect()]
    }))
}
