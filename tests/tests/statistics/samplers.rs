//! Samplers against their exact distributions: noise by equally probable cells and both tails, classes by softmax in
//! double precision.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, QUICK, Rng, Verdict, Words, accept, continuous, discrete, quick_and_long, reject};
use samplegrad_core::{
    ActionMask, AliasTable, Bernoulli, Bernoullis, Categoricals, Cdf, Constant, EntropyBonus, ExponentialRace,
    Features, Gumbel, GumbelSoftmax, LearningRate, LogStdNormal, Logits, Reinforce, Reward, SoftmaxPolicy, Source,
    StraightThrough, Temperature, gumbel_max, heapless, inverse_cdf,
    lane::{Lane, Word},
    noise::{self, Uniform},
    variables::Variables,
};
use statrs::distribution::{ContinuousCDF, Normal};

const LONG: u64 = 1 << 26;
/// Number of draws for which 24 draws are expected beyond the range of a grid of 2^−24.
const TAIL: u64 = 1 << 29;

/// Returns `−ln p`, accurate at both ends: `p` is the probability on the left, `q` the probability on the right.
fn neg_ln(p: f64, q: f64) -> f64 {
    if q < p { -(-q).ln_1p() } else { -p.ln() }
}

fn normal_quantile(p: f64, q: f64) -> f64 {
    let lower = Normal::standard().inverse_cdf(p.min(q));
    if p < q { lower } else { -lower }
}

/// Compares Gumbel noise made from a kind of uniforms with its distribution.
fn gumbel(draws: u64, uniform: impl Fn(&mut Rng) -> Uniform<L>) -> Verdict {
    let quantile = |p, q| -neg_ln(p, q).ln();
    continuous(draws, 3, (4, 4), quantile, |rng| noise::gumbel::quantile(uniform(rng)))
}

quick_and_long! {
    /// Noise: the uniform, with the lower tail to 4e−8. The upper end has the coarse resolution of floats near 1, so
    /// the next test checks that end through the complement.
    uniform: accept, LONG, |draws| {
        continuous(draws, 1, (4, 1), |p, _| p, |rng| Uniform::sample(rng).value())
    };
    /// Noise: the complement of a uniform.
    complement: accept, LONG, |draws| {
        continuous(draws, 1, (4, 1), |p, _| p, |rng| Uniform::sample(rng).complement().value())
    };
    /// Noise: exponential, both tails to 4e−8.
    exponential: accept, LONG, |draws| {
        continuous(draws, 2, (4, 4), |p, q| neg_ln(q, p), noise::exponential::sample)
    };
    /// Noise: Gumbel. The long form must find numbers beyond 16.9, which a grid of 2^−24 does not contain.
    gumbel_noise: accept, TAIL, |draws| gumbel(draws, Uniform::sample);
    /// Noise: logistic.
    logistic: accept, LONG, |draws| {
        continuous(draws, 4, (4, 4), |p: f64, q: f64| p.ln() - q.ln(), noise::logistic::sample)
    };
    /// Noise: normal.
    normal: accept, LONG, |draws| continuous(draws, 5, (4, 4), normal_quantile, noise::normal::sample);
}

/// Returns a common but coarse source of uniforms: the upper `bits` of a word, with zero replaced.
fn clipped(bits: u32) -> impl Fn(&mut Rng) -> Uniform<L> {
    let unit = 1.0 / (1_u32 << bits) as f32;
    move |rng| {
        let u = L::from_word(Source::<L>::next_word(rng).shr(32 - bits)) * unit;
        Uniform::new(u.max(L::splat(unit / 2.0))).expect("inside of the unit interval")
    }
}

/// Checks that the test rejects a grid, which has no tail, and a wrong scale.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn quick_wrong_noise_is_rejected() {
    reject(gumbel(QUICK, clipped(11)));
    reject(continuous(QUICK, 5, (4, 4), normal_quantile, |rng| noise::normal::sample::<L, _>(rng) * 1.03));
}

/// Checks that the long test rejects finer errors: uniforms of 24 bits, and a scale that is off by two parts in a
/// thousand.
#[test]
#[ignore = "statistics: long"]
fn wrong_noise_is_rejected() {
    reject(gumbel(TAIL, clipped(24)));
    reject(continuous(LONG, 5, (4, 4), normal_quantile, |rng| noise::normal::sample::<L, _>(rng) * 1.002));
}

