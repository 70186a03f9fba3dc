//! Operations with valid input of any kind, including extremes, and noise at both ends of its range: finite input never
//! gives a NaN or an infinity, and every distribution stays a distribution. The cases are the same in every run.

use crate::inputs::{CAPACITY, MASKED, Script, config, finite, logits, words};
use proptest::prelude::*;
use samplegrad_core::{
    ActionMask, ActionModel, AliasTable, Bernoulli, BinaryConcrete, Categorical, Cdf, Concrete, Constant, Decay,
    EntropyBonus, ExponentialRace, Features, GumbelSoftmax, LearningRate, LinearCritic, LogStdNormal, Logits,
    MovingAverage, Reinforce, Reward, Schedule, StraightThrough, Temperature,
    baseline::ControlVariate,
    gumbel_max, inverse_cdf, leave_one_out,
    noise::{self, Uniform},
    score_function, stream,
};

/// Returns temperatures, mostly within the contract's range of 1e−10 to 1e10 and sometimes beyond it.
fn temperature() -> impl Strategy<Value = Temperature> {
    let tau = prop_oneof![
        6 => (-3.0_f32..3.0).prop_map(|x| 10_f32.powf(x)),
        1 => Just(1e-10),
        1 => Just(1e10)
    ];
    tau.prop_map(|tau| Temperature::new(tau).unwrap())
}

fn size() -> impl Strategy<Value = f32> {
    prop_oneof![6 => -10.0_f32..10.0, 1 => Just(1e6_f32), 1 => Just(-1e6), 1 => Just(0.0), 1 => Just(1e-38)]
}

fn sums_to(what: &str, x: &[f32], expected: f64) -> Result<(), TestCaseError> {
    let sum: f64 = x.iter().map(|&x| f64::from(x)).sum();
    let scale: f64 = x.iter().map(|&x| f64::from(x.abs())).sum::<f64>().max(expected.abs()).max(1e-30);
    prop_assert!((sum - expected).abs() <= 4e-6 * scale, "{what} sums to {sum}, not {expected}: {x:?}");
    Ok(())
}

