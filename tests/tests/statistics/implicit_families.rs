//! Gamma quantiles and their derivatives in the shape, and the families built on them, against double precision.

use samplegrad_core::{
    Beta, Dirichlet, Gamma, MultivariateNormal, StudentT, noise::Uniform, standard_gamma::StandardGamma,
    variables::Variables,
};
use statrs::{
    distribution::{self as exact, Continuous},
    function::gamma::{digamma, gamma_lr, gamma_ur, ln_gamma},
    statistics::Distribution,
};

/// Returns `ln P(X ≤ x)` or `ln P(X > x)` at `y = ln x`.
fn ln_tail(shape: f64, y: f64, upper: bool) -> f64 {
    if y < -30.0 {
        let lower = shape * y - ln_gamma(shape + 1.0);
        return if upper { (-lower.exp_m1()).ln() } else { lower };
    }
    let x = y.exp();
    if upper { gamma_ur(shape, x).ln() } else { gamma_lr(shape, x).ln() }
}

/// Returns `ln x` at a tail probability, by bisection.
fn ln_quantile(shape: f64, tail: f64, upper: bool) -> f64 {
    let ln_u = if upper { (-tail).ln_1p() } else { tail.ln() };
    let mut low = (ln_u + ln_gamma(shape + 1.0)) / shape - 1e-9;
    let mut high = (shape + 40.0 + 10.0 * shape.sqrt()).ln();
    loop {
        let middle = (low + high) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if (ln_tail(shape, middle, upper) > tail.ln()) == upper { low = middle } else { high = middle }
    }
}

/// Returns the largest errors for one shape over 41 points in each tail. The errors of the tail probability and of `d
/// ln x/dα` are relative. The error of `ln x` is divided by `max(1, |ln x|)`. The error of `dv/dα` is divided by its
/// size, or by `α^−1.5`, its size at one standard deviation, if that is larger.
fn errors_of_quantiles(shape: f32) -> [f64; 4] {
    let law = StandardGamma::new(shape).expect("a shape");
    let wide = f64::from(shape);
    let mut worst = [0.0_f64; 4];
    for word in (0..=40).map(|j| (2.0_f64.powf(f64::from(j) * 31.0 / 40.0) - 1.0) as u32) {
        for upper in [false, true] {
            let u = Uniform::<f32>::from_word(if upper { !word } else { word });
            let (tail, point) = (f64::from(u.tail()), law.quantile(u));
            let expected = ln_quantile(wide, tail, upper);
            let found = f64::from(point.log_ratio()) + wide.ln();
            // The derivative of `ln x`, by a central difference.
            let at = |step: f64| ln_quantile(wide * (1.0 + step), tail, upper);
            let slope = (at(1e-4) - at(-1e-4)) / (2e-4 * wide);
            let of_ratio = slope - 1.0 / wide;
            let errors = [
                (ln_tail(wide, found, upper) - tail.ln()).abs(),
                (found - expected).abs() / expected.abs().max(1.0),
                (f64::from(point.ln_derivative()) / slope - 1.0).abs(),
                (f64::from(point.log_ratio_derivative()) - of_ratio).abs()
                    / of_ratio.abs().max(wide.powf(-1.5).min(1.0 / wide)),
            ];
            // This comparison keeps a NaN.
            worst = std::array::from_fn(|i| if errors[i] <= worst[i] { worst[i] } else { errors[i] });
        }
    }
    worst
}

/// Checks quantiles and derivatives for shapes from 1e-3 to 1e6.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn quantiles_and_derivatives() {
    let mut worst = [0.0_f64; 4];
    for i in 0..=225 {
        let shape = 10.0_f64.powf(f64::from(i) / 25.0 - 3.0) as f32;
        let errors = errors_of_quantiles(shape);
        if i % 25 == 0 {
            println!("shape {shape:9.3e}: {}", errors.map(|e| format!("{e:.1e}")).join(", "));
        }
        let allowed = [1.2e-5, 2e-6, 8e-6, if shape < 1e5 { 5e-6 } else { 2.5e-5 }];
        assert!(errors.iter().zip(allowed).all(|(&e, allowed)| e < allowed), "shape {shape}: {errors:?}");
        worst = std::array::from_fn(|i| errors[i].max(worst[i]));
    }
    println!(
        "tail probability, ln x, its derivative, that of ln(x/α): {}",
        worst.map(|e| format!("{e:.1e}")).join(", ")
    );
}

