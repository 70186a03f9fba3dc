//! Estimators over batches: every row has the bits of a device with that row's stream, and nothing is written if a cost
//! is not finite.

use rand_core::Rng;
use samplegrad_core::{
    Bernoullis, Categoricals, Rebar, Temperature,
    cost::{Cost, DifferentiableCost, FnWithGradient},
    disarm::DisArm,
    enumeration::Enumeration,
    estimator::Estimator,
    lane::Lane,
    leave_one_out::LeaveOneOut,
    stream,
};
use samplegrad_host::{
    Error, F32x4, F32x8, F32x16, Native, Streams, Threads, Vector,
    batch::{Logits, estimator},
};

const ROWS: usize = 37;

fn numbers(count: usize) -> Vec<f32> {
    let mut rng = stream::xorshift(1, 2);
    (0..count).map(|_| (rng.next_u32() >> 8) as f32 / 4_194_304.0 - 2.0).collect()
}

/// Returns the cost function `(Σ (i + 1) y_i − target)²`.
fn square<L: Lane>(target: L) -> impl FnMut(&[L], &mut [L]) -> L + Clone {
    move |y: &[L], gradient: &mut [L]| {
        let sum = (1..).zip(y).fold(-target, |sum, (i, &y)| sum + y * i as f32);
        (1..).zip(gradient).for_each(|(i, g)| *g = (sum + sum) * i as f32);
        sum * sum
    }
}

fn bits<L: Vector>(rebar: Rebar) {
    let (logits, targets) = (numbers(3 * ROWS), numbers(ROWS));
    let (mut mean, mut gradient) = ([0.0; ROWS], [0.0; 3 * ROWS]);
    let batch = Logits::new(&logits, 3).unwrap();
    // Fewer streams than rows: later rows continue the streams of earlier rows.
    let mut streams = Streams::new(9, 20).unwrap();
    let cost = |rows: estimator::Rows| FnWithGradient::<4, _>(square::<L>(rows.column(&targets)));
    estimator::bernoullis::<4, L, _>(&batch, &rebar, cost, &mut streams, &mut mean, &mut gradient).unwrap();
    let mut devices: Vec<_> = (0..20).map(|number| stream::xorshift(9, number)).collect();
    for row in 0..ROWS {
        let variables = Bernoullis::<4>::new(&logits[3 * row..][..3]).unwrap();
        let mut cost = FnWithGradient::<4, _>(square(targets[row]));
        let expected = rebar.clone().estimate(&variables, &mut cost, &mut devices[row % 20]).unwrap();
        assert_eq!(mean[row].to_bits(), expected.mean.to_bits(), "row {row}");
        for (found, expected) in gradient[3 * row..][..3].iter().zip(&expected.gradient) {
            assert_eq!(found.to_bits(), expected.to_bits(), "row {row}");
        }
    }
    for (number, device) in devices.iter_mut().enumerate() {
        assert_eq!(streams.device(number).unwrap().next_u32(), device.next_u32(), "stream {number}");
    }
}

#[test]
fn rows_of_bits_have_the_bits_of_devices() {
    let rebar = Rebar::new(Temperature::new(0.5).unwrap(), 0.75).unwrap();
    bits::<f32>(rebar);
    bits::<F32x4>(rebar);
    bits::<F32x8>(rebar);
    bits::<F32x16>(rebar);
}

#[test]
fn rows_of_classes_have_the_bits_of_devices() {
    let mut logits = numbers(5 * ROWS);
    logits[8] = f32::NEG_INFINITY;
    let (mut mean, mut gradient) = ([0.0; ROWS], [0.0; 5 * ROWS]);
    let batch = Logits::new(&logits, 5).unwrap();
    let mut streams = Streams::new(9, ROWS).unwrap();
    let table = [1.0, -2.0, 0.5];
    let in_lanes = |_| move |x: &[_]| Native::gather(&table.map(Native::splat), x[0]) * Native::from_word(x[1]);
    estimator::categoricals::<8, Native, _>(
        &batch,
        &[2, 3],
        &LeaveOneOut::<2>,
        in_lanes,
        &mut streams,
        &mut mean,
        &mut gradient,
    )
    .unwrap();
    for row in 0..ROWS {
        let variables = Categoricals::<8>::new(&[2, 3], &logits[5 * row..][..5]).unwrap();
        let mut cost = |x: &[u32]| table[x[0] as usize] * x[1] as f32;
        let mut rng = stream::xorshift(9, row as u64);
        let expected = LeaveOneOut::<2>.estimate(&variables, &mut cost, &mut rng).unwrap();
        assert_eq!((mean[row], &gradient[5 * row..][..5]), (expected.mean, expected.gradient.as_slice()), "row {row}");
    }
    assert_eq!(gradient[8], 0.0, "a masked class has no gradient");
}

