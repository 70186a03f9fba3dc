//! Learners of episodes. Each draw is an episode of two steps of a fresh learner. The draws cycle through the policy
//! heads.

use samplegrad_core::{
    ActionMask, ActorCritic, Adam, AverageReturn, BernoulliHead, BitMask, Decay, Dense, Discount, Ending, EntropyBonus,
    EpisodicReinforce, Features, GaussianHead, Head, LearningRate, LinearPolicy, MaxNorm, Momentum, MovingAverage,
    ReturnBaseline, ReturnCritic, Reward, Sgd, SoftmaxHead, Source, Steering, StepWeight, TraceDecay, TraceReinforce,
    lane::{Lane, Mask},
};

use super::{Digest, Operation, spread};

const D: usize = 2;
const K: usize = 3;

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [
        ("traces", |source, round, out| each_head(&Traces, source, round, out)),
        ("actor-critic", |source, round, out| each_head(&Critic, source, round, out)),
        ("episodes", |source, round, out| each_head(&Episodes, source, round, out)),
    ]
}

/// A learner that is tested with every head.
trait Learns {
    fn episode<P, L, S, const H: usize>(
        &self,
        policy: LinearPolicy<P, D, K, H, L>,
        constraint: &P::Constraint,
        setting: &Setting,
        source: &mut S,
        out: &mut Digest<L>,
    ) -> Option<()>
    where
        P: Head<K, H, L>,
        L: Lane,
        S: Source<L>;
}

/// Settings that change from draw to draw.
struct Setting {
    features: f32,
    rewards: f32,
    rate: LearningRate,
    steering: Steering,
    round: u32,
}

fn setting(round: u32) -> Option<Setting> {
    let scale = [1.0, 1.0, 100.0, 1e6][(round / 3) as usize % 4];
    let steering = Steering {
        discount: Discount::new([0.9, 1.0][round as usize % 2]).ok()?,
        trace_decay: TraceDecay::new([0.8, 1.0, 0.0][(round / 4) as usize % 3]).ok()?,
        entropy_bonus: EntropyBonus::new(0.01).ok()?,
        max_norm: if round.is_multiple_of(5) { MaxNorm::new(1.0).ok() } else { None },
        step_weight: if round % 7 < 4 { StepWeight::Equal } else { StepWeight::Discounted },
    };
    let rate = LearningRate::new([0.1, 1000.0][(round / 12) as usize % 2]).ok()?;
    Some(Setting { features: scale, rewards: scale, rate, steering, round })
}

fn each_head<A: Learns, L: Lane, S: Source<L>>(
    learner: &A,
    source: &mut S,
    round: u32,
    out: &mut Digest<L>,
) -> Option<()> {
    let setting = setting(round)?;
    let mask = ActionMask::new([true, !round.is_multiple_of(4), true].map(L::Mask::splat)).ok()?;
    match round % 3 {
        0 => learner.episode(policy(SoftmaxHead, source)?, &mask, &setting, source, out),
        1 => learner.episode(policy(BernoulliHead, source)?, &BitMask::all(), &setting, source, out),
        _ => {
            let head = if round.is_multiple_of(2) { GaussianHead::new } else { GaussianHead::with_shared_deviation };
            learner.episode(policy(head(-5.0, 2.0).ok()?, source)?, &(), &setting, source, out)
        }
    }
}

fn policy<P: Head<K, H, L>, L: Lane, S: Source<L>, const H: usize>(
    head: P,
    source: &mut S,
) -> Option<LinearPolicy<P, D, K, H, L>> {
    let weights = [[[L::ZERO; K]; D]; H].map(|map| map.map(|row| row.map(|_| spread(source, 1.0))));
    let bias = [[L::ZERO; K]; H].map(|row| row.map(|_| spread(source, 1.0)));
    Some(LinearPolicy::with_parameters(head, Dense::new(weights, bias).ok()?))
}

fn see<L: Lane, S: Source<L>>(setting: &Setting, source: &mut S) -> Option<Features<D, L>> {
    Features::new([spread(source, setting.features), spread(source, setting.features)]).ok()
}

fn reward<L: Lane, S: Source<L>>(setting: &Setting, source: &mut S) -> Option<Reward<L>> {
    Reward::new(spread(source, setting.rewards)).ok()
}

/// Draws an ending for each lane.
fn ending<L: Lane, S: Source<L>>(source: &mut S) -> Ending<L> {
    let half = |x: L| L::ZERO.lt(x);
    Ending::new(half(spread(source, 1.0)), half(spread(source, 1.0)))
}

