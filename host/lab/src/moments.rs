//! Mean and variance of estimates, with standard errors. The sums of each stream are computed separately, in double
//! precision.

use samplegrad_core::lane::Lane;

use crate::lanes::{L, STREAMS};

/// A measured value and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    pub value: f64,
    pub error: f64,
}

/// Sums over the estimates of one stream.
#[derive(Clone, Debug, Default)]
struct Sums {
    count: f64,
    /// Sums of `d`, `d²` and `d⁴` for each coordinate, where `d` is the distance of an estimate from the centre.
    coordinates: Vec<[f64; 3]>,
    /// Sums of `⟨d, u⟩` and of `⟨d, u⟩²` for the direction `u`.
    along: [f64; 2],
    /// Sums of `‖d‖²` and of `‖d‖⁴`.
    square: [f64; 2],
}

/// Moments of estimates about a given centre. If the centre is near the mean of the estimates, no cancellation occurs.
pub(super) struct RunningMoments {
    centre: Vec<f64>,
    direction: Vec<f64>,
    streams: Vec<Sums>,
}

impl RunningMoments {
    /// Creates moments about a centre. The direction must have length one.
    pub fn new(centre: Vec<f64>, direction: Vec<f64>) -> Self {
        let empty = Sums { coordinates: vec![[0.0; 3]; centre.len()], ..Sums::default() };
        Self { centre, direction, streams: vec![empty; STREAMS] }
    }

    /// Adds the estimates of all lanes. The first lane belongs to stream `first`.
    pub fn take(&mut self, first: usize, gradient: &[L]) {
        let mut along = [0.0; L::LANES];
        let mut square = [0.0; L::LANES];
        for (j, g) in gradient.iter().enumerate().take(self.centre.len()) {
            let (centre, u) = (self.centre[j], self.direction[j]);
            for (lane, g) in g.to_array().into_iter().enumerate() {
                let d = f64::from(g) - centre;
                let d2 = d * d;
                let sums = &mut self.streams[first + lane].coordinates[j];
                sums[0] += d;
                sums[1] += d2;
                sums[2] += d2 * d2;
                along[lane] += d * u;
                square[lane] += d2;
            }
        }
        for lane in 0..L::LANES {
            let sums = &mut self.streams[first + lane];
            sums.count += 1.0;
            sums.along[0] += along[lane];
            sums.along[1] += along[lane] * along[lane];
            sums.square[0] += square[lane];
            sums.square[1] += square[lane] * square[lane];
        }
    }

    /// Returns the number of estimates.
    pub fn count(&self) -> f64 {
        self.total(|sums| sums.count)
    }

    /// Returns the mean of coordinate `j`.
    pub fn mean(&self, j: usize) -> Measured {
        let count = self.count();
        let shift = self.total(|sums| sums.coordinates[j][0]) / count;
        Measured { value: self.centre[j] + shift, error: (self.variance(j).value / count).sqrt() }
    }

    /// Returns the variance of coordinate `j`.
    pub fn variance(&self, j: usize) -> Measured {
        let count = self.count();
        let [shift, second, fourth] = [0, 1, 2].map(|k| self.total(|sums| sums.coordinates[j][k]) / count);
        spread(shift * shift, second, fourth, count)
    }

    /// Returns the mean of the components of the estimates along the direction.
    pub fn along(&self) -> Measured {
        let count = self.count();
        let [shift, second] = [0, 1].map(|k| self.total(|sums| sums.along[k]) / count);
        let centre: f64 = self.centre.iter().zip(&self.direction).map(|(c, u)| c * u).sum();
        let variance = (second - shift * shift).max(0.0) * (count / (count - 1.0));
        Measured { value: centre + shift, error: (variance / count).sqrt() }
    }

    /// Returns the sum of the variances of all coordinates, which is the trace of the covariance matrix.
    pub fn trace(&self) -> Measured {
        let count = self.count();
        let shift = |j: usize| self.total(|sums| sums.coordinates[j][0]) / count;
        let shifts = (0..self.centre.len()).map(|j| shift(j) * shift(j)).sum();
        let [second, fourth] = [0, 1].map(|k| self.total(|sums| sums.square[k]) / count);
        spread(shifts, second, fourth, count)
    }

    /// Sums a quantity over the streams, from first to last.
    fn total(&self, of: impl Fn(&Sums) -> f64) -> f64 {
        self.streams.iter().map(of).sum()
    }
}

/// Computes a variance from the second moment about an approximate centre, and the standard error of the variance from
/// the fourth moment.
fn spread(shift: f64, second: f64, fourth: f64, count: f64) -> Measured {
    let value = (second - shift).max(0.0) * (count / (count - 1.0));
    Measured { value, error: ((fourth - second * second).max(0.0) / count).sqrt() }
}
