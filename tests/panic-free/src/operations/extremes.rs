//! A Gumbel distribution fitted to maxima.

use samplegrad_core::{
    Gumbel, LearningRate,
    gumbel_fit::{GumbelFit, ReturnPeriod},
};

use super::{unknown, used};

pub fn every() {
    let (Ok(start), Ok(rate)) = (Gumbel::new(unknown(0.5_f32), unknown(1.0)), LearningRate::new(unknown(0.5))) else {
        return;
    };
    used(GumbelFit::new(start));
    let Ok(mut fit) = GumbelFit::following(start, rate) else { return };
    used(GumbelFit::observe(&mut fit, unknown(0.5)));
    used(GumbelFit::law(&fit));
    used(GumbelFit::count(&fit));
    used(GumbelFit::standard_errors(&fit));
    let Ok(period) = ReturnPeriod::new(unknown(100.0)) else { return };
    used(ReturnPeriod::get(period));
    used(GumbelFit::level_standard_error(&fit, period));
    used(Gumbel::return_level(start, period));
}
