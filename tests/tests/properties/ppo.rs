//! Proximal policy optimization against a second implementation in `f64`, and the ratios of probabilities of every head.

use samplegrad_core::{
    ActionMask, BernoulliHead, BetaHead, BitMask, CategoricalPolicy, ClipRange, Discount, Ending, EntropyBonus,
    Features, GaussianHead, Head, LearningRate, LinearPolicy, Network, Passes, Policy, Ppo, Reward, Sgd, SoftmaxHead,
    Source, SquashedGaussianHead, Steering, TraceDecay, stream,
};

const D: usize = 2;
const K: usize = 3;
const STEPS: usize = 12;
const RATE: f64 = 0.25;

/// Returns a number that is uniform within ±1.
fn spread(rng: &mut impl Source<f32>) -> f32 {
    rng.next_word() as f32 / 2_147_483_648.0 - 1.0
}

/// A step of the rollout in `f64`.
struct Step {
    input: [f64; D],
    allowed: [bool; K],
    action: usize,
    reward: f64,
    next: [f64; D],
    terminal: bool,
    ended: bool,
}

/// A linear softmax policy and a linear critic in `f64`: weights, feature-major, then biases.
#[derive(Clone)]
struct Exact {
    policy: Vec<f64>,
    critic: Vec<f64>,
}

impl Exact {
    fn probabilities(&self, step: &Step) -> Vec<f64> {
        let logit =
            |k: usize| self.policy[D * K + k] + (0..D).map(|d| step.input[d] * self.policy[d * K + k]).sum::<f64>();
        let e: Vec<f64> = (0..K).map(|k| if step.allowed[k] { logit(k).exp() } else { 0.0 }).collect();
        e.iter().map(|x| x / e.iter().sum::<f64>()).collect()
    }

    fn value(&self, input: [f64; D]) -> f64 {
        self.critic[D] + (0..D).map(|d| input[d] * self.critic[d]).sum::<f64>()
    }

    /// Returns the objective of a minibatch, from equations 7 and 12 of the source.
    fn objective(&self, batch: &[(&Step, f64, f64, f64)], clip: f64, bonus: f64) -> f64 {
        let of_step = |&(step, then, advantage, target): &(&Step, f64, f64, f64)| {
            let p = self.probabilities(step);
            let ratio = p[step.action] / then;
            let clipped = (ratio * advantage).min(ratio.clamp(1.0 - clip, 1.0 + clip) * advantage);
            let entropy: f64 = p.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum();
            clipped + bonus * entropy - 0.5 * (target - self.value(step.input)).powi(2)
        };
        batch.iter().map(of_step).sum::<f64>() / batch.len() as f64
    }

    /// Takes one step of gradient ascent, by central differences.
    fn ascend(&mut self, batch: &[(&Step, f64, f64, f64)], clip: f64, bonus: f64) {
        const WIDTH: f64 = 1e-6;
        let slope = |change: &dyn Fn(&mut Exact, f64)| {
            let at = |width: f64| {
                let mut moved = self.clone();
                change(&mut moved, width);
                moved.objective(batch, clip, bonus)
            };
            (at(WIDTH) - at(-WIDTH)) / (2.0 * WIDTH)
        };
        let of_policy: Vec<f64> = (0..self.policy.len()).map(|i| slope(&|moved, x| moved.policy[i] += x)).collect();
        let of_critic: Vec<f64> = (0..self.critic.len()).map(|i| slope(&|moved, x| moved.critic[i] += x)).collect();
        self.policy.iter_mut().zip(of_policy).for_each(|(x, g)| *x += RATE * g);
        self.critic.iter_mut().zip(of_critic).for_each(|(x, g)| *x += RATE * g);
    }
}

/// Returns the advantages, with mean 0 and deviation 1, and the returns for the critic.
fn advantages(exact: &Exact, steps: &[Step], discount: f64, decay: f64) -> Vec<(f64, f64)> {
    let mut after = 0.0;
    let mut plain: Vec<(f64, f64)> = Vec::new();
    for step in steps.iter().rev() {
        let to_come = if step.terminal { 0.0 } else { exact.value(step.next) };
        let error = step.reward + discount * to_come - exact.value(step.input);
        after = error + if step.ended { 0.0 } else { discount * decay * after };
        plain.push((after, after + exact.value(step.input)));
    }
    plain.reverse();
    let mean = plain.iter().map(|x| x.0).sum::<f64>() / STEPS as f64;
    let deviation = (plain.iter().map(|x| (x.0 - mean).powi(2)).sum::<f64>() / STEPS as f64).sqrt();
    plain.into_iter().map(|(a, target)| ((a - mean) / deviation, target)).collect()
}

