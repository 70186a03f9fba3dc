//! Learners of episodes and their parts.

use samplegrad_core::{
    ActionMask, ActorCritic, Adam, AverageReturn, BernoulliHead, BetaActions, BetaHead, BitMask, Block,
    CategoricalPolicy, Choice, Constant, Decay, Dense, Discount, Ending, EntropyBonus, EpisodicReinforce, Features,
    GaussianActions, GaussianHead, Head, LearningRate, LinearPolicy, MaxNorm, Momentum, MovingAverage, Optimizer,
    Policy, ReturnBaseline, ReturnCritic, Reward, Sgd, SoftmaxHead, SoftmaxPolicy, SquashedGaussianHead, Steering,
    StepWeight, TraceDecay, TraceReinforce, ValueFunction, discounted_returns,
};

use super::{generator, numbers, unknown, used};

/// Calls every operation for `D` features and `K` actions.
pub fn every<const D: usize, const K: usize>() {
    let Ok(rate) = LearningRate::new(unknown(0.1)) else { return };
    parameters::<D, K>();
    optimizers::<D, K>(rate);
    head::<SoftmaxHead, D, K, 1>(SoftmaxHead, &ActionMask::all(), unknown(0), rate);
    used(BitMask::<K>::all());
    head::<BernoulliHead, D, K, 1>(BernoulliHead, &BitMask::new(unknown([true; K])), unknown([true; K]), rate);
    used(CategoricalPolicy::<D, K>::from(&SoftmaxPolicy::new()));
    head::<BetaHead, D, K, 2>(BetaHead, &(), unknown([0.5; K]), rate);
    used(BetaActions::components(&Head::<K, 2>::distribution(&BetaHead, &unknown([[0.5; K]; 2]), &())));
    for gaussian in [GaussianHead::new(unknown(-5.0), 2.0), GaussianHead::with_shared_deviation(unknown(-5.0), 2.0)] {
        let Ok(gaussian) = gaussian else { return };
        head::<GaussianHead, D, K, 2>(gaussian, &(), unknown([0.5; K]), rate);
        head::<SquashedGaussianHead, D, K, 2>(SquashedGaussianHead::new(gaussian), &(), unknown([0.5; K]), rate);
        let outputs = unknown([[0.5; K]; 2]);
        used(GaussianActions::components(&Head::<K, 2>::distribution(&gaussian, &outputs, &())));
    }
}

/// Calls the operations that have no size parameter.
pub fn returns() {
    let (Ok(discount), mut returns) = (Discount::new(unknown(0.9)), [0.0; 4]) else { return };
    used(Discount::get(discount));
    used(discounted_returns::returns(
        numbers(),
        unknown(&[true][..]),
        discount,
        unknown(0.5),
        unknown(&mut returns[..]),
    ));
}

fn features<const D: usize>() -> Features<D> {
    Features::from_fixed_point(&unknown([7; D]), unknown(4))
}

fn steering() -> Option<Steering> {
    let (discount, trace_decay) = (Discount::new(unknown(0.9)).ok()?, TraceDecay::new(unknown(0.8)).ok()?);
    let (entropy_bonus, max_norm) = (EntropyBonus::new(unknown(0.1)).ok()?, MaxNorm::new(unknown(1.0)).ok());
    used((TraceDecay::get(trace_decay), max_norm.map(MaxNorm::get)));
    let step_weight = unknown(StepWeight::Discounted);
    Some(unknown(Steering { discount, trace_decay, entropy_bonus, max_norm, step_weight }))
}

