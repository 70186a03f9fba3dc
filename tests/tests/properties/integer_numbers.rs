//! Powers, logarithms and noise in integers against double precision; refused input; numbers that stay within their
//! range.

use samplegrad_core::{
    Decay, Error, LearningRate, Reward,
    integer::{
        self, ByteFeatures, FixedLogits, FixedRate, FixedReward, FixedWeights, IntegerDecision, IntegerPolicy,
        IntegerReinforce, gumbel_max,
    },
    stream,
};

const ONE: f64 = 65536.0;

/// Returns numbers at an odd stride, so that all low bits occur.
fn strided(end: u64, stride: u64) -> impl Iterator<Item = u32> {
    (0..end).step_by(stride as usize).map(|x| x as u32)
}

#[test]
fn powers() {
    let (mut above, mut below) = (0.0_f64, 0.0_f64);
    for d in strided(65536, 1) {
        let exact = (-f64::from(d) / ONE).exp2() * f64::from(1 << 30);
        let error = (f64::from(integer::exp2(d)) - exact) / exact;
        (above, below) = (above.max(error), below.min(error));
    }
    println!("2^-d for 0 <= d < 1: relative error from {below:.2e} to {above:.2e}");
    assert!(above < 3.7e-6 && below > -2e-9);
    for d in strided(1 << 32, 65_521) {
        let exact = (-f64::from(d) / ONE).exp2() * f64::from(1 << 30);
        let found = f64::from(integer::exp2(d));
        assert!(found <= exact * (1.0 + 3.7e-6) && found > exact - 1.0 - exact * 2e-9, "2^-({d}/65536): {found}");
    }
}

#[test]
fn logarithms() {
    let (mut units, mut relative) = (0.0_f64, 0.0_f64);
    let words = strided(1 << 32, 10_007).chain((0..4096).map(|x| u32::MAX - x * x)).chain(2..70_000);
    for x in words.filter(|&x| x >= 2) {
        let exact = -(f64::from(x) / 4_294_967_296.0).log2() * f64::from(1 << 27);
        let error = (f64::from(integer::log2(x)) - exact).abs();
        units = units.max(error);
        if x >= u32::MAX / 128 * 127 {
            relative = relative.max((error - 1.0).max(0.0) / exact);
        }
    }
    println!(
        "-log2(x/2^32): off by at most {units:.2} units of 2^-27; near 1 beyond one of them {relative:.1e} of itself"
    );
    assert!(units < 4.0 && relative < 1e-6);
}

#[test]
fn noise() {
    let mut worst = 0.0_f64;
    for word in strided(1 << 32, 4_099) {
        let u = (f64::from(word >> 8) + 0.5) / 16_777_216.0;
        let exact = -(-u.ln()).log2();
        let error = (f64::from(gumbel_max::noise(word) as i32) / 16_777_216.0 - exact).abs();
        // Near 1, the distance of u from 1 is a few units of 2^−27.
        worst = worst.max(error * (1.0 - u).min(0.5));
    }
    println!("-log2(-ln u): error times the distance of u from 1 at most {worst:.1e}");
    assert!(worst < 6e-8);
}

#[test]
fn probabilities() {
    let mut rng = stream::xorshift(5, 0);
    for _ in 0..2_000 {
        let logits = core::array::from_fn(|_| (rand_core::Rng::next_u32(&mut rng) as i32) >> 12);
        let weights = FixedWeights::<10>::new(&FixedLogits::new(logits).unwrap());
        let total = f64::from(weights.total());
        let decision = IntegerDecision::new(0, weights, 0).unwrap();
        for (p, &w) in decision.probabilities().into_iter().zip(weights.as_array()) {
            let error = (f64::from(p) / ONE - f64::from(w) / total).abs();
            assert!(error < 1e-4, "{error:e}");
        }
    }
}

