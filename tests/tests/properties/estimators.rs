//! Every estimator of discrete variables with any logits, any noise and any cost, including costs that are not finite.
//! Finite input gives finite output, a masked class has no gradient, a bad cost is reported with its sample and leaves
//! the estimator unchanged, and invalid input is refused. A new estimator needs a line in [`of_any`], [`of_bits`] or
//! [`of_classes`]. The cases are the same in every run.

use std::fmt::Debug;

use crate::inputs::{CAPACITY, MASKED, Script, config, finite, logits, words};
use proptest::prelude::*;
use samplegrad_core::{
    Bernoullis, Categoricals, Error, Logits, Rebar, Temperature,
    arm::Arm,
    cost::{Cost, DifferentiableCost},
    disarm::DisArm,
    enumeration::Enumeration,
    estimator::{Estimated, Estimator},
    leave_one_out::LeaveOneOut,
    score_function::ScoreFunction,
    variables::Variables,
};

/// Capacity of variables that are enumerated.
const N: usize = 8;

/// Points where a cost is not finite: no point, or a random choice of one in `one_in` samples or relaxed samples.
#[derive(Clone, Copy, Debug)]
struct Bad {
    one_in: u32,
    at: At,
    value: f32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Nowhere,
    Samples,
    RelaxedValues,
    RelaxedSlopes,
}

/// A random cost within a scale, with a fixed value at each point. It records every returned value that was not finite,
/// together with the sample if the point was a sample.
#[derive(Clone, Debug)]
struct Any {
    seed: u32,
    scale: f32,
    bad: Bad,
    record: Vec<(Option<Vec<u32>>, f32)>,
}

impl Any {
    fn hash(&self, x: impl Iterator<Item = u32>) -> u32 {
        let mix = |h: u32, x: u32| (h.rotate_left(5) ^ x).wrapping_mul(0x9e37_79b9) ^ (h >> 15);
        mix(x.fold(self.seed, mix), 0x85eb_ca6b)
    }

    fn number(&self, hash: u32) -> f32 {
        ((hash >> 8) as f32 / 8_388_608.0 - 1.0) * self.scale
    }

    fn is_bad(&self, hash: u32, at: At) -> bool {
        self.bad.at == at && hash.is_multiple_of(self.bad.one_in)
    }

    fn at_sample(&mut self, x: Vec<u32>) -> f32 {
        let hash = self.hash(x.iter().copied());
        if self.is_bad(hash, At::Samples) {
            self.record.push((Some(x), self.bad.value));
            return self.bad.value;
        }
        self.number(hash)
    }
}

impl Cost<[f32]> for Any {
    fn value(&mut self, x: &[f32]) -> f32 {
        self.at_sample(x.iter().map(|&b| b as u32).collect())
    }
}

impl Cost<[u32]> for Any {
    fn value(&mut self, x: &[u32]) -> f32 {
        self.at_sample(x.to_vec())
    }
}

impl DifferentiableCost for Any {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        let hash = self.hash(y.iter().map(|y| y.to_bits()));
        for (k, g) in (1..).zip(&mut *gradient) {
            *g = self.number(hash.wrapping_mul(2 * k + 1));
        }
        if self.is_bad(hash, At::RelaxedSlopes) {
            if let Some(last) = gradient.last_mut() {
                *last = self.bad.value;
            }
            self.record.push((None, self.bad.value));
        }
        if self.is_bad(hash, At::RelaxedValues) {
            self.record.push((None, self.bad.value));
            return self.bad.value;
        }
        self.number(hash)
    }
}

fn any_cost() -> impl Strategy<Value = Any> {
    let at = prop_oneof![Just(At::Nowhere), Just(At::Samples), Just(At::RelaxedValues), Just(At::RelaxedSlopes)];
    let value = prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(f32::NEG_INFINITY)];
    let scale = prop_oneof![Just(0.0_f32), Just(1.0), Just(1e-30), Just(1e6)];
    (any::<u32>(), scale, at, value, 1..8_u32).prop_map(|(seed, scale, at, value, one_in)| Any {
        seed,
        scale,
        bad: Bad { one_in, at, value },
        record: Vec::new(),
    })
}

/// Properties of variables that the tests need: the possible samples and the masked logits.
trait Known: Variables<Lane = f32> {
    fn words(sample: &[Self::Value]) -> Vec<u32>;
    fn is_possible(&self, sample: &[Self::Value]) -> bool;
    fn masked(&self) -> Vec<bool>;
}

impl Known for Bernoullis<N> {
    fn words(sample: &[f32]) -> Vec<u32> {
        sample.iter().map(|&b| b as u32).collect()
    }
    fn is_possible(&self, sample: &[f32]) -> bool {
        sample.len() == self.len() && sample.iter().all(|&b| b == 0.0 || b == 1.0)
    }
    fn masked(&self) -> Vec<bool> {
        vec![false; self.len()]
    }
}

