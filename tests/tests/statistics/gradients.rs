//! Gradient estimators against exact values: the mean by enumeration or in closed form, and the variance where it is
//! known.
//!
//! Every test raises a false alarm with probability 10^−6 at most ([`ALARM`](crate::common::ALARM)), shared by all the
//! means and variances that the test compares. Each of them passes within 5.0 to 5.9 standard errors, depending on
//! their number. Seeds are fixed.

use crate::common::{self, L, Moments, Verdict, Words, accept, quick_and_long, reject, repeat, softmax};
use samplegrad_core::{
    ActionMask, ActionModel, Bernoulli, BinaryConcrete, Categorical, Constant, Decay, EntropyBonus, Features,
    GumbelSoftmax, LearningRate, LinearCritic, LogStdNormal, Logits, MovingAverage, Reinforce, Reward, SoftmaxPolicy,
    StraightThrough, Temperature,
    baseline::{Baseline, ControlVariate, Step},
    categorical as law, inverse_cdf,
    lane::{Lane, Mask},
    leave_one_out, noise, reduce, score_function, self_critical,
};

const LONG: u64 = 1 << 25;
const K: usize = 4;
const LOGITS: [f32; K] = [0.5, -0.5, 1.0, 0.0];
const COSTS: [f32; K] = [1.0, 3.0, -0.5, 2.0];

fn reward(r: f32) -> Reward<L> {
    Reward::new(L::splat(r)).expect("a small reward")
}

fn rate(rate: f32) -> LearningRate {
    LearningRate::new(rate).expect("a rate")
}

fn categorical() -> (Logits<K, L>, Categorical<K, L>) {
    let logits = Logits::new(&LOGITS.map(L::splat)).expect("valid logits");
    let distribution = Categorical::new(&logits);
    (logits, distribution)
}

/// Computes means and variances of an estimator of the gradient in the logits, by enumerating all draws of `samples`
/// classes. `advantages` returns the factor of each sample's score; the estimate is the mean over the samples.
fn enumerate(samples: u32, advantages: impl Fn(&[f64]) -> Vec<f64>) -> [(f64, f64); K] {
    let p = softmax(&LOGITS);
    let mut moments = [(0.0, 0.0); K];
    for outcome in 0..K.pow(samples) {
        let classes: Vec<usize> = (0..samples).map(|s| outcome / K.pow(s) % K).collect();
        let probability: f64 = classes.iter().map(|&a| p[a]).product();
        let values: Vec<f64> = classes.iter().map(|&a| COSTS[a].into()).collect();
        let advantages = advantages(&values);
        for (k, (mean, square)) in moments.iter_mut().enumerate() {
            let terms = classes.iter().zip(&advantages).map(|(&a, f)| f * (f64::from(u8::from(a == k)) - p[k]));
            let estimate = terms.sum::<f64>() / f64::from(samples);
            *mean += probability * estimate;
            *square += probability * estimate * estimate;
        }
    }
    moments.map(|(mean, square)| (mean, square - mean * mean))
}

/// Returns the exact gradient, `p_k (f_k − E f)`.
fn exact() -> [f64; K] {
    let p = softmax(&LOGITS);
    let mean: f64 = p.iter().zip(COSTS).map(|(p, f)| p * f64::from(f)).sum();
    std::array::from_fn(|k| p[k] * (f64::from(COSTS[k]) - mean))
}

fn verdict(moments: &[Moments; K], variances: Option<[f64; K]>) -> Verdict {
    let means = moments.iter().enumerate().map(|(k, m)| m.mean().within(k));
    let variances = variances.into_iter().flatten().zip(moments).enumerate();
    means.chain(variances.map(|(k, (v, m))| m.variance(v).within(k))).collect()
}

