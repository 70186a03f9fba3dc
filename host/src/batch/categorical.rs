//! Categorical distributions over batches.

use samplegrad_core::{categorical, lane::Lane, reduce, softmax};

use super::{
    Logits, interrupt,
    tile::{self, Rows},
};
use crate::{Error, dispatch::Width};

/// Calls `f` with the rows, `p` and `ln p` of every tile.
#[inline(always)]
fn for_each_normalized<W: Width>(logits: &Logits<'_, W>, mut f: impl FnMut(Rows, &[W::Fixed], &[W::Fixed])) {
    let k = logits.classes();
    let (mut l, mut p, mut log_p) =
        (tile::zeros::<W::Fixed>(k), tile::zeros::<W::Fixed>(k), tile::zeros::<W::Fixed>(k));
    tile::for_each::<W::Fixed>(logits.rows(), |rows| {
        if interrupt::stops_before(rows.active.saturating_mul(logits.classes())) {
            return;
        }
        rows.load(logits.as_slice(), &mut l);
        softmax::log_softmax(&l, &mut p, &mut log_p);
        f(rows, &p, &log_p);
    });
}

/// Writes `p = softmax(l)` and `ln p`, row-major.
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
/// [`Error::Length`] unless there is room for one number per class.
pub fn probabilities<W: Width>(logits: &Logits<'_, W>, p: &mut [f32], log_p: &mut [f32]) -> Result<(), Error> {
    logits.check_values("p", p.len())?;
    logits.check_values("log p", log_p.len())?;
    for_each_normalized(logits, |rows, x, log_x| {
        rows.store(x, p);
        rows.store(log_x, log_p);
    });
    Ok(())
}

/// Writes the most probable class of each row, the first on ties.
///
/// # Errors
/// [`Error::Length`] unless there is room for one class per row.
pub fn modes<W: Width>(logits: &Logits<'_, W>, classes: &mut [u32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    let mut l = tile::zeros::<W::Fixed>(logits.classes());
    tile::for_each::<W::Fixed>(logits.rows(), |rows| {
        rows.load(logits.as_slice(), &mut l);
        rows.store_words::<W::Fixed>(reduce::arg_max(&l).0, classes);
    });
    Ok(())
}

/// Writes `ln p(class)` of each row.
///
/// # Errors
/// [`Error::Length`] unless there is one class and room for one number per row; [`Error::Row`] with a class that does
/// not exist.
pub fn log_prob<W: Width>(logits: &Logits<'_, W>, classes: &[u32], log_prob: &mut [f32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_column("log-probabilities", log_prob.len())?;
    logits.check_classes(classes, 1)?;
    for_each_normalized(logits, |rows, _, log_p| {
        rows.store_column(W::Fixed::gather(log_p, rows.words(classes, 1, 0)), log_prob);
    });
    Ok(())
}

/// Writes the entropy of each row in nats.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row.
pub fn entropy<W: Width>(logits: &Logits<'_, W>, entropy: &mut [f32]) -> Result<(), Error> {
    logits.check_column("entropy", entropy.len())?;
    for_each_normalized(logits, |rows, p, log_p| rows.store_column(categorical::entropy(p, log_p), entropy));
    Ok(())
}

/// Writes the gradient of the entropy in the logits, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per class.
pub fn entropy_gradient<W: Width>(logits: &Logits<'_, W>, gradient: &mut [f32]) -> Result<(), Error> {
    logits.check_values("gradient", gradient.len())?;
    let mut g = tile::zeros::<W::Fixed>(logits.classes());
    for_each_normalized(logits, |rows, p, log_p| {
        categorical::entropy_gradient(p, log_p, &mut g);
        rows.store(&g, gradient);
    });
    Ok(())
}

/// Writes the score `onehot(class) − p` of each row, row-major.
///
/// # Errors
/// [`Error::Length`] unless there is one class per row and room for one number per class; [`Error::Row`] with a class
/// that does not exist.
pub fn score<W: Width>(logits: &Logits<'_, W>, classes: &[u32], score: &mut [f32]) -> Result<(), Error> {
    logits.check_column("classes", classes.len())?;
    logits.check_values("score", score.len())?;
    logits.check_classes(classes, 1)?;
    let mut s = tile::zeros::<W::Fixed>(logits.classes());
    for_each_normalized(logits, |rows, p, _| {
        categorical::score(p, rows.words(classes, 1, 0), W::Fixed::ONE, &mut s);
        rows.store(&s, score);
    });
    Ok(())
}

/// Calls `f` with the rows, `p`, `ln p`, `q` and `ln q` of every tile of two batches of one shape.
#[inline(always)]
fn for_each_pair<W: Width>(
    p: &Logits<'_, W>,
    q: &Logits<'_, W>,
    mut f: impl FnMut(Rows, (&[W::Fixed], &[W::Fixed]), (&[W::Fixed], &[W::Fixed])),
) {
    let k = q.classes();
    let (mut l, mut x, mut log_q) =
        (tile::zeros::<W::Fixed>(k), tile::zeros::<W::Fixed>(k), tile::zeros::<W::Fixed>(k));
    for_each_normalized(p, |rows, p, log_p| {
        rows.load(q.as_slice(), &mut l);
        softmax::log_softmax(&l, &mut x, &mut log_q);
        f(rows, (p, log_p), (&x, &log_q));
    });
}

fn check_pair<W: Width>(p: &Logits<'_, W>, q: &Logits<'_, W>) -> Result<(), Error> {
    tile::check_length("classes of q", p.classes(), q.classes())?;
    tile::check_length("rows of q", p.rows(), q.rows())
}

/// Writes `KL(p ‖ q)` of each pair of rows in nats.
///
/// # Errors
/// [`Error::Length`] unless the shapes agree and there is room for one number per row.
pub fn kl<W: Width>(p: &Logits<'_, W>, q: &Logits<'_, W>, kl: &mut [f32]) -> Result<(), Error> {
    check_pair(p, q)?;
    p.check_column("kl", kl.len())?;
    for_each_pair(p, q, |rows, (p, log_p), (_, log_q)| rows.store_column(categorical::kl(p, log_p, log_q), kl));
    Ok(())
}

/// Writes the gradients of `KL(p ‖ q)` in the logits of `p` and of `q`, row-major.
///
/// # Errors
/// [`Error::Length`] unless the shapes agree and there is room for one number per class in each.
pub fn kl_gradients<W: Width>(
    p: &Logits<'_, W>,
    q: &Logits<'_, W>,
    of_p: &mut [f32],
    of_q: &mut [f32],
) -> Result<(), Error> {
    check_pair(p, q)?;
    p.check_values("gradient of p", of_p.len())?;
    p.check_values("gradient of q", of_q.len())?;
    let (mut g, mut h) = (tile::zeros::<W::Fixed>(p.classes()), tile::zeros::<W::Fixed>(p.classes()));
    for_each_pair(p, q, |rows, p, q| {
        categorical::kl_gradients(p, q, &mut g, &mut h);
        rows.store(&g, of_p);
        rows.store(&h, of_q);
    });
    Ok(())
}

/// Writes `KL(p ‖ uniform)` of each row in nats, over all classes, masked ones included.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per row.
pub fn kl_to_uniform<W: Width>(logits: &Logits<'_, W>, kl: &mut [f32]) -> Result<(), Error> {
    logits.check_column("kl", kl.len())?;
    for_each_normalized(logits, |rows, p, log_p| rows.store_column(categorical::kl_to_uniform(p, log_p), kl));
    Ok(())
}
