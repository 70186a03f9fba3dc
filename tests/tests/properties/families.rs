//! Families of continuous distributions: closed forms against numerical integration, and extreme parameters.

use crate::laws::{self, expectation, family, for_every_family};
use samplegrad_core::{
    Gumbel, LogStdNormal,
    cauchy::Cauchy,
    exponential::Exponential,
    family::{Family, InverseCdf, Moments},
    kumaraswamy::Kumaraswamy,
    laplace::Laplace,
    log_normal::LogNormal,
    logistic::Logistic,
    noise::Uniform,
    normal::Normal,
    pareto::Pareto,
    uniform_interval::UniformInterval,
    weibull::Weibull,
};

/// Compares entropies, means, variances, distribution functions and divergences with integrals, to parts in a million.
#[test]
fn closed_forms_are_integrals() {
    let close = |name: &str, what: &str, found: f32, exact: f64| {
        let error = (f64::from(found) - exact).abs() / exact.abs().max(1.0);
        assert!(error < 4e-6, "{name}: {what} {found}, exact {exact}");
    };
    macro_rules! one {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let p = family(|$a: f32, $b| $new, $parameters[0] as f32, $parameters[1] as f32);
            let exact = |g: &dyn Fn(f64) -> f64| expectation($law, $parameters, g);
            close(name, "total", 1.0, exact(&|_| 1.0));
            close(name, "entropy", InverseCdf::entropy(p), -exact(&|x| ($law.1)($parameters, x)));
            for lower in [1e-9, 1e-3, 0.2, 0.5, 0.9, 0.999] {
                let x = ($law.0)($parameters, lower, 1.0 - lower) as f32;
                let u = Uniform::new(lower as f32).expect("inside");
                close(name, "log-probability", Family::log_prob(p, x), ($law.1)($parameters, f64::from(x)));
                let fed = f64::from(lower as f32);
                close(name, "quantile", InverseCdf::quantile(p, u), ($law.0)($parameters, fed, 1.0 - fed));
                close(name, "distribution function", InverseCdf::cdf(p, x), lower);
            }
        }};
    }
    for_every_family!(one);
    macro_rules! moments {
        ($law:expr, $parameters:expr, |$a:ident, $b:tt| $new:expr) => {{
            let name = concat!(stringify!($law), " ", stringify!($parameters));
            let p = family(|$a: f32, $b| $new, $parameters[0] as f32, $parameters[1] as f32);
            let mean = expectation($law, $parameters, |x| x);
            let variance = expectation($law, $parameters, |x| (x - mean) * (x - mean));
            close(name, "mean", Moments::mean(p), mean);
            close(name, "variance", Moments::variance(p), variance);
            // The variance is compared to relative precision too.
            close(name, "relative variance", Moments::variance(p) / variance as f32, 1.0);
        }};
    }
    moments!(laws::GAUSSIAN, [0.75, 0.5], |a, b| LogStdNormal::new(a, b));
    moments!(laws::NORMAL, [0.75, 1.5], |a, b| Normal::new(a, b));
    moments!(laws::LOGISTIC, [0.5, 0.75], |a, b| Logistic::new(a, b));
    moments!(laws::LAPLACE, [-0.5, 1.25], |a, b| Laplace::new(a, b));
    moments!(laws::GUMBEL, [0.5, 1.5], |a, b| Gumbel::new(a, b));
    moments!(laws::UNIFORM, [-0.5, 1.5], |a, b| UniformInterval::new(a, b));
    moments!(laws::EXPONENTIAL, [1.5, 0.0], |a, _| Exponential::new(a));
    moments!(laws::WEIBULL, [1.5, 0.75], |a, b| Weibull::new(a, b));
    moments!(laws::WEIBULL, [0.5, 64.0], |a, b| Weibull::new(a, b));
    moments!(laws::PARETO, [0.5, 8.0], |a, b| Pareto::new(a, b));
    moments!(laws::LOG_NORMAL, [0.25, 0.75], |a, b| LogNormal::new(a, b));
    moments!(laws::KUMARASWAMY, [2.5, 1.75], |a, b| Kumaraswamy::new(a, b));
    moments!(laws::KUMARASWAMY, [0.75, 4.0], |a, b| Kumaraswamy::new(a, b));
    moments!(laws::KUMARASWAMY, [64.0, 8.0], |a, b| Kumaraswamy::new(a, b));
    macro_rules! divergence {
        ($law:expr, $p:expr, $q:expr, |$a:ident, $b:tt| $new:expr) => {{
            let new = |x: [f64; 2]| family(|$a: f32, $b| $new, x[0] as f32, x[1] as f32);
            let exact = expectation($law, $p, |x| ($law.1)($p, x) - ($law.1)($q, x));
            close(stringify!($law), "divergence", new($p).kl(new($q)), exact);
            assert!(new($p).kl(new($p)).abs() < 1e-6, "{}: divergence from itself", stringify!($law));
        }};
    }
    divergence!(laws::NORMAL, [0.75, 1.5], [-0.5, 0.75], |a, b| Normal::new(a, b));
    divergence!(laws::LAPLACE, [-0.5, 1.25], [1.0, 0.75], |a, b| Laplace::new(a, b));
    divergence!(laws::GUMBEL, [0.5, 1.5], [-0.25, 2.0], |a, b| Gumbel::new(a, b));
    divergence!(laws::CAUCHY, [0.5, 0.75], [-1.0, 2.5], |a, b| Cauchy::new(a, b));
    divergence!(laws::UNIFORM, [-0.5, 1.5], [-1.0, 2.0], |a, b| UniformInterval::new(a, b));
    divergence!(laws::EXPONENTIAL, [1.5, 0.0], [0.25, 0.0], |a, _| Exponential::new(a));
    divergence!(laws::WEIBULL, [1.5, 0.75], [0.75, 1.25], |a, b| Weibull::new(a, b));
    divergence!(laws::PARETO, [0.5, 3.5], [0.25, 1.5], |a, b| Pareto::new(a, b));
    divergence!(laws::LOG_NORMAL, [0.25, 0.75], [-0.5, 1.25], |a, b| LogNormal::new(a, b));
}

