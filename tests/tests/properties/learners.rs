//! Learners of episodes with extreme input, masked actions and bad input.

use samplegrad_core::{
    ActionMask, ActorCritic, Adam, AverageReturn, BernoulliHead, BitMask, CategoricalPolicy, Decay, Dense, Discount,
    Ending, EntropyBonus, EpisodicReinforce, Error, Features, GaussianHead, GaussianPolicy, Head, LearningRate,
    LinearPolicy, MaxNorm, Momentum, MovingAverage, ReturnCritic, Reward, Sgd, SoftmaxHead, Source, Steering,
    TraceDecay, TraceReinforce, discounted_returns,
    lane::{Lane, Word},
    noise::Uniform,
    stream,
};
use samplegrad_host::F32x16;

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

/// Steps of each learner; fewer without optimisation.
const ROUNDS: u32 = if cfg!(debug_assertions) { 8 } else { 300 };

/// Drives a learner with the largest input and checks every number that it keeps.
macro_rules! survives {
    ($learner:expr, $constraint:expr, $scale:expr, |$l:ident, $x:ident, $choice:ident, $reward:ident, $next:ident, $ending:ident| $step:expr) => {{
        let (mut $l, mut rng) = ($learner, stream::xorshift(8, 0));
        for t in 0..ROUNDS {
            let big = |word: u32| match word % 4 {
                0 => $scale,
                1 => -$scale,
                2 => 0.0,
                _ => 1e-6,
            };
            let mut word = || big(Source::<f32>::next_word(&mut rng) >> 8);
            let $x = Features::new([word(), word()]).unwrap();
            let $next = Features::new([word(), word()]).unwrap();
            let $reward = Reward::new(word()).unwrap();
            let $ending = Ending::new(t % 100 == 99, t % 70 == 69);
            let $choice = $l.act(&$x, $constraint, &mut rng);
            $step;
            let debug = format!("{:?}", $l);
            let infinite = |word: &str| ["NaN", "inf"].contains(&word);
            assert!(!debug.split(|c: char| !c.is_alphanumeric()).any(infinite), "step {t}: {debug}");
            let debug = format!("{:?}", $l.act(&$x, $constraint, &mut rng).distribution());
            assert!(!debug.contains("NaN"), "step {t}: {debug}");
        }
    }};
}

fn extremes<P: Head<3, H> + Copy + std::fmt::Debug, const H: usize>(head: P, constraint: &P::Constraint)
where
    P::Distribution: std::fmt::Debug,
{
    let policy = LinearPolicy::<P, 2, 3, H>::new(head);
    for scale in [1.0, 1e3, 1e6] {
        for length in [1e-3, 1.0, 1000.0] {
            for max_norm in [None, MaxNorm::new(1e-6).ok(), MaxNorm::new(1e15).ok()] {
                let entropy_bonus = EntropyBonus::new(1000.0).unwrap();
                let all = Steering { entropy_bonus, max_norm, ..Steering::default() };
                let (rate, one) = (rate(length), Decay::new(1.0).unwrap());
                let (sgd, momentum) = (Sgd::new(rate), Momentum::new(rate, one));
                let adam = Adam::with_constants(rate, [0.0, 0.999_999_9], 1e-30).unwrap();
                let other_adam = Adam::with_constants(rate, [0.999_999_9, 0.0], 1e-30).unwrap();
                let lambda = TraceDecay::new(1.0).unwrap();
                let average = MovingAverage::new(Decay::new(0.5).unwrap());
                survives!(
                    TraceReinforce::new(policy, momentum, average, all),
                    constraint,
                    scale,
                    |l, x, c, r, _n, e| l.learn(&x, &c, r, &e)
                );
                survives!(ActorCritic::new(policy, adam, sgd, all, lambda), constraint, scale, |l, x, c, r, n, e| l
                    .learn(&x, &c, r, &n, &e));
                survives!(
                    ActorCritic::new(policy, sgd, other_adam_of_critic(rate), all, lambda),
                    constraint,
                    scale,
                    |l, x, c, r, n, e| l.learn(&x, &c, r, &n, &e)
                );
                survives!(
                    EpisodicReinforce::new(policy, other_adam, ReturnCritic::new(sgd), all),
                    constraint,
                    scale,
                    |l, x, c, r, _n, e| l.learn(&x, &c, r, &e)
                );
                survives!(
                    EpisodicReinforce::new(policy, sgd, AverageReturn::new(one), all),
                    constraint,
                    scale,
                    |l, x, c, r, _n, e| l.learn(&x, &c, r, &e)
                );
            }
        }
    }
}

