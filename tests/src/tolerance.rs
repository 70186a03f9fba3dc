//! Tolerances: the allowed distance of a result from its golden value, in one table.
//!
//! Each tolerance is about four times the error that plain careful `f32` code attains (`golden/README.md`). The
//! tolerance is a distance that is proportional to `max(1, |expected|)`, unless a comment says otherwise.

use crate::golden::Case;

const ULP: f64 = 1.0 / 8_388_608.0;

/// Returns whether the class is decided by more than rounding.
pub fn decided(case: &Case) -> bool {
    let Some(margin) = case.outputs.get("margin") else { return true };
    let z = case.outputs.get("z").map_or(1.0, |z| largest(&z.to_f64()));
    margin.to_f64().iter().all(|&margin| margin == 0.0 || margin >= 1e-5 * (1.0 + z))
}

/// Returns whether the input of a result is outside the open unit interval, so that the core refuses it.
pub fn refused(case: &Case, output: &str, index: usize) -> bool {
    matches!(output, "g" | "dgdu" | "gbar")
        && case.inputs.get("u").is_some_and(|u| matches!(u.to_f64().get(index), Some(&(0.0 | 1.0))))
}

/// Returns the largest finite magnitude.
fn largest(x: &[f64]) -> f64 {
    x.iter().filter(|x| x.is_finite()).fold(0.0, |largest, x| x.abs().max(largest))
}