/// Checks that divergences from a smaller support, and moments of Pareto's distribution that diverge, are infinite.
#[test]
fn what_diverges_is_infinite() {
    let interval = |low: f32, high: f32| UniformInterval::new(low, high).expect("an interval");
    assert_eq!(interval(0.0, 2.0).kl(interval(0.5, 3.0)), f32::INFINITY);
    let pareto = |scale: f32, shape: f32| Pareto::new(scale, shape).expect("in range");
    assert_eq!(pareto(1.0, 2.0).kl(pareto(1.5, 2.0)), f32::INFINITY);
    assert_eq!((pareto(1.0, 1.0).mean(), pareto(1.0, 2.0).variance()), (f32::INFINITY, f32::INFINITY));
    assert!(pareto(1.0, 1.25).mean().is_finite() && pareto(1.0, 2.25).variance().is_finite());
    // Points outside the support.
    assert_eq!((pareto(1.0, 1.0).log_prob(0.5), pareto(1.0, 1.0).cdf(0.5)), (f32::NEG_INFINITY, 0.0));
    let unit = Kumaraswamy::new(2.0_f32, 3.0).expect("in range");
    assert_eq!((unit.log_prob(1.5), unit.cdf(1.5), unit.cdf(-1.0)), (f32::NEG_INFINITY, 1.0, 0.0));
    let weibull = Weibull::new(2.0_f32, 3.0).expect("in range");
    assert_eq!((weibull.log_prob(-1.0), weibull.cdf(-1.0)), (f32::NEG_INFINITY, 0.0));
}

/// Checks that every function of a draw is finite at both ends of the noise and of every parameter, and that points
/// rise with `u`.
#[test]
fn extremes_are_finite() {
    fn of<D: InverseCdf<Lane = f32>>(name: &str, p: D) {
        let words =
            [0, 1, 1 << 10, 1 << 24, 1 << 30, 0x7fff_ffff, 0x8000_0000, 3 << 30, u32::MAX - (1 << 10), u32::MAX];
        let mut last = f32::NEG_INFINITY;
        for word in words {
            let (x, by_parameter) = p.path(Uniform::from_word(word));
            let (score, implicit) = (p.score(x), p.implicit(x));
            let numbers = [x, p.log_prob(x), p.cdf(x), p.derivative(x), p.entropy()];
            let of_parameters = [by_parameter, score, implicit];
            let all = of_parameters.iter().flat_map(|g| g.as_ref()).chain(&numbers);
            assert!(all.clone().all(|x| x.is_finite()), "{name} {p:?}, word {word}: {:?}", all.collect::<Vec<_>>());
            assert!(last <= x && (0.0..=1.0).contains(&numbers[2]), "{name} {p:?}, word {word}: {x} after {last}");
            last = x;
        }
    }
    let places = [-1e6, -1.0, 0.0, 1.0, 1e6];
    let scales = [1e-6, 1e-3, 1.0, 1e3, 1e6];
    for a in places {
        for b in scales {
            of("normal", Normal::new(a, b).expect("in range"));
            of("logistic", Logistic::new(a, b).expect("in range"));
            of("Laplace", Laplace::new(a, b).expect("in range"));
            of("Gumbel", Gumbel::new(a, b).expect("in range"));
            of("Cauchy", Cauchy::new(a, b).expect("in range"));
            if let Ok(p) = UniformInterval::new(a, (a + b).min(1e6)) {
                of("uniform", p);
            }
        }
    }
    let shapes = [0.25, 0.5, 1.0, 2.0, 100.0];
    for a in scales {
        of("exponential", Exponential::new(a).expect("in range"));
        for b in shapes {
            of("Weibull", Weibull::new(a, b).expect("in range"));
            of("Pareto", Pareto::new(a, b.max(0.5) * if b > 50.0 { 10.0 } else { 1.0 }).expect("in range"));
        }
    }
    for a in shapes {
        for b in shapes {
            of("Kumaraswamy", Kumaraswamy::new(a, b).expect("in range"));
        }
    }
    for a in [-40.0, 0.0, 40.0] {
        for b in [1e-6, 1e-3, 1.0, 6.0] {
            of("log-normal", LogNormal::new(a, b).expect("in range"));
        }
    }
}
