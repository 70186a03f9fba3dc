//! The latent variables.

use std::{fmt, str::FromStr};

use burn::Tensor;
use samplegrad_burn::Variables;

/// Latent variables: `bits:32`, or `classes:8x10` for eight categorical variables of ten classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latents {
    count: usize,
    pub variables: Variables,
}

impl Latents {
    /// Returns the number of columns of the logits and of the code.
    pub fn columns(self) -> usize {
        match self.variables {
            Variables::Bits => self.count,
            Variables::Classes(k) => self.count * k,
        }
    }

    pub fn count(self) -> usize {
        self.count
    }

    /// Returns the entropy of the uniform prior, in nats.
    pub fn prior_entropy(self) -> f32 {
        let values = match self.variables {
            Variables::Bits => 2.0,
            Variables::Classes(k) => k as f32,
        };
        self.count as f32 * values.ln()
    }

    /// Computes the input of the decoder: `2 b − 1` for bits, one-hot vectors unchanged for classes. Relaxed samples
    /// are between these values.
    pub fn code(self, values: Tensor<2>) -> Tensor<2> {
        match self.variables {
            Variables::Bits => values * 2.0 - 1.0,
            Variables::Classes(_) => values,
        }
    }
}

impl FromStr for Latents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused =
            || format!("`{text}` is neither `bits:N`, 1 to 4096, nor `classes:NxK`, of 2 to 128 classes each");
        let (kind, size) = text.split_once(':').ok_or_else(refused)?;
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| (1..=4096).contains(n)).ok_or_else(refused);
        match kind {
            "bits" => Ok(Self { count: number(size)?, variables: Variables::Bits }),
            "classes" => {
                let (count, classes) = size.split_once('x').ok_or_else(refused)?;
                let classes = Some(number(classes)?).filter(|k| (2..=128).contains(k)).ok_or_else(refused)?;
                Ok(Self { count: number(count)?, variables: Variables::Classes(classes) })
            }
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Latents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variables {
            Variables::Bits => write!(f, "bits:{}", self.count),
            Variables::Classes(k) => write!(f, "classes:{}x{k}", self.count),
        }
    }
}
