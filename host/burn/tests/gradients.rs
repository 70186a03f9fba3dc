//! Backward passes of the operations on burn's tensors: compared with finite differences, with the core's estimators
//! bit for bit, and in the mean with the exact gradient.

use burn::tensor::{Device, Tensor, TensorData};
use samplegrad_burn::{
    AntitheticPair, OfBits, OfClasses, RebarDraw, Samples, Variables, binary_concrete, entropy, gumbel_softmax,
    log_prob, normal, straight_through,
};
use samplegrad_core::{
    Bernoullis, Categoricals, Temperature,
    cost::{FnWithGradient, OneHot},
    decoupled_straight_through::DecoupledStraightThrough,
    estimator::Estimator,
    gapped_straight_through::GappedStraightThrough,
    gumbel_rao::GumbelRao,
    plain_straight_through::PlainStraightThrough,
    reinmax::ReinMax,
    straight_through_gumbel::StraightThroughGumbel,
    stream,
};
use samplegrad_host::{Error, Streams};

const LOGITS: [f32; 12] = [0.3, -1.2, 0.8, 0.1, 1.5, -0.4, 0.0, 0.9, -0.7, 2.0, -2.0, 0.6];
const WEIGHTS: [f32; 12] = [0.5, -1.0, 2.0, 0.3, 1.1, -0.6, 0.9, 1.7, -2.1, 0.2, 0.8, -0.4];
const SEED: u64 = 2026;

fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex().autodiff())
}

fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_into_vec().unwrap()
}

fn tau(tau: f32) -> Temperature {
    Temperature::new(tau).unwrap()
}

fn streams() -> Streams {
    Streams::new(SEED, 12).unwrap()
}

/// Computes `Σ w ⊙ x`, in double precision.
fn weighted(x: &[f32]) -> f64 {
    x.iter().zip(WEIGHTS).map(|(&x, w)| f64::from(x) * f64::from(w)).sum()
}

/// Compares the gradient of `Σ w ⊙ f(l)` by burn with central differences of step 1/64. The error of the differences is
/// at most 4e-5 times a third derivative, plus 32 times a rounding error of 1e-7.
fn against_differences<const D: usize>(
    name: &str,
    allowed: f64,
    at: &[f32],
    shape: [usize; D],
    f: impl Fn(&Tensor<D>) -> Tensor<D>,
) {
    let l = tensor(at, shape).require_grad();
    let output = f(&l);
    let weights = tensor(&WEIGHTS[..output.shape().num_elements()], output.dims());
    let gradient = numbers(&l.grad(&(output * weights).sum().backward()).unwrap());
    for k in 0..at.len() {
        let moved = |by: f32| {
            let mut l = at.to_vec();
            l[k] += by;
            weighted(&numbers(&f(&tensor(&l, shape))))
        };
        let expected = (moved(1.0 / 64.0) - moved(-1.0 / 64.0)) * 32.0;
        let found = f64::from(gradient[k]);
        assert!((found - expected).abs() <= allowed, "{name}, logit {k}: {found}, by differences {expected}");
    }
}

#[test]
fn relaxed_samples_follow_their_logits() {
    let soft = |l: &Tensor<2>| gumbel_softmax(l, tau(0.8), false, &mut streams()).unwrap();
    against_differences("gumbel_softmax", 2e-3, &LOGITS, [3, 4], soft);
    let soft = |l: &Tensor<1>| binary_concrete(l, tau(0.8), false, &mut streams()).unwrap();
    against_differences("binary_concrete", 2e-3, &LOGITS, [12], soft);
    let three = |l: &Tensor<3>| gumbel_softmax(l, tau(1.5), false, &mut streams()).unwrap();
    against_differences("gumbel_softmax of three dimensions", 2e-3, &LOGITS, [2, 3, 2], three);
}

#[test]
fn normal_variables_follow_mean_and_deviation() {
    let log_std = tensor(&LOGITS, [12]);
    against_differences("mean", 2e-3, &WEIGHTS, [12], |mean| normal(mean, &log_std, &mut streams()).unwrap());
    let mean = tensor(&WEIGHTS, [12]);
    against_differences("log_std", 4e-3, &LOGITS, [12], |l| normal(&mean, l, &mut streams()).unwrap());
}

#[test]
fn entropies_and_log_probabilities_follow_their_logits() {
    for variables in [Variables::Bits, Variables::Classes(4), Variables::Classes(2)] {
        let of = |l: &Tensor<2>| entropy(l, variables).unwrap().unsqueeze_dim(1);
        against_differences("entropy", 2e-3, &LOGITS, [3, 4], of);
        let values = Samples::draw(&tensor(&LOGITS, [3, 4]), variables, 1, &mut streams()).unwrap().values();
        let of = |l: &Tensor<2>| log_prob(l, variables, &values).unwrap().unsqueeze_dim(1);
        against_differences("log_prob", 2e-3, &LOGITS, [3, 4], of);
    }
}

