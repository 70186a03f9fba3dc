//! Tests that compare the elementary functions, in one lane and in several lanes, with `libm`, bit for bit. Functions
//! of this library that use special instructions in some vectors are compared with their results in one lane.
//!
//! By default, the tests check every 10 007th bit pattern (a prime, so that no mantissa pattern is favoured) and all
//! edges. This command checks all 2^32 bit patterns: `cargo test --release -p samplegrad-host --test
//! elementary_exhaustive -- --ignored`.

use samplegrad_core::{Temperature, elementary, lane::Lane, noise::gumbel, relaxed_race::RelaxedRace};
use samplegrad_host::{F32x4, F32x8, F32x16, Kernel, Lanes, Vector};

/// A function as the scalar original and in lanes.
struct Function<L> {
    name: &'static str,
    scalar: fn(f32) -> f32,
    lanes: fn(L) -> L,
}

/// Computes the Gumbel number of the word that has these bits.
#[inline(always)]
fn gumbel_of_word<L: Lane>(x: L) -> L {
    gumbel::of_word(x.to_bits())
}

/// Computes `e^(−|x|)`, as the weights of a relaxed race do.
#[inline(always)]
fn weight<L: Lane>(x: L) -> L {
    RelaxedRace::at(Temperature::ONE).map_or(x, |race| race.weight(-x.abs(), L::ONE))
}

fn functions<L: Lane>() -> [Function<L>; 10] {
    [
        Function { name: "ln", scalar: libm::logf, lanes: L::ln },
        Function { name: "exp", scalar: libm::expf, lanes: L::exp },
        Function { name: "ln_1p", scalar: libm::log1pf, lanes: L::ln_1p },
        Function { name: "sqrt", scalar: libm::sqrtf, lanes: L::sqrt },
        Function { name: "Gumbel number", scalar: gumbel_of_word, lanes: gumbel_of_word },
        Function { name: "weight", scalar: weight, lanes: weight },
        Function { name: "sin", scalar: elementary::sin, lanes: elementary::sin },
        Function { name: "cos", scalar: elementary::cos, lanes: elementary::cos },
        Function { name: "tanh", scalar: elementary::tanh, lanes: elementary::tanh },
        Function {
            name: "ln of tanh's derivative",
            scalar: elementary::ln_tanh_derivative,
            lanes: elementary::ln_tanh_derivative,
        },
    ]
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Checks the bit patterns `first, first + stride, …` below 2^32 and returns their number.
fn check<L: Lane>(function: &Function<L>, first: u64, stride: u64) -> u64 {
    let mut bits = first;
    let mut checked = 0;
    while bits < 1 << 32 {
        // Beyond the end the last pattern repeats.
        let input = |lane: usize| (bits + lane as u64 * stride).min(u64::from(u32::MAX)) as u32;
        let result = (function.lanes)(L::from_fn(|lane| f32::from_bits(input(lane))));
        for lane in 0..L::LANES {
            let x = f32::from_bits(input(lane));
            let (expected, found) = ((function.scalar)(x), result.extract(lane));
            assert!(
                same(expected, found),
                "{} in {} lanes at {x:e} ({:#010x}): {found:e} ({:#010x}), expected {expected:e} ({:#010x})",
                function.name,
                L::LANES,
                x.to_bits(),
                found.to_bits(),
                expected.to_bits(),
            );
        }
        bits += stride * L::LANES as u64;
        checked += L::LANES as u64;
    }
    checked
}

/// The number of functions, at the end of the list, whose single-lane version is the reference itself.
const CALLED: usize = 8;

fn check_all<L: Lane>(stride: u64) {
    let own = if L::LANES == 1 { CALLED } else { 0 };
    for function in functions::<L>().into_iter().rev().skip(own) {
        let checked: u64 = std::thread::scope(|scope| {
            let threads = std::thread::available_parallelism().map_or(2, |n| n.get() as u64);
            let function = &function;
            let work = (0..threads).map(|t| scope.spawn(move || check(function, t * stride, threads * stride)));
            work.collect::<Vec<_>>().into_iter().map(|t| t.join().expect("a thread found a difference")).sum()
        });
        assert!(checked >= (1 << 32) / stride);
        println!("{} in {} lanes: {checked} inputs equal", function.name, L::LANES);
    }
}

/// The check of every bit pattern on a stride, in vectors that are chosen at run time.
struct OnStride(u64);

impl Kernel for OnStride {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        check_all::<V>(self.0);
    }
}

#[test]
fn on_a_stride() {
    check_all::<f32>(10_007);
    check_all::<F32x4>(10_007);
    check_all::<F32x8>(10_007);
    check_all::<F32x16>(10_007);
    Lanes::Eight.run(OnStride(10_007));
    Lanes::Sixteen.run(OnStride(10_007));
}

/// Some neighbouring inputs and their results by `libm`. `libm` takes longer than all vectors, so it is called once per
/// input.
#[derive(Clone, Copy)]
struct Patterns<'a> {
    function: usize,
    first: u32,
    expected: &'a [f32],
}

impl Kernel for Patterns<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Vector>(self) {
        self.check::<V>();
    }
}

