//! Samples without replacement and the estimators based on them, and the multi-sample objective, compared with sums
//! over all values, sets and tuples in double precision.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Moments, Rng, Verdict, accept, counts, estimates, quick_and_long, reject};
use crate::set_laws::{self, FIVE, Joint, N, PRODUCT, Problem, SHARP, THREE_BITS, UNIFORM};
use samplegrad_core::{
    Logits,
    estimator::Estimator,
    gumbel_top_k::GumbelTopK,
    lane::{Lane, Word},
    stochastic_beam::StochasticBeam,
    sum_and_sample::SumAndSample,
    unordered_set::{UnorderedSet, Weights},
    vimco::{HoldoutValue, Vimco},
};

/// Draws of long tests: of estimators and of samplers.
const LONG: u64 = 5_000_000;
const LONGER: u64 = 50_000_000;

/// Checks ordered draws of three of five classes, one of them masked.
fn top_three(draws: u64, shift: f32) -> Verdict {
    let drawn_from = FIVE.logits.map(|l| L::splat(l + if l == 0.5 { shift } else { 0.0 }));
    let logits = Logits::<N, L>::new(&drawn_from).expect("valid logits");
    let joint = Joint::of(&FIVE);
    let triples = joint.ordered(3);
    let mut observed = vec![0; 125];
    common::repeat(draws, 21, |rng| {
        let drawn = GumbelTopK::sample(&logits, 3, rng).expect("four are possible");
        let &[a, b, c] = drawn.classes() else { panic!("three classes") };
        for lane in 0..L::LANES {
            let [a, b, c] = [a, b, c].map(|class| class.extract(lane) as usize);
            observed[(a * 5 + b) * 5 + c] += 1;
        }
    });
    let mut p = vec![0.0; 125];
    triples.iter().for_each(|(order, probability)| p[(order[0] * 5 + order[1]) * 5 + order[2]] = *probability);
    counts(&observed, &p)
}

/// Checks that, given the threshold, each class is drawn with probability `1 − exp(−e^{l − κ})`: its indicator divided
/// by this probability has mean one.
fn inclusion(draws: u64, wrong: f64) -> Verdict {
    let logits = Logits::<N, L>::new(&FIVE.logits.map(L::splat)).expect("valid logits");
    let mut moments = [Moments::about(1.0); 5];
    common::repeat(draws, 22, |rng| {
        let drawn = GumbelTopK::sample(&logits, 2, rng).expect("four are possible");
        for (class, (moments, l)) in (0..).zip(moments.iter_mut().zip(FIVE.logits)) {
            let weight = |lane: usize| {
                let drawn_here = drawn.classes().iter().any(|drawn| drawn.extract(lane) == class);
                let kappa = f64::from(drawn.threshold().extract(lane)) + wrong;
                if drawn_here { -1.0 / (-(f64::from(l) - kappa).exp()).exp_m1() } else { 0.0 }
            };
            moments.take(L::from_fn(|lane| weight(lane) as f32));
        }
    });
    let possible = |&(class, _): &(usize, _)| FIVE.logits[class] > f32::NEG_INFINITY;
    moments.iter().enumerate().filter(possible).map(|(k, m)| m.mean().within(format!("class {k}"))).collect()
}

/// Checks ordered pairs of joint values on a beam.
fn beam<const D: usize>(draws: u64, problem: &Problem<D>, drawn_from: &Problem<D>) -> Verdict {
    let x = drawn_from.variables::<L>();
    let joint = Joint::of(problem);
    let count = joint.values.len();
    let mut observed = vec![0; count * count];
    common::repeat(draws, 23, |rng| {
        let drawn = StochasticBeam::<_, 2>::sample(&x, rng);
        for lane in 0..L::LANES {
            let places = drawn.values().each_ref().map(|x| joint.place(x.iter().map(|x| x.extract(lane))));
            observed[places[0] * count + places[1]] += 1;
        }
    });
    let mut p = vec![0.0; count * count];
    joint.ordered(2).iter().for_each(|(order, probability)| p[order[0] * count + order[1]] = *probability);
    counts(&observed, &p)
}

/// Checks that the largest perturbed log-probability is a standard Gumbel number for any variables.
fn largest_of_beam(draws: u64) -> Verdict {
    let x = PRODUCT.variables::<L>();
    let quantile = |lower: f64, upper: f64| {
        let exponential = if upper < lower { -(-upper).ln_1p() } else { -lower.ln() };
        -exponential.ln()
    };
    common::continuous(draws, 24, (2, 3), quantile, |rng| StochasticBeam::<_, 3>::sample(&x, rng).perturbed()[0])
}

