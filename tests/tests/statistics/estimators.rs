//! Estimators of several variables against exact enumeration: means and, where they are known, variances.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Rng, Verdict, accept, estimates, f64s, quick_and_long, reject};
use samplegrad_core::{
    Bernoullis, Categoricals,
    arm::Arm,
    cost::CostError,
    disarm::DisArm,
    enumeration,
    estimator::{Estimate, Estimated, Estimator},
    lane::Lane,
    leave_one_out::LeaveOneOut,
    reduce,
    score_function::ScoreFunction,
};

const LONG: u64 = 1 << 23;
const N: usize = 8;

const BITS: [f32; 5] = [0.0, 1.5, -2.0, 0.5, -0.25];

fn bits<T: Lane>() -> Bernoullis<N, T> {
    Bernoullis::new(&BITS.map(T::splat)).expect("finite logits")
}

/// Returns a cost with interactions of every order.
fn cost<T: Lane>(b: &[T]) -> T {
    let sum = reduce::dot(b, &[1.0, -2.0, 0.5, 1.0, 3.0].map(T::splat));
    let product = b.iter().fold(T::ONE, |product, &b| product * (b + 0.5));
    sum * sum * 0.25 + product
}

/// Returns the exact gradient, the variance without a baseline, and the variance of two samples that are each other's
/// baseline.
fn exact_of_bits() -> [Vec<f64>; 3] {
    let law = enumeration::law(&bits::<f32>(), &mut cost::<f32>).expect("finite costs");
    let of = |f: &dyn Fn(usize) -> f32| f64s((0..BITS.len()).map(f));
    [f64s(law.exact().gradient.clone()), of(&|j| law.variance(j, 0.0)), of(&|j| law.variance_leave_one_out(j))]
}

const SIZES: [usize; 2] = [2, 4];
const CLASSES: [f32; 6] = [0.5, -0.5, 1.0, 0.0, f32::NEG_INFINITY, -1.0];

fn classes<T: Lane>() -> Categoricals<N, T> {
    Categoricals::new(&SIZES, &CLASSES.map(T::splat)).expect("valid logits")
}

fn cost_of_classes<T: Lane>(x: &[T::Word]) -> T {
    let one = T::gather(&[1.0, -0.5].map(T::splat), x[0]);
    let other = T::gather(&[0.25, 2.0, 100.0, -1.0].map(T::splat), x[1]);
    one * other + other
}

fn exact_of_classes() -> [Vec<f64>; 3] {
    let law = enumeration::law(&classes::<f32>(), &mut cost_of_classes::<f32>).expect("finite costs");
    let of = |f: &dyn Fn(usize) -> f32| f64s((0..CLASSES.len()).map(f));
    [f64s(law.exact().gradient.clone()), of(&|j| law.variance(j, 0.0)), of(&|j| law.variance_leave_one_out(j))]
}

/// Checks the toy problem `E[(b − 0.45)²]` of one variable: its gradient, and the variances of ARM and of DisARM, which
/// were computed independently.
fn toy(draws: u64, logit: f32, [arm, disarm]: [f64; 2]) -> Verdict {
    let p = 1.0 / (1.0 + f64::from(-logit).exp());
    let exact = [p * (1.0 - p) * (1.0 - 2.0 * 0.45)];
    let b = Bernoullis::<N, L>::new(&[L::splat(logit)]).expect("a finite logit");
    let mut f = |b: &[L]| (b[0] - 0.45) * (b[0] - 0.45);
    let of_arm = estimates(draws, &exact, &[arm], |rng| Arm.estimate(&b, &mut f, rng));
    let mut f = |b: &[L]| (b[0] - 0.45) * (b[0] - 0.45);
    let of_disarm = estimates(draws, &exact, &[disarm], |rng| DisArm.estimate(&b, &mut f, rng));
    [of_arm.within("ARM"), of_disarm.within("DisARM")].into_iter().collect()
}

/// Runs DisARM with an independent partner instead of the antithetic one, which makes the estimate wrong.
fn independent_pair(draws: u64) -> Verdict {
    let [exact, ..] = exact_of_bits();
    let b = bits::<L>();
    estimates(draws, &exact, &[], |rng| -> Result<_, CostError<()>> {
        use samplegrad_core::variables::Variables;
        let (one, other) = (b.sample(rng), b.sample(rng));
        let half = (cost(&one) - cost(&other)) * 0.5;
        let coordinate = |(i, (&x, &y)): (usize, (&L, &L))| {
            let size = half * samplegrad_core::elementary::sigmoid(b.as_slice()[i].logit().abs());
            L::select(x.lt(y), -size, L::select(y.lt(x), size, L::ZERO))
        };
        Ok(Estimate::<Bernoullis<N, L>> {
            mean: half,
            gradient: one.iter().zip(&other).enumerate().map(coordinate).collect(),
        })
    })
}

