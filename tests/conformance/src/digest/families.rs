//! Families of continuous distributions by their inverse distribution functions, one family per draw.

use samplegrad_core::{
    Gumbel, LogStdNormal, Source,
    cauchy::Cauchy,
    exponential::Exponential,
    family::{InverseCdf, Moments},
    kumaraswamy::Kumaraswamy,
    lane::Lane,
    laplace::Laplace,
    log_normal::LogNormal,
    logistic::Logistic,
    noise::Uniform,
    normal::Normal,
    pareto::Pareto,
    uniform_interval::UniformInterval,
    weibull::Weibull,
};

use super::{Digest, Operation, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [("location and scale", location_scale), ("families on a half-line", half_line), ("families within", within)]
}

/// Returns a number above `low`, log-uniform over a factor of `e^{2 reach}`.
fn positive<L: Lane, S: Source<L>>(source: &mut S, low: f32, reach: f32) -> L {
    (spread::<L, S>(source, reach) + reach).exp() * low
}

/// Digests a draw of the family and every function of the distribution at that point.
fn path<L: Lane, D: InverseCdf<Lane = L>, S: Source<L>>(p: D, source: &mut S, out: &mut Digest<L>) -> Option<()> {
    let u = Uniform::sample(source);
    let (x, by_parameter) = p.path(u);
    out.numbers(&[x, p.log_prob(x), p.cdf(x), p.derivative(x), p.entropy()]);
    out.numbers(by_parameter.as_ref());
    out.numbers(p.score(x).as_ref());
    out.numbers(p.implicit(x).as_ref());
    Some(())
}

/// Digests the moments. Means and variances may be infinite.
fn moments<L: Lane, D: Moments<Lane = L>>(p: D, out: &mut Digest<L>) {
    out.any(p.mean());
    out.any(p.variance());
}

fn location_scale<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let (a, b) = (spread(source, 100.0), positive(source, 1e-3, 5.0));
    let (c, d) = (spread(source, 1e6), positive(source, 1e-6, 13.0));
    match round % 6 {
        0 => {
            let p = Normal::new(a, b).ok()?;
            out.any(p.kl(Normal::new(c, d).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        1 => {
            let p = Logistic::new(c, d).ok()?;
            moments(p, out);
            path(p, source, out)
        }
        2 => {
            let p = Laplace::new(a, b).ok()?;
            out.number(p.kl(Laplace::new(c, d).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        3 => {
            let p = Gumbel::new(a, b).ok()?;
            // The divergence overflows a float if the other scale is much smaller.
            out.any(p.kl(Gumbel::new(c, d).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        4 => {
            let p = Cauchy::new(a, b).ok()?;
            out.number(p.kl(Cauchy::new(c, d).ok()?));
            path(p, source, out)
        }
        _ => {
            let p = LogStdNormal::new(c, spread(source, 10.0)).ok()?;
            moments(p, out);
            path(p, source, out)
        }
    }
}

fn half_line<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let (scale, shape) = (positive(source, 1e-6, 13.0), positive(source, 0.5, 2.5));
    let (other_scale, other_shape) = (positive(source, 0.01, 4.0), positive(source, 0.5, 1.0));
    match round % 4 {
        0 => {
            let p = Exponential::new(scale).ok()?;
            out.number(p.kl(Exponential::new(other_scale).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        1 => {
            let p = Weibull::new(scale, shape * 0.5).ok()?;
            out.any(p.kl(Weibull::new(other_scale, other_shape).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        2 => {
            let p = Pareto::new(scale, shape).ok()?;
            out.any(p.kl(Pareto::new(other_scale, other_shape).ok()?));
            moments(p, out);
            path(p, source, out)
        }
        _ => {
            let p = LogNormal::new(spread(source, 40.0), positive(source, 1e-3, 4.3)).ok()?;
            out.any(p.kl(LogNormal::new(spread(source, 40.0), other_shape).ok()?));
            moments(p, out);
            path(p, source, out)
        }
    }
}

fn within<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    if round.is_multiple_of(2) {
        let p = Kumaraswamy::new(positive(source, 0.25, 2.9), positive(source, 0.25, 2.9)).ok()?;
        moments(p, out);
        path(p, source, out)
    } else {
        let low = spread(source, 100.0);
        let p = UniformInterval::new(low, low + positive(source, 1e-3, 5.0)).ok()?;
        out.any(p.kl(UniformInterval::new(low - 1.0, low + 1.0).ok()?));
        moments(p, out);
        path(p, source, out)
    }
}
