//! Estimators chosen at run time: names and numbers, limits, and the mean of the estimates of each of them.

use samplegrad_core::{Error as Refused, lane::Lane};
use samplegrad_host::{
    Error, F32x8, Streams, U32x8,
    batch::{
        Logits,
        estimator::Rows,
        estimator_kind::{BitsEstimator, ClassesEstimator, EstimateError},
    },
};

#[test]
fn names_and_numbers_stay() {
    // Programs in C contain the numbers.
    let names = [
        "leave_one_out_2",
        "leave_one_out_4",
        "arm",
        "disarm",
        "enumeration",
        "score_function",
        "optimal_leave_one_out_4",
        "self_critical",
        "unordered_set_2",
        "unordered_set_4",
        "sum_and_sample_2",
        "local_expectation",
    ];
    for (number, name) in (0..).zip(names) {
        let kind = BitsEstimator::from_number(number).unwrap();
        assert_eq!((kind.name(), kind.to_string().as_str()), (name, name));
        let of_classes = ClassesEstimator::from_number(number).map(ClassesEstimator::name);
        assert_eq!(of_classes, (name != "arm").then_some(name));
    }
    // A number may not be in the register twice.
    let numbers: Vec<u32> = BitsEstimator::all().iter().map(|kind| kind.number()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    let numbers: Vec<u32> = ClassesEstimator::all().iter().map(|kind| kind.number()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    for kind in BitsEstimator::all() {
        assert_eq!((BitsEstimator::from_number(kind.number()), kind.name().parse()), (Some(kind), Ok(kind)));
    }
    for kind in ClassesEstimator::all() {
        assert_eq!((ClassesEstimator::from_number(kind.number()), kind.name().parse()), (Some(kind), Ok(kind)));
        if let Ok(of_bits) = kind.name().parse::<BitsEstimator>() {
            assert_eq!(of_bits.number(), kind.number(), "{kind}");
        }
    }
    let error = "gauss".parse::<ClassesEstimator>().unwrap_err();
    let names = "leave_one_out_2, leave_one_out_4, disarm, enumeration, score_function, optimal";
    assert!(error.to_string().starts_with(&format!("estimator: there is no `gauss`; there are {names}")), "{error}");
}

fn bits(name: &str) -> BitsEstimator {
    name.parse().expect("a name")
}

fn classes(name: &str) -> ClassesEstimator {
    name.parse().expect("a name")
}

const ROWS: usize = 8000;

/// Compares the mean gradient of all rows, which have equal logits, with the exact gradient.
///
/// The bound is six standard errors. One comparison of a correct estimator fails with a probability of 2e-9, and all
/// comparisons of this file with less than 1e-6. The seeds are fixed.
fn is_unbiased(name: &str, gradient: &[f32], exact: &[f64]) {
    let columns = exact.len();
    for (j, exact) in exact.iter().enumerate() {
        let of_rows = || gradient.iter().skip(j).step_by(columns).map(|&g| f64::from(g));
        let mean = of_rows().sum::<f64>() / ROWS as f64;
        let variance = of_rows().map(|g| (g - mean) * (g - mean)).sum::<f64>() / (ROWS - 1) as f64;
        let bound = 6.0 * (variance / ROWS as f64).sqrt() + 4e-6;
        assert!((mean - exact).abs() < bound, "{name}, logit {j}: {mean}, not {exact} within {bound}");
    }
}

#[test]
fn every_estimator_of_bits_is_unbiased() {
    let row = [0.5_f32, -1.0, 0.25];
    let costs = |b: [f64; 3]| (b[0] + 2.0 * b[1] - 0.5) * (1.0 - b[2]) + b[2] * b[0];
    let p = row.map(|l| 1.0 / (1.0 + (-f64::from(l)).exp()));
    let mut exact = [0.0; 3];
    for value in 0..8 {
        let b = [0, 1, 2].map(|i| f64::from(value >> i & 1));
        let of = |i: usize| if b[i] == 1.0 { p[i] } else { 1.0 - p[i] };
        let share = of(0) * of(1) * of(2) * costs(b);
        (0..3).for_each(|i| exact[i] += share * (b[i] - p[i]));
    }
    let logits = row.repeat(ROWS);
    let cost = |_: Rows| |b: &[F32x8]| (b[0] + b[1] * 2.0 - F32x8::splat(0.5)) * (F32x8::ONE - b[2]) + b[2] * b[0];
    for kind in BitsEstimator::all() {
        let (logits, streams) = (Logits::new(&logits, 3).unwrap(), &mut Streams::new(2026, ROWS).unwrap());
        let (mut mean, mut gradient) = (vec![0.0; ROWS], vec![0.0; 3 * ROWS]);
        kind.estimate::<F32x8, _>(&logits, cost, streams, &mut mean, &mut gradient).unwrap();
        is_unbiased(kind.name(), &gradient, &exact);
    }
}

#[test]
fn every_estimator_of_classes_is_unbiased() {
    let row = [0.5_f32, -1.0, 0.25, 0.75, 0.0];
    let (first, second) = ([1.0, -2.0, 0.5], [0.25, 2.0]);
    let of = |l: &[f32]| -> Vec<f64> {
        let total: f64 = l.iter().map(|&l| f64::from(l).exp()).sum();
        l.iter().map(|&l| f64::from(l).exp() / total).collect()
    };
    let (p, q) = (of(&row[..3]), of(&row[3..]));
    let mut exact = [0.0; 5];
    for x in 0..3 {
        for y in 0..2 {
            let share = p[x] * q[y] * f64::from(first[x]) * f64::from(second[y]);
            (0..3).for_each(|k| exact[k] += share * (f64::from(u8::from(k == x)) - p[k]));
            (0..2).for_each(|k| exact[3 + k] += share * (f64::from(u8::from(k == y)) - q[k]));
        }
    }
    let logits = row.repeat(ROWS);
    let cost = |_: Rows| {
        move |x: &[U32x8]| {
            F32x8::gather(&first.map(F32x8::splat), x[0]) * F32x8::gather(&second.map(F32x8::splat), x[1])
        }
    };
    for kind in ClassesEstimator::all() {
        let (logits, streams) = (Logits::new(&logits, 5).unwrap(), &mut Streams::new(2027, ROWS).unwrap());
        let (mut mean, mut gradient) = (vec![0.0; ROWS], vec![0.0; 5 * ROWS]);
        kind.estimate::<F32x8, _>(&logits, &[3, 2], cost, streams, &mut mean, &mut gradient).unwrap();
        is_unbiased(kind.name(), &gradient, &exact);
    }
}

/// Estimates with sizes of classes and a constant cost. Returns the error. Outputs and streams must be unchanged.
fn refused(kind: ClassesEstimator, sizes: &[usize], columns: usize, cost: f32) -> EstimateError {
    let logits = vec![0.0; 2 * columns];
    let logits = Logits::new(&logits, columns).unwrap();
    let mut streams = Streams::new(1, 2).unwrap();
    let before = streams.clone();
    let (mut mean, mut gradient) = ([7.0; 2], vec![7.0; 2 * columns]);
    let cost = |_: Rows| move |_: &[U32x8]| F32x8::splat(cost);
    let error = kind.estimate::<F32x8, _>(&logits, sizes, cost, &mut streams, &mut mean, &mut gradient).unwrap_err();
    assert!(mean.iter().chain(&gradient).all(|&x| x == 7.0));
    assert_eq!(streams, before);
    error
}

#[test]
fn rows_beyond_the_limits_are_refused() {
    let (disarm, exact) = (classes("disarm"), classes("enumeration"));
    assert_eq!(refused(disarm, &[], 5, 0.0), EstimateError::NoClass);
    assert_eq!(refused(disarm, &[5, 0], 5, 0.0), EstimateError::NoClass);
    assert_eq!(refused(disarm, &[2, 2], 5, 0.0), EstimateError::Sum { found: 4, columns: 5 });
    assert_eq!(refused(disarm, &[usize::MAX, 2], 5, 0.0), EstimateError::Sum { found: usize::MAX, columns: 5 });
    assert_eq!(refused(disarm, &[33, 32], 65, 0.0), EstimateError::Logits { found: 65, most: 64 });
    assert_eq!(disarm.check(&[33, 31], 64), Ok(()));
    assert_eq!(refused(exact, &[5; 7], 35, 0.0), EstimateError::Values { found: 78_125, most: 65_536 });
    assert_eq!(exact.check(&[4; 8], 32), Ok(()));
    let infinite = Error::Cost { row: 0, value: f32::INFINITY };
    assert_eq!(refused(disarm, &[3, 2], 5, f32::INFINITY), EstimateError::Host(infinite));

    assert_eq!(bits("arm").check(64), Ok(()));
    assert_eq!(bits("enumeration").check(17), Err(EstimateError::Bits { found: 17, most: 16 }));
    let (logits, streams) = (Logits::new(&[0.0; 65], 65).unwrap(), &mut Streams::new(1, 1).unwrap());
    let cost = |_: Rows| |_: &[F32x8]| F32x8::ZERO;
    let (mut mean, mut gradient) = ([7.0], [7.0; 65]);
    let error = bits("disarm").estimate::<F32x8, _>(&logits, cost, streams, &mut mean, &mut gradient);
    assert_eq!(error, Err(EstimateError::Bits { found: 65, most: 64 }));
    let logits = Logits::new(&[0.0, 0.0, 0.0, f32::NEG_INFINITY], 2).unwrap();
    let error = bits("disarm").estimate::<F32x8, _>(&logits, cost, streams, &mut [7.0; 2], &mut [7.0; 4]);
    let source = Refused::Infinite { what: "logits", index: 1 };
    assert_eq!(error, Err(EstimateError::Host(Error::Row { row: 1, source })));
}
