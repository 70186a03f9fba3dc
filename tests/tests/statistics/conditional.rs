//! Perturbed logits given the sample. Over all samples, they have the unconditional distribution; given each sample,
//! they have the distribution of the perturbed logits that rejection keeps.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)); seeds are fixed.

use crate::common::{self, L, Verdict, accept, chi_square, lanes, quick_and_long, reject, repeat};
use samplegrad_core::{
    Bernoulli, Categoricals, Logits, conditional, inverse_cdf,
    lane::{Lane, Word},
    noise::{Uniform, gumbel},
    reduce,
};

const LONG: u64 = 50_000_000;

/// Checks the perturbed logit of a bit, drawn anew given the bit. Over both values of the bit, the distribution of the
/// perturbed logit must be unchanged.
fn conditional_bit(draws: u64, shift: f32) -> Verdict {
    let quantile = |p: f64, q: f64| 0.75 + p.ln() - q.ln();
    common::continuous(draws, 11, (3, 3), quantile, |rng| {
        let l = L::splat(0.75);
        let b = Bernoulli::new(l + shift).expect("a finite logit").sample(rng);
        let (z, _) = conditional::bit(b, l, Uniform::sample(rng));
        assert!(L::ZERO.lt(z) == b, "the sign of z̃ is not the bit's");
        z
    })
}

const CLASSES: [f32; 4] = [1.0, 0.0, -1.0, 2.0];

/// Checks the perturbed logits of all classes when the winner is drawn first. The logit of each class must have the
/// distribution `Gumbel(ln p_k)`, and the logit of the winner must be the largest.
fn conditional_class(draws: u64) -> Verdict {
    let l = Logits::<4, L>::new(&CLASSES.map(L::splat)).expect("valid logits");
    let law = Categoricals::<4, L>::one(&l);
    let p = common::softmax(&CLASSES);
    let of = |k: usize| {
        let quantile = |lower: f64, upper: f64| {
            let exponential = if upper < lower { -(-upper).ln_1p() } else { -lower.ln() };
            p[k].ln() - exponential.ln()
        };
        common::continuous(draws, 12 + k as u64, (3, 3), quantile, |rng| {
            let class = inverse_cdf::sample(&l, rng);
            let v: [Uniform<L>; 4] = std::array::from_fn(|_| Uniform::sample(rng));
            let (mut z, mut jacobian_weight) = ([L::ZERO; 4], [L::ZERO; 4]);
            conditional::class(class, law.log_probabilities(), &v, &mut z, &mut jacobian_weight);
            assert!(reduce::arg_max(&z).0 == class, "another class wins");
            z[k]
        })
    };
    (0..4).map(|k| of(k).within(format!("class {k}"))).collect()
}

/// Checks whether two samples, counted in the same cells, come from one distribution. Cells with low counts are merged.
fn same_law(one: &[u64], other: &[u64]) -> Verdict {
    let [n, m] = [one, other].map(|counts| counts.iter().sum::<u64>() as f64);
    let pairs = || one.iter().zip(other).map(|(&a, &b)| (a as f64, b as f64));
    let (common, rare): (Vec<_>, Vec<_>) = pairs().partition(|(a, b)| a + b >= 1000.0);
    let rare = rare.into_iter().fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
    let cells = common.into_iter().chain((rare.0 + rare.1 >= 1000.0).then_some(rare));
    let (statistic, cells) = cells.fold((0.0, 0_usize), |(sum, cells), (a, b)| {
        let difference = a * (m / n).sqrt() - b * (n / m).sqrt();
        (sum + difference * difference / (a + b), cells + 1)
    });
    Verdict::new(format!("{cells} cells"), chi_square(statistic, cells.saturating_sub(1)))
}

/// Returns the cell of a number, among `count` cells of this width centred on zero.
fn cell(z: f32, width: f32, count: usize) -> usize {
    ((z / width + count as f32 * 0.5).max(0.0) as usize).min(count - 1)
}