fn parameters<const D: usize, const K: usize>() {
    used(Dense::<D, K, 1>::default());
    let given = Dense::<D, K, 1>::new(unknown([[[0.5; K]; D]]), unknown([[0.5; K]]));
    let mut block = given.unwrap_or(Dense::zero());
    used((Dense::weights(&block), Dense::bias(&block)));
    used(Dense::outputs(&block, &features()));
    Dense::add_outer(&mut block, &features(), &unknown([[0.5; K]]));
    Block::fade(&mut block, unknown(0.9));
    let other = unknown(block);
    Block::add_scaled(&mut block, unknown(0.5), &other);
    used(Block::norm(&block));
    if let Ok(max) = MaxNorm::new(unknown(1.0)) {
        Block::clip(&mut block, max);
    }
    Block::forget(&mut block, unknown(false));
    Block::each(&mut block, |x| *x += 0.5);
    Block::each_with(&mut block, &other, |x, y| *x += y);
    used(Block::fold(&block, 0.0, |sum: f32, x| sum + x));
    let (critic, mut gradient) = (unknown(Dense::<D, 1>::zero()), Dense::zero());
    used(ValueFunction::value(&critic, &features()));
    ValueFunction::add_value_gradient(&critic, &features(), unknown(0.5), &mut gradient);
    used(gradient);
    used(block);
}

fn optimizers<const D: usize, const K: usize>(rate: LearningRate) {
    let Ok(decay) = Decay::new(unknown(0.9)) else { return };
    let (mut sgd, mut momentum) = (Sgd::new(rate), Momentum::<Dense<D, K, 1>>::new(rate, decay));
    let other = Adam::<Dense<D, K, 1>>::with_constants(rate, unknown([0.9, 0.99]), unknown(1e-6));
    let mut adam = other.unwrap_or(Adam::new(rate));
    Sgd::set_rate(&mut sgd, rate);
    Momentum::set_rate(&mut momentum, rate);
    Adam::set_rate(&mut adam, rate);
    let (mut block, gradient) = (unknown(Dense::<D, K, 1>::zero()), unknown(Dense::zero()));
    Optimizer::ascend(&mut sgd, &mut block, &gradient, unknown(true));
    Optimizer::ascend(&mut momentum, &mut block, &gradient, unknown(true));
    Optimizer::ascend(&mut adam, &mut block, &gradient, unknown(true));
    used(block);
}

fn head<P, const D: usize, const K: usize, const H: usize>(
    head: P,
    constraint: &P::Constraint,
    action: P::Action,
    rate: LearningRate,
) where
    P: Head<K, H> + Clone,
{
    let mut rng = generator();
    let mut distribution = Head::distribution(&head, &unknown([[0.5; K]; H]), constraint);
    used(Head::sees_features(&head, unknown(0)));
    used(Head::draw(&head, &distribution, &mut rng));
    used(Head::draw_kept(&head, &mut distribution, &mut rng));
    used(Head::mode(&head, &distribution));
    used(Head::check(&head, &distribution, action));
    let (mut score, mut gradient) = ([[0.0; K]; H], [[0.0; K]; H]);
    Head::score(&head, &distribution, action, &mut score);
    Head::entropy_gradient(&head, &distribution, &mut gradient);
    used((score, gradient));

    let policy = LinearPolicy::<P, D, K, H>::with_parameters(head.clone(), unknown(Dense::zero()));
    used(LinearPolicy::<P, D, K, H>::new(head).parameters());
    used(LinearPolicy::distribution(&policy, &features(), constraint));
    used(LinearPolicy::greedy(&policy, &features(), constraint));
    let choice = LinearPolicy::act(&policy, &features(), constraint, &mut rng);
    used((Choice::action(&choice), Choice::distribution(&choice)));
    used(LinearPolicy::choose(&policy, &features(), constraint, action));
    used((LinearPolicy::head(&policy), LinearPolicy::parameters(&policy)));
    let mut moved = policy.clone();
    let choice = Policy::act(&moved, &features(), constraint, &mut rng);
    let (score, entropy) = (Policy::score(&moved, &choice), Policy::entropy_gradient(&moved, &choice));
    used((score, <LinearPolicy<P, D, K, H> as Policy>::scaled(&entropy, unknown(0.5))));
    let mut gradient = Dense::zero();
    Policy::add_vjp(&moved, &features(), &choice, &entropy, unknown(0.5), &mut gradient);
    *Policy::parameters_mut(&mut moved) = gradient;
    used(Policy::parameters(&moved));
    used(moved.parameters());
    learners(&policy, constraint, rate);
}

