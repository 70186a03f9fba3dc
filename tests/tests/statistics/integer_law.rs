//! Exact distributions of the integer samplers, by enumeration of the uniforms: total variation from softmax.
//!
//! The distance includes the rounding of the logits to 2^−16: the distribution is compared with the softmax of the
//! requested logits.

use samplegrad_core::{
    integer::{self, FixedLogits, FixedWeights, gumbel_max},
    lane::{Lane, Word},
};
use samplegrad_host::F32x16;

const K: usize = 10;
/// Promised bound on the total variation for every set of logits.
const PROMISED: f64 = 1e-5;

/// Returns sets of logits, in nats.
fn sets() -> [(&'static str, [f32; K]); 4] {
    let one = |l: f32| core::array::from_fn(|k| if k == 3 { l } else { 0.0 });
    let spread = core::array::from_fn(|k| (-6.0 + 12.0 * k as f64 / 9.0) as f32);
    [("flat", [0.0; K]), ("one at +6", one(6.0)), ("spread ±6", spread), ("one at +12", one(12.0))]
}

fn softmax(logits: &[f32; K]) -> [f64; K] {
    let e = logits.map(|l| f64::from(l).exp());
    let sum: f64 = e.iter().sum();
    e.map(|e| e / sum)
}

fn total_variation(law: &[f64; K], logits: &[f32; K]) -> f64 {
    let sum: f64 = law.iter().sum();
    assert!((sum - 1.0).abs() < 1e-9, "the law sums to {sum}");
    0.5 * law.iter().zip(softmax(logits)).map(|(p, q)| (p - q).abs()).sum::<f64>()
}

/// Returns `⌈c · 2^32 / total⌉`: the first word whose share of the total reaches `c`.
fn threshold(c: u64, total: u64) -> u64 {
    (c << 32).div_ceil(total)
}

/// Returns the distribution of inverse-CDF sampling with integer weights: the numbers of words between thresholds.
fn law_of_weights(weights: &[u64; K]) -> [f64; K] {
    let total = weights.iter().sum();
    let mut running = 0;
    weights.map(|w| {
        let first = threshold(running, total);
        running += w;
        (threshold(running, total) - first) as f64 / 4_294_967_296.0
    })
}

#[test]
fn inverse_cdf() {
    for (name, logits) in sets() {
        let weights = FixedWeights::<K>::new(&FixedLogits::from_nats(&logits).unwrap());
        let law = law_of_weights(&weights.as_array().map(u64::from));
        let distance = total_variation(&law, &logits);
        println!("inverse CDF, {name:10}: total variation {distance:.2e}");
        assert!(distance <= PROMISED, "{name}: {distance:e}");

        // The drawn class never falls as the word grows, so it suffices to check the words on both sides of each
        // threshold.
        let total = u64::from(weights.total());
        let mut running = 0;
        for (class, &w) in (0..).zip(weights.as_array()) {
            running += u64::from(w);
            let next = threshold(running, total);
            assert_eq!(weights.draw((next - 1) as u32), class, "{name}: below threshold {class}");
            if let Ok(word) = u32::try_from(next) {
                assert_eq!(weights.draw(word), class + 1, "{name}: at threshold {class}");
            }
        }
        assert_eq!(running, total);
    }
}

/// Checks that the test rejects a sampler whose table index has half as many bits.
#[test]
fn inverse_cdf_from_a_coarser_table_is_rejected() {
    let worst = sets().map(|(name, logits)| {
        let fixed = FixedLogits::<K>::from_nats(&logits).unwrap();
        let max = fixed.as_array().iter().map(|&l| l as i32).max().unwrap();
        let coarse = |d: u32| {
            let node = |d: u32| u64::from(integer::exp2(d));
            let (start, inside) = (d & !0x1fff, u64::from(d & 0x1fff));
            (node(start) * (0x2000 - inside) + node(start + 0x2000) * inside) >> 15
        };
        let law = law_of_weights(&fixed.as_array().map(|l| coarse((max - l as i32) as u32)));
        let distance = total_variation(&law, &logits);
        println!("8 steps instead of 128, {name:10}: total variation {distance:.2e}");
        distance
    });
    assert!(worst.into_iter().any(|distance| distance > PROMISED));
}

/// Number of enumerated words of noise: all 2^24, or fewer without optimisation.
const WORDS: usize = if cfg!(debug_assertions) { 1 << 18 } else { 1 << 24 };

/// Distribution of a key: each possible key in order, and the number of words that give a smaller key; the last entry
/// is the total.
struct Keys {
    keys: Vec<i64>,
    below: Vec<f64>,
}

impl Keys {
    fn enumerate(key: impl Fn(<F32x16 as Lane>::Word) -> <F32x16 as Lane>::Word) -> Self {
        let stride = ((1_u64 << 32) / WORDS as u64) as u32;
        let mut all = Vec::with_capacity(WORDS);
        for first in (0..WORDS as u32).step_by(F32x16::LANES) {
            // The middle of the range of words that this word represents.
            let words = Word::from_fn(|lane| (first + lane as u32) * stride + stride / 2);
            all.extend(key(words).to_array().map(|key| key as i32));
        }
        all.sort_unstable();
        let (mut keys, mut below) = (Vec::new(), Vec::new());
        for (place, &key) in all.iter().enumerate() {
            if keys.last() != Some(&i64::from(key)) {
                keys.push(i64::from(key));
                below.push(place as f64 / WORDS as f64);
            }
        }
        below.push(1.0);
        Self { keys, below }
    }

    /// Returns the distribution of the largest `key − offset` for independent keys; ties select the first class.
    fn law_of_the_largest(&self, offsets: &[i32; K]) -> [f64; K] {
        let mut kinds = offsets.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        core::array::from_fn(|winner| {
            // For each offset, the number of classes before the winner that have it, and the number after.
            let count = |range: core::ops::Range<usize>, kind: i32| {
                offsets[range].iter().filter(|&&offset| offset == kind).count() as i32
            };
            let others = kinds.iter().map(|&kind| (kind, count(0..winner, kind), count(winner + 1..K, kind)));
            let mut others: Vec<_> = others
                .filter(|&(_, before, after)| before + after > 0)
                .map(|(kind, before, after)| (i64::from(kind - offsets[winner]), before, after, 0))
                .collect();
            let mut wins = 0.0;
            for (key, mass) in self.keys.iter().zip(self.below.windows(2)) {
                let mut all_lower = mass[1] - mass[0];
                for (apart, before, after, place) in &mut others {
                    let bar = key + *apart;
                    while self.keys.get(*place).is_some_and(|&other| other < bar) {
                        *place += 1;
                    }
                    let tie = usize::from(self.keys.get(*place) == Some(&bar));
                    let (lower, not_higher) = (self.below[*place], self.below[*place + tie]);
                    all_lower *= match (*before, *after) {
                        (1, 0) => lower,
                        (0, 1) => not_higher,
                        (before, after) => lower.powi(before) * not_higher.powi(after),
                    };
                }
                wins += all_lower;
            }
            wins
        })
    }
}

fn offsets(logits: &[f32; K]) -> [i32; K] {
    let fixed = FixedLogits::<K>::from_nats(logits).unwrap().as_array().map(|l| l as i32);
    let max = fixed.into_iter().max().unwrap();
    fixed.map(|l| (max - l).min(64 << 16) << 8)
}

#[test]
fn gumbel_max() {
    let keys = Keys::enumerate(gumbel_max::noise);
    let allowed = PROMISED * if cfg!(debug_assertions) { 30.0 } else { 1.0 };
    for (name, logits) in sets() {
        let distance = total_variation(&keys.law_of_the_largest(&offsets(&logits)), &logits);
        println!("Gumbel-max, {name:10}: total variation {distance:.2e}");
        assert!(distance <= allowed, "{name}: {distance:e}");
    }
}

/// Checks that the sampler draws the class with the largest enumerated key.
#[test]
fn gumbel_max_takes_the_largest_key() {
    let mut state = 1_u32;
    let mut word = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state ^ state >> 15
    };
    for (name, logits) in sets() {
        let fixed = FixedLogits::<K>::from_nats(&logits).unwrap();
        for _ in 0..10_000 {
            let words = core::array::from_fn(|_| word());
            let offsets = offsets(&logits);
            let keys: [i32; K] = core::array::from_fn(|k| gumbel_max::noise(words[k]) as i32 - offsets[k]);
            let largest = keys.into_iter().max().unwrap();
            let first = keys.iter().position(|&key| key == largest).unwrap();
            assert_eq!(gumbel_max::draw(&fixed, &words) as usize, first, "{name}");
        }
    }
}

/// Checks that the test rejects noise with 10 fractional bits, whose ties select the first class.
#[test]
fn gumbel_max_with_coarser_noise_is_rejected() {
    let keys = Keys::enumerate(|word| gumbel_max::noise(word).shr_signed(14).shl(14));
    let (name, logits) = sets()[0];
    let distance = total_variation(&keys.law_of_the_largest(&offsets(&logits)), &logits);
    println!("10 bits of noise, {name:10}: total variation {distance:.2e}");
    assert!(distance > PROMISED);
}
