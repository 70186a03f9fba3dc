//! Elementary functions.

use heapless::Vec;
use samplegrad_core::{elementary, lane::Lane};

use crate::arrays::{CAPACITY, Reader, Writer};

pub(crate) fn sin_cos_tanh<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let x = input.floats::<L>()?;
    for function in [elementary::sin, elementary::cos, elementary::tanh, elementary::ln_tanh_derivative] {
        output.floats(&x.iter().map(|&x| function(x)).collect::<Vec<L, CAPACITY>>())?;
    }
    Some(())
}
