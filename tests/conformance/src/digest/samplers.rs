//! Exact samples of classes.

use samplegrad_core::{AliasTable, Cdf, ExponentialRace, Source, gumbel_max, inverse_cdf, lane::Lane, stream};

use super::{Digest, Operation, logits};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 2] {
    [("exact samples", exact_samples), ("tables", tables)]
}

fn exact_samples<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    out.word(gumbel_max::sample(&l, source));
    out.word(inverse_cdf::sample(&l, source));
    out.word(ExponentialRace::new(&l).sample(source));
    Some(())
}

/// Tables are built of scalar logits; a table of lane 0's logits would mix lanes, so these are the same for all.
fn tables<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut shared = stream::xorshift(u64::from(round / 64), 77);
    let l = logits::<f32, _>(&mut shared, round / 64)?;
    out.word(Cdf::new(&l).sample::<L, S>(source));
    out.word(AliasTable::new(&l).sample::<L, S>(source));
    Some(())
}
