//! Logits so large that the spacing of floats exceeds the Gumbel noise: classes, sets of classes and relaxed samples
//! have the same distribution as for logits near zero.
//!
//! Tests that draw raise a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)), the others
//! never; seeds are fixed.

use crate::common::{self, L, Rng, Verdict, Words, accept, counts, discrete, quick_and_long, reject};
use samplegrad_core::{
    Categoricals, GumbelSoftmax, Logits, StraightThrough, Temperature, gumbel_max,
    gumbel_top_k::GumbelTopK,
    lane::{Lane, Word},
    noise::gumbel,
    reduce,
    stochastic_beam::StochasticBeam,
    stream,
};

const LONG: u64 = 5_000_000;
const MASKED: f32 = f32::NEG_INFINITY;

/// Sets of logits: equal logits of several sizes, two large logits that differ by 8 (the spacing of floats of their
/// size), and sets with masked classes.
const CASES: [&[f32]; 9] = [
    &[4e6; 2],
    &[-4e6; 2],
    &[1e8; 2],
    &[-1e8; 2],
    &[1e30; 2],
    &[1e8, 1e8 + 8.0],
    &[-1e8 - 8.0, -1e8, MASKED],
    &[MASKED, 1e9, MASKED, 1e9, 1e9, -1e9],
    &[f32::MAX; 10],
];

fn logits<T: Lane>(of: &[f32]) -> Logits<10, T> {
    let of: Vec<T> = of.iter().map(|&l| T::splat(l)).collect();
    Logits::new(&of).expect("valid logits")
}

fn temperature(tau: f32) -> Temperature {
    Temperature::new(tau).expect("a temperature")
}

fn classes<F: FnMut(&mut Rng) -> Words>(draws: u64, seed: u64, prepare: impl Fn(&[f32]) -> F) -> Verdict {
    (seed..).zip(CASES).map(|(seed, case)| discrete(draws, seed, case, prepare(case))).collect()
}

/// Draws the class of the largest rounded sum, the first one on ties: the sampler before it was corrected.
fn by_rounded_sums(draws: u64) -> Verdict {
    discrete(draws, 1, &[4e6; 2], |rng| {
        let z: [L; 2] = core::array::from_fn(|_| gumbel::sample::<L, _>(rng) + 4e6);
        reduce::arg_max(&z).0
    })
}

/// Checks the order in which Gumbel-top-k draws two unlikely classes after a likely one.
fn second_of_three(draws: u64) -> Verdict {
    let l = logits(&[-1e8, 0.0, -1e8]);
    discrete(draws, 2, &[0.0, MASKED, 0.0], |rng| {
        let drawn = GumbelTopK::sample(&l, 2, rng).expect("three are possible");
        drawn.classes()[1]
    })
}

/// Checks the first two of four equal classes, in order.
fn pairs_of_four(draws: u64) -> Verdict {
    let (l, mut observed) = (logits(&[1e8; 4]), vec![0; 16]);
    common::repeat(draws, 3, |rng| {
        let drawn = GumbelTopK::sample(&l, 2, rng).expect("four are possible");
        let &[a, b] = drawn.classes() else { panic!("two classes") };
        (0..L::LANES).for_each(|lane| observed[(4 * a.extract(lane) + b.extract(lane)) as usize] += 1);
    });
    let pair = |cell: usize| if cell / 4 == cell % 4 { 0.0 } else { 1.0 / 12.0 };
    counts(&observed, &(0..16).map(pair).collect::<Vec<_>>())
}

