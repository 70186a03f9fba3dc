//! Learners of episodes against their definitions in double precision, and in lanes whose episodes end independently.

use samplegrad_core::{
    ActionMask, ActorCritic, Adam, BernoulliHead, BitMask, Block, CategoricalPolicy, Constant, Decay, Dense, Discount,
    Ending, EntropyBonus, EpisodicReinforce, Features, GaussianHead, GaussianPolicy, Head, LearningRate, LinearPolicy,
    MaxNorm, Momentum, MovingAverage, Optimizer, ReturnBaseline, ReturnCritic, Reward, Sgd, SoftmaxHead, SoftmaxPolicy,
    Source, Steering, StepWeight, TraceDecay, TraceReinforce, discounted_returns,
    lane::{Lane, Mask},
    noise::Uniform,
    stream,
};
use samplegrad_host::{F32x16, LaneRng};

fn rate(rate: f32) -> LearningRate {
    LearningRate::new(rate).unwrap()
}

fn spread<L: Lane>(source: &mut (impl Source<L> + ?Sized), scale: f32) -> L {
    (Uniform::sample(source).value() - 0.5) * (2.0 * scale)
}

fn steering(discount: f32, lambda: f32) -> Steering {
    let (discount, trace_decay) = (Discount::new(discount).unwrap(), TraceDecay::new(lambda).unwrap());
    Steering { discount, trace_decay, ..Steering::default() }
}

fn numbers<const D: usize, const K: usize, const H: usize, L: Lane>(block: &Dense<D, K, H, L>) -> Vec<L> {
    block.weights().as_flattened().as_flattened().iter().chain(block.bias().as_flattened()).copied().collect()
}

#[track_caller]
fn close(found: impl IntoIterator<Item = f32>, expected: &[f64], tolerance: f64) {
    let found: Vec<f32> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len());
    for (place, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(found) - expected).abs();
        assert!(error <= tolerance * expected.abs().max(1.0), "number {place}: {found}, expected {expected}");
    }
}

/// Checks that the sum kept in constant memory equals the sum over all returns and scores of a stored episode.
#[test]
fn an_episode_is_not_stored() {
    for (length, gamma, weight) in
        [(1, 0.9, StepWeight::Equal), (7, 1.0, StepWeight::Equal), (200, 0.99, StepWeight::Discounted)]
    {
        let mut rng = stream::xorshift(3, length as u64);
        let parameters = Dense::new([[[0.5, -0.25, 0.0], [0.25, 1.0, -0.5]]], [[0.0, 0.25, 0.5]]).unwrap();
        let policy = LinearPolicy::with_parameters(SoftmaxHead, parameters);
        let critic = ReturnCritic::<Sgd, 2>::new(Sgd::new(rate(0.001)));
        let mut learner = EpisodicReinforce::new(
            policy,
            Sgd::new(rate(1.0)),
            critic,
            Steering { step_weight: weight, ..steering(gamma, 1.0) },
        );
        // A first episode, from which the critic learns.
        let x = Features::new([1.0, -0.5]).unwrap();
        let choice = learner.act(&x, &ActionMask::all(), &mut rng);
        learner.learn(&x, &choice, Reward::new(0.75).unwrap(), &Ending::terminal());
        let before = learner;

        let (mut xs, mut scores, mut rewards) = (Vec::new(), Vec::new(), Vec::new());
        for t in 0..length {
            let x = Features::new([spread::<f32>(&mut rng, 1.0), spread(&mut rng, 1.0)]).unwrap();
            let choice = learner.act(&x, &ActionMask::all(), &mut rng);
            let p = choice.distribution().probabilities().to_vec();
            let score = [0, 1, 2].map(|k| f64::from(u8::from(k == choice.action())) - f64::from(p[k as usize]));
            let reward = spread::<f32>(&mut rng, 1.0);
            xs.push(x);
            scores.push(score);
            rewards.push(reward);
            let ending = if t + 1 == length { Ending::truncated() } else { Ending::none() };
            learner.learn(&x, &choice, Reward::new(reward).unwrap(), &ending);
        }
        let mut returns = vec![0.0; length];
        let ended = vec![false; length];
        discounted_returns::returns(&rewards, &ended, Discount::new(gamma).unwrap(), 0.0, &mut returns).unwrap();
        let (mut of_policy, mut of_critic) = (vec![0.0; 9], vec![0.0; 3]);
        for t in 0..length {
            let advantage = f64::from(returns[t]) - f64::from(before.baseline().value(&xs[t]));
            let counts = if weight == StepWeight::Equal { 1.0 } else { f64::from(gamma).powi(t as i32) };
            let [x, y] = xs[t].as_array().map(f64::from);
            for (i, x) in [x, y, 1.0].into_iter().enumerate() {
                for k in 0..3 {
                    of_policy[3 * i + k] += counts * advantage * scores[t][k] * x;
                }
                of_critic[i] += advantage * x;
            }
        }
        let moved = |before: Vec<f32>, by: &[f64], rate: f64| -> Vec<f64> {
            before.into_iter().map(f64::from).zip(by).map(|(b, g)| b + rate * g).collect()
        };
        let expected = moved(numbers(before.policy().parameters()), &of_policy, 1.0);
        close(numbers(learner.policy().parameters()), &expected, 2e-5);
        let expected = moved(numbers(before.baseline().parameters()), &of_critic, 0.001);
        close(numbers(learner.baseline().parameters()), &expected, 2e-5);
    }
}

