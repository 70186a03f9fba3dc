//! Implicit reparameterization, the multivariate normal, measure-valued derivatives.

use samplegrad_core::{
    Beta, Dirichlet, Gamma, Gumbel, LogStdNormal, MultivariateNormal, Source, StudentT,
    cost::FnWithGradient,
    estimator::{Estimate, Estimator},
    family::Family,
    independent::Independent,
    kumaraswamy::Kumaraswamy,
    lane::Lane,
    log_normal::LogNormal,
    measure_valued::MeasureValued,
    normal::Normal,
    pareto::Pareto,
    pathwise::Pathwise,
    reduce,
    score_function::ScoreFunction,
    special,
    variables::{Reparameterized, Variables},
    weibull::Weibull,
};

use super::{Digest, N, Operation, numbers, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 4] {
    [
        ("implicit", implicit),
        ("multivariate normal", multivariate),
        ("measure-valued", measure_valued),
        ("unrounded", unrounded),
    ]
}

/// Returns a shape whose logarithm is uniform from about 1e-3 to 1e4, drawn anew for each lane.
fn shape<L: Lane, S: Source<L>>(source: &mut S) -> L {
    (spread(source, 8.0) + 1.2).exp().max(L::splat(1.2e-3))
}

/// Digests one family per round.
fn implicit<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    match round % 5 {
        0 => {
            let (p, q) = (Gamma::new(shape(source), shape(source)).ok()?, Gamma::new(shape(source), L::ONE).ok()?);
            let (x, by) = p.sample(source);
            out.numbers(&[x, p.log_prob(x), p.entropy(), p.kl(q)]);
            out.numbers(&by);
            out.numbers(&p.score(x));
            out.numbers(&p.entropy_derivatives());
            out.numbers(&p.kl_derivatives(q));
        }
        1 => {
            let (p, q) = (Beta::new(shape(source), shape(source)).ok()?, Beta::new(L::ONE, shape(source)).ok()?);
            let (x, by) = p.sample(source);
            out.numbers(&[x, p.log_prob(x), p.entropy(), p.kl(q), p.mean(), p.variance()]);
            out.numbers(&by);
            out.numbers(&p.score(x));
        }
        2 => {
            let p = Dirichlet::<N, L>::new(&[shape(source), shape(source)]).ok()?;
            let (x, path) = p.sample_path(source);
            out.numbers(&x);
            out.numbers(&[p.log_prob(&x).ok()?, p.entropy()]);
            out.numbers(&p.pullback(&path, &[L::ONE, spread(source, 10.0)]));
            out.numbers(&p.score(&x));
        }
        3 => {
            let p = StudentT::new(shape(source) + 1.0, spread(source, 10.0), shape(source)).ok()?;
            let (x, by) = p.sample(source);
            out.numbers(&[x, p.log_prob(x), p.entropy()]);
            out.numbers(&by);
            out.numbers(&p.score(x));
        }
        _ => {
            let x = shape(source);
            out.numbers(&[special::ln_gamma(x), special::digamma(x), special::trigamma(x)]);
            out.numbers(&[special::ln_less_digamma(x), special::ln_gamma_1p(x.min(L::ONE))]);
            let y = spread(source, 40.0);
            out.numbers(&[special::exp_less_line(y), special::exp_1m(y)]);
        }
    }
    Some(())
}