/// Checks the second value on a beam over two variables. One class of the first variable is certain except for a
/// probability of 10^−10^8; the second variable is fair, or certain too. The two unlikely classes of the first variable
/// are equally likely.
fn second_on_a_beam(draws: u64, second: [f32; 2]) -> Verdict {
    let x =
        Categoricals::<10, L>::new(&[3, 2], &[0.0, -1e8, -1e8, second[0], second[1]].map(L::splat)).expect("logits");
    // Counts which unlikely class of the first variable is on the beam first.
    let mut observed = vec![0; 2];
    common::repeat(draws, 4, |rng| {
        let drawn = StochasticBeam::<_, 3>::sample(&x, rng);
        for lane in 0..L::LANES {
            let first_of = drawn.values().each_ref().map(|x| x[0].extract(lane));
            // The first value whose class is not the likely one.
            if let Some(class) = first_of.into_iter().find(|&class| class > 0) {
                observed[class as usize - 1] += 1;
            }
        }
    });
    counts(&observed, &[0.5; 2])
}

quick_and_long! {
    /// Classes by the Gumbel-max trick.
    by_gumbel_max: accept, LONG, |draws| classes(draws, 100, |case| {
        let l = logits(case);
        move |rng: &mut Rng| gumbel_max::sample(&l, rng)
    });
    /// The hard class of a relaxed sample.
    by_gumbel_softmax: accept, LONG, |draws| classes(draws, 120, |case| {
        let l = logits(case);
        move |rng: &mut Rng| GumbelSoftmax::sample(&l, temperature(0.7), rng).hard()
    });
    /// The largest coordinate of a relaxed sample.
    by_largest: accept, LONG, |draws| classes(draws, 140, |case| {
        let l = logits(case);
        move |rng: &mut Rng| reduce::arg_max(GumbelSoftmax::sample(&l, temperature(2.0), rng).values()).0
    });
    /// The class of a straight-through sample by a race, at both temperatures that use a race.
    by_race: accept, LONG, |draws| classes(draws, 160, |case| {
        let l = logits(case);
        let tau = if case.len() == 2 { Temperature::ONE } else { temperature(0.5) };
        move |rng: &mut Rng| StraightThrough::sample(&l, tau, rng).class()
    });
    /// Negative control: rounded sums, whose ties select the first class.
    rounded_sums_are_rejected: reject, by_rounded_sums;
    /// Sets of classes by Gumbel-top-k.
    by_top_k: accept, LONG, |draws| [second_of_three(draws), pairs_of_four(draws)].into_iter().collect();
    /// Sets of joint values.
    by_beam: accept, LONG, |draws| [second_on_a_beam(draws, [0.0, -1e8]), second_on_a_beam(draws, [1.0; 2])]
        .into_iter().collect();
}

/// Checks that large logits and their differences to the largest logit give equal relaxed samples and equal gradients,
/// for classes and for bits.
#[test]
fn relaxed_samples_depend_on_differences() {
    for (large, small) in [
        ([1e8, 1e8 + 8.0, 1e8 - 16.0, MASKED], [-8.0, 0.0, -24.0, MASKED]),
        ([-1e8, -1e8 - 8.0, -1e8 - 8.0, -1e8], [0.0, -8.0, -8.0, 0.0]),
        ([1e30, 1e30, 0.0, 1e30], [0.0, 0.0, MASKED, 0.0]),
    ] {
        for tau in [0.3, 0.5, 0.7, 1.0] {
            let mut rngs = [(); 2].map(|()| stream::xorshift(2026, 7));
            for _ in 0..200 {
                let [one, other] = [(large, 0), (small, 1)]
                    .map(|(l, i)| GumbelSoftmax::<10>::sample(&logits(&l), temperature(tau), &mut rngs[i]));
                assert_eq!(one.values(), other.values(), "{large:?}, {tau}");
                assert_eq!(one.hard(), other.hard());
                let cotangent = [1.0, -2.0, 0.5, 3.0];
                assert_eq!(one.vjp_temperature(&cotangent), other.vjp_temperature(&cotangent));
                let finite = |y: &GumbelSoftmax<10>| y.log_values().iter().map(|y| y.max(-1e6)).collect::<Vec<_>>();
                assert_eq!(finite(&one), finite(&other));
            }
        }
    }
}
