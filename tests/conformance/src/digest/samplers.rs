//! Exact samples of classes.

use samplegrad_core::{
    AliasTable, Cdf, ExponentialRace, GumbelSoftmax, Logits, Source, gumbel_max, gumbel_top_k, inverse_cdf,
    lane::{Lane, Word},
    stream,
};

use super::{Digest, N, Operation, logits, temperature};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [("exact samples", exact_samples), ("tables", tables), ("large logits", large_logits)]
}

fn exact_samples<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    out.word(gumbel_max::sample(&l, source));
    out.word(inverse_cdf::sample(&l, source));
    out.word(ExponentialRace::new(&l).sample(source));
    Some(())
}

/// Digests samples from tables. A table needs scalar logits, which all lanes share. The logits come from a separate
/// generator and not from lane 0, so that no lane's digest depends on another lane.
fn tables<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut shared = stream::xorshift(u64::from(round / 64), 77);
    let l = logits::<f32, _>(&mut shared, round / 64)?;
    out.word(Cdf::new(&l).sample::<L, S>(source));
    out.word(AliasTable::new(&l).sample::<L, S>(source));
    Some(())
}

/// Digests samples of large logits, for which the spacing of floats exceeds the Gumbel noise. The logits are a few
/// spacings apart, and some are masked.
fn large_logits<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let base = [1500.0, -1500.0, 4e6, -4e6, 1e8, -1e8, 1e30, f32::MAX][round as usize % 8];
    let mut l = [L::ZERO; N];
    for (class, l) in l.iter_mut().enumerate() {
        let word = source.next_word();
        let masked = word.shr(29).equals(L::Word::splat(0));
        let near = L::from_bits(L::splat(base).to_bits().wrapping_sub(word.and(L::Word::splat(3))));
        *l = if class > 0 { L::select(masked, L::NEG_INFINITY, near) } else { near };
    }
    let l = Logits::<N, L>::new(&l).ok()?;
    out.word(gumbel_max::sample(&l, source));
    let (mut classes, mut perturbed) = ([L::Word::splat(0); 3], [L::ZERO; 3]);
    let threshold = gumbel_top_k::draw(l.as_slice(), source, &mut classes, &mut perturbed, &mut [L::ZERO; 3]);
    classes.iter().for_each(|&class| out.word(class));
    perturbed.iter().for_each(|&z| out.any(z));
    out.any(threshold);
    let y = GumbelSoftmax::sample(&l, temperature(round), source);
    out.word(y.hard());
    out.numbers(y.values());
    Some(())
}