/// Compares Adam and momentum with their definitions.
#[test]
fn optimizers_do_as_they_are_defined() {
    let mut rng = stream::xorshift(5, 0);
    let (mut adam, mut momentum) =
        (Adam::<Dense<1, 1>>::new(rate(0.01)), Momentum::<Dense<1, 1>>::new(rate(0.01), Decay::new(0.9).unwrap()));
    let (mut by_adam, mut by_momentum) = (Dense::zero(), Dense::zero());
    let (mut m, mut v, mut velocity, mut expected) = ([0.0; 2], [0.0; 2], [0.0; 2], [[0.0; 2]; 2]);
    for t in 1..=500 {
        let g: [f32; 2] = [spread(&mut rng, 2.0), spread::<f32>(&mut rng, 2.0) + 1e-3];
        let gradient = Dense::new([[[g[0]]]], [[g[1]]]).unwrap();
        adam.ascend(&mut by_adam, &gradient, true);
        momentum.ascend(&mut by_momentum, &gradient, true);
        for i in 0..2 {
            let g = f64::from(g[i]);
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            let (m, v) = (m[i] / (1.0 - 0.9_f64.powi(t)), v[i] / (1.0 - 0.999_f64.powi(t)));
            expected[0][i] += 0.01 * m / (v.sqrt() + 1e-8);
            velocity[i] = 0.9 * velocity[i] + g;
            expected[1][i] += 0.01 * velocity[i];
        }
        close(numbers(&by_adam), &expected[0], 2e-5);
        close(numbers(&by_momentum), &expected[1], 2e-5);
    }
}

#[test]
fn long_gradients_are_shortened() {
    let block = Dense::<1, 2>::new([[[3.0, 0.0]]], [[0.0, 4.0]]).unwrap();
    assert_eq!(block.norm(), 5.0);
    let mut clipped = block;
    clipped.clip(MaxNorm::new(5.0).unwrap());
    assert_eq!(clipped, block);
    clipped.clip(MaxNorm::new(1.0).unwrap());
    close(numbers(&clipped), &[0.6, 0.0, 0.0, 0.8], 1e-7);
    let mut nothing = Dense::<1, 2>::zero();
    nothing.clip(MaxNorm::new(1e-6).unwrap());
    assert_eq!(nothing, Dense::zero());
    // The clipped step of a learner is at most rate times norm long.
    let sgd = Sgd::new(rate(0.5));
    let average = MovingAverage::new(Decay::new(0.9).unwrap());
    let steering = Steering { max_norm: MaxNorm::new(0.25).ok(), ..steering(1.0, 0.0) };
    let mut learner = TraceReinforce::new(CategoricalPolicy::<2, 2>::new(SoftmaxHead), sgd, average, steering);
    let x = Features::new([1e6, -1e6]).unwrap();
    let choice = learner.act(&x, &ActionMask::all(), &mut stream::xorshift(1, 0));
    learner.learn(&x, &choice, Reward::new(1e6).unwrap(), &Ending::none());
    let length = learner.policy().parameters().norm();
    assert!((length - 0.125).abs() < 1e-6, "{length}");
}

