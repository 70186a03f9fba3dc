use burn::Tensor;
use samplegrad_host::{
    Error,
    batch::{self, Logits, bernoulli::Bernoullis},
};

use crate::{
    entropy::scaled_rows,
    node::{self, Input},
    variables::Variables,
};

/// Computes the log-probability of each row's values in nats, `[rows]`, from `logits` and `values` `[rows × columns]`.
/// The log-probabilities of the variables are added from first to last. The gradient with respect to the logits is the
/// score: `b − p` for bits and `onehot − p` for classes. The values get no gradient.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::{Variables, log_prob};
///
/// let logits = Tensor::<2>::from_data([[0.0, 0.0]], &Device::flex().autodiff()).require_grad();
/// let log_p = log_prob(&logits, Variables::Bits, &Tensor::from_data([[1.0, 0.0]], &Device::flex()))?;
/// let score = logits.grad(&log_p.sum().backward()).expect("it requires one");
/// assert_eq!(score.into_data().try_into_vec::<f32>().unwrap(), [0.5, -0.5]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for tensors that are not `f32`; the errors of [`Variables::count`]; [`Error::Length`] unless
/// there is one value per logit; [`Error::Row`] with the number of a variable whose logits are refused, or whose value
/// is impossible.
pub fn log_prob(logits: &Tensor<2>, variables: Variables, values: &Tensor<2>) -> Result<Tensor<1>, Error> {
    let (input, values) = (Input::new("logits", logits)?, Input::new("values", values)?.values);
    let [rows, columns] = logits.dims();
    let count = variables.count(columns)?;
    if values.len() != input.values.len() {
        return Err(Error::Length { what: "values", expected: input.values.len(), found: values.len() });
    }
    let words = words(&values, variables)?;
    let (mut each, mut scores) = (vec![0.0; words.len()], vec![0.0; values.len()]);
    match variables {
        Variables::Bits => Bernoullis::new(&input.values)?.log_prob(&words, &mut each, &mut scores)?,
        Variables::Classes(k) => {
            let checked = Logits::new(&input.values, k)?;
            batch::categorical::log_prob(&checked, &words, &mut each)?;
            batch::categorical::score(&checked, &words, &mut scores)?;
        }
    }
    let sums = each.chunks_exact(count).map(|row| row.iter().fold(0.0, |sum, log_p| sum + log_p)).collect();
    Ok(node::output([input], sums, [rows], move |cotangent: &[f32]| [scaled_rows(&scores, columns, cotangent)]))
}

/// Converts zeros and ones to the bit or class of each variable.
fn words(values: &[f32], variables: Variables) -> Result<Vec<u32>, Error> {
    let each = variables.columns();
    let word = |(row, value): (usize, &[f32])| {
        let refused = |x: f32, requirement| Error::Row {
            row,
            source: samplegrad_core::Error::OutOfRange { what: "value", value: x, requirement },
        };
        match value.iter().find(|&&x| x != 0.0 && x != 1.0) {
            Some(&x) => Err(refused(x, "0 or 1")),
            None if each == 1 && variables == Variables::Bits => Ok(value[0] as u32),
            None => {
                let ones = value.iter().filter(|&&x| x == 1.0).count();
                let class = value.iter().position(|&x| x == 1.0).filter(|_| ones == 1);
                class.map(|class| class as u32).ok_or_else(|| refused(ones as f32, "1 at one class"))
            }
        }
    };
    values.chunks_exact(each).enumerate().map(word).collect()
}