/// Returns the allowed distance.
pub fn allowed(suite: &str, output: &str, case: &Case, index: usize, expected: f64) -> f64 {
    let input = |name: &str| case.inputs.get(name).map_or(vec![0.0], |array| array.to_f64());
    let result = |name: &str| case.outputs.get(name).map_or(vec![0.0], |array| array.to_f64());
    let size = expected.abs().max(1.0);
    match (suite, output) {
        // 1/(u E): both factors, their product and its reciprocal are rounded.
        ("gumbel_icdf_grid24", "dgdu") => 4e-7 * expected.abs(),
        // A uniform is rounded once or twice.
        ("gumbel_icdf_mid32", "u") => 0.75 * ULP * expected.abs(),
        // The complement 1 − u may be subnormal if u is given as a number, but never if u is given as a word.
        ("gumbel_icdf_grid24", "gbar") if input("u")[index] < f64::from(f32::MIN_POSITIVE) => f64::INFINITY,
        ("gumbel_softmax", "g") | ("gumbel_icdf_grid24" | "gumbel_icdf_mid32", _) => 6e-7 * size,
        ("gumbel_max", "z") => 6e-7 * size,
        // A difference of two perturbed logits, each of which is rounded twice.
        ("gumbel_max" | "gumbel_softmax", "margin") => {
            4.0 * ULP * (1.0 + largest(&input("logits")) + largest(&result("z")) + largest(&result("g")))
        }
        ("gumbel_softmax", _) => {
            let tau = input("tau")[0];
            let logits = input("logits");
            let z: Vec<f64> = logits.iter().zip(result("g")).map(|(l, g)| l + g).collect();
            let z = 1.0 + largest(&z);
            let cotangent = largest(&input("cot")).max(1.0);
            match output {
                "y" => 4.0 * 6.2 * ULP * z / tau,
                "logy" => 4.0 * 6.2 * ULP * (z / tau).max(expected.abs()),
                "vjp_logits" => 4.0 * 6.1 * ULP * z / (tau * tau) * cotangent,
                _ => 4.0 * 6.6 * ULP * z * z / (tau * tau * tau) * cotangent,
            }
        }
        ("softmax" | "categorical", "p" | "score") => 5.2e-7 * size,
        // A sum of logits: its terms are as large as the logits.
        ("softmax", "lse") => 8e-7 * largest(&input("logits")).max(1.0),
        ("softmax" | "categorical" | "reinforce_samples", "logp") => 8e-7 * size,
        ("categorical", _) => 1e-6 * size,
        // The logarithms of p and q cancel.
        ("categorical_kl", _) => {
            let spread = largest(&input("lp")).max(largest(&input("lq"))).max(1.0);
            1e-6 * spread.max(size)
        }
        ("bernoulli", _) => 1e-6 * size,
        ("binary_concrete", "z") => 4.4e-7 * size.max(input("logit")[0].abs()),
        ("binary_concrete", "y" | "y1m" | "b") => binary(case, 1.0),
        ("binary_concrete", "dy_dlogit") => binary(case, 1.0 / input("tau")[0]),
        ("binary_concrete", "dy_dtau") => binary(case, (1.0 + result("z")[0].abs()) / input("tau")[0].powi(2)),
        ("binary_concrete", "logp" | "dlogp_dlogit" | "dlogp_dtau" | "dlogp_dyq") | ("binary_concrete_corners", _) => {
            binary_density(input("logit")[0], input("tau")[0], input("yq")[0], output)
        }
        // The density at a point depends on the logit of the point, which is rounded.
        ("binary_concrete", _) => {
            let (tau, y) = (input("tau")[0], input("yq")[0]);
            7.2e-7 * ((1.0 + tau) * (y.ln().abs() + (1.0 - y).ln().abs()) + input("logit")[0].abs() + 1.0)
        }
        // Sums of numbers that add up to about 1.
        ("concrete_logprob", "sum_y_minus_1") | ("exp_concrete_logprob", "lse_x") => {
            ULP * (input("logits").len() as f64 + largest(&input("x")))
        }
        ("concrete_logprob" | "concrete_corners", _) => {
            let y = input("y");
            let x: Vec<f64> = y.iter().map(|y| y.ln()).collect();
            density(&input("logits"), input("tau")[0], &x, Some(&y), output, index)
        }
        ("exp_concrete_logprob" | "exp_concrete_corners", _) => {
            density(&input("logits"), input("tau")[0], &input("x"), None, output, index)
        }
        // Squares of (x − μ)/σ, where σ has the error of an exponential.
        ("gaussian", _) => {
            let scale = |x: &str, mu: &str, ls: &str| (input(x)[0] - input(mu)[0]).abs() / input(ls)[0].exp();
            let near = |a: f64| 1.0 + a * a;
            let standard = match output {
                "logp" | "score_mu" | "score_ls" => near(scale("x", "mu", "ls")) * (1.0 + (-input("ls")[0]).exp()),
                "z" => input("mu")[0].abs().max(1.0),
                "kl0" | "dkl0_ls" => 1.0 + (2.0 * input("ls")[0]).exp() + input("mu")[0].powi(2),
                name if name.contains("kl2") => {
                    let ratio = (input("ls")[0] - input("ls2")[0]).exp();
                    near(ratio) + near(scale("mu", "mu2", "ls2")) * (1.0 + (-input("ls2")[0]).exp())
                }
                _ => 1.0,
            };
            1e-6 * standard.max(size)
        }
        ("families_icdf", _) => 9.6e-7 * size,
        // A mean of products of advantages and log-probabilities.
        ("reinforce_samples", "surrogate_loo") => {
            1e-6 * largest(&input("r")).max(1.0) * largest(&result("logp")).max(1.0)
        }
        ("reinforce_samples", _) => 1e-6 * largest(&input("r")).max(1.0),
        // z has the rounding error of x − μ, multiplied by t = e^{−z}. Small probabilities are compared to relative
        // precision.
        ("gumbel_dist", _) => {
            let (x, location, scale) = (input("x")[0], input("loc")[0], input("scale")[0]);
            let z = (x - location) / scale;
            let (t, error) = ((-z).exp(), 4.0 * ULP * (1.0 + (x.abs() + location.abs()) / scale));
            let relative = error * expected.abs() + f64::from(f32::MIN_POSITIVE);
            match output {
                "sf" => relative,
                "pdf" | "cdf" => relative * (1.0 + t),
                "logsf" if t > 1.0 => relative * (1.0 + t),
                "logpdf" | "logcdf" => error * (1.0 + t),
                "dloc" | "dx" => error * (1.0 + t) / scale,
                "dscale" => error * (1.0 + t) * (1.0 + z.abs()) / scale,
                _ => error * size,
            }
        }
        // Sums of costs times probabilities; the variances contain squares of costs.
        ("enumerate_bernoulli" | "enumerate_categorical" | "enumerate_cat_product", _) => {
            let cost = largest(&input("f")).max(1.0);
            match output {
                "Ef" | "grad" => 2e-6 * cost,
                "bstar" | "cond_diff" => 4e-6 * cost,
                _ => 4e-6 * cost * cost,
            }
        }
        ("rebar_binary" | "rebar_categorical", "grad_rebar") => {
            let (tau, eta) = (input("tau")[0], input("eta")[0].abs());
            let z = 1.0 + largest(&result("z")).max(largest(&result("zt")));
            // The relaxed samples have the error of z/τ, and their slopes a further factor 1/τ; the cost is a
            // polynomial.
            let reach = 1.0 + largest(&input("t"));
            let cost = largest(&input("table")) + largest(&input("c")) * reach * reach + largest(&input("w"));
            4.0 * 6.2 * ULP * (z / tau).max(1.0) * (1.0 + eta) * (1.0 + 1.0 / tau) * cost.max(1.0)
        }
        // Perturbed logits are rounded to half a unit or more, then divided by τ.
        ("rebar_categorical", "y" | "yt" | "f_y" | "f_yt" | "term_y" | "term_yt") => {
            let z = 1.0 + largest(&result("z")).max(largest(&result("zt")));
            8e-7 * size + ULP * z / input("tau")[0]
        }
        ("rebar_binary" | "rebar_categorical", _) => 8e-7 * size,
        // Four times the attained error. The error of a gradient through the conditional noise would be as large as the
        // gradient.
        ("gumbel_rao", _) => 1.4e-6 * size,
        ("bernoulli_pair_estimators" | "disarm_categorical" | "local_expectation", _) => {
            1e-6 * largest(&input("f")).max(1.0)
        }
        // Sums of up to twenty steps, each an advantage times a sum of scores.
        ("eligibility_trace", _) => 4e-6 * size.max(largest(&result("e"))),
        // A sum of rewards, whose partial sums may be larger than the result.
        ("discounted_returns", _) => 1e-6 * size.max(largest(&result("G"))),
        ("online_softmax_policy", _) => 4e-6 * size,
        // The normalisation divides differences of sums that are larger than the differences.
        ("network_step", "by_x") => 1e-5 * size.max(largest(&result("by_x"))),
        ("network_step", _) => 4e-6 * size,
        // Two units in the last place, also of a small result.
        ("sin_cos_tanh", _) => 2.0 * unit(expected),
        _ => 1e-6 * size,
    }
}