impl Known for Categoricals<N> {
    fn words(sample: &[u32]) -> Vec<u32> {
        sample.to_vec()
    }
    fn is_possible(&self, sample: &[u32]) -> bool {
        let log_p =
            |span: std::ops::Range<usize>, class: u32| self.log_probabilities()[span].get(class as usize).copied();
        let possible = |(span, &class)| log_p(span, class).is_some_and(|log_p| log_p > MASKED);
        sample.len() == self.len() && self.spans().zip(sample).all(possible)
    }
    fn masked(&self) -> Vec<bool> {
        self.log_probabilities().iter().map(|&log_p| log_p == MASKED).collect()
    }
}

/// A cost and random words, to check estimators with.
struct Case {
    cost: Any,
    words: Vec<u32>,
}

impl Case {
    /// Checks several estimates in a row, so that learned state matters; each starts at a different word.
    fn hold<V, E>(&self, variables: &V, mut estimator: E) -> Result<(), TestCaseError>
    where
        V: Known,
        E: Estimator<V, Any> + Clone + Debug + PartialEq,
    {
        let mut words = self.words.clone();
        for _ in 0..4 {
            words.rotate_left(1);
            let (before, mut cost) = (estimator.clone(), self.cost.clone());
            match estimator.estimate(variables, &mut cost, &mut Script::new(&words)) {
                Ok(estimate) => {
                    prop_assert!(cost.record.is_empty(), "{before:?} made an estimate of {:?}", cost.record);
                    finite(&format!("mean of {before:?}"), &[estimate.mean])?;
                    finite(&format!("gradient of {before:?}"), &estimate.gradient)?;
                    prop_assert_eq!(estimate.gradient.len(), variables.parameters());
                    for (&g, masked) in estimate.gradient.iter().zip(variables.masked()) {
                        prop_assert!(!masked || g == 0.0, "{before:?}: a masked class has the gradient {g}");
                    }
                }
                Err(error) => {
                    prop_assert!(!cost.record.is_empty(), "{before:?} reports a cost that is finite: {error:?}");
                    let (sample, value) = &cost.record[0];
                    prop_assert!(!error.value.is_finite() && error.value.to_string() == value.to_string());
                    prop_assert!(variables.is_possible(&error.sample), "{before:?} names {:?}", error.sample);
                    if let Some(sample) = sample {
                        prop_assert_eq!(&V::words(&error.sample), sample, "{:?} names another sample", before);
                    }
                    prop_assert_eq!(error.lane, 0);
                    prop_assert_eq!(&estimator, &before, "what was learned has changed");
                }
            }
        }
        Ok(())
    }
}

/// Checks a list of estimators.
macro_rules! hold {
    ($case:expr, $variables:expr; $($estimator:expr,)*) => { $($case.hold($variables, $estimator)?;)* };
}

fn rebar(tau: f32, eta: f32) -> Rebar {
    Rebar::new(Temperature::new(tau).unwrap(), eta).unwrap()
}

/// Checks estimators of any variables.
macro_rules! of_any {
    ($case:expr, $variables:expr) => {
        hold! { $case, $variables;
            Enumeration,
            ScoreFunction { baseline: 0.0 },
            ScoreFunction { baseline: -1e6 },
            LeaveOneOut::<2>,
            LeaveOneOut::<5>,
            rebar(0.5, 1.0),
            rebar(1e-3, -1000.0),
            rebar(1e3, 0.5),
        }
    };
}

/// Checks estimators of bits only.
fn of_bits(case: &Case, b: &Bernoullis<N>) -> Result<(), TestCaseError> {
    hold! { case, b;
        Arm,
        DisArm,
    }
    Ok(())
}

/// Checks estimators of classes only, and DisARM, which estimates classes by another formula than bits.
fn of_classes(case: &Case, x: &Categoricals<N>) -> Result<(), TestCaseError> {
    hold! { case, x;
        DisArm,
    }
    Ok(())
}

/// Returns sizes and logits of variables: at most [`N`] logits in all, and each variable has a possible class.
fn variables() -> impl Strategy<Value = (Vec<usize>, Vec<f32>)> {
    let one = logits().prop_map(|mut l| {
        l.truncate(3);
        if l.iter().all(|&l| l == MASKED) {
            l[0] = 0.0;
        }
        l
    });
    prop::collection::vec(one, 1..4).prop_map(|mut all| {
        while all.iter().map(Vec::len).sum::<usize>() > N {
            all.pop();
        }
        (all.iter().map(Vec::len).collect(), all.concat())
    })
}