#[test]
fn relaxations_of_rebar_follow_their_logits() {
    for variables in [Variables::Bits, Variables::Classes(4)] {
        let draw = |l: &Tensor<2>| RebarDraw::draw(l, variables, tau(0.8), &mut streams()).unwrap();
        against_differences("relaxed", 2e-3, &LOGITS, [3, 4], |l| draw(l).relaxed());
        against_differences("relaxed given", 2e-3, &LOGITS, [3, 4], |l| draw(l).relaxed_given());
    }
}

#[test]
fn hard_samples_have_the_gradient_of_the_relaxed_ones() {
    let gradients = [false, true].map(|hard| {
        let l = tensor(&LOGITS, [3, 4]).require_grad();
        let y = gumbel_softmax(&l, tau(0.5), hard, &mut streams()).unwrap();
        let values = numbers(&y);
        let sums: Vec<f32> = values.chunks(4).map(|row| row.iter().sum()).collect();
        assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-6));
        assert_eq!(hard, values.iter().all(|&y| y == 0.0 || y == 1.0));
        numbers(&l.grad(&(y * tensor(&WEIGHTS, [3, 4])).sum().backward()).unwrap())
    });
    assert_eq!(gradients[0], gradients[1]);
    let gradients = [false, true].map(|hard| {
        let l = tensor(&LOGITS, [12]).require_grad();
        let y = binary_concrete(&l, tau(0.5), hard, &mut streams()).unwrap();
        assert_eq!(hard, numbers(&y).iter().all(|&y| y == 0.0 || y == 1.0));
        numbers(&l.grad(&(y * tensor(&WEIGHTS, [12])).sum().backward()).unwrap())
    });
    assert_eq!(gradients[0], gradients[1]);
}

/// Compares the gradients through `straight_through` with the gradients of the core's estimator, variable by variable,
/// for the cost `⟨w, x⟩`.
fn as_the_core<E>(name: &str, estimator: &E)
where
    E: OfBits + OfClasses,
    E: for<'a> Estimator<Bernoullis<1>, dyn samplegrad_core::cost::DifferentiableCost + 'a>,
    E: for<'a> Estimator<Categoricals<4>, dyn samplegrad_core::cost::DifferentiableCost + 'a>,
{
    for variables in [Variables::Bits, Variables::Classes(4)] {
        let k = if variables == Variables::Bits { 1 } else { 4 };
        let l = tensor(&LOGITS, [3, 4]).require_grad();
        let mut drawn = streams();
        let x = straight_through(&l, variables, estimator, &mut drawn).unwrap();
        let sample = numbers(&x);
        let gradient = numbers(&l.grad(&(x * tensor(&WEIGHTS, [3, 4])).sum().backward()).unwrap());
        for (v, ((logits, weights), (sample, gradient))) in
            LOGITS.chunks(k).zip(WEIGHTS.chunks(k)).zip(sample.chunks(k).zip(gradient.chunks(k))).enumerate()
        {
            let rng = &mut stream::xorshift(SEED, v as u64);
            let mut at = Vec::new();
            let mut cost = |y: &[f32], slope: &mut [f32]| {
                at = y.to_vec();
                slope.copy_from_slice(weights);
                0.0_f32
            };
            let expected = if k == 1 {
                let b = Bernoullis::<1>::new(logits).unwrap();
                estimator
                    .clone()
                    .estimate(&b, &mut FnWithGradient::<1, _>(&mut cost) as _, rng)
                    .unwrap()
                    .gradient
                    .to_vec()
            } else {
                let x = Categoricals::<4>::new(&[4], logits).unwrap();
                let mut cost = OneHot::<4, _>::new(&[4], &mut cost);
                estimator.clone().estimate(&x, &mut cost as _, rng).unwrap().gradient.to_vec()
            };
            let bits = |x: &[f32]| x.iter().map(|x| (x + 0.0).to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(gradient), bits(&expected), "{name}, {variables:?}, variable {v}");
            assert_eq!(sample, at, "{name}, {variables:?}, variable {v}");
            assert_eq!(drawn.device(v).as_ref(), Some(&*rng), "{name}: the stream is where a device's is");
        }
    }
}