/// Digests one draw of one family per round: its score, and the results computed from the unrounded sample.
fn unrounded<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    fn of<L: Lane, D: Family<Lane = L>, S: Source<L>>(p: D, source: &mut S, out: &mut Digest<L>) {
        let (x, score) = p.sample_score(source);
        out.number(x);
        out.numbers(score.as_ref());
    }
    match round % 8 {
        0 => {
            let p = Gamma::new(shape(source), shape(source)).ok()?;
            let (ln_x, _) = p.sample_ln(source);
            out.numbers(&[p.log_prob_at_ln(ln_x)]);
            out.numbers(&p.score_at_ln(ln_x));
            of(p, source, out);
        }
        1 => {
            let p = Beta::new(shape(source), shape(source)).ok()?;
            let (logit, by) = p.sample_logit(source);
            out.numbers(&[logit, p.log_prob_at_logit(logit)]);
            out.numbers(&by);
            out.numbers(&p.score_at_logit(logit));
            of(p, source, out);
        }
        2 => {
            let p = Dirichlet::<N, L>::new(&[shape(source), shape(source), shape(source)]).ok()?;
            let ln_x = p.sample_ln(source);
            out.numbers(&ln_x);
            out.number(p.log_prob_at_ln(&ln_x).ok()?);
            let (x, score) = p.sample_score(source);
            out.numbers(&x);
            out.numbers(&score);
        }
        3 => {
            let shape = |source: &mut S| (spread::<L, S>(source, 2.9) + 2.9).exp().max(L::splat(1.0)) * 0.25;
            let p = Kumaraswamy::new(shape(source), shape(source)).ok()?;
            let (logit, by) = p.sample_logit(source);
            out.numbers(&[logit, p.log_prob_at_logit(logit)]);
            out.numbers(&by);
            out.numbers(&p.score_at_logit(logit));
            of(p, source, out);
        }
        4 => of(StudentT::new(shape(source) + 1.0, spread(source, 1e6), shape(source)).ok()?, source, out),
        5 => {
            let p = LogStdNormal::new(spread(source, 1e6), spread(source, 10.0)).ok()?;
            out.number(p.log_prob_of_noise(spread(source, 6.0)));
            of(p, source, out);
        }
        6 => {
            let (location, scale) = (spread(source, 1e6), shape(source));
            of(Normal::new(location, scale).ok()?, source, out);
            of(Gumbel::new(location, scale).ok()?, source, out);
            of(Weibull::new(scale, L::ONE).ok()?, source, out);
            of(Pareto::new(scale, L::ONE).ok()?, source, out);
            let p = LogNormal::new(spread(source, 40.0), L::splat(1e-3)).ok()?;
            out.number(p.log_prob_of_noise(spread(source, 6.0)));
            of(p, source, out);
        }
        _ => {
            let p = MultivariateNormal::<N, L>::new(&numbers(source, 2, 1e3), &numbers(source, 3, 2.0)).ok()?;
            let (x, score) = p.sample_score(source);
            out.numbers(&x);
            out.numbers(&score);
            out.number(special::digamma_step(shape(source), shape(source)));
        }
    }
    Some(())
}

/// Digests the covariance `B Bᵀ + 1` of two variables, and gradients of a quadratic cost of them.
fn multivariate<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let (mean, b) = (numbers(source, 2, 3.0), numbers(source, 4, 2.0));
    let (top, bottom) = b.split_at_checked(2)?;
    let cross = reduce::dot(top, bottom);
    let covariance = [reduce::dot(top, top) + 1.0, cross, cross, reduce::dot(bottom, bottom) + 1.0];
    let p = MultivariateNormal::<N, L>::from_covariance(&mean, &covariance).ok()?;
    let q = MultivariateNormal::<N, L>::new(&numbers(source, 2, 3.0), &numbers(source, 3, 2.0)).ok()?;
    out.numbers(p.factor());
    out.numbers(&p.kl_to_standard_gradient());
    out.numbers(&[p.entropy(), p.kl(&q).ok()?, p.kl_to_standard(), p.log_prob(q.mean()).ok()?]);
    let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
        gradient.iter_mut().zip(x).for_each(|(g, &x)| *g = x + x);
        reduce::dot(x, x)
    });
    for estimate in [
        Pathwise.estimate(&p, &mut cost, source).ok()?,
        ScoreFunction { baseline: L::ONE }.estimate(&q, &mut cost, source).ok()?,
    ] {
        take(&estimate, out);
    }
    out.numbers(&q.sample(source));
    Some(())
}

/// Digests measure-valued derivatives of a quadratic cost of two normal variables.
fn measure_valued<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let mut gaussian = || LogStdNormal::new(spread(source, 10.0), spread(source, 3.0)).ok();
    let x = Independent::<_, N>::new(&[gaussian()?, gaussian()?]).ok()?;
    take(&MeasureValued.estimate(&x, &mut |x: &[L]| reduce::dot(x, x), source).ok()?, out);
    Some(())
}

fn take<L: Lane, V: Variables<Lane = L>>(estimate: &Estimate<V>, out: &mut Digest<L>) {
    out.number(estimate.mean);
    out.numbers(&estimate.gradient);
}