const MASKED: f32 = f32::NEG_INFINITY;

/// Sets of logits: ten equal logits, ten logits of which one is above the others, logits from −6 to 6, two logits that
/// are 8 nats apart, logits of which some are masked, and a single logit.
const CASES: [&[f32]; 6] = [
    &[0.0; 10],
    &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0],
    &[-6.0, 6.0, -4.0, 4.0, -2.0, 2.0, 0.0],
    &[8.0, 0.0],
    &[MASKED, 1.0, MASKED, -1.0, 0.0, MASKED],
    &[0.5],
];

fn logits<T: Lane>(of: &[f32]) -> Logits<10, T> {
    let of: Vec<T> = of.iter().map(|&l| T::splat(l)).collect();
    Logits::new(&of).expect("valid logits")
}

/// Returns the number of draws of a case, chosen so that all cases cost the same: `draws` for one or two classes, whose
/// rare class is the hardest test, and `2/K` times `draws` for more classes. The total is three times `draws`.
fn share(draws: u64, case: &[f32]) -> u64 {
    draws * 2 / case.len().max(2) as u64
}

/// Checks a sampler that `prepare` creates on every case. There are 19 p-values in all, so the rate of the less likely
/// of two classes passes within 5.6 standard errors.
fn classes<F: FnMut(&mut Rng) -> Words>(draws: u64, seed: u64, prepare: impl Fn(&[f32]) -> F) -> Verdict {
    (seed..).zip(CASES).map(|(seed, case)| discrete(share(draws, case), seed, case, prepare(case))).collect()
}

/// Checks a policy of two features whose logits at `(1, ½)` are the case's, with the case's masked classes masked.
fn act<const K: usize>(draws: u64, seed: u64, case: [f32; K]) -> Verdict {
    let possible = case.map(|l| l > MASKED);
    let weights = [case.map(|l| L::splat(if l > MASKED { l - 1.0 } else { 0.0 })), [L::ONE; K]];
    let policy = SoftmaxPolicy::from_weights(weights, [L::splat(0.5); K]).expect("finite weights");
    let nothing = Reward::new(L::ZERO).expect("a small reward");
    let rate = LearningRate::new(1.0).expect("a rate");
    let bonus = EntropyBonus::new(0.0).expect("a weight");
    let learner = Reinforce::with_policy(policy, Constant::new(nothing), rate, bonus);
    let features = Features::new([L::ONE, L::splat(0.5)]).expect("small features");
    let mask = ActionMask::new(possible.map(samplegrad_core::lane::Mask::splat)).expect("an action");
    discrete(share(draws, &case), seed, &case, move |rng| learner.act(&features, &mask, rng).action())
}

/// Checks the rate of ones of Bernoulli variables with several logits.
fn bernoulli(draws: u64) -> Verdict {
    let one = |(seed, l): (u64, f32)| {
        let b = Bernoulli::new(L::splat(l)).expect("a finite logit");
        // Class 1 is the value one.
        discrete(draws, seed, &[0.0, l], move |rng| Words::select(b.sample(rng), Words::splat(1), Words::splat(0)))
    };
    (20..).zip([0.0, 2.0, -8.0, 8.0, -14.0, 14.0]).map(one).collect()
}

/// Compares the normal distribution with one of scale `claimed`.
fn normal_distribution(draws: u64, claimed: f64) -> Verdict {
    let law = LogStdNormal::new(L::splat(-0.75), L::splat(0.5)).expect("valid parameters");
    let quantile = |p, q| -0.75 + claimed * normal_quantile(p, q);
    continuous(draws, 50, (4, 4), quantile, |rng| law.sample(rng).0)
}

/// Compares the Gumbel distribution with one of scale `claimed`.
fn gumbel_distribution(draws: u64, claimed: f64) -> Verdict {
    let law = Gumbel::new(L::splat(3.5), L::splat(0.25)).expect("valid parameters");
    continuous(draws, 51, (4, 4), |p, q| 3.5 - claimed * neg_ln(p, q).ln(), |rng| law.sample(rng))
}