/// Compares the score-function estimator of `S` samples, which uses the core's advantages, with an enumeration of its
/// draws.
fn sampled<const S: usize>(
    draws: u64,
    advantages: impl Fn(&[L; S], &mut [L; S]),
    enumerated: [(f64, f64); K],
) -> Verdict {
    let (logits, distribution) = categorical();
    let mut moments = exact().map(Moments::about);
    repeat(draws, 1, |rng| {
        let classes: [Words; S] = std::array::from_fn(|_| inverse_cdf::sample(&logits, rng));
        let values = classes.map(|class| L::gather(&COSTS.map(L::splat), class));
        let mut a = [L::ZERO; S];
        advantages(&values, &mut a);
        let gradient = score_function::estimate(&distribution, &classes, &a).expect("valid classes");
        moments.iter_mut().zip(gradient).for_each(|(m, g)| m.take(g));
    });
    verdict(&moments, Some(enumerated.map(|(_, variance)| variance)))
}

/// Compares a constant baseline with the enumeration of the baseline `claimed`.
fn constant(draws: u64, baseline: f32, claimed: f64) -> Verdict {
    let enumerated = enumerate(1, |f| vec![f[0] - claimed]);
    sampled::<1>(draws, |f, a| a[0] = f[0] - baseline, enumerated)
}

fn self_critical(draws: u64) -> Verdict {
    let (_, distribution) = categorical();
    let of_mode = L::gather(&COSTS.map(L::splat), distribution.mode());
    let advantages = |f: &[L; 1], a: &mut [L; 1]| self_critical::advantages(f, of_mode, a).expect("one length");
    sampled(draws, advantages, enumerate(1, |f| vec![f[0] - f64::from(COSTS[2])]))
}

fn leave_one_out_of_three() -> [(f64, f64); K] {
    let of_the_others = |f: &[f64]| f.iter().map(|own| own - (f.iter().sum::<f64>() - own) / 2.0).collect();
    enumerate(3, of_the_others)
}

fn leave_one_out(draws: u64) -> Verdict {
    let advantages = |f: &[L; 3], a: &mut [L; 3]| leave_one_out::advantages(f, a).expect("one length");
    sampled(draws, advantages, leave_one_out_of_three())
}

/// Checks a batch mean that includes the sample itself: it scales the gradient by 2/3.
fn leave_none_out(draws: u64) -> Verdict {
    let advantages = |f: &[L; 3], a: &mut [L; 3]| *a = f.map(|own| own - reduce::sum(f) * (1.0 / 3.0));
    sampled(draws, advantages, leave_one_out_of_three())
}

/// Standard deviation of the rewards below, so that a model that has learned their means still has noise to handle.
const NOISE: f32 = 0.5;

/// Checks a control variate that learns during the test, from noisy rewards. Only the constant's variance has a closed
/// form.
fn control_variate<C: ControlVariate<1, K, L>>(draws: u64, mut control: C, constant: Option<f64>) -> Verdict {
    let (logits, distribution) = categorical();
    let features = Features::new([L::splat(0.5)]).expect("small features");
    let mut moments = exact().map(Moments::about);
    repeat(draws, 2, |rng| {
        let action = inverse_cdf::sample(&logits, rng);
        let reward = L::gather(&COSTS.map(L::splat), action) + noise::normal::sample::<L, _>(rng) * NOISE;
        let mut gradient = [L::ZERO; K];
        law::score(distribution.probabilities(), action, L::ONE, &mut gradient);
        control.centre(&Step { features: &features, policy: &distribution, action }, reward, &mut gradient);
        moments.iter_mut().zip(gradient).for_each(|(m, g)| m.take(g));
    });
    let p = softmax(&LOGITS);
    // Noise adds its variance times E[(1{a = k} − p_k)²].
    let noisy = |(k, (_, variance)): (usize, (f64, f64))| variance + f64::from(NOISE).powi(2) * p[k] * (1.0 - p[k]);
    let variances = constant.map(|b| {
        let quiet = enumerate(1, |f| vec![f[0] - b]);
        std::array::from_fn(|k| noisy((k, quiet[k])))
    });
    verdict(&moments, variances)
}