/// Checks the value after the end: zero if terminal, the critic's value if truncated. Both reset the traces.
#[test]
fn ends_are_told_apart() {
    let x = Features::new([]).unwrap();
    for (ending, expected) in [(Ending::terminal(), 1.0), (Ending::truncated(), 2.0), (Ending::none(), 2.0)] {
        let (policy, sgd) = (CategoricalPolicy::<0, 1>::new(SoftmaxHead), Sgd::new(rate(0.1)));
        let mut learner = ActorCritic::new(policy, sgd, sgd, steering(0.5, 0.5), TraceDecay::new(0.0).unwrap());
        for _ in 0..500 {
            let choice = learner.act(&x, &ActionMask::all(), &mut stream::xorshift(1, 0));
            learner.learn(&x, &choice, Reward::new(1.0).unwrap(), &x, &ending);
        }
        close([learner.value(&x)], &[expected], 1e-5);
        let forgot = learner.critic_trace() == &Dense::zero() && learner.trace() == &Dense::zero();
        assert_eq!(forgot, ending != Ending::none());
    }
}

/// Checks the random walk of five rooms, whose values are 1/6 to 5/6 (Sutton and Barto, example 6.2), at several λ.
#[test]
#[cfg_attr(debug_assertions, ignore = "learning: release builds run it")]
fn values_of_a_random_walk() {
    type L = F32x16;
    for lambda in [0.0, 0.5, 0.9, 1.0] {
        let (policy, sgd) = (CategoricalPolicy::<5, 1, L>::new(SoftmaxHead), Sgd::new(rate(0.1)));
        let mut learner = ActorCritic::new(policy, sgd, sgd, steering(1.0, 1.0), TraceDecay::new(lambda).unwrap());
        let mut rng = LaneRng::<L>::new(11, 0);
        let mut place = L::splat(3.0);
        // The features are zero outside the five rooms.
        let see = |place: L| {
            let rooms = [1.0, 2.0, 3.0, 4.0, 5.0];
            Features::new(rooms.map(|room| L::select(place.equals(L::splat(room)), L::ONE, L::ZERO))).unwrap()
        };
        const STEPS: u32 = 20_000;
        for step in 0..STEPS {
            learner.critic_optimizer_mut().set_rate(rate(0.05 * (1.0 - step as f32 / STEPS as f32)));
            let x = see(place);
            let choice = learner.act(&x, &ActionMask::all(), &mut rng);
            let right = Uniform::<L>::sample(&mut rng).is_upper();
            place = place + L::select(right, L::ONE, -L::ONE);
            let (won, lost) = (place.equals(L::splat(6.0)), place.equals(L::ZERO));
            let reward = Reward::new(L::select(won, L::ONE, L::ZERO)).unwrap();
            learner.learn(&x, &choice, reward, &see(place), &Ending::new(won.or(lost), Mask::splat(false)));
            place = L::select(won.or(lost), L::splat(3.0), place);
        }
        for room in 1..=5_u8 {
            let value = learner.value(&see(L::splat(room.into())));
            let mean = value.to_array().into_iter().sum::<f32>() / 16.0;
            assert!((mean - f32::from(room) / 6.0).abs() < 0.01, "λ = {lambda}, room {room}: {mean}");
        }
    }
}

