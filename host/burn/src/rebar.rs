use burn::{Tensor, tensor::TensorData};
use samplegrad_core::{Rebar, Temperature};
use samplegrad_host::{Error, Streams};

use crate::{
    entropy::scaled_rows,
    node::{self, Input},
    replay::{self, Answers},
    samples::{checked_costs, score},
    variables::Variables,
};

/// A sample of rows of discrete variables, and the two relaxed samples of REBAR. [`RebarDraw::loss`] computes the loss
/// of REBAR from the costs of these three samples.
///
/// Source: G. Tucker, A. Mnih, C. J. Maddison, J. Lawson and J. Sohl-Dickstein, *REBAR*, NIPS 2017.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::{RebarDraw, Variables};
/// use samplegrad_core::Temperature;
/// use samplegrad_host::Streams;
///
/// let logits = Tensor::<2>::from_data([[0.0, 1.0]], &Device::flex().autodiff()).require_grad();
/// let draw = RebarDraw::draw(&logits, Variables::Bits, Temperature::ONE, &mut Streams::new(7, 2)?)?;
/// let f = |x: Tensor<2>| (x - 0.45).powf_scalar(2.0).sum_dim(1).squeeze_dim::<1>(1);
/// let loss = draw.loss(f(draw.hard()), f(draw.relaxed()), f(draw.relaxed_given()), 0.5)?;
/// assert!(logits.grad(&loss.sum().backward()).is_some());
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RebarDraw {
    logits: Tensor<2>,
    variables: Variables,
    hard: Vec<f32>,
    relaxed: Tensor<2>,
    given: Tensor<2>,
}

impl RebarDraw {
    /// Draws the samples for each row of `logits` `[rows × columns]`. `tau` is the temperature of the relaxation.
    /// Variable `v` in row-major order is drawn from stream `v mod n`, as in [`Rebar`] with independent noise.
    ///
    /// # Errors
    /// As [`straight_through`](super::straight_through()).
    pub fn draw(
        logits: &Tensor<2>,
        variables: Variables,
        tau: Temperature,
        streams: &mut Streams,
    ) -> Result<Self, Error> {
        let values = Input::new("logits", logits)?.values;
        variables.count(logits.dims()[1])?;
        let control = Rebar::new(tau, 1.0).map_err(|source| Error::Row { row: 0, source })?;
        let before = streams.clone();
        let points = replay::run(variables, &values, &control, Answers::default(), streams)?.points;
        let [hard, relaxed, given] = <[_; 3]>::try_from(points).map_err(|points| Error::Length {
            what: "points",
            expected: 3,
            found: points.len(),
        })?;
        // The estimate is the gradient of the first relaxed sample minus the gradient of the second. So each gradient
        // is computed by setting the other to zero.
        let part = |sign: f32, place: usize, point: Vec<f32>| -> Result<Tensor<2>, Error> {
            let (l, before) = (values.clone(), before.clone());
            Ok(node::output([Input::new("logits", logits)?], point, logits.dims(), move |cotangent: &[f32]| {
                let mut slopes = vec![Vec::new(); 3];
                slopes[place] = cotangent.iter().map(|c| c * sign).collect();
                let answers = Answers { slopes, ..Answers::default() };
                let replay = replay::run(variables, &l, &control, answers, &mut before.clone());
                [replay::gradient(replay, l.len())]
            }))
        };
        let (relaxed, given) = (part(1.0, 1, relaxed)?, part(-1.0, 2, given)?);
        Ok(Self { logits: logits.clone(), variables, hard, relaxed, given })
    }

    /// Returns the sample `b`, in the shape of the logits, without a gradient.
    pub fn hard(&self) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.hard.clone(), self.logits.dims()), &self.logits.device())
    }

    /// Returns the relaxed sample `σ_τ(z)` of the same draw, differentiable with respect to the logits.
    pub fn relaxed(&self) -> Tensor<2> {
        self.relaxed.clone()
    }

    /// Returns the relaxed sample `σ_τ(z̃)` drawn given `b`, differentiable with respect to the logits.
    pub fn relaxed_given(&self) -> Tensor<2> {
        self.given.clone()
    }

    /// Computes the loss of REBAR from the costs `[rows]` of [`hard`](Self::hard), [`relaxed`](Self::relaxed) and
    /// [`relaxed_given`](Self::relaxed_given), and from the weight `η` of the control variate. The value of the loss is
    /// the cost `f(b)` of each row. The gradient of the loss is `(f(b) − η f(σ_τ(z̃))) ∇ ln q(b) + η ∇ f(σ_τ(z)) − η ∇
    /// f(σ_τ(z̃))`. This gradient is unbiased for every `η`. Parameters in `f` get the same control variate.
    ///
    /// # Errors
    /// [`Error::NotSingle`] for costs that are not `f32`; [`Error::Length`] unless each has one cost per row;
    /// [`Error::Cost`] with the row whose cost, or whose `f(b) − η f(σ_τ(z̃))`, is not finite.
    pub fn loss(
        &self,
        hard: Tensor<1>,
        relaxed: Tensor<1>,
        relaxed_given: Tensor<1>,
        eta: f32,
    ) -> Result<Tensor<1>, Error> {
        let [rows, columns] = self.logits.dims();
        let inputs = [
            Input::new("logits", &self.logits)?,
            checked_costs(&hard, 1, rows)?,
            checked_costs(&relaxed, 1, rows)?,
            checked_costs(&relaxed_given, 1, rows)?,
        ];
        let values = inputs[1].values.clone();
        let advantages: Vec<f32> = values.iter().zip(&inputs[3].values).map(|(f, c)| f - eta * c).collect();
        if let Some(row) = advantages.iter().position(|a| !a.is_finite()) {
            return Err(Error::Cost { row, value: advantages[row] });
        }
        let words = match self.variables {
            Variables::Bits => self.hard.iter().map(|&b| b as u32).collect(),
            Variables::Classes(k) => self
                .hard
                .chunks_exact(k)
                .map(|one_hot| one_hot.iter().position(|&x| x > 0.0).unwrap_or(0) as u32)
                .collect(),
        };
        let gradient = score(&inputs[0].values, columns, self.variables, &[words], &advantages)?;
        Ok(node::output(inputs, values, [rows], move |cotangent: &[f32]| {
            let of_relaxed: Vec<f32> = cotangent.iter().map(|c| c * eta).collect();
            let of_given = of_relaxed.iter().map(|c| -c).collect();
            [scaled_rows(&gradient, columns, cotangent), cotangent.to_vec(), of_relaxed, of_given]
        }))
    }
}
