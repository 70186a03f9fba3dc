//! Gradients of episodes. The mean and variance of the learners' sums are compared with the exact values for a small
//! decision process, computed by enumeration of all its trajectories. One step of each kind of policy is checked too.

use crate::common::{self, L, Rng, Verdict, accept, quick_and_long, reject};
use samplegrad_core::{
    ActionMask, ActorCritic, BernoulliHead, Block, CategoricalPolicy, Constant, Decay, Dense, Discount, Ending,
    EpisodicReinforce, Features, GaussianHead, Head, LinearPolicy, MovingAverage, Optimizer, Reward, SoftmaxHead,
    Steering, StepWeight, TraceDecay, TraceReinforce,
    lane::{Lane, Mask, Word},
    noise::Uniform,
};

/// An optimizer that sums the gradients and leaves the parameters unchanged.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Collect<const D: usize, const K: usize, const H: usize>(Dense<D, K, H, L>);

impl<const D: usize, const K: usize, const H: usize> Optimizer<Dense<D, K, H, L>> for Collect<D, K, H> {
    fn ascend(&mut self, _: &mut Dense<D, K, H, L>, gradient: &Dense<D, K, H, L>, _: <L as Lane>::Mask) {
        self.0.add_scaled(L::ONE, gradient);
    }
}

/// An optimizer that sets a critic to given parameters and keeps it there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Preset(Dense<2, 1, 1, L>);

impl Optimizer<Dense<2, 1, 1, L>> for Preset {
    fn ascend(&mut self, critic: &mut Dense<2, 1, 1, L>, _: &Dense<2, 1, 1, L>, _: <L as Lane>::Mask) {
        *critic = self.0;
    }
}

const STEPS: usize = 3;
const DISCOUNT: f32 = 0.8;
/// Features of the two states.
const SEEN: [[f32; 2]; 2] = [[1.0, 0.5], [-0.25, 1.0]];
/// Probability of state 1 after an action in a state, `[state][action]`.
const TO_ONE: [[f32; 2]; 2] = [[0.25, 0.75], [0.5, 0.125]];
/// Rewards, `[state][action]`.
const REWARDS: [[f32; 2]; 2] = [[1.0, -0.5], [0.25, 2.0]];
const WEIGHTS: [[f32; 2]; 2] = [[0.5, -0.25], [0.125, 0.5]];
const BIAS: [f32; 2] = [0.25, 0.0];
const BASELINE: f32 = 0.75;
/// Parameters of a wrong critic.
const CRITIC: ([f32; 2], f32) = ([0.5, -1.0], 0.75);

/// A gradient: weights, then biases.
type Gradient = [f64; 6];

fn score(state: usize, action: usize) -> (f64, Gradient) {
    let x = SEEN[state].map(f64::from);
    let logit = |k: usize| f64::from(BIAS[k]) + (0..2).map(|d| x[d] * f64::from(WEIGHTS[d][k])).sum::<f64>();
    let p = [1.0 / (1.0 + (logit(1) - logit(0)).exp()), 1.0 / (1.0 + (logit(0) - logit(1)).exp())];
    let s = [0, 1].map(|k| f64::from(u8::from(k == action)) - p[k]);
    (p[action], [x[0] * s[0], x[0] * s[1], x[1] * s[0], x[1] * s[1], s[0], s[1]])
}

fn value(state: usize) -> f64 {
    let (w, b) = CRITIC;
    f64::from(b) + (0..2).map(|d| f64::from(w[d] * SEEN[state][d])).sum::<f64>()
}

/// Returns all trajectories from state 0: probability, states including the last one, actions.
fn trajectories() -> Vec<(f64, Vec<usize>, Vec<usize>)> {
    let mut all = vec![(1.0, vec![0], vec![])];
    for _ in 0..STEPS {
        let mut longer = Vec::new();
        for (p, states, actions) in all {
            let state = states[states.len() - 1];
            for action in 0..2 {
                for next in 0..2 {
                    let to_one = f64::from(TO_ONE[state][action]);
                    let goes = if next == 1 { to_one } else { 1.0 - to_one };
                    let (mut states, mut actions) = (states.clone(), actions.clone());
                    states.push(next);
                    actions.push(action);
                    longer.push((p * score(state, action).0 * goes, states, actions));
                }
            }
        }
        all = longer;
    }
    all
}