/// Compares the score and the gradient of the entropy with differences of sums and integrals in double precision.
#[test]
fn gradients_of_heads() {
    let softmax = |l: &[f64]| {
        let e: Vec<f64> = l.iter().map(|l| l.exp()).collect();
        let sum: f64 = e.iter().sum();
        e.into_iter().map(|e| e / sum).collect::<Vec<_>>()
    };
    let slope = |f: &dyn Fn(f64) -> f64| (f(1e-5) - f(-1e-5)) / 2e-5;
    let logits = [0.5_f32, -1.0, 0.25];
    let moved = |k: usize, by: f64| {
        let mut l = logits.map(f64::from);
        l[k] += by;
        l
    };
    let p = SoftmaxHead.distribution(&[logits], &ActionMask::all());
    let (mut score, mut gradient) = ([[0.0; 3]], [[0.0; 3]]);
    Head::<3, 1>::score(&SoftmaxHead, &p, 2, &mut score);
    Head::<3, 1>::entropy_gradient(&SoftmaxHead, &p, &mut gradient);
    let entropy = |p: &[f64]| -p.iter().map(|p| p * p.ln()).sum::<f64>();
    close(score[0], &[0, 1, 2].map(|k| slope(&|by| softmax(&moved(k, by))[2].ln())), 1e-6);
    close(gradient[0], &[0, 1, 2].map(|k| slope(&|by| entropy(&softmax(&moved(k, by))))), 1e-6);

    let bits = BernoulliHead.distribution(&[logits], &BitMask::all());
    Head::<3, 1>::score(&BernoulliHead, &bits, [true, false, true], &mut score);
    Head::<3, 1>::entropy_gradient(&BernoulliHead, &bits, &mut gradient);
    let on = |l: f64| 1.0 / (1.0 + (-l).exp());
    let value = [1.0, 0.0, 1.0];
    let log_p = |k: usize, by: f64| {
        let p = on(f64::from(logits[k]) + by);
        (value[k] * p + (1.0 - value[k]) * (1.0 - p)).ln()
    };
    let entropy_of = |k: usize, by: f64| {
        let p = on(f64::from(logits[k]) + by);
        entropy(&[p, 1.0 - p])
    };
    close(score[0], &[0, 1, 2].map(|k| slope(&|by| log_p(k, by))), 1e-6);
    close(gradient[0], &[0, 1, 2].map(|k| slope(&|by| entropy_of(k, by))), 1e-6);

    let head = GaussianHead::new(-5.0, 2.0).unwrap();
    let (outputs, action) = ([[0.5_f32, -1.0], [0.25, -2.0]], [0.75_f32, -1.5]);
    let law = head.distribution(&outputs, &());
    let (mut score, mut gradient) = ([[0.0; 2]; 2], [[0.0; 2]; 2]);
    head.score(&law, action, &mut score);
    head.entropy_gradient(&law, &mut gradient);
    let log_density = |k: usize, m: f64, s: f64| {
        let (mean, log_std) = (f64::from(outputs[0][k]) + m, f64::from(outputs[1][k]) + s);
        -0.5 * ((f64::from(action[k]) - mean) / log_std.exp()).powi(2) - log_std
    };
    close(score[0], &[0, 1].map(|k| slope(&|by| log_density(k, by, 0.0))), 1e-5);
    close(score[1], &[0, 1].map(|k| slope(&|by| log_density(k, 0.0, by))), 1e-5);
    assert_eq!(gradient, [[0.0; 2], [1.0; 2]]);

    // Beyond the range of a parameter the score is zero, but below the range an entropy bonus leads back.
    let law = head.distribution(&[[2e6, 0.0, 0.0], [0.0, -6.0, 3.0]], &());
    let (mut score, mut gradient) = ([[0.0; 3]; 2], [[0.0; 3]; 2]);
    head.score(&law, [1.0; 3], &mut score);
    head.entropy_gradient(&law, &mut gradient);
    assert_eq!((score[0][0], score[1][1], score[1][2]), (0.0, 0.0, 0.0));
    assert_eq!(gradient[1], [1.0, 1.0, 0.0]);
    assert_eq!(law.components()[0].mean(), GaussianHead::MAX_MEAN);
}

