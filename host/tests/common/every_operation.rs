//! Every operation of the module `batch`, on one shape of rows.

// Each test program uses a part of this module.
#![allow(dead_code)]

use std::{collections::BTreeSet, fs, path::Path};

use samplegrad_core::{
    AliasTable, Cdf, Logits as OneRow, Temperature, disarm::DisArm, lane::Lane, leave_one_out::LeaveOneOut,
    noise::Uniform, stream,
};
use samplegrad_host::{
    Error, Lanes, Native, Streams,
    batch::{
        self, Logits,
        bernoulli::Bernoullis,
        binary_concrete::{BinaryConcretes, Density, Relaxed},
        categorical, concrete,
        draws::{self, Sampler},
        estimator::{self, Rows},
        estimator_kind::{BitsEstimator, ClassesEstimator, EstimateError},
        gumbel_max, gumbel_softmax, inverse_cdf,
        log_std_normal::LogStdNormals,
        noise::{self, NoiseKind},
        score_function, straight_through,
    },
};

/// Samples per row.
const SAMPLES: usize = 16;
/// Draws per row: so many that they are divided into chunks where rows are few.
const DRAWS: usize = 40;

/// The inputs of operations.
pub struct Given {
    k: usize,
    tau: Temperature,
    logits: Vec<f32>,
    others: Vec<f32>,
    /// Numbers above 0 and below 1; each row has the sum 1.
    points: Vec<f32>,
    log_points: Vec<f32>,
    classes: Vec<u32>,
    samples: Vec<u32>,
    costs: Vec<f32>,
    bits: Vec<u32>,
    cdf: Cdf<3>,
    table: AliasTable<3>,
}

/// The outputs of operations: numbers for each class, for each sample and for each row.
#[derive(Clone)]
pub struct Written {
    streams: Streams,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
    d: Vec<f32>,
    words: Vec<u32>,
    of_samples: Vec<f32>,
    of_row: Vec<f32>,
    classes: Vec<u32>,
    drawn: Vec<u32>,
}

impl Given {
    pub fn new(rows: usize, k: usize) -> Self {
        let mut rng = stream::xorshift(5, (rows * k) as u64);
        let mut numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|_| Uniform::<f32>::sample(&mut rng).value() - 0.5).collect() };
        let one = OneRow::<3>::new(&[0.0, 1.0, -1.0]).unwrap();
        Self {
            k,
            tau: Temperature::new(0.7).unwrap(),
            logits: numbers(rows * k),
            others: numbers(rows * k),
            points: vec![1.0 / k.max(2) as f32; rows * k],
            log_points: vec![-(k as f32).ln(); rows * k],
            classes: (0..rows).map(|row| (row % k) as u32).collect(),
            samples: (0..rows * SAMPLES).map(|sample| (sample % k) as u32).collect(),
            costs: numbers(rows * SAMPLES),
            bits: (0..rows * k).map(|place| u32::from(place % 3 == 0)).collect(),
            cdf: Cdf::new(&one),
            table: AliasTable::new(&one),
        }
    }

    /// Creates outputs, and one stream per number.
    pub fn room(&self) -> Written {
        let (rows, all) = (self.classes.len(), self.logits.len());
        let numbers = || vec![0.0; all];
        Written {
            streams: Streams::new(2026, all).unwrap(),
            a: numbers(),
            b: numbers(),
            c: numbers(),
            d: numbers(),
            words: vec![0; all],
            of_samples: vec![0.0; rows * SAMPLES],
            of_row: vec![0.0; rows],
            classes: vec![0; rows],
            drawn: vec![0; rows * DRAWS],
        }
    }

    fn logits(&self) -> Result<Logits<'_>, Error> {
        Logits::new(&self.logits, self.k)
    }

    fn others(&self) -> Result<Logits<'_>, Error> {
        Logits::new(&self.others, self.k)
    }

    fn bits(&self) -> Result<Bernoullis<'_>, Error> {
        Bernoullis::new(&self.logits)
    }

    fn relaxed(&self) -> Result<BinaryConcretes<'_>, Error> {
        BinaryConcretes::new(&self.logits, self.tau)
    }

    fn normal(&self) -> Result<LogStdNormals<'_>, Error> {
        LogStdNormals::new(&self.logits, &self.others)
    }

    /// Returns the logits as rows of two.
    fn pairs(&self) -> Result<Logits<'_>, Error> {
        Logits::new(&self.logits, 2)
    }
}