fn close(found: f32, exact: f64, allowed: f64, what: &str) {
    let error = (f64::from(found) - exact).abs() / exact.abs().max(1.0);
    assert!(error <= allowed, "{what}: {found:e} for {exact:e}, off by {error:.1e}");
}

/// Computes a derivative by a central difference in double precision.
fn slope(of: impl Fn(f64) -> f64, at: f64) -> f64 {
    let step = 1e-5 * at.abs().max(1e-3);
    (of(at + step) - of(at - step)) / (2.0 * step)
}

const SHAPES: [f32; 9] = [1e-3, 0.02, 0.5, 1.0, 2.5, 7.9, 30.0, 1e3, 1e5];
/// Points in units of the standard deviation.
const PLACES: [f32; 7] = [-3.0, -1.5, -0.4, 0.0, 0.5, 2.0, 5.0];

#[test]
fn gamma() {
    let ln_density = |a: f64, b: f64, x: f64| a * b.ln() + (a - 1.0) * x.ln() - b * x - ln_gamma(a);
    for shape in SHAPES {
        for rate in [1e-3_f32, 0.7, 40.0] {
            let (a, b) = (f64::from(shape), f64::from(rate));
            let p = Gamma::new(shape, rate).expect("in range");
            for place in PLACES {
                let x = (p.mean() + place * p.variance().sqrt()).max(p.mean() * 1e-3);
                let z = f64::from(1.0 + place * place);
                close(
                    p.log_prob(x),
                    ln_density(a, b, x.into()),
                    2e-6 * z * (1.0 + (a * f64::from(f32::EPSILON)).sqrt()),
                    "ln p",
                );
                let [by_shape, by_rate] = p.score(x);
                close(by_shape, b.ln() + f64::from(x).ln() - digamma(a), 2e-6, "score of the shape");
                close(by_rate, a / b - f64::from(x), 1e-6 * a / b + 1e-6, "score of the rate");
            }
            close(p.entropy(), a - b.ln() + ln_gamma(a) + (1.0 - a) * digamma(a), 2e-6, "entropy");
            close(
                p.entropy_derivatives()[0],
                slope(|a| a + ln_gamma(a) + (1.0 - a) * digamma(a), a),
                2e-5,
                "its slope",
            );
            for (other_shape, other_rate) in [(0.3_f32, 2.0_f32), (shape, rate * 1.01), (shape * 1.5, rate)] {
                let (c, d) = (f64::from(other_shape), f64::from(other_rate));
                let q = Gamma::new(other_shape, other_rate).expect("in range");
                let kl = |a: f64, b: f64, c: f64, d: f64| {
                    (a - c) * digamma(a) - ln_gamma(a) + ln_gamma(c) + c * (b / d).ln() + a * (d / b - 1.0)
                };
                // The ratio's rounding error, times the slope of the divergence in the ratio.
                let steep = 1e-7 * c * (a * d / (b * c) - 1.0).abs() / kl(a, b, c, d).max(1.0);
                close(p.kl(q), kl(a, b, c, d), 3e-6 + steep, "KL");
                if shape > 1e4 {
                    continue; // differences of terms this large have no precision left
                }
                let found = p.kl_derivatives(q);
                let exact = [
                    slope(|a| kl(a, b, c, d), a),
                    slope(|b| kl(a, b, c, d), b),
                    slope(|c| kl(a, b, c, d), c),
                    slope(|d| kl(a, b, c, d), d),
                ];
                found.into_iter().zip(exact).for_each(|(found, exact)| close(found, exact, 3e-5, "slope of KL"));
            }
        }
    }
}

