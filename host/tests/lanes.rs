//! Tests that compare every operation of the lanes with the scalar operation, bit for bit, for edge cases and random
//! bit patterns.

use rand_core::Rng;
use samplegrad_core::{
    lane::{Lane, Mask, Word},
    stream,
};
use samplegrad_host::{F32x4, F32x8, F32x16, Kernel, Lanes, Vector};

/// Difficult bit patterns: zeros, subnormals, ends of integer ranges as floats, infinities, NaN.
const EDGES: [u32; 22] = [
    0x0000_0000,
    0x8000_0000,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x0080_0000,
    0x3f00_0000,
    0x3f80_0000,
    0xbf80_0000,
    0x4b7f_ffff,
    0x4b80_0000,
    0x4eff_ffff,
    0x4f00_0000,
    0x4f7f_ffff,
    0x4f80_0000,
    0xcf00_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffff_ffff,
];

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn check_pair<L: Lane>(a: &[u32], b: &[u32]) {
    let pick = |x: &[u32], lane: usize| x[lane % x.len()];
    let (x, y) =
        (L::from_bits(L::Word::from_fn(|lane| pick(a, lane))), L::from_bits(L::Word::from_fn(|lane| pick(b, lane))));
    let (v, w) = (x.to_bits(), y.to_bits());
    for lane in 0..L::LANES {
        let (p, q) = (pick(a, lane), pick(b, lane));
        let (s, t) = (f32::from_bits(p), f32::from_bits(q));
        let float = |name: &str, found: L, expected: f32| {
            let found = found.extract(lane);
            assert!(same(found, expected), "{name} of {p:#x} and {q:#x}: {found:e}, expected {expected:e}");
        };
        let word = |name: &str, found: L::Word, expected: u32| {
            assert_eq!(found.extract(lane), expected, "{name} of {p:#x} and {q:#x}");
        };
        let mask = |name: &str, found: L::Mask, expected: bool| {
            assert_eq!(found.extract(lane), expected, "{name} of {p:#x} and {q:#x}");
        };
        float("+", x + y, s + t);
        float("-", x - y, s - t);
        float("*", x * y, s * t);
        float("/", x / y, s / t);
        float("+ splat", x + 0.1, s + 0.1);
        float("- splat", x - 0.1, s - 0.1);
        float("* splat", x * 0.1, s * 0.1);
        float("/ splat", x / 0.1, s / 0.1);
        float("neg", -x, -s);
        float("abs", x.abs(), Lane::abs(s));
        float("max", x.max(y), Lane::max(s, t));
        float("min", x.min(y), Lane::min(s, t));
        float("recip", x.recip(), Lane::recip(s));
        float("from_word", L::from_word(v), p as f32);
        float("from_small", L::from_small(v.shr(8)), (p >> 8) as f32);
        float("from_signed", L::from_signed(v), p as i32 as f32);
        let (zeros, below) = L::normalized(v);
        float("normalized, zeros", zeros, p.leading_zeros() as f32);
        // Twice the expected number is an integer.
        let twice = ((2 * u128::from(p) + 1) << p.leading_zeros()) as i128 - (1 << 33);
        let half = if p >> 31 == 1 { 2 * (i128::from(p) - (1 << 32)) } else { twice };
        float("normalized, below", below, (half as f64 / 2.0) as f32);
        if s.is_normal() && s > 0.0 {
            let mantissa = x.mantissa().extract(lane);
            assert!((0.75..1.5).contains(&mantissa), "mantissa of {s:e}: {mantissa}");
            assert_eq!(s.to_bits().wrapping_sub(mantissa.to_bits()) % (1 << 23), 0, "mantissa of {s:e}: {mantissa}");
        }
        if s.abs() < 4_194_304.0 {
            let (rest, power) = x.split_integer();
            // The sign of a zero may differ.
            float("split_integer", rest + 0.0, s - s.round_ties_even() + 0.0);
            if s.abs() < 120.0 {
                float("times_power", L::splat(1.25).times_power(power), 1.25 * s.round_ties_even().exp2());
            }
        }
        float("select", L::select(x.lt(y), x, y), if s < t { s } else { t });
        mask("lt", x.lt(y), s < t);
        mask("gt", x.gt(y), s > t);
        mask("equals", x.equals(y), s == t);
        mask(
            "not, and, or",
            x.lt(y).not().and(x.gt(y).or(x.equals(x))),
            (s >= t || s.is_nan() || t.is_nan()) && (s > t || !s.is_nan()),
        );
        word("to_bits", v, p);
        word("to_word", x.to_word(), s as u32);
        word("wrapping_add", v.wrapping_add(w), p.wrapping_add(q));
        word("wrapping_sub", v.wrapping_sub(w), p.wrapping_sub(q));
        word("wrapping_mul", v.wrapping_mul(w), p.wrapping_mul(q));
        word("mul_high", v.mul_high(w), Word::mul_high(p, q));
        word("xor", v.xor(w), p ^ q);
        word("and", v.and(w), p & q);
        word("or", v.or(w), p | q);
        word("not", v.not(), !p);
        word("select", L::Word::select(v.lt(w), v, w), p.min(q));
        mask("word equals", v.equals(w), p == q);
        mask("lt_signed", v.lt_signed(w), (p as i32) < q as i32);
        word("shl_by", v.shl_by(w), p.checked_shl(q).unwrap_or(0));
        word("shr_by", v.shr_by(w), p.checked_shr(q).unwrap_or(0));
        let few = w.and(L::Word::splat(63));
        word("shl_by few", v.shl_by(few), p.checked_shl(q % 64).unwrap_or(0));
        word("shr_by few", v.shr_by(few), p.checked_shr(q % 64).unwrap_or(0));
        let some = w.and(L::Word::splat(31));
        word("rotate_left_by", v.rotate_left_by(some), p.rotate_left(q % 32));
        word("rotate_left_by 32", v.rotate_left_by(L::Word::splat(32)), p);
        word("leading_zeros", v.shr_by(few).leading_zeros(), p.checked_shr(q % 64).unwrap_or(0).leading_zeros());
        word("gather", L::Word::gather(&[5, 7, p], w.and(L::Word::splat(3))), [5, 7, p, 0][q as usize % 4]);
        for bits in [0, 1, 11, 31] {
            word("shr_signed", v.shr_signed(bits), ((p as i32) >> bits) as u32);
            word("shl", v.shl(bits), p << bits);
            word("shr", v.shr(bits), p >> bits);
        }
    }
}

