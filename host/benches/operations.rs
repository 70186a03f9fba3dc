//! The measured operations: every batch operation, at any shape, on buffers allocated before the clock starts.

use std::{hint::black_box, sync::LazyLock};

use samplegrad_core::Temperature;
use samplegrad_host::{
    Error, Streams, Threads,
    batch::{self, Logits},
};

pub const SEED: u64 = 2026;

/// The most streams that a batch draws from; if there are more rows, they share the streams in turn. Their states fit a
/// second-level cache.
pub const STREAMS: usize = 1 << 15;

/// Samples per row of the score-function gradient.
const SAMPLES: usize = 4;

/// The most numbers drawn in one call by an operation whose numbers are counted but not kept.
const CHUNK: usize = 1 << 20;

/// The numbers of threads that the batches can run on.
#[allow(dead_code, reason = "criterion's benchmark runs on one")]
pub const THREADS: &[usize] = &[1, 2];

/// Runs `f` with batches on `threads` threads.
#[allow(dead_code, reason = "criterion's benchmark runs on one")]
pub fn on_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    static TWO: LazyLock<Threads> = LazyLock::new(|| Threads::new(2).expect("two threads"));
    if threads == 1 { f() } else { TWO.run(f) }
}

/// An operation and its buffers.
pub struct Work {
    pub rows: usize,
    pub classes: usize,
    run: Operation,
    #[allow(dead_code, reason = "criterion's benchmark does not write alone")]
    pub writes: usize,
    streams: Streams,
    logits: Vec<f32>,
    cotangent: Vec<f32>,
    y: Vec<f32>,
    gradient: Vec<f32>,
    column: Vec<f32>,
    chosen: Vec<u32>,
    drawn: Vec<u32>,
    values: Vec<f32>,
    advantages: Vec<f32>,
}

type Operation = fn(&mut Work, &Logits<'_>) -> Result<(), Error>;

/// The number of elements written per row, as a function of the number of classes.
type Writes = fn(usize) -> usize;

/// All operations with their names.
pub const OPERATIONS: [(&str, Writes, Operation); 14] = [
    ("logits_check", |_| 0, |w, l| black_box(Logits::new(black_box(l.as_slice()), w.classes)).map(|_| ())),
    ("gumbel_noise", |k| k, |w, _| batch::noise::gumbel(&mut w.streams, w.classes, &mut w.y)),
    ("gumbel_draws", |k| k, |w, _| draws(w)),
    ("normal_noise", |k| k, |w, _| batch::noise::normal(&mut w.streams, w.classes, &mut w.y)),
    ("gumbel_softmax", |k| k, |w, l| w.relax(l, Temperature::ONE)),
    ("gumbel_softmax_half", |k| k, |w, l| w.relax(l, half())),
    ("gumbel_softmax_vjp", |k| 2 * k, |w, l| w.relax_and_back(l, Temperature::ONE)),
    ("gumbel_softmax_vjp_half", |k| 2 * k, |w, l| w.relax_and_back(l, half())),
    ("gumbel_softmax_then_vjp", |k| 2 * k, |w, l| w.relax_then_back(l, Temperature::ONE)),
    (
        "straight_through",
        |k| k + 1,
        |w, l| batch::straight_through::sample(l, Temperature::ONE, &mut w.streams, &mut w.chosen, &mut w.y),
    ),
    ("gumbel_max", |_| 1, |w, l| batch::gumbel_max::sample(l, &mut w.streams, &mut w.chosen)),
    ("inverse_cdf", |_| 1, |w, l| batch::inverse_cdf::sample(l, &mut w.streams, &mut w.chosen)),
    ("concrete_log_density", |_| 1, |w, l| batch::concrete::log_density_exp(l, half(), &w.cotangent, &mut w.column)),
    (
        "score_function",
        |k| k + SAMPLES,
        |w, l| {
            batch::score_function::leave_one_out(&w.values, SAMPLES, &mut w.advantages)?;
            batch::score_function::estimate(l, SAMPLES, &w.drawn, &w.advantages, &mut w.gradient)
        },
    ),
];

fn half() -> Temperature {
    Temperature::new(0.5).expect("a temperature")
}

/// Draws noise into one buffer repeatedly, until as many numbers are drawn as the shape has.
fn draws(w: &mut Work) -> Result<(), Error> {
    let mut left = w.rows * w.classes;
    while left > 0 {
        let some = left.min(w.y.len());
        batch::noise::gumbel(&mut w.streams, w.classes, &mut w.y[..some])?;
        left -= some;
    }
    Ok(())
}

impl Work {
    /// Creates the work of an operation, or returns `None` if there is no such operation.
    pub fn new(name: &str, rows: usize, classes: usize) -> Option<Self> {
        let &(_, writes, run) = OPERATIONS.iter().find(|(of, ..)| *of == name)?;
        let mut streams = Streams::new(SEED, rows.min(STREAMS)).ok()?;
        let elements = rows.checked_mul(classes)?;
        // Numbers that are counted but not kept may exceed the memory.
        let (held, rows_held) = match name {
            "gumbel_draws" => (elements.min(CHUNK / classes * classes), 0),
            _ => (elements, rows),
        };
        let mut normal = |length| {
            let mut x = vec![0.0; length];
            batch::noise::normal(&mut streams, 1, &mut x).map(|()| x).ok()
        };
        let (logits, cotangent) = (normal(rows_held.max(1) * classes)?, normal(rows_held * classes)?);
        let values = normal(rows_held * SAMPLES)?;
        let drawn = (0..rows_held * SAMPLES).map(|i| (i % classes) as u32).collect();
        Some(Self {
            rows,
            classes,
            run,
            writes: rows_held * writes(classes),
            streams,
            logits,
            cotangent,
            y: vec![1.0; held],
            gradient: vec![1.0; rows_held * classes],
            column: vec![1.0; rows_held],
            chosen: vec![1; rows_held],
            drawn,
            advantages: vec![1.0; values.len()],
            values,
        })
    }

    fn relax(&mut self, logits: &Logits<'_>, tau: Temperature) -> Result<(), Error> {
        batch::gumbel_softmax::sample(logits, tau, &mut self.streams, &mut self.y)
    }

    fn relax_and_back(&mut self, logits: &Logits<'_>, tau: Temperature) -> Result<(), Error> {
        let Self { streams, cotangent, y, gradient, .. } = self;
        batch::gumbel_softmax::sample_with_vjp(logits, tau, streams, cotangent, y, gradient)
    }

    /// Computes samples and gradient in two calls, as needed where the cotangent depends on the sample.
    fn relax_then_back(&mut self, logits: &Logits<'_>, tau: Temperature) -> Result<(), Error> {
        self.relax(logits, tau)?;
        batch::gumbel_softmax::vjp(&self.y, &self.cotangent, self.classes, tau, &mut self.gradient)
    }

    /// Calls `timed` with a function that runs the operation once. Logits are checked before the first run, because a
    /// caller that has a `Logits` value has already checked it.
    pub fn with_logits<R>(&mut self, timed: impl FnOnce(&mut dyn FnMut()) -> R) -> R {
        let values = core::mem::take(&mut self.logits);
        let logits = Logits::new(&values, self.classes).expect("finite logits");
        let result = timed(&mut || {
            (self.run)(black_box(&mut *self), &logits).expect("a batch that fits");
            black_box((&self.y, &self.gradient, &self.column, &self.chosen));
        });
        self.logits = values;
        result
    }

    /// Runs the operation once.
    #[allow(dead_code, reason = "criterion's benchmark runs many times")]
    pub fn run(&mut self) {
        self.with_logits(|once| once());
    }
}
