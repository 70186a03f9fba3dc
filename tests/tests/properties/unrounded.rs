//! Continuous distributions at the limits of a float: samples far below 1, densities at the ends of a support and
//! outside it, scores and densities at numbers that a float cannot hold, compared with double precision.

use samplegrad_core::{
    Beta, Dirichlet, Error, Gamma, GaussianActions, GaussianHead, Gumbel, Head, LogStdNormal, MultivariateNormal,
    StudentT,
    family::{Family, InverseCdf},
    kumaraswamy::Kumaraswamy,
    log_normal::LogNormal,
    noise::{Uniform, exponential, normal},
    normal::Normal,
    special::digamma_step,
    standard_gamma::StandardGamma,
    stream,
    variables::Variables,
    weibull::Weibull,
};
use statrs::function::gamma::{digamma, ln_gamma};

const INFINITY: f32 = f32::INFINITY;

#[track_caller]
fn close(found: f32, exact: f64, allowed: f64) {
    let error = (f64::from(found) - exact).abs();
    assert!(error <= allowed * exact.abs(), "{found:e} for {exact:e}, {:.1e} of it", error / exact.abs());
}

fn at(shape: f32, u: f32) -> f32 {
    StandardGamma::new(shape).expect("in range").quantile(Uniform::new(u).expect("within")).value()
}

/// Checks gamma samples below their shape against 40-digit solutions of `γ(α, x) = u Γ(α)` for `x`.
#[test]
fn small_gamma_numbers() {
    close(at(0.5, 1e-4), 7.853_981_655_084_54e-9, 2e-6);
    close(at(1.0, 1e-6), 1.000_000_497_486_18e-6, 2e-6);
}

/// Checks gamma quantiles against closed forms. For shape 1, the quantile is `−ln(1 − u)`, as for the exponential
/// distribution. For shapes below 1, far in the lower tail, it is `(u Γ(1 + α))^{1/α}` with a correction below 1e-7.
#[test]
fn gamma_numbers_from_their_logarithm() {
    for k in 0..32 {
        let u = Uniform::<f32>::from_word(1 << k);
        let wide = f64::from(u.tail());
        close(StandardGamma::new(1.0).expect("in range").quantile(u).value(), -(-wide).ln_1p(), 4e-6);
        for shape in [0.02_f32, 0.1, 0.3, 0.5, 0.9] {
            let alpha = f64::from(shape);
            let ln_x = (wide.ln() + ln_gamma(1.0 + alpha)) / alpha;
            let found = StandardGamma::new(shape).expect("in range").quantile(u).value();
            if ln_x < -87.0 {
                assert!(found <= 1.7e-38, "{found:e}");
            } else if ln_x < -16.0 {
                close(found, ln_x.exp(), 2e-6 * ln_x.abs());
            }
        }
    }
}

/// Checks the share of gamma samples of shape 0.1 that are the smallest float: `P(x ≤ 2^−126) = 2^{−12.6}/Γ(1.1)`.
#[test]
fn share_of_the_smallest_float() {
    let p = Gamma::new(0.1_f32, 1.0).expect("in range");
    let rng = &mut stream::xorshift(2026, 0);
    let draws = if cfg!(debug_assertions) { 100_000 } else { 2_000_000 };
    let count = (0..draws).filter(|_| p.sample(rng).0 <= f32::MIN_POSITIVE).count() as f64;
    let mean = f64::from(draws) * (-12.6 * std::f64::consts::LN_2 - ln_gamma(1.1)).exp();
    println!("{:.4} % of the draws", 100.0 * count / f64::from(draws));
    // Five standard deviations of a Poisson number: a correct sampler fails with a probability of 2e-6.
    assert!((count - mean).abs() < 5.0 * mean.sqrt(), "{count} for {mean}");
}

/// Checks that samples that would underflow at rate 1 do not underflow at a rate below 1.
#[test]
fn rates_scale_before_rounding() {
    let u = Uniform::new(1e-4_f32).expect("within");
    let point = StandardGamma::new(0.1).expect("in range").quantile(u);
    let x = Gamma::new(0.1_f32, 1e-6).expect("in range").at(point).0;
    let ln_x = (1e-4_f64.ln() + ln_gamma(1.1)) / 0.1 - 1e-6_f64.ln();
    close(x, ln_x.exp(), 2e-4);
}