#[test]
fn beta() {
    for a in SHAPES {
        for b in [0.01_f32, 0.5, 3.0, 1e4] {
            let (p, (wide_a, wide_b)) = (Beta::new(a, b).expect("in range"), (f64::from(a), f64::from(b)));
            let law = exact::Beta::new(wide_a, wide_b).expect("in range");
            let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
            for place in PLACES {
                let x = (p.mean() + place * p.variance().sqrt()).clamp(p.mean() * 1e-3, 1.0 - 1e-3 * (1.0 - p.mean()));
                if x <= 0.0 || x >= 1.0 {
                    continue;
                }
                // The rounding of x changes its logarithm by 6e-8, which is multiplied by a shape.
                let wide = f64::from(x);
                let z = 1.0 + f64::from(place * place);
                let expected = (wide_a - 1.0) * wide.ln() + (wide_b - 1.0) * (-wide).ln_1p() - ln_beta(wide_a, wide_b);
                close(p.log_prob(x), expected, 4e-6 * z + 3e-8 * (wide_a + wide_b).sqrt(), "ln p");
                let [by_a, by_b] = p.score(x);
                // Each term is rounded, and ψ(b) is as large as 1/b.
                let of_terms = |shape: f64| 3e-6 + 2e-7 / shape;
                close(by_a, wide.ln() - digamma(wide_a) + digamma(wide_a + wide_b), of_terms(wide_a), "score of a");
                close(
                    by_b,
                    (-wide).ln_1p() - digamma(wide_b) + digamma(wide_a + wide_b),
                    of_terms(wide_b),
                    "score of b",
                );
            }
            close(p.entropy(), law.entropy().expect("an entropy"), 4e-6, "entropy");
            for (c, d) in [(a * 1.01, b), (2.0, 0.7)] {
                let (wide_c, wide_d) = (f64::from(c), f64::from(d));
                let kl = ln_beta(wide_c, wide_d) - ln_beta(wide_a, wide_b)
                    + (wide_a - wide_c) * digamma(wide_a)
                    + (wide_b - wide_d) * digamma(wide_b)
                    + (wide_c - wide_a + wide_d - wide_b) * digamma(wide_a + wide_b);
                close(p.kl(Beta::new(c, d).expect("in range")), kl, 4e-6, "KL");
            }
        }
    }
}

#[test]
fn dirichlet() {
    let (shapes, others) = ([0.3_f32, 4.0, 120.0], [0.5_f32, 5.0, 80.0]);
    let (p, q) = (Dirichlet::<4>::new(&shapes).expect("in range"), Dirichlet::<4>::new(&others).expect("in range"));
    let [a, b] = [shapes, others].map(|shapes| shapes.map(f64::from));
    let ln_normalizer = |a: [f64; 3]| a.iter().map(|&a| ln_gamma(a)).sum::<f64>() - ln_gamma(a.iter().sum());
    let psi = |k: usize| digamma(a[k]) - digamma(a.iter().sum());
    for x in [[0.002_f32, 0.03, 0.968], [1e-9, 0.5, 0.5], [0.25, 0.25, 0.5]] {
        let wide = x.map(f64::from);
        let density = wide.iter().zip(a).map(|(x, a)| (a - 1.0) * x.ln()).sum::<f64>() - ln_normalizer(a);
        close(p.log_prob(&x).expect("three numbers"), density, 3e-6, "ln p");
        for (k, found) in p.score(&x).into_iter().enumerate() {
            close(found, wide[k].ln() - psi(k), 3e-6, "score");
        }
    }
    let entropy = ln_normalizer(a) - (0..3).map(|k| (a[k] - 1.0) * psi(k)).sum::<f64>();
    close(p.entropy(), entropy, 3e-6, "entropy");
    let kl = ln_normalizer(b) - ln_normalizer(a) + (0..3).map(|k| (a[k] - b[k]) * psi(k)).sum::<f64>();
    close(p.kl(&q).expect("three numbers"), kl, 3e-6, "KL");
    assert!(p.kl(&Dirichlet::new(&[1.0; 2]).expect("in range")).is_err() && p.log_prob(&[1.0]).is_err());
}

