//! Rust's results for the comparison with Python: the operations of `host/python/tests/test_bits.py`, in the order of
//! that file.

use std::fmt::Write;

use anyhow::Result;
use samplegrad_core::{
    ActionMask, ActionModel, Decay, EntropyBonus, Features, LearningRate, MovingAverage, Reinforce, Reward,
    Temperature,
    baseline::ControlVariate,
    lane::{Lane, Word},
    reduce, stream,
};
use samplegrad_host::{
    F32x8, Streams, U32x8,
    batch::{
        self, Logits,
        estimator::Rows,
        estimator_kind::{BitsEstimator, ClassesEstimator},
        noise::{self, NoiseKind},
    },
};

const ROWS: usize = 37;
const CLASSES: usize = 10;
const SAMPLES: usize = 3;
const STREAMS: usize = 29;

/// Output with one line per result: name, type, shape, words in hexadecimal.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn words(&mut self, name: &str, kind: &str, shape: &[usize], words: impl Iterator<Item = u32>) -> Result<()> {
        let shape: Vec<_> = shape.iter().map(usize::to_string).collect();
        write!(self.0, "{name} {kind} {}", shape.join("x"))?;
        for word in words {
            write!(self.0, " {word:08x}")?;
        }
        self.0.push('\n');
        Ok(())
    }

    fn floats(&mut self, name: &str, shape: &[usize], x: &[f32]) -> Result<()> {
        self.words(name, "f32", shape, x.iter().map(|x| x.to_bits()))
    }

    fn classes(&mut self, name: &str, shape: &[usize], classes: &[u32]) -> Result<()> {
        self.words(name, "u32", shape, classes.iter().copied())
    }
}