#[test]
fn the_straight_through_family_is_the_core_s_bit_for_bit() {
    let tau = tau(0.7);
    as_the_core("plain", &PlainStraightThrough);
    as_the_core("Gumbel", &StraightThroughGumbel { tau });
    as_the_core("decoupled", &DecoupledStraightThrough { forward: Some(tau), backward: Temperature::ONE });
    as_the_core("Gumbel-Rao", &GumbelRao::new(tau, 7).unwrap());
    as_the_core("gapped", &GappedStraightThrough::new(tau, 1.0).unwrap());
    as_the_core("ReinMax", &ReinMax { tau });
}

/// Computes a cost of two variables in four columns that is not a polynomial of low order: `2 x₀ x₃ + (x₁ − 0.3)³ +
/// e^{x₂}`.
fn cost(x: Tensor<2>) -> Tensor<1> {
    let column = |k: usize| x.clone().slice([0..x.dims()[0], k..k + 1]);
    let together = column(0) * column(3) * 2.0;
    (together + (column(1) - 0.3).powi_scalar(3) + column(2).exp()).squeeze_dim(1)
}

/// Computes the exact gradient of the mean cost with respect to four logits, by enumeration in double precision.
fn exact(logits: &[f32], variables: Variables) -> Vec<f64> {
    let f = |x: &[f64]| 2.0 * x[0] * x[3] + (x[1] - 0.3).powi(3) + x[2].exp();
    let k = if variables == Variables::Bits { 1 } else { 2 };
    // The bit or class of variable `v` in the value with this number.
    let value = |number: usize| -> Vec<f64> {
        (0..4)
            .map(|column| f64::from((number >> (column / k) & 1 == if k == 1 { 1 } else { column % 2 }) as u8))
            .collect()
    };
    let p: Vec<f64> = logits
        .chunks(k)
        .flat_map(|l| match l {
            [l] => vec![1.0 / (1.0 + f64::from(-l).exp())],
            [a, b] => {
                let p = 1.0 / (1.0 + f64::from(b - a).exp());
                vec![p, 1.0 - p]
            }
            _ => unreachable!(),
        })
        .collect();
    let mut gradient = vec![0.0; 4];
    for number in 0..1 << (4 / k) {
        let x = value(number);
        let probability: f64 = (0..4)
            .map(|c| {
                if k == 1 {
                    if x[c] > 0.0 { p[c] } else { 1.0 - p[c] }
                } else if x[c] > 0.0 {
                    p[c]
                } else {
                    1.0
                }
            })
            .product();
        for c in 0..4 {
            gradient[c] += probability * f(&x) * (x[c] - p[c]);
        }
    }
    gradient
}

const ROWS: usize = 40_000;

/// Checks that the mean estimate is within 5 standard errors of the exact gradient. All rows have the same
/// distribution, and each row gives an independent estimate.
fn unbiased(name: &str, variables: Variables, loss: impl Fn(&Tensor<2>, &mut Streams) -> Tensor<1>) {
    let logits = &LOGITS[..4];
    let l = tensor(&logits.repeat(ROWS), [ROWS, 4]).require_grad();
    let gradient = numbers(&l.grad(&loss(&l, &mut Streams::new(SEED, 4 * ROWS).unwrap()).sum().backward()).unwrap());
    for (k, expected) in exact(logits, variables).into_iter().enumerate() {
        let own: Vec<f64> = gradient.chunks(4).map(|row| f64::from(row[k])).collect();
        let mean = own.iter().sum::<f64>() / ROWS as f64;
        let variance = own.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / (ROWS - 1) as f64;
        let error = (variance / ROWS as f64).sqrt();
        assert!(variance > 0.0);
        assert!((mean - expected).abs() < 5.0 * error, "{name}, logit {k}: {mean} ± {error}, exactly {expected}");
    }
}

/// Makes 36 comparisons at 5 standard errors. With another seed, the probability that one of them fails is 2e-5.
#[test]
fn losses_are_unbiased() {
    for variables in [Variables::Bits, Variables::Classes(2)] {
        unbiased("REINFORCE", variables, |l, streams| {
            let samples = Samples::draw(l, variables, 1, streams).unwrap();
            samples.reinforce(cost(samples.values()), 1.2).unwrap()
        });
        unbiased("leave-one-out", variables, |l, streams| {
            let samples = Samples::draw(l, variables, 3, streams).unwrap();
            samples.leave_one_out(cost(samples.values())).unwrap()
        });
        for eta in [1.0, 0.4] {
            unbiased("REBAR", variables, |l, streams| {
                let draw = RebarDraw::draw(l, variables, tau(0.6), streams).unwrap();
                let [b, y, given] = [draw.hard(), draw.relaxed(), draw.relaxed_given()].map(cost);
                draw.loss(b, y, given, eta).unwrap()
            });
        }
    }
    unbiased("DisARM", Variables::Bits, |l, streams| {
        let pair = AntitheticPair::draw(l, streams).unwrap();
        pair.disarm(cost(pair.values())).unwrap()
    });
}

