//! Estimators of sets at the ends of their ranges: masks, ties, certain classes, noise at both ends, bad costs.

use samplegrad_core::{
    Bernoullis, Categoricals, Logits, Source, enumeration,
    estimator::{Estimated, Estimator},
    gumbel_top_k::{self, GumbelTopK},
    lane::{Lane, Word},
    stochastic_beam::StochasticBeam,
    stream,
    sum_and_sample::SumAndSample,
    unordered_set::UnorderedSet,
    variables::Variables,
    vimco::{HoldoutValue, Vimco},
};
use samplegrad_host::F32x8;

const N: usize = 8;
const MASKED: f32 = f32::NEG_INFINITY;

/// A source that repeats a list of words.
struct Words(Vec<u32>, usize);

impl Source<f32> for Words {
    fn next_word(&mut self) -> u32 {
        self.1 += 1;
        self.0[self.1 % self.0.len()]
    }
}

/// Runs every estimator of sets for classes.
fn of_classes(
    x: &Categoricals<N>,
    cost: &mut dyn FnMut(&[u32]) -> f32,
    source: &mut dyn Source<f32>,
) -> [Estimated<Categoricals<N>>; 7] {
    let cost = &mut |x: &[u32]| cost(x);
    [
        UnorderedSet::<2> { baseline: true }.estimate(x, cost, source),
        UnorderedSet::<5> { baseline: true }.estimate(x, cost, source),
        UnorderedSet::<3> { baseline: false }.estimate(x, cost, source),
        SumAndSample::<1> { baseline: None }.estimate(x, cost, source),
        SumAndSample::<4> { baseline: Some(1.0) }.estimate(x, cost, source),
        Vimco::<3> { stand_in: HoldoutValue::Geometric }.estimate(x, cost, source),
        Vimco::<2> { stand_in: HoldoutValue::Arithmetic }.estimate(x, cost, source),
    ]
}

fn of_bits(
    b: &Bernoullis<N>,
    cost: &mut dyn FnMut(&[f32]) -> f32,
    source: &mut dyn Source<f32>,
) -> [Estimated<Bernoullis<N>>; 4] {
    let cost = &mut |x: &[f32]| cost(x);
    [
        UnorderedSet::<2> { baseline: true }.estimate(b, cost, source),
        UnorderedSet::<4> { baseline: false }.estimate(b, cost, source),
        SumAndSample::<3> { baseline: None }.estimate(b, cost, source),
        Vimco::<3> { stand_in: HoldoutValue::Geometric }.estimate(b, cost, source),
    ]
}

fn finite<V: Variables<Lane = f32>>(answers: &[Estimated<V>], masked: &[usize], context: &str) {
    for (i, answer) in answers.iter().enumerate() {
        let Ok(estimate) = answer else { panic!("estimator {i}, {context}: a cost was refused") };
        assert!(estimate.mean.is_finite(), "estimator {i}, {context}: mean {}", estimate.mean);
        for (j, &g) in estimate.gradient.iter().enumerate() {
            assert!(g.is_finite(), "estimator {i}, {context}: gradient {:?}", estimate.gradient);
            assert!(!masked.contains(&j) || g == 0.0, "estimator {i}, {context}: masked class {j} has {g}");
        }
    }
}

