//! Tests that compare vector–Jacobian products of the operations on burn's tensors with the golden files. The files
//! contain the noise, and the streams are set to a state from which they draw this noise.

use std::{fs, path::Path};

use burn::tensor::{Device, Tensor, TensorData};
use samplegrad_burn::{AntitheticPair, RebarDraw, Variables, binary_concrete, gumbel_softmax_with_noise};
use samplegrad_core::{
    Temperature,
    noise::{Uniform, gumbel},
};
use samplegrad_host::Streams;
use serde_json::Value;

/// Twice the spacing of floats below 1.
const ULP: f64 = 1.0 / 8_388_608.0;

struct Case(Value);

impl Case {
    fn all(suite: &str) -> Vec<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(suite).with_extension("jsonl");
        let text = fs::read_to_string(file).unwrap();
        let cases: Vec<Self> = text.lines().skip(1).map(|line| Self(serde_json::from_str(line).unwrap())).collect();
        assert!(cases.len() > 10, "{suite}");
        cases
    }

    fn bits(array: &Value) -> impl Iterator<Item = u64> {
        array["hex"].as_array().unwrap().iter().map(|x| u64::from_str_radix(x.as_str().unwrap(), 16).unwrap())
    }

    fn input(&self, name: &str) -> Vec<f32> {
        Self::bits(&self.0["in"][name]).map(|x| f32::from_bits(x as u32)).collect()
    }

    fn output(&self, name: &str) -> Vec<f64> {
        let array = &self.0["out"][name];
        match array["t"].as_str().unwrap() {
            "f64" => Self::bits(array).map(f64::from_bits).collect(),
            _ => array["dec"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect(),
        }
    }
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex().autodiff())
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_into_vec().unwrap()
}

fn tau(case: &Case) -> Temperature {
    Temperature::new(case.input("tau")[0]).unwrap()
}

fn close(case: &Case, name: &str, found: &[f32], expected: &[f64], allowed: f64) {
    assert_eq!(found.len(), expected.len());
    for (k, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let allowed = allowed * expected.abs().max(1.0);
        assert!(
            (f64::from(found) - expected).abs() <= allowed,
            "{}, {name} {k}: {found}, it is {expected}, {allowed} allowed",
            case.0["id"]
        );
    }
}

/// Returns the word whose uniform number is `u`, or `None` if no word has this uniform number within a relative error
/// of 2^−24.
fn word(u: f32) -> Option<u32> {
    let k = (f64::from(u) * 4_294_967_296.0 - 0.5).round();
    let near = ((k + 0.5) / 4_294_967_296.0 - f64::from(u)).abs() <= f64::from(u.min(1.0 - u)) * ULP / 2.0;
    (near && (0.0..=4_294_967_295.0).contains(&k)).then_some(k as u32)
}

/// Computes the state of a generator whose next two words are `words`. Solves `next = w ⊕ (w ≫ 19) ⊕ t ⊕ (t ≫ 8)`,
/// where `t = x ⊕ (x ≪ 11)`, for `x`, and then the same equation of the second word for `y`.
fn state(words: [u32; 2]) -> [u32; 4] {
    let before = |w: u32, next: u32| {
        let mut t = next ^ w ^ (w >> 19);
        t ^= t >> 8;
        t ^= t >> 16;
        let x = t ^ (t << 11);
        x ^ (x << 22)
    };
    let (z, w) = (0x1234_5678, 0x9abc_def1);
    [before(w, words[0]), before(words[0], words[1]), z, w]
}

#[test]
fn streams_draw_the_words_that_they_were_made_for() {
    use rand_core::Rng;
    let streams = Streams::from_states(&[state([7, 0xffff_0123])]).unwrap();
    let mut device = streams.device(0).unwrap();
    assert_eq!([device.next_u32(), device.next_u32()], [7, 0xffff_0123]);
}

#[test]
fn gumbel_softmax_has_the_golden_gradients() {
    let mut compared = 0;
    for case in Case::all("gumbel_softmax") {
        let (logits, u) = (case.input("logits"), case.input("u"));
        let Ok(u) = u.iter().map(|&u| Uniform::new(u)).collect::<Result<Vec<_>, _>>() else { continue };
        let noise: Vec<f32> = u.into_iter().map(gumbel::quantile).collect();
        let shape = [1, logits.len()];
        let largest = |x: &[f32]| x.iter().filter(|x| x.is_finite()).fold(0.0_f64, |m, &x| m.max(f64::from(x).abs()));
        let z: Vec<f32> = logits.iter().zip(&noise).map(|(l, g)| l + g).collect();
        let (t, z) = (f64::from(tau(&case).get()), 1.0 + largest(&z));
        for hard in [false, true] {
            let l = tensor(&logits, shape).require_grad();
            let y = gumbel_softmax_with_noise(&l, &tensor(&noise, shape), tau(&case), hard).unwrap();
            if !hard {
                close(&case, "y", &numbers(&y), &case.output("y"), 4.0 * 6.2 * ULP * z / t);
            } else if case.output("margin")[0] > 1e-5 * z {
                assert_eq!(numbers(&y)[case.output("hard")[0] as usize], 1.0, "{}", case.0["id"]);
            }
            let cotangent = case.input("cot");
            let loss = (y * tensor(&cotangent, shape)).sum();
            let gradient = numbers(&l.grad(&loss.backward()).unwrap());
            let allowed = 4.0 * 6.1 * ULP * z / (t * t) * largest(&cotangent).max(1.0);
            close(&case, "vjp", &gradient, &case.output("vjp_logits"), allowed);
            compared += 1;
        }
    }
    assert!(compared >= 100, "{compared} of 57 cases, twice");
}