#[test]
fn parameters_of_the_cost_learn_by_the_same_pass() {
    let l = tensor(&LOGITS, [3, 4]).require_grad();
    let samples = Samples::draw(&l, Variables::Bits, 4, &mut streams()).unwrap();
    let w = tensor(&WEIGHTS[..4], [4, 1]).require_grad();
    let costs = samples.values().matmul(w.clone()).squeeze_dim::<1>(1);
    let loss = samples.leave_one_out(costs.clone()).unwrap();
    let means = numbers(&loss);
    let every = numbers(&costs);
    for (row, mean) in means.iter().enumerate() {
        let expected = (0..4).map(|s| every[s * 3 + row]).sum::<f32>() / 4.0;
        assert!((mean - expected).abs() < 1e-6, "row {row}: {mean}, the mean of its costs is {expected}");
    }
    let gradient = numbers(&w.grad(&loss.sum().backward()).unwrap());
    let x = numbers(&samples.values());
    for k in 0..4 {
        let expected = (0..12).map(|row| x[row * 4 + k]).sum::<f32>() / 4.0;
        assert!((gradient[k] - expected).abs() < 1e-6, "parameter {k}: {} for {expected}", gradient[k]);
    }
}

#[test]
fn results_repeat_and_do_not_depend_on_checkpointing() {
    let device = Device::flex();
    let runs = [device.clone().autodiff(), device.autodiff().gradient_checkpointing()].map(|device| {
        let l = Tensor::<2>::from_data(TensorData::new(LOGITS.to_vec(), [3, 4]), &device).require_grad();
        let x = straight_through(&l, Variables::Classes(4), &GumbelRao::new(tau(0.5), 3).unwrap(), &mut streams());
        let x = x.unwrap();
        assert!(x.is_tracked());
        numbers(&l.grad(&(x.clone() * x).sum().backward()).unwrap())
    });
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn bad_input_is_refused_and_streams_stay_as_they_were() {
    let mut drawn = streams();
    let row = |error: Error| matches!(error, Error::Row { row: 1, .. });
    let bad = tensor(&[0.0, 1.0, f32::NAN, 0.0], [2, 2]);
    assert!(row(gumbel_softmax(&bad, Temperature::ONE, true, &mut drawn).unwrap_err()));
    assert!(row(Samples::draw(&bad, Variables::Classes(2), 2, &mut drawn).unwrap_err()));
    let reinmax = ReinMax { tau: Temperature::ONE };
    assert!(row(straight_through(&bad, Variables::Classes(2), &reinmax, &mut drawn).unwrap_err()));
    let at = |error: Error| matches!(error, Error::Row { row: 2, .. });
    assert!(at(straight_through(&bad, Variables::Bits, &reinmax, &mut drawn).unwrap_err()));
    assert!(at(AntitheticPair::draw(&bad, &mut drawn).unwrap_err()));
    assert!(at(RebarDraw::draw(&bad, Variables::Bits, Temperature::ONE, &mut drawn).unwrap_err()));
    assert!(at(entropy(&bad, Variables::Bits).unwrap_err()));
    let good = tensor(&LOGITS, [3, 4]);
    let wrong = straight_through(&good, Variables::Classes(3), &reinmax, &mut drawn).unwrap_err();
    assert_eq!(wrong, Error::NotRows { what: "columns of logits", columns: 3, found: 4 });
    let many = tensor(&[0.0; 200], [1, 200]);
    let many = straight_through(&many, Variables::Classes(200), &reinmax, &mut drawn).unwrap_err();
    assert_eq!(many, Error::TooLarge { what: "classes" });
    assert_eq!(drawn, streams());

    let samples = Samples::draw(&good, Variables::Bits, 2, &mut drawn).unwrap();
    let few = samples.leave_one_out(tensor(&[1.0; 5], [5])).unwrap_err();
    assert_eq!(few, Error::Length { what: "costs", expected: 6, found: 5 });
    let infinite = samples.leave_one_out(tensor(&[1.0, 1.0, 1.0, 1.0, f32::INFINITY, 1.0], [6])).unwrap_err();
    assert_eq!(infinite, Error::Cost { row: 1, value: f32::INFINITY });
    let half = tensor(&[0.0, 1.0, 0.5, 0.0], [2, 2]);
    let value = log_prob(&half, Variables::Bits, &half).unwrap_err();
    assert_eq!(value.to_string(), "row 2: value: 0.5, it must be 0 or 1");
    let double = good.cast(burn::tensor::DType::F64);
    assert_eq!(entropy(&double, Variables::Bits).unwrap_err(), Error::NotSingle { what: "logits" });
}
