//! Noise and the families of continuous distributions.

use heapless::Vec;
use samplegrad_core::{
    Gumbel, LogStdNormal,
    cauchy::Cauchy,
    exponential::Exponential,
    family::InverseCdf,
    kumaraswamy::Kumaraswamy,
    lane::Lane,
    laplace::Laplace,
    log_normal::LogNormal,
    logistic::Logistic,
    noise::{Uniform, gumbel},
    normal::Normal,
    uniform_interval::UniformInterval,
    weibull::Weibull,
};

use crate::arrays::{CAPACITY, Reader, Writer};

/// Returns the quantile at `u`, or NaN where the core refuses `u`.
fn quantile<L: Lane>(u: L, of: impl Fn(Uniform<L>) -> L) -> L {
    Uniform::new(u).map_or(L::splat(f32::NAN), of)
}

pub(crate) fn gumbel_quantile<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let u = input.array()?;
    let each = |of: fn(Uniform<L>) -> L, output: &mut Writer<'_, L::Word>| {
        let start = output.reserve(u.len())?;
        (0..u.len()).try_for_each(|i| output.set(start + i, quantile(u.float(i)?, of)))
    };
    each(gumbel::quantile, output)?;
    // These outputs are the derivative 1/(u E) and the quantile of 1 − u.
    each(|u| (u.value() * u.neg_ln()).recip(), output)?;
    each(|u| gumbel::quantile(u.complement()), output)
}

pub(crate) fn gumbel_of_words<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let words = input.words::<L>()?;
    for of in [gumbel::of_word::<L>, |word| Uniform::<L>::from_word(word).value()] {
        output.floats(&words.iter().map(|&word| of(word)).collect::<Vec<L, CAPACITY>>())?;
    }
    Some(())
}

/// Computes the families by number: 0 normal, 1 logistic, 2 Gumbel, 3 exponential, 4 Laplace, 5 Cauchy, 6 uniform, 7
/// Weibull, 8 Kumaraswamy, 9 log-normal. The exponential has one parameter; outputs for a second parameter are zero.
pub(crate) fn families<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let family = *input.words::<f32>()?.first()?;
    let mut next = || input.float::<L>();
    let (a, b, u, x) = (next()?, next()?, Uniform::new(next()?).ok()?, next()?);
    match family {
        0 => family_at(Normal::new(a, b).ok()?, u, x, output),
        1 => family_at(Logistic::new(a, b).ok()?, u, x, output),
        2 => family_at(Gumbel::new(a, b).ok()?, u, x, output),
        3 => family_at(Exponential::new(a).ok()?, u, x, output),
        4 => family_at(Laplace::new(a, b).ok()?, u, x, output),
        5 => family_at(Cauchy::new(a, b).ok()?, u, x, output),
        6 => family_at(UniformInterval::new(a, b).ok()?, u, x, output),
        7 => family_at(Weibull::new(a, b).ok()?, u, x, output),
        8 => family_at(Kumaraswamy::new(a, b).ok()?, u, x, output),
        9 => family_at(LogNormal::new(a, b).ok()?, u, x, output),
        _ => None,
    }
}

fn family_at<L: Lane, D: InverseCdf<Lane = L>>(
    p: D,
    u: Uniform<L>,
    x: L,
    output: &mut Writer<'_, L::Word>,
) -> Option<()> {
    let of = |gradient: D::Gradient| {
        let gradient = gradient.as_ref();
        let coordinate = |i| gradient.get(i).copied().unwrap_or(L::ZERO);
        [coordinate(0), coordinate(1)]
    };
    let ([dxda, dxdb], [score_a, score_b], [impl_a, impl_b]) = (of(p.pathwise(u)), of(p.score(x)), of(p.implicit(x)));
    let results =
        [p.quantile(u), dxda, dxdb, p.log_prob(x), score_a, score_b, p.derivative(x), p.cdf(x), impl_a, impl_b];
    results.into_iter().try_for_each(|x| output.float(x))
}

pub(crate) fn gaussian<L: Lane>(input: &mut Reader<'_>, output: &mut Writer<'_, L::Word>) -> Option<()> {
    let mut next = || input.float::<L>();
    let (mu, ls, eps, x, mu2, ls2) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let (p, q) = (LogStdNormal::new(mu, ls).ok()?, LogStdNormal::new(mu2, ls2).ok()?);
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