impl Patterns<'_> {
    /// The number of inputs checked at a time.
    const COUNT: usize = 1 << 12;

    #[inline(always)]
    fn check<L: Lane>(self) {
        let name = functions::<L>()[self.function].name;
        for start in (0..self.expected.len()).step_by(L::LANES) {
            let x = L::from_fn(|lane| f32::from_bits(self.first + (start + lane) as u32));
            // No function pointer: a function that is not inlined is not compiled for the instructions of the vector.
            let result = match name {
                "ln" => x.ln(),
                "exp" => x.exp(),
                "ln_1p" => x.ln_1p(),
                "sqrt" => x.sqrt(),
                "Gumbel number" => gumbel_of_word(x),
                "weight" => weight(x),
                "sin" => elementary::sin(x),
                "cos" => elementary::cos(x),
                "tanh" => elementary::tanh(x),
                _ => elementary::ln_tanh_derivative(x),
            };
            for lane in 0..L::LANES {
                let (expected, found) = (self.expected[start + lane], result.extract(lane));
                let bits = self.first + (start + lane) as u32;
                assert!(
                    same(expected, found),
                    "{name} in {} lanes at {bits:#010x}: {found:e}, expected {expected:e}",
                    L::LANES
                );
            }
        }
    }

    fn check_everywhere(self) {
        if self.function < functions::<f32>().len() - CALLED {
            self.check::<f32>();
        }
        self.check::<F32x4>();
        // Without AVX, the wider vectors of `wide` are pairs of narrower vectors. The vectors chosen at run time have
        // the same code in every build. So each instruction of a native and a default build is checked once.
        if cfg!(target_feature = "avx2") {
            self.check::<F32x8>();
            self.check::<F32x16>();
        } else {
            Lanes::Eight.run(self);
            Lanes::Sixteen.run(self);
        }
    }
}

#[test]
#[ignore = "all 2^32 inputs: minutes, in a release build"]
fn on_every_input() {
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get() as u32);
    for (number, function) in functions::<f32>().iter().enumerate() {
        let blocks = (1_u64 << 32).div_ceil(Patterns::COUNT as u64) as u32;
        let checked: u64 = std::thread::scope(|scope| {
            let work = (0..threads).map(|thread| {
                scope.spawn(move || {
                    let (mut expected, mut checked) = (vec![0.0; Patterns::COUNT], 0);
                    for block in (thread..blocks).step_by(threads as usize) {
                        let first = block * Patterns::COUNT as u32;
                        for (bits, expected) in (first..=u32::MAX).zip(&mut expected) {
                            *expected = (function.scalar)(f32::from_bits(bits));
                        }
                        Patterns { function: number, first, expected: &expected }.check_everywhere();
                        checked += expected.len() as u64;
                    }
                    checked
                })
            });
            work.collect::<Vec<_>>().into_iter().map(|t| t.join().expect("a thread found a difference")).sum()
        });
        assert_eq!(checked, 1 << 32);
        println!("{}: {checked} inputs equal in every width", function.name);
    }
}

/// Checks every number at which one of the algorithms changes its branch, with its neighbours.
#[test]
fn at_the_edges() {
    const EDGES: [u32; 32] = [
        0x0000_0000,
        0x0000_0001,
        0x007f_ffff,
        0x0080_0000,
        0x3380_0000,
        0x3900_0000,
        0x3e95_f619,
        0x3eb1_7218,
        0x3ed4_13d0,
        0x3f35_04f3,
        0x3f80_0000,
        0x3f85_1592,
        0x3fb5_04f3,
        0x42ae_ac50,
        0x42b1_7218,
        0x42cf_f1b5,
        0x4c00_0000,
        0x7f00_0000,
        0x7f7f_ffff,
        0x7f80_0000,
        0x7f80_0001,
        0x7fc0_0000,
        0x7fff_ffff,
        0x4b80_0000,
        0x3f00_0000,
        0x4f80_0000,
        0x3f20_0000,
        0x3f40_0000,
        0x3f49_0fdb,
        0x3fc9_0fdb,
        0x4549_1000,
        0x6f79_be45,
    ];
    fn at<L: Lane>(bits: u32) {
        for function in functions::<L>() {
            // The other lanes hold ordinary numbers, so that the special case of one lane runs next to them.
            for place in 0..L::LANES {
                let x = L::from_fn(|lane| if lane == place { f32::from_bits(bits) } else { 0.5 + lane as f32 });
                let result = (function.lanes)(x);
                for lane in 0..L::LANES {
                    let expected = (function.scalar)(x.extract(lane));
                    assert!(same(expected, result.extract(lane)), "{} at {bits:#010x}", function.name);
                }
            }
        }
    }
    for edge in EDGES {
        for sign in [0, 0x8000_0000] {
            for bits in [edge.wrapping_sub(1), edge, edge.wrapping_add(1)] {
                at::<f32>(bits ^ sign);
                at::<F32x4>(bits ^ sign);
                at::<F32x8>(bits ^ sign);
                at::<F32x16>(bits ^ sign);
            }
        }
    }
}