#[test]
fn binary_concrete_has_the_golden_gradients() {
    let mut compared = 0;
    for case in Case::all("binary_concrete") {
        let Some(u) = word(case.input("u")[0]) else { continue };
        let l = tensor(&case.input("logit"), [1]).require_grad();
        let y = binary_concrete(&l, tau(&case), false, &mut Streams::from_states(&[state([u, 0])]).unwrap()).unwrap();
        let (t, z) =
            (f64::from(tau(&case).get()), 1.0 + case.output("z")[0].abs() + f64::from(case.input("logit")[0].abs()));
        let allowed = 4.0 * 2.0 * ULP * (1.0 + z / t);
        close(&case, "y", &numbers(&y), &case.output("y"), allowed);
        let gradient = numbers(&l.grad(&y.sum().backward()).unwrap());
        close(&case, "dy/dl", &gradient, &case.output("dy_dlogit"), allowed / t);
        compared += 1;
    }
    assert!(compared >= 25, "{compared} of 42 cases");
}

#[test]
fn disarm_has_the_golden_gradients() {
    let mut compared = 0;
    for case in Case::all("bernoulli_pair_estimators") {
        let (l, table) = (case.input("l"), case.input("f"));
        let Some(words) = case.input("u").iter().map(|&u| word(u)).collect::<Option<Vec<_>>>() else { continue };
        let states: Vec<[u32; 4]> = words.into_iter().map(|u| state([u, 0])).collect();
        let logits = tensor(&l, [1, l.len()]).require_grad();
        let pair = AntitheticPair::draw(&logits, &mut Streams::from_states(&states).unwrap()).unwrap();
        let values = numbers(&pair.values());
        let expected: Vec<f32> = ["b1", "b2"].iter().flat_map(|b| case.output(b)).map(|b| b as f32).collect();
        assert_eq!(values, expected, "{}", case.0["id"]);
        // Variable 0 is the last digit of the index in the table.
        let costs: Vec<f32> = values
            .chunks(l.len())
            .map(|b| table[b.iter().enumerate().map(|(i, &b)| (b as usize) << i).sum::<usize>()])
            .collect();
        let loss = pair.disarm(tensor(&costs, [2])).unwrap();
        let gradient = numbers(&logits.grad(&loss.sum().backward()).unwrap());
        let cost = table.iter().fold(1.0_f64, |m, &f| m.max(f64::from(f).abs()));
        close(&case, "disarm", &gradient, &case.output("disarm"), 1e-6 * cost);
        compared += 1;
    }
    assert!(compared >= 15, "{compared} of 24 cases");
}

#[test]
fn rebar_has_the_golden_gradients() {
    let mut compared = 0;
    for case in Case::all("rebar_binary") {
        let words = |name: &str| case.input(name).iter().map(|&u| word(u)).collect::<Option<Vec<_>>>();
        let (Some(u), Some(v)) = (words("u"), words("v")) else { continue };
        let states: Vec<[u32; 4]> = u.into_iter().zip(v).map(|(u, v)| state([u, v])).collect();
        let l = case.input("l");
        let n = l.len();
        let logits = tensor(&l, [1, n]).require_grad();
        let mut streams = Streams::from_states(&states).unwrap();
        let draw = RebarDraw::draw(&logits, Variables::Bits, tau(&case), &mut streams).unwrap();
        let b: Vec<f32> = case.output("b").iter().map(|&b| b as f32).collect();
        assert_eq!(numbers(&draw.hard()), b, "{}", case.0["id"]);
        // f(x) = Σ c (x − t)² + w Π x
        let (c, t, w) = (case.input("c"), case.input("t"), case.input("w")[0]);
        let f = |x: Tensor<2>| {
            let square = (x.clone() - tensor(&t, [1, n])).powi_scalar(2) * tensor(&c, [1, n]);
            (square.sum_dim(1) + x.prod_dim(1) * w).squeeze_dim::<1>(1)
        };
        let eta = case.input("eta")[0];
        let loss = draw.loss(f(draw.hard()), f(draw.relaxed()), f(draw.relaxed_given()), eta).unwrap();
        let gradient = numbers(&logits.grad(&loss.sum().backward()).unwrap());
        let largest = |x: &[f64]| x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let single = |x: &[f32]| largest(&x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        let (tau, eta) = (f64::from(tau(&case).get()), f64::from(eta).abs());
        let z = 1.0 + largest(&case.output("z")).max(largest(&case.output("zt")));
        let cost = single(&c) * (1.0 + single(&t)).powi(2) + f64::from(w.abs());
        let allowed = 4.0 * 6.2 * ULP * (z / tau).max(1.0) * (1.0 + eta) * (1.0 + 1.0 / tau) * cost.max(1.0);
        close(&case, "rebar", &gradient, &case.output("grad_rebar"), allowed);
        compared += 1;
    }
    assert!(compared >= 25, "{compared} of 54 cases");
}
