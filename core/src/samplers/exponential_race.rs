//! The exponential race `a = argmin_k E_k e^{−l_k}`, the Gumbel-max draw without its second logarithm.
//!
//! It suits many draws from the same logits. The same words give the same class as [`gumbel_max`](crate::gumbel_max),
//! except where rounding decides.

use heapless::Vec;

use crate::{
    arithmetic::{
        lane::{Lane, Word},
        reduce,
    },
    fixed_vec::zeros,
    noise::{source::Source, uniform::Uniform},
    settings::logits::Logits,
};

/// A race of up to `N` classes, given by their mean arrival times `e^{max l − l_k}`. A masked class never arrives.
///
/// # Example
/// ```
/// use samplegrad_core::{ExponentialRace, Logits, stream};
///
/// let race = ExponentialRace::new(&Logits::<4>::new(&[0.0, 1.0, f32::NEG_INFINITY])?);
/// assert!(race.sample(&mut stream::xorshift(2026, 0)) < 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ExponentialRace<const N: usize, L: Lane = f32> {
    means: Vec<L, N>,
}

impl<const N: usize, L: Lane> ExponentialRace<N, L> {
    /// Prepares the race with `K` exponentials.
    pub fn new(logits: &Logits<N, L>) -> Self {
        let mut means: Vec<L, N> = zeros(logits.as_slice().len());
        prepare(logits.as_slice(), &mut means);
        Self { means }
    }

    /// Draws a class from one word of the source per class, in class order; the first class on ties.
    #[inline(always)]
    pub fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> L::Word {
        run(&self.means, source)
    }
}

/// Writes the mean times `e^{max l − l_k}`. A mean time is +∞ for a masked class and on overflow. The logits must
/// satisfy the conditions of [`Logits::new`].
#[inline(always)]
pub fn prepare<L: Lane>(logits: &[L], means: &mut [L]) {
    let (_, max) = reduce::arg_max(logits);
    for (mean, &l) in means.iter_mut().zip(logits) {
        *mean = mean_of(l, max);
    }
}

/// Returns the mean time `e^{max − l}` of a class, given the largest logit.
///
/// ```
/// assert_eq!(samplegrad_core::exponential_race::mean_of(1.5_f32, 1.5), 1.0);
/// ```
#[inline(always)]
pub fn mean_of<L: Lane>(l: L, max: L) -> L {
    L::select(l.equals(L::NEG_INFINITY), L::splat(f32::INFINITY), (max - l).exp())
}

/// Runs a race over prepared means and returns its winner.
#[inline(always)]
pub fn run<L: Lane, S: Source<L> + ?Sized>(means: &[L], source: &mut S) -> L::Word {
    let (mut class, mut first) = (L::Word::splat(0), L::splat(f32::INFINITY));
    for (k, &mean) in means.iter().enumerate() {
        // E = −ln u uses the same uniform number as G = −ln(−ln u), so the race and the Gumbel-max trick draw the same
        // class.
        let arrival = Uniform::<L>::neg_ln_of_word(source.next_word()) * mean;
        let earlier = arrival.lt(first);
        class = L::Word::select(earlier, L::Word::splat(k as u32), class);
        first = L::select(earlier, arrival, first);
    }
    class
}