/// Returns mean and variance of each number of an estimate that is a function of the trajectory.
fn moments(estimate: impl Fn(&[usize], &[usize]) -> Gradient) -> (Gradient, Gradient) {
    let (mut mean, mut square) = ([0.0; 6], [0.0; 6]);
    for (p, states, actions) in trajectories() {
        for (i, g) in estimate(&states, &actions).into_iter().enumerate() {
            mean[i] += p * g;
            square[i] += p * g * g;
        }
    }
    (mean, std::array::from_fn(|i| square[i] - mean[i] * mean[i]))
}

fn reward(state: usize, action: usize) -> f64 {
    f64::from(REWARDS[state][action])
}

/// Returns the gradient of the discounted return: the return of a trajectory times the gradient of its log-probability.
fn exact() -> Gradient {
    let gamma = f64::from(DISCOUNT);
    let of_trajectory = |states: &[usize], actions: &[usize]| {
        let r: f64 = (0..STEPS).map(|t| gamma.powi(t as i32) * reward(states[t], actions[t])).sum();
        let scores: Vec<Gradient> = (0..STEPS).map(|t| score(states[t], actions[t]).1).collect();
        std::array::from_fn(|i| r * scores.iter().map(|s| s[i]).sum::<f64>())
    };
    moments(of_trajectory).0
}

/// Computes `Σ_t γ^t a_t s_t`, where `advantage` returns the factor `a_t` of each step's score.
fn weighted(states: &[usize], actions: &[usize], advantage: impl Fn(usize) -> f64) -> Gradient {
    let gamma = f64::from(DISCOUNT);
    let mut sum = [0.0; 6];
    for t in 0..STEPS {
        let (_, s) = score(states[t], actions[t]);
        for i in 0..6 {
            sum[i] += gamma.powi(t as i32) * advantage(t) * s[i];
        }
    }
    sum
}

fn discounted(t: usize, mut term: impl FnMut(usize) -> f64) -> f64 {
    (t..STEPS).map(|k| f64::from(DISCOUNT).powi((k - t) as i32) * term(k)).sum()
}

/// Returns the variance of the estimate that subtracts a constant from each return.
fn variance_of_episodes() -> Gradient {
    let of_trajectory = |states: &[usize], actions: &[usize]| {
        weighted(states, actions, |t| discounted(t, |k| reward(states[k], actions[k])) - f64::from(BASELINE))
    };
    let (mean, variance) = moments(of_trajectory);
    assert!(mean.iter().zip(exact()).all(|(a, b)| (a - b).abs() < 1e-12));
    variance
}

/// Returns the variance of the estimate that subtracts a constant from each reward.
fn variance_of_traces() -> Gradient {
    let of_trajectory = |states: &[usize], actions: &[usize]| {
        weighted(states, actions, |t| discounted(t, |k| reward(states[k], actions[k]) - f64::from(BASELINE)))
    };
    moments(of_trajectory).1
}

/// Returns the variance of the estimate that subtracts a critic's value.
fn variance_of_critic() -> Gradient {
    let of_trajectory = |states: &[usize], actions: &[usize]| {
        weighted(states, actions, |t| discounted(t, |k| reward(states[k], actions[k])) - value(states[t]))
    };
    moments(of_trajectory).1
}

/// State of every lane.
struct World {
    in_one: <L as Lane>::Mask,
}

impl World {
    fn new() -> Self {
        Self { in_one: Mask::splat(false) }
    }

    fn pick(&self, table: [f32; 2]) -> L {
        L::select(self.in_one, L::splat(table[1]), L::splat(table[0]))
    }

    fn see(&self) -> Features<2, L> {
        Features::new([0, 1].map(|d| self.pick(SEEN.map(|seen| seen[d])))).unwrap()
    }

    /// Returns the reward, then moves to the next state.
    fn act(&mut self, action: <L as Lane>::Word, rng: &mut Rng) -> Reward<L> {
        let one = action.equals(Word::splat(1));
        let by_action = |table: [[f32; 2]; 2]| {
            L::select(one, self.pick(table.map(|row| row[1])), self.pick(table.map(|row| row[0])))
        };
        let (reward, to_one) = (by_action(REWARDS), by_action(TO_ONE));
        self.in_one = Uniform::<L>::sample(rng).value().lt(to_one);
        Reward::new(reward).unwrap()
    }
}

fn policy() -> CategoricalPolicy<2, 2, L> {
    let parameters = Dense::new([WEIGHTS.map(|row| row.map(L::splat))], [BIAS.map(L::splat)]);
    LinearPolicy::with_parameters(SoftmaxHead, parameters.unwrap())
}

fn steering(lambda: f32, step_weight: StepWeight) -> Steering {
    let (discount, trace_decay) = (Discount::new(DISCOUNT).unwrap(), TraceDecay::new(lambda).unwrap());
    Steering { discount, trace_decay, step_weight, ..Steering::default() }
}