/// A cost function of bits that is not defined for relaxed bits.
struct Bad<'a>(&'a [f32], estimator::Rows);

impl Cost<[Native], Native> for Bad<'_> {
    fn value(&mut self, b: &[Native]) -> Native {
        b[0] + self.1.column::<Native>(self.0)
    }
}

impl DifferentiableCost<Native> for Bad<'_> {
    fn value_and_gradient(&mut self, y: &[Native], gradient: &mut [Native]) -> Native {
        gradient.fill(Native::ONE);
        y[0]
    }
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let (mut mean, mut gradient) = ([7.0; 6], [7.0; 6]);
    let mut streams = Streams::new(3, 6).unwrap();
    let before = streams.clone();
    let mut offsets = [0.0; 6];
    offsets[4] = f32::NAN;
    let batch = Logits::new(&[0.0; 6], 1).unwrap();
    let mut run = |batch: &Logits<'_>, offsets: &[f32; 6], mean: &mut [f32]| {
        let cost = |rows| Bad(offsets, rows);
        estimator::bernoullis::<1, Native, _>(batch, &DisArm, cost, &mut streams, mean, &mut gradient)
    };
    let error = run(&batch, &offsets, &mut mean).unwrap_err();
    assert!(matches!(error, Error::Cost { row: 4, value } if value.is_nan()));
    assert_eq!(error.to_string(), "row 4: the cost of a sample is NaN, it must be finite");
    assert_eq!(run(&batch, &[0.0; 6], &mut [0.0; 5]), Err(Error::Length { what: "mean", expected: 6, found: 5 }));
    let masked = Logits::new(&[0.0, 0.0, 0.0, 0.0, 0.0, 1e4], 1).unwrap();
    assert_eq!(run(&masked, &[0.0; 6], &mut mean), Ok(()));
    assert_ne!(streams, before);

    let (mut mean, mut streams) = ([7.0; 3], before.clone());
    let wide = Logits::new(&[0.0, 0.0, 0.0, f32::NEG_INFINITY, 0.0, 0.0], 2).unwrap();
    let cost = |rows| Bad(&[0.0; 6], rows);
    let error = estimator::bernoullis::<2, Native, _>(&wide, &DisArm, cost, &mut streams, &mut mean, &mut gradient);
    let source = samplegrad_core::Error::Infinite { what: "logits", index: 1 };
    assert_eq!(error, Err(Error::Row { row: 1, source }));
    let error = estimator::bernoullis::<1, Native, _>(&wide, &DisArm, cost, &mut streams, &mut mean, &mut gradient);
    let source = samplegrad_core::Error::Capacity { what: "logits", len: 2, capacity: 1 };
    assert_eq!(error, Err(Error::Row { row: 0, source }));
    assert_eq!((mean, streams), ([7.0; 3], before));
}

type CostOf<L> = Box<dyn Fn(&[L]) -> L>;

/// Returns cost functions whose value at a bit of 0 is in `at_zero` and at a bit of 1 in `at_one`.
fn costs_of<L: Lane>(at_zero: &[f32], at_one: &[f32]) -> impl Fn(estimator::Rows) -> CostOf<L> + Sync {
    move |rows| {
        let (zero, one) = (rows.column::<L>(at_zero), rows.column::<L>(at_one));
        Box::new(move |b| L::select(b[0].equals(L::ONE), one, zero))
    }
}

fn names_the_first<L: Vector>() {
    const ROWS: usize = 40_000;
    let (mut at_zero, mut at_one) = (vec![0.0; ROWS], vec![0.0; ROWS]);
    // Row 30 005 fails at the value evaluated first, row 30 004 at the other value.
    (at_zero[30_005], at_one[30_004], at_zero[39_999]) = (f32::INFINITY, f32::NAN, f32::NAN);
    let logits = vec![0.5; ROWS];
    let batch = Logits::new(&logits, 1).unwrap();
    let mut streams = Streams::new(3, ROWS).unwrap();
    let before = streams.clone();
    let (mut mean, mut gradient) = (vec![7.0; ROWS], vec![7.0; ROWS]);
    let mut run = || {
        let cost = costs_of::<L>(&at_zero, &at_one);
        estimator::bernoullis::<1, L, _>(&batch, &Enumeration, cost, &mut streams, &mut mean, &mut gradient)
    };
    for error in [run(), Threads::new(2).unwrap().run(&mut run)] {
        assert!(matches!(error, Err(Error::Cost { row: 30_004, value }) if value.is_nan()), "{error:?}");
    }
    assert_eq!(streams, before);
    assert!(mean.iter().chain(&gradient).all(|&x| x == 7.0));
}

#[test]
fn the_first_row_that_fails_is_named() {
    names_the_first::<f32>();
    names_the_first::<F32x4>();
    names_the_first::<F32x16>();
}
