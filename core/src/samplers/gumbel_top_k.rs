//! Gumbel-top-k draws `k` different classes without replacement: the classes of the `k` largest perturbed logits
//! `l_j + G_j`, in descending order. Each class is drawn in proportion to its probability among the remaining classes.
//!
//! ```text
//! P(b_1, …, b_k) = Π_i p(b_i) / (1 − Σ_{j<i} p(b_j))
//! ```
//!
//! The threshold `κ` is the largest perturbed logit among the classes that were not drawn. For a drawn class `j`, `κ`
//! is the `k`-th largest perturbed logit of the other classes. Given this number, class `j` is drawn with probability
//! `1 − exp(−e^{l_j − κ})`. Importance weights use this probability.
//!
//! For values of several variables at once, see [`stochastic_beam`](crate::stochastic_beam).
//!
//! Source: W. Kool, H. van Hoof and M. Welling, *Stochastic beams and where to find them: the Gumbel-top-k trick for
//! sampling sequences without replacement*, ICML 2019.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Mask, Word},
        largest_sum::{is_less, lost},
    },
    check,
    error::Error,
    fixed_vec::zeros,
    noise::{gumbel, source::Source},
    settings::logits::Logits,
};

/// Classes drawn without replacement, and their perturbed logits.
///
/// # Example
/// ```
/// use samplegrad_core::{Logits, gumbel_top_k::GumbelTopK, stream};
///
/// let logits = Logits::<4>::new(&[0.0, 1.0, f32::NEG_INFINITY, 0.5])?;
/// let drawn = GumbelTopK::sample(&logits, 2, &mut stream::xorshift(2026, 0))?;
/// let &[first, second] = drawn.classes() else { panic!() };
/// assert!(first != second && first != 2 && second != 2);
/// assert!(drawn.perturbed()[1] >= drawn.threshold());
/// assert!(GumbelTopK::sample(&logits, 4, &mut stream::xorshift(2026, 0)).is_err());     // three are possible
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GumbelTopK<const N: usize, L: Lane = f32> {
    classes: Vec<L::Word, N>,
    perturbed: Vec<L, N>,
    threshold: L,
}

impl<const N: usize, L: Lane> GumbelTopK<N, L> {
    /// Draws `k` classes from one word of the source per class, in class order, masked classes included.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `k` is at least 1 and, in every lane, at most the number of unmasked classes.
    pub fn sample<S: Source<L> + ?Sized>(logits: &Logits<N, L>, k: usize, source: &mut S) -> Result<Self, Error> {
        check_count(logits.as_slice(), k)?;
        Ok(Self::of(k, |classes, perturbed, lost| draw(logits.as_slice(), source, classes, perturbed, lost)))
    }

    /// Draws `k` classes with given Gumbel noise, one number per class.
    ///
    /// # Errors
    /// The errors of [`GumbelTopK::sample`]; [`Error::Length`] unless there is one number per class;
    /// [`Error::NotANumber`] and [`Error::Infinite`] with the index of the first number that is not finite.
    pub fn with_noise(logits: &Logits<N, L>, k: usize, noise: &[L]) -> Result<Self, Error> {
        check_count(logits.as_slice(), k)?;
        check::length("noise", logits.as_slice().len(), noise.len())?;
        check::finite("noise", noise)?;
        let noise = noise.iter().copied();
        Ok(Self::of(k, |classes, perturbed, lost| largest(logits.as_slice(), noise, classes, perturbed, lost)))
    }

    fn of(k: usize, draw: impl FnOnce(&mut [L::Word], &mut [L], &mut [L]) -> L) -> Self {
        let (mut classes, mut perturbed, mut lost) = (Vec::new(), zeros(k), zeros::<N, L>(k));
        // Cannot fail: there are at least k logits.
        let _ = classes.resize(k, L::Word::splat(0));
        let threshold = draw(&mut classes, &mut perturbed, &mut lost);
        Self { classes, perturbed, threshold }
    }

    /// Returns the classes, in the order in which they were drawn.
    #[inline]
    pub fn classes(&self) -> &[L::Word] {
        &self.classes
    }

    /// Returns the perturbed logits `l + G` of the drawn classes, in descending order.
    #[inline]
    pub fn perturbed(&self) -> &[L] {
        &self.perturbed
    }

    /// Returns the threshold `κ`; −∞ where every possible class was drawn.
    #[inline]
    pub fn threshold(&self) -> L {
        self.threshold
    }
}

/// Checks that `k` is at least 1 and that `k` classes can be drawn.
fn check_count<L: Lane>(logits: &[L], k: usize) -> Result<(), Error> {
    let one = |&l: &L| L::select(L::NEG_INFINITY.lt(l), L::ONE, L::ZERO);
    let possible = logits.iter().fold(L::ZERO, |count, l| count + one(l));
    let enough = (0..L::LANES).all(|lane| k <= possible.extract(lane) as usize);
    if k > 0 && enough {
        return Ok(());
    }
    let requirement = "at least 1 and at most the number of classes that are not masked";
    Err(Error::OutOfRange { what: "classes without replacement", value: k as f32, requirement })
}

/// Draws as many classes as fit in the shortest of `classes`, `perturbed` and `lost`, and returns the threshold `κ`.
/// Takes one word of the source per logit. The logits must satisfy the conditions of [`Logits::new`].
///
/// Writes the rounding errors of the perturbed logits to `lost`. Where rounded perturbed logits are equal, their
/// rounding errors decide, as in [`largest_sum`](crate::largest_sum). Where the errors are equal too, the first class
/// wins. A masked class is never drawn. If there are fewer possible classes than places, the remaining places hold the
/// first class drawn and the perturbed logit −∞.
#[inline]
pub fn draw<L: Lane, S: Source<L> + ?Sized>(
    logits: &[L],
    source: &mut S,
    classes: &mut [L::Word],
    perturbed: &mut [L],
    lost: &mut [L],
) -> L {
    largest(logits, core::iter::repeat_with(|| gumbel::sample(source)), classes, perturbed, lost)
}

fn largest<L: Lane>(
    logits: &[L],
    noise: impl Iterator<Item = L>,
    classes: &mut [L::Word],
    perturbed: &mut [L],
    errors: &mut [L],
) -> L {
    classes.fill(L::Word::splat(0));
    perturbed.fill(L::NEG_INFINITY);
    errors.fill(L::ZERO);
    let mut threshold = L::NEG_INFINITY;
    for ((k, &l), g) in (0..).zip(logits).zip(noise) {
        // The new class takes the place of the first class with a smaller sum. The replaced class and all classes after
        // it move back by one place.
        let (mut class, mut z, mut moves) = (L::Word::splat(k), l + g, L::Mask::splat(false));
        let mut error = lost(l, g, z);
        for ((place, ranked), of_ranked) in classes.iter_mut().zip(&mut *perturbed).zip(&mut *errors) {
            moves = moves.or(is_less((*ranked, *of_ranked), (z, error)));
            (*place, class) = (L::Word::select(moves, class, *place), L::Word::select(moves, *place, class));
            (*ranked, z) = (L::select(moves, z, *ranked), L::select(moves, *ranked, z));
            (*of_ranked, error) = (L::select(moves, error, *of_ranked), L::select(moves, *of_ranked, error));
        }
        threshold = threshold.max(z);
    }
    let first = classes.first().copied().unwrap_or(L::Word::splat(0));
    for (class, z) in classes.iter_mut().zip(perturbed) {
        *class = L::Word::select(z.equals(L::NEG_INFINITY), first, *class);
    }
    threshold
}
