//! Encoder and decoder: one linear layer each, or several with hidden layers.

use anyhow::Result;
use burn::tensor::{Device, Tensor, TensorData, activation::relu};
use samplegrad_host::{Streams, batch::noise};

/// Weights `[in × out]` and offsets `[1 × out]` of every layer, the encoder's first.
#[derive(Clone, Debug)]
pub struct Model {
    pub parameters: Vec<Tensor<2>>,
    encoder: usize,
}

/// Returns the sizes of all layers: first of the encoder, then of the decoder, which mirrors the encoder.
fn sizes(pixels: usize, code: usize, hidden: &[usize]) -> (Vec<(usize, usize)>, usize) {
    let widths: Vec<usize> = [pixels].iter().chain(hidden).chain(&[code]).copied().collect();
    let encoder: Vec<(usize, usize)> = widths.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let decoder = encoder.iter().rev().map(|&(into, out)| (out, into));
    (encoder.iter().copied().chain(decoder).collect(), encoder.len())
}

/// Returns the shapes of all parameters.
pub fn shapes(pixels: usize, code: usize, hidden: &[usize]) -> Vec<[usize; 2]> {
    sizes(pixels, code, hidden).0.into_iter().flat_map(|(into, out)| [[into, out], [1, out]]).collect()
}

impl Model {
    /// Creates normal weights whose variance is 1 divided by the number of inputs, and offsets of zero. The offsets of
    /// the pixels are `ink`, the log-odds of each pixel in the training pictures, because learning them would take most
    /// of the steps.
    pub fn new(ink: &[f32], code: usize, hidden: &[usize], seed: u64) -> Result<Self> {
        let pixels = ink.len();
        let shapes = shapes(pixels, code, hidden);
        let numbers: usize = shapes.iter().map(|[rows, columns]| rows * columns).sum();
        let mut noise = vec![0.0; numbers];
        noise::normal(&mut Streams::new(seed, 1)?, numbers, &mut noise)?;
        let mut rest = &noise[..];
        let values = shapes.iter().map(|&[rows, columns]| {
            let (own, others) = rest.split_at(rows * columns);
            rest = others;
            let scale = if rows == 1 { 0.0 } else { (1.0 / rows as f32).sqrt() };
            own.iter().map(|x| x * scale).collect()
        });
        let mut values: Vec<Vec<f32>> = values.collect();
        if let Some(offsets) = values.last_mut() {
            offsets.copy_from_slice(ink);
        }
        Ok(Self::from_values(pixels, code, hidden, values))
    }

    /// Creates a model with given parameters, which must have the [`shapes`] for these sizes.
    pub fn from_values(pixels: usize, code: usize, hidden: &[usize], values: Vec<Vec<f32>>) -> Self {
        let device = Device::flex().autodiff();
        let parameter = |(values, shape)| Tensor::from_data(TensorData::new(values, shape), &device).require_grad();
        let shapes = shapes(pixels, code, hidden);
        let parameters = values.into_iter().zip(shapes).map(parameter).collect();
        Self { parameters, encoder: sizes(pixels, code, hidden).1 }
    }

    /// Returns the model without gradients.
    pub fn frozen(&self) -> Self {
        let parameters = self.parameters.iter().map(|p| p.clone().inner()).collect();
        Self { parameters, encoder: self.encoder }
    }

    /// Computes the logits of the latent variables from pictures.
    pub fn encode(&self, pictures: Tensor<2>) -> Tensor<2> {
        layers(&self.parameters[..2 * self.encoder], pictures * 2.0 - 1.0)
    }

    /// Computes the logits of the pixels from codes.
    pub fn decode(&self, codes: Tensor<2>) -> Tensor<2> {
        layers(&self.parameters[2 * self.encoder..], codes)
    }
}

fn layers(parameters: &[Tensor<2>], mut x: Tensor<2>) -> Tensor<2> {
    for (number, layer) in parameters.chunks_exact(2).enumerate() {
        if number > 0 {
            x = relu(x);
        }
        x = x.matmul(layer[0].clone()) + layer[1].clone();
    }
    x
}
