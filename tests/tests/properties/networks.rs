//! Networks against a second implementation in `f64`, their start, and the statistics that normalise their inputs.

use samplegrad_core::{
    ActionMask, Activation, Block, Dense, Discount, Ending, Features, Hidden, LayerNorm, LeakyRelu, Memory, Network,
    NetworkPolicy, Reward, RewardScale, SoftmaxHead, Source, Standardizer, StreamingActorCritic, StreamingSettings,
    Tanh, stream,
};

const D: usize = 3;
const M: usize = 6;
const K: usize = 2;

type Deep<A> = Hidden<Dense<D, M>, Hidden<Dense<M, M>, Dense<M, K>, A>, A>;

/// Returns a number that is uniform within ±1.
fn spread(rng: &mut impl Source<f32>) -> f32 {
    rng.next_word() as f32 / 2_147_483_648.0 - 1.0
}

/// An activation in `f64`.
#[derive(Clone, Copy)]
struct Exact {
    normalises: bool,
    function: fn(f64) -> f64,
}

const RECTIFIER: fn(f64) -> f64 = |x| if x < 0.0 { 0.01 * x } else { x };

/// Computes the outputs of the network with the numbers `parameters`, in their order.
fn exact(parameters: &[f64], input: [f64; D], activation: Exact) -> [f64; K] {
    let mut numbers = parameters.iter().copied();
    let mut layer = |x: &[f64], outputs: usize| {
        let weights: Vec<f64> = numbers.by_ref().take(x.len() * outputs).collect();
        let bias: Vec<f64> = numbers.by_ref().take(outputs).collect();
        let sum = |k: usize| bias[k] + x.iter().enumerate().map(|(d, x)| x * weights[d * outputs + k]).sum::<f64>();
        (0..outputs).map(sum).collect::<Vec<f64>>()
    };
    let activated = |mut z: Vec<f64>| {
        if activation.normalises {
            let count = z.len() as f64;
            let mean = z.iter().sum::<f64>() / count;
            let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / count;
            z.iter_mut().for_each(|z| *z = (*z - mean) / (variance + 1e-5).sqrt());
        }
        z.into_iter().map(activation.function).collect::<Vec<f64>>()
    };
    let first = activated(layer(&input, M));
    let second = activated(layer(&first, M));
    layer(&second, K).try_into().unwrap()
}

/// Compares outputs and both gradients with central differences in `f64`, at 50 random networks.
fn agrees<A: Activation>(activation: Exact) {
    let mut rng = stream::xorshift(2026, 16);
    for _ in 0..50 {
        let mut network = Deep::<A>::ZERO;
        network.each(|x| *x = spread(&mut rng));
        let input = [(); D].map(|()| spread(&mut rng));
        let cotangent = [(); K].map(|()| spread(&mut rng));
        let features = Features::new(input).unwrap();
        let (outputs, tape) = network.forward(&features);
        let mut gradient = Deep::<A>::ZERO;
        let back = network.add_vjp_and_return_input(&features, &tape, (&[cotangent], |_| true), 1.0, &mut gradient);

        let list = |block: &Deep<A>| block.fold(Vec::new(), |list, &x| [list, vec![f64::from(x)]].concat());
        let (mut numbers, mut at) = (list(&network), input.map(f64::from));
        for (&y, exact) in outputs[0].iter().zip(exact(&numbers, at, activation)) {
            assert!((f64::from(y) - exact).abs() < 2e-5, "output {y}, exact {exact}");
        }
        let product = |numbers: &[f64], at: [f64; D]| -> f64 {
            exact(numbers, at, activation).iter().zip(cotangent).map(|(y, c)| y * f64::from(c)).sum()
        };
        const STEP: f64 = 1e-6;
        let close = |found: f64, exact: f64, what: &str| {
            assert!((found - exact).abs() < 1e-3 * exact.abs().max(1.0), "{what}: {found}, exact {exact}");
        };
        for (k, found) in list(&gradient).into_iter().enumerate() {
            let kept = numbers[k];
            let [above, below] = [STEP, -STEP].map(|step| {
                numbers[k] = kept + step;
                product(&numbers, at)
            });
            numbers[k] = kept;
            close(found, (above - below) / (2.0 * STEP), "gradient in a parameter");
        }
        for (d, found) in back.into_iter().enumerate() {
            let kept = at[d];
            let [above, below] = [STEP, -STEP].map(|step| {
                at[d] = kept + step;
                product(&numbers, at)
            });
            at[d] = kept;
            close(f64::from(found), (above - below) / (2.0 * STEP), "gradient in the input");
        }
    }
}