#[test]
fn student_t() {
    let half = |a: f64| ln_gamma(a + 0.5) - ln_gamma(a);
    for freedom in [1.0_f32, 1.7, 3.0, 9.0, 11.9, 12.1, 50.0, 1e3] {
        let n = f64::from(freedom);
        let p = StudentT::new(freedom, 0.5, 2.0).expect("in range");
        let law = exact::StudentsT::new(0.5, 2.0, n).expect("in range");
        let constant = half(n / 2.0) - 0.5 * (n * std::f64::consts::PI).ln();
        let spread = digamma(n / 2.0 + 0.5) - digamma(n / 2.0);
        close(p.entropy(), (n + 1.0) / 2.0 * spread - constant + 2.0_f64.ln(), 3e-6, "entropy");
        for x in [0.5_f32, 0.6, -3.0, 10.0, -200.0] {
            close(p.log_prob(x), law.ln_pdf(x.into()), 3e-6 * if n > 100.0 { 30.0 } else { 1.0 }, "ln p");
            let t = (f64::from(x) - 0.5) / 2.0;
            let ln_density = |n: f64| half(n / 2.0) - 0.5 * n.ln() - (n + 1.0) / 2.0 * (t * t / n).ln_1p();
            let [by_freedom, by_location, by_scale] = p.score(x);
            close(by_freedom, slope(ln_density, n), 3e-6, "score of ν");
            close(by_location, (n + 1.0) * t / (2.0 * (n + t * t)), 2e-6, "score of μ");
            close(by_scale, ((n + 1.0) * t * t / (n + t * t) - 1.0) / 2.0, 3e-6, "score of σ");
        }
    }
    // Near the normal distribution, the score of ν is (1 + 2 t² − t⁴)/(4 ν²).
    let p = StudentT::new(1e5_f32, 0.0, 1.0).expect("in range");
    let scaled = p.score(2.0)[0] * 4e10;
    assert!((scaled + 7.0).abs() < 2e-3, "{scaled}");
    assert!([1e-30_f32, 1e30].iter().all(|&x| p.score(x).iter().all(|g| g.is_finite()) && p.log_prob(x).is_finite()));
}

