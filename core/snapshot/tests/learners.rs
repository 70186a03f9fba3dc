//! Tests of every learner, with every head and optimizer. Each learner reloads in the middle of an episode and
//! continues with the same bits. Values that no learner can hold are refused.

mod common;

use common::payload::{KIND, bytes, invalid, kept};
use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    ActionMask, ActorCritic, Adam, AverageReturn, BernoulliHead, BetaHead, BitMask, ClipRange, Decay, Dense, Discount,
    Ending, EntropyBonus, EpisodicReinforce, Features, GaussianHead, Head, Hidden, LearningRate, LinearPolicy, MaxNorm,
    Memory, Momentum, MovingAverage, Network, NetworkPolicy, Optimizer, Passes, Ppo, ReturnCritic, Reward, Sgd,
    SoftmaxHead, SquashedGaussianHead, Steering, StepWeight, StreamingActorCritic, StreamingSettings, Tanh, TraceDecay,
    TraceReinforce,
    lane::{Lane, Mask},
    stream,
};
use samplegrad_host::F32x4;
use samplegrad_snapshot::{decode, decode_into, encode, encoded_len};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

const D: usize = 4;
const K: usize = 3;
/// Steps of an episode.
const EPISODE: u32 = 17;

/// A learner, its generator and its number of steps.
#[derive(Clone, Serialize, Deserialize)]
struct Device<T> {
    learner: T,
    #[serde(with = "samplegrad_snapshot::generator")]
    generator: XorShiftRng,
    step: u32,
}

/// A head, and the rewards of its actions.
trait Rewarded<const H: usize>: Head<K, H> + Copy + Serialize + DeserializeOwned {
    fn head() -> Self;
    fn constraint() -> Self::Constraint;
    fn worth(action: Self::Action) -> f32;
}

impl Rewarded<1> for SoftmaxHead {
    fn head() -> Self {
        Self
    }
    fn constraint() -> ActionMask<K> {
        ActionMask::all()
    }
    fn worth(action: u32) -> f32 {
        action as f32
    }
}

impl Rewarded<1> for BernoulliHead {
    fn head() -> Self {
        Self
    }
    fn constraint() -> BitMask<K> {
        BitMask::all()
    }
    fn worth(bits: [bool; K]) -> f32 {
        bits.iter().filter(|&&bit| bit).count() as f32
    }
}

impl Rewarded<2> for GaussianHead {
    fn head() -> Self {
        Self::with_shared_deviation(-3.0, 1.0).unwrap()
    }
    fn constraint() {}
    fn worth(action: [f32; K]) -> f32 {
        -action.iter().map(|a| (a - 0.5) * (a - 0.5)).sum::<f32>()
    }
}

impl Rewarded<2> for SquashedGaussianHead {
    fn head() -> Self {
        Self::new(GaussianHead::head())
    }
    fn constraint() {}
    fn worth(action: [f32; K]) -> f32 {
        GaussianHead::worth(action)
    }
}

impl Rewarded<2> for BetaHead {
    fn head() -> Self {
        Self
    }
    fn constraint() {}
    fn worth(action: [f32; K]) -> f32 {
        GaussianHead::worth(action)
    }
}

/// A constructor for each optimizer.
trait Made: Clone + Serialize + DeserializeOwned {
    fn made() -> Self;
}

fn rate() -> LearningRate {
    LearningRate::new(0.02).unwrap()
}

impl Made for Sgd {
    fn made() -> Self {
        Self::new(rate())
    }
}
impl<const D: usize, const K: usize, const H: usize> Made for Momentum<Dense<D, K, H>> {
    fn made() -> Self {
        Self::new(rate(), Decay::new(0.9).unwrap())
    }
}
impl<const D: usize, const K: usize, const H: usize> Made for Adam<Dense<D, K, H>> {
    fn made() -> Self {
        Self::new(rate())
    }
}

/// Returns a steering with every optional field set.
fn steering() -> Steering {
    Steering {
        discount: Discount::new(0.95).unwrap(),
        trace_decay: TraceDecay::new(0.8).unwrap(),
        entropy_bonus: EntropyBonus::new(0.01).unwrap(),
        max_norm: Some(MaxNorm::new(0.5).unwrap()),
        step_weight: StepWeight::Discounted,
    }
}

/// Computes features that depend on the step alone.
fn seen(step: u32) -> Features<D> {
    let mut world = stream::xorshift(99, u64::from(step));
    Features::new([(); D].map(|()| world.next_u32() as f32 / 2e9 - 1.0)).unwrap()
}