fn unordered<const K: usize, const D: usize>(draws: u64, problem: &Problem<D>, baseline: bool) -> Verdict {
    let [exact, variances] = Joint::of(problem).unordered_set(K, baseline);
    let x = problem.variables::<L>();
    let mut cost = problem.cost::<L>();
    estimates(draws, &exact, &variances, |rng| UnorderedSet::<K> { baseline }.estimate(&x, &mut cost, rng))
        .within(format!("{K} of {:?}, baseline {baseline}", problem.logits))
}

/// Checks the unordered-set estimator of bits, with and without a baseline.
fn unordered_bits<const K: usize>(draws: u64) -> Verdict {
    let of = |baseline| {
        let [exact, variances] = Joint::of_bits().unordered_set(K, baseline);
        let mut cost = set_laws::cost_of_bits::<L>;
        let b = set_laws::bits::<L>();
        estimates(draws, &exact, &variances, |rng| UnorderedSet::<K> { baseline }.estimate(&b, &mut cost, rng))
            .within(format!("{K} of {THREE_BITS:?}, baseline {baseline}"))
    };
    [of(true), of(false)].into_iter().collect()
}

fn summed<const C: usize, const D: usize>(draws: u64, problem: &Problem<D>, baseline: Option<f32>) -> Verdict {
    let [exact, variances] = Joint::of(problem).sum_and_sample(C, baseline.map(f64::from));
    let x = problem.variables::<L>();
    let mut cost = problem.cost::<L>();
    let mut estimator = SumAndSample::<C, L> { baseline: baseline.map(L::splat) };
    estimates(draws, &exact, &variances, |rng| estimator.estimate(&x, &mut cost, rng))
        .within(format!("{C} of {:?}, baseline {baseline:?}", problem.logits))
}

fn summed_bits<const C: usize>(draws: u64) -> Verdict {
    let [exact, variances] = Joint::of_bits().sum_and_sample(C, None);
    let mut cost = set_laws::cost_of_bits::<L>;
    let b = set_laws::bits::<L>();
    estimates(draws, &exact, &variances, |rng| SumAndSample::<C, L> { baseline: None }.estimate(&b, &mut cost, rng))
}

fn vimco<const S: usize>(draws: u64, stand_in: HoldoutValue) -> Verdict {
    let of = |joint: Joint| joint.vimco(S, stand_in == HoldoutValue::Arithmetic);
    let [exact, variances] = of(Joint::of(&PRODUCT));
    let x = PRODUCT.variables::<L>();
    let mut cost = PRODUCT.cost::<L>();
    let classes = estimates(draws, &exact, &variances, |rng| Vimco::<S> { stand_in }.estimate(&x, &mut cost, rng));
    let [exact, variances] = of(Joint::of_bits());
    let b = set_laws::bits::<L>();
    let mut cost = set_laws::cost_of_bits::<L>;
    let bits = estimates(draws, &exact, &variances, |rng| Vimco::<S> { stand_in }.estimate(&b, &mut cost, rng));
    [classes.within("classes"), bits.within("bits")].into_iter().collect()
}

/// Checks the toy problem at both logits: mean and variance as documented on the page of VIMCO, to seven digits.
fn toy_of_vimco(draws: u64, stand_in: HoldoutValue, figures: [(f32, f64, f64); 2]) -> Verdict {
    let of = |(logit, mean, variance): (f32, f64, f64)| {
        let b = samplegrad_core::Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
        let mut f = |b: &[L]| (b[0] - 0.45) * (b[0] - 0.45);
        estimates(draws, &[mean], &[variance], |rng| Vimco::<4> { stand_in }.estimate(&b, &mut f, rng))
    };
    figures.map(of).into_iter().collect()
}

/// Compares VIMCO with the gradient of the mean cost, which it does not estimate.
fn other_objective(draws: u64) -> Verdict {
    let [exact, _] = Joint::of(&PRODUCT).sum_and_sample(1, None);
    let x = PRODUCT.variables::<L>();
    let mut cost = PRODUCT.cost::<L>();
    let mut vimco = Vimco::<3> { stand_in: HoldoutValue::Geometric };
    estimates(draws, &exact, &[], |rng| vimco.estimate(&x, &mut cost, rng))
}

/// Compares the variance of the mean of three pairs, which need as many evaluations as one enumeration, with the square
/// of the exact break-even error.
fn overtaking(draws: u64) -> Verdict {
    let law =
        samplegrad_core::enumeration::law(&PRODUCT.variables::<f32>(), &mut PRODUCT.cost::<f32>()).expect("finite");
    assert_eq!(law.values(), 6.0);
    let exact: Vec<f64> = common::f64s(law.exact().gradient.clone());
    let variances: Vec<f64> = (0..exact.len()).map(|j| f64::from(law.break_even(j)).powi(2)).collect();
    let x = PRODUCT.variables::<L>();
    let mut cost = PRODUCT.cost::<L>();
    estimates(draws, &exact, &variances, |rng: &mut Rng| {
        let mut pairs = [(); 3].map(|()| samplegrad_core::LeaveOneOut::<2>.estimate(&x, &mut cost, rng));
        let [one, other, third] = &mut pairs;
        if let (Ok(one), Ok(other), Ok(third)) = (&mut *one, other, third) {
            for ((g, a), b) in one.gradient.iter_mut().zip(&other.gradient).zip(&third.gradient) {
                *g = (*g + *a + *b) * (1.0 / 3.0);
            }
        }
        one.clone()
    })
}

