use burn::Tensor;
use samplegrad_host::{
    Error,
    batch::{self, Logits, bernoulli::Bernoullis},
};

use crate::{
    node::{self, Input},
    variables::Variables,
};

/// Computes the joint entropy of each row's variables in nats, `[rows]`, from `logits` `[rows × columns]`. The
/// entropies of the variables are added from first to last.
///
/// `n ln K` minus this entropy is the KL divergence from `n` uniform variables of `K` values.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use samplegrad_burn::{Variables, entropy};
///
/// let logits = Tensor::<2>::from_data([[0.0, 0.0, 0.0]], &Device::flex());
/// let h = entropy(&logits, Variables::Bits)?.into_scalar::<f32>();
/// assert!((h - 3.0 * 2_f32.ln()).abs() < 1e-6);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSingle`] for logits that are not `f32`; the errors of [`Variables::count`]; [`Error::Row`] with the
/// number of the variable whose logits are refused.
pub fn entropy(logits: &Tensor<2>, variables: Variables) -> Result<Tensor<1>, Error> {
    let input = Input::new("logits", logits)?;
    let [rows, columns] = logits.dims();
    let count = variables.count(columns)?;
    let mut slopes = vec![0.0; input.values.len()];
    let mut each = vec![0.0; rows * count];
    match variables {
        Variables::Bits => Bernoullis::new(&input.values)?.entropy(&mut each, &mut slopes)?,
        Variables::Classes(k) => {
            let checked = Logits::new(&input.values, k)?;
            batch::categorical::entropy(&checked, &mut each)?;
            batch::categorical::entropy_gradient(&checked, &mut slopes)?;
        }
    }
    let values = each.chunks_exact(count).map(|row| row.iter().fold(0.0, |sum, h| sum + h)).collect();
    Ok(node::output([input], values, [rows], move |cotangent: &[f32]| [scaled_rows(&slopes, columns, cotangent)]))
}

/// Multiplies each row by its own factor.
pub(super) fn scaled_rows(values: &[f32], columns: usize, by: &[f32]) -> Vec<f32> {
    values.chunks_exact(columns).zip(by).flat_map(|(row, &by)| row.iter().map(move |x| x * by)).collect()
}
