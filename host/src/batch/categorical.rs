//! Categorical distributions over batches.

use core::marker::PhantomData;

use samplegrad_core::{categorical, lane::Lane, reduce, softmax};

use crate::{
    batch::{
        check::check_length,
        engine::{
            scratch::Room,
            split::{Splittable, Table, TableMut, for_each_chunk},
            tile::{self, TileRows},
        },
        logits::Logits,
    },
    error::Error,
    lanes::{kernel::Kernel, vector::Vector},
};

/// Writes `p = softmax(l)` and `ln p` of each row, row-major.
///
/// ```
/// use samplegrad_host::batch::{self, Logits};
///
/// let (mut p, mut log_p) = ([0.0; 2], [0.0; 2]);
/// batch::categorical::probabilities(&Logits::new(&[1e4, 1e4], 2)?, &mut p, &mut log_p)?;
/// assert_eq!(p, [0.5, 0.5]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row and class.
pub fn probabilities(logits: &Logits<'_>, p: &mut [f32], log_p: &mut [f32]) -> Result<(), Error> {
    logits.check_values("p", p.len())?;
    logits.check_values("log p", log_p.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(p, k), TableMut::new(log_p, k));
    for_each_chunk(parts, k, |(of, p, log_p)| logits.lanes().run(Probabilities { of, p, log_p }));
    Ok(())
}

/// Writes the most probable class of each row. On ties it writes the first such class.
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn modes(logits: &Logits<'_>, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let parts = (logits.table(), TableMut::new(classes, 1));
    for_each_chunk(parts, logits.classes(), |(of, classes)| logits.lanes().run(Modes { of, classes }));
    Ok(())
}

/// Writes `ln p(class)` of each row.
///
/// # Errors
/// [`Error::Length`] unless there is one class per row and room for one number per row. [`Error::Row`] with a class
/// that does not exist.
pub fn log_prob(logits: &Logits<'_>, classes: &[u32], log_prob: &mut [f32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_column("log-probabilities", log_prob.len())?;
    logits.check_classes(classes, 1)?;
    let parts = (logits.table(), Table::new(classes, 1), TableMut::new(log_prob, 1));
    for_each_chunk(parts, logits.classes(), |(of, classes, log_prob)| {
        logits.lanes().run(LogProb { of, classes, log_prob });
    });
    Ok(())
}

/// Writes the entropy of each row in nats.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row.
pub fn entropy(logits: &Logits<'_>, entropy: &mut [f32]) -> Result<(), Error> {
    logits.check_column("entropy", entropy.len())?;
    column_of::<EntropyOf>(logits, entropy);
    Ok(())
}

/// Writes the gradient of the entropy with respect to the logits, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row and class.
pub fn entropy_gradient(logits: &Logits<'_>, gradient: &mut [f32]) -> Result<(), Error> {
    logits.check_values("gradient", gradient.len())?;
    let k = logits.classes();
    let parts = (logits.table(), TableMut::new(gradient, k));
    for_each_chunk(parts, k, |(of, gradient)| logits.lanes().run(EntropyGradient { of, gradient }));
    Ok(())
}

/// Writes the score `onehot(class) − p` of each row, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is one class per row, and room for one number per row and class. [`Error::Row`] with
/// a class that does not exist.
pub fn score(logits: &Logits<'_>, classes: &[u32], score: &mut [f32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_values("score", score.len())?;
    logits.check_classes(classes, 1)?;
    let k = logits.classes();
    let parts = (logits.table(), Table::new(classes, 1), TableMut::new(score, k));
    for_each_chunk(parts, k, |(of, classes, score)| logits.lanes().run(Score { of, classes, score }));
    Ok(())
}

fn check_pair(p: &Logits<'_>, q: &Logits<'_>) -> Result<(), Error> {
    check_length("classes of q", p.classes(), q.classes())?;
    check_length("rows of q", p.rows(), q.rows())
}

/// Writes `KL(p ‖ q)` of each pair of rows, in nats. The computation uses the number of lanes that is set for `p`.
///
/// # Errors
/// [`Error::Length`] unless the shapes agree and there is room for one number per row.
pub fn kl(p: &Logits<'_>, q: &Logits<'_>, kl: &mut [f32]) -> Result<(), Error> {
    check_pair(p, q)?;
    p.check_column("kl", kl.len())?;
    let parts = (p.table(), q.table(), TableMut::new(kl, 1));
    for_each_chunk(parts, p.classes(), |(of_p, of_q, kl)| p.lanes().run(Kl { of_p, of_q, kl }));
    Ok(())
}

/// Writes the gradients of `KL(p ‖ q)` with respect to the logits of `p` and of `q`, row-major. The computation uses
/// the number of lanes that is set for `p`.
///
/// # Errors
/// [`Error::Length`] unless the shapes agree and both outputs have room for one number per row and class.
pub fn kl_gradients(p: &Logits<'_>, q: &Logits<'_>, of_p: &mut [f32], of_q: &mut [f32]) -> Result<(), Error> {
    check_pair(p, q)?;
    p.check_values("gradient of p", of_p.len())?;
    p.check_values("gradient of q", of_q.len())?;
    let k = p.classes();
    let parts = (p.table(), q.table(), TableMut::new(of_p, k), TableMut::new(of_q, k));
    for_each_chunk(parts, k, |(of_p, of_q, by_p, by_q)| p.lanes().run(KlGradients { of_p, of_q, by_p, by_q }));
    Ok(())
}

/// Writes `KL(p ‖ uniform)` of each row, in nats. The uniform distribution is over all classes, including masked
/// classes.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row.
pub fn kl_to_uniform(logits: &Logits<'_>, kl: &mut [f32]) -> Result<(), Error> {
    logits.check_column("kl", kl.len())?;
    column_of::<KlToUniformOf>(logits, kl);
    Ok(())
}