#[test]
fn gradients_are_those_of_a_second_implementation() {
    agrees::<LeakyRelu>(Exact { normalises: false, function: RECTIFIER });
    agrees::<LayerNorm<LeakyRelu>>(Exact { normalises: true, function: RECTIFIER });
    agrees::<Tanh>(Exact { normalises: false, function: f64::tanh });
    agrees::<LayerNorm<Tanh>>(Exact { normalises: true, function: f64::tanh });
}

#[test]
fn a_row_that_does_not_use_the_input_moves_its_biases_alone() {
    let mut network = Hidden::<Dense<D, M>, Dense<M, K, 2>>::ZERO;
    network.initialise(&mut stream::xorshift(2026, 0), |h| h == 0);
    assert!(network.next().weights()[1].as_flattened().iter().all(|&w| w == 0.0));
    let x = Features::new([1.0, 2.0, -3.0]).unwrap();
    let (_, tape) = network.forward(&x);
    let mut gradient = Network::zeros();
    let back = network.add_vjp_and_return_input(&x, &tape, (&[[0.0; K], [1.0; K]], |h| h == 0), 1.0, &mut gradient);
    let expected = Hidden::new(Dense::zero(), Dense::new([[[0.0; K]; M]; 2], [[0.0; K], [1.0; K]]).unwrap());
    assert_eq!((gradient, back), (expected, [0.0; D]));
}

#[test]
fn every_unit_starts_with_as_many_zeros_as_the_source_says() {
    let mut network = Hidden::<Dense<7, 16>, Dense<16, 3>>::ZERO;
    for seed in 0..100 {
        network.initialise(&mut stream::xorshift(seed, 0), |_| true);
        for (weights, inputs, zeros) in [
            (network.layer().weights()[0].as_slice().as_flattened(), 7, 3),
            (network.next().weights()[0].as_slice().as_flattened(), 16, 14),
        ] {
            let units = weights.len() / inputs;
            for unit in 0..units {
                let of_unit = || weights.iter().skip(unit).step_by(units);
                assert_eq!(of_unit().filter(|&&w| w == 0.0).count(), zeros, "unit {unit} of seed {seed}");
                assert!(of_unit().all(|w| w.abs() <= 1.0 / (inputs as f32).sqrt()));
            }
        }
    }
}

#[test]
fn statistics_are_those_of_all_observations() {
    let (mut standardizer, mut rng) = (Standardizer::new(Memory::WHOLE), stream::xorshift(2026, 1));
    let numbers: Vec<f32> = (0..1000).map(|_| 5.0 + 3.0 * spread(&mut rng)).collect();
    let last = numbers.iter().map(|&x| standardizer.normalize(&Features::new([x]).unwrap(), true)).last().unwrap();
    let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / 1000.0;
    let variance = numbers.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / 1000.0;
    assert!((f64::from(standardizer.mean()[0]) - mean).abs() < 1e-4);
    assert!((f64::from(standardizer.variance()[0]) / variance - 1.0).abs() < 1e-4);
    assert!((f64::from(last.as_array()[0]) - (f64::from(numbers[999]) - mean) / variance.sqrt()).abs() < 1e-3);
}

#[test]
fn statistics_forget_and_their_count_saturates() {
    let mut short = Standardizer::new(Memory::new(100.0).unwrap());
    let mut whole = Standardizer::new(Memory::WHOLE);
    let [before, after] = [1.0, 9.0].map(|x| Features::new([x]).unwrap());
    for _ in 0..1000 {
        short.normalize(&before, true);
    }
    // More observations than a float can count, 2^24.
    for _ in 0..(1 << 24) + 100 {
        whole.normalize(&before, true);
    }
    for _ in 0..1000 {
        short.normalize(&after, true);
        whole.normalize(&after, true);
    }
    assert!((short.mean()[0] - 9.0).abs() < 1e-2, "{:?}", short.mean());
    let expected = 1.0 + 8.0 * 1000.0 / f64::from(1 << 24);
    assert!((f64::from(whole.mean()[0]) - expected).abs() < 1e-4, "{:?}, expected {expected}", whole.mean());
}

