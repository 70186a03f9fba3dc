//! Networks, running statistics, and the learner that uses both.

use samplegrad_core::{
    ActionMask, Activated, Activation, Block, ClipRange, Dense, Discount, Elementwise, Ending, Features, Head, Hidden,
    LayerNorm, LeakyRelu, LearningRate, Memory, Network, NetworkPolicy, ObGd, Observation, Optimizer, Overshoot,
    Passes, Policy, Ppo, Reward, RewardScale, Sgd, SoftmaxHead, Standardizer, Steering, StreamingActorCritic,
    StreamingSettings, Tanh, ValueFunction,
};

use super::{generator, unknown, used};

/// Calls every operation for `D` features, `M` hidden units and `K` actions.
pub fn every<const D: usize, const M: usize, const K: usize>() {
    activations::<M>();
    of_network::<Dense<D, K>, D, K>();
    of_network::<Hidden<Dense<D, M>, Dense<M, K>>, D, K>();
    of_network::<Hidden<Dense<D, M>, Hidden<Dense<M, M>, Dense<M, K>, Tanh>, LeakyRelu>, D, K>();
    let network = Hidden::<Dense<D, M>, Dense<M, K>>::new(Dense::zero(), Dense::zero());
    used((Hidden::layer(&network), Hidden::next(&network)));
    statistics::<D>();
}

fn activations<const M: usize>() {
    activation::<LeakyRelu, M>();
    activation::<Tanh, M>();
    activation::<LayerNorm<LeakyRelu>, M>();
    activation::<LayerNorm<Tanh>, M>();
    elementwise::<LeakyRelu>();
    elementwise::<Tanh>();
}

fn activation<A: Activation, const M: usize>() {
    let mut activated = Activated::new(unknown([0.5; M]));
    A::forward(&mut activated);
    used(Activated::outputs(&activated));
    let mut cotangent = unknown([0.5; M]);
    A::backward(&activated, &mut cotangent);
    used(cotangent);
}

fn elementwise<A: Elementwise>() {
    used((A::value(unknown(0.5_f32)), A::derivative(unknown(0.5_f32), unknown(0.5))));
}

fn of_network<N, const D: usize, const K: usize>()
where
    N: Network<Lane = f32, Input = Features<D>, Outputs = [[f32; K]; 1]>,
{
    let (mut rng, x) = (generator(), Features::<D>::from_fixed_point(&unknown([7; D]), unknown(4)));
    let mut network: N = Network::zeros();
    Network::initialise(&mut network, &mut rng, |_| unknown(true));
    used(Network::evaluate(&network, &x));
    let (outputs, mut tape) = Network::forward(&network, &x);
    used(Network::forward_on_tape(&network, &x, &mut tape));
    let mut gradient: N = Network::zeros();
    Network::add_vjp(&network, &x, &tape, (&outputs, |_| unknown(true)), unknown(0.5), &mut gradient);
    used(Network::input_vjp(&network, &x, &tape, (&outputs, |_| unknown(true))));
    let with_input = (&outputs, |_| unknown(true));
    used(Network::add_vjp_and_return_input(&network, &x, &tape, with_input, unknown(0.5), &mut gradient));
    used(Block::length(&gradient));
    used(Block::bounded_length(&mut gradient));
    Block::add_scaled_unbounded(&mut gradient, unknown(0.5), &network);
    Block::each_row(&mut gradient, |row| used(row.first()));
    Block::each_row_with(&mut gradient, &network, |row, other| used((row.first(), other.first())));
    let (mut mean, mut square) = (gradient, network);
    Block::each_row_with_three(&mut gradient, &mut mean, &mut square, &network, |w, m, v, g| {
        used((w.first(), m.first(), v.first(), g.first()));
    });
    used(Block::fold_rows(&gradient, 0, |count, row| count + row.len()));

    let (Ok(rate), Ok(overshoot)) = (LearningRate::new(unknown(1.0)), Overshoot::new(unknown(2.0))) else { return };
    let mut obgd = ObGd::new(rate, overshoot);
    ObGd::set_rate(&mut obgd, rate);
    ObGd::step(&obgd, &mut network, &mut gradient, unknown(0.5));
    Optimizer::ascend(&mut obgd, &mut network, &gradient, unknown(true));
    used((network, Overshoot::get(overshoot)));

    let mut policy = NetworkPolicy::<SoftmaxHead, N>::new(SoftmaxHead);
    NetworkPolicy::initialise(&mut policy, &mut rng);
    Policy::initialise(&mut policy, &mut rng);
    learner(unknown(policy), &x);
    clipped_passes(unknown(policy), &x);
}