pub(super) fn lines() -> Result<String> {
    const ALL: [usize; 2] = [ROWS, CLASSES];
    const COLUMN: [usize; 1] = [ROWS];
    let lines = &mut Lines::default();
    let streams = &mut Streams::new(2026, STREAMS)?;
    let mut values: Vec<f32> = (0..ROWS * CLASSES).map(|i| (i % 23) as f32 * 0.5 - 4.0).collect();
    values.chunks_mut(CLASSES).step_by(5).for_each(|row| row[4] = f32::NEG_INFINITY);
    let logits = Logits::new(&values, CLASSES)?;
    let (half, two) = (Temperature::new(0.5)?, Temperature::new(2.0)?);
    let room = || vec![0.0_f32; ROWS * CLASSES];
    let (mut x, mut gumbel, mut by_row) = (room(), room(), vec![0.0; ROWS]);

    for (name, kind) in [
        ("uniform", NoiseKind::Uniform),
        ("exponential", NoiseKind::Exponential),
        ("gumbel", NoiseKind::Gumbel),
        ("logistic", NoiseKind::Logistic),
        ("normal", NoiseKind::Normal),
        ("laplace", NoiseKind::Laplace),
        ("cauchy", NoiseKind::Cauchy),
    ] {
        noise::fill(kind, streams, CLASSES, &mut x)?;
        lines.floats(name, &ALL, &x)?;
        if kind == NoiseKind::Gumbel {
            gumbel.copy_from_slice(&x);
        }
    }
    batch::gumbel_softmax::sample(&logits, half, streams, &mut x)?;
    lines.floats("gumbel-softmax", &ALL, &x)?;
    let cotangent: Vec<f32> = x.iter().map(|y| 2.0 * y - 1.0).collect();
    let mut gradient = room();
    batch::gumbel_softmax::vjp(&x, &cotangent, CLASSES, half, &mut gradient)?;
    lines.floats("vjp", &ALL, &gradient)?;
    batch::gumbel_softmax::with_noise(&logits, two, &gumbel, &mut x)?;
    lines.floats("with-noise", &ALL, &x)?;
    batch::gumbel_softmax::vjp_temperature(&logits, two, &gumbel, &cotangent, &mut by_row)?;
    lines.floats("vjp-temperature", &COLUMN, &by_row)?;

    batch::concrete::log_density(&logits, two, &x, &mut by_row)?;
    lines.floats("density", &COLUMN, &by_row)?;
    batch::concrete::log_density_exp(&logits, two, &gumbel, &mut by_row)?;
    lines.floats("density-exp", &COLUMN, &by_row)?;
    let mut by_point = room();
    batch::concrete::gradient(&logits, two, &x, &mut gradient, &mut by_point, &mut by_row)?;
    lines.floats("density-by-logits", &ALL, &gradient)?;
    lines.floats("density-by-point", &ALL, &by_point)?;
    lines.floats("density-by-temperature", &COLUMN, &by_row)?;

    let mut drawn = vec![0; ROWS];
    batch::straight_through::sample(&logits, half, streams, &mut drawn, &mut x)?;
    lines.classes("straight-through", &COLUMN, &drawn)?;
    lines.floats("soft", &ALL, &x)?;
    batch::gumbel_max::sample(&logits, streams, &mut drawn)?;
    lines.classes("gumbel-max", &COLUMN, &drawn)?;
    let mut samples = vec![0; ROWS * SAMPLES];
    for s in 0..SAMPLES {
        batch::inverse_cdf::sample(&logits, streams, &mut drawn)?;
        samples.iter_mut().skip(s).step_by(SAMPLES).zip(&drawn).for_each(|(to, &class)| *to = class);
    }
    lines.classes("samples", &[ROWS, SAMPLES], &samples)?;
    let costs: Vec<f32> = samples.iter().map(|class| (class * class) as f32).collect();
    let mut advantages = vec![0.0; costs.len()];
    batch::score_function::leave_one_out(&costs, SAMPLES, &mut advantages)?;
    lines.floats("advantages", &[ROWS, SAMPLES], &advantages)?;
    batch::score_function::estimate(&logits, SAMPLES, &samples, &advantages, &mut gradient)?;
    lines.floats("score-function", &ALL, &gradient)?;

    batch::categorical::probabilities(&logits, &mut x, &mut gradient)?;
    lines.floats("p", &ALL, &x)?;
    lines.floats("log-p", &ALL, &gradient)?;
    let first: Vec<u32> = samples.iter().copied().step_by(SAMPLES).collect();
    batch::categorical::log_prob(&logits, &first, &mut by_row)?;
    lines.floats("log-prob", &COLUMN, &by_row)?;
    batch::categorical::entropy(&logits, &mut by_row)?;
    lines.floats("entropy", &COLUMN, &by_row)?;
    let states = (0..STREAMS).filter_map(|number| streams.device(number)).flat_map(|device| stream::words(&device));
    lines.words("states", "u32", &[STREAMS, 4], states)?;
    estimates(lines)?;
    let rate = LearningRate::new(0.125)?;
    learned(lines, "model", || ActionModel::<2, 3>::new(rate))?;
    let decay = Decay::new(0.875)?;
    learned(lines, "average", || MovingAverage::<f32>::new(decay))?;
    Ok(std::mem::take(&mut lines.0))
}

const BITS: usize = 5;

/// Writes estimates of the gradient. The cost is the squared difference of the sum of the bits and the row's number
/// modulo 4.
fn estimates(lines: &mut Lines) -> Result<()> {
    let streams = &mut Streams::new(7, STREAMS)?;
    for kind in BitsEstimator::all() {
        of_bits(lines, kind, streams)?;
    }
    let states = (0..STREAMS).filter_map(|number| streams.device(number)).flat_map(|device| stream::words(&device));
    lines.words("states-after-estimates", "u32", &[STREAMS, 4], states)?;
    for kind in ClassesEstimator::all() {
        of_classes(lines, kind, streams)?;
    }
    let states = (0..STREAMS).filter_map(|number| streams.device(number)).flat_map(|device| stream::words(&device));
    lines.words("states-after-classes", "u32", &[STREAMS, 4], states)
}

