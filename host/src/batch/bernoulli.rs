//! Batches of Bernoulli variables. Each element of a batch is one variable.

use samplegrad_core::{Bernoulli, lane::Word};

use crate::{
    batch::{
        check::{check_length, check_rows},
        engine::{
            split::{Splittable, Table, TableMut, for_each_chunk, for_each_drawn_chunk},
            tile,
        },
    },
    error::Error,
    lanes::{dispatch::Lanes, kernel::Kernel, vector::Vector},
    streams::{streams::Streams, streams_mut::StreamsMut},
};

/// Bernoulli variables, one per logit.
///
/// ```
/// use samplegrad_host::{Streams, batch::bernoulli::Bernoullis};
///
/// let mut b = [9; 2];
/// Bernoullis::new(&[100.0, -100.0])?.sample(&mut Streams::new(1, 2)?, &mut b)?;
/// assert_eq!(b, [1, 0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bernoullis<'a> {
    logits: &'a [f32],
    lanes: Lanes,
}

impl<'a> Bernoullis<'a> {
    /// Checks each logit as [`Bernoulli::new`] does.
    ///
    /// # Errors
    /// [`Error::Row`] with a logit that is not finite.
    pub fn new(logits: &'a [f32]) -> Result<Self, Error> {
        check_rows(logits, 1, |l| Bernoulli::new(l[0]).map(|_| ()))?;
        Ok(Self { logits, lanes: Lanes::Widest })
    }

    /// Sets the number of lanes for the computation. This number does not change any result.
    pub fn in_lanes(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    fn check(&self, what: &'static str, found: usize) -> Result<(), Error> {
        check_length(what, self.logits.len(), found)
    }

    /// Draws each element as [`Bernoulli::sample`] does, and writes 0 or 1 to `b`. Element `i` is drawn from stream `i
    /// mod n`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is room for one word per logit.
    pub fn sample(&self, streams: &mut Streams, b: &mut [u32]) -> Result<(), Error> {
        self.check("b", b.len())?;
        let parts = (Table::new(self.logits, 1), TableMut::new(b, 1));
        for_each_drawn_chunk(streams, parts, 1, |(logits, b), streams| {
            self.lanes.run(Sample { logits, streams, b });
        });
        Ok(())
    }

    /// Writes `ln P(b)` and the score `b − p` of each element. A word in `b` that is not 0 means 1.
    ///
    /// # Errors
    /// [`Error::Length`] unless all slices have one element per logit.
    pub fn log_prob(&self, b: &[u32], log_prob: &mut [f32], score: &mut [f32]) -> Result<(), Error> {
        self.check("b", b.len())?;
        self.check("log-probabilities", log_prob.len())?;
        self.check("score", score.len())?;
        let parts = (Table::new(self.logits, 1), Table::new(b, 1), TableMut::new(log_prob, 1), TableMut::new(score, 1));
        for_each_chunk(parts, 1, |(logits, b, log_prob, score)| {
            self.lanes.run(LogProb { logits, b, log_prob, score });
        });
        Ok(())
    }

    /// Writes the entropy of each element in nats, and the derivative of the entropy with respect to the logit.
    ///
    /// # Errors
    /// [`Error::Length`] unless both slices have room for one number per logit.
    pub fn entropy(&self, entropy: &mut [f32], derivative: &mut [f32]) -> Result<(), Error> {
        self.check("entropy", entropy.len())?;
        self.check("derivative", derivative.len())?;
        let parts = (Table::new(self.logits, 1), TableMut::new(entropy, 1), TableMut::new(derivative, 1));
        for_each_chunk(parts, 1, |(logits, entropy, derivative)| {
            self.lanes.run(Entropy { logits, entropy, derivative });
        });
        Ok(())
    }

    /// Writes `KL(self ‖ other)` of each pair of elements in nats, and the derivatives of the divergence with respect
    /// to both logits.
    ///
    /// # Errors
    /// [`Error::Length`] unless `other` and all slices have one element per logit.
    pub fn kl(
        &self,
        other: &Bernoullis<'_>,
        kl: &mut [f32],
        by_logit: &mut [f32],
        by_other: &mut [f32],
    ) -> Result<(), Error> {
        self.check("other logits", other.logits.len())?;
        self.check("kl", kl.len())?;
        self.check("derivative in the logit", by_logit.len())?;
        self.check("derivative in the other logit", by_other.len())?;
        let parts = (
            Table::new(self.logits, 1),
            Table::new(other.logits, 1),
            TableMut::new(kl, 1),
            TableMut::new(by_logit, 1),
            TableMut::new(by_other, 1),
        );
        for_each_chunk(parts, 1, |(logits, others, kl, by_logit, by_other)| {
            self.lanes.run(Kl { logits, others, kl, by_logit, by_other });
        });
        Ok(())
    }
}

/// The kernel of [`Bernoullis::sample`] for a chunk.
struct Sample<'a> {
    logits: Table<'a>,
    streams: StreamsMut<'a>,
    b: TableMut<'a, u32>,
}

impl Kernel for Sample<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(mut self) {
        for rows in tile::tiles::<L>(self.streams.count()) {
            let rng = &mut self.streams.load::<L>(rows.first, rows.active);
            // This cannot fail, because the logits have been checked. The same is true in the kernels below.
            if let Ok(variable) = Bernoulli::new(rows.column::<L>(self.logits.values)) {
                let word = L::Word::select(variable.sample(rng), L::Word::splat(1), L::Word::splat(0));
                rows.store_words::<L>(word, self.b.values);
            }
            self.streams.store(rows.first, rows.active, rng);
        }
    }
}

/// The kernel of [`Bernoullis::log_prob`] for a chunk.
struct LogProb<'a> {
    logits: Table<'a>,
    b: Table<'a, u32>,
    log_prob: TableMut<'a>,
    score: TableMut<'a>,
}

impl Kernel for LogProb<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.logits.rows()) {
            if let Ok(variable) = Bernoulli::new(rows.column::<L>(self.logits.values)) {
                let one = L::Word::splat(0).lt(rows.word_column::<L>(self.b.values));
                rows.store_column(variable.log_prob(one), self.log_prob.values);
                rows.store_column(variable.score(one), self.score.values);
            }
        }
    }
}

/// The kernel of [`Bernoullis::entropy`] for a chunk.
struct Entropy<'a> {
    logits: Table<'a>,
    entropy: TableMut<'a>,
    derivative: TableMut<'a>,
}

impl Kernel for Entropy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.logits.rows()) {
            if let Ok(variable) = Bernoulli::new(rows.column::<L>(self.logits.values)) {
                rows.store_column(variable.entropy(), self.entropy.values);
                rows.store_column(variable.entropy_derivative(), self.derivative.values);
            }
        }
    }
}

/// The kernel of [`Bernoullis::kl`] for a chunk.
struct Kl<'a> {
    logits: Table<'a>,
    others: Table<'a>,
    kl: TableMut<'a>,
    by_logit: TableMut<'a>,
    by_other: TableMut<'a>,
}

impl Kernel for Kl<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        for rows in tile::tiles::<L>(self.logits.rows()) {
            let (one, other) = (rows.column::<L>(self.logits.values), rows.column::<L>(self.others.values));
            if let (Ok(one), Ok(other)) = (Bernoulli::new(one), Bernoulli::new(other)) {
                let (of_one, of_other) = one.kl_derivatives(other);
                rows.store_column(one.kl(other), self.kl.values);
                rows.store_column(of_one, self.by_logit.values);
                rows.store_column(of_other, self.by_other.values);
            }
        }
    }
}
