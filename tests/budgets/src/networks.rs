//! Networks: a step of a learner with one hidden layer, and parts of larger networks.

use core::hint::black_box;

use samplegrad_core::{
    ActionMask, Adam, Block, CategoricalPolicy, Decay, Dense, Ending, Error, Features, Hidden, LeakyRelu, LearningRate,
    MovingAverage, Network, NetworkPolicy, Optimizer, Reward, SoftmaxHead, Steering, StreamingActorCritic,
    StreamingSettings, TraceReinforce, stream,
};

use crate::measure::{kernel, spread};

/// The network of the pendulum's policy; its critic has one output.
type Pendulum = Hidden<Dense<3, 16>, Dense<16, 3>>;
/// The network whose evaluation RLtools was measured with.
type Wide = Hidden<Dense<13, 64>, Hidden<Dense<64, 64>, Dense<64, 4>, LeakyRelu>, LeakyRelu>;

static WIDE: Wide = Wide::ZERO;

// One function for each learner, so that their memory is on the stack one after the other.
pub(crate) fn kernels() -> Result<(), Error> {
    small()?;
    // The smallest board has no room for the moments of Adam.
    if cfg!(target_abi = "eabihf") {
        dense()?;
        traces()?;
    }
    wide()
}

#[inline(never)]
fn small() -> Result<(), Error> {
    let mut rng = black_box(stream::xorshift(2026, 0));
    let mut learner = StreamingActorCritic::<NetworkPolicy<SoftmaxHead, Pendulum>>::new(
        NetworkPolicy::new(SoftmaxHead),
        StreamingSettings::DEFAULT,
    );
    learner.initialise(&mut rng);
    let (mask, ending) = (ActionMask::all(), black_box(Ending::none()));
    let observations = [black_box(Features::new(spread(0.57))?), black_box(Features::new(spread(0.71))?)];
    let reward = Reward::new(black_box(-1.0))?;
    let mut input = learner.observe(&observations[0], true);
    kernel("network 3-16-3: act", || {
        black_box(black_box(&learner).act(black_box(&input), &mask, &mut rng));
    });
    kernel("network 3-16-3: observe, act, learn", || {
        let learner = black_box(&mut learner);
        let choice = learner.act(black_box(&input), &mask, &mut rng);
        let next = learner.observe(black_box(&observations[1]), true);
        learner.learn(&input, &choice, black_box(reward), &next, &ending);
        input = next;
    });

    Ok(())
}

#[inline(never)]
fn dense() -> Result<(), Error> {
    let (mut layer, mut adam) = (Dense::<64, 10>::zero(), Adam::new(LearningRate::new(0.01)?));
    let (features, cotangent) = (black_box(Features::new(spread(0.57))?), black_box([spread::<10>(0.31)]));
    kernel("dense 64-10: forward, backward, Adam", || {
        let layer = black_box(&mut layer);
        black_box(layer.forward(black_box(&features)));
        let mut gradient = Dense::zero();
        layer.add_vjp(black_box(&features), &(), (black_box(&cotangent), |_| true), 1.0, &mut gradient);
        adam.ascend(layer, &gradient, true);
    });

    Ok(())
}

#[inline(never)]
fn traces() -> Result<(), Error> {
    let mut rng = black_box(stream::xorshift(2026, 0));
    let policy = CategoricalPolicy::<64, 10>::new(SoftmaxHead);
    let (adam, average) = (Adam::new(LearningRate::new(0.01)?), MovingAverage::new(Decay::new(0.99)?));
    let mut learner = TraceReinforce::new(policy, adam, average, Steering::default());
    let (features, mask) = (black_box(Features::new(spread(0.57))?), ActionMask::all());
    let (reward, ending) = (Reward::new(black_box(-1.0))?, black_box(Ending::none()));
    kernel("TraceReinforce with Adam: act, learn", || {
        let learner = black_box(&mut learner);
        let choice = learner.act(black_box(&features), &mask, &mut rng);
        learner.learn(black_box(&features), &choice, black_box(reward), &ending);
    });
    Ok(())
}

#[inline(never)]
fn wide() -> Result<(), Error> {
    let features = black_box(Features::new(spread(0.57))?);
    kernel("network 13-64-64-4: evaluate", || {
        black_box(black_box(&WIDE).evaluate(black_box(&features)));
    });
    Ok(())
}