/// Compares the collected gradients of episodes with the exact one.
fn hold<const D: usize, const K: usize, const H: usize>(
    draws: u64,
    exact: &[f64],
    variances: &[f64],
    mut episode: impl FnMut(&mut Rng) -> Dense<D, K, H, L>,
) -> Verdict {
    let mut moments: Vec<_> = exact.iter().map(|&g| common::Moments::about(g)).collect();
    common::repeat(draws, 19, |rng| {
        let gradient = episode(rng);
        let numbers = gradient.weights().as_flattened().as_flattened().iter().chain(gradient.bias().as_flattened());
        moments.iter_mut().zip(numbers).for_each(|(m, &g)| m.take(g));
    });
    let means = moments.iter().enumerate().map(|(i, m)| m.mean().within(format!("number {i}")));
    let known = moments.iter().zip(variances).enumerate();
    means.chain(known.map(|(i, (m, &v))| m.variance(v).within(format!("number {i}")))).collect()
}

fn end(t: usize) -> Ending<L> {
    if t + 1 == STEPS { Ending::terminal() } else { Ending::none() }
}

fn episodes(draws: u64, step_weight: StepWeight, variances: &[f64]) -> Verdict {
    let constant = Constant::new(Reward::new(L::splat(BASELINE)).unwrap());
    let start = EpisodicReinforce::new(policy(), Collect(Dense::zero()), constant, steering(1.0, step_weight));
    hold(draws, &exact(), variances, |rng| {
        let (mut learner, mut world) = (start, World::new());
        for t in 0..STEPS {
            let x = world.see();
            let choice = learner.act(&x, &ActionMask::all(), rng);
            let reward = world.act(choice.action(), rng);
            learner.learn(&x, &choice, reward, &end(t));
        }
        learner.optimizer_mut().0
    })
}

fn traces(draws: u64, lambda: f32, variances: &[f64]) -> Verdict {
    let baseline = MovingAverage::starting_at(Reward::new(L::splat(BASELINE)).unwrap(), Decay::new(1.0).unwrap());
    let steering = steering(lambda, StepWeight::Discounted);
    let start = TraceReinforce::new(policy(), Collect(Dense::zero()), baseline, steering);
    hold(draws, &exact(), variances, |rng| {
        let (mut learner, mut world) = (start, World::new());
        for t in 0..STEPS {
            let x = world.see();
            let choice = learner.act(&x, &ActionMask::all(), rng);
            let reward = world.act(choice.action(), rng);
            learner.learn(&x, &choice, reward, &end(t));
        }
        learner.optimizer_mut().0
    })
}

fn actor_critic(draws: u64, lambda: f32, variances: &[f64]) -> Verdict {
    let critic = Dense::new([CRITIC.0.map(|w| [L::splat(w)])], [[L::splat(CRITIC.1)]]).unwrap();
    let (collect, steering) = (Collect(Dense::zero()), steering(lambda, StepWeight::Discounted));
    let mut start = ActorCritic::new(policy(), collect, Preset(critic), steering, TraceDecay::new(0.5).unwrap());
    // An episode of one step sets the critic to its preset parameters.
    let x = World::new().see();
    let any = start.policy().choose(&x, &ActionMask::all(), Word::splat(0)).unwrap();
    start.learn(&x, &any, Reward::new(L::ZERO).unwrap(), &x, &Ending::terminal());
    start.optimizer_mut().0 = Dense::zero();
    hold(draws, &exact(), variances, |rng| {
        let (mut learner, mut world) = (start, World::new());
        for t in 0..STEPS {
            let x = world.see();
            let choice = learner.act(&x, &ActionMask::all(), rng);
            let reward = world.act(choice.action(), rng);
            learner.learn(&x, &choice, reward, &world.see(), &end(t));
        }
        learner.optimizer_mut().0
    })
}