/// A moving average that includes the reward before the comparison. It is biased by the reward's share of the average.
struct Peeking(MovingAverage<L>);

impl<X: ?Sized> Baseline<L, X> for Peeking {
    fn centre(&mut self, _: &X, reward: L, score: &mut [L]) {
        self.0.observe(Reward::new(reward).expect("a small reward"));
        score.iter_mut().for_each(|s| *s = (reward - self.0.get()) * *s);
    }
}

fn moving_average(decay: f32) -> MovingAverage<L> {
    MovingAverage::new(Decay::new(decay).expect("a decay"))
}

/// Checks `E[(x − k)²]`, `x ~ N(1, 1)`, in `μ` and `ln σ`, with both estimators. The given variances in `μ` are those
/// of the pathwise estimator, of the score function, and of the score function with its best constant baseline.
fn gaussian(draws: u64, k: f32, [pathwise, score, best]: [f64; 3]) -> Verdict {
    let law = LogStdNormal::new(L::ONE, L::ZERO).expect("valid parameters");
    let c = 1.0 - f64::from(k);
    let by_mean = Moments::about(2.0 * c);
    let (mut path, mut plain, mut centred) = (by_mean, by_mean, by_mean);
    let (mut path_by_log_std, mut score_by_log_std) = (Moments::about(2.0), Moments::about(2.0));
    // E[f s²]/E[s²] = E[(ε + c)² ε²].
    let baseline = (3.0 + c * c) as f32;
    repeat(draws, 3, |rng| {
        let (x, noise) = law.sample(rng);
        let f = (x - k) * (x - k);
        let (by_mean, by_log_std) = law.pathwise(noise, (x - k) * 2.0);
        path.take(by_mean);
        path_by_log_std.take(by_log_std);
        let (by_mean, by_log_std) = law.score(x);
        plain.take(f * by_mean);
        centred.take((f - baseline) * by_mean);
        score_by_log_std.take(f * by_log_std);
    });
    let means = [path, plain, centred, path_by_log_std, score_by_log_std].map(|m| m.mean());
    // Var[2 (ε + c) ε] = 4 E[(ε + c)² ε²] − 4.
    let by_log_std = path_by_log_std.variance(8.0 + 4.0 * c * c);
    let variances = [path.variance(pathwise), plain.variance(score), centred.variance(best), by_log_std];
    means.into_iter().chain(variances).map(|v| v.within(format!("k = {k}"))).collect()
}

/// Target `t = 0.45` of the toy problem `E[(b − t)²]` of one Bernoulli variable, relaxed at `τ = ½`.
const T: f32 = 0.45;

/// Known means and variances of the estimators at a logit.
struct Toy {
    logit: f32,
    reinforce: f64,
    leave_one_out: f64,
    concrete: (f64, f64),
    straight_through: f64,
}

const TOYS: [Toy; 2] = [
    Toy {
        logit: 0.0,
        reinforce: 1.593906e-2,
        leave_one_out: 6.25e-4,
        concrete: (2.146018e-2, 1.424446e-2),
        straight_through: 7.793369e-2,
    },
    Toy {
        logit: 2.0,
        reinforce: 4.827192e-3,
        leave_one_out: 4.147314e-4,
        concrete: (4.517627e-2, 7.357994e-3),
        straight_through: 3.569666e-2,
    },
];

/// Computes `E[2 (b − t) y (1 − y)/τ]`, `y = σ((l + logit u)/τ)`, `b = 1{y > ½}`, by the midpoint rule in `u`.
fn mean_of_straight_through(logit: f32) -> f64 {
    let n = 1_000_000;
    let at = |i: u32| {
        let u = (f64::from(i) + 0.5) / f64::from(n);
        let z = f64::from(logit) + u.ln() - (-u).ln_1p();
        let y = 1.0 / (1.0 + (-2.0 * z).exp());
        2.0 * (f64::from(u8::from(z > 0.0)) - f64::from(T)) * y * (1.0 - y) * 2.0
    };
    (0..n).map(at).sum::<f64>() / f64::from(n)
}