/// Checks `ψ(x + s) − ψ(x)` to full relative precision, also for small steps `s`, where it is close to `s ψ'(x + s/2)`.
#[test]
fn steps_of_digamma() {
    for i in 0..=36 {
        for j in 0..=36 {
            let (x, s) = (10.0_f32.powf(i as f32 / 4.0 - 3.0), 10.0_f32.powf(j as f32 / 4.0 - 3.0));
            let (a, b) = (f64::from(x), f64::from(s));
            // Exact value: the first 1000 terms of the recurrence, then Stirling's series.
            let mut sum: f64 = (0..1000).map(|k| b / ((a + f64::from(k)) * (a + f64::from(k) + b))).sum();
            let (y, z) = (a + 1000.0, a + 1000.0 + b);
            sum += (b / y).ln_1p() + b / (2.0 * y * z) + b * (y + z) / (12.0 * (y * z).powi(2));
            close(digamma_step(x, s), sum, 1e-6);
        }
    }
    assert_eq!(digamma_step(0.5_f32, 0.0), 0.0);
}

#[test]
fn densities_at_the_ends() {
    let beta = |a: f32, b: f32| Beta::new(a, b).expect("in range");
    assert!(beta(1.0, 1.0).log_prob(0.0).abs() < 1e-6 && beta(1.0, 1.0).log_prob(1.0).abs() < 1e-6);
    close(beta(1.0, 3.0).log_prob(0.0), 3.0_f64.ln(), 1e-6);
    close(beta(0.25, 1.0).log_prob(1.0), 0.25_f64.ln(), 1e-6);
    for (at, [first, second]) in [(0.0, [2.0, 1.0]), (1.0, [1.0, 2.0]), (0.0, [1.5, 0.5]), (1.0, [0.5, 1.5])] {
        assert_eq!(beta(first, second).log_prob(at), -INFINITY);
    }
    assert_eq!([beta(0.5, 2.0).log_prob(0.0), beta(2.0, 0.5).log_prob(1.0)], [INFINITY; 2]);
    for x in [-0.5, -f32::MIN_POSITIVE, 1.0 + f32::EPSILON, 2.0, INFINITY, -INFINITY] {
        assert_eq!(beta(1.0, 1.0).log_prob(x), -INFINITY, "{x}");
        assert_eq!(Kumaraswamy::new(1.0, 1.0).expect("in range").log_prob(x), -INFINITY, "{x}");
    }
    // The next float has nearly the same density. The terms of the logarithm are about 87 and cancel.
    close(beta(1.0, 3.0).log_prob(f32::MIN_POSITIVE), 3.0_f64.ln(), 5e-6);

    let unit = |a: f32, b: f32| Kumaraswamy::new(a, b).expect("in range");
    assert_eq!([unit(1.0, 1.0).log_prob(0.0), unit(1.0, 1.0).log_prob(1.0)], [0.0; 2]);
    close(unit(1.0, 3.0).log_prob(0.0), 3.0_f64.ln(), 1e-6);
    close(unit(3.0, 1.0).log_prob(1.0), 3.0_f64.ln(), 1e-6);
    assert_eq!([unit(2.0, 1.0).log_prob(0.0), unit(1.0, 2.0).log_prob(1.0)], [-INFINITY; 2]);
    assert_eq!([unit(0.5, 1.0).log_prob(0.0), unit(1.0, 0.5).log_prob(1.0)], [INFINITY; 2]);

    let gamma = |shape: f32, rate: f32| Gamma::new(shape, rate).expect("in range");
    assert_eq!(gamma(1.0, 1.0).log_prob(0.0), 0.0);
    close(gamma(1.0, 3.0).log_prob(0.0), 3.0_f64.ln(), 1e-6);
    assert_eq!([gamma(0.5, 1.0).log_prob(0.0), gamma(2.0, 1.0).log_prob(0.0)], [INFINITY, -INFINITY]);
    for shape in [1e-3, 1.0, 1e6] {
        for x in [-1.0, INFINITY, -INFINITY] {
            assert_eq!(gamma(shape, 1e6).log_prob(x), -INFINITY, "{shape} at {x}");
        }
    }
    // A value of β x/α that underflows a float.
    close(gamma(0.5, 1e-6).log_prob(1.2e-38), 0.5 * 1e-6_f64.ln() - 0.5 * 1.2e-38_f64.ln() - ln_gamma(0.5), 1e-6);

    let weibull = |shape: f32| Weibull::new(0.25, shape).expect("in range");
    assert_eq!([weibull(0.5).log_prob(0.0), weibull(2.0).log_prob(0.0)], [INFINITY, -INFINITY]);
    close(weibull(1.0).log_prob(0.0), 4.0_f64.ln(), 1e-6);
    assert_eq!(weibull(1.0).log_prob(INFINITY), -INFINITY);
}