fn check_tables<L: Lane>() {
    let table: [L; 3] = core::array::from_fn(|k| L::from_fn(|lane| (10 * k + lane) as f32));
    let index = L::Word::from_fn(|lane| lane as u32 % 4);
    let found = L::gather(&table, index);
    let mut added = table;
    L::add_at(&mut added, index, L::splat(0.5));
    // Zeros of either sign keep their bits in columns that no lane selects.
    let rows: [[L; 3]; 2] = [table, [-L::ZERO, L::ZERO, L::ONE]];
    let x = core::array::from_fn(|d| L::from_fn(|lane| d as f32 * 0.1 + lane as f32));
    let step = L::from_fn(|lane| 0.3 - lane as f32);
    let mut moved = rows;
    L::add_outer_at(&mut moved, index, &x, step);
    for lane in 0..L::LANES {
        let (index, of_lane) = (lane as u32 % 4, table.map(|x| x.extract(lane)));
        assert_eq!(found.extract(lane), <f32 as Lane>::gather(&of_lane, index));
        let mut expected = of_lane;
        <f32 as Lane>::add_at(&mut expected, index, 0.5);
        assert_eq!(added.map(|x| x.extract(lane)), expected);
        let mut expected = rows.map(|row| row.map(|w| w.extract(lane)));
        <f32 as Lane>::add_outer_at(&mut expected, index, &x.map(|x| x.extract(lane)), step.extract(lane));
        assert_eq!(moved.map(|row| row.map(|w| w.extract(lane).to_bits())), expected.map(|row| row.map(f32::to_bits)));
    }
    assert_eq!(index.extract(1000), index.extract(L::LANES - 1));
    assert!(L::Mask::from_fn(|lane| lane == 0).any());
    assert!(!L::Mask::from_fn(|lane| lane == 0).all());
    assert!(L::Mask::splat(true).all());
}

/// Checks that skipped rows would not have changed a bit, for zeros of either sign in features, weights and sums.
fn check_rows<L: Lane>() {
    const NUMBERS: [f32; 6] = [0.0, -0.0, 1.5, -0.75, f32::MIN_POSITIVE, -3e-45];
    let mut rng = stream::xorshift(9, 0);
    for round in 0..2000 {
        let mut any = || NUMBERS[rng.next_u32() as usize % NUMBERS.len()];
        let rows: [[L; 9]; 5] = [(); 5].map(|()| [(); 9].map(|()| L::from_fn(|_| any())));
        let x: [L; 5] = [(); 5].map(|()| if any() > 0.0 { L::from_fn(|_| any()) } else { L::splat(any()) * 0.0 });
        // Sums with and without −0.
        let bias = [(); 9].map(|()| L::from_fn(|_| if round % 2 == 0 { any() } else { any().max(0.0).abs() }));
        let mut sums = bias;
        L::add_rows(&mut sums, &rows, &x);
        for lane in 0..L::LANES {
            let mut expected = bias.map(|b| b.extract(lane));
            let rows = rows.map(|row| row.map(|w| w.extract(lane)));
            <f32 as Lane>::add_rows(&mut expected, &rows, &x.map(|x| x.extract(lane)));
            assert_eq!(sums.map(|sum| sum.extract(lane).to_bits()), expected.map(f32::to_bits));
        }
    }
}

fn check<L: Lane>() {
    for a in EDGES {
        for b in EDGES {
            check_pair::<L>(&[a, 0x3f80_0000, b], &[b, a, 0x4000_0000]);
        }
    }
    let mut rng = stream::xorshift(7, 0);
    let rounds = if cfg!(debug_assertions) { 2_000 } else { 200_000 };
    for _ in 0..rounds {
        let (a, b): ([u32; 16], [u32; 16]) = core::array::from_fn::<_, 16, _>(|_| (rng.next_u32(), rng.next_u32()))
            .into_iter()
            .enumerate()
            .fold(([0; 16], [0; 16]), |(mut a, mut b), (i, (x, y))| {
                (a[i], b[i]) = (x, y);
                (a, b)
            });
        check_pair::<L>(&a, &b);
    }
    check_tables::<L>();
    check_rows::<L>();
}

/// The checks in the vectors that are chosen at run time.
struct Check;

impl Kernel for Check {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        check::<V>();
    }
}

#[test]
fn avx2() {
    Lanes::Eight.run(Check);
}

#[test]
fn avx512() {
    Lanes::Sixteen.run(Check);
}

#[test]
fn four_lanes() {
    check::<F32x4>();
}

#[test]
fn eight_lanes() {
    check::<F32x8>();
}

#[test]
fn sixteen_lanes() {
    check::<F32x16>();
}

#[test]
fn lanes_have_words() {
    for lanes in Lanes::ALL {
        assert_eq!(lanes.to_string().parse(), Ok(lanes));
    }
    assert_eq!(Lanes::default(), Lanes::Widest);
    let error = "twelve".parse::<Lanes>().unwrap_err();
    assert_eq!(error.to_string(), "lanes: one of widest, one, four, eight, sixteen");
}
