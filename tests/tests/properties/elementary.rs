//! Sine, cosine, tanh and the logarithm of tanh's derivative against double precision.

use samplegrad_core::elementary::{cos, ln_tanh_derivative, sin, sin_cos, tanh};

/// Stride of the bit patterns: a prime, so that no mantissa pattern is favoured.
const STRIDE: usize = 10_007;

/// Returns every finite float on the stride, and floats next to multiples of π/2 of every size.
fn inputs() -> impl Iterator<Item = f32> {
    let strided = (0..=u32::MAX).step_by(STRIDE).map(f32::from_bits).filter(|x| x.is_finite());
    // Powers of three count quarter turns up to the largest float.
    let powers = (0..80).map(|n| 3.0_f64.powi(n));
    let turns = (1..4096).map(f64::from).chain(powers);
    let near = turns.flat_map(|turns| beside((turns * core::f64::consts::FRAC_PI_2) as f32));
    // The float nearest to a multiple of π/2.
    strided.chain(near).chain([16_367_173.0 * 2.0_f32.powi(72), f32::MAX])
}

fn beside(x: f32) -> [f32; 3] {
    [f32::from_bits(x.to_bits() - 1), x, f32::from_bits(x.to_bits() + 1)]
}

/// Returns the error in units in the last place of the exact result.
fn units(found: f32, exact: f64) -> f64 {
    let power = f64::from_bits(exact.to_bits() & f64::INFINITY.to_bits());
    let unit = (power * f64::from(f32::EPSILON)).max(f64::from(f32::from_bits(1)));
    (f64::from(found) - exact).abs() / unit
}

/// Returns the largest error, and prints it with its place.
fn worst(name: &str, of: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
    let mut worst = (0.0, 0.0);
    for x in inputs() {
        let error = units(of(x), exact(f64::from(x)));
        if error > worst.0 || error.is_nan() {
            worst = (error, x);
        }
    }
    println!("{name}: {:.3} units in the last place at {:e}", worst.0, worst.1);
    worst.0
}

/// Computes `ln(1 − tanh² x)` in double precision, down to the smallest float.
fn exact_ln_tanh_derivative(x: f64) -> f64 {
    let a = x.abs();
    let exact = if a < 1.0 {
        let t = libm::tanh(a);
        libm::log1p(-t * t)
    } else {
        2.0 * (core::f64::consts::LN_2 - a - libm::log1p(libm::exp(-2.0 * a)))
    };
    exact.max(f64::from(f32::MIN))
}

#[test]
fn errors() {
    let errors = [
        worst("sin", sin, libm::sin),
        worst("cos", cos, libm::cos),
        worst("tanh", tanh, libm::tanh),
        worst("ln_tanh_derivative", ln_tanh_derivative, exact_ln_tanh_derivative),
    ];
    // The largest errors over all floats are 0.917, 0.912, 1.307 and 1.590.
    let allowed = [0.92, 0.92, 1.31, 1.6];
    assert!(errors.iter().zip(allowed).all(|(&error, allowed)| error < allowed), "{errors:?}, allowed {allowed:?}");
}

#[test]
fn symmetries() {
    for x in inputs() {
        let (s, c) = sin_cos(x);
        assert_eq!((s.to_bits(), c.to_bits()), (sin(x).to_bits(), cos(x).to_bits()), "{x:e}");
        assert!(s.abs() <= 1.0 && c.abs() <= 1.0 && tanh(x).abs() <= 1.0 && ln_tanh_derivative(x) <= 0.0, "{x:e}");
        assert_eq!(sin(-x).to_bits(), (-s).to_bits(), "{x:e}");
        assert_eq!(cos(-x).to_bits(), c.to_bits(), "{x:e}");
        assert_eq!(tanh(-x).to_bits(), (-tanh(x)).to_bits(), "{x:e}");
        assert_eq!(ln_tanh_derivative(-x).to_bits(), ln_tanh_derivative(x).to_bits(), "{x:e}");
    }
}

#[test]
fn special_inputs() {
    for zero in [0.0_f32, -0.0] {
        assert_eq!((sin(zero).to_bits(), tanh(zero).to_bits()), (zero.to_bits(), zero.to_bits()));
        assert_eq!((cos(zero), ln_tanh_derivative(zero).to_bits()), (1.0, 0));
    }
    for infinity in [f32::INFINITY, f32::NEG_INFINITY] {
        assert!(sin(infinity).is_nan() && cos(infinity).is_nan());
        assert_eq!((tanh(infinity), ln_tanh_derivative(infinity)), (infinity.signum(), f32::NEG_INFINITY));
    }
    for function in [sin, cos, tanh, ln_tanh_derivative] {
        assert!(function(f32::NAN).is_nan() && function(-f32::NAN).is_nan());
    }
    // A number whose cube is less than half a unit in its last place.
    for bits in (0..f32::to_bits(2e-4)).step_by(STRIDE) {
        let tiny = f32::from_bits(bits);
        assert_eq!((sin(tiny), cos(tiny), tanh(tiny)), (tiny, 1.0, tiny));
    }
    assert_eq!(ln_tanh_derivative(f32::MAX), f32::MIN);
}

/// Checks that tanh never falls from one float to the next, in runs of floats on the stride and at the change of form.
#[test]
fn tanh_never_falls() {
    let starts = (0..f32::to_bits(10.0)).step_by(STRIDE).chain([f32::to_bits(0.625) - 16]);
    for start in starts {
        for bits in start..start + 32 {
            let (x, next) = (f32::from_bits(bits), f32::from_bits(bits + 1));
            assert!(tanh(x) <= tanh(next), "tanh {x:e} = {:e}, tanh {next:e} = {:e}", tanh(x), tanh(next));
        }
    }
}