fn other_adam_of_critic(rate: LearningRate) -> Adam<Dense<2, 1>> {
    Adam::with_constants(rate, [0.9, 0.0], 1e-30).unwrap()
}

#[test]
fn extremes_stay_finite() {
    extremes::<SoftmaxHead, 1>(SoftmaxHead, &ActionMask::new([true, false, true]).unwrap());
    extremes::<BernoulliHead, 1>(BernoulliHead, &BitMask::all());
    extremes::<GaussianHead, 2>(GaussianHead::new(-10.0, 10.0).unwrap(), &());
    extremes::<GaussianHead, 2>(GaussianHead::with_shared_deviation(0.0, 0.0).unwrap(), &());
}

/// Checks that a masked action is never drawn and that the parameters of its logit never change.
#[test]
fn masked_actions_do_not_learn() {
    let (mask, mut rng) = (ActionMask::new([true, false, true]).unwrap(), stream::xorshift(4, 0));
    let entropy_bonus = EntropyBonus::new(0.1).unwrap();
    let policy = CategoricalPolicy::<2, 3>::new(SoftmaxHead);
    let sgd = Sgd::new(rate(0.5));
    let steering = Steering { entropy_bonus, ..steering(0.9, 0.9) };
    let mut learner = ActorCritic::new(policy, sgd, sgd, steering, TraceDecay::new(0.9).unwrap());
    for _ in 0..200 {
        let x = Features::new([spread::<f32>(&mut rng, 1.0), spread(&mut rng, 1.0)]).unwrap();
        let choice = learner.act(&x, &mask, &mut rng);
        assert_ne!(choice.action(), 1);
        learner.learn(&x, &choice, Reward::new(spread(&mut rng, 1.0)).unwrap(), &x, &Ending::none());
        let parameters = learner.policy().parameters();
        assert!(parameters.weights()[0].iter().all(|row| row[1] == 0.0) && parameters.bias()[0][1] == 0.0);
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, expected: Error) {
    // Values may be NaN, which equals nothing.
    assert_eq!(format!("{:?}", result.unwrap_err()), format!("{expected:?}"));
}

#[test]
fn constants_are_checked() {
    let outside = |what, value, requirement| Error::OutOfRange { what, value, requirement };
    for value in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
        refused(Discount::new(value), outside("discount", value, "from 0 to 1"));
        refused(TraceDecay::new(value), outside("trace decay", value, "from 0 to 1"));
    }
    for value in [0.0, -1.0, f32::NAN, f32::INFINITY, 1.1e15] {
        refused(MaxNorm::new(value), outside("largest norm", value, "from 1e-6 to 1e15"));
    }
    for value in [-0.1, 1.0, f32::NAN] {
        let adam = |betas| Adam::<Dense<1, 1>>::with_constants(rate(1.0), betas, 1e-8);
        refused(adam([value, 0.5]), outside("first decay of Adam", value, "from 0 to below 1"));
        refused(adam([0.5, value]), outside("second decay of Adam", value, "from 0 to below 1"));
    }
    for value in [0.0, f32::NAN, 1e-31, 1.1] {
        let adam = Adam::<Dense<1, 1>>::with_constants(rate(1.0), [0.9; 2], value);
        refused(adam, outside("epsilon of Adam", value, "from 1e-30 to 1"));
    }
    for value in [-10.1, f32::NAN, 10.1] {
        refused(GaussianHead::new(value, 1.0), outside("lowest log standard deviation", value, "from -10 to 10"));
        let at_most = "at least the lowest and at most 10";
        let low = if value < 0.0 { 0.0 } else { -1.0 };
        refused(GaussianHead::new(low, value), outside("highest log standard deviation", value, at_most));
    }
    for value in [f32::NAN, 1.1e15, f32::NEG_INFINITY] {
        let range = "from -1e15 to 1e15";
        refused(Dense::<1, 1>::new([[[value]]], [[0.0]]), outside("weights", value, range));
        refused(Dense::<1, 1>::new([[[0.0]]], [[value]]), outside("bias", value, range));
    }
    let (mut two, discount) = ([0.0; 2], Discount::new(0.5).unwrap());
    let length = |what, found| Error::Length { what, expected: 2, found };
    let ended = [false; 3];
    refused(discounted_returns::returns(&[0.0; 2], &ended[..1], discount, 0.0, &mut two), length("ends", 1));
    refused(discounted_returns::returns(&[0.0; 2], &ended[..2], discount, 0.0, &mut two[..1]), length("returns", 1));
}

