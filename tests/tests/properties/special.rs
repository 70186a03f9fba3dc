//! Special functions against double precision.

use samplegrad_core::special;
use statrs::function::gamma;

/// Returns numbers from 1e-3 to 1e6, evenly spaced on a logarithmic scale.
fn shapes() -> impl Iterator<Item = f32> {
    (0..=90_000).map(|i| f64::from(i) * 1e-4 - 3.0).map(|power| 10.0_f64.powf(power) as f32)
}

/// Returns the largest error over all shapes, relative to `max(1, |exact|)`.
fn worst(of: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
    let mut worst = (0.0, 0.0);
    for x in shapes() {
        let exact = exact(f64::from(x));
        let error = (f64::from(of(x)) - exact).abs() / exact.abs().max(1.0);
        if error > worst.0 {
            worst = (error, x);
        }
    }
    println!("{worst:?}");
    worst.0
}

/// Computes the trigamma function by its recurrence and asymptotic series.
fn trigamma(x: f64) -> f64 {
    let steps: f64 = (0..20).map(|k| (x + f64::from(k)).powi(-2)).sum();
    let y = x + 20.0;
    steps + 1.0 / y + 0.5 / (y * y) + 1.0 / (6.0 * y.powi(3)) - 1.0 / (30.0 * y.powi(5)) + 1.0 / (42.0 * y.powi(7))
}

#[test]
fn gamma_functions() {
    assert!(worst(special::ln_gamma, gamma::ln_gamma) < 4e-7);
    assert!(worst(special::digamma, gamma::digamma) < 4e-7);
    assert!(worst(special::trigamma, trigamma) < 4e-7);
}

/// Checks relative errors where the result is small.
#[test]
fn small_results() {
    let relative = |found: f32, exact: f64| (f64::from(found) / exact - 1.0).abs();
    let mut worst = [0.0_f64; 4];
    for x in shapes() {
        let wide = f64::from(x);
        let gap = if wide < 50.0 {
            wide.ln() - gamma::digamma(wide)
        } else {
            0.5 / wide + 1.0 / (12.0 * wide * wide) - 1.0 / (120.0 * wide.powi(4))
        };
        worst[0] = worst[0].max(relative(special::ln_less_digamma(x), gap));
        if x < 0.5 {
            worst[1] = worst[1].max(relative(special::ln_gamma_1p(x), gamma::ln_gamma(1.0 + wide)));
        }
        for y in [wide, -wide].into_iter().filter(|y| y.abs() < 80.0) {
            let line = if y.abs() < 1e-2 {
                y * y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0)))
            } else {
                y.exp_m1() - y
            };
            worst[2] = worst[2].max(relative(special::exp_less_line(y as f32), line));
            worst[3] = worst[3].max(relative(special::exp_1m(y as f32), y.exp_m1()));
        }
    }
    println!("{worst:?}");
    assert!(worst.into_iter().all(|worst| worst < 2e-6));
}
