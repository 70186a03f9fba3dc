//! Special functions, implicit reparameterization, the multivariate normal, measure-valued derivatives.

use samplegrad_core::{
    Beta, Dirichlet, Gamma, LogStdNormal, MultivariateNormal, StudentT,
    estimator::Estimator,
    independent::Independent,
    measure_valued::{self, MeasureValued},
    noise::Uniform,
    special,
    standard_gamma::{Point, StandardGamma},
};

use super::{continuous, generator, numbers, unknown, used};

pub fn every<const N: usize>() {
    special_functions();
    let uniform = Uniform::<f32>::from_word(unknown(7));
    if let Ok(p) = StandardGamma::new(unknown(0.5_f32)) {
        used((StandardGamma::shape(p), StandardGamma::ln_shape(p)));
        used(StandardGamma::sample(p, &mut generator()));
        let point = StandardGamma::quantile(p, uniform);
        used((Point::log_ratio(point), Point::log_ratio_derivative(point)));
        used((Point::ln(point), Point::ln_derivative(point), Point::value(point)));
        families::<N>(point);
    }
    multivariate::<N>();
    measure_valued::<N>();
}

fn special_functions() {
    let x = unknown(1.5_f32);
    used((special::ln_gamma(x), special::ln_gamma_1p(x), special::digamma(x), special::trigamma(x)));
    used((special::ln_less_digamma(x), special::exp_less_line(x), special::exp_1m(x)));
    used(special::digamma_step(x, unknown(0.5)));
}

fn families<const N: usize>(point: Point) {
    if let (Ok(p), Ok(q)) = (Gamma::new(unknown(0.5_f32), unknown(2.0)), Gamma::new(unknown(2.0), unknown(1.0))) {
        used((Gamma::shape(p), Gamma::rate(p), Gamma::mean(p), Gamma::variance(p)));
        used((Gamma::sample(p, &mut generator()), Gamma::sample_ln(p, &mut generator()), Gamma::at(p, point)));
        used((Gamma::log_prob(p, unknown(0.5)), Gamma::score(p, unknown(0.5))));
        used((Gamma::log_prob_at_ln(p, unknown(0.5)), Gamma::score_at_ln(p, unknown(0.5))));
        used((Gamma::log_prob_of(p, point), Gamma::score_of(p, point)));
        used((Gamma::entropy(p), Gamma::entropy_derivatives(p), Gamma::kl(p, q), Gamma::kl_derivatives(p, q)));
        continuous::of_family::<N, _>(p);
    }
    if let (Ok(p), Ok(q)) = (Beta::new(unknown(0.5_f32), unknown(2.0)), Beta::new(unknown(2.0), unknown(1.0))) {
        used((Beta::shapes(p), Beta::mean(p), Beta::variance(p), Beta::entropy(p), Beta::kl(p, q)));
        used((Beta::sample(p, &mut generator()), Beta::at(p, [point, point])));
        used((Beta::log_prob(p, unknown(0.5)), Beta::score(p, unknown(0.5))));
        used((Beta::sample_logit(p, &mut generator()), Beta::logit_at(p, [point, point])));
        used((Beta::log_prob_at_logit(p, unknown(0.5)), Beta::score_at_logit(p, unknown(0.5))));
        continuous::of_family::<N, _>(p);
    }
    if let Ok(p) = StudentT::new(unknown(3.0_f32), unknown(0.0), unknown(1.0)) {
        used((StudentT::freedom(p), StudentT::location(p), StudentT::scale(p), StudentT::entropy(p)));
        used((StudentT::sample(p, &mut generator()), StudentT::at(p, unknown(0.5), point)));
        used((StudentT::log_prob(p, unknown(0.5)), StudentT::score(p, unknown(0.5))));
        used((StudentT::log_prob_of_noise(p, unknown(0.5)), StudentT::score_of_noise(p, unknown(0.5))));
        continuous::of_family::<N, _>(p);
    }
    if let (Ok(p), Ok(q)) = (Dirichlet::<N>::new(numbers()), Dirichlet::<N>::new(numbers())) {
        used((Dirichlet::as_slice(&p), Dirichlet::at(&p, unknown(&[point])), Dirichlet::log_prob(&p, numbers())));
        used((Dirichlet::ln_at(&p, unknown(&[point])), Dirichlet::sample_ln(&p, &mut generator())));
        used((Dirichlet::log_prob_at_ln(&p, numbers()), Dirichlet::score_at_ln(&p, numbers())));
        used((Dirichlet::mean(&p), Dirichlet::entropy(&p), Dirichlet::kl(&p, &q)));
        continuous::of_variables::<N, _>(&p);
    }
}

fn multivariate<const N: usize>() {
    used(MultivariateNormal::<N>::from_covariance(numbers(), numbers()));
    let of = || MultivariateNormal::<N>::new(numbers(), numbers());
    let (Ok(p), Ok(q)) = (of(), of()) else { return };
    used((MultivariateNormal::mean(&p), MultivariateNormal::factor(&p)));
    used(MultivariateNormal::score_of_noise(&p, numbers()));
    used((MultivariateNormal::reparameterize(&p, numbers()), MultivariateNormal::standardize(&p, numbers())));
    used((
        MultivariateNormal::log_prob(&p, numbers()),
        MultivariateNormal::entropy(&p),
        MultivariateNormal::kl(&p, &q),
    ));
    used((MultivariateNormal::kl_to_standard(&p), MultivariateNormal::kl_to_standard_gradient(&p)));
    continuous::of_variables::<N, _>(&p);
}

fn measure_valued<const N: usize>() {
    let Ok(p) = LogStdNormal::new(unknown(0.5_f32), unknown(0.5)) else { return };
    let Ok(x) = Independent::<_, N>::new(unknown(&[p])) else { return };
    let mut cost = |x: &[f32]| unknown(x).len() as f32;
    used(measure_valued::with_noise(&x, unknown(&[[0.5, 0.5]]), &mut cost));
    used(MeasureValued.estimate(&x, &mut cost, &mut generator()));
}