/// The numbers of classes of two variables.
const SIZES: [usize; 2] = [3, 2];
type ClassCost = Box<dyn Fn(&[U32x8]) -> F32x8>;

/// Writes estimates for two categorical variables. The cost is the squared difference of `2 x_0 + x_1` and the row's
/// number modulo 4.
fn of_classes(lines: &mut Lines, kind: ClassesEstimator, streams: &mut Streams) -> Result<()> {
    let values: Vec<f32> = (0..ROWS * BITS).map(|i| (i % 17) as f32 * 0.25 - 2.0).collect();
    let logits = Logits::new(&values, BITS)?;
    let cost = |rows: Rows| -> ClassCost {
        let target = F32x8::from_fn(|lane| (rows.row(lane) % 4) as f32);
        Box::new(move |x: &[U32x8]| {
            let class = |i: usize| F32x8::from_fn(|lane| x[i].extract(lane) as f32);
            let off = class(0) * 2.0 + class(1) - target;
            off * off
        })
    };
    let (mut mean, mut gradient) = ([0.0; ROWS], [0.0; ROWS * BITS]);
    kind.estimate::<F32x8, _>(&logits, &SIZES, cost, streams, &mut mean, &mut gradient)?;
    lines.floats(&format!("{kind}-of-classes-mean"), &[ROWS], &mean)?;
    lines.floats(&format!("{kind}-of-classes-gradient"), &[ROWS, BITS], &gradient)
}

type Cost = Box<dyn Fn(&[F32x8]) -> F32x8>;

/// Writes estimates for five bits.
fn of_bits(lines: &mut Lines, kind: BitsEstimator, streams: &mut Streams) -> Result<()> {
    let values: Vec<f32> = (0..ROWS * BITS).map(|i| (i % 17) as f32 * 0.25 - 2.0).collect();
    let logits = Logits::new(&values, BITS)?;
    let cost = |rows: Rows| -> Cost {
        let target = F32x8::from_fn(|lane| (rows.row(lane) % 4) as f32);
        Box::new(move |b: &[F32x8]| {
            let off = reduce::sum(b) - target;
            off * off
        })
    };
    let (mut mean, mut gradient) = ([0.0; ROWS], [0.0; ROWS * BITS]);
    kind.estimate::<F32x8, _>(&logits, cost, streams, &mut mean, &mut gradient)?;
    lines.floats(&format!("{kind}-mean"), &[ROWS], &mean)?;
    lines.floats(&format!("{kind}-gradient"), &[ROWS, BITS], &gradient)
}

/// Writes the weights of eleven devices that learn, independently, which of three actions is rewarded.
fn learned<C: ControlVariate<2, 3>>(lines: &mut Lines, name: &str, baseline: impl Fn() -> C) -> Result<()> {
    const COUNT: usize = 11;
    let (mut weights, mut bias) = (Vec::new(), Vec::new());
    for number in 0..COUNT {
        let mut rng = stream::xorshift(2026, 100 + number as u64);
        let mut learner = Reinforce::<2, 3, _>::new(baseline(), LearningRate::new(0.25)?, EntropyBonus::new(0.0625)?);
        let mask = ActionMask::new([true, number % 4 != 0, true])?;
        for step in 0..100 {
            let mood = ((step + number) % 5) as f32 - 2.0;
            let seen = Features::new([1.0, mood])?;
            let decision = learner.act(&seen, &mask, &mut rng);
            let pays = decision.action() == if mood > 0.0 { 2 } else { 0 };
            learner.learn(&seen, &decision, Reward::new(if pays { 1.0 } else { 0.0 })?);
        }
        weights.extend_from_slice(learner.policy().weights().as_flattened());
        bias.extend_from_slice(learner.policy().bias());
    }
    lines.floats(&format!("{name}-weights"), &[COUNT, 2, 3], &weights)?;
    lines.floats(&format!("{name}-bias"), &[COUNT, 3], &bias)
}