/// Checks that an entropy bonus alone makes a policy uniform and restores small deviations.
#[test]
fn an_entropy_bonus_explores() {
    let x = Features::new([1.0]).unwrap();
    let nothing = Constant::new(Reward::new(0.0).unwrap());
    let steering = Steering { entropy_bonus: EntropyBonus::new(1.0).unwrap(), ..Steering::default() };
    let given = Dense::new([[[2.0, 0.0]]], [[0.0, 0.0]]).unwrap();
    let policy = LinearPolicy::with_parameters(SoftmaxHead, given);
    let mut learner = EpisodicReinforce::new(policy, Sgd::new(rate(0.5)), nothing, steering);
    let head = GaussianHead::with_shared_deviation(-3.0, 0.0).unwrap();
    let narrow = Dense::new([[[0.0]], [[0.0]]], [[0.0], [-9.0]]).unwrap();
    let policy: GaussianPolicy<1, 1> = LinearPolicy::with_parameters(head, narrow);
    let mut normal = EpisodicReinforce::new(policy, Sgd::new(rate(0.5)), nothing, steering);
    let mut rng = stream::xorshift(1, 0);
    for _ in 0..100 {
        let choice = learner.act(&x, &ActionMask::all(), &mut rng);
        learner.learn(&x, &choice, Reward::new(0.0).unwrap(), &Ending::terminal());
        let choice = normal.act(&x, &(), &mut rng);
        normal.learn(&x, &choice, Reward::new(0.0).unwrap(), &Ending::terminal());
    }
    close(learner.policy().distribution(&x, &ActionMask::all()).probabilities().to_vec(), &[0.5, 0.5], 1e-3);
    close([normal.policy().distribution(&x, &()).components()[0].std()], &[1.0], 1e-6);
    // A deviation that does not depend on the features is learned as a bias alone.
    assert_eq!(normal.policy().parameters().weights()[1], [[0.0]]);
}

/// Checks that every lane has its own ends of episodes and equals a device of its stream.
#[test]
fn lanes_are_devices() {
    type L = F32x16;
    fn run<L: Lane, S: Source<L>>(rng: &mut S) -> impl Fn(usize) -> Vec<u32> + use<L, S> {
        let adam = Adam::<Dense<2, 2, 1, L>>::new(rate(0.01));
        let critic = ReturnCritic::new(Momentum::<Dense<2, 1, 1, L>>::new(rate(0.01), Decay::new(0.9).unwrap()));
        let policy = CategoricalPolicy::<2, 2, L>::new(SoftmaxHead);
        let discounted =
            Steering { step_weight: StepWeight::Discounted, max_norm: MaxNorm::new(0.5).ok(), ..steering(0.9, 0.8) };
        let mut episodic = EpisodicReinforce::new(policy, adam, critic, discounted);
        let mut actor = ActorCritic::new(policy, adam, Sgd::new(rate(0.1)), discounted, TraceDecay::new(0.5).unwrap());
        for _ in 0..300 {
            let mut see = || Features::new([spread(rng, 1.0), spread(rng, 1.0)]).unwrap();
            let (x, next) = (see(), see());
            let (mask, reward) = (ActionMask::all(), Reward::new(spread(rng, 1.0)).unwrap());
            let often = |x: L| x.lt(L::splat(-0.5));
            let ending = Ending::new(often(spread(rng, 1.0)), often(spread(rng, 1.0)));
            let choice = episodic.act(&x, &mask, rng);
            episodic.learn(&x, &choice, reward, &ending);
            let choice = actor.act(&x, &mask, rng);
            actor.learn(&x, &choice, reward, &next, &ending);
        }
        move |lane| {
            let mut all = numbers(episodic.policy().parameters());
            all.extend(numbers(episodic.gradient()));
            all.extend(numbers(episodic.baseline().parameters()));
            all.extend(numbers(actor.policy().parameters()));
            all.extend(numbers(actor.critic()));
            all.extend(numbers(actor.trace()));
            all.into_iter().map(|x| x.extract(lane).to_bits()).collect()
        }
    }
    let fleet = run::<L, _>(&mut LaneRng::<L>::new(21, 0));
    for lane in 0..16 {
        let device = run::<f32, _>(&mut stream::xorshift(21, lane as u64));
        assert_eq!(fleet(lane), device(0), "lane {lane}");
    }
}

#[test]
fn a_softmax_policy_becomes_a_categorical_one() {
    let policy = SoftmaxPolicy::from_weights([[0.5, -0.5], [1.0, 0.25]], [0.0, 2.0]).unwrap();
    let x = Features::new([0.5, -2.0]).unwrap();
    let all = ActionMask::all();
    assert_eq!(CategoricalPolicy::from(&policy).distribution(&x, &all), policy.distribution(&x, &all));
}