fn learners<P, const D: usize, const K: usize, const H: usize>(
    policy: &LinearPolicy<P, D, K, H>,
    constraint: &P::Constraint,
    rate: LearningRate,
) where
    P: Head<K, H> + Clone,
{
    let (Some(steering), Ok(decay), Ok(lambda)) = (steering(), Decay::new(0.9), TraceDecay::new(0.5)) else { return };
    let (Ok(reward), x, mut rng) = (Reward::new(unknown(0.5)), features(), generator()) else { return };
    let ending = Ending::new(unknown(true), unknown(false));
    used((Ending::<f32>::none(), Ending::<f32>::terminal(), Ending::<f32>::truncated()));
    used((Ending::is_terminal(&ending), Ending::ended(&ending)));

    let mut online = TraceReinforce::new(policy.clone(), Sgd::new(rate), MovingAverage::new(decay), steering);
    TraceReinforce::initialise(&mut online, &mut rng);
    let choice = TraceReinforce::act(&online, &x, constraint, &mut rng);
    TraceReinforce::learn(&mut online, &x, &choice, reward, &ending);
    Sgd::set_rate(TraceReinforce::optimizer_mut(&mut online), rate);
    used((TraceReinforce::baseline(&online), TraceReinforce::trace(&online)));
    used(TraceReinforce::policy(&online).parameters());

    let adam = Adam::<Dense<D, K, H>>::new(rate);
    let mut actor = ActorCritic::new(policy.clone(), adam, Sgd::new(rate), steering, lambda);
    ActorCritic::initialise(&mut actor, &mut rng);
    let choice = ActorCritic::act(&actor, &x, constraint, &mut rng);
    used(ActorCritic::learn(&mut actor, &x, &choice, reward, &x, &ending));
    Adam::set_rate(ActorCritic::optimizer_mut(&mut actor), rate);
    Sgd::set_rate(ActorCritic::critic_optimizer_mut(&mut actor), rate);
    used((ActorCritic::critic(&actor), ActorCritic::value(&actor, &x)));
    used((ActorCritic::trace(&actor), ActorCritic::critic_trace(&actor)));
    used(ActorCritic::policy(&actor).parameters());

    let constant = Constant::new(reward);
    used(Constant::get(&constant));
    let mut critic = ReturnCritic::<_, D>::new(Sgd::new(rate));
    used(ReturnCritic::parameters(&critic));
    Sgd::set_rate(ReturnCritic::optimizer_mut(&mut critic), rate);
    episodic(policy, constraint, constant, rate, &steering);
    episodic(policy, constraint, AverageReturn::new(decay), rate, &steering);
    episodic(policy, constraint, critic, rate, &steering);
}

fn episodic<P, B, const D: usize, const K: usize, const H: usize>(
    policy: &LinearPolicy<P, D, K, H>,
    constraint: &P::Constraint,
    mut baseline: B,
    rate: LearningRate,
    steering: &Steering,
) where
    P: Head<K, H> + Clone,
    B: ReturnBaseline<Features<D>> + Clone,
{
    let (Ok(reward), Ok(decay), x, mut rng) = (Reward::new(unknown(0.5)), Decay::new(0.9), features(), generator())
    else {
        return;
    };
    ReturnBaseline::observe(&mut baseline, &x, reward, steering.discount);
    ReturnBaseline::end(&mut baseline, unknown(true));
    used(ReturnBaseline::value(&baseline, &x));
    let momentum = Momentum::<Dense<D, K, H>>::new(rate, decay);
    let mut learner = EpisodicReinforce::new(policy.clone(), momentum, baseline, *steering);
    EpisodicReinforce::initialise(&mut learner, &mut rng);
    let choice = EpisodicReinforce::act(&learner, &x, constraint, &mut rng);
    EpisodicReinforce::learn(&mut learner, &x, &choice, reward, &Ending::new(unknown(true), unknown(false)));
    Momentum::set_rate(EpisodicReinforce::optimizer_mut(&mut learner), rate);
    used(ReturnBaseline::value(EpisodicReinforce::baseline(&learner), &x));
    used((EpisodicReinforce::policy(&learner).parameters(), EpisodicReinforce::gradient(&learner)));
}