impl Written {
    /// Returns all outputs as words.
    pub fn to_words(&self) -> Vec<u32> {
        let numbers = [&self.a, &self.b, &self.c, &self.d, &self.of_samples, &self.of_row];
        let words = [&self.words, &self.classes, &self.drawn];
        let states = (0..self.streams.count()).flat_map(|number| stream::words(&self.streams.device(number).unwrap()));
        let numbers = numbers.into_iter().flatten().map(|x| x.to_bits());
        numbers.chain(words.into_iter().flatten().copied()).chain(states).collect()
    }
}

/// Returns the error of the batch. The sizes of all rows here fit.
fn of_batch(error: EstimateError) -> Error {
    match error {
        EstimateError::Host(error) => error,
        other => panic!("{other}"),
    }
}

/// An operation of a file of `batch`.
pub struct Operation {
    /// `file::function`.
    pub name: &'static str,
    pub run: fn(&Given, &mut Written) -> Result<(), Error>,
}

macro_rules! operations {
    ($($name:literal: |$given:ident, $written:ident| $run:expr;)*) => {
        /// All operations.
        pub const OPERATIONS: &[Operation] = &[
            $(Operation { name: $name, run: |$given, $written| $run },)*
        ];
    };
}

operations! {
    "bernoulli::sample": |g, w| g.bits()?.sample(&mut w.streams, &mut w.words);
    "bernoulli::log_prob": |g, w| g.bits()?.log_prob(&g.bits, &mut w.a, &mut w.b);
    "bernoulli::entropy": |g, w| g.bits()?.entropy(&mut w.a, &mut w.b);
    "bernoulli::kl": |g, w| g.bits()?.kl(&Bernoullis::new(&g.others)?, &mut w.a, &mut w.b, &mut w.c);
    "binary_concrete::sample": |g, w| {
        let out = Relaxed {
            y: &mut w.a, derivative: &mut w.b, temperature_derivative: &mut w.c, hard: &mut w.words,
        };
        g.relaxed()?.sample(&mut w.streams, out)
    };
    "binary_concrete::log_density": |g, w| {
        let out = Density { log_density: &mut w.a, logit: &mut w.b, temperature: &mut w.c, point: &mut w.d };
        g.relaxed()?.log_density(&g.points, out)
    };
    "categorical::probabilities": |g, w| categorical::probabilities(&g.logits()?, &mut w.a, &mut w.b);
    "categorical::modes": |g, w| categorical::modes(&g.logits()?, &mut w.classes);
    "categorical::log_prob": |g, w| categorical::log_prob(&g.logits()?, &g.classes, &mut w.of_row);
    "categorical::entropy": |g, w| categorical::entropy(&g.logits()?, &mut w.of_row);
    "categorical::entropy_gradient": |g, w| categorical::entropy_gradient(&g.logits()?, &mut w.a);
    "categorical::score": |g, w| categorical::score(&g.logits()?, &g.classes, &mut w.a);
    "categorical::kl": |g, w| categorical::kl(&g.logits()?, &g.others()?, &mut w.of_row);
    "categorical::kl_gradients": |g, w| categorical::kl_gradients(&g.logits()?, &g.others()?, &mut w.a, &mut w.b);
    "categorical::kl_to_uniform": |g, w| categorical::kl_to_uniform(&g.logits()?, &mut w.of_row);
    "concrete::log_density_exp": |g, w| {
        concrete::log_density_exp(&g.logits()?, g.tau, &g.log_points, &mut w.of_row)
    };
    "concrete::log_density": |g, w| concrete::log_density(&g.logits()?, g.tau, &g.points, &mut w.of_row);
    "concrete::gradient_exp": |g, w| {
        concrete::gradient_exp(&g.logits()?, g.tau, &g.log_points, &mut w.a, &mut w.b, &mut w.of_row)
    };
    "concrete::gradient": |g, w| {
        concrete::gradient(&g.logits()?, g.tau, &g.points, &mut w.a, &mut w.b, &mut w.of_row)
    };
    "draws::sample": |g, w| {
        draws::sample(Sampler::GumbelMax, &g.logits()?, DRAWS, &mut w.streams, &mut w.drawn)
    };
    "estimator::bernoullis": |g, w| {
        let cost = |rows: Rows| {
            let target: Native = rows.column(&g.others);
            move |b: &[Native]| (b[0] + b[1] - target) * (b[0] + b[1] - target)
        };
        let mean = &mut w.b[..g.logits.len() / 2];
        estimator::bernoullis::<2, Native, _>(&g.pairs()?, &DisArm, cost, &mut w.streams, mean, &mut w.a)
    };
    "estimator::categoricals": |g, w| {
        let cost = |rows: Rows| {
            let of_rows: Native = rows.column(&g.others);
            move |x: &[_]| Native::from_word(x[0]) * of_rows
        };
        let mean = &mut w.b[..g.logits.len() / 2];
        let (pairs, estimator) = (g.pairs()?, LeaveOneOut::<2>);
        estimator::categoricals::<2, Native, _>(&pairs, &[2], &estimator, cost, &mut w.streams, mean, &mut w.a)
    };
    "estimator_kind::estimate": |g, w| {
        let of_bits = |rows: Rows| {
            let of_rows: Native = rows.column(&g.others);
            move |b: &[Native]| (b[0] + b[1]) * of_rows
        };
        let of_classes = |rows: Rows| {
            let of_rows: Native = rows.column(&g.others);
            move |x: &[_]| Native::from_word(x[0]) * of_rows
        };
        let (pairs, mean) = (g.pairs()?, &mut w.b[..g.logits.len() / 2]);
        let pair: BitsEstimator = "leave_one_out_2".parse().expect("a name");
        let done = pair.estimate::<Native, _>(&pairs, of_bits, &mut w.streams, mean, &mut w.a);
        done.map_err(of_batch)?;
        let disarm: ClassesEstimator = "disarm".parse().expect("a name");
        disarm.estimate::<Native, _>(&pairs, &[2], of_classes, &mut w.streams, mean, &mut w.c).map_err(of_batch)
    };
    "log_std_normal::sample": |g, w| g.normal()?.sample(&mut w.streams, &mut w.a, &mut w.b);
    "log_std_normal::log_prob": |g, w| g.normal()?.log_prob(&g.points, &mut w.a, &mut w.b, &mut w.c);
    "log_std_normal::pathwise": |g, w| g.normal()?.pathwise(&g.points, &g.others, &mut w.a, &mut w.b);
    "log_std_normal::entropy": |g, w| g.normal()?.entropy(&mut w.a);
    "log_std_normal::kl": |g, w| {
        g.normal()?.kl(None, &mut w.a, &mut w.b, &mut w.c)?;
        g.normal()?.kl(Some(&LogStdNormals::new(&g.others, &g.logits)?), &mut w.a, &mut w.b, &mut w.c)
    };
    "gumbel_max::sample": |g, w| gumbel_max::sample(&g.logits()?, &mut w.streams, &mut w.classes);
    "gumbel_softmax::sample": |g, w| gumbel_softmax::sample(&g.logits()?, g.tau, &mut w.streams, &mut w.a);
    "gumbel_softmax::sample_and_vjp": |g, w| {
        let cost = |_: usize, y: &[f32], cotangent: &mut [f32]| cotangent.copy_from_slice(y);
        gumbel_softmax::sample_and_vjp(&g.logits()?, g.tau, &mut w.streams, &mut w.a, &mut w.b, cost)
    };
    "gumbel_softmax::sample_with_vjp": |g, w| {
        let logits = g.logits()?;
        gumbel_softmax::sample_with_vjp(&logits, g.tau, &mut w.streams, &g.others, &mut w.a, &mut w.b)?;
        gumbel_softmax::sample_with_vjp(&logits, Temperature::ONE, &mut w.streams, &g.others, &mut w.a, &mut w.b)
    };
    "gumbel_softmax::with_noise": |g, w| gumbel_softmax::with_noise(&g.logits()?, g.tau, &g.others, &mut w.a);
    "gumbel_softmax::log_with_noise": |g, w| {
        gumbel_softmax::log_with_noise(&g.logits()?, g.tau, &g.others, &mut w.a)
    };
    "gumbel_softmax::vjp": |g, w| gumbel_softmax::vjp(&g.points, &g.others, g.k, g.tau, &mut w.a);
    "gumbel_softmax::vjp_in": |g, w| {
        gumbel_softmax::vjp_in(Lanes::Eight, &g.points, &g.others, g.k, g.tau, &mut w.a)
    };
    "gumbel_softmax::vjp_temperature": |g, w| {
        gumbel_softmax::vjp_temperature(&g.logits()?, g.tau, &g.others, &g.points, &mut w.of_row)
    };
    "gumbel_softmax::hard": |g, w| gumbel_softmax::hard(&g.logits()?, &g.others, &mut w.classes);
    "inverse_cdf::sample": |g, w| inverse_cdf::sample(&g.logits()?, &mut w.streams, &mut w.classes);
    "inverse_cdf::race": |g, w| inverse_cdf::race(&g.logits()?, &mut w.streams, &mut w.classes);
    "inverse_cdf::from_cdf": |g, w| {
        inverse_cdf::from_cdf(&g.cdf, &mut w.streams, &mut w.words);
        Ok(())
    };
    "inverse_cdf::from_alias_table": |g, w| {
        inverse_cdf::from_alias_table(&g.table, &mut w.streams, &mut w.words);
        Ok(())
    };
    "noise::fill": |g, w| noise::fill(NoiseKind::Gumbel, &mut w.streams, g.k, &mut w.a);
    "noise::fill_in": |g, w| noise::fill_in(Lanes::Four, NoiseKind::Normal, &mut w.streams, g.k, &mut w.a);
    "score_function::estimate": |g, w| {
        score_function::estimate(&g.logits()?, SAMPLES, &g.samples, &g.costs, &mut w.a)
    };
    "score_function::leave_one_out": |g, w| score_function::leave_one_out(&g.costs, SAMPLES, &mut w.of_samples);
    "score_function::self_critical": |g, w| {
        let of_mode = &g.others[..g.classes.len()];
        score_function::self_critical(&g.costs, of_mode, SAMPLES, &mut w.of_samples)
    };
    "straight_through::sample": |g, w| {
        let (tau, streams) = (Temperature::ONE, &mut w.streams);
        straight_through::sample(&g.logits()?, g.tau, streams, &mut w.classes, &mut w.a)?;
        straight_through::sample(&g.logits()?, tau, streams, &mut w.classes, &mut w.b)
    };
}

/// Checks of a batch that run in the caller's thread only.
pub const CHECKS: &[Operation] =
    &[Operation { name: "check::check_finite", run: |given, _| batch::check_finite("logits", &given.logits, given.k) }];

/// Functions without a batch, and functions that every operation of their file calls.
const OTHERS: &[&str] =
    &["new", "in_lanes", "lanes", "rows", "classes", "as_slice", "row", "column", "check", "all", "from_number"];

/// Returns the public functions of the files of `batch`, as `file::function`, except [`OTHERS`].
pub fn public_functions() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/batch");
    let mut found = BTreeSet::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let (Some(name), true) = (path.file_stem(), path.extension().is_some_and(|extension| extension == "rs")) else {
            continue;
        };
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some(rest) = line.trim_start().strip_prefix("pub fn ") else { continue };
            let function: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // The functions of noise that a macro generates call `fill`.
            if !function.is_empty() && !OTHERS.contains(&&*function) {
                found.insert(format!("{}::{function}", name.to_str().unwrap()));
            }
        }
    }
    found
}