#[test]
fn constant_and_enormous_observations_are_normalised_to_numbers() {
    let mut standardizer = Standardizer::new(Memory::WHOLE);
    for x in [1e6_f32, 1e6, 1e6, -1e6, 1e-30, 0.0, 1e6] {
        let [constant, other] = *standardizer.normalize(&Features::new([-7.0, x]).unwrap(), true).as_array();
        assert!(constant == 0.0 && other.abs() <= 10.0);
    }
}

#[test]
fn one_enormous_reward_does_not_outlast_ordinary_ones() {
    let (mut scale, discount) = (RewardScale::<f32>::new(Memory::WHOLE), Discount::new(0.99).unwrap());
    let mut rng = stream::xorshift(2026, 2);
    let mut ordinary = |scale: &mut RewardScale, count: u32| -> f32 {
        let rewards = (0..count).map(|_| Reward::new(-1.0 + spread(&mut rng)).unwrap());
        rewards.map(|r| scale.scale(r, discount, &Ending::none()).abs()).sum::<f32>() / count as f32
    };
    let before = ordinary(&mut scale, 1000);
    assert!(scale.scale(Reward::new(1e6).unwrap(), discount, &Ending::none()) <= 10.0);
    let after = ordinary(&mut scale, 1000);
    assert!(after > 0.3 * before, "{before} before, {after} after");
}

/// A learner with two actions, of which the second earns 1 and the first −1.
type Learner<N> = StreamingActorCritic<NetworkPolicy<SoftmaxHead, N>>;

fn rewarded<N>(learner: &mut Learner<N>, steps: u32, better: u32, rng: &mut impl Source<f32>) -> f32
where
    N: Network<Lane = f32, Input = Features<1>, Outputs = [[f32; 2]; 1]>,
{
    let mut right = 0.0;
    for step in 0..steps {
        let x = learner.observe(&Features::new([(step % 3) as f32]).unwrap(), true);
        let choice = learner.act(&x, &ActionMask::all(), rng);
        let good = choice.action() == better;
        learner.learn(&x, &choice, Reward::new(if good { 1.0 } else { -1.0 }).unwrap(), &x, &Ending::terminal());
        right += if good { 1.0 / steps as f32 } else { 0.0 };
    }
    right
}

fn comes_back<N>()
where
    N: Network<Lane = f32, Input = Features<1>, Outputs = [[f32; 2]; 1]>,
{
    for seed in 0..20 {
        let mut rng = stream::xorshift(2026, seed);
        let mut learner = Learner::<N>::new(NetworkPolicy::new(SoftmaxHead), StreamingSettings::DEFAULT);
        learner.initialise(&mut rng);
        rewarded(&mut learner, 500, 1, &mut rng);
        // The wrong action earns an enormous reward once, in each of three places.
        for place in 0..3 {
            let x = learner.observe(&Features::new([place as f32]).unwrap(), true);
            let choice = learner.policy().choose(&x, &ActionMask::all(), 0).unwrap();
            learner.learn(&x, &choice, Reward::new(1e6).unwrap(), &x, &Ending::terminal());
        }
        rewarded(&mut learner, 2000, 1, &mut rng);
        let right = rewarded(&mut learner, 200, 1, &mut rng);
        assert!(right > 0.8, "seed {seed}: {right}");
    }
}

#[test]
fn a_policy_comes_back_from_one_enormous_reward() {
    comes_back::<Dense<1, 2>>();
    comes_back::<Hidden<Dense<1, 8>, Dense<8, 2>>>();
}

/// Checks the memory of the pendulum's learner: two networks, two traces, the statistics and the settings.
#[test]
fn a_learner_takes_less_than_two_and_a_half_kilobytes() {
    let size = size_of::<Learner<Hidden<Dense<3, 16>, Dense<16, 3>>>>();
    assert!(size <= 2560, "{size}");
}
