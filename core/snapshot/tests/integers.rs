//! Tests of the integer learner: it reloads and continues with the same bits, and impossible values are refused.

mod common;

use common::payload::{KIND, around};
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    Decay,
    integer::{ByteFeatures, FixedRate, FixedReward, IntegerPolicy, IntegerReinforce},
    lane::Word,
    stream,
};
use samplegrad_host::{F32x4, LaneRng};
use samplegrad_snapshot::{Error, decode, decode_into, encode};
use serde::{Deserialize, Serialize};

type Learner = IntegerReinforce<5, 3>;

#[derive(Clone, Serialize, Deserialize)]
struct Device {
    learner: Learner,
    #[serde(with = "samplegrad_snapshot::generator")]
    generator: XorShiftRng,
}

fn learner(weight: i32) -> Learner {
    let policy = IntegerPolicy::from_weights(&[[weight; 5]; 3], &[0; 3]).unwrap();
    let average = FixedReward::new(1 << 15).unwrap();
    IntegerReinforce::with_policy(policy, average, FixedRate::new(1 << 15).unwrap(), Decay::new(0.9).unwrap())
}

fn seen(step: u8) -> [i8; 5] {
    [1, 29, 83, 111, 127].map(|odd: u8| step.wrapping_mul(odd).wrapping_add(odd) as i8)
}

fn step(device: &mut Device, number: u8) {
    let features = ByteFeatures::new(seen(number));
    let decision = device.learner.act(&features, &mut device.generator);
    let right = decision.action() == u32::from(number % 3);
    device.learner.learn(&features, &decision, FixedReward::one_where(right));
}

/// Starts from zero weights, and from weights at which every step reaches the end of the range.
#[test]
fn saved_at_every_step_it_goes_on_with_the_same_bits() {
    for weight in [0, IntegerPolicy::<5, 3>::MAX] {
        let mut device = Device { learner: learner(weight), generator: stream::xorshift(2026, 5) };
        // A value whose old state must not remain after loading.
        let mut place = Device { learner: learner(-7), generator: stream::xorshift(1, 1) };
        let mut buffer = [0; 256];
        for number in 0..200 {
            step(&mut device, number);
            let written = encode(KIND, &device, &mut buffer).unwrap();
            decode_into(KIND, written, &mut place).unwrap();
            let (mut back, mut on): (Device, _) = (decode(KIND, written).unwrap(), device.clone());
            for later in number..number.saturating_add(50) {
                for device in [&mut back, &mut on, &mut place] {
                    step(device, later);
                }
            }
            assert_eq!(back.learner, on.learner, "after step {number}");
            assert_eq!((place.learner, &back.generator), (on.learner, &on.generator), "after step {number}");
        }
    }
}

#[test]
fn lanes_come_back() {
    let rate = FixedRate::new(1 << 15).unwrap();
    let mut learner = IntegerReinforce::<5, 3, F32x4>::new(rate, Decay::new(0.9).unwrap());
    let mut lanes = LaneRng::<F32x4>::new(2026, 0);
    for number in 0..50 {
        let features = ByteFeatures::new(seen(number));
        let decision = learner.act(&features, &mut lanes);
        let right = decision.action().equals(Word::splat(u32::from(number % 3)));
        learner.learn(&features, &decision, FixedReward::one_where(right));
    }
    let mut buffer = [0; 512];
    let written = encode(KIND, &learner, &mut buffer).unwrap();
    assert_eq!(decode::<IntegerReinforce<5, 3, F32x4>>(KIND, written).unwrap(), learner);
}

/// Changes words of the payload. The payload holds 15 weights, 3 biases, the bound, the average, the share and the
/// rate.
#[test]
fn what_no_learner_holds_is_refused() {
    let mut buffer = [0; 256];
    let written = encode(KIND, &learner(1000), &mut buffer).unwrap();
    let payload = &written[24..written.len() - 4];
    assert_eq!(payload.len(), 4 * 22);
    let refused = |place: usize, word: u32| {
        let mut changed = payload.to_vec();
        changed[4 * place..][..4].copy_from_slice(&word.to_le_bytes());
        match decode::<Learner>(KIND, &around(KIND, &changed)) {
            Ok(_) => false,
            Err(error) => {
                assert_eq!(error, Error::Invalid);
                true
            }
        }
    };
    assert!(!refused(0, 999), "a weight within the bound is what it is: the control");
    assert!(refused(0, 1001), "a weight beyond the bound");
    assert!(refused(17, 1_u32.wrapping_neg().wrapping_sub(2000)), "a bias beyond the bound");
    assert!(refused(18, 1 << 21), "a bound beyond the range of weights");
    assert!(refused(19, (256 << 16) + 1), "an average that no rewards have");
    assert!(refused(20, (1 << 16) + 1), "a share above 1");
    assert!(refused(21, 0), "a rate of 0");
    assert!(refused(21, u32::MAX), "a rate beyond the largest");
}