quick_and_long! {
    /// One sample of five bits, mean and variance.
    score_function_of_bits: accept, LONG, |draws| {
        let [exact, variances, _] = exact_of_bits();
        estimates(draws, &exact, &variances, |rng| {
            ScoreFunction { baseline: L::ZERO }.estimate(&bits::<L>(), &mut cost::<L>, rng)
        })
    };
    /// Two samples of five bits, mean and variance.
    leave_one_out_of_bits: accept, LONG, |draws| {
        let [exact, _, variances] = exact_of_bits();
        estimates(draws, &exact, &variances, |rng| LeaveOneOut::<2>.estimate(&bits::<L>(), &mut cost::<L>, rng))
    };
    /// Four samples.
    leave_one_out_of_four: accept, LONG, |draws| {
        let [exact, ..] = exact_of_bits();
        estimates(draws, &exact, &[], |rng| LeaveOneOut::<4>.estimate(&bits::<L>(), &mut cost::<L>, rng))
    };
    /// ARM.
    arm_of_bits: accept, LONG, |draws| {
        let [exact, ..] = exact_of_bits();
        estimates(draws, &exact, &[], |rng| Arm.estimate(&bits::<L>(), &mut cost::<L>, rng))
    };
    /// DisARM.
    disarm_of_bits: accept, LONG, |draws| {
        let [exact, ..] = exact_of_bits();
        estimates(draws, &exact, &[], |rng| DisArm.estimate(&bits::<L>(), &mut cost::<L>, rng))
    };
    /// DisARM of two categorical variables, one class masked.
    disarm_of_classes: accept, LONG, |draws| {
        let [exact, ..] = exact_of_classes();
        estimates(draws, &exact, &[], |rng| DisArm.estimate(&classes::<L>(), &mut cost_of_classes::<L>, rng))
    };
    /// Negative control: a pair that is not antithetic.
    independent_pair_is_rejected: reject, independent_pair;
    /// Two categorical variables, one class masked, mean and variance.
    score_function_of_classes: accept, LONG, |draws| {
        let [exact, variances, _] = exact_of_classes();
        estimates(draws, &exact, &variances, |rng| {
            ScoreFunction { baseline: L::ZERO }.estimate(&classes::<L>(), &mut cost_of_classes::<L>, rng)
        })
    };
    /// Two samples of two categorical variables.
    leave_one_out_of_classes: accept, LONG, |draws| {
        let [exact, _, variances] = exact_of_classes();
        estimates(draws, &exact, &variances, |rng| {
            LeaveOneOut::<2>.estimate(&classes::<L>(), &mut cost_of_classes::<L>, rng)
        })
    };
    /// Variances of ARM and DisARM on the toy problem.
    toy_of_pairs: accept, LONG, |draws| {
        let of_zero = toy(draws, 0.0, [2.083333e-4, 0.0]);
        [of_zero, toy(draws, 2.0, [3.549767e-4, 3.521537e-4])].into_iter().collect()
    };
    /// Negative control: a variance that is off by a tenth.
    wrong_variance_is_rejected: reject, |draws| toy(draws, 2.0, [3.9e-4, 3.521537e-4]);
}

/// Checks that every estimator reports a cost that is not finite with the sample and its lane.
#[test]
fn bad_costs_are_reported() {
    let b = bits::<L>();
    let bad = |b: &[L]| {
        L::from_fn(|lane| if lane == 2 && b[1].extract(lane) > 0.0 { f32::INFINITY } else { b[0].extract(lane) })
    };
    let check = |result: Estimated<Bernoullis<N, L>>| {
        let Err(error) = result else { return false };
        assert_eq!((error.lane, error.value), (2, f32::INFINITY));
        assert!(error.sample[1].extract(2) > 0.0 && error.sample.len() == BITS.len());
        assert!(error.to_string().contains("lane 2"));
        true
    };
    let mut rng = Rng::new(1, 0);
    let mut seen = [0; 4];
    for _ in 0..100 {
        let results = [
            ScoreFunction { baseline: L::ZERO }.estimate(&b, &mut { bad }, &mut rng),
            LeaveOneOut::<2>.estimate(&b, &mut { bad }, &mut rng),
            Arm.estimate(&b, &mut { bad }, &mut rng),
            enumeration::gradient(&b, &mut { bad }),
        ];
        seen.iter_mut().zip(results).for_each(|(seen, result)| *seen += i32::from(check(result)));
    }
    assert!(seen.iter().all(|&seen| seen > 50), "{seen:?}");
    assert_eq!(seen[3], 100);
}

/// Checks that bad variables are refused: a wrong number of logits, logits that are not finite, no possible class.
#[test]
fn bad_variables_are_refused() {
    use samplegrad_core::Error;
    let what = "logits";
    assert_eq!(Bernoullis::<2>::new(&[]), Err(Error::Empty { what }));
    assert_eq!(Bernoullis::<2>::new(&[0.0; 3]), Err(Error::Capacity { what, len: 3, capacity: 2 }));
    assert_eq!(Bernoullis::<2>::new(&[0.0, f32::NEG_INFINITY]), Err(Error::Infinite { what, index: 1 }));
    let new = |sizes: &[usize], logits: &[f32]| Categoricals::<4>::new(sizes, logits).unwrap_err();
    assert_eq!(new(&[], &[]), Error::Empty { what });
    assert_eq!(new(&[2, 0], &[0.0; 2]), Error::Empty { what });
    assert_eq!(new(&[2, 2], &[0.0; 3]), Error::Length { what, expected: 4, found: 3 });
    assert_eq!(new(&[usize::MAX, 2], &[0.0; 3]), Error::Length { what, expected: usize::MAX, found: 3 });
    assert_eq!(new(&[2, 3], &[0.0; 5]), Error::Capacity { what, len: 5, capacity: 4 });
    assert_eq!(new(&[2, 2], &[0.0, 0.0, 0.0, f32::NAN]), Error::NotANumber { what, index: 3 });
    assert_eq!(new(&[2, 1], &[0.0, 0.0, f32::NEG_INFINITY]), Error::AllMasked { what });
}