/// Compares three rollouts: actions that are masked, ends of both kinds, clipped ratios, three minibatches of four steps.
#[test]
fn updates_are_those_of_a_second_implementation() {
    const CLIP: f32 = 0.1;
    const BONUS: f32 = 0.05;
    let rng = &mut stream::xorshift(2026, 3);
    let sgd = || Sgd::new(LearningRate::new(RATE as f32).unwrap());
    let steering = Steering {
        discount: Discount::new(0.9).unwrap(),
        trace_decay: TraceDecay::new(0.8).unwrap(),
        entropy_bonus: EntropyBonus::new(BONUS).unwrap(),
        ..Steering::default()
    };
    let passes = Passes::new(ClipRange::new(CLIP).unwrap(), 4, 3).unwrap();
    let policy = CategoricalPolicy::<D, K>::new(SoftmaxHead);
    let mut learner = Ppo::<_, _, _, STEPS>::new(policy, sgd(), sgd(), steering, passes);
    let mut exact = Exact { policy: vec![0.0; D * K + K], critic: vec![0.0; D + 1] };
    let mut clipped = 0;
    for _ in 0..3 {
        let mut steps = Vec::new();
        for t in 0..STEPS {
            let input = [spread(rng), spread(rng)];
            let next = [spread(rng), spread(rng)];
            let allowed = [true, t % 5 != 1, true];
            let (terminal, truncated) = (t == 3, t == 7);
            let mask = ActionMask::new(allowed).unwrap();
            let (x, y) = (Features::new(input).unwrap(), Features::new(next).unwrap());
            let choice = learner.act(&x, &mask, rng);
            let reward = spread(rng) + choice.action() as f32;
            let ending = Ending::new(terminal, truncated);
            let updated = learner.learn((&x, &mask), &choice, Reward::new(reward).unwrap(), &y, &ending);
            assert_eq!(updated, t == STEPS - 1);
            let (input, next) = (input.map(f64::from), next.map(f64::from));
            let (action, reward, ended) = (choice.action() as usize, f64::from(reward), terminal || truncated);
            steps.push(Step { input, allowed, action, reward, next, terminal, ended });
        }
        let estimated = advantages(&exact, &steps, f64::from(0.9_f32), f64::from(0.8_f32));
        let then: Vec<f64> = steps.iter().map(|step| exact.probabilities(step)[step.action]).collect();
        for _ in 0..4 {
            for j in 0..3 {
                let of = |t: usize| (&steps[t], then[t], estimated[t].0, estimated[t].1);
                let batch: Vec<_> = (j..STEPS).step_by(3).map(of).collect();
                let outside = |&&(step, then, _, _): &&(&Step, f64, f64, f64)| {
                    (exact.probabilities(step)[step.action] / then - 1.0).abs() > f64::from(CLIP)
                };
                clipped += batch.iter().filter(outside).count();
                exact.ascend(&batch, f64::from(CLIP), f64::from(BONUS));
            }
        }
        let found = learner.policy().parameters();
        let found = found.weights().as_flattened().as_flattened().iter().chain(found.bias().as_flattened());
        for (&found, exact) in found.zip(&exact.policy) {
            assert!((f64::from(found) - exact).abs() < 1e-4, "policy: {found}, exact {exact}");
        }
        let critic = learner.critic();
        let found = critic.weights().as_flattened().as_flattened().iter().chain(critic.bias().as_flattened());
        for (&found, exact) in found.zip(&exact.critic) {
            assert!((f64::from(found) - exact).abs() < 1e-4, "critic: {found}, exact {exact}");
        }
    }
    assert!(clipped > 20, "only {clipped} ratios were clipped");
}

/// Compares the ratio for moved outputs with the integral of the score along the way, and the score with that of the
/// choice of the same action.
fn ratio_is_the_integral_of_the_score<P, const H: usize>(head: P, constraint: &P::Constraint)
where
    P: Head<K, H> + Copy,
{
    let rng = &mut stream::xorshift(2026, 4);
    for _ in 0..200 {
        let random = |rng: &mut _| [(); H].map(|()| [(); K].map(|()| 2.0 * spread(rng)));
        let (start, end) = (random(rng), random(rng));
        let mut then = head.distribution(&start, constraint);
        let action = head.draw_kept(&mut then, rng);
        const PARTS: usize = 64;
        let mut sum = 0.0_f64;
        for part in 0..PARTS {
            let share = (part as f32 + 0.5) / PARTS as f32;
            let mut at = start;
            for (x, &y) in at.as_flattened_mut().iter_mut().zip(end.as_flattened()) {
                *x += share * (y - *x);
            }
            let mut now = head.distribution(&at, constraint);
            head.log_ratio(&mut now, &then, action);
            let mut score = [[0.0; K]; H];
            head.score(&now, action, &mut score);
            let way = end.as_flattened().iter().zip(start.as_flattened()).map(|(y, x)| f64::from(y - x));
            sum += score.as_flattened().iter().zip(way).map(|(&s, w)| f64::from(s) * w).sum::<f64>() / PARTS as f64;
        }
        let mut now = head.distribution(&end, constraint);
        let ratio = f64::from(head.log_ratio(&mut now, &then, action));
        assert!((ratio - sum).abs() < 2e-3 * sum.abs().max(1.0), "ratio {ratio}, integral {sum}");
    }
}

#[test]
fn ratios_are_integrals_of_scores() {
    ratio_is_the_integral_of_the_score(SoftmaxHead, &ActionMask::all());
    ratio_is_the_integral_of_the_score(SoftmaxHead, &ActionMask::new([true, false, true]).unwrap());
    ratio_is_the_integral_of_the_score(BernoulliHead, &BitMask::all());
    let gaussian = GaussianHead::new(-5.0, 2.0).unwrap();
    ratio_is_the_integral_of_the_score(gaussian, &());
    ratio_is_the_integral_of_the_score(SquashedGaussianHead::new(gaussian), &());
    ratio_is_the_integral_of_the_score(BetaHead, &());
}

#[test]
fn an_unmoved_policy_has_the_ratio_one() {
    let rng = &mut stream::xorshift(2026, 5);
    type Gaussian = LinearPolicy<GaussianHead, D, K, 2>;
    let mut policy = Gaussian::new(GaussianHead::new(-5.0, 2.0).unwrap());
    policy.parameters_mut().initialise(rng, |_| true);
    let x = Features::new([0.5, -0.25]).unwrap();
    let choice = policy.act(&x, &(), rng);
    let (again, ratio) = policy.reconsider(&x, &(), &Gaussian::drawn(&choice));
    assert_eq!((ratio, again.action()), (0.0, choice.action()));
    assert_eq!(policy.score(&again), policy.score(&choice));
}