/// Loads the logits of a tile, and writes `p` and `ln p`.
#[inline(always)]
fn normalize<L: Vector>(rows: TileRows, of: Table<'_>, l: &mut [L], p: &mut [L], log_p: &mut [L]) {
    rows.load(of.values, l);
    softmax::log_softmax(l, p, log_p);
}

/// The kernel of [`probabilities`] for a chunk.
struct Probabilities<'a> {
    of: Table<'a>,
    p: TableMut<'a>,
    log_p: TableMut<'a>,
}

impl Kernel for Probabilities<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, p, log_p] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            normalize(rows, self.of, l, p, log_p);
            rows.store(p, self.p.values);
            rows.store(log_p, self.log_p.values);
        }
    }
}

/// The kernel of [`modes`] for a chunk.
struct Modes<'a> {
    of: Table<'a>,
    classes: TableMut<'a, u32>,
}

impl Kernel for Modes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 1>::new(self.of.columns, L::ZERO);
        let [l] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            rows.load(self.of.values, l);
            rows.store_words::<L>(reduce::arg_max(l).0, self.classes.values);
        }
    }
}

/// The kernel of [`log_prob`] for a chunk.
struct LogProb<'a> {
    of: Table<'a>,
    classes: Table<'a, u32>,
    log_prob: TableMut<'a>,
}

impl Kernel for LogProb<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, p, log_p] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            normalize(rows, self.of, l, p, log_p);
            rows.store_column(L::gather(log_p, rows.word_column::<L>(self.classes.values)), self.log_prob.values);
        }
    }
}

/// A number computed from the probabilities and log-probabilities of a row.
// This is a trait instead of a closure, for the reason given at `Kernel`.
trait OfLaw {
    fn of_law<L: Lane>(p: &[L], log_p: &[L]) -> L;
}

/// The entropy of a row, for [`entropy`].
struct EntropyOf;

impl OfLaw for EntropyOf {
    #[inline(always)]
    fn of_law<L: Lane>(p: &[L], log_p: &[L]) -> L {
        categorical::entropy(p, log_p)
    }
}

/// The divergence from the uniform distribution, for [`kl_to_uniform`].
struct KlToUniformOf;

impl OfLaw for KlToUniformOf {
    #[inline(always)]
    fn of_law<L: Lane>(p: &[L], log_p: &[L]) -> L {
        categorical::kl_to_uniform(p, log_p)
    }
}

/// Writes one number per row.
fn column_of<N: OfLaw>(logits: &Logits<'_>, column: &mut [f32]) {
    let parts = (logits.table(), TableMut::new(column, 1));
    for_each_chunk(parts, logits.classes(), |(of, column)| {
        logits.lanes().run(Column::<N> { of, column, number: PhantomData });
    });
}

/// The kernel of [`column_of`] for a chunk.
struct Column<'a, N> {
    of: Table<'a>,
    column: TableMut<'a>,
    number: PhantomData<N>,
}

impl<N: OfLaw> Kernel for Column<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, p, log_p] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            normalize(rows, self.of, l, p, log_p);
            rows.store_column(N::of_law(p, log_p), self.column.values);
        }
    }
}

/// The kernel of [`entropy_gradient`] for a chunk.
struct EntropyGradient<'a> {
    of: Table<'a>,
    gradient: TableMut<'a>,
}

impl Kernel for EntropyGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, p, log_p] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            normalize(rows, self.of, l, p, log_p);
            categorical::entropy_gradient(p, log_p, l);
            rows.store(l, self.gradient.values);
        }
    }
}

/// The kernel of [`score`] for a chunk.
struct Score<'a> {
    of: Table<'a>,
    classes: Table<'a, u32>,
    score: TableMut<'a>,
}

impl Kernel for Score<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 3>::new(self.of.columns, L::ZERO);
        let [l, p, log_p] = room.slices();
        for rows in tile::tiles::<L>(self.of.rows()) {
            normalize(rows, self.of, l, p, log_p);
            categorical::score(p, rows.word_column::<L>(self.classes.values), L::ONE, l);
            rows.store(l, self.score.values);
        }
    }
}

/// The kernel of [`kl`] for a chunk.
struct Kl<'a> {
    of_p: Table<'a>,
    of_q: Table<'a>,
    kl: TableMut<'a>,
}

impl Kernel for Kl<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 5>::new(self.of_p.columns, L::ZERO);
        let [l, p, log_p, q, log_q] = room.slices();
        for rows in tile::tiles::<L>(self.of_p.rows()) {
            normalize(rows, self.of_p, l, p, log_p);
            normalize(rows, self.of_q, l, q, log_q);
            rows.store_column(categorical::kl(p, log_p, log_q), self.kl.values);
        }
    }
}

/// The kernel of [`kl_gradients`] for a chunk.
struct KlGradients<'a> {
    of_p: Table<'a>,
    of_q: Table<'a>,
    by_p: TableMut<'a>,
    by_q: TableMut<'a>,
}

impl Kernel for KlGradients<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Vector>(self) {
        let room = &mut Room::<L, 6>::new(self.of_p.columns, L::ZERO);
        let [l, g, p, log_p, q, log_q] = room.slices();
        for rows in tile::tiles::<L>(self.of_p.rows()) {
            normalize(rows, self.of_p, l, p, log_p);
            normalize(rows, self.of_q, l, q, log_q);
            categorical::kl_gradients((&*p, &*log_p), (&*q, &*log_q), l, g);
            rows.store(l, self.by_p.values);
            rows.store(g, self.by_q.values);
        }
    }
}