/// Returns the unit in the last place of an `f32` near `x`.
fn unit(x: f64) -> f64 {
    let power = f64::from_bits(x.to_bits() & f64::INFINITY.to_bits());
    (power * ULP).max(f64::from(f32::from_bits(1)))
}

/// Returns the tolerance of a sigmoid of z/τ: an error of z grows by 1/τ.
fn binary(case: &Case, scale: f64) -> f64 {
    let tau = case.inputs["tau"].to_f64()[0];
    let z = case.outputs["z"].to_f64()[0].abs();
    4.0 * 6.2 * ULP * (1.0 + z) / tau * scale.max(1.0)
}

/// Rounding error of a few operations.
const FEW: f64 = 4.0 * ULP;

/// Returns the tolerance of a density of a relaxed bit at `y`. The derivatives are sums of terms, and the tolerance is
/// computed from the sizes of these terms. In the derivative by the point, each of the two terms dominates near one
/// corner, and neither may be lost.
fn binary_density(logit: f64, tau: f64, y: f64, output: &str) -> f64 {
    let (x, w) = (y.ln(), (-y).ln_1p());
    let d = x - w;
    let e = logit - tau * d;
    // The absolute error of the exponent is the relative error of the exponential.
    let error = 1.0 + logit.abs() + tau * d.abs();
    let (q, m) = ((-e.abs()).exp(), 1.0 / (1.0 + e.abs().exp()));
    match output {
        "logp" => FEW * (error + (x + w).abs() + d.abs() + tau.ln().abs() + q),
        "dlogp_dlogit" => FEW * (1.0 + m * error),
        "dlogp_dtau" => FEW * (1.0 / tau + d.abs() * (1.0 + m * error)),
        _ => {
            let (near, far) = if e >= 0.0 { (y, 1.0 - y) } else { (1.0 - y, y) };
            FEW * (((1.0 - tau).abs() + 2.0 * tau * m * error) / near + (1.0 + tau + 2.0 * tau * m * error) / far)
        }
    }
}

/// Returns the tolerance of a density of relaxed classes at `x = ln y`, or at `y`, computed like `binary_density`.
fn density(logits: &[f64], tau: f64, x: &[f64], y: Option<&[f64]>, output: &str, index: usize) -> f64 {
    let possible: Vec<usize> = (0..logits.len()).filter(|&k| logits[k] > f64::NEG_INFINITY).collect();
    let count = possible.len() as f64;
    let energy = |k: usize| logits[k] - tau * x[k];
    let mode = possible.iter().copied().fold(possible[0], |mode, k| if energy(k) > energy(mode) { k } else { mode });
    let others: f64 = possible.iter().filter(|&&k| k != mode).map(|&k| (energy(k) - energy(mode)).exp()).sum();
    let s = |k: usize| (energy(k) - energy(mode)).exp() / (1.0 + others);
    let r = others / (1.0 + others);
    let size = |k: &usize| logits[*k].abs() + (1.0 + tau) * x[*k].abs();
    let largest = possible.iter().map(size).fold(0.0, f64::max);
    // The exponent contains two energies and sums over all classes.
    let error = 2.0 * (1.0 + largest) + count;
    let excess = |k: usize| 1.0 + count * s(k) * (1.0 + (1.0 - s(k)) * error);
    match output {
        "logp" => FEW * (count * (1.0 + largest + tau.ln().abs()) + count * count.ln()),
        _ if output != "dtau" && !possible.contains(&index) => f64::MIN_POSITIVE,
        "dlogits" => FEW * excess(index),
        "dx" => FEW * tau * excess(index),
        "dy" => {
            let smallest = index == mode && others < 1.0;
            let terms = if smallest {
                (tau * (count - 1.0) - 1.0).abs() + tau * count * r * error
            } else {
                1.0 + tau * excess(index)
            };
            FEW * terms / y.map_or(1.0, |y| y[index])
        }
        _ => {
            let terms: f64 = possible.iter().map(|&k| excess(k) * (x[k] - x[mode]).abs()).sum();
            FEW * (count / tau + terms + excess(mode))
        }
    }
}
