use burn::{Tensor, tensor::TensorData};
use samplegrad_core::disarm::DisArm;
use samplegrad_host::{Error, Streams};

use super::{
    entropy::scaled_rows,
    node::{self, Input},
    replay::{self, Answers},
    samples::checked_costs,
};

/// An antithetic pair of samples for each row of bits. [`AntitheticPair::disarm`] computes the loss of DisARM, also
/// called U2G, from the costs of the samples.
///
/// Source: Z. Dong, A. Mnih and G. Tucker, *DisARM: an antithetic gradient estimator for binary latent variable models*,
/// NeurIPS 2020.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::AntitheticPair;
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<2>::from_data([[0.0]], &Device::flex().autodiff()).require_grad();
/// let pair = AntitheticPair::draw(&logits, &mut Streams::new(7, 1)?)?;
/// let costs = (pair.values() - 0.45).powf_scalar(2.0).sum_dim(1).squeeze_dim::<1>(1);
/// let gradient = logits.grad(&pair.disarm(costs)?.sum().backward()).expect("it requires one");
/// assert!((gradient.into_scalar::<f32>() - 0.025).abs() < 1e-7);     // at logit 0 it is exact
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AntitheticPair {
    logits: Tensor<2>,
    before: Streams,
    points: Vec<Vec<f32>>,
}

impl AntitheticPair {
    /// Draws a pair for each row of `logits` `[rows × bits]`. In row-major order, bit `e` is drawn from stream `e mod
    /// n`.
    ///
    /// # Errors
    /// [`Error::NotSingle`] for logits that are not `f32`. [`Error::Empty`] for no logits. [`Error::Row`] with the
    /// number of a logit that is not finite. If an error is returned, the streams are unchanged.
    pub fn draw(logits: &Tensor<2>, streams: &mut Streams) -> Result<Self, Error> {
        let values = Input::new("logits", logits)?.values;
        let before = streams.clone();
        let points = replay::bits(&values, &DisArm, Answers::default(), streams)?.points;
        Ok(Self { logits: logits.clone(), before, points })
    }

    /// Returns the samples, of shape `[2 · rows × bits]`. The samples of `1 − u` of all rows come first. The samples of
    /// `u` of all rows follow. No gradient is backpropagated through the samples.
    pub fn values(&self) -> Tensor<2> {
        let [rows, columns] = self.logits.dims();
        Tensor::from_data(TensorData::new(self.points.concat(), [2 * rows, columns]), &self.logits.device())
    }

    /// Computes the loss of DisARM for costs `[2 · rows]` in the order of [`AntitheticPair::values`]. The loss `[rows]`
    /// is the mean cost of each row. The gradient of the loss with respect to the logits is `½ (f(b¹) − f(b²))
    /// (−1)^{b²_i} [b¹_i ≠ b²_i] σ(|l_i|)`.
    ///
    /// # Errors
    /// [`Error::NotSingle`] for costs that are not `f32`. [`Error::Length`] unless there are two costs per row.
    /// [`Error::Cost`] with the row whose cost is not finite.
    pub fn disarm(&self, costs: Tensor<1>) -> Result<Tensor<1>, Error> {
        let [rows, columns] = self.logits.dims();
        let inputs = [Input::new("logits", &self.logits)?, checked_costs(&costs, 2, rows)?];
        let (one, other) = inputs[1].values.split_at(rows);
        let each_bit = |costs: &[f32]| costs.iter().flat_map(|&cost| (0..columns).map(move |_| cost)).collect();
        let answers = Answers { values: vec![each_bit(one), each_bit(other)], slopes: Vec::new() };
        let gradient = replay::bits(&inputs[0].values, &DisArm, answers, &mut self.before.clone())?.gradient;
        let means = one.iter().zip(other).map(|(one, other)| (one + other) * 0.5).collect();
        Ok(node::output(inputs, means, [rows], move |cotangent: &[f32]| {
            let of_costs = cotangent.iter().chain(cotangent).map(|c| c * 0.5).collect();
            [scaled_rows(&gradient, columns, cotangent), of_costs]
        }))
    }
}
