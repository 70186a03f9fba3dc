//! Networks and the learner that streams. Each draw has a fresh network. The draws cycle through activations and scales.

use samplegrad_core::{
    ActionMask, Activation, Adam, BetaHead, Block, ClipRange, Dense, Discount, Ending, EntropyBonus, Features,
    GaussianHead, Head, Hidden, LayerNorm, LeakyRelu, LearningRate, MaxNorm, Memory, Network, NetworkPolicy, Passes,
    Policy, Ppo, Reward, SoftmaxHead, Source, SquashedGaussianHead, Steering, StreamingActorCritic, StreamingSettings,
    Tanh, TraceDecay,
    lane::{Lane, Mask},
};

use super::{Digest, Operation, spread};

const D: usize = 2;
const M: usize = 5;
const K: usize = 3;

/// Two hidden layers.
type Deep<A, L> = Hidden<Dense<D, M, 1, L>, Hidden<Dense<M, M, 1, L>, Dense<M, K, 1, L>, A>, A>;
type Shallow<A, L> = Hidden<Dense<D, M, 1, L>, Dense<M, K, 1, L>, A>;

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 5] {
    [
        ("networks", |source, round, out| match round % 4 {
            0 => gradients::<LayerNorm<LeakyRelu>, L, S>(source, round, out),
            1 => gradients::<LeakyRelu, L, S>(source, round, out),
            2 => gradients::<Tanh, L, S>(source, round, out),
            _ => gradients::<LayerNorm<Tanh>, L, S>(source, round, out),
        }),
        ("streaming", |source, round, out| match round % 2 {
            0 => streaming::<Shallow<LayerNorm<LeakyRelu>, L>, L, S>(source, round, out),
            _ => streaming::<Deep<Tanh, L>, L, S>(source, round, out),
        }),
        ("bounded actions", |source, round, out| match round % 2 {
            0 => bounded(SquashedGaussianHead::new(GaussianHead::new(-5.0, 2.0).ok()?), source, round, out),
            _ => bounded(BetaHead, source, round, out),
        }),
        ("network rows", rows),
        ("clipped passes", clipped_passes),
    ]
}

fn write<B: Block<Lane = L>, L: Lane>(block: &B, out: &mut Digest<L>) {
    block.fold((), |(), &x| out.number(x));
}

/// Draws features. Their scale changes from draw to draw, up to the largest.
fn see<L: Lane, S: Source<L>>(source: &mut S, round: u32) -> Option<Features<D, L>> {
    let scale = [1.0, 10.0, 1e3, 1e6][(round / 4) as usize % 4];
    Features::new([spread(source, scale), spread(source, scale)]).ok()
}

/// Computes outputs and both gradients of a network with parameters up to the largest.
fn gradients<A: Activation, L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 1e-3, 1e6, 1e15][(round / 16) as usize % 4];
    let mut network = Deep::<A, L>::ZERO;
    network.each(|x| *x = spread(source, scale));
    let x = see(source, round)?;
    let (outputs, tape) = network.forward(&x);
    let cotangent = [[L::ZERO; K].map(|_| spread(source, 1.0))];
    let mut gradient = network;
    gradient.each(|x| *x = spread(source, 1.0));
    network.add_vjp(&x, &tape, (&cotangent, |_| true), 0.5, &mut gradient);
    out.numbers(outputs.as_flattened());
    out.numbers(&network.input_vjp(&x, &tape, (&cotangent, |_| true)));
    write(&gradient, out);
    Some(())
}

/// Runs six steps of a fresh learner, with episodes that end in some lanes.
fn streaming<N, L, S>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()>
where
    L: Lane,
    S: Source<L>,
    N: Network<Lane = L, Input = Features<D, L>, Outputs = [[L; K]; 1]>,
{
    let memory = if round.is_multiple_of(3) { Memory::new(2.0).ok()? } else { Memory::WHOLE };
    let settings = StreamingSettings { memory, ..StreamingSettings::DEFAULT };
    let mut learner = StreamingActorCritic::new(NetworkPolicy::<SoftmaxHead, N>::new(SoftmaxHead), settings);
    learner.initialise(source);
    let mask = ActionMask::new([true, !round.is_multiple_of(5), true].map(L::Mask::splat)).ok()?;
    let rewards = [1.0, 100.0, 1e6][(round / 2) as usize % 3];
    let mut x = learner.observe(&see(source, round)?, L::Mask::splat(true));
    for _ in 0..6 {
        let choice = learner.act(&x, &mask, source);
        let half = |x: L| L::ZERO.lt(x);
        let ending = Ending::new(half(spread(source, 1.0)), half(spread(source, 1.0)));
        let next = learner.observe(&see(source, round)?, half(spread(source, 1.0)));
        out.number(learner.learn(&x, &choice, Reward::new(spread(source, rewards)).ok()?, &next, &ending));
        out.word(choice.action());
        out.numbers(next.as_array());
        x = next;
    }
    write(learner.policy().parameters(), out);
    write(learner.critic(), out);
    Some(())
}

