//! Tests of logits so large that the spacing of floats exceeds Gumbel noise. The drawn classes have the largest exact
//! sums, and row `b` of a batch has the results of a device. The tests run at every width, for few classes, for tiles,
//! and for long rows that are divided among lanes.

#[path = "common/batches.rs"]
mod common;

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    GumbelSoftmax, Logits as OneRow, StraightThrough, Temperature, gumbel_max,
    gumbel_top_k::GumbelTopK,
    noise::{Uniform, gumbel},
    stream,
};
use samplegrad_host::{
    Lanes, Streams,
    batch::{self, Logits},
};

use common::in_all_lanes;

const SEED: u64 = 2026;
const MOST: usize = 5003;
type Row = OneRow<MOST>;

const MASKED: f32 = f32::NEG_INFINITY;

/// The base values of the logits, row after row.
const NEAR: [f32; 14] =
    [0.0, 1030.0, -1030.0, 2048.0, -3000.0, 4e6, -4e6, 1e8, -1e8, 1.6e9, 1e30, -1e30, f32::MAX, -f32::MAX];

struct Batch {
    rows: usize,
    streams: usize,
    k: usize,
    logits: Vec<f32>,
    noise: Vec<f32>,
    cotangent: Vec<f32>,
}

impl Batch {
    /// Creates rows of logits that differ by a few spacings of floats. Some logits are masked or far below the others.
    fn new(rows: usize, streams: usize, k: usize) -> Self {
        let mut rng = stream::xorshift(11, (rows * 8192 + k) as u64);
        let mut logits = Vec::new();
        for row in 0..rows {
            let base = NEAR[(row + k) % NEAR.len()];
            for class in 0..k {
                let nearer_zero = if base == 0.0 { 0 } else { rng.next_u32() % 3 };
                logits.push(match rng.next_u32() % 11 {
                    5 if class > 0 => MASKED,
                    7 if class > 0 => base - 1e4,
                    // A row in which two of three classes are masked.
                    _ if class > 0 && row % 5 == 4 && class % 3 < 2 => MASKED,
                    _ => f32::from_bits(base.to_bits() - nearer_zero),
                });
                // −`f32::MAX` minus 1e4 may round to −`f32::MAX`.
                let last = logits.last_mut().unwrap();
                *last = if *last < -f32::MAX { MASKED } else { *last };
            }
        }
        let mut numbers = |scale: f32| -> Vec<f32> {
            (0..rows * k).map(|_| (Uniform::<f32>::sample(&mut rng).value() - 0.5) * scale).collect()
        };
        let (noise, cotangent) = (numbers(20.0), numbers(4.0));
        Self { rows, streams, k, logits, noise, cotangent }
    }

    fn row<'a>(&self, values: &'a [f32], row: usize) -> &'a [f32] {
        &values[row * self.k..][..self.k]
    }

    fn streams(&self) -> (Streams, Vec<XorShiftRng>) {
        let devices = (0..self.streams as u64).map(|n| stream::xorshift(SEED, n)).collect();
        (Streams::new(SEED, self.streams).unwrap(), devices)
    }
}