/// Checks that constructors refuse bad input. No learner sees such input, so every bit of the learners stays. (The
/// printed text of a number determines its bits.)
#[test]
fn bad_input_leaves_learners_alone() {
    fn all(state: &impl std::fmt::Debug) -> String {
        format!("{state:?}")
    }
    let (mask, mut rng) = (ActionMask::new([true, false]).unwrap(), stream::xorshift(2, 0));
    let policy = CategoricalPolicy::<2, 2>::new(SoftmaxHead);
    let (adam, sgd) = (Adam::new(rate(0.1)), Sgd::new(rate(0.1)));
    let mut softmax = ActorCritic::new(policy, adam, sgd, steering(0.9, 0.9), TraceDecay::new(0.5).unwrap());
    let head = GaussianHead::new(-5.0, 1.0).unwrap();
    let normal: GaussianPolicy<2, 1> = GaussianPolicy::new(head);
    let momentum = Momentum::new(rate(0.1), Decay::new(0.5).unwrap());
    let average = AverageReturn::new(Decay::new(0.9).unwrap());
    let mut gaussian = EpisodicReinforce::new(normal, momentum, average, steering(0.9, 0.9));
    let x = Features::new([1.0, -1.0]).unwrap();
    let (reward, ending) = (Reward::new(1.0).unwrap(), Ending::none());
    let choice = softmax.act(&x, &mask, &mut rng);
    softmax.learn(&x, &choice, reward, &x, &ending);
    let choice = gaussian.act(&x, &(), &mut rng);
    gaussian.learn(&x, &choice, reward, &ending);

    let before = (all(&softmax), all(&gaussian));
    refused(Features::new([0.0, f32::NAN]), Error::NotANumber { what: "features", index: 1 });
    refused(Features::new([f32::INFINITY, 0.0]), Error::Infinite { what: "features", index: 0 });
    let outside = |what, value, requirement| Error::OutOfRange { what, value, requirement };
    refused(Features::new([0.0, -1.1e6]), outside("features", -1.1e6, "from -1e6 to 1e6"));
    for value in [f32::NAN, f32::INFINITY, 1.1e6] {
        refused(Reward::new(value), outside("reward", value, "from -1e6 to 1e6"));
    }
    let none = Error::NoSuchIndex { what: "class", index: 2, len: 2 };
    refused(softmax.policy().choose(&x, &mask, 2), none);
    let masked = outside("log-probability of the action", f32::NEG_INFINITY, "finite");
    refused(softmax.policy().choose(&x, &mask, 1), masked);
    for value in [f32::NAN, f32::NEG_INFINITY, 1.1e7] {
        refused(gaussian.policy().choose(&x, &(), [value]), outside("action", value, "from -1e7 to 1e7"));
    }
    assert_eq!((all(&softmax), all(&gaussian)), before);
    // The control: good input changes both learners.
    let choice = softmax.policy().choose(&x, &mask, 0).unwrap();
    softmax.learn(&x, &choice, reward, &x, &ending);
    let choice = gaussian.policy().choose(&x, &(), [0.5]).unwrap();
    gaussian.learn(&x, &choice, reward, &ending);
    assert!(all(&softmax) != before.0 && all(&gaussian) != before.1);
}

/// Checks that input refused in one lane is refused in all.
#[test]
fn every_lane_is_checked() {
    type L = F32x16;
    let policy = CategoricalPolicy::<1, 2, L>::new(SoftmaxHead);
    let x = Features::new([L::ONE]).unwrap();
    for lane in 0..16 {
        let action = Word::from_fn(|i| if i == lane { 2 } else { 0 });
        let refusal = policy.choose(&x, &ActionMask::all(), action).unwrap_err();
        assert_eq!(refusal, Error::NoSuchIndex { what: "class", index: 2, len: 2 });
    }
}