/// Runs a rollout of a fresh learner, with episodes that end in some lanes. One draw of four does so, because a rollout
/// takes a hundred passes of a network.
fn clipped_passes<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    const STEPS: usize = 4;
    if !round.is_multiple_of(4) {
        return Some(());
    }
    let round = round / 4;
    let rate = LearningRate::new(0.1).ok()?;
    let passes = Passes::new(ClipRange::new(0.2).ok()?, 2, 2).ok()?;
    let steering = Steering {
        discount: Discount::new(0.99).ok()?,
        trace_decay: TraceDecay::new(0.9).ok()?,
        entropy_bonus: EntropyBonus::new(0.01).ok()?,
        max_norm: if round.is_multiple_of(3) { Some(MaxNorm::new(0.5).ok()?) } else { None },
        ..Steering::default()
    };
    let policy = NetworkPolicy::<SoftmaxHead, Shallow<LayerNorm<LeakyRelu>, L>>::new(SoftmaxHead);
    let mut learner = Ppo::<_, _, _, STEPS>::new(policy, Adam::new(rate), Adam::new(rate), steering, passes);
    learner.initialise(source);
    let mask = ActionMask::new([true, !round.is_multiple_of(5), true].map(L::Mask::splat)).ok()?;
    let rewards = [1.0, 100.0, 1e6][(round / 2) as usize % 3];
    let mut x = see(source, round)?;
    for _ in 0..STEPS {
        let choice = learner.act(&x, &mask, source);
        let half = |x: L| L::ZERO.lt(x);
        let ending = Ending::new(half(spread(source, 1.0)), half(spread(source, 1.0)));
        let next = see(source, round)?;
        learner.learn((&x, &mask), &choice, Reward::new(spread(source, rewards)).ok()?, &next, &ending);
        out.word(choice.action());
        x = next;
    }
    write(learner.policy().parameters(), out);
    write(learner.critic(), out);
    Some(())
}

/// Draws bounded actions, and hashes the scores and gradients of the entropy of drawn and of given actions.
fn bounded<P, L, S>(head: P, source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()>
where
    P: Head<K, 2, L, Action = [L; K], Constraint = ()>,
    L: Lane,
    S: Source<L>,
{
    let mut policy = NetworkPolicy::<P, Hidden<Dense<D, M, 1, L>, Dense<M, K, 2, L>>>::new(head);
    let scale = [1.0, 10.0, 1e3, 1e15][(round / 2) as usize % 4];
    policy.parameters_mut().each(|x| *x = spread(source, scale));
    let x = see(source, round)?;
    let choice = policy.act(&x, &(), source);
    let given = policy.choose(&x, &(), [0.0, 1.0, 0.25].map(L::splat)).ok()?;
    out.numbers(&choice.action());
    for choice in [choice, given] {
        out.numbers(policy.score(&choice).as_flattened());
        out.numbers(policy.entropy_gradient(&choice).as_flattened());
    }
    Some(())
}

/// Hashes the operations on rows, for rows of every width that has its own kernel, and for wider rows; for odd and for
/// even numbers of rows.
fn rows<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    match round % 18 {
        0 => rows_of::<1, 3, L, S>(source, out),
        1 => rows_of::<2, 3, L, S>(source, out),
        2 => rows_of::<3, 4, L, S>(source, out),
        3 => rows_of::<4, 3, L, S>(source, out),
        4 => rows_of::<5, 4, L, S>(source, out),
        5 => rows_of::<6, 3, L, S>(source, out),
        6 => rows_of::<7, 4, L, S>(source, out),
        7 => rows_of::<8, 3, L, S>(source, out),
        8 => rows_of::<9, 4, L, S>(source, out),
        9 => rows_of::<10, 3, L, S>(source, out),
        10 => rows_of::<11, 4, L, S>(source, out),
        11 => rows_of::<12, 3, L, S>(source, out),
        12 => rows_of::<13, 4, L, S>(source, out),
        13 => rows_of::<14, 3, L, S>(source, out),
        14 => rows_of::<16, 3, L, S>(source, out),
        15 => rows_of::<19, 4, L, S>(source, out),
        16 => rows_of::<24, 3, L, S>(source, out),
        _ => rows_of::<26, 3, L, S>(source, out),
    }
    Some(())
}

#[inline(never)]
fn rows_of<const N: usize, const D: usize, L: Lane, S: Source<L>>(source: &mut S, out: &mut Digest<L>) {
    let mut numbers = [(); N].map(|()| spread(source, 10.0));
    let mut rows = [numbers; D];
    let x = [(); D].map(|()| spread(source, 3.0));
    for (row, &x) in rows.iter_mut().zip(&x) {
        *row = row.map(|w| w * x);
    }
    L::decay_add_outer(&mut rows, 0.75, &x, &numbers);
    L::add_outer(&mut rows, &x, &numbers);
    L::add_rows(&mut numbers, &rows, &x);
    let mut products = x;
    L::add_products(&mut products, &rows, &numbers);
    L::add_scaled(rows.as_flattened_mut(), spread(source, 1.0), [numbers; D].as_flattened());
    out.number(L::add_magnitudes(L::ONE, rows.as_flattened()));
    out.numbers(rows.as_flattened());
    out.numbers(&numbers);
    out.numbers(&products);
}