/// Returns batches of few classes (in packs and in tiles), of whole blocks, and of rows that are divided among lanes.
fn batches() -> impl Iterator<Item = Batch> {
    let few = [(1, 2), (28, 2), (45, 3), (70, 10), (33, 16), (20, 17), (33, 33), (19, 67), (35, 100)];
    let long = [(3, 700), (20, 700), (14, 512), (3, 4099), (2, 5003)];
    few.into_iter().chain(long).map(|(rows, k)| Batch::new(rows, rows.min(30), k))
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// Returns whether `l + g` is below `m + h`, exactly: differences of near floats are exact in double precision, and
/// rounding of other differences does not change the comparison.
fn is_below((l, g): (f32, f32), (m, h): (f32, f32)) -> bool {
    (f64::from(l) - f64::from(m)) + (f64::from(g) - f64::from(h)) < 0.0
}

/// Returns the class of the largest exact sum, the first on ties.
fn exact_class(logits: &[f32], noise: &[f32]) -> u32 {
    let mut best = None;
    for (k, (&l, &g)) in logits.iter().zip(noise).enumerate() {
        if l > MASKED && best.is_none_or(|(_, of_best)| is_below(of_best, (l, g))) {
            best = Some((k as u32, (l, g)));
        }
    }
    best.unwrap().0
}

fn classes(lanes: Lanes) {
    for batch in batches() {
        let logits = Logits::new(&batch.logits, batch.k).unwrap().in_lanes(lanes);
        let (mut streams, mut devices) = batch.streams();
        for _ in 0..3 {
            let mut found = vec![u32::MAX; batch.rows];
            batch::gumbel_max::sample(&logits, &mut streams, &mut found).unwrap();
            for (b, &found) in found.iter().enumerate() {
                let (l, rng) = (batch.row(&batch.logits, b), &mut devices[b % batch.streams]);
                let mut again = rng.clone();
                let noise: Vec<f32> = l.iter().map(|_| gumbel::sample(&mut again)).collect();
                let class = gumbel_max::draw(l, rng).0;
                assert_eq!(found, class, "row {b} of {}, {} classes: {:?}", batch.rows, batch.k, &l[..2]);
                if l[0].abs() >= 1024.0 {
                    assert_eq!(class, exact_class(l, &noise), "row {b}, {} classes: {:?}", batch.k, &l[..2]);
                } else {
                    let z: Vec<f32> = l.iter().zip(&noise).map(|(l, g)| l + g).collect();
                    assert_eq!(class, samplegrad_core::reduce::arg_max(&z).0);
                }
            }
        }
        for (number, device) in devices.into_iter().enumerate() {
            assert_eq!(streams.device(number), Some(device));
        }
    }
}

fn relaxed(lanes: Lanes) {
    for (batch, tau) in
        batches().flat_map(|batch| [(batch, 0.7)]).chain([(Batch::new(45, 45, 10), 1.0), (Batch::new(20, 20, 67), 0.5)])
    {
        let (k, tau) = (batch.k, Temperature::new(tau).unwrap());
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes(lanes);
        let (mut streams, mut devices) = batch.streams();
        let (mut y, mut soft) = (vec![f32::NAN; batch.rows * k], vec![f32::NAN; batch.rows * k]);
        let mut found = vec![u32::MAX; batch.rows];
        batch::gumbel_softmax::sample(&logits, tau, &mut streams, &mut y).unwrap();
        batch::straight_through::sample(&logits, tau, &mut streams, &mut found, &mut soft).unwrap();
        let mut from: Vec<XorShiftRng> = Vec::new();
        for (b, y) in y.chunks_exact(k).enumerate() {
            let sample = GumbelSoftmax::sample(
                &Row::new(batch.row(&batch.logits, b)).unwrap(),
                tau,
                &mut devices[b % batch.streams],
            );
            assert_eq!(bits(y), bits(sample.values()), "row {b}, {k} classes");
        }
        for (b, (y, &class)) in soft.chunks_exact(k).zip(&found).enumerate() {
            let (l, device) = (batch.row(&batch.logits, b), &mut devices[b % batch.streams]);
            from.push(device.clone());
            let sample = StraightThrough::sample(&Row::new(l).unwrap(), tau, device);
            assert_eq!((bits(y), class), (bits(sample.soft().values()), sample.class()), "row {b}, {k} classes");
            assert_eq!(y[class as usize], y.iter().copied().fold(0.0, f32::max));
            assert!((y.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            // A race gives the same draw except where rounding decides.
            if tau.get() == 0.7 {
                assert_eq!(class, gumbel_max::draw(l, &mut from[b]).0, "row {b}, {k} classes");
            }
        }
    }
}

fn given(lanes: Lanes) {
    for batch in batches() {
        let (k, tau) = (batch.k, Temperature::new(0.3).unwrap());
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes(lanes);
        let (mut y, mut log_y) = (vec![f32::NAN; batch.rows * k], vec![f32::NAN; batch.rows * k]);
        let (mut by_tau, mut found) = (vec![f32::NAN; batch.rows], vec![u32::MAX; batch.rows]);
        batch::gumbel_softmax::with_noise(&logits, tau, &batch.noise, &mut y).unwrap();
        batch::gumbel_softmax::log_with_noise(&logits, tau, &batch.noise, &mut log_y).unwrap();
        batch::gumbel_softmax::vjp_temperature(&logits, tau, &batch.noise, &batch.cotangent, &mut by_tau).unwrap();
        batch::gumbel_softmax::hard(&logits, &batch.noise, &mut found).unwrap();
        for b in 0..batch.rows {
            let (l, noise) = (batch.row(&batch.logits, b), batch.row(&batch.noise, b));
            let row = Row::new(l).unwrap();
            let sample = GumbelSoftmax::with_noise(&row, tau, noise).unwrap();
            assert_eq!(bits(batch.row(&y, b)), bits(sample.values()));
            assert_eq!(bits(batch.row(&log_y, b)), bits(&sample.log_values()));
            let slope = sample.vjp_temperature(batch.row(&batch.cotangent, b)).unwrap();
            assert_eq!(by_tau[b].to_bits(), slope.to_bits());
            assert!(slope.is_finite());
            assert_eq!(found[b], sample.hard());
            assert_eq!(found[b], gumbel_max::with_noise(&row, noise).unwrap().0);
            let z: Vec<f32> = l.iter().zip(noise).map(|(l, g)| l + g).collect();
            assert_eq!(sample.perturbed().as_slice(), z);
            if l[0].abs() >= 1024.0 {
                assert_eq!(found[b], exact_class(l, noise));
                // The first six possible classes must be in the order of their exact sums.
                let possible = l.iter().filter(|&&l| l > MASKED).count().min(6);
                let drawn = GumbelTopK::with_noise(&row, possible, noise).unwrap();
                let mut left = l.to_vec();
                for (&class, &of_class) in drawn.classes().iter().zip(drawn.perturbed()) {
                    assert_eq!(class, exact_class(&left, noise));
                    assert_eq!(of_class, z[class as usize]);
                    left[class as usize] = MASKED;
                }
                let rest = left.iter().zip(&z).filter(|(l, _)| **l > MASKED).map(|(_, &z)| z);
                assert_eq!(drawn.threshold(), rest.fold(MASKED, f32::max));
            }
        }
    }
}

in_all_lanes! { classes relaxed given }

/// Checks that each of two equal logits is drawn half of the time, for logits from the smallest to the largest float.
/// The tolerance is six standard errors, which is 0.003 in a release build with 10^6 draws and raises a false alarm in
/// one of 10^8 cases. Also checks, within six standard errors, how often the smaller of two logits with difference 8 is
/// drawn.
#[test]
fn two_of_any_size_are_drawn_at_their_rates() {
    let rows = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };
    let share = |l: [f32; 2]| {
        let (logits, mut classes) = (l.repeat(rows), vec![0; rows]);
        let mut streams = Streams::new(SEED, 1000).unwrap();
        batch::gumbel_max::sample(&Logits::new(&logits, 2).unwrap(), &mut streams, &mut classes).unwrap();
        classes.iter().filter(|&&class| class == 0).count() as f64 / rows as f64
    };
    for l in [0.0, 4e6, -4e6, 1e8, -1e8, 1e30, -1e30, f32::MAX] {
        let share = share([l, l]);
        println!("two of {l:e}: {share:.4}");
        assert!((share - 0.5).abs() < 3.0 / (rows as f64).sqrt(), "two of {l:e}: {share}");
    }
    let (share, p) = (share([1e8, 1e8 + 8.0]), 1.0 / (1.0 + 8_f64.exp()));
    println!("1e8 and 1e8 + 8: {share:.3e}");
    assert!((share - p).abs() < 6.0 * (p / rows as f64).sqrt(), "{share:e} for {p:e}");
}

/// Checks the class drawn from a hundred and from 10^5 logits that all equal 10^8. The checks are on the mean and on
/// chi-squared, of the hundred classes or of a hundred groups of the 10^5 classes.
#[test]
fn many_of_one_size_are_drawn_alike() {
    let counts = if cfg!(debug_assertions) { [(100, 2000), (100_000, 4)] } else { [(100, 20_000), (100_000, 2000)] };
    for (k, rows) in counts {
        let (logits, mut classes) = (vec![1e8; k * rows.min(20)], Vec::new());
        let mut streams = Streams::new(SEED, rows.min(20)).unwrap();
        while classes.len() < rows {
            let mut some = vec![0; rows.min(20)];
            batch::gumbel_max::sample(&Logits::new(&logits, k).unwrap(), &mut streams, &mut some).unwrap();
            classes.extend(some);
        }
        let mut observed = [0.0; 100];
        classes.iter().for_each(|&class| observed[class as usize * 100 / k] += 1.0);
        let expected = rows as f64 / 100.0;
        let chi: f64 = observed.iter().map(|o| (o - expected) * (o - expected) / expected).sum();
        let mean = classes.iter().map(|&class| f64::from(class)).sum::<f64>() / rows as f64;
        println!("{k} of 1e8: mean class {mean:.1}, chi-squared {chi:.1} of 99 degrees of freedom");
        // The tolerance of the mean is six standard deviations. The bound of chi-squared raises a false alarm in one of
        // 10^7 cases.
        assert!((mean / k as f64 - 0.5).abs() < 6.0 / (12.0 * rows as f64).sqrt() + 0.5 / k as f64);
        assert!(rows < 1000 || chi < 190.0, "{chi}");
    }
}
