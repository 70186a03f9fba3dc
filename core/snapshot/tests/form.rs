//! Tests of the binary format: its bytes, and all inputs that are refused.

mod common;

use common::{
    device::{Fresh, Large, Small},
    payload::{KIND, around, bytes, invalid, kept, sealed},
};
use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    ActionModel, BITS, Constant, Decay, EntropyBonus, Features, LearningRate, LinearCritic, Logits, MovingAverage,
    Reinforce, Reward, Schedule, SoftmaxPolicy, Temperature, lane::Lane, linear_critic::Critic,
    optimal_baseline::OptimalBaseline, stream,
};
use samplegrad_host::F32x4;
use samplegrad_snapshot::{Error, Kind, OVERHEAD, VERSION, bits_of, decode, encode, encoded_len};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Golden {
    policy: SoftmaxPolicy<2, 3>,
    average: MovingAverage,
    rate: LearningRate,
    schedule: Schedule,
    #[serde(with = "samplegrad_snapshot::generator")]
    generator: XorShiftRng,
    step: u32,
}

const GOLDEN: Kind = Kind::new("golden", &[2, 3]);

/// The bytes of a snapshot, computed from the documentation's tables by a program in another language.
const BYTES: [u8; 107] = [
    0x53, 0x47, 0x73, 0x6e, 0x02, 0x00, 0x00, 0x00, 0x37, 0xcc, 0x53, 0xe8, 0x34, 0xfb, 0x70,
    0x6f, // magic, version, kind
    0x4f, 0x00, 0x00, 0x00, // length
    0x02, 0x00, 0x00, 0x00, // bits
    0x00, 0x00, 0x00, 0x3f, 0x00, 0x00, 0x80, 0xbf, 0x00, 0x00, 0x00, 0x40, // weights of feature 0
    0x00, 0x00, 0x80, 0x3e, 0x00, 0x00, 0x40, 0x40, 0x00, 0x00, 0x00, 0xbe, // of feature 1
    0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0x80, 0xc2, 0x16, 0x01, 0x00, // bias
    0x00, 0x00, 0x80, 0x3e, 0x00, 0x00, 0x00, 0x3f, // average, decay
    0xcd, 0xcc, 0x4c, 0x3d, // rate
    0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0x3f, 0x03, 0x00, 0x00, 0xc8, 0x42, // schedule
    0x4a, 0x87, 0x3a, 0xdb, 0xa5, 0xe8, 0x5c, 0x57, 0x5c, 0x30, 0xb6, 0x79, 0x36, 0x62, 0x09, 0x4f, // generator
    0xac, 0x02, // step
    0x50, 0xcd, 0x62, 0xcb, // checksum
];

/// Builds the same snapshot in the format of release 0.1.0, with version 1 and without a number of the bits.
fn first_bytes() -> Vec<u8> {
    let header = [&BYTES[..4], &[1, 0, 0, 0], &BYTES[8..20]].concat();
    let bytes = [&header, &BYTES[24..103], &[0x8e, 0xd6, 0x87, 0x2b]].concat();
    assert_eq!(sealed(bytes[..99].to_vec()), bytes, "the checksum that release 0.1.0 wrote");
    bytes
}

fn golden() -> Golden {
    let (weights, bias) = ([[0.5, -1.0, 2.0], [0.25, 3.0, -0.125]], [1.0, -0.0, 1e-40]);
    Golden {
        policy: SoftmaxPolicy::from_weights(weights, bias).unwrap(),
        average: MovingAverage::starting_at(Reward::new(0.25).unwrap(), Decay::new(0.5).unwrap()),
        rate: LearningRate::new(0.05).unwrap(),
        schedule: Schedule::cosine(Temperature::ONE, Temperature::new(0.5).unwrap(), 100).unwrap(),
        generator: stream::xorshift(2026, 41),
        step: 300,
    }
}

