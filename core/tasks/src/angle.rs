//! Angles in the range of one turn.

use core::f32::consts::{FRAC_1_PI, PI, TAU};

use samplegrad_core::lane::Lane;

/// 2π as a sum. The first part has eight bits, so its product with a number of turns is exact.
const TURN: [f32; 2] = [6.281_25, 0.001_935_307_2];

/// Returns the angle in radians, minus the whole turns that bring it to `[−π, π]`: `((angle + π) mod 2π) − π`. The result
/// is `π` or `−π` where a rounding error decides.
///
/// The error is at most 4·10^−7 for magnitudes up to 100, and 6·10^−6 for magnitudes up to 10^5, the largest that are
/// allowed.
///
/// ```
/// use samplegrad_tasks::angle::wrapped;
///
/// assert_eq!(wrapped(1.5_f32), 1.5);
/// assert!((wrapped(7.0_f32) - 0.716_814_7).abs() < 1e-6);
/// ```
pub fn wrapped<L: Lane>(angle: L) -> L {
    let turns = angle * (0.5 * FRAC_1_PI);
    // The nearest integer. The sum with zero has one sign of zero in every lane.
    let whole = turns - turns.split_integer().0 + 0.0;
    let rest = angle - whole * TURN[0] - whole * TURN[1];
    // Near half a turn, a rounding error of `turns` may leave one turn too many.
    let excess = L::select(rest.gt(L::splat(PI)), L::splat(TAU), L::ZERO);
    rest - L::select(rest.lt(L::splat(-PI)), L::splat(-TAU), excess)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the largest error, modulo 2π, of 200 001 angles up to a magnitude.
    fn largest_error(magnitude: f32) -> f64 {
        let mut largest = 0.0_f64;
        for i in -100_000..=100_000 {
            let angle = i as f32 / 100_000.0 * magnitude;
            let found = wrapped(angle);
            assert!(found.abs() <= PI, "{angle}: {found}");
            let turns = (f64::from(found) - f64::from(angle)) / core::f64::consts::TAU;
            let nearest = (turns + if turns < 0.0 { -0.5 } else { 0.5 }) as i64 as f64;
            let error = (turns - nearest) * core::f64::consts::TAU;
            largest = largest.max(if error < 0.0 { -error } else { error });
        }
        largest
    }

    #[test]
    fn errors_are_as_documented() {
        assert!(largest_error(100.0) <= 4e-7, "{}", largest_error(100.0));
        assert!(largest_error(1e5) <= 6e-6, "{}", largest_error(1e5));
    }

    #[test]
    fn angles_of_one_turn_stay() {
        for angle in [0.0, -0.0, 3.0, -3.0, PI, -PI, 1e-40, -1e-40] {
            assert_eq!(wrapped(angle).to_bits(), angle.to_bits());
        }
    }
}
