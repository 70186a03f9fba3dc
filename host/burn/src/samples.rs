use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use samplegrad_host::{
    Error, Streams,
    batch::{self, Logits, bernoulli::Bernoullis},
};

use crate::{
    entropy::scaled_rows,
    gumbel_softmax::one_hot,
    node::{self, Input},
    variables::Variables,
};

/// Samples of rows of discrete variables. Methods of this type compute losses of the score function from the costs of
/// the samples.
///
/// Example: [losses](crate#losses).
///
/// Sources: R. J. Williams, *Simple statistical gradient-following algorithms*, 1992; W. Kool, H. van Hoof and M. Welling,
/// *Buy 4 REINFORCE samples, get a baseline for free!*, 2019.
#[derive(Clone, Debug)]
pub struct Samples {
    logits: Tensor<2>,
    variables: Variables,
    device: Device,
    /// The words of the variables of all rows, one vector per sample.
    words: Vec<Vec<u32>>,
}

impl Samples {
    /// Draws `samples` samples of each row of `logits` `[rows × columns]`: one sample of all rows, then the next.
    /// Variable `v` in row-major order is drawn from stream `v mod n`, bits as in [`Bernoullis::sample`], classes as in
    /// [`batch::inverse_cdf::sample`].
    ///
    /// # Errors
    /// [`Error::Empty`] for no samples; [`Error::NotSingle`] for logits that are not `f32`; the errors of
    /// [`Variables::count`]; [`Error::Row`] with the number of the variable whose logits are refused. Streams are then
    /// unchanged.
    pub fn draw(
        logits: &Tensor<2>,
        variables: Variables,
        samples: usize,
        streams: &mut Streams,
    ) -> Result<Self, Error> {
        if samples == 0 {
            return Err(Error::Empty { what: "samples" });
        }
        let [rows, columns] = logits.dims();
        let values = Input::new("logits", logits)?.values;
        let mut words = vec![vec![0; rows * variables.count(columns)?]; samples];
        for sample in &mut words {
            match variables {
                Variables::Bits => Bernoullis::new(&values)?.sample(streams, sample)?,
                Variables::Classes(k) => batch::inverse_cdf::sample(&Logits::new(&values, k)?, streams, sample)?,
            }
        }
        Ok(Self { logits: logits.clone(), variables, device: logits.device(), words })
    }

    /// Returns the samples `[samples · rows × columns]`, sample after sample: zeros and ones, without a gradient.
    pub fn values(&self) -> Tensor<2> {
        let [rows, columns] = self.logits.dims();
        let values: Vec<f32> = match self.variables {
            Variables::Bits => self.words.iter().flatten().map(|&b| b as f32).collect(),
            Variables::Classes(k) => self.words.iter().flat_map(|words| one_hot(words, k)).collect(),
        };
        Tensor::from_data(TensorData::new(values, [self.words.len() * rows, columns]), &self.device)
    }

    /// Computes the loss of REINFORCE for costs `[samples · rows]` in the order of [`Samples::values`] and a baseline
    /// `b` that depends on none of these samples. The loss is the mean cost of each row, `[rows]`. The gradient of the
    /// loss is `(1/S) Σ_s (f(x_s) − b) ∇ ln q(x_s)`.
    ///
    /// # Errors
    /// [`Error::NotSingle`] for costs that are not `f32`; [`Error::Length`] unless there is one cost per sample;
    /// [`Error::Cost`] with the row whose cost minus the baseline is not finite.
    pub fn reinforce(&self, costs: Tensor<1>, baseline: f32) -> Result<Tensor<1>, Error> {
        self.loss(costs, |values, advantages| {
            advantages.iter_mut().zip(values).for_each(|(a, cost)| *a = cost - baseline);
            Ok(())
        })
    }

    /// Computes the leave-one-out loss: the baseline of each sample is the mean cost of the row's other samples. The
    /// gradient is `1/(S − 1) Σ_s (f(x_s) − f̄) ∇ ln q(x_s)`. Everything else is as in [`Samples::reinforce`].
    ///
    /// # Errors
    /// As [`Samples::reinforce`]; [`Error::Row`] for fewer than two samples.
    pub fn leave_one_out(&self, costs: Tensor<1>) -> Result<Tensor<1>, Error> {
        let samples = self.words.len();
        self.loss(costs, |values, advantages| batch::score_function::leave_one_out(values, samples, advantages))
    }