fn toy(draws: u64, toy: &Toy) -> Verdict {
    let exact = {
        let p = 1.0 / (1.0 + f64::from(-toy.logit).exp());
        p * (1.0 - p) * (1.0 - 2.0 * f64::from(T))
    };
    let tau = Temperature::new(0.5).expect("a temperature");
    let law = Bernoulli::new(L::splat(toy.logit)).expect("a finite logit");
    let relaxed = BinaryConcrete::new(L::splat(toy.logit), tau).expect("a finite logit");
    let two = Logits::<2, L>::new(&[L::ZERO, L::splat(toy.logit)]).expect("valid logits");
    let number = |b| L::select(b, L::ONE, L::ZERO);
    let (mut reinforce, mut pair) = (Moments::about(exact), Moments::about(exact));
    let (mut soft, mut soft_of_two) = (Moments::about(toy.concrete.0), Moments::about(toy.concrete.0));
    let hard = Moments::about(mean_of_straight_through(toy.logit));
    let (mut hard, mut hard_of_two) = (hard, hard);
    repeat(draws, 4, |rng| {
        let b = [law.sample(rng), law.sample(rng)];
        let f = b.map(|b| (number(b) - T) * (number(b) - T));
        let mut advantages = [L::ZERO; 2];
        leave_one_out::advantages(&f, &mut advantages).expect("one length");
        reinforce.take(f[0] * law.score(b[0]));
        pair.take((advantages[0] * law.score(b[0]) + advantages[1] * law.score(b[1])) * 0.5);

        let y = relaxed.sample(rng);
        soft.take((y.value() - T) * 2.0 * y.derivative());
        hard.take((number(y.hard()) - T) * 2.0 * y.derivative());

        let y = GumbelSoftmax::sample(&two, tau, rng);
        soft_of_two.take(y.vjp(&[L::ZERO, (y.values()[1] - T) * 2.0]).expect("two cotangents")[1]);
        let b = StraightThrough::new(y);
        hard_of_two.take(b.vjp(&[L::ZERO, (b.one_hot()[1] - T) * 2.0]).expect("two cotangents")[1]);
    });
    let known = [
        (reinforce, toy.reinforce, "score function"),
        (pair, toy.leave_one_out, "leave-one-out"),
        (soft, toy.concrete.1, "binary Concrete"),
        (soft_of_two, toy.concrete.1, "Gumbel-softmax"),
        (hard, toy.straight_through, "binary straight-through"),
        (hard_of_two, toy.straight_through, "straight-through"),
    ];
    known.into_iter().flat_map(|(m, v, name)| [m.mean(), m.variance(v)].map(|verdict| verdict.within(name))).collect()
}

