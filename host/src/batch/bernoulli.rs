//! Bernoulli variables over batches, one per element.

use samplegrad_core::{Bernoulli, lane::Word};

use super::tile;
use crate::{Error, Streams, Vector};

/// Checks logits of Bernoulli variables: each is finite.
fn check(logits: &[f32]) -> Result<(), Error> {
    tile::check_rows(logits, 1, |l| Bernoulli::new(l[0]).map(|_| ()))
}

/// Draws element `b` as [`Bernoulli::sample`] does, from stream `b mod n`: writes 0 or 1. In lanes of `L`.
///
/// ```
/// use samplegrad_host::{Streams, batch::{self, Native}};
///
/// let mut b = [9; 2];
/// batch::bernoulli::sample::<Native>(&[100.0, -100.0], &mut Streams::new(1, 2)?, &mut b)?;
/// assert_eq!(b, [1, 0]);
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] unless there is room for one word per logit, [`Error::Row`] with a logit that is not finite.
pub fn sample<L: Vector>(logits: &[f32], streams: &mut Streams, b: &mut [u32]) -> Result<(), Error> {
    tile::check_length("b", logits.len(), b.len())?;
    check(logits)?;
    tile::for_each_drawn_row::<L>(streams, logits.len(), |rows, rng| {
        // The logits have been checked.
        if let Ok(variable) = Bernoulli::new(rows.column::<L>(logits)) {
            let word = L::Word::select(variable.sample(rng), L::Word::splat(1), L::Word::splat(0));
            rows.store_words::<L>(word, b);
        }
    });
    Ok(())
}

/// Writes `ln P(b)` and the score `b − p` of each element, `b` being 0 or anything else for 1. In lanes of `L`.
///
/// # Errors
/// [`Error::Length`] unless all slices have one length, [`Error::Row`] with a logit that is not finite.
pub fn log_prob<L: Vector>(logits: &[f32], b: &[u32], log_prob: &mut [f32], score: &mut [f32]) -> Result<(), Error> {
    tile::check_length("b", logits.len(), b.len())?;
    tile::check_length("log-probabilities", logits.len(), log_prob.len())?;
    tile::check_length("score", logits.len(), score.len())?;
    check(logits)?;
    tile::for_each::<L>(logits.len(), |rows| {
        if let Ok(variable) = Bernoulli::new(rows.column::<L>(logits)) {
            let one = L::Word::splat(0).lt(rows.words(b, 1, 0));
            rows.store_column(variable.log_prob(one), log_prob);
            rows.store_column(variable.score(one), score);
        }
    });
    Ok(())
}

/// Writes the entropy of each element in nats and its derivative in the logit. In lanes of `L`.
///
/// # Errors
/// [`Error::Length`] unless there is room for one number per logit in each, [`Error::Row`] with a logit that is not
/// finite.
pub fn entropy<L: Vector>(logits: &[f32], entropy: &mut [f32], derivative: &mut [f32]) -> Result<(), Error> {
    tile::check_length("entropy", logits.len(), entropy.len())?;
    tile::check_length("derivative", logits.len(), derivative.len())?;
    check(logits)?;
    tile::for_each::<L>(logits.len(), |rows| {
        if let Ok(variable) = Bernoulli::new(rows.column::<L>(logits)) {
            rows.store_column(variable.entropy(), entropy);
            rows.store_column(variable.entropy_derivative(), derivative);
        }
    });
    Ok(())
}

/// Writes `KL(l ‖ m)` of each pair of elements in nats and its derivatives in both logits. In lanes of `L`.
///
/// # Errors
/// [`Error::Length`] unless all slices have one length, [`Error::Row`] with a logit that is not finite.
pub fn kl<L: Vector>(
    logits: &[f32],
    others: &[f32],
    kl: &mut [f32],
    by_logit: &mut [f32],
    by_other: &mut [f32],
) -> Result<(), Error> {
    tile::check_length("other logits", logits.len(), others.len())?;
    tile::check_length("kl", logits.len(), kl.len())?;
    tile::check_length("derivative in the logit", logits.len(), by_logit.len())?;
    tile::check_length("derivative in the other logit", logits.len(), by_other.len())?;
    check(logits)?;
    check(others)?;
    tile::for_each::<L>(logits.len(), |rows| {
        let (one, other) = (rows.column::<L>(logits), rows.column::<L>(others));
        if let (Ok(one), Ok(other)) = (Bernoulli::new(one), Bernoulli::new(other)) {
            let (of_one, of_other) = one.kl_derivatives(other);
            rows.store_column(one.kl(other), kl);
            rows.store_column(of_one, by_logit);
            rows.store_column(of_other, by_other);
        }
    });
    Ok(())
}
