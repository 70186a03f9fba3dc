//! The categorical distribution over classes `0..K`, given by logits.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Word},
        softmax,
    },
    check,
    error::Error,
    fixed_vec::{full, zeros},
    settings::logits::Logits,
};

/// A categorical distribution `p = softmax(l)` over up to `N` classes. It stores `p` and `ln p`.
///
/// # Example
/// ```
/// use samplegrad_core::{Categorical, Logits};
///
/// let p = Categorical::new(&Logits::<4>::new(&[0.0, 0.0, f32::NEG_INFINITY])?);
/// assert_eq!(p.probabilities(), [0.5, 0.5, 0.0]);
/// assert_eq!(p.score(1)?, [-0.5, 0.5, 0.0]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Categorical<const N: usize, L: Lane = f32> {
    p: Vec<L, N>,
    log_p: Vec<L, N>,
    mode: L::Word,
}

impl<const N: usize, L: Lane> Categorical<N, L> {
    /// Creates the distribution: normalises the logits by [`softmax::log_softmax`].
    pub fn new(logits: &Logits<N, L>) -> Self {
        if let Some(logits) = full::<N, L>(logits.as_slice()) {
            let (mut p, mut log_p) = ([L::ZERO; N], [L::ZERO; N]);
            let sum = softmax::log_softmax(logits, &mut p, &mut log_p);
            return Self { p: Vec::from_array(p), log_p: Vec::from_array(log_p), mode: sum.mode() };
        }
        let mut p: Vec<L, N> = zeros(logits.as_slice().len());
        let mut log_p = p.clone();
        let sum = softmax::log_softmax(logits.as_slice(), &mut p, &mut log_p);
        Self { p, log_p, mode: sum.mode() }
    }

    /// Returns the probabilities `p`, in class order.
    #[inline]
    pub fn probabilities(&self) -> &[L] {
        &self.p
    }

    /// Returns `ln p`, in class order. The value for a masked class is −∞.
    #[inline]
    pub fn log_probabilities(&self) -> &[L] {
        &self.log_p
    }

    /// Returns the most probable class (the greedy choice). On ties it returns the first such class.
    #[inline]
    pub fn mode(&self) -> L::Word {
        self.mode
    }

    /// Returns `ln p(class)`. The result is −∞ for a class that does not exist.
    #[inline]
    pub fn log_prob(&self, class: L::Word) -> L {
        let exists = class.lt(L::Word::splat(self.p.len() as u32));
        L::select(exists, L::gather(&self.log_p, class), L::NEG_INFINITY)
    }

    /// Returns the entropy `−Σ p ln p` in nats. The terms are summed from first to last. A masked class contributes
    /// zero.
    pub fn entropy(&self) -> L {
        entropy(&self.p, &self.log_p)
    }

    /// Returns the gradient of the entropy `H` with respect to the logits. Its elements are `−p_k (ln p_k + H)`.
    pub fn entropy_gradient(&self) -> Vec<L, N> {
        let mut gradient: Vec<L, N> = zeros(self.p.len());
        entropy_gradient(&self.p, &self.log_p, &mut gradient);
        gradient
    }

    /// Returns the score `∇_l ln p(class) = onehot(class) − p`.
    ///
    /// # Errors
    /// [`Error::NoSuchIndex`] if the class does not exist.
    pub fn score(&self, class: L::Word) -> Result<Vec<L, N>, Error> {
        check::class(class, self.p.len())?;
        let mut score: Vec<L, N> = zeros(self.p.len());
        self::score(&self.p, class, L::ONE, &mut score);
        Ok(score)
    }

    /// Returns the Kullback–Leibler divergence `KL(self ‖ other) = Σ p (ln p − ln q)` in nats. The terms are summed
    /// from first to last. A class with `p = 0` contributes zero. A class with `q = 0 < p` makes the divergence +∞.
    ///
    /// # Errors
    /// [`Error::Length`] if the numbers of classes differ.
    pub fn kl(&self, other: &Self) -> Result<L, Error> {
        check::length("other distribution", self.p.len(), other.p.len())?;
        Ok(kl(&self.p, &self.log_p, &other.log_p))
    }