#[test]
fn bytes_are_those_of_the_specification() {
    let mut buffer = [0; 128];
    assert_eq!(encode(GOLDEN, &golden(), &mut buffer), Ok(&BYTES[..]));
    assert_eq!(encoded_len(&golden()), Ok(BYTES.len()));
    assert_eq!((decode(GOLDEN, &BYTES), bits_of(&BYTES)), (Ok(golden()), Ok(BITS)));
    // Signs of zeros and subnormal numbers are kept.
    let again: Golden = decode(GOLDEN, &BYTES).unwrap();
    assert_eq!(again.policy.bias().map(f32::to_bits), golden().policy.bias().map(f32::to_bits));
    assert_eq!(Kind::new("", &[]).get(), 0xcbf2_9ce4_8422_2325);
}

/// Checks that snapshots of release 0.1.0 are read, and report bits 1.
#[test]
fn snapshots_of_the_first_release_are_read() {
    let bytes = first_bytes();
    assert_eq!((decode(GOLDEN, &bytes), bits_of(&bytes)), (Ok(golden()), Ok(1)));
    for length in 0..bytes.len() {
        let needed = if length < 8 {
            OVERHEAD
        } else if length < 24 {
            OVERHEAD - 4
        } else {
            bytes.len()
        };
        let refused = Error::Truncated { needed, found: length };
        assert_eq!(decode::<Golden>(GOLDEN, &bytes[..length]), Err(refused));
    }
    for bit in 0..8 * bytes.len() {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(decode::<Golden>(GOLDEN, &bytes).is_err(), "bit {bit}");
    }
}

fn snapshot<D: Fresh>(steps: usize) -> (D, Vec<u8>) {
    let mut device = D::fresh();
    (0..steps).for_each(|_| device.learn());
    let mut buffer = vec![0; 8192];
    let bytes = encode(D::KIND, &device, &mut buffer).unwrap().to_vec();
    (device, bytes)
}

/// Checks that the decoded device has the same bits, and the same later steps.
fn comes_back<D: Fresh + PartialEq + std::fmt::Debug>() {
    let (mut device, bytes) = snapshot::<D>(200);
    let mut again: D = decode(D::KIND, &bytes).unwrap();
    (0..100).for_each(|_| (device.learn(), again.learn()).0);
    let mut buffers = [vec![0; 8192], vec![0; 8192]];
    let [a, b] = &mut buffers;
    assert_eq!(encode(D::KIND, &device, a).unwrap(), encode(D::KIND, &again, b).unwrap());
}

#[test]
fn devices_come_back() {
    comes_back::<Small>();
    comes_back::<Large>();
}

#[test]
fn every_truncation_is_refused() {
    let (_, bytes) = snapshot::<Large>(20);
    for length in 0..bytes.len() {
        let found = decode::<Large>(Large::KIND, &bytes[..length]).unwrap_err();
        let needed = if length < OVERHEAD - 4 { OVERHEAD } else { bytes.len() };
        assert_eq!(found, Error::Truncated { needed, found: length });
    }
    let longer = [&bytes[..], &[0]].concat();
    let refused = Error::Trailing { needed: bytes.len(), found: longer.len() };
    assert_eq!(decode::<Large>(Large::KIND, &longer), Err(refused));
}