quick_and_long! {
    /// Three classes without replacement, in order.
    gumbel_top_three: accept, LONGER, |draws| top_three(draws, 0.0);
    /// Negative control: a logit that is off by a fiftieth.
    wrong_logit_is_rejected: reject, |draws| top_three(draws, 0.02);
    /// Threshold.
    threshold: accept, LONG, |draws| inclusion(draws, 0.0);
    /// Negative control: a wrong threshold.
    wrong_threshold_is_rejected: reject, |draws| inclusion(draws, 0.05);
    /// Pairs of joint values of two variables, one class masked.
    beam_of_classes: accept, LONGER, |draws| beam(draws, &PRODUCT, &PRODUCT);
    /// Beam over one variable.
    beam_of_one_variable: accept, LONGER, |draws| beam(draws, &FIVE, &FIVE);
    /// Negative control: other logits of the second variable.
    wrong_beam_is_rejected: reject, |draws| {
        beam(draws, &PRODUCT, &Problem { logits: [0.5, -0.5, 1.0, 0.03, f32::NEG_INFINITY, -1.0], ..PRODUCT })
    };
    /// Largest perturbed log-probability of a beam.
    largest: accept, LONGER, largest_of_beam;
    /// Unordered pairs of one variable, mean and variance.
    unordered_pairs_of_one: accept, LONG, |draws| {
        [unordered::<2, 5>(draws, &FIVE, true), unordered::<2, 5>(draws, &FIVE, false)].into_iter().collect()
    };
    /// Unordered pairs of equally probable classes, for which the baseline does not reduce the variance.
    unordered_pairs_of_equals: accept, LONG, |draws| {
        [unordered::<2, 5>(draws, &UNIFORM, true), unordered::<2, 5>(draws, &UNIFORM, false)].into_iter().collect()
    };
    /// Unordered triples.
    unordered_triples_of_one: accept, LONG, |draws| {
        [unordered::<3, 5>(draws, &SHARP, true), unordered::<3, 5>(draws, &SHARP, false)].into_iter().collect()
    };
    /// Unordered pairs of joint values of two variables.
    unordered_pairs_of_two: accept, LONG, |draws| unordered::<2, 6>(draws, &PRODUCT, true);
    /// Unordered sets of four joint values.
    unordered_four_of_two: accept, LONG, |draws| unordered::<4, 6>(draws, &PRODUCT, true);
    /// Unordered sets of four joint values, without a baseline.
    unordered_four_without_baseline: accept, LONG, |draws| unordered::<4, 6>(draws, &PRODUCT, false);
    /// Unordered sets of three joint values of three bits.
    unordered_triples_of_bits: accept, LONG, unordered_bits::<3>;
    /// Negative control: the variance with a baseline, for the estimator without one.
    unordered_set_without_baseline_is_rejected: reject, |draws| {
        let [exact, variances] = Joint::of(&UNIFORM).unordered_set(2, true);
        let mut cost = UNIFORM.cost::<L>();
        let x = UNIFORM.variables::<L>();
        estimates(draws, &exact, &variances, |rng| UnorderedSet::<2> { baseline: false }.estimate(&x, &mut cost, rng))
    };
    /// Sum-and-sample, one variable.
    sum_and_sample_of_one: accept, LONG, |draws| {
        [summed::<1, 5>(draws, &FIVE, None), summed::<2, 5>(draws, &FIVE, Some(1.5)), summed::<3, 5>(draws, &SHARP, None)]
            .into_iter()
            .collect()
    };
    /// Sum-and-sample, two variables.
    sum_and_sample_of_two: accept, LONG, |draws| {
        [
            summed::<1, 6>(draws, &PRODUCT, Some(0.0)), summed::<2, 6>(draws, &PRODUCT, None),
            summed::<3, 6>(draws, &PRODUCT, None),
        ].into_iter().collect()
    };
    /// Sum-and-sample, three bits.
    sum_and_sample_of_bits: accept, LONG, |draws| [summed_bits::<2>(draws), summed_bits::<3>(draws)].into_iter().collect();
    /// Negative control: another baseline.
    wrong_baseline_is_rejected: reject, |draws| {
        let [exact, variances] = Joint::of(&FIVE).sum_and_sample(2, Some(1.6));
        let mut cost = FIVE.cost::<L>();
        let x = FIVE.variables::<L>();
        let mut estimator = SumAndSample::<2, L> { baseline: Some(L::splat(1.5)) };
        estimates(draws, &exact, &variances, |rng| estimator.estimate(&x, &mut cost, rng))
    };
    /// VIMCO with two and three samples, mean and variance of classes and bits.
    vimco_of_products: accept, LONG, |draws| {
        [
            vimco::<2>(draws, HoldoutValue::Arithmetic), vimco::<2>(draws, HoldoutValue::Geometric),
            vimco::<3>(draws, HoldoutValue::Arithmetic), vimco::<3>(draws, HoldoutValue::Geometric),
        ].into_iter().collect()
    };
    /// Documented figures of VIMCO.
    vimco_of_the_toy: accept, LONG, |draws| {
        [
            toy_of_vimco(draws, HoldoutValue::Arithmetic, [(0.0, 2.499219e-2, 1.042782e-4), (2.0, 1.020200e-2, 1.619029e-4)]),
            toy_of_vimco(draws, HoldoutValue::Geometric, [(0.0, 2.499219e-2, 1.040999e-4), (2.0, 1.020200e-2, 1.614136e-4)]),
        ].into_iter().collect()
    };
    /// Negative control: another objective.
    other_objective_is_rejected: reject, other_objective;
    /// Error at which sampling needs as many evaluations as enumeration.
    overtaking_point: accept, LONG, overtaking;
}