/// Returns logits of bits, within ±10^4.
fn bits() -> impl Strategy<Value = Vec<f32>> {
    let logit =
        prop_oneof![4 => -3.0_f32..3.0, 2 => -1e4_f32..=1e4, 1 => Just(1e4_f32), 1 => Just(-1e4), 1 => Just(0.0)];
    prop::collection::vec(logit, 1..=5)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn estimators_of_bits(l in bits(), cost in any_cost(), words in words()) {
        let b = Bernoullis::<N>::new(&l).unwrap();
        let case = Case { cost, words };
        of_any!(case, &b);
        of_bits(&case, &b)?;
    }

    #[test]
    fn estimators_of_classes((sizes, l) in variables(), cost in any_cost(), words in words()) {
        let x = Categoricals::<N>::new(&sizes, &l).unwrap();
        let case = Case { cost, words };
        of_any!(case, &x);
        of_classes(&case, &x)?;
    }

    #[test]
    fn what_does_not_fit_is_refused(l in prop::collection::vec(-1e4_f32..=1e4, 1..=2 * CAPACITY), cut in 0..2 * CAPACITY) {
        let full = Error::Capacity { what: "logits", len: l.len(), capacity: CAPACITY };
        let fits = l.len() <= CAPACITY;
        let of = |refused: Result<(), Error>| if fits { refused == Ok(()) } else { refused == Err(full) };
        prop_assert!(of(Logits::<CAPACITY>::new(&l).map(|_| ())));
        prop_assert!(of(Bernoullis::<CAPACITY>::new(&l).map(|_| ())));
        // Any division of the logits among the variables.
        let cut = cut % l.len();
        let sizes: Vec<usize> = [cut, l.len() - cut].into_iter().filter(|&size| size > 0).collect();
        prop_assert!(of(Categoricals::<CAPACITY>::new(&sizes, &l).map(|_| ())));
        prop_assert!(of(Categoricals::<CAPACITY>::new(&vec![1; l.len()], &l).map(|_| ())));
    }
}

/// Checks that wrong estimators are found: one that ignores costs that are not finite, and one that learns from a
/// refused cost.
#[test]
fn wrong_estimators_are_found() {
    use samplegrad_core::{Source, estimator::Estimate};

    #[derive(Clone, Debug, PartialEq)]
    struct Unchecked;
    #[derive(Clone, Debug, PartialEq)]
    struct Hasty(u32);

    impl Estimator<Bernoullis<N>, Any> for Unchecked {
        fn estimate<S: Source<f32> + ?Sized>(
            &mut self,
            b: &Bernoullis<N>,
            cost: &mut Any,
            source: &mut S,
        ) -> Estimated<Bernoullis<N>> {
            let x = b.sample(source);
            let mean: f32 = cost.value(&x[..]);
            Ok(Estimate { mean, gradient: b.score(&x).iter().map(|s| mean * s).collect() })
        }
    }
    impl Estimator<Bernoullis<N>, Any> for Hasty {
        fn estimate<S: Source<f32> + ?Sized>(
            &mut self,
            b: &Bernoullis<N>,
            cost: &mut Any,
            source: &mut S,
        ) -> Estimated<Bernoullis<N>> {
            self.0 += 1;
            ScoreFunction { baseline: 0.0 }.estimate(b, cost, source)
        }
    }
    let bad = Bad { one_in: 1, at: At::Samples, value: f32::NAN };
    let case = Case { cost: Any { seed: 1, scale: 1.0, bad, record: Vec::new() }, words: vec![1, 2, 3] };
    let b = Bernoullis::new(&[0.0, 1.0]).unwrap();
    assert!(case.hold(&b, Unchecked).is_err());
    assert!(case.hold(&b, Hasty(0)).is_err());
    assert!(case.hold(&b, ScoreFunction { baseline: 0.0 }).is_ok());
}

/// Checks the exact sum in lanes when one lane masks a class: the cost returned for the class affects only the other
/// lanes.
#[test]
fn enumeration_ignores_what_a_lane_has_masked() {
    use samplegrad_core::{enumeration, lane::Lane};
    use samplegrad_host::F32x4;

    let third = F32x4::from([0.0, MASKED, 0.0, 0.0]);
    let x = Categoricals::<N, F32x4>::new(&[3], &[F32x4::ZERO, F32x4::ZERO, third]).unwrap();
    let cost = |bad: usize| {
        move |x: &[samplegrad_host::U32x4]| {
            F32x4::from_fn(|lane| match samplegrad_core::lane::Word::extract(x[0], lane) {
                2 if lane == bad => f32::NAN,
                class => class as f32,
            })
        }
    };
    let exact = enumeration::law(&x, &mut cost(1)).unwrap();
    assert_eq!(exact.exact().mean, F32x4::from([1.0, 0.5, 1.0, 1.0]));
    assert_eq!(exact.exact().gradient[2].extract(1), 0.0);
    assert_eq!(exact.cost_variance().extract(1), 0.25);
    assert_eq!(enumeration::gradient(&x, &mut cost(3)).unwrap_err().lane, 3);
}