/// Checks that finite input gives finite output, that a masked class has no gradient, and that its cost is never
/// evaluated.
#[test]
fn extremes() {
    let problems: [(&[usize], &[f32]); 9] = [
        (&[1], &[3.0]),
        (&[3], &[MASKED, 0.0, MASKED]),
        (&[3], &[1e4, 0.0, -1e4]),
        (&[3], &[-1e4, 1e4, -1e4]),
        (&[4], &[0.0, 0.0, MASKED, 0.0]),
        (&[2, 2], &[1e4, -1e4, -1e4, 1e4]),
        (&[1, 1, 1], &[0.0; 3]),
        (&[2, 1, 3], &[MASKED, 5.0, -7.0, MASKED, 1e4, 1e4]),
        (&[4, 4], &[0.0, 100.0, 200.0, 300.0, 0.0, 0.5, 1.0, MASKED]),
    ];
    let ends = [vec![0], vec![u32::MAX], vec![0, u32::MAX], vec![u32::MAX, 0, 0], vec![1 << 31, 0, 7, u32::MAX, 12345]];
    for (sizes, logits) in problems {
        let x = Categoricals::<N>::new(sizes, logits).expect("valid logits");
        let masked: Vec<usize> = (0..logits.len()).filter(|&k| logits[k] == MASKED).collect();
        let mut cost = |x: &[u32]| {
            let mut at = 0;
            let mut total = 0.0;
            for (&class, size) in x.iter().zip(sizes) {
                if logits[at + class as usize] == MASKED {
                    return f32::NAN;
                }
                total = total * 3.0 + class as f32;
                at += size;
            }
            total
        };
        for words in &ends {
            let answers = of_classes(&x, &mut cost, &mut Words(words.clone(), 0));
            finite(&answers, &masked, &format!("{logits:?}, words {words:?}"));
        }
        let mut rng = stream::xorshift(5, 0);
        for _ in 0..200 {
            finite(&of_classes(&x, &mut cost, &mut rng), &masked, &format!("{logits:?}"));
        }
        let exact = enumeration::gradient(&x, &mut cost).expect("masked costs are not asked for");
        assert!(exact.gradient.iter().all(|g| g.is_finite()));
    }
    for logits in [&[0.0][..], &[1e4, -1e4], &[1e4; 8], &[0.0, 5.0, -1e4, 88.0]] {
        let b = Bernoullis::<N>::new(logits).expect("finite logits");
        for words in &ends {
            finite(&of_bits(&b, &mut |b| b.iter().sum(), &mut Words(words.clone(), 0)), &[], &format!("{logits:?}"));
        }
    }
}

/// Checks that a set of all possible values gives the exact gradient, in any order of the values.
#[test]
fn exhausted() {
    let x = Categoricals::<N>::new(&[2, 3], &[0.0, 1.0, -1.0, MASKED, 0.5]).expect("valid logits");
    let mut cost = |x: &[u32]| [1.0, -2.0][x[0] as usize] * [3.0, f32::NAN, 0.5][x[1] as usize];
    let exact = enumeration::gradient(&x, &mut cost).expect("finite costs");
    let mut rng = stream::xorshift(3, 0);
    for _ in 0..100 {
        for estimate in [
            UnorderedSet::<4> { baseline: true }.estimate(&x, &mut cost, &mut rng),
            UnorderedSet::<6> { baseline: true }.estimate(&x, &mut cost, &mut rng),
            UnorderedSet::<5> { baseline: false }.estimate(&x, &mut cost, &mut rng),
            SumAndSample::<3> { baseline: None }.estimate(&x, &mut cost, &mut rng),
            SumAndSample::<4> { baseline: None }.estimate(&x, &mut cost, &mut rng),
            SumAndSample::<7> { baseline: Some(0.25) }.estimate(&x, &mut cost, &mut rng),
        ] {
            let estimate = estimate.expect("finite costs");
            assert!((estimate.mean - exact.mean).abs() < 2e-6, "{} for {}", estimate.mean, exact.mean);
            for (g, e) in estimate.gradient.iter().zip(&exact.gradient) {
                assert!((g - e).abs() < 2e-6, "{:?} for {:?}", estimate.gradient, exact.gradient);
            }
        }
    }
}

/// Checks that a cost that is not finite is reported with its sample, and that the estimator does not change.
#[test]
fn bad_costs() {
    let x = Categoricals::<N>::new(&[3], &[0.0, 0.5, 0.0]).expect("valid logits");
    let mut bad = |x: &[u32]| if x[0] == 1 { f32::INFINITY } else { 1.0 };
    let mut rng = stream::xorshift(4, 0);
    let mut seen = [0; 7];
    for _ in 0..100 {
        for (seen, answer) in seen.iter_mut().zip(of_classes(&x, &mut bad, &mut rng)) {
            if let Err(error) = answer {
                assert_eq!((error.sample.as_slice(), error.value, error.lane), (&[1][..], f32::INFINITY, 0));
                *seen += 1;
            }
        }
    }
    assert!(seen.iter().all(|&seen| seen > 30), "{seen:?}");
}