/// Checks trace variances of two of five equally probable classes, calculated by hand as sums over ten pairs.
#[test]
fn trace_variances() {
    let trace =
        |problem: &Problem<5>, baseline| -> f64 { Joint::of(problem).unordered_set(2, baseline)[1].iter().sum() };
    let linear = Problem { costs: [0.0, 1.0, 2.0, 3.0, 4.0, 0.0], ..UNIFORM };
    let cases = [(UNIFORM, false, 0.048), (UNIFORM, true, 0.096), (linear, false, 1.65), (linear, true, 1.2)];
    for (problem, baseline, expected) in cases {
        assert!((trace(&problem, baseline) - expected).abs() < 1e-12, "{}", trace(&problem, baseline));
    }
}

/// Compares the table over subsets with sums over all orders, and checks the bits of a missing value.
#[test]
fn weights_of_sets() {
    fn check<const K: usize>(p: [f64; K], rest: f64) {
        let log = |p: f64| (p as f32).ln();
        let weights = Weights::new(&p.map(log), log(rest));
        let first = |of: &[usize], left: f64| -> Vec<(usize, f64)> {
            // P(a first, then the others in any order), relative to the remaining probability.
            fn all(p: &[f64], of: &[usize], left: f64) -> f64 {
                let without = |a: usize| of.iter().copied().filter(|&b| b != a).collect::<Vec<_>>();
                if of.is_empty() {
                    1.0
                } else {
                    of.iter().map(|&a| p[a] / left * all(p, &without(a), left - p[a])).sum()
                }
            }
            let rest = |a: usize| of.iter().copied().filter(|&b| b != a).collect::<Vec<_>>();
            of.iter().map(|&a| (a, p[a] / left * all(&p, &rest(a), left - p[a]))).collect()
        };
        let near = |x: f32, y: f64| assert!((f64::from(x) - y).abs() < 3e-6 * y.max(1e-3), "{x} for {y} of {p:?}");
        let elements: Vec<usize> = (0..K).collect();
        let terms = first(&elements, 1.0);
        let total: f64 = terms.iter().map(|(_, term)| term).sum();
        near(weights.probability(), total);
        terms.iter().for_each(|&(s, term)| near(weights.first(s), term / total));
        for s in 0..K {
            let others: Vec<usize> = elements.iter().copied().filter(|&t| t != s).collect();
            let terms = first(&others, 1.0 - p[s]);
            let total: f64 = terms.iter().map(|(_, term)| term).sum();
            terms.iter().for_each(|&(t, term)| near(weights.second(s, t), term / total));
            assert_eq!(weights.second(s, s), 0.0);
        }
    }
    check([0.25], 0.75);
    check([0.5, 0.25], 0.25);
    check([0.001, 0.9, 0.05], 0.049);
    check([0.3, 0.1, 0.2, 0.15], 0.25);
    check([0.3, 0.1, 0.2, 0.05, 0.02, 0.08, 0.01, 0.04], 0.2);
    let there = Weights::new(&[-1.0_f32, -2.0], -3.0);
    let not_there = Weights::new(&[-1.0_f32, f32::NEG_INFINITY, -2.0], -3.0);
    assert_eq!([there.first(0), 0.0, there.first(1)], [0, 1, 2].map(|s| not_there.first(s)));
    assert_eq!(there.probability(), not_there.probability());
}