/// Compares two draws of a bit's perturbed logit: by rejection (`z = l + logit u` with the bit's sign), and given the
/// bit.
fn bit_by_rejection(draws: u64, shift: f32) -> Verdict {
    const CELLS: usize = 1024;
    let of = |logit: f32| {
        let mut kept = [[0_u64; CELLS]; 2];
        let mut drawn = [[0_u64; CELLS]; 2];
        repeat(draws, 51, |rng| {
            for z in lanes(Uniform::sample(rng).logit() + logit) {
                kept[usize::from(z > 0.0)][cell(z, 1.0 / 32.0, CELLS)] += 1;
            }
            let v = Uniform::sample(rng);
            for b in [false, true] {
                let b_lanes = L::ZERO.lt(L::splat(f32::from(u8::from(b))));
                for z in lanes(conditional::bit(b_lanes, L::splat(logit + shift), v).0) {
                    drawn[usize::from(b)][cell(z, 1.0 / 32.0, CELLS)] += 1;
                }
            }
        });
        (0..2).map(|b| same_law(&kept[b], &drawn[b]).within(format!("bit {b} of logit {logit}"))).collect()
    };
    [-2.0, 0.5].map(of).into_iter().collect::<Verdict>()
}

/// Compares two joint draws for three classes: by rejection (`z = ln p + G` where the class wins), and given the class.
fn class_by_rejection(draws: u64, power: f32) -> Verdict {
    const SIDE: usize = 14;
    const CELLS: usize = SIDE * SIDE * SIDE;
    let logits = [0.5_f32, -1.0, 1.0].map(L::splat);
    let law = Categoricals::<3, L>::new(&[3], &logits).expect("valid logits");
    let log_p = law.log_probabilities();
    let place =
        |z: &[L; 3], lane: usize| z.iter().fold(0, |place, z| place * SIDE + cell(z.extract(lane) - 0.5, 0.6, SIDE));
    let given: Vec<L> = log_p.iter().map(|&l| l * power).collect();
    let mut kept = vec![[0_u64; CELLS]; 3];
    let mut drawn = vec![[0_u64; CELLS]; 3];
    let mut turn = 0_u32;
    repeat(draws, 52, |rng| {
        let z: [L; 3] = std::array::from_fn(|k| log_p[k] + gumbel::sample::<L, _>(rng));
        let class = reduce::arg_max(&z).0;
        for lane in 0..L::LANES {
            kept[class.extract(lane) as usize][place(&z, lane)] += 1;
        }
        // Lanes and draws cycle through the classes.
        turn += 1;
        let class = <L as Lane>::Word::from_fn(|lane| (turn + lane as u32) % 3);
        let v: [Uniform<L>; 3] = std::array::from_fn(|_| Uniform::sample(rng));
        let (mut z, mut jacobian_weight) = ([L::ZERO; 3], [L::ZERO; 3]);
        conditional::class(class, &given, &v, &mut z, &mut jacobian_weight);
        for lane in 0..L::LANES {
            drawn[class.extract(lane) as usize][place(&z, lane)] += 1;
        }
    });
    (0..3).map(|b| same_law(&kept[b], &drawn[b]).within(format!("class {b}"))).collect()
}

quick_and_long! {
    /// Conditional noise of a bit.
    conditional_noise_of_a_bit: accept, LONG, |draws| conditional_bit(draws, 0.0);
    /// Negative control: bits of another logit.
    wrong_bits_are_rejected: reject, |draws| conditional_bit(draws, 0.05);
    /// Conditional noise of classes.
    conditional_noise_of_classes: accept, LONG / 4, conditional_class;
    /// Bits against rejection.
    bits_against_rejection: accept, LONG, |draws| bit_by_rejection(draws, 0.0);
    /// Negative control: another logit.
    wrong_logits_are_rejected: reject, |draws| bit_by_rejection(draws, 0.05);
    /// Classes against rejection.
    classes_against_rejection: accept, LONG, |draws| class_by_rejection(draws, 1.0);
    /// Negative control: other probabilities.
    wrong_probabilities_are_rejected: reject, |draws| class_by_rejection(draws, 1.05);
}