    /// Returns the two gradients of `KL(self ‖ other)`: `p_k (ln p_k − ln q_k − KL)` in the logits of `self`, and `q_k
    /// − p_k` in the logits of `other`. Both gradients are finite if the divergence is finite.
    ///
    /// # Errors
    /// The errors of [`Categorical::kl`].
    pub fn kl_gradients(&self, other: &Self) -> Result<(Vec<L, N>, Vec<L, N>), Error> {
        check::length("other distribution", self.p.len(), other.p.len())?;
        let (mut of_self, mut of_other): (Vec<L, N>, Vec<L, N>) = (zeros(self.p.len()), zeros(self.p.len()));
        kl_gradients((&self.p, &self.log_p), (&other.p, &other.log_p), &mut of_self, &mut of_other);
        Ok((of_self, of_other))
    }

    /// Returns `KL(self ‖ uniform) = ln K − H`. The uniform distribution is over all `K` classes, including masked
    /// classes.
    pub fn kl_to_uniform(&self) -> L {
        kl_to_uniform(&self.p, &self.log_p)
    }
}

/// Returns `−Σ p ln p` of slices. The terms are summed from first to last. A term with `p = 0` is zero.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn entropy<L: Lane>(p: &[L], log_p: &[L]) -> L {
    let mut total = L::ZERO;
    for (&p, &log_p) in p.iter().zip(log_p) {
        total = total + L::select(p.equals(L::ZERO), L::ZERO, p * log_p);
    }
    -total
}

/// Returns `Σ p (ln p − ln q)` of slices. The terms are summed from first to last. A term with `p = 0` is zero.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn kl<L: Lane>(p: &[L], log_p: &[L], log_q: &[L]) -> L {
    let mut total = L::ZERO;
    for ((&p, &log_p), &log_q) in p.iter().zip(log_p).zip(log_q) {
        total = total + L::select(p.equals(L::ZERO), L::ZERO, p * (log_p - log_q));
    }
    total
}

/// Writes the two gradients of `KL(p ‖ q)`: `p_k (ln p_k − ln q_k − KL)` in the logits of `p`, and `q_k − p_k` in the
/// logits of `q`. Each distribution is given by slices of its probabilities and their logarithms.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn kl_gradients<L: Lane>((p, log_p): (&[L], &[L]), (q, log_q): (&[L], &[L]), of_p: &mut [L], of_q: &mut [L]) {
    let kl = kl(p, log_p, log_q);
    for (((g, &p), &log_p), &log_q) in of_p.iter_mut().zip(p).zip(log_p).zip(log_q) {
        *g = L::select(p.equals(L::ZERO), L::ZERO, p * ((log_p - log_q) - kl));
    }
    for ((g, &p), &q) in of_q.iter_mut().zip(p).zip(q) {
        *g = q - p;
    }
}

/// Returns `ln K − H` of slices. `K` counts all classes, including masked classes.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn kl_to_uniform<L: Lane>(p: &[L], log_p: &[L]) -> L {
    -entropy(p, log_p) + libm::logf(p.len() as f32)
}

/// Writes the gradient of the entropy `H` in the logits, `−p_k (ln p_k + H)`, to a slice.
#[cfg_attr(target_arch = "x86_64", inline(always))]
#[cfg_attr(not(target_arch = "x86_64"), inline)]
pub fn entropy_gradient<L: Lane>(p: &[L], log_p: &[L], gradient: &mut [L]) {
    let h = entropy(p, log_p);
    for ((g, &p), &log_p) in gradient.iter_mut().zip(p).zip(log_p) {
        *g = L::select(p.equals(L::ZERO), L::ZERO, -(p * (log_p + h)));
    }
}

/// Writes the scaled score `scale · (onehot(class) − p)` to a slice.
#[inline]
pub fn score<L: Lane>(p: &[L], class: L::Word, scale: L, score: &mut [L]) {
    for (k, (&p, s)) in p.iter().zip(score).enumerate() {
        let hot = L::select(class.equals(L::Word::splat(k as u32)), L::ONE, L::ZERO);
        *s = scale * (hot - p);
    }
}