/// Compares the density, entropy and divergence of a normal in three dimensions with dense arithmetic in double
/// precision.
#[test]
fn multivariate_normal() {
    const COVARIANCE: [f32; 9] = [4.0, 1.0, -0.5, 1.0, 2.0, 0.75, -0.5, 0.75, 1.0];
    let mean = [1.0_f32, -2.0, 0.5];
    let p = MultivariateNormal::<9>::from_covariance(&mean, &COVARIANCE).expect("positive definite");
    let l: Vec<f64> = p.factor().iter().map(|&l| f64::from(l)).collect();
    let at = |i: usize, j: usize| if j <= i { l[i * (i + 1) / 2 + j] } else { 0.0 };
    for i in 0..3 {
        for j in 0..3 {
            let product: f64 = (0..3).map(|k| at(i, k) * at(j, k)).sum();
            close(COVARIANCE[3 * i + j], product, 1e-6, "L Lᵀ");
        }
    }
    // The determinant by cofactors, and xᵀ Σ^−1 x from the adjugate.
    let s = COVARIANCE.map(f64::from);
    let cofactor = |i: usize, j: usize| {
        let at = |a: usize, b: usize| s[3 * ((i + a) % 3) + (j + b) % 3];
        at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)
    };
    let determinant: f64 = (0..3).map(|j| s[j] * cofactor(0, j)).sum();
    let x = [0.0_f32, -1.0, 2.0];
    let d: Vec<f64> = x.iter().zip(mean).map(|(x, m)| f64::from(x - m)).collect();
    let y: Vec<f64> = (0..3).map(|i| (0..3).map(|j| cofactor(i, j) * d[j]).sum::<f64>() / determinant).collect();
    let square: f64 = d.iter().zip(&y).map(|(d, y)| d * y).sum();
    let ln_2pi = (2.0 * std::f64::consts::PI).ln();
    close(p.log_prob(&x).expect("three numbers"), -0.5 * (square + determinant.ln() + 3.0 * ln_2pi), 2e-6, "ln p");
    close(p.entropy(), 0.5 * (determinant.ln() + 3.0 * (1.0 + ln_2pi)), 1e-6, "entropy");
    // The score in the mean is Σ^−1 (x − μ); the score in the factor is a difference of the density.
    let parameters: Vec<f32> = {
        let mut l = p.factor().to_vec();
        [0, 2, 5].into_iter().for_each(|k| l[k] = l[k].ln());
        l
    };
    let ln_density = |parameters: &[f64]| {
        let l = |i: usize, j: usize| {
            if i == j { parameters[i * (i + 1) / 2 + j].exp() } else { parameters[i * (i + 1) / 2 + j] }
        };
        let mut e = [0.0; 3];
        for i in 0..3 {
            e[i] = (d[i] - (0..i).map(|j| l(i, j) * e[j]).sum::<f64>()) / l(i, i);
        }
        -e.iter().map(|e| e * e).sum::<f64>() / 2.0 - [0, 2, 5].iter().map(|&k| parameters[k]).sum::<f64>()
    };
    let wide: Vec<f64> = parameters.iter().map(|&l| f64::from(l)).collect();
    for (k, found) in p.score(&x).into_iter().enumerate() {
        let expected = if k < 3 {
            y[k]
        } else {
            slope(
                |step| {
                    let mut moved = wide.clone();
                    moved[k - 3] += step - 1.0;
                    ln_density(&moved)
                },
                1.0,
            )
        };
        close(found, expected, 3e-6, "score");
    }
    let same = MultivariateNormal::<9>::new(&mean, &parameters).expect("finite");
    assert!(p.kl(&same).expect("one size").abs() < 1e-6);
    let standard = MultivariateNormal::<9>::new(&[0.0; 3], &[0.0; 6]).expect("finite");
    close(p.kl(&standard).expect("one size"), p.kl_to_standard().into(), 1e-6, "KL");
    let trace: f64 = 4.0 + 2.0 + 1.0;
    let norm: f64 = 1.0 + 4.0 + 0.25;
    close(p.kl_to_standard(), 0.5 * (trace + norm - 3.0 - determinant.ln()), 1e-6, "KL to the standard normal");
    // The divergence of a standard normal: KL(N(0, I) ‖ p) = ½ (tr Σ^−1 + μᵀ Σ^−1 μ − 3 + ln |Σ|).
    let inverse_trace: f64 = (0..3).map(|i| cofactor(i, i)).sum::<f64>() / determinant;
    let m = mean.map(f64::from);
    let quadratic: f64 = (0..9).map(|ij| m[ij / 3] * cofactor(ij / 3, ij % 3) * m[ij % 3]).sum::<f64>() / determinant;
    let expected = 0.5 * (inverse_trace + quadratic - 3.0 + determinant.ln());
    close(standard.kl(&p).expect("one size"), expected, 3e-6, "KL from the standard normal");
    // The gradient of the divergence is compared with differences.
    let kl = |parameters: &[f64]| {
        let (mean, factor) = parameters.split_at(3);
        let diagonal = [0, 2, 5];
        let squares: f64 =
            factor.iter().enumerate().map(|(k, l)| if diagonal.contains(&k) { (2.0 * l).exp() } else { l * l }).sum();
        (squares + mean.iter().map(|m| m * m).sum::<f64>()) / 2.0 - diagonal.iter().map(|&k| factor[k]).sum::<f64>()
    };
    let all: Vec<f64> = mean.iter().map(|&m| f64::from(m)).chain(wide).collect();
    for (k, found) in p.kl_to_standard_gradient().into_iter().enumerate() {
        let expected = slope(
            |step| {
                let mut moved = all.clone();
                moved[k] += step - 1.0;
                kl(&moved)
            },
            1.0,
        );
        close(found, expected, 3e-6, "gradient of KL");
    }
}
