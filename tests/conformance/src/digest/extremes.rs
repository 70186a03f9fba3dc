//! A Gumbel distribution fitted to maxima.

use samplegrad_core::{
    Gumbel, LearningRate, Source,
    gumbel_fit::{GumbelFit, ReturnPeriod},
    lane::Lane,
};

use super::{Digest, Operation, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 1] {
    [("Gumbel fit", gumbel_fit)]
}

/// Digests a fit to seven maxima of one Gumbel distribution and one maximum of a very different scale.
fn gumbel_fit<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 100.0, 1e4][round as usize % 3];
    let law = Gumbel::new(spread(source, scale), spread::<L, S>(source, 5.0).abs() + 0.01).ok()?;
    let start = Gumbel::new(spread(source, 1.0), L::ONE).ok()?;
    let rate = LearningRate::new(0.25).ok()?;
    let mut fit = if round & 1 == 0 { GumbelFit::new(start) } else { GumbelFit::following(start, rate).ok()? };
    for _ in 0..7 {
        fit.observe(law.sample(source)).ok()?;
    }
    fit.observe(spread(source, [1.0, 1e6, 1e38][(round / 3) as usize % 3])).ok()?;
    let period = ReturnPeriod::new([1.5, 10.0, 100.0, 1e6][round as usize % 4]).ok()?;
    let (by_location, by_log_scale) = fit.standard_errors();
    out.numbers(&[fit.law().location(), fit.law().scale(), by_location, by_log_scale]);
    out.numbers(&[fit.law().return_level(period), fit.level_standard_error(period)]);
    Some(())
}
