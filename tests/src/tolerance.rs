//! How far from a golden value a result may be: one table.
//!
//! About four times what plain careful `f32` code attains (`golden/README.md`), as a distance; unless said otherwise it
//! grows with `max(1, |expected|)`.

use crate::golden::Case;

const ULP: f64 = 1.0 / 8_388_608.0;

/// Whether a class is decided by more than rounding.
pub fn decided(case: &Case) -> bool {
    let Some(margin) = case.outputs.get("margin") else { return true };
    let z = case.outputs.get("z").map_or(1.0, |z| largest(&z.to_f64()));
    margin.to_f64().iter().all(|&margin| margin == 0.0 || margin >= 1e-5 * (1.0 + z))
}

/// Whether the input of a result lies outside of the open unit interval, and is refused.
pub fn refused(case: &Case, output: &str, index: usize) -> bool {
    output == "g" && case.inputs.get("u").is_some_and(|u| matches!(u.to_f64().get(index), Some(&(0.0 | 1.0))))
}

/// The largest finite magnitude.
fn largest(x: &[f64]) -> f64 {
    x.iter().filter(|x| x.is_finite()).fold(0.0, |largest, x| x.abs().max(largest))
}

/// The distance allowed.
pub fn allowed(suite: &str, output: &str, case: &Case, expected: f64) -> f64 {
    let input = |name: &str| case.inputs.get(name).map_or(vec![0.0], |array| array.to_f64());
    let result = |name: &str| case.outputs.get(name).map_or(vec![0.0], |array| array.to_f64());
    let size = expected.abs().max(1.0);
    match (suite, output) {
        ("gumbel_softmax", "g") | ("gumbel_icdf_grid24" | "gumbel_icdf_mid32", _) => 6e-7 * size,
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
        // The terms of a density grow with τ times the logarithm of the point, and so does what cancels.
        ("binary_concrete", _) => {
            let (tau, y) = (input("tau")[0], input("yq")[0]);
            let terms = (1.0 + tau) * (y.ln().abs() + (1.0 - y).ln().abs()) + input("logit")[0].abs() + 1.0;
            let slope = if output == "dlogp_dyq" { 1.0 / (y * (1.0 - y)) } else { 1.0 };
            7.2e-7 * terms * slope * terms.max(1.0 / tau).max(1.0)
        }
        ("concrete_logprob" | "exp_concrete_logprob", _) => {
            let (tau, k) = (input("tau")[0], input("logits").len() as f64);
            let x = match suite {
                "concrete_logprob" => input("y").iter().map(|y| y.ln()).collect(),
                _ => input("x"),
            };
            let terms = 1.0 + k * (1.0 + tau) * largest(&x) + k * largest(&input("logits"));
            match output {
                "logp" => 7.2e-7 * terms,
                "dlogits" => 7.2e-7 * terms,
                "dy" => {
                    // Divided by the coordinate.
                    let smallest = input("y").iter().copied().fold(1.0, f64::min);
                    7.2e-7 * terms * (1.0 + tau) / smallest
                }
                "dx" => 7.2e-7 * terms * (1.0 + tau),
                _ => 7.2e-7 * terms * (1.0 + largest(&x)) * k + 7.2e-7 * k / tau,
            }
        }
        // Squares of (x − μ)/σ, whose σ carries the error of an exponential.
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
        ("reinforce_samples", _) => 1e-6 * largest(&input("r")).max(1.0),
        // z carries the rounding of x − μ; t = e^{−z} multiplies it. Small probabilities are held to relative precision.
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
        // Sums of costs times probabilities; variances of squares of costs.
        ("enumerate_bernoulli" | "enumerate_categorical" | "enumerate_cat_product", _) => {
            let cost = largest(&input("f")).max(1.0);
            match output {
                "Ef" | "grad" => 2e-6 * cost,
                "bstar" => 4e-6 * cost,
                _ => 4e-6 * cost * cost,
            }
        }
        ("rebar_binary" | "rebar_categorical", "grad_rebar") => {
            let (tau, eta) = (input("tau")[0], input("eta")[0].abs());
            let z = 1.0 + largest(&result("z")).max(largest(&result("zt")));
            // The relaxed samples carry the error of z/τ, their slopes another 1/τ; the cost is a polynomial.
            let reach = 1.0 + largest(&input("t"));
            let cost = largest(&input("table")) + largest(&input("c")) * reach * reach + largest(&input("w"));
            4.0 * 6.2 * ULP * (z / tau).max(1.0) * (1.0 + eta) * (1.0 + 1.0 / tau) * cost.max(1.0)
        }
        // Perturbed logits are rounded to half a unit at best, and divided by τ.
        ("rebar_categorical", "y" | "yt" | "f_y" | "f_yt" | "term_y" | "term_yt") => {
            let z = 1.0 + largest(&result("z")).max(largest(&result("zt")));
            8e-7 * size + ULP * z / input("tau")[0]
        }
        ("rebar_binary" | "rebar_categorical", _) => 8e-7 * size,
        // Four times what is attained; a gradient through the noise given the class would be off by its size.
        ("gumbel_rao", _) => 1.4e-6 * size,
        ("bernoulli_pair_estimators", _) => 1e-6 * largest(&input("f")).max(1.0),
        // Sums of up to twenty steps, each of an advantage times a sum of scores.
        ("eligibility_trace", _) => 4e-6 * size.max(largest(&result("e"))),
        // A sum of rewards, whose partial sums may be larger than what is left.
        ("discounted_returns", _) => 1e-6 * size.max(largest(&result("G"))),
        ("online_softmax_policy", _) => 4e-6 * size,
        _ => 1e-6 * size,
    }
}

/// A sigmoid of z/τ: an error of z grows by 1/τ.
fn binary(case: &Case, scale: f64) -> f64 {
    let tau = case.inputs["tau"].to_f64()[0];
    let z = case.outputs["z"].to_f64()[0].abs();
    4.0 * 6.2 * ULP * (1.0 + z) / tau * scale.max(1.0)
}