/// Compares the joint value of several variables with the product of their distributions, which detects a dependence.
fn joint<V: Variables<Lane = L>>(
    draws: u64,
    seed: u64,
    variables: &V,
    laws: &[Vec<f64>],
    class: impl Fn(V::Value, usize) -> usize,
) -> Verdict {
    let mut observed = vec![0; laws.iter().map(Vec::len).product()];
    common::repeat(draws, seed, |rng| {
        let x = variables.sample(rng);
        for lane in 0..L::LANES {
            let cell = x.iter().zip(laws).fold(0, |cell, (&x, law)| cell * law.len() + class(x, lane));
            observed[cell] += 1;
        }
    });
    let product =
        |cells: Vec<f64>, law: &Vec<f64>| cells.iter().flat_map(|&c| law.iter().map(move |p| c * p)).collect();
    common::counts(&observed, &laws.iter().fold(vec![1.0], product))
}

const BITS: [f32; 5] = [0.0, 1.5, -2.0, 0.5, -6.0];

/// Checks five bits drawn with these logits.
fn bits(draws: u64, logits: [f32; 5]) -> Verdict {
    let b = Bernoullis::<5, L>::new(&logits.map(L::splat)).expect("finite logits");
    let laws = BITS.map(|l| common::softmax(&[0.0, l]));
    joint(draws, 52, &b, &laws, |x, lane| x.extract(lane) as usize)
}

/// Checks three variables of two, four and three classes, one of them masked, drawn with these logits.
fn variables(draws: u64, logits: [f32; 9]) -> Verdict {
    let x = Categoricals::<9, L>::new(&[2, 4, 3], &logits.map(L::splat)).expect("valid logits");
    let laws = [&CLASSES[..2], &CLASSES[2..6], &CLASSES[6..]].map(common::softmax);
    joint(draws, 53, &x, &laws, |x, lane| x.extract(lane) as usize)
}

const CLASSES: [f32; 9] = [0.5, -0.5, 1.0, 0.0, MASKED, -1.0, 0.0, -8.0, 0.25];

/// Returns the logits with one of them replaced.
fn with<const K: usize>(mut logits: [f32; K], place: usize, logit: f32) -> [f32; K] {
    logits[place] = logit;
    logits
}

/// Draws bits of which the second uses the uniform of the first: each has the right distribution, but not both jointly.
fn tied_bits(draws: u64) -> Verdict {
    struct Tied(Bernoullis<2, L>);
    impl Variables for Tied {
        type Lane = L;
        type Value = L;
        type Values = heapless::Vec<L, 2>;
        type Numbers = heapless::Vec<L, 2>;
        type Of<T: Clone + std::fmt::Debug + PartialEq> = heapless::Vec<T, 2>;
        fn len(&self) -> usize {
            2
        }
        fn parameters(&self) -> usize {
            2
        }
        fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> heapless::Vec<L, 2> {
            self.0.at(&[Uniform::sample(source); 2])
        }
        fn score(&self, x: &[L]) -> heapless::Vec<L, 2> {
            self.0.score(x)
        }
    }
    let b = Bernoullis::new(&[L::ZERO, L::ONE]).expect("finite logits");
    let laws = [0.0, 1.0].map(|l| common::softmax(&[0.0, l]));
    joint(draws, 54, &Tied(b), &laws, |x, lane| x.extract(lane) as usize)
}

/// Draws from two equal classes by a table with an error of `error` in its logits.
fn off_by(draws: u64, error: f32) -> Verdict {
    let cdf = Cdf::new(&logits::<f32>(&[error, 0.0]));
    discrete(draws, 30, &[0.0, 0.0], move |rng| cdf.sample::<L, _>(rng))
}

/// Checks that the test rejects wrong logits, and a masked class that is drawn.
#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn quick_wrong_classes_are_rejected() {
    accept(off_by(QUICK, 0.0));
    reject(off_by(QUICK, 0.02));
    let possible = logits(&[0.0, -9.0]);
    reject(discrete(QUICK, 31, &[0.0, MASKED], |rng| gumbel_max::sample(&possible, rng)));
}

/// Checks that the long test rejects finer errors: one part in a thousand, and the less likely of two classes 8 nats
/// apart, which uniforms of 12 bits draw at a wrong rate.
#[test]
#[ignore = "statistics: long"]
fn wrong_classes_are_rejected() {
    accept(off_by(TAIL, 0.0));
    reject(off_by(TAIL, 1e-3));
    let coarse = clipped(12);
    reject(discrete(LONG, 32, &[8.0, 0.0], |rng| {
        let z = [8.0, 0.0].map(|l| noise::gumbel::quantile(coarse(rng)) + l);
        samplegrad_core::reduce::arg_max(&z).0
    }));
}