    fn loss(
        &self,
        costs: Tensor<1>,
        advantages: impl FnOnce(&[f32], &mut [f32]) -> Result<(), Error>,
    ) -> Result<Tensor<1>, Error> {
        let ([rows, columns], samples) = (self.logits.dims(), self.words.len());
        let inputs = [Input::new("logits", &self.logits)?, checked_costs(&costs, samples, rows)?];
        // Reordered row after row, as the batches need them.
        let by_row: Vec<f32> = (0..rows)
            .flat_map(|row| (0..samples).map(move |s| s * rows + row))
            .map(|at| inputs[1].values[at])
            .collect();
        let mut each = vec![0.0; by_row.len()];
        advantages(&by_row, &mut each)?;
        finite(&each, samples)?;
        let gradient = score(&inputs[0].values, columns, self.variables, &self.words, &each)?;
        let share = 1.0 / samples as f32;
        let means =
            by_row.chunks_exact(samples).map(|row| row.iter().fold(0.0, |sum, cost| sum + cost) * share).collect();
        Ok(node::output(inputs, means, [rows], move |cotangent: &[f32]| {
            let of_costs = (0..samples).flat_map(|_| cotangent.iter().map(|c| c * share)).collect();
            [scaled_rows(&gradient, columns, cotangent), of_costs]
        }))
    }
}

/// Checks that there is one finite cost per row of each sample.
pub(super) fn checked_costs(costs: &Tensor<1>, samples: usize, rows: usize) -> Result<Input, Error> {
    let input = Input::new("costs", costs)?;
    if input.values.len() != samples * rows {
        return Err(Error::Length { what: "costs", expected: samples * rows, found: input.values.len() });
    }
    match input.values.iter().position(|cost| !cost.is_finite()) {
        Some(at) => Err(Error::Cost { row: at % rows, value: input.values[at] }),
        None => Ok(input),
    }
}

fn finite(advantages: &[f32], samples: usize) -> Result<(), Error> {
    match advantages.iter().position(|a| !a.is_finite()) {
        Some(at) => Err(Error::Cost { row: at / samples, value: advantages[at] }),
        None => Ok(()),
    }
}

/// Computes `(1/S) Σ_s a_s ∇ ln q(x_s)` of each row, from the first sample to the last. `words` are ordered sample
/// after sample; `advantages` are ordered row after row, `[rows × samples]`.
pub(super) fn score(
    logits: &[f32],
    columns: usize,
    variables: Variables,
    words: &[Vec<u32>],
    advantages: &[f32],
) -> Result<Vec<f32>, Error> {
    let samples = words.len();
    let mut gradient = vec![0.0; logits.len()];
    match variables {
        Variables::Bits => {
            let (variables, mut log_prob, mut score) =
                (Bernoullis::new(logits)?, vec![0.0; logits.len()], vec![0.0; logits.len()]);
            for (s, bits) in words.iter().enumerate() {
                variables.log_prob(bits, &mut log_prob, &mut score)?;
                for (at, (g, score)) in gradient.iter_mut().zip(&score).enumerate() {
                    *g += advantages[at / columns * samples + s] * score;
                }
            }
            let share = 1.0 / samples as f32;
            gradient.iter_mut().for_each(|g| *g *= share);
        }
        Variables::Classes(k) => {
            let (checked, count) = (Logits::new(logits, k)?, columns / k);
            let each = 0..checked.rows();
            let classes: Vec<u32> = each.clone().flat_map(|v| words.iter().map(move |words| words[v])).collect();
            let of_row = |v: usize| &advantages[v / count * samples..][..samples];
            let repeated: Vec<f32> = each.flat_map(of_row).copied().collect();
            batch::score_function::estimate(&checked, samples, &classes, &repeated, &mut gradient)?;
        }
    }
    Ok(gradient)
}