/// Checks one step of a policy with features (1, ½), starting from outputs that depend on the biases only.
fn one_step<P, const K: usize, const H: usize>(
    draws: u64,
    head: P,
    outputs: [[f32; K]; H],
    exact: &[f64],
    variances: &[f64],
    cost: impl Fn(P::Action) -> L,
) -> Verdict
where
    P: Head<K, H, L, Constraint: Default> + Copy,
{
    let bias = outputs.map(|row| row.map(L::splat));
    let parameters = Dense::new([[[L::ZERO; K]; 2]; H], bias).unwrap();
    let nothing = Constant::new(Reward::new(L::ZERO).unwrap());
    let policy = LinearPolicy::with_parameters(head, parameters);
    let start = EpisodicReinforce::new(policy, Collect(Dense::zero()), nothing, Steering::default());
    let x = Features::new([L::ONE, L::splat(0.5)]).unwrap();
    // Weights of the first feature, weights of the second feature, biases: the gradient times 1, ½ and 1, for each row
    // of outputs.
    let in_weights = |x: &[f64], power: i32| -> Vec<f64> {
        let rows = x.chunks(K).flat_map(|row| {
            [1.0, 0.5_f64].into_iter().flat_map(move |scale| row.iter().map(move |g| g * scale.powi(power)))
        });
        rows.chain(x.iter().copied()).collect()
    };
    hold(draws, &in_weights(exact, 1), &in_weights(variances, 2), |rng| {
        let mut learner = start;
        let choice = learner.act(&x, &P::Constraint::default(), rng);
        let reward = Reward::new(cost(choice.action())).unwrap();
        learner.learn(&x, &choice, reward, &Ending::terminal());
        learner.optimizer_mut().0
    })
}

const MEAN: f32 = 0.5;
const LOG_STD: f32 = -0.25;
const TARGET: f32 = 1.25;

/// Checks the reward `−(a − t)²` of a normal action: the gradient in closed form, its variance by integration.
fn gaussian(draws: u64, head: GaussianHead, off: f64) -> Verdict {
    let (mean, std, target) = (f64::from(MEAN), f64::from(LOG_STD).exp(), f64::from(TARGET));
    let exact = [-2.0 * (mean - target) + off, -2.0 * std * std];
    let mut squares = [0.0; 2];
    let step = 1e-3;
    for i in -9000..=9000 {
        let e = f64::from(i) * step;
        let density = (-0.5 * e * e).exp() / (2.0 * std::f64::consts::PI).sqrt() * step;
        let r = -(mean + std * e - target).powi(2);
        squares[0] += density * (r * e / std).powi(2);
        squares[1] += density * (r * (e * e - 1.0)).powi(2);
    }
    let variances = [squares[0] - exact[0] * exact[0], squares[1] - exact[1] * exact[1]];
    one_step(draws, head, [[MEAN], [LOG_STD]], &exact, &variances, |[a]| -((a - TARGET) * (a - TARGET)))
}

fn bernoulli(draws: u64, off: f64) -> Verdict {
    const LOGITS: [f32; 2] = [0.5, -1.0];
    let cost = |on: [f64; 2]| on[0] - 2.0 * on[1] + 3.0 * on[0] * on[1];
    let p = LOGITS.map(|l| 1.0 / (1.0 + (-f64::from(l)).exp()));
    let (mut exact, mut squares) = ([off, 0.0], [0.0; 2]);
    for on in [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] {
        let probability: f64 = (0..2).map(|i| if on[i] == 1.0 { p[i] } else { 1.0 - p[i] }).product();
        for i in 0..2 {
            let g = cost(on) * (on[i] - p[i]);
            exact[i] += probability * g;
            squares[i] += probability * g * g;
        }
    }
    let variances = [squares[0] - exact[0] * exact[0], squares[1] - exact[1] * exact[1]];
    one_step(draws, BernoulliHead, [LOGITS], &exact, &variances, |on| {
        let [a, b] = on.map(|on| L::select(on, L::ONE, L::ZERO));
        a - b * 2.0 + a * b * 3.0
    })
}

fn both() -> GaussianHead {
    GaussianHead::new(-5.0, 2.0).unwrap()
}

quick_and_long! {
    episodes_are_unbiased: accept, 30_000_000, |n| episodes(n, StepWeight::Discounted, &variance_of_episodes());
    /// Negative control: equal weights of all steps, which give another gradient than the discounted return's.
    episodes_of_equal_steps: reject, |n| episodes(n, StepWeight::Equal, &[]);
    traces_are_unbiased: accept, 30_000_000, |n| traces(n, 1.0, &variance_of_traces());
    traces_that_fade: reject, |n| traces(n, 0.5, &[]);
    actor_critic_is_unbiased: accept, 30_000_000, |n| actor_critic(n, 1.0, &variance_of_critic());
    /// Negative control: a wrong critic, which biases a trace that fades before the end.
    actor_critic_that_fades: reject, |n| actor_critic(n, 0.3, &[]);
    gaussian_policy: accept, 30_000_000, |n| gaussian(n, both(), 0.0);
    gaussian_policy_off: reject, |n| gaussian(n, both(), 0.05);
    bernoulli_policy: accept, 30_000_000, |n| bernoulli(n, 0.0);
    bernoulli_policy_off: reject, |n| bernoulli(n, 0.02);
}