fn ending(step: u32) -> Ending {
    let last = step % EPISODE == EPISODE - 1;
    Ending::new(last && !step.is_multiple_of(2), last)
}

/// A learner that takes one action and learns from one reward per step.
trait Learns: Clone + Serialize + DeserializeOwned {
    fn made() -> Self;
    fn next(&mut self, step: u32, generator: &mut XorShiftRng);
}

impl<P, O, const H: usize> Learns for TraceReinforce<LinearPolicy<P, D, K, H>, O>
where
    P: Rewarded<H>,
    O: Optimizer<Dense<D, K, H>> + Made,
{
    fn made() -> Self {
        let average = MovingAverage::new(Decay::new(0.9).unwrap());
        Self::new(LinearPolicy::new(P::head()), O::made(), average, steering())
    }
    fn next(&mut self, step: u32, generator: &mut XorShiftRng) {
        let choice = self.act(&seen(step), &P::constraint(), generator);
        let reward = Reward::new(P::worth(choice.action())).unwrap();
        self.learn(&seen(step), &choice, reward, &ending(step));
    }
}

/// A learner with a critic that has the same kind of optimizer.
type Episodic<P, O, C, const H: usize> = EpisodicReinforce<LinearPolicy<P, D, K, H>, O, ReturnCritic<C, D>>;

impl<P, O, C, const H: usize> Learns for Episodic<P, O, C, H>
where
    P: Rewarded<H>,
    O: Optimizer<Dense<D, K, H>> + Made,
    C: Optimizer<Dense<D, 1>> + Made,
{
    fn made() -> Self {
        Self::new(LinearPolicy::new(P::head()), O::made(), ReturnCritic::new(C::made()), steering())
    }
    fn next(&mut self, step: u32, generator: &mut XorShiftRng) {
        let choice = self.act(&seen(step), &P::constraint(), generator);
        let reward = Reward::new(P::worth(choice.action())).unwrap();
        self.learn(&seen(step), &choice, reward, &ending(step));
    }
}

impl<P, O, const H: usize> Learns for EpisodicReinforce<LinearPolicy<P, D, K, H>, O, AverageReturn>
where
    P: Rewarded<H>,
    O: Optimizer<Dense<D, K, H>> + Made,
{
    fn made() -> Self {
        let average = AverageReturn::new(Decay::new(0.9).unwrap());
        Self::new(LinearPolicy::new(P::head()), O::made(), average, steering())
    }
    fn next(&mut self, step: u32, generator: &mut XorShiftRng) {
        let choice = self.act(&seen(step), &P::constraint(), generator);
        let reward = Reward::new(P::worth(choice.action())).unwrap();
        self.learn(&seen(step), &choice, reward, &ending(step));
    }
}

impl<P, A, C, const H: usize> Learns for ActorCritic<LinearPolicy<P, D, K, H>, A, C>
where
    P: Rewarded<H>,
    A: Optimizer<Dense<D, K, H>> + Made,
    C: Optimizer<Dense<D, 1>> + Made,
{
    fn made() -> Self {
        let decay = TraceDecay::new(0.7).unwrap();
        Self::new(LinearPolicy::new(P::head()), A::made(), C::made(), steering(), decay)
    }
    fn next(&mut self, step: u32, generator: &mut XorShiftRng) {
        let choice = self.act(&seen(step), &P::constraint(), generator);
        let reward = Reward::new(P::worth(choice.action())).unwrap();
        self.learn(&seen(step), &choice, reward, &seen(step + 1), &ending(step));
    }
}

impl<T: Learns> Device<T> {
    fn new() -> Self {
        Self { learner: T::made(), generator: stream::xorshift(2026, 5), step: 0 }
    }
    fn next(&mut self) {
        self.learner.next(self.step, &mut self.generator);
        self.step += 1;
    }
    fn bits(&self) -> Vec<u8> {
        let mut buffer = vec![0; encoded_len(self).unwrap()];
        encode(KIND, self, &mut buffer).unwrap().to_vec()
    }
}

/// A network with two hidden layers.
type Deep<const H: usize> = Hidden<Dense<D, 6>, Hidden<Dense<6, 5>, Dense<5, K, H>, Tanh>>;

impl<P, const H: usize> Learns for StreamingActorCritic<NetworkPolicy<P, Deep<H>>>
where
    P: Rewarded<H>,
{
    fn made() -> Self {
        let settings = StreamingSettings { memory: Memory::new(60.0).unwrap(), ..StreamingSettings::DEFAULT };
        let mut learner = Self::new(NetworkPolicy::new(P::head()), settings);
        learner.initialise(&mut stream::xorshift(7, 0));
        learner
    }

    fn next(&mut self, step: u32, generator: &mut XorShiftRng) {
        let x = self.observe(&seen(step), true);
        let choice = self.act(&x, &P::constraint(), generator);
        let next = self.observe(&seen(step + 1), step.is_multiple_of(2));
        self.learn(&x, &choice, Reward::new(P::worth(choice.action())).unwrap(), &next, &ending(step));
    }
}