quick_and_long! {
    /// Classes by the Gumbel-max trick.
    by_gumbel_max: accept, LONG, |draws| classes(draws, 110, |case| {
        let l = logits(case);
        move |rng: &mut Rng| gumbel_max::sample(&l, rng)
    });
    /// Classes by the inverse of the distribution function, from fresh logits.
    by_inverse_cdf: accept, LONG, |draws| classes(draws, 120, |case| {
        let l = logits(case);
        move |rng: &mut Rng| inverse_cdf::sample(&l, rng)
    });
    /// Classes by a table of thresholds.
    by_cdf: accept, LONG, |draws| classes(draws, 130, |case| {
        let cdf = Cdf::new(&logits::<f32>(case));
        move |rng: &mut Rng| cdf.sample::<L, _>(rng)
    });
    /// Classes by the alias table.
    by_alias_table: accept, LONG, |draws| classes(draws, 140, |case| {
        let table = AliasTable::new(&logits::<f32>(case));
        move |rng: &mut Rng| table.sample::<L, _>(rng)
    });
    /// Classes by the exponential race.
    by_exponential_race: accept, LONG, |draws| classes(draws, 150, |case| {
        let race = ExponentialRace::new(&logits(case));
        move |rng: &mut Rng| race.sample(rng)
    });
    /// The hard class of a relaxed sample at a low temperature.
    by_gumbel_softmax: accept, 100_000_000, |draws| classes(draws, 160, |case| {
        let (l, tau) = (logits(case), Temperature::new(0.1).expect("a temperature"));
        move |rng: &mut Rng| GumbelSoftmax::sample(&l, tau, rng).hard()
    });
    /// The class of a straight-through sample, at `τ = 1`.
    by_straight_through: accept, 100_000_000, |draws| classes(draws, 170, |case| {
        let l = logits(case);
        move |rng: &mut Rng| StraightThrough::sample(&l, Temperature::ONE, rng).class()
    });
    /// Actions of a policy, with masked actions.
    by_reinforce: accept, LONG, |draws| [
        act(draws, 40, [0.0; 10]),
        act(draws, 41, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0]),
        act(draws, 42, [-6.0, 6.0, -4.0, 4.0, -2.0, 2.0, 0.0]),
        act(draws, 43, [8.0, 0.0]),
        act(draws, 44, [MASKED, 1.0, MASKED, -1.0, 0.0, MASKED]),
        act(draws, 45, [0.5]),
    ].into_iter().collect();
    /// Bernoulli variables, with logits up to ±14.
    of_bernoulli: accept, LONG, bernoulli;
    /// Negative control: another logit.
    wrong_bernoulli_is_rejected: reject, |draws| discrete(draws, 26, &[0.0, 2.01], |rng| {
        let b = Bernoulli::new(L::splat(if draws > QUICK { 2.0 } else { 2.1 })).expect("a finite logit");
        Words::select(b.sample(rng), Words::splat(1), Words::splat(0))
    });
    /// Normal distribution with a mean and a deviation, both tails.
    of_gaussian: accept, LONG, |draws| normal_distribution(draws, f64::from(0.5_f32).exp());
    /// Negative control: a deviation that is off by a fiftieth.
    wrong_gaussian_is_rejected: reject, |draws| normal_distribution(draws, 1.02 * 0.5_f64.exp());
    /// Gumbel distribution with a location and a scale, both tails.
    of_gumbel: accept, LONG, |draws| gumbel_distribution(draws, 0.25);
    /// Negative control: a scale that is off by a fiftieth.
    wrong_gumbel_is_rejected: reject, |draws| gumbel_distribution(draws, 0.255);
    /// Several bits jointly.
    of_bernoullis: accept, LONG, |draws| bits(draws, BITS);
    /// Negative control: one wrong logit.
    wrong_bernoullis_are_rejected: reject, |draws| bits(draws, with(BITS, 1, 1.45));
    /// Negative control: bits that are not independent.
    tied_bernoullis_are_rejected: reject, tied_bits;
    /// Several classes jointly, one masked, one rare.
    of_categoricals: accept, LONG, |draws| variables(draws, CLASSES);
    /// Negative control: one wrong logit.
    wrong_categoricals_are_rejected: reject, |draws| variables(draws, with(CLASSES, 3, 0.05));
    /// Negative control: a class that is not masked.
    unmasked_categoricals_are_rejected: reject, |draws| variables(draws, with(CLASSES, 4, -8.0));
}