fn write<L: Lane, const D: usize, const K: usize, const H: usize>(parameters: &Dense<D, K, H, L>, out: &mut Digest<L>) {
    out.numbers(parameters.weights().as_flattened().as_flattened());
    out.numbers(parameters.bias().as_flattened());
}

/// Runs the two steps of an episode.
fn steps<L: Lane, S: Source<L>>(
    setting: &Setting,
    source: &mut S,
    mut step: impl FnMut(&Features<D, L>, &Features<D, L>, Reward<L>, &Ending<L>, &mut S),
) -> Option<()> {
    let mut features = see(setting, source)?;
    for _ in 0..2 {
        let (next, reward, ending) = (see(setting, source)?, reward(setting, source)?, ending(source));
        step(&features, &next, reward, &ending, source);
        features = next;
    }
    Some(())
}

struct Traces;

impl Learns for Traces {
    fn episode<P, L, S, const H: usize>(
        &self,
        policy: LinearPolicy<P, D, K, H, L>,
        constraint: &P::Constraint,
        setting: &Setting,
        source: &mut S,
        out: &mut Digest<L>,
    ) -> Option<()>
    where
        P: Head<K, H, L>,
        L: Lane,
        S: Source<L>,
    {
        let decay = Decay::new(0.9).ok()?;
        let momentum = Momentum::new(setting.rate, decay);
        let mut learner = TraceReinforce::new(policy, momentum, MovingAverage::new(decay), setting.steering);
        steps(setting, source, |features, _, reward, ending, source| {
            let choice = learner.act(features, constraint, source);
            learner.learn(features, &choice, reward, ending);
        })?;
        write(learner.policy().parameters(), out);
        write(learner.trace(), out);
        out.number(learner.baseline().get());
        Some(())
    }
}

struct Critic;

impl Learns for Critic {
    fn episode<P, L, S, const H: usize>(
        &self,
        policy: LinearPolicy<P, D, K, H, L>,
        constraint: &P::Constraint,
        setting: &Setting,
        source: &mut S,
        out: &mut Digest<L>,
    ) -> Option<()>
    where
        P: Head<K, H, L>,
        L: Lane,
        S: Source<L>,
    {
        let (sgd, lambda) = (Sgd::new(setting.rate), TraceDecay::new(0.9).ok()?);
        let mut learner = ActorCritic::new(policy, sgd, sgd, setting.steering, lambda);
        steps(setting, source, |features, next, reward, ending, source| {
            let choice = learner.act(features, constraint, source);
            out.number(learner.learn(features, &choice, reward, next, ending));
        })?;
        write(learner.policy().parameters(), out);
        write(learner.critic(), out);
        write(learner.trace(), out);
        write(learner.critic_trace(), out);
        Some(())
    }
}

struct Episodes;

impl Learns for Episodes {
    fn episode<P, L, S, const H: usize>(
        &self,
        policy: LinearPolicy<P, D, K, H, L>,
        constraint: &P::Constraint,
        setting: &Setting,
        source: &mut S,
        out: &mut Digest<L>,
    ) -> Option<()>
    where
        P: Head<K, H, L>,
        L: Lane,
        S: Source<L>,
    {
        if setting.round % 8 < 4 {
            let average = AverageReturn::new(Decay::new(0.9).ok()?);
            whole(policy, average, constraint, setting, source, out)
        } else {
            whole(policy, ReturnCritic::new(Sgd::new(setting.rate)), constraint, setting, source, out)
        }
    }
}

fn whole<P, B, L, S, const H: usize>(
    policy: LinearPolicy<P, D, K, H, L>,
    baseline: B,
    constraint: &P::Constraint,
    setting: &Setting,
    source: &mut S,
    out: &mut Digest<L>,
) -> Option<()>
where
    P: Head<K, H, L>,
    B: ReturnBaseline<Features<D, L>, L>,
    L: Lane,
    S: Source<L>,
{
    let adam = Adam::with_constants(setting.rate, [0.9, 0.99], [1e-8, 1e-30][setting.round as usize % 2]).ok()?;
    let mut learner = EpisodicReinforce::new(policy, adam, baseline, setting.steering);
    steps(setting, source, |features, _, reward, ending, source| {
        let choice = learner.act(features, constraint, source);
        learner.learn(features, &choice, reward, ending);
    })?;
    write(learner.policy().parameters(), out);
    write(learner.gradient(), out);
    Some(())
}
