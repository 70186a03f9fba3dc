//! Families of continuous distributions by their inverse distribution functions.

use samplegrad_core::{
    Gumbel, LogStdNormal,
    cauchy::{Cauchy, StandardCauchy},
    exponential::Exponential,
    family::{InverseCdf, Moments},
    gumbel::StandardGumbel,
    kumaraswamy::Kumaraswamy,
    laplace::{Laplace, StandardLaplace},
    location_scale::{LocationScale, Standard, StandardMoments},
    log_normal::LogNormal,
    logistic::{Logistic, StandardLogistic},
    noise::{Uniform, cauchy, laplace},
    normal::{Normal, StandardNormal},
    pareto::Pareto,
    uniform_interval::UniformInterval,
    weibull::Weibull,
};

use super::{generator, unknown, used};

pub fn every() {
    used(laplace::quantile(Uniform::<f32>::from_word(unknown(7))));
    used(laplace::sample::<f32, _>(&mut generator()));
    used(cauchy::quantile(Uniform::<f32>::from_word(unknown(7))));
    used(cauchy::sample::<f32, _>(&mut generator()));
    with_moments::<StandardNormal>();
    with_moments::<StandardLogistic>();
    with_moments::<StandardLaplace>();
    with_moments::<StandardGumbel>();
    of_location_and_scale::<StandardCauchy>();
    let (a, b) = (unknown(0.5_f32), unknown(2.0));
    if let Ok(p) = LogStdNormal::new(a, b) {
        of_moments(p);
    }
    if let Ok(p) = Normal::new(a, b) {
        used(Normal::kl(p, p));
    }
    if let Ok(p) = Logistic::new(a, b) {
        of_moments(p);
    }
    if let Ok(p) = Laplace::new(a, b) {
        used(Laplace::kl(p, p));
    }
    if let Ok(p) = Gumbel::new(a, b) {
        of_moments(p);
    }
    if let Ok(p) = Cauchy::new(a, b) {
        used(Cauchy::kl(p, p));
    }
    on_intervals(a, b);
    on_half_lines(a, b);
}

fn on_intervals(a: f32, b: f32) {
    if let Ok(p) = UniformInterval::new(a, b) {
        used(UniformInterval::low(p));
        used(UniformInterval::high(p));
        used(UniformInterval::kl(p, p));
        of_moments(p);
    }
    if let Ok(p) = Kumaraswamy::new(a, b) {
        used(Kumaraswamy::a(p));
        used(Kumaraswamy::b(p));
        used(Kumaraswamy::sample_logit(p, &mut generator()));
        used(Kumaraswamy::log_prob_at_logit(p, unknown(0.5)));
        used(Kumaraswamy::score_at_logit(p, unknown(0.5)));
        of_moments(p);
    }
}

fn on_half_lines(a: f32, b: f32) {
    if let Ok(p) = Exponential::new(a) {
        used(Exponential::rate(p));
        used(Exponential::kl(p, p));
        of_moments(p);
    }
    if let Ok(p) = Weibull::new(a, b) {
        used(Weibull::scale(p));
        used(Weibull::shape(p));
        used(Weibull::kl(p, p));
        of_moments(p);
    }
    if let Ok(p) = Pareto::new(a, b) {
        used(Pareto::scale(p));
        used(Pareto::shape(p));
        used(Pareto::kl(p, p));
        of_moments(p);
    }
    if let Ok(p) = LogNormal::new(a, b) {
        used(LogNormal::location(p));
        used(LogNormal::scale(p));
        used(LogNormal::kl(p, p));
        used(LogNormal::log_prob_of_noise(p, unknown(0.5)));
        used(LogNormal::score_of_noise(p, unknown(0.5)));
        of_moments(p);
    }
}

fn of_location_and_scale<Z: Standard>() {
    used(<Z as Standard>::quantile(Uniform::<f32>::from_word(unknown(7))));
    used(<Z as Standard>::log_density(unknown(0.5_f32)));
    used(<Z as Standard>::slope(unknown(0.5_f32)));
    used(<Z as Standard>::cdf(unknown(0.5_f32)));
    let Ok(p) = LocationScale::<Z>::new(unknown(0.5_f32), unknown(2.0)) else { return };
    let x = LocationScale::sample(p, &mut generator());
    used(LocationScale::location(p));
    used(LocationScale::scale(p));
    used(LocationScale::quantile(p, Uniform::from_word(unknown(7))));
    used(LocationScale::log_prob(p, x));
    used(LocationScale::cdf(p, x));
    used(LocationScale::score(p, x));
    used(LocationScale::log_prob_of_noise(p, x));
    used(LocationScale::score_of_noise(p, x));
    used(LocationScale::derivative(p, x));
    used(LocationScale::entropy(p));
    of_path(p);
}

fn with_moments<Z: StandardMoments>() {
    of_location_and_scale::<Z>();
    let Ok(p) = LocationScale::<Z>::new(unknown(0.5_f32), unknown(2.0)) else { return };
    used(LocationScale::mean(p));
    used(LocationScale::variance(p));
    of_moments(p);
}

fn of_moments<D: InverseCdf<Lane = f32> + Moments>(p: D) {
    used(Moments::mean(p));
    used(Moments::variance(p));
    of_path(p);
}

fn of_path<D: InverseCdf<Lane = f32>>(p: D) {
    let u = Uniform::from_word(unknown(7));
    used(InverseCdf::path(p, u));
    used(InverseCdf::quantile(p, u));
    used(InverseCdf::pathwise(p, u));
    used(InverseCdf::cdf(p, unknown(0.5)));
    used(InverseCdf::derivative(p, unknown(0.5)));
    used(InverseCdf::implicit(p, unknown(0.5)));
    used(InverseCdf::entropy(p));
    super::continuous::of_family::<2, _>(p);
}