#[test]
fn densities_on_and_off_the_simplex() {
    let of = |shapes: &[f32], x: &[f32]| Dirichlet::<4>::new(shapes).expect("in range").log_prob(x);
    assert!(of(&[1.0, 1.0], &[0.0, 1.0]).expect("on the simplex").abs() < 1e-6);
    close(of(&[1.0, 1.0, 1.0], &[0.0, 0.0, 1.0]).expect("on the simplex"), 2.0_f64.ln(), 1e-6);
    assert_eq!(of(&[2.0, 1.0], &[0.0, 1.0]), Ok(-INFINITY));
    assert_eq!(of(&[0.5, 1.0], &[0.0, 1.0]), Ok(INFINITY));
    // With one pole and one zero, the density is zero.
    assert_eq!(of(&[0.5, 2.0, 1.0], &[0.0, 0.0, 1.0]), Ok(-INFINITY));
    for x in [[0.5, 0.6], [0.5, 0.4], [1.5, -0.5], [f32::NAN, 0.5], [INFINITY, 0.0], [0.0, 0.0]] {
        let refused = of(&[1.0, 1.0], &x);
        assert!(matches!(refused, Err(Error::OutOfRange { .. })), "{x:?}: {refused:?}");
    }
    assert_eq!(
        of(&[1.0, 1.0], &[0.5, 0.75]).unwrap_err().to_string(),
        "sum of the numbers: 1.25, it must be 1, to 1e-5"
    );
    // Samples are in the support.
    let p = Dirichlet::<64>::new(&[0.02_f32; 64]).expect("in range");
    let rng = &mut stream::xorshift(2026, 0);
    assert!((0..200).all(|_| p.log_prob(&p.sample(rng)).is_ok_and(f32::is_finite)));
}

