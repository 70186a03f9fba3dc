//! The exact largest of sums `l + g` of logits and noise. Where rounded sums are equal, their rounding errors decide.
//!
//! At 10^8 the spacing of floats is 8. Sums of equal logits and different Gumbel numbers are therefore mostly rounded
//! to the same float. The rounding error of a sum is exactly representable as a float (O. Møller, *Quasi
//! double-precision in floating point addition*, BIT 5, 1965). Rounding never reverses the order of two sums. The order
//! by rounded sum, then by error, is therefore the order of the exact sums. This order is total. The result depends on
//! the order of comparison only if two exact sums are equal; then the first class wins.
//!
//! For logits below [`LARGE`] in magnitude, the rounding error counts as zero. The spacing of floats at such a sum is
//! at most 2^−13, so the error is negligible. If two rounded sums are equal, the first class wins.

use crate::arithmetic::lane::{Lane, Mask, Word};

/// The smallest magnitude of a logit for which rounding errors are compared.
pub const LARGE: f32 = 1024.0;

/// Returns the exact error `(l + g) − z` of the rounded sum `z = l + g`. The result is zero where `|l|` is below
/// [`LARGE`] and NaN where `l` is infinite.
///
/// ```
/// use samplegrad_core::largest_sum::lost;
///
/// assert_eq!(lost(1e8_f32, 5.0, 1e8 + 5.0), -3.0);           // the sum is 1e8 + 8
/// assert_eq!(lost(1.0_f32, 1e-9, 1.0), 0.0);
/// ```
#[inline(always)]
pub fn lost<L: Lane>(l: L, g: L, z: L) -> L {
    let small = l.abs().lt(L::splat(LARGE));
    if small.all() {
        return L::ZERO;
    }
    let of_g = z - l;
    let of_l = z - of_g;
    L::select(small, L::ZERO, (l - of_l) + (g - of_g))
}

/// Compares two rounded sums with their errors. Returns true where the exact sum of `a` is less than the exact sum of
/// `b`. Returns false where the rounded sums are equal and an error is NaN.
///
/// ```
/// assert!(samplegrad_core::largest_sum::is_less((1e8_f32, -1.0), (1e8, 2.0)));
/// ```
#[inline(always)]
pub fn is_less<L: Lane>(a: (L, L), b: (L, L)) -> L::Mask {
    a.0.lt(b.0).or(a.0.equals(b.0).and(a.1.lt(b.1)))
}

/// The class of the largest sum so far (the first on ties), with the rounded sum and its error. A class whose logit is
/// −∞ does not win.
///
/// ```
/// use samplegrad_core::largest_sum::LargestSum;
///
/// let mut largest = LargestSum::new();
/// largest.see(0, 1e8_f32, 1.0);
/// largest.see(1, 1e8, 2.0);                                  // both sums are rounded to 1e8
/// assert_eq!((largest.class, largest.sum, largest.lost), (1, 1e8, 2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LargestSum<L: Lane = f32> {
    /// The class.
    pub class: L::Word,
    /// The rounded sum; −∞ before the first class.
    pub sum: L,
    /// The [rounding error](lost) of the sum.
    pub lost: L,
}

impl<L: Lane> LargestSum<L> {
    /// Returns the state before the first sum.
    #[inline(always)]
    pub fn new() -> Self {
        Self { class: L::Word::splat(0), sum: L::NEG_INFINITY, lost: L::ZERO }
    }

    /// Compares the sum of a class's logit and noise with the largest sum so far. Returns true in each lane where the
    /// new sum becomes the largest.
    #[inline(always)]
    pub fn see(&mut self, class: u32, l: L, g: L) -> L::Mask {
        let z = l + g;
        let (larger, equal) = (self.sum.lt(z), self.sum.equals(z));
        // Rounding errors are needed for few sums.
        if !larger.or(equal).any() {
            return larger;
        }
        let lost = lost(l, g, z);
        let wins = larger.or(equal.and(self.lost.lt(lost)));
        self.class = L::Word::select(wins, L::Word::splat(class), self.class);
        self.sum = L::select(wins, z, self.sum);
        self.lost = L::select(wins, lost, self.lost);
        wins
    }
}

impl<L: Lane> Default for LargestSum<L> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGE, LargestSum, is_less, lost};
    use crate::noise::stream;
    use rand_core::Rng;

    /// Checks that the order by sum and error equals the order of the exact sums in double precision. The magnitudes of
    /// the logits are powers of two from 2^10 to 2^23 and the next larger floats. The logits have either sign, and the
    /// noise is random.
    #[test]
    fn the_order_is_that_of_the_exact_sums() {
        let rng = &mut stream::xorshift(2026, 1);
        let mut ties = 0;
        for round in 0..200_000_u32 {
            let size = LARGE * libm::exp2f((round % 14) as f32);
            let mut one = || {
                let l = if round & 1 == 0 { size } else { -size } * (1.0 + (rng.next_u32() % 8) as f32 * f32::EPSILON);
                (l, crate::noise::gumbel::sample(rng))
            };
            let ((l, g), (m, h)) = (one(), one());
            if l.abs() < LARGE || m.abs() < LARGE {
                continue;
            }
            let exact = f64::from(l) + f64::from(g) < f64::from(m) + f64::from(h);
            let (a, b) = ((l + g, lost(l, g, l + g)), (m + h, lost(m, h, m + h)));
            assert_eq!(is_less(a, b), exact, "{l} + {g}, {m} + {h}");
            assert_eq!(f64::from(a.0) + f64::from(a.1), f64::from(l) + f64::from(g));
            ties += u32::from(a.0 == b.0);
        }
        assert!(ties > 1000, "{ties}");
    }

    #[test]
    fn what_is_masked_does_not_win_and_ties_go_to_the_first() {
        let mut largest = LargestSum::new();
        for (class, l) in (0..).zip([f32::NEG_INFINITY, -f32::MAX, f32::NEG_INFINITY, -f32::MAX]) {
            largest.see(class, l, 3.0);
        }
        assert_eq!(largest, LargestSum { class: 1, sum: -f32::MAX, lost: 3.0 });
        largest.see(4, -f32::MAX, 3.5);
        assert_eq!(largest.class, 4);
        // Below 1024 the first class wins, although its exact sum is smaller.
        let mut largest = LargestSum::new();
        largest.see(0, 1000.0_f32, 0.0);
        largest.see(1, 1000.0, 1e-6);
        assert_eq!(largest.class, 0);
    }
}