fn learner<N, const D: usize, const K: usize>(policy: NetworkPolicy<SoftmaxHead, N>, x: &Features<D>)
where
    N: Network<Lane = f32, Input = Features<D>, Outputs = [[f32; K]; 1]>,
{
    let (Ok(reward), mut rng, mask) = (Reward::new(unknown(0.5)), generator(), ActionMask::all()) else { return };
    let mut learner = StreamingActorCritic::new(policy, unknown(StreamingSettings::DEFAULT));
    StreamingActorCritic::initialise(&mut learner, &mut rng);
    let x = StreamingActorCritic::observe(&mut learner, x, unknown(true));
    let choice = StreamingActorCritic::act(&learner, &x, &mask, &mut rng);
    used(<NetworkPolicy<SoftmaxHead, N> as Policy>::action(&choice));
    used(Policy::score_with_entropy(StreamingActorCritic::policy(&learner), &choice, unknown(0.5)));
    let ending = Ending::new(unknown(true), unknown(false));
    used(StreamingActorCritic::learn(&mut learner, &x, &choice, reward, &x, &ending));
    used(StreamingActorCritic::value(&learner, &x));
    let mut tape = <N::Critic as Network>::BLANK;
    used(ValueFunction::value_on_tape(StreamingActorCritic::critic(&learner), &x, &mut tape));
    used((StreamingActorCritic::observations(&learner), StreamingActorCritic::rewards(&learner)));
    StreamingActorCritic::settings_mut(&mut learner).memory = Memory::WHOLE;
    used(learner);
}

fn clipped_passes<N, const D: usize, const K: usize>(policy: NetworkPolicy<SoftmaxHead, N>, x: &Features<D>)
where
    N: Network<Lane = f32, Input = Features<D>, Outputs = [[f32; K]; 1]>,
{
    let (Ok(reward), mut rng, mask) = (Reward::new(unknown(0.5)), generator(), ActionMask::all()) else { return };
    let (Ok(rate), Ok(clip)) = (LearningRate::new(unknown(0.1)), ClipRange::new(unknown(0.2))) else { return };
    let Ok(passes) = Passes::new(clip, unknown(3), unknown(4)) else { return };
    used(ClipRange::get(clip));
    let (sgd, steering) = (Sgd::new(rate), unknown(Steering::default()));
    let mut learner = Ppo::<_, _, _, 8>::new(policy, sgd, sgd, steering, passes);
    Ppo::initialise(&mut learner, &mut rng);
    let choice = Ppo::act(&learner, x, &mask, &mut rng);
    let ending = Ending::new(unknown(true), unknown(false));
    for _ in 0..unknown(20) {
        used(Ppo::learn(&mut learner, (x, &mask), &choice, reward, x, &ending));
    }
    used((Ppo::value(&learner, x), Ppo::steps(&learner)));
    Sgd::set_rate(Ppo::optimizer_mut(&mut learner), rate);
    Sgd::set_rate(Ppo::critic_optimizer_mut(&mut learner), rate);
    let drawn = <NetworkPolicy<SoftmaxHead, N> as Policy>::drawn(&choice);
    used(Policy::reconsider(Ppo::policy(&learner), x, &mask, &drawn).1);
    used(Ppo::critic(&learner));
    let then = choice.distribution().clone();
    used(Head::log_ratio(&SoftmaxHead, &mut choice.distribution().clone(), &then, choice.action()));
}

fn statistics<const D: usize>() {
    let (Ok(memory), Ok(discount)) = (Memory::new(unknown(100.0)), Discount::new(unknown(0.9))) else { return };
    used(Memory::get(memory));
    let x = Features::<D>::from_fixed_point(&unknown([7; D]), unknown(4));
    used(Observation::to_array(&x));
    used(<Features<D> as Observation>::from_bounded(unknown([0.5; D])));
    used(<Features<D> as Observation>::select(unknown(true), &x, &x));
    let mut standardizer = Standardizer::new(memory);
    used(Standardizer::normalize(&mut standardizer, &x, unknown(true)));
    used((Standardizer::mean(&standardizer), Standardizer::variance(&standardizer)));
    let (Ok(reward), mut scale) = (Reward::new(unknown(0.5)), RewardScale::new(memory)) else { return };
    used(RewardScale::scale(&mut scale, reward, discount, &Ending::new(unknown(true), unknown(false))));
    used(RewardScale::variance(&scale));
}
