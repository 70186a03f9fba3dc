use burn::Tensor;
use samplegrad_host::{Error, Streams, batch::log_std_normal::LogStdNormals};

use super::node::{self, Input};

/// Draws normal variables `x = μ + σ ε`, reparameterized: the gradient is `x̄` with respect to `μ` and `x̄ σ ε` with
/// respect to `ln σ`.
///
/// `mean` and `log_std` have one shape. Element `e` in row-major order is drawn from stream `e mod n`, as in
/// [`LogStdNormals::sample`].
///
/// Source: D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014, section 2.4.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::normal;
/// use samplegrad_host::Streams;
///
/// let device = Device::flex().autodiff();
/// let mean = Tensor::<1>::from_data([0.0, 5.0], &device).require_grad();
/// let log_std = Tensor::<1>::from_data([0.0, -40.0], &device);
/// let x = normal(&mean, &log_std, &mut Streams::new(1, 2)?)?;
/// assert_eq!(x.clone().slice([1..2]).into_scalar::<f32>(), 5.0);
/// let gradient = mean.grad(&x.sum().backward()).expect("it requires one");
/// assert_eq!(gradient.into_data().try_into_vec::<f32>().unwrap(), [1.0, 1.0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for tensors that are not `f32`; the errors of [`LogStdNormals::new`].
pub fn normal<const D: usize>(
    mean: &Tensor<D>,
    log_std: &Tensor<D>,
    streams: &mut Streams,
) -> Result<Tensor<D>, Error> {
    let inputs = [Input::new("mean", mean)?, Input::new("log standard deviation", log_std)?];
    let variables = LogStdNormals::new(&inputs[0].values, &inputs[1].values)?;
    let (mut x, mut noise) = (vec![0.0; inputs[0].values.len()], vec![0.0; inputs[0].values.len()]);
    variables.sample(streams, &mut x, &mut noise)?;
    let (means, log_stds) = (inputs[0].values.clone(), inputs[1].values.clone());
    Ok(node::output(inputs, x, mean.dims(), move |cotangent: &[f32]| {
        let (mut by_mean, mut by_log_std) = (vec![0.0; means.len()], vec![0.0; means.len()]);
        // Cannot fail: the parameters have been checked, and all have one length.
        if let Ok(variables) = LogStdNormals::new(&means, &log_stds) {
            let _ = variables.pathwise(&noise, cotangent, &mut by_mean, &mut by_log_std);
        }
        [by_mean, by_log_std]
    }))
}
