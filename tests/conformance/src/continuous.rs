//! Noise and the normal distribution.

use samplegrad_core::{
    Gaussian, Gumbel,
    lane::Lane,
    noise::{Uniform, exponential, gumbel, logistic, normal},
};

use crate::arrays::{Reader, Writer};

/// A quantile where the uniform is one; NaN where it is refused.
fn quantile<L: Lane>(u: L, of: impl Fn(Uniform<L>) -> L) -> L {
    Uniform::new(u).map_or(L::splat(f32::NAN), of)
}

pub(crate) fn gumbel_quantile<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut u = input.floats::<L>()?;
    for u in &mut u {
        *u = quantile(*u, gumbel::quantile);
    }
    output.floats(&u)
}

pub(crate) fn gumbel_of_words<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut words = input.words::<L>()?;
    for word in &mut words {
        *word = gumbel::quantile(Uniform::<L>::from_word(*word)).to_bits();
    }
    output.words(&words)
}

/// The families whose noise the core has: 0 normal, 1 logistic, 2 Gumbel, each with location and scale, 3 exponential
/// with a rate.
pub(crate) fn families<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let family = *input.words::<f32>()?.first()?;
    let (a, b, u) = (input.float::<L>()?, input.float::<L>()?, input.float::<L>()?);
    output.float(match family {
        0 => a + b * quantile(u, normal::quantile),
        1 => a + b * quantile(u, logistic::quantile),
        2 => a + b * quantile(u, gumbel::quantile),
        3 => quantile(u, exponential::quantile) / a,
        _ => return None,
    })
}

pub(crate) fn gaussian<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut next = || input.float::<L>();
    let (mu, ls, eps, x, mu2, ls2) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let (p, q) = (Gaussian::new(mu, ls).ok()?, Gaussian::new(mu2, ls2).ok()?);
    let (score_mu, score_ls) = p.score(x);
    let (kl0_mu, kl0_ls) = p.kl_to_standard_derivatives();
    let results = [
        p.reparameterize(eps),
        p.pathwise(eps, L::ONE).1,
        p.log_prob(x),
        score_mu,
        score_ls,
        p.entropy(),
        p.kl_to_standard(),
        kl0_mu,
        kl0_ls,
        p.kl(q),
    ];
    results.into_iter().chain(p.kl_derivatives(q)).try_for_each(|x| output.float(x))
}

pub(crate) fn gumbel_distribution<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let x = input.float::<L>()?;
    let law = Gumbel::new(input.float::<L>()?, input.float::<L>()?).ok()?;
    let (by_location, by_scale) = law.score(x);
    let results = [
        law.log_prob(x).exp(),
        law.log_prob(x),
        law.cdf(x),
        law.log_cdf(x),
        law.survival(x),
        law.log_survival(x),
        by_location,
        by_scale,
        law.derivative(x),
        law.entropy(),
        law.mean(),
        law.variance(),
    ];
    results.into_iter().try_for_each(|x| output.float(x))
}