/// Checks that ties select the first class in every place of the set. Masked classes must come last, as repetitions of
/// the first class.
#[test]
fn ties() {
    let logits = Logits::<N>::new(&[1.0, 2.0, MASKED, 2.0, 1.0, 2.0]).expect("valid logits");
    let drawn = GumbelTopK::with_noise(&logits, 5, &[0.0; 6]).expect("five are possible");
    assert_eq!(drawn.classes(), [1, 3, 5, 0, 4]);
    assert_eq!(drawn.perturbed(), [2.0, 2.0, 2.0, 1.0, 1.0]);
    assert_eq!(drawn.threshold(), MASKED);
    let two = GumbelTopK::with_noise(&logits, 2, &[0.0, 0.0, 0.0, 0.0, 5.0, 0.0]).expect("five are possible");
    assert_eq!((two.classes(), two.threshold()), (&[4, 1][..], 2.0));
    assert!(GumbelTopK::with_noise(&logits, 6, &[0.0; 6]).is_err());
    assert!(GumbelTopK::with_noise(&logits, 0, &[0.0; 6]).is_err());
    assert!(GumbelTopK::with_noise(&logits, 2, &[0.0; 5]).is_err());
    assert!(GumbelTopK::with_noise(&logits, 2, &[0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN]).is_err());
    let (mut classes, mut perturbed) = ([0; 4], [0.0; 4]);
    gumbel_top_k::draw(
        &[MASKED, 0.0, MASKED],
        &mut stream::xorshift(1, 0),
        &mut classes,
        &mut perturbed,
        &mut [0.0; 4],
    );
    assert_eq!((classes, &perturbed[1..]), ([1; 4], &[MASKED; 3][..]));
}

/// Checks that a beam over one variable and Gumbel-top-k draw the same classes from the same words.
#[test]
fn beam_of_one_is_top_k() {
    let x = Categoricals::<N>::one(&Logits::new(&[0.5, MASKED, -1.0, 0.25]).expect("valid logits"));
    let (mut one, mut other) = (stream::xorshift(8, 1), stream::xorshift(8, 1));
    for _ in 0..1000 {
        let beam = StochasticBeam::<_, 3>::sample(&x, &mut one);
        let (mut classes, mut perturbed) = ([0; 3], [0.0; 3]);
        let threshold =
            gumbel_top_k::draw(x.log_probabilities(), &mut other, &mut classes, &mut perturbed, &mut [0.0; 3]);
        assert_eq!(beam.values().each_ref().map(|x| x[0]), classes);
        assert_eq!((*beam.perturbed(), beam.threshold()), (perturbed, threshold));
    }
}

/// Checks classes that are masked in some lanes only: each lane equals its scalar run, regardless of the evaluations
/// that other lanes need.
#[test]
fn masks_of_one_lane() {
    let logits = |lane: usize| [0.5, if lane == 3 { MASKED } else { 0.0 }, 1.0, if lane > 5 { MASKED } else { -1.0 }];
    let in_lanes: [F32x8; 4] = std::array::from_fn(|k| F32x8::from_fn(|lane| logits(lane)[k]));
    let x = Categoricals::<N, F32x8>::new(&[4], &in_lanes).expect("valid logits");
    let of = |lane: usize, class: u32| {
        if logits(lane)[class as usize] == MASKED { f32::NAN } else { (class * class) as f32 }
    };
    let mut cost = |x: &[<F32x8 as Lane>::Word]| F32x8::from_fn(|lane| of(lane, x[0].extract(lane)));
    let lanes = enumeration::law(&x, &mut cost).expect("masked costs are not looked at");
    let mut rng = samplegrad_host::LaneRng::<F32x8>::new(9, 0);
    let drawn = UnorderedSet::<3> { baseline: true }.estimate(&x, &mut cost, &mut rng).expect("nor asked for");
    let summed = SumAndSample::<3, F32x8> { baseline: None }.estimate(&x, &mut cost, &mut rng).expect("nor asked for");
    for lane in 0..8 {
        let x = Categoricals::<N>::new(&[4], &logits(lane)).expect("valid logits");
        let mut cost = |x: &[u32]| of(lane, x[0]);
        let alone = enumeration::law(&x, &mut cost).expect("finite costs");
        let mut rng = stream::xorshift(9, lane as u64);
        let set = UnorderedSet::<3> { baseline: true }.estimate(&x, &mut cost, &mut rng).expect("finite costs");
        let sum = SumAndSample::<3> { baseline: None }.estimate(&x, &mut cost, &mut rng).expect("finite costs");
        assert_eq!(lanes.values().extract(lane), alone.values());
        for j in 0..4 {
            assert_eq!(lanes.exact().gradient[j].extract(lane).to_bits(), alone.exact().gradient[j].to_bits());
            assert_eq!(lanes.break_even(j).extract(lane).to_bits(), alone.break_even(j).to_bits());
            assert_eq!(drawn.gradient[j].extract(lane).to_bits(), set.gradient[j].to_bits());
            assert_eq!(summed.gradient[j].extract(lane).to_bits(), sum.gradient[j].to_bits());
        }
    }
}