fn no_flipped_bit_is_missed<D: Fresh + PartialEq + std::fmt::Debug>() {
    let (device, mut bytes) = snapshot::<D>(20);
    let (_, before) = snapshot::<D>(30);
    let mut running: D = decode(D::KIND, &before).unwrap();
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        // Decodes as a program does.
        let error = match decode(D::KIND, &bytes) {
            Ok(loaded) => {
                running = loaded;
                None
            }
            Err(error) => Some(error),
        };
        let named = match bit / 8 {
            0..4 => error == Some(Error::NotASnapshot),
            4..8 => matches!(error, Some(Error::Version { supported: VERSION, .. })),
            16..20 => matches!(error, Some(Error::Truncated { .. } | Error::Trailing { .. })),
            _ => matches!(error, Some(Error::Damaged { .. })),
        };
        assert!(named, "bit {bit}: {error:?}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    let mut buffer = vec![0; 8192];
    assert_eq!(encode(D::KIND, &running, &mut buffer), Ok(&before[..]), "the running policy is another");
    assert_eq!(decode(D::KIND, &bytes), Ok(device));
}

#[test]
fn every_flipped_bit_is_refused() {
    no_flipped_bit_is_missed::<Small>();
    if !cfg!(debug_assertions) {
        no_flipped_bit_is_missed::<Large>();
    }
}

#[test]
fn other_versions_and_kinds_are_refused() {
    for version in [0, 3, 4, 256, u32::MAX] {
        let mut bytes = BYTES[..103].to_vec();
        bytes[4..8].copy_from_slice(&version.to_le_bytes());
        let refused = Error::Version { found: version, supported: VERSION };
        assert_eq!(decode::<Golden>(GOLDEN, &sealed(bytes)), Err(refused));
    }
    for other in [Kind::new("golden", &[3, 2]), Kind::new("gold", &[2, 3]), Kind::new("golden", &[2, 3, 0])] {
        let refused = Error::Kind { found: GOLDEN.get(), expected: other.get() };
        assert_eq!(decode::<Golden>(other, &BYTES), Err(refused));
    }
    let mut buffer = [0; 64];
    let refused = Error::TooLarge { needed: 107, capacity: 64 };
    assert_eq!(encode(GOLDEN, &golden(), &mut buffer), Err(refused));
    assert_eq!(buffer, [0; 64]);
    assert_eq!(decode::<Golden>(GOLDEN, b"PNG"), Err(Error::NotASnapshot));
}

/// Checks that an undamaged snapshot with values that constructors refuse is refused.
#[test]
fn values_that_constructors_refuse_are_refused() {
    const BAD: [f32; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    for bad in BAD {
        invalid::<SoftmaxPolicy<1, 2>>(&[&bytes([0.0, bad, 0.0, 0.0])]);
        invalid::<SoftmaxPolicy<1, 2>>(&[&bytes([0.0, 0.0, 0.0, bad])]);
        invalid::<LinearCritic<2>>(&[&bytes([0.0, bad, 0.0, 0.1])]);
        invalid::<ActionModel<1, 2>>(&[&bytes([0.0, 0.0, bad, 0.0, 0.1])]);
        invalid::<MovingAverage>(&[&bytes([bad, 0.5])]);
        invalid::<MovingAverage>(&[&bytes([0.5, bad])]);
        invalid::<Constant>(&[&bytes([bad])]);
        invalid::<OptimalBaseline>(&[&bytes([0.0, bad, 0.5])]);
        invalid::<Features<2>>(&[&bytes([0.0, bad])]);
        invalid::<Reward>(&[&bytes([bad])]);
        invalid::<LearningRate>(&[&bytes([bad])]);
        invalid::<Schedule>(&[&bytes([1.0, 1.0]), &[1], &bytes([bad])]);
        invalid::<Schedule>(&[&bytes([1.0, 1.0]), &[2], &bytes([bad])]);
    }
    invalid::<LinearCritic<1>>(&[&bytes([1e31, 0.0, 0.1])]);
    invalid::<Reinforce<1, 1, Constant>>(&[&bytes([0.0, 0.0, 0.0, 0.0, 0.0])]);
    invalid::<LearningRate>(&[&bytes([0.0])]);
    invalid::<Decay>(&[&bytes([1.5])]);
    invalid::<EntropyBonus>(&[&bytes([-1.0])]);
    invalid::<Temperature>(&[&bytes([0.0])]);
    invalid::<Constant>(&[&bytes([2e6])]);
    invalid::<Features<1>>(&[&bytes([2e6])]);
    invalid::<OptimalBaseline>(&[&bytes([0.0, -1.0, 0.5])]);
    for steps in [0.0, 0.5, -1.0, 1e20] {
        invalid::<Schedule>(&[&bytes([1.0, 1.0]), &[3], &bytes([steps])]);
    }
    // A shape that no schedule has.
    invalid::<Schedule>(&[&bytes([1.0, 1.0]), &[9]]);
    invalid::<Logits<2>>(&[&[0]]);
    invalid::<Logits<2>>(&[&[2], &bytes([0.0, f32::INFINITY])]);
    invalid::<Logits<2>>(&[&[2], &bytes([f32::NEG_INFINITY; 2])]);
    invalid::<Logits<2>>(&[&[3], &bytes([0.0; 3])]);
    #[derive(Debug, Deserialize)]
    struct Generator(
        #[allow(dead_code)]
        #[serde(with = "samplegrad_snapshot::generator")]
        XorShiftRng,
    );
    invalid::<Generator>(&[&[0; 16]]);
    // Too few bytes, then too many.
    for payload in [vec![0; 15], vec![1; 17]] {
        assert_eq!(decode::<Generator>(KIND, &around(KIND, &payload)).unwrap_err(), Error::Payload);
    }
}

#[test]
fn values_at_the_ends_of_their_ranges_are_kept() -> Result<(), samplegrad_core::Error> {
    kept(SoftmaxPolicy::<1, 2>::from_weights([[f32::MAX, f32::MIN]], [1e-45, -0.0])?);
    kept((LearningRate::new(1000.0)?, LearningRate::new(1e-45)?, Decay::new(0.0)?, Decay::new(1.0)?));
    kept((EntropyBonus::new(0.0)?, EntropyBonus::new(1000.0)?, Temperature::new(1e-10)?, Temperature::new(1e10)?));
    kept([Reward::new(-1e6_f32)?, Reward::new(1e6)?].map(Constant::new));
    kept(Schedule::constant(Temperature::ONE));
    kept(Schedule::annealed(1000.0)?);
    kept([1, u32::MAX].map(|steps| Schedule::linear(Temperature::ONE, Temperature::ONE, steps).unwrap()));
    kept(Logits::<3>::new(&[1e4, f32::NEG_INFINITY, -1e4])?);
    kept(Logits::<3>::new(&[0.0])?);
    let features = Features::new([-1e6, 1e6])?;
    kept(Critic::<2> { critic: LinearCritic::new(LearningRate::new(0.1)?), features });
    kept(OptimalBaseline::<f32>::new(Decay::new(0.9)?));
    Ok(())
}

/// Checks that learners in lanes can be stored: each number is stored lane by lane, from first to last.
#[test]
fn lanes_are_kept() -> Result<(), samplegrad_core::Error> {
    let lanes = |first: f32| F32x4::from_fn(|lane| first + lane as f32);
    let policy = SoftmaxPolicy::<1, 2, F32x4>::from_weights([[lanes(0.0), lanes(4.0)]], [lanes(8.0), lanes(12.0)])?;
    let mut buffer = [0; 128];
    let snapshot = encode(KIND, &policy, &mut buffer).unwrap();
    assert_eq!(&snapshot[24..88], bytes::<16>(std::array::from_fn(|index| index as f32)));
    kept(policy);
    kept(Reward::new(lanes(0.0))?);
    let mut numbers = [0.0; 16];
    numbers[7] = f32::NAN;
    invalid::<SoftmaxPolicy<1, 2, F32x4>>(&[&bytes(numbers)]);
    Ok(())
}

/// Checks that all bytes, random or nearly valid, decode to an error or a value without a panic.
#[test]
fn random_bytes_are_refused_or_taken() {
    let rounds = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    let mut rng = stream::xorshift(2026, 6);
    let (_, whole) = snapshot::<Small>(50);
    let payload = &whole[24..whole.len() - 4];
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..rounds {
        let mut bytes = vec![0; rng.next_u32() as usize % 200];
        rng.fill_bytes(&mut bytes);
        assert!(decode::<Small>(Small::KIND, &bytes).is_err());
        // An undamaged random payload, then a valid payload with a few bytes changed.
        let random = decode::<Small>(Small::KIND, &around(Small::KIND, &bytes));
        let mut near = payload.to_vec();
        for _ in 0..1 + rng.next_u32() % 3 {
            let at = rng.next_u32() as usize % near.len();
            near[at] = rng.next_u32() as u8;
        }
        let near = decode::<Small>(Small::KIND, &around(Small::KIND, &near));
        for result in [random, near] {
            match result {
                Ok(device) => {
                    taken += 1;
                    let finite = device.learner.policy().weights().iter().flatten().all(|w| w.is_finite());
                    assert!(finite, "a weight that no constructor takes");
                }
                Err(error) => {
                    refused += 1;
                    assert!(matches!(error, Error::Payload | Error::Invalid), "{error:?}");
                }
            }
        }
    }
    assert!(taken > rounds / 10 && refused > rounds, "{taken} taken, {refused} refused");
}