#[test]
fn refusals_name_what_and_where() {
    type Logits = FixedLogits<3>;
    let inf = f32::INFINITY;
    assert_eq!(Logits::from_nats(&[0.0, f32::NAN, 0.0]), Err(Error::NotANumber { what: "logits", index: 1 }));
    assert_eq!(Logits::from_nats(&[0.0, 0.0, inf]), Err(Error::PositiveInfinity { what: "logits", index: 2 }));
    assert_eq!(Logits::from_nats(&[-inf; 3]), Err(Error::AllMasked { what: "logits" }));
    assert_eq!(Logits::new([Logits::MASKED; 3]), Err(Error::AllMasked { what: "logits" }));
    let far = |value| move |error| matches!(error, Error::OutOfRange { what: "logits", value: v, .. } if v == value);
    assert!(Logits::from_nats(&[0.0, 12e3, 0.0]).is_err_and(far(12e3)));
    assert!(Logits::new([0, Logits::MAX + 1, 0]).is_err_and(far(16384.0)));
    assert!(Logits::from_nats(&[1e4, -1e4, -inf]).is_ok());

    type Features = ByteFeatures<2>;
    assert_eq!(Features::from_floats(&[0.0, f32::NAN]), Err(Error::NotANumber { what: "features", index: 1 }));
    assert_eq!(Features::from_floats(&[inf, 0.0]), Err(Error::Infinite { what: "features", index: 0 }));
    assert!(matches!(Features::from_floats(&[1.5, 0.0]), Err(Error::OutOfRange { what: "features", .. })));
    assert_eq!(Features::from_floats(&[1.0, -1.0]), Ok(Features::new([127, -128])));

    type Policy = IntegerPolicy<1, 2>;
    assert!(Policy::from_weights(&[[Policy::MAX], [-Policy::MAX]], &[Policy::MAX; 2]).is_ok());
    let refused = Policy::from_weights(&[[0], [Policy::MAX + 1]], &[0; 2]);
    assert!(matches!(refused, Err(Error::OutOfRange { what: "weights", .. })));
    let refused = Policy::from_weights(&[[0]; 2], &[0, i32::MIN]);
    assert!(matches!(refused, Err(Error::OutOfRange { what: "bias", .. })));

    assert!(matches!(FixedReward::<f32>::new(i32::MIN), Err(Error::OutOfRange { what: "reward", .. })));
    let too_much = FixedReward::from_reward(Reward::new(1e6_f32).unwrap());
    assert!(matches!(too_much, Err(Error::OutOfRange { what: "reward", value: 1e6, .. })));
    let too_slow = FixedRate::from_nats(LearningRate::new(1e-7).unwrap());
    assert!(matches!(too_slow, Err(Error::OutOfRange { what: "learning rate", .. })));
    assert!(FixedRate::from_nats(LearningRate::new(1000.0).unwrap()).is_err());
    let weights = FixedWeights::new(&Logits::new([0; 3]).unwrap());
    let refused = IntegerDecision::new(3, weights, 0);
    assert_eq!(refused, Err(Error::NoSuchIndex { what: "class", index: 3, len: 3 }));
}

/// Checks that the largest rewards, rates and features drive every weight to the end of its range and no further.
#[test]
fn weights_stay_within_their_range() {
    let decay = Decay::new(1.0).unwrap();
    let rate = FixedRate::new(FixedRate::MAX).unwrap();
    let mut learner = IntegerReinforce::<17, 2>::new(rate, decay);
    let x = ByteFeatures::new(core::array::from_fn(|d| if d % 2 == 0 { 127 } else { -128 }));
    for step in 0..200_u32 {
        let weights = FixedWeights::new(&FixedLogits::new([0; 2]).unwrap());
        let decision = IntegerDecision::new(0, weights, step).unwrap();
        learner.learn(&x, &decision, FixedReward::new(FixedReward::<f32>::MAX).unwrap());
    }
    let end = IntegerPolicy::<17, 2>::MAX;
    for (action, row) in learner.policy().weights().iter().enumerate() {
        for (d, &w) in row.iter().enumerate() {
            let expected = if (action + d) % 2 == 0 { end } else { -end };
            assert_eq!(w as i32, expected, "action {action}, feature {d}");
        }
    }
    let logits = learner.policy().logits(&x);
    let sign = logits.as_array().map(|l| (l as i32).signum());
    assert_eq!(sign, [1, -1]);
    assert_eq!(learner.average(), 0);
    assert_eq!(learner.act_with(&x, u32::MAX).action(), 0);
}