/// Checks at every step of an episode that a reloaded device has the bits of an uninterrupted one.
fn goes_on<T: Learns>() {
    let mut device = Device::<T>::new();
    (0..6 * EPISODE).for_each(|_| device.next());
    for _ in 0..EPISODE {
        // The uninterrupted device.
        let mut life = device.clone();
        let saved = device.bits();
        let mut again: Device<T> = decode(KIND, &saved).unwrap();
        // Loads in place of an untrained device.
        let mut placed = Device::<T>::new();
        decode_into(KIND, &saved, &mut placed).unwrap();
        assert_eq!(placed.bits(), saved);
        for _ in 0..200 {
            life.next();
            again.next();
            assert_eq!(life.bits(), again.bits(), "saved at step {}, now at {}", device.step, life.step);
        }
        device.next();
    }
    let fresh = Device::<T>::new();
    assert_ne!(fresh.bits()[24..64], device.bits()[24..64], "nothing was learned");
}

fn every_learner<P, O, C, const H: usize>()
where
    P: Rewarded<H>,
    O: Optimizer<Dense<D, K, H>> + Made,
    C: Optimizer<Dense<D, 1>> + Made,
{
    goes_on::<TraceReinforce<LinearPolicy<P, D, K, H>, O>>();
    goes_on::<EpisodicReinforce<LinearPolicy<P, D, K, H>, O, AverageReturn>>();
    goes_on::<Episodic<P, O, C, H>>();
    goes_on::<ActorCritic<LinearPolicy<P, D, K, H>, O, C>>();
}

fn every_optimizer<P: Rewarded<H>, const H: usize>() {
    every_learner::<P, Sgd, Sgd, H>();
    every_learner::<P, Momentum<Dense<D, K, H>>, Momentum<Dense<D, 1>>, H>();
    every_learner::<P, Adam<Dense<D, K, H>>, Adam<Dense<D, 1>>, H>();
}

#[test]
fn networks_go_on() {
    goes_on::<StreamingActorCritic<NetworkPolicy<SoftmaxHead, Deep<1>>>>();
    goes_on::<StreamingActorCritic<NetworkPolicy<BernoulliHead, Deep<1>>>>();
    goes_on::<StreamingActorCritic<NetworkPolicy<GaussianHead, Deep<2>>>>();
    goes_on::<StreamingActorCritic<NetworkPolicy<SquashedGaussianHead, Deep<2>>>>();
    goes_on::<StreamingActorCritic<NetworkPolicy<BetaHead, Deep<2>>>>();
}

/// Checks that a learner reloaded between two rollouts has the bits of an uninterrupted one after the next.
#[test]
fn rollouts_go_on() {
    const STEPS: usize = 24;
    type Learner = Ppo<NetworkPolicy<GaussianHead, Deep<2>>, Adam<Deep<2>>, Adam<Deep1>, STEPS>;
    type Deep1 = <Deep<2> as Network>::Critic;
    let rate = LearningRate::new(0.01).unwrap();
    let passes = Passes::new(ClipRange::new(0.2).unwrap(), 2, 3).unwrap();
    let policy = NetworkPolicy::new(GaussianHead::head());
    let mut learner = Learner::new(policy, Adam::new(rate), Adam::new(rate), Steering::default(), passes);
    learner.initialise(&mut stream::xorshift(7, 0));
    let lives = |learner: &mut Learner, generator: &mut XorShiftRng| {
        for step in 0..STEPS as u32 {
            let x = seen(step);
            let choice = learner.act(&x, &(), generator);
            let reward = Reward::new(GaussianHead::worth(choice.action())).unwrap();
            learner.learn((&x, &()), &choice, reward, &seen(step + 1), &ending(step));
        }
    };
    let mut generator = stream::xorshift(7, 1);
    lives(&mut learner, &mut generator);
    assert_eq!(learner.steps(), 0);
    let mut buffer = vec![0; encoded_len(&learner).unwrap()];
    let stored = encode(KIND, &learner, &mut buffer).unwrap();
    let mut again: Learner = decode(KIND, stored).unwrap();
    let (mut one, mut other) = (generator.clone(), generator);
    lives(&mut learner, &mut one);
    lives(&mut again, &mut other);
    assert_eq!((learner.policy(), learner.critic()), (again.policy(), again.critic()));
}