/// Checks densities and scores at logarithms and logits. They must equal the densities and scores at the number if a
/// float holds the number, and otherwise the formulas.
#[test]
fn logarithms_and_logits() {
    for (a, b) in [(2.0_f32, 0.05_f32), (1e-3, 1e-3), (1e3, 1e-3), (0.5, 3.0), (1e3, 1e3)] {
        let (p, [wide_a, wide_b]) = (Beta::new(a, b).expect("in range"), [a, b].map(f64::from));
        for logit in [-3000.0_f32, -120.0, -3.0, 0.5, 4.0, 40.0, 500.0] {
            let l = f64::from(logit);
            let (ln_x, ln_y) = (-softplus(-l), -softplus(l));
            let of = |a: f64| digamma(wide_a + wide_b) - digamma(a);
            let [by_a, by_b] = p.score_at_logit(logit).map(f64::from);
            let allowed = |x: f64, of: f64| 1e-6 * (x.abs() + of.abs());
            assert!((by_a - (ln_x + of(wide_a))).abs() <= allowed(ln_x, of(wide_a)), "{a} {b} {logit}: {by_a}");
            assert!((by_b - (ln_y + of(wide_b))).abs() <= allowed(ln_y, of(wide_b)), "{a} {b} {logit}: {by_b}");
            let ln_beta = ln_gamma(wide_a) + ln_gamma(wide_b) - ln_gamma(wide_a + wide_b);
            let exact = (wide_a - 1.0) * ln_x + (wide_b - 1.0) * ln_y - ln_beta;
            let size = wide_a.max(1.0) * ln_x.abs() + wide_b.max(1.0) * ln_y.abs() + ln_beta.abs() + 1.0;
            let found = f64::from(p.log_prob_at_logit(logit));
            assert!((found - exact).abs() <= 1e-6 * size, "{a} {b} {logit}: {found} for {exact}");
        }
    }
    for (a, b) in [(2.0_f32, 0.25_f32), (0.25, 0.25), (100.0, 0.25), (3.0, 5.0)] {
        let (p, [wide_a, wide_b]) = (Kumaraswamy::new(a, b).expect("in range"), [a, b].map(f64::from));
        for logit in [-100.0_f32, -3.0, 0.5, 4.0, 30.0, 50.0, 90.0] {
            let l = f64::from(logit);
            let ln_x = -softplus(-l);
            let y = (wide_a * ln_x).exp();
            let rest = (-(wide_a * ln_x).exp_m1()).ln();
            let exact = [
                1.0 / wide_a + ln_x - (wide_b - 1.0) * ln_x * y / rest.exp(),
                1.0 / wide_b + rest,
                (wide_a * wide_b).ln() + (wide_a - 1.0) * ln_x + (wide_b - 1.0) * rest,
            ];
            let [by_a, by_b] = p.score_at_logit(logit);
            let size = ln_x.abs() + rest.abs() + 4.0;
            for (found, exact) in [by_a, by_b, p.log_prob_at_logit(logit)].into_iter().zip(exact) {
                let size = size * wide_a.max(wide_b).max(1.0);
                assert!((f64::from(found) - exact).abs() <= 1e-6 * size, "{a} {b} {logit}: {found} for {exact}");
            }
        }
    }
    let p = Gamma::new(0.01_f32, 2.0).expect("in range");
    for ln_x in [-2000.0_f32, -90.0, -3.0, 1.0] {
        let wide = f64::from(ln_x);
        let (alpha, beta) = (f64::from(0.01_f32), 2.0_f64);
        let exact = alpha * beta.ln() + (alpha - 1.0) * wide - beta * wide.exp() - ln_gamma(alpha);
        close(p.log_prob_at_ln(ln_x), exact, 1e-6);
        close(p.score_at_ln(ln_x)[0], beta.ln() + wide - digamma(alpha), 1e-6);
    }
    let p = Dirichlet::<3>::new(&[0.01_f32, 2.0, 300.0]).expect("in range");
    let ln_x = [-2000.0_f32, 0.02_f32.ln(), 0.98_f32.ln()];
    let total = f64::from(0.01_f32) + 302.0;
    for ((found, shape), ln_x) in p.score_at_ln(&ln_x).into_iter().zip([0.01_f32, 2.0, 300.0]).zip(ln_x) {
        close(found, f64::from(ln_x) + digamma(total) - digamma(f64::from(shape)), 2e-5);
    }
    assert!(p.log_prob_at_ln(&ln_x).expect("three logarithms").is_finite() && p.log_prob_at_ln(&[0.0]).is_err());
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Checks the logits and derivatives that a sampler returns with a sample that is clamped to the range of floats. The
/// logit must agree with the sample if a float holds the sample, and the derivatives must agree with each other.
#[test]
fn samplers_of_logits() {
    let sigmoid = |l: f32| 1.0 / (1.0 + (-f64::from(l)).exp());
    for (a, b) in [(2.0_f32, 0.25_f32), (0.25, 0.25), (100.0, 0.25), (3.0, 5.0)] {
        let [p, q] = [0, 1].map(|_| stream::xorshift(7, 0));
        let (mut one, mut other) = (p, q);
        for _ in 0..2000 {
            let law = Kumaraswamy::new(a, b).expect("in range");
            let (x, [by_a, by_b]) = law.sample_path(&mut one);
            let (logit, [logit_by_a, logit_by_b]) = law.sample_logit(&mut other);
            let exact = sigmoid(logit).clamp(f32::MIN_POSITIVE.into(), 1.0 - f64::from(f32::EPSILON) / 2.0);
            close(x, exact, 2e-5);
            let slope = sigmoid(logit) * sigmoid(-logit);
            if slope > 1e-30 {
                close(by_a, f64::from(logit_by_a) * slope, 1e-4);
                close(by_b, f64::from(logit_by_b) * slope, 1e-4);
            }
        }
    }
    let (mut one, mut other) = (stream::xorshift(7, 0), stream::xorshift(7, 0));
    let law = Beta::new(2.0_f32, 0.05).expect("in range");
    for _ in 0..2000 {
        let (x, (logit, _)) = (law.sample(&mut one).0, law.sample_logit(&mut other));
        close(x, sigmoid(logit).min(1.0 - f64::from(f32::EPSILON) / 2.0), 1e-6);
    }
    // For all these words, every score and density is finite.
    for word in [0, 1, 1 << 16, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX] {
        let words = [word; 4];
        let finite = |x: &[f32]| assert!(x.iter().all(|x| x.is_finite()), "word {word:x}: {x:?}");
        for a in [0.25_f32, 1.0, 100.0] {
            for b in [0.25_f32, 1.0, 100.0] {
                let p = Kumaraswamy::new(a, b).expect("in range");
                let (logit, by) = p.sample_logit(&mut words.into_iter().source());
                finite(&[logit, by[0], by[1], p.log_prob_at_logit(logit)]);
                finite(&p.score_at_logit(logit));
                finite(&p.sample_score(&mut words.into_iter().source()).1);
            }
        }
        for a in [1e-3_f32, 0.5, 1e6] {
            for b in [1e-3_f32, 0.5, 1e6] {
                let p = Beta::new(a, b).expect("in range");
                let (logit, by) = p.sample_logit(&mut words.into_iter().source());
                finite(&[logit, by[0], by[1], p.log_prob_at_logit(logit)]);
                finite(&p.sample_score(&mut words.into_iter().source()).1);
                let p = Gamma::new(a, b.min(1e6)).expect("in range");
                finite(&p.sample_score(&mut words.into_iter().source()).1);
                let p = Dirichlet::<3>::new(&[a, b, 1.0]).expect("in range");
                let ln_x = p.sample_ln(&mut words.into_iter().source());
                finite(&[p.log_prob_at_ln(&ln_x).expect("three")]);
                finite(&p.sample_score(&mut words.into_iter().source()).1);
            }
        }
        finite(&Weibull::new(1e-6_f32, 0.25).expect("in range").sample_score(&mut words.into_iter().source()).1);
    }
}

/// A source of given words.
struct Words<I>(I);

impl<I: Iterator<Item = u32>> samplegrad_core::Source<f32> for Words<I> {
    fn next_word(&mut self) -> u32 {
        self.0.next().unwrap_or(0)
    }
}

trait IntoSource: Iterator<Item = u32> + Sized {
    fn source(self) -> Words<Self> {
        Words(self)
    }
}

impl<I: Iterator<Item = u32>> IntoSource for I {}

/// Checks that a rounded sample has the score of its noise. The noise is computed from the words that the sampler
/// takes.
#[test]
fn scores_of_the_noise() {
    fn same_numbers(
        of: impl Fn(&mut rand_xorshift::XorShiftRng) -> f32,
        sample: impl Fn(&mut rand_xorshift::XorShiftRng) -> f32,
    ) {
        let (mut one, mut other) = (stream::xorshift(3, 0), stream::xorshift(3, 0));
        (0..100).for_each(|_| assert_eq!(of(&mut one).to_bits(), sample(&mut other).to_bits()));
    }
    let gaussian = LogStdNormal::new(1000.0_f32, -10.0).expect("in range");
    let normal_law = Normal::new(1000.0_f32, 4.5e-5).expect("in range");
    let student = StudentT::new(3.0_f32, 1000.0, 4.5e-5).expect("in range");
    let log_normal = LogNormal::new(0.0_f32, 1e-6).expect("in range");
    same_numbers(|rng| gaussian.sample_score(rng).0, |rng| gaussian.sample(rng).0);
    same_numbers(|rng| normal_law.sample_score(rng).0, |rng| normal_law.sample(rng));
    same_numbers(|rng| student.sample_score(rng).0, |rng| student.sample(rng).0);
    same_numbers(|rng| log_normal.sample_score(rng).0, |rng| log_normal.sample_path(rng).0);
    let noise = normal::quantile(Uniform::<f32>::from_word(1 << 29));
    let one = |score: (f32, f32)| [score.0, score.1];
    assert_eq!(
        one(gaussian.sample_score(&mut [1 << 29].into_iter().source()).into_pair()),
        one(gaussian.score_of_noise(noise))
    );
    assert_eq!(gaussian.score_of_noise(noise).1, noise * noise - 1.0);
    close(gaussian.log_prob_of_noise(0.5), -0.125 + 10.0 - 0.918_938_533_204_672_7, 1e-6);
    close(normal_law.log_prob_of_noise(0.5), -0.125 - f64::from(4.5e-5_f32).ln() - 0.918_938_533_204_672_7, 1e-6);
    let wide = MultivariateNormal::<5>::new(&[1e3_f32, -1e3], &[-10.0, 1e-5, -10.0]).expect("finite");
    let e = exponential::quantile(Uniform::<f32>::from_word(7));
    assert_eq!(wide.score_of_noise(&[e, 0.0])[2], e * e - 1.0);
}

trait IntoPair {
    fn into_pair(self) -> (f32, f32);
}

impl IntoPair for (f32, [f32; 2]) {
    fn into_pair(self) -> (f32, f32) {
        (self.1[0], self.1[1])
    }
}

/// Checks that a normal action too coarse for a float is scored by its noise, and any other action by its value.
#[test]
fn coarse_normal_actions() {
    let head = GaussianHead::new(-10.0, 2.0).expect("a range");
    let score_of = |p: &GaussianActions<1>, action: [f32; 1]| {
        let mut score = [[0.0_f32]; 2];
        head.score(p, action, &mut score);
        [score[0][0], score[1][0]]
    };
    let draws = 100_000;
    let rng = &mut stream::xorshift(2026, 0);
    let [mut kept, mut from_action] = [0.0_f64; 2];
    for _ in 0..draws {
        let mut p: GaussianActions<1> = head.distribution(&[[1000.0_f32], [-10.0]], &());
        let fresh = p;
        let action = head.draw_kept(&mut p, rng);
        kept += f64::from(score_of(&p, action)[1]);
        from_action += f64::from(score_of(&fresh, action)[1]);
        // An action that the head did not draw.
        assert_eq!(score_of(&p, [1000.5]), score_of(&fresh, [1000.5]));
    }
    let [kept, from_action] = [kept, from_action].map(|sum| sum / f64::from(draws));
    println!("mean score in ln σ: {kept:.4} by the noise, {from_action:.4} by the action");
    // Five standard errors of a number of variance 2: a correct head fails with a probability of 6e-7.
    assert!(kept.abs() < 5.0 * (2.0 / f64::from(draws)).sqrt() && from_action > 0.1);

    // Within 4096 deviations, the score has the bits of the score computed from the action.
    let (mut one, mut other) = (stream::xorshift(5, 0), stream::xorshift(5, 0));
    for _ in 0..1000 {
        let mut p: GaussianActions<1> = head.distribution(&[[3.0_f32], [-2.0]], &());
        let action = head.draw(&p, &mut one);
        assert_eq!(head.draw_kept(&mut p, &mut other), action);
        let (by_mean, by_log_std) = p.components()[0].score(action[0]);
        assert_eq!(score_of(&p, action), [by_mean, by_log_std]);
    }
}

/// Checks that log-normal samples are within a relative error of 9.6e-7 of `x`, at every scale.
#[test]
fn log_normal_numbers() {
    let standard = |p: f64, upper: bool| {
        use statrs::distribution::{ContinuousCDF, Normal as Exact};
        let lower = Exact::standard().inverse_cdf(p);
        if upper { -lower } else { lower }
    };
    let mut worst = 0.0_f64;
    let both_ends = (0..31).flat_map(|k| [1 << k, !(1 << k)]);
    for word in (0..2048_u32).map(|k| k << 21 | 1 << 10).chain(both_ends) {
        let u = Uniform::<f32>::from_word(word);
        let z = standard(f64::from(u.tail()), u.is_upper());
        for location in [-40.0_f32, -6.0, 0.0, 1.5, 40.0] {
            for scale in [1e-3_f32, 0.25, 0.26, 1.0, 3.0, 6.0] {
                let x = LogNormal::new(location, scale).expect("in range").quantile(u);
                let ln_x = f64::from(location) + f64::from(scale) * z;
                worst = worst.max((f64::from(x) / ln_x.exp() - 1.0).abs());
            }
        }
    }
    println!("largest relative error {worst:.2e}");
    assert!(worst <= 9.6e-7, "{worst:?}");
}

/// Checks that values beyond the range of a float are infinite, never NaN.
#[test]
fn gumbel_far_out() {
    let law = |location: f32, scale: f32| Gumbel::new(location, scale).expect("in range");
    assert_eq!(law(88.0, 1.0).score(1.0).1, INFINITY); // 87 (e^87 − 1) − 1
    assert!(law(83.0, 1.0).score(0.0).1.is_finite());
    for (a, b) in [(1e6, 1e-6), (-1e6, 1e-6), (0.0, 1e6), (0.0, 1e-6)] {
        for (c, d) in [(1e6, 1e-6), (-1e6, 1e-6), (0.0, 1e6), (0.0, 1e-6)] {
            let kl = law(a, b).kl(law(c, d));
            assert!(kl >= 0.0 || kl > -1e-3, "{a} {b} {c} {d}: {kl}");
            let (by_location, by_scale) = law(a, b).score(c);
            assert!(!by_location.is_nan() && !by_scale.is_nan(), "{a} {b} at {c}");
        }
    }
    assert_eq!(law(0.0, 1.0).kl(law(100.0, 1.0)), INFINITY);
}