/// Compares a learner's step with the gradient of `E[r] + β H` in every weight and bias. One of four actions is masked.
fn policy_gradient(draws: u64, bonus: f32, claimed: f64) -> Verdict {
    let (weights, bias) = ([[0.5, -0.25, 1.0, 0.0], [0.25, 0.75, 0.0, -0.5]], [0.0, 0.5, -0.5, 0.25]);
    let (x, possible) = ([0.5, -1.5], [true, true, false, true]);
    let (rewards, baseline) = ([1.0, -0.5, 3.0, 2.0], 0.75);

    let policy = SoftmaxPolicy::from_weights(weights.map(|row| row.map(L::splat)), bias.map(L::splat));
    let policy = policy.expect("finite weights");
    let bonus = EntropyBonus::new(bonus).expect("a weight");
    let learner = Reinforce::with_policy(policy, Constant::new(reward(baseline)), rate(1.0), bonus);
    let features = Features::new(x.map(L::splat)).expect("small features");
    let mask = ActionMask::new(possible.map(Mask::splat)).expect("an action");

    let l: [f32; K] = std::array::from_fn(|k| {
        if possible[k] { bias[k] + x[0] * weights[0][k] + x[1] * weights[1][k] } else { f32::NEG_INFINITY }
    });
    let p = softmax(&l);
    let mean: f64 = p.iter().zip(rewards).map(|(p, r)| p * f64::from(r)).sum();
    let log_p = |p: f64| if p > 0.0 { p.ln() } else { 0.0 };
    let entropy = -p.iter().map(|&p| p * log_p(p)).sum::<f64>();
    let gradient = |k: usize| p[k] * (f64::from(rewards[k]) - mean - claimed * (log_p(p[k]) + entropy));
    // The step is compared for each input; the input of the bias is 1. The entropy's part of the step has no variance.
    let inputs = [1.0, x[0], x[1]];
    let mut moments = inputs.map(|x| std::array::from_fn(|k| Moments::about(f64::from(x) * gradient(k))));
    repeat(draws, 5, |rng| {
        let decision = learner.act(&features, &mask, rng);
        let mut stepped = learner;
        let r = Reward::new(L::gather(&rewards.map(L::splat), decision.action())).expect("a small reward");
        stepped.learn(&features, &decision, r);
        let of = |p: &SoftmaxPolicy<2, K, L>| [*p.bias(), p.weights()[0], p.weights()[1]];
        let rows = of(stepped.policy()).into_iter().zip(of(&policy));
        for ((new, old), moments) in rows.zip(&mut moments) {
            (0..K).for_each(|k| moments[k].take(new[k] - old[k]));
        }
    });
    moments.iter().map(|m| verdict(m, None)).collect()
}

quick_and_long! {
    /// Constant baselines: zero, near the best one, and beyond it.
    constant_baseline: accept, LONG, |draws| {
        [0.0, 1.0, 3.0].map(|b| constant(draws, b, f64::from(b))).into_iter().collect()
    };
    /// Negative control: another baseline's variance.
    wrong_variance_is_rejected: reject, |draws| constant(draws, 0.0, 0.05);
    /// Value of the greedy class as the baseline.
    self_critical_baseline: accept, LONG, self_critical;
    /// Mean of the two others as the baseline of each of three samples.
    leave_one_out_baseline: accept, LONG, leave_one_out;
    /// Negative control: a mean that includes the sample itself.
    leave_none_out_is_rejected: reject, leave_none_out;
    /// Constant as a learner's control variate.
    constant_control_variate: accept, LONG, |draws| control_variate(draws, Constant::new(reward(0.5)), Some(0.5));
    /// Moving average.
    moving_average_baseline: accept, LONG, |draws| control_variate(draws, moving_average(0.9), None);
    /// Negative control: an average that includes the reward it is compared with.
    peeking_average_is_rejected: reject, |draws| control_variate(draws, Peeking(moving_average(0.9)), None);
    /// Linear critic.
    linear_critic: accept, LONG, |draws| control_variate(draws, LinearCritic::new(rate(0.05)), None);
    /// Model of every action, with its mean added back.
    action_model: accept, LONG, |draws| control_variate(draws, ActionModel::new(rate(0.05)), None);
    /// Normal distribution, by the pathwise estimator and by the score function.
    normal_distribution: accept, LONG, |draws| {
        [gaussian(draws, 0.0, [4.0, 30.0, 14.0]), gaussian(draws, -3.0, [4.0, 495.0, 134.0])].into_iter().collect()
    };
    /// Negative control: a baseline that is not the best.
    wrong_variance_of_normal_is_rejected: reject, |draws| gaussian(draws, 0.0, [4.0, 30.0, 17.0]);
    /// One Bernoulli variable: mean and variance of every estimator.
    toy_estimators: accept, LONG, |draws| TOYS.iter().map(|t| toy(draws, t)).collect();
    /// Step of REINFORCE with an entropy bonus.
    policy_step: accept, LONG, |draws| policy_gradient(draws, 0.3, 0.3f32.into());
    /// Negative control: a bonus that is off by a sixth.
    wrong_entropy_bonus_is_rejected: reject, |draws| policy_gradient(draws, 0.3, 0.35);
}