#[test]
fn softmax_learners_go_on() {
    every_optimizer::<SoftmaxHead, 1>();
}

#[test]
fn bernoulli_learners_go_on() {
    every_optimizer::<BernoulliHead, 1>();
}

#[test]
fn gaussian_learners_go_on() {
    every_optimizer::<GaussianHead, 2>();
}

/// Replaces one number of a valid payload `sound` by bad values, and checks that each is refused.
#[track_caller]
fn refused_at<T: DeserializeOwned + std::fmt::Debug, const N: usize>(sound: [f32; N], at: usize, bad: &[f32]) {
    for &bad in bad.iter().chain(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]) {
        let mut numbers = sound;
        numbers[at] = bad;
        invalid::<T>(&[&bytes(numbers)]);
    }
}

/// Checks that an undamaged snapshot is refused if its values are refused by constructors or unreachable for learners.
#[test]
fn what_no_learner_holds_is_refused() {
    type One = Dense<1, 1>;
    refused_at::<One, 2>([0.0; 2], 0, &[1.01e15, -1.01e15]);
    refused_at::<One, 2>([0.0; 2], 1, &[1.01e15]);
    refused_at::<LinearPolicy<SoftmaxHead, 1, 1>, 2>([0.0; 2], 1, &[1.01e15]);
    // The lowest and the highest log standard deviation, and the flag for dependence on the features.
    for [low, high] in [[0.5, 0.0], [-10.5, 0.0], [0.0, 10.5], [f32::NAN, 0.0], [0.0, f32::NAN]] {
        invalid::<GaussianHead>(&[&bytes([low, high]), &[1]]);
        invalid::<LinearPolicy<GaussianHead, 1, 1, 2>>(&[&bytes([low, high]), &[0], &bytes([0.0; 4])]);
    }
    for out_of_range in [-0.1, 1.1, f32::NAN] {
        invalid::<Discount>(&[&bytes([out_of_range])]);
        invalid::<TraceDecay>(&[&bytes([out_of_range])]);
    }
    for norm in [0.0, 1e16, -1.0, f32::NAN] {
        invalid::<MaxNorm>(&[&bytes([norm])]);
        invalid::<Steering>(&[&bytes([1.0, 1.0, 0.0]), &[1], &bytes([norm]), &[0]]);
    }
    // A weight of steps that does not exist.
    invalid::<Steering>(&[&bytes([1.0, 1.0, 0.0]), &[0], &[2]]);

    refused_at::<Sgd, 1>([0.1], 0, &[0.0, -0.1, 1001.0]);
    let momentum = [0.1, 0.9, 0.0, 0.0];
    refused_at::<Momentum<Dense<1, 1>>, 4>(momentum, 0, &[0.0]);
    refused_at::<Momentum<Dense<1, 1>>, 4>(momentum, 1, &[1.5]);
    refused_at::<Momentum<Dense<1, 1>>, 4>(momentum, 3, &[2e15]);
    // Rate, decays, epsilon, powers of the decays, means, means of squares.
    let adam = [0.1, 0.9, 0.999, 1e-8, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    for (at, bad) in [(0, 0.0), (1, 1.0), (1, -0.1), (2, 1.0), (3, 0.0), (3, 1e-31), (3, 2.0), (4, 1.5), (5, -0.5)] {
        refused_at::<Adam<Dense<1, 1>>, 10>(adam, at, &[bad]);
    }
    refused_at::<Adam<Dense<1, 1>>, 10>(adam, 7, &[1e31, -1e31]);
    refused_at::<Adam<Dense<1, 1>>, 10>(adam, 8, &[-1e-9, 1e31]);
    refused_at::<Adam<Dense<1, 1>>, 10>(adam, 9, &[-1e-9, 1e31]);

    // Average, decay, return so far, its discount.
    let average = [0.0, 0.9, 0.0, 1.0];
    for (at, bad) in [(0, 2e9), (0, -2e9), (1, 1.5), (2, 2e9), (3, 1.5), (3, -0.5)] {
        refused_at::<AverageReturn, 4>(average, at, &[bad]);
    }
    // Critic, rate, trace, sum.
    let critic = [0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 0.0];
    refused_at::<ReturnCritic<Sgd, 1>, 7>(critic, 0, &[2e15]);
    for at in [2, 3, 6] {
        refused_at::<ReturnCritic<Sgd, 1>, 7>(critic, at, &[]);
    }

    let steering = [&bytes([1.0, 1.0, 0.0])[..], &[0, 0]].concat();
    for bad in [f32::NAN, f32::INFINITY] {
        // The trace, the weight of the next step, the sum.
        for at in 0..5 {
            let mut numbers = [0.0, 0.0, 1.0, 0.0, 0.0];
            numbers[at] = bad;
            if at < 3 {
                let before = bytes([0.0, 0.0, 0.1, 0.0, 0.9]);
                invalid::<TraceReinforce<LinearPolicy<SoftmaxHead, 1, 1>, Sgd>>(&[&before, &steering, &bytes(numbers)]);
            }
            let before = bytes([0.0, 0.0, 0.1, 0.0, 0.9, 0.0, 1.0]);
            type Learner = EpisodicReinforce<LinearPolicy<SoftmaxHead, 1, 1>, Sgd, AverageReturn>;
            invalid::<Learner>(&[&before, &steering, &bytes(numbers)]);
        }
        // Policy, rate, trace, weight, critic, rate, trace, its decay.
        for at in 0..12 {
            let mut numbers = [0.0, 0.0, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.9];
            numbers[at] = bad;
            invalid::<ActorCritic<LinearPolicy<SoftmaxHead, 1, 1>, Sgd, Sgd>>(&[&bytes(numbers), &steering]);
        }
    }
}

/// Trains for many steps with features and rewards at their limits, and checks that the learned values can be stored.
#[test]
fn learners_at_their_limits_come_back() -> Result<(), samplegrad_core::Error> {
    type Critic = ReturnCritic<Adam<Dense<1, 1>>, 1>;
    let head = GaussianHead::new(-10.0, -10.0)?;
    let features = Features::new([1e6])?;
    let steps = Steering { entropy_bonus: EntropyBonus::new(1000.0)?, ..Steering::default() };
    let fastest = LearningRate::new(1000.0)?;
    let critic = Critic::new(Adam::new(fastest));
    let mut episodic = EpisodicReinforce::new(LinearPolicy::<_, 1, 1, 2>::new(head), Adam::new(fastest), critic, steps);
    let average = AverageReturn::new(Decay::new(0.3)?);
    // A rate so small that the policy stays where scores are large.
    let slow = Sgd::new(LearningRate::new(1e-30)?);
    let mut averaged = EpisodicReinforce::new(LinearPolicy::<_, 1, 1, 2>::new(head), slow, average, steps);
    let (momentum, decay) = (Momentum::new(fastest, Decay::new(1.0)?), TraceDecay::new(1.0)?);
    let mut actor = ActorCritic::new(LinearPolicy::<_, 1, 1, 2>::new(head), momentum, Sgd::made(), steps, decay);
    let mut largest = [0.0_f32; 2];
    for step in 0..3000_u32 {
        let action = [if step % 3 == 0 { -1e7 } else { 1e7 }];
        let reward = Reward::new(if step % 700 < 400 { 1e6 } else { -1e6 })?;
        let ending = if step % 1100 == 1099 { Ending::terminal() } else { Ending::none() };
        let choice = episodic.policy().choose(&features, &(), action)?;
        episodic.learn(&features, &choice, reward, &ending);
        let choice = averaged.policy().choose(&features, &(), action)?;
        averaged.learn(&features, &choice, reward, &ending);
        let choice = actor.policy().choose(&features, &(), action)?;
        actor.learn(&features, &choice, reward, &features, &ending);
        kept(episodic);
        kept(averaged);
        kept(actor);
        for (largest, block) in largest.iter_mut().zip([averaged.gradient(), actor.trace()]) {
            *largest = largest.max(block.weights()[0][0][0].abs());
        }
    }
    // Until the next step, sums exceed the limit of parameters. A trace reaches it.
    assert!(largest[0] > 1e30 && largest[1] == Dense::<1, 1>::LARGEST, "{largest:?}");
    Ok(())
}

#[test]
fn lanes_of_learners_are_kept() -> Result<(), samplegrad_core::Error> {
    let mut adam = Adam::<Dense<1, 2, 1, F32x4>>::new(rate());
    let lane = |first: f32| F32x4::from_fn(|lane| first + lane as f32);
    let gradient = Dense::new([[[lane(0.0), lane(4.0)]]], [[lane(8.0), lane(12.0)]])?;
    adam.ascend(&mut Dense::zero(), &gradient, Mask::splat(true));
    kept(adam);
    let mut buffer = [0; 128];
    let snapshot = encode(KIND, &gradient, &mut buffer).unwrap();
    assert_eq!(&snapshot[24..88], bytes::<16>(std::array::from_fn(|index| index as f32)));
    kept(gradient);
    Ok(())
}