/// Checks that every sampler draws a possible class.
fn samplers(l: &[f32], words: &[u32]) -> Result<(), TestCaseError> {
    let logits = Logits::<CAPACITY>::new(l).unwrap();
    let tau = Temperature::ONE;
    let drawn = [
        gumbel_max::sample(&logits, &mut Script::new(words)),
        inverse_cdf::sample(&logits, &mut Script::new(words)),
        Cdf::new(&logits).sample::<f32, _>(&mut Script::new(words)),
        AliasTable::new(&logits).sample::<f32, _>(&mut Script::new(words)),
        ExponentialRace::new(&logits).sample(&mut Script::new(words)),
        GumbelSoftmax::sample(&logits, Temperature::new(0.7).unwrap(), &mut Script::new(words)).hard(),
        StraightThrough::sample(&logits, tau, &mut Script::new(words)).class(),
    ];
    for (sampler, class) in drawn.into_iter().enumerate() {
        prop_assert!(l.get(class as usize).is_some_and(|&l| l > MASKED), "sampler {sampler} drew {class}");
    }
    // These samplers compute the same draw in different ways; the exponential races may differ by rounding.
    prop_assert_eq!(drawn[0], drawn[5]);
    prop_assert_eq!(drawn[1], drawn[2]);
    let z = GumbelSoftmax::sample(&logits, tau, &mut Script::new(words)).perturbed();
    for race in [drawn[4], drawn[6]] {
        let (first, largest) = (z[race as usize], z[drawn[0] as usize]);
        prop_assert!(
            first >= largest - 1e-6 * largest.abs().max(l.iter().fold(24.0, |m, l| m.max(l.abs()))),
            "{first} {largest}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn noise_is_finite(word in words()) {
        let u = Uniform::<f32>::from_word(word[0]);
        prop_assert!(0.0 < u.value() && u.value() < 1.0);
        finite("noise", &[
            noise::exponential::quantile(u),
            noise::gumbel::quantile(u),
            noise::logistic::quantile(u),
            noise::normal::quantile(u),
        ])?;
        prop_assert!(noise::exponential::quantile(u) > 0.0);
        prop_assert_eq!(noise::normal::quantile(u), -noise::normal::quantile(u.complement()));
        prop_assert_eq!(noise::logistic::quantile(u), -noise::logistic::quantile(u.complement()));
    }

    #[test]
    fn categorical_is_a_law(l in logits(), m in logits(), words in words(), value in size()) {
        let p = Categorical::new(&Logits::<CAPACITY>::new(&l).unwrap());
        sums_to("p", p.probabilities(), 1.0)?;
        let mut possible = Vec::new();
        for (k, &l) in (0..).zip(&l) {
            let (p_k, log_p) = (p.probabilities()[k as usize], p.log_prob(k));
            prop_assert!((0.0..=1.0).contains(&p_k));
            if l > MASKED {
                possible.push(k);
                prop_assert!(log_p.is_finite() && log_p <= 0.0, "ln p({k}) = {log_p}");
            } else {
                prop_assert_eq!((p_k, log_p), (0.0, MASKED));
            }
        }
        prop_assert!(possible.contains(&p.mode()));
        prop_assert_eq!(p.log_prob(l.len() as u32), MASKED);
        let entropy = p.entropy();
        prop_assert!(entropy.is_finite() && entropy >= -1e-6 && entropy <= (possible.len() as f32).ln() + 1e-5);
        finite("gradient of the entropy", &p.entropy_gradient())?;
        for &class in &possible {
            let score = p.score(class).unwrap();
            finite("score", &score)?;
            // If a probability is within half an epsilon of 1, the sum of the others is lost to rounding.
            prop_assert!(score.iter().map(|&s| f64::from(s)).sum::<f64>().abs() < 2e-6, "{score:?}");
            let estimate = score_function::estimate(&p, &[class, possible[0]], &[value, -value]).unwrap();
            finite("score-function estimate", &estimate)?;
        }
        samplers(&l, &words)?;

        // A divergence is infinite exactly where the other distribution excludes a class that this one allows.
        let m: Vec<f32> = m.iter().copied().cycle().take(l.len()).collect();
        let Ok(other) = Logits::<CAPACITY>::new(&m) else { return Ok(()) };
        let q = Categorical::new(&other);
        let kl = p.kl(&q).unwrap();
        let ruled_out = p.probabilities().iter().zip(&m).any(|(&p, &m)| p > 0.0 && m == MASKED);
        prop_assert_eq!(kl == f32::INFINITY, ruled_out);
        if !ruled_out {
            prop_assert!(kl.is_finite() && kl >= -1e-5, "KL = {kl}");
            let (of_p, of_q) = p.kl_gradients(&q).unwrap();
            finite("gradient of KL in p", &of_p)?;
            finite("gradient of KL in q", &of_q)?;
        }
        finite("KL to uniform", &[p.kl_to_uniform()])?;
    }

    #[test]
    fn a_common_shift_changes_no_probability(l in prop::collection::vec(-64_i16..64, 1..=CAPACITY), shift in -64_i16..64) {
        // Sixteenths are exact, so the differences of the logits are equal bit for bit.
        let softmax = |shift: i16| {
            let l: Vec<f32> = l.iter().map(|&l| f32::from(l + shift) / 16.0).collect();
            Categorical::new(&Logits::<CAPACITY>::new(&l).unwrap())
        };
        prop_assert_eq!(softmax(0), softmax(shift));
    }

    #[test]
    fn relaxation_is_finite(l in logits(), tau in temperature(), words in words(), c in prop::collection::vec(size(), CAPACITY)) {
        let logits = Logits::<CAPACITY>::new(&l).unwrap();
        let c = &c[..l.len()];
        let y = GumbelSoftmax::sample(&logits, tau, &mut Script::new(&words));
        finite("y", y.values())?;
        sums_to("y", y.values(), 1.0)?;
        let hard = y.hard() as usize;
        prop_assert!(y.values().iter().all(|&other| other <= y.values()[hard]));
        for ((&l, &y), log_y) in l.iter().zip(y.values()).zip(y.log_values()) {
            prop_assert!((0.0..=1.0).contains(&y));
            if l > MASKED {
                prop_assert!(log_y.is_finite() && log_y <= 0.0);
            } else {
                prop_assert_eq!((y, log_y), (0.0, MASKED));
            }
        }
        let gradient = y.vjp(c).unwrap();
        finite("gradient in the logits", &gradient)?;
        finite("gradient in the temperature", &[y.vjp_temperature(c).unwrap()])?;
        let hard = StraightThrough::new(y.clone());
        prop_assert_eq!(hard.vjp(c).unwrap(), gradient);
        prop_assert_eq!(hard.one_hot().iter().filter(|&&x| x == 1.0).count(), 1);

        // The density at the sample. Masked coordinates stay −∞; possible coordinates are clamped so that they are
        // finite.
        let log_values = y.log_values();
        let own = log_values.iter().zip(logits.as_slice());
        let x: Vec<f32> = own.map(|(x, &l)| if l == MASKED { *x } else { x.max(-1e30) }).collect();
        let law = Concrete::new(&logits, tau);
        finite("density", &[law.log_density_exp(&x).unwrap()])?;
        let of = law.log_density_exp_gradient(&x).unwrap();
        finite("density by logits", &of.logits)?;
        finite("density by point", &of.point)?;
        finite("density by temperature", &[of.temperature])?;
        // The density of the point itself, if the point is valid.
        if let Ok(of) = law.log_density_gradient(y.values()) {
            finite("density of the point by logits", &of.logits)?;
            finite("density of the point by point", &of.point)?;
            finite("density of the point by temperature", &[of.temperature])?;
        }
    }

    #[test]
    fn gradient_in_the_temperature_is_a_difference(
        l in prop::collection::vec(-3.0_f32..3.0, 2..=CAPACITY),
        tau in 0.3_f32..3.0,
        words in words(),
        c in prop::collection::vec(-2.0_f32..2.0, CAPACITY),
    ) {
        let logits = Logits::<CAPACITY>::new(&l).unwrap();
        let y = GumbelSoftmax::sample(&logits, Temperature::new(tau).unwrap(), &mut Script::new(&words));
        let at = |tau: f64| {
            let max = y.perturbed().iter().fold(f64::MIN, |max, &z| max.max(z.into()));
            let e: Vec<f64> = y.perturbed().iter().map(|&z| ((f64::from(z) - max) / tau).exp()).collect();
            e.iter().zip(&c).map(|(e, &c)| e * f64::from(c)).sum::<f64>() / e.iter().sum::<f64>()
        };
        let (tau, h) = (f64::from(tau), 1e-5);
        let difference = (at(tau + h) - at(tau - h)) / (2.0 * h);
        let found = f64::from(y.vjp_temperature(&c[..l.len()]).unwrap());
        let scale = (1.0 + y.perturbed().iter().fold(0.0_f64, |max, &z| max.max(f64::from(z).abs()))) / tau.powi(2);
        prop_assert!((found - difference).abs() < 2e-5 * scale, "{found}, by difference {difference}");
    }

    #[test]
    fn binary_is_finite(l in -1e4_f32..=1e4, tau in temperature(), words in words(), m in -1e4_f32..=1e4) {
        let b = Bernoulli::new(l).unwrap();
        sums_to("p and 1 − p", &[b.probability(), b.complement()], 1.0)?;
        for outcome in [false, true] {
            prop_assert!(b.log_prob(outcome).is_finite() && b.log_prob(outcome) <= 0.0);
            finite("score", &[b.score(outcome)])?;
        }
        let other = Bernoulli::new(m).unwrap();
        let (one, two) = b.kl_derivatives(other);
        finite("entropy and KL", &[b.entropy(), b.entropy_derivative(), b.kl(other), one, two])?;
        prop_assert!(b.entropy() >= 0.0 && b.kl(other) >= -1e-3 * b.kl(other).abs().max(1e-3));

        let law = BinaryConcrete::new(l, tau).unwrap();
        let y = law.sample(&mut Script::new(&words));
        finite("relaxed", &[y.perturbed(), y.value(), y.complement(), y.derivative(), y.temperature_derivative()])?;
        prop_assert_eq!(y.hard(), y.perturbed() > 0.0);
        finite("density of the logit", &[law.log_density_logit((y.perturbed() * tau.recip()).clamp(-1e20, 1e20))])?;
        for at in [f32::from_bits(1), f32::MIN_POSITIVE, 0.25, 1.0 - f32::EPSILON / 2.0] {
            let d = law.log_density(at).unwrap();
            finite("density", &[d.log_density, d.logit, d.temperature, d.point])?;
        }
    }

    #[test]
    fn gaussian_is_finite(mean in -1e6_f32..1e6, log_std in -20.0_f32..20.0, words in words(), cotangent in size()) {
        let p = LogStdNormal::new(mean, log_std).unwrap();
        let (x, noise) = p.sample(&mut Script::new(&words));
        let ((a, b), (c, d)) = (p.score(p.reparameterize(noise)), p.pathwise(noise, cotangent));
        finite("LogStdNormal", &[x, noise, p.log_prob(x), p.entropy(), a, b, c, d, p.kl_to_standard()])?;
        finite("KL", &p.kl_derivatives(LogStdNormal::new(-mean, -log_std / 2.0).unwrap()))?;
    }

    #[test]
    fn schedules_stay_between_their_ends(a in temperature(), b in temperature(), t in any::<u32>(), steps in 1..u32::MAX, rate in 0.0_f32..1000.0) {
        let (low, high) = (a.get().min(b.get()), a.get().max(b.get()));
        for schedule in [
            Schedule::constant(a),
            Schedule::linear(a, b, steps).unwrap(),
            Schedule::cosine(a, b, steps).unwrap(),
        ] {
            let tau = schedule.at(t).get();
            prop_assert!((low * 0.999..=high * 1.001).contains(&tau), "{tau} of {schedule:?}");
        }
        let falling = Schedule::exponential(a, b, rate).unwrap();
        prop_assert!(falling.at(t).get() >= b.get() && falling.at(t).get() <= high);
        prop_assert!(falling.at(t.saturating_add(1)).get() <= falling.at(t).get());
    }

    #[test]
    fn leave_one_out_ignores_a_common_offset(f in prop::collection::vec(-100_i16..100, 2..=CAPACITY), offset in -100_i16..100) {
        let advantages = |offset: i16| {
            let values: Vec<f32> = f.iter().map(|&f| f32::from(f + offset)).collect();
            let mut advantages = vec![0.0; values.len()];
            leave_one_out::advantages(&values, &mut advantages).unwrap();
            advantages
        };
        prop_assert_eq!(advantages(0), advantages(offset));
        sums_to("advantages", &advantages(0), 0.0)?;
    }
}

/// Drives a learner with extreme rates, rewards and features: no weight may become NaN or infinite.
fn survives<C: ControlVariate<3, 4>>(
    control: C,
    rate: f32,
    bonus: f32,
    seen: &[[f32; 3]],
    rewards: &[f32],
) -> Result<(), TestCaseError> {
    let rate = LearningRate::new(rate).unwrap();
    let mut learner = Reinforce::<3, 4, C>::new(control, rate, EntropyBonus::new(bonus).unwrap());
    let mut rng = stream::xorshift(1, 0);
    let mask = ActionMask::new([true, false, true, true]).unwrap();
    for (x, &reward) in seen.iter().cycle().zip(rewards.iter().cycle()).take(200) {
        let x = Features::new(*x).unwrap();
        let decision = learner.act(&x, &mask, &mut rng);
        prop_assert!(decision.action() != 1, "a masked action was drawn");
        sums_to("policy", decision.distribution().probabilities(), 1.0)?;
        learner.learn(&x, &decision, Reward::new(reward).unwrap());
        finite("weights", learner.policy().weights().as_flattened())?;
        finite("bias", learner.policy().bias())?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn learners_stay_finite(
        seen in prop::collection::vec([size(), size(), size()], 1..4),
        rewards in prop::collection::vec(size(), 1..4),
        rate in prop_oneof![1e-6_f32..1.0, Just(1000.0_f32)],
        bonus in prop_oneof![0.0_f32..1.0, Just(1000.0_f32)],
    ) {
        let step = LearningRate::new(rate).unwrap();
        let reward = Reward::new(rewards[0]).unwrap();
        survives(Constant::new(reward), rate, bonus, &seen, &rewards)?;
        survives(MovingAverage::new(Decay::new(0.9).unwrap()), rate, bonus, &seen, &rewards)?;
        survives(LinearCritic::new(step), rate, bonus, &seen, &rewards)?;
        survives(ActionModel::new(step), rate, bonus, &seen, &rewards)?;
    }
}
