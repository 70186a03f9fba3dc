//! Independent variables of one family of continuous distributions.

use core::fmt::Debug;

use heapless::Vec;

use crate::{
    arithmetic::lane::Lane,
    distributions::{
        family::Family,
        log_std_normal::LogStdNormal,
        variables::{Modal, PointMoments, Reparameterized, Variables},
    },
    error::Error,
    fixed_vec::collected,
    noise::source::Source,
};

/// Independent variables of one family, with at most `N` parameters in all. The parameters are ordered by variable.
///
/// ```
/// use samplegrad_core::{LogStdNormal, independent::Independent, stream, variables::Variables};
///
/// let x = Independent::<_, 4>::new(&[LogStdNormal::new(1.0, 0.0)?, LogStdNormal::new(-1.0, 0.5)?])?;
/// assert_eq!((x.len(), x.parameters()), (2, 4));
/// assert_eq!(x.score(&[1.5, -1.0])[..2], [0.5, -0.75]);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Independent<D, const N: usize> {
    variables: Vec<D, N>,
}

impl<D: Copy, const N: usize> Independent<D, N> {
    /// Creates the variables from one or more distributions.
    ///
    /// # Errors
    /// [`Error::Empty`]; [`Error::Capacity`] for more than `N` parameters.
    pub fn new(variables: &[D]) -> Result<Self, Error>
    where
        D: Family,
    {
        const WHAT: &str = "parameters";
        let len = variables.len().saturating_mul(D::PARAMETERS);
        if variables.is_empty() {
            return Err(Error::Empty { what: WHAT });
        }
        let full = Error::Capacity { what: WHAT, len, capacity: N };
        if len > N {
            return Err(full);
        }
        Ok(Self { variables: Vec::from_slice(variables).map_err(|_| full)? })
    }

    /// Returns the distributions in order.
    #[inline]
    pub fn as_slice(&self) -> &[D] {
        &self.variables
    }
}

impl<const N: usize, L: Lane, D: Family<Lane = L>> Variables for Independent<D, N> {
    type Lane = L;
    type Value = L;
    type Values = Vec<L, N>;
    type Numbers = Vec<L, N>;
    type Of<T: Clone + Debug + PartialEq> = Vec<T, N>;

    fn len(&self) -> usize {
        self.variables.len()
    }
    fn parameters(&self) -> usize {
        self.variables.len() * D::PARAMETERS
    }
    fn sample<S: Source<L> + ?Sized>(&self, source: &mut S) -> Vec<L, N> {
        collected(self.variables.iter().map(|p| p.sample_path(source).0))
    }
    fn score(&self, x: &[L]) -> Vec<L, N> {
        let mut score = Vec::new();
        for (p, &x) in self.variables.iter().zip(x) {
            // This cannot fail: all parameters fit.
            let _ = score.extend_from_slice(p.score(x).as_ref());
        }
        score
    }
    fn sample_score<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Vec<L, N>) {
        let (mut sample, mut score) = (Vec::new(), Vec::new());
        for p in &self.variables {
            let (x, of_one) = p.sample_score(source);
            // This cannot fail: all parameters fit.
            let _ = (sample.push(x), score.extend_from_slice(of_one.as_ref()));
        }
        (sample, score)
    }
}

impl<const N: usize, L: Lane, D: Family<Lane = L>> Reparameterized for Independent<D, N> {
    /// The derivatives of each variable in its own parameters.
    type Path = Vec<D::Gradient, N>;

    fn sample_path<S: Source<L> + ?Sized>(&self, source: &mut S) -> (Vec<L, N>, Self::Path) {
        let (mut sample, mut path) = (Vec::new(), Vec::new());
        for p in &self.variables {
            let (x, by_parameter) = p.sample_path(source);
            // This cannot fail: the vectors are as long as the variables and have the same capacity.
            let _ = (sample.push(x), path.push(by_parameter));
        }
        (sample, path)
    }

    fn pullback(&self, path: &Self::Path, cotangent: &[L]) -> Vec<L, N> {
        collected(path.iter().zip(cotangent).flat_map(|(path, &c)| path.as_ref().iter().map(move |&d| c * d)))
    }
}

impl<const N: usize, L: Lane> Modal for Independent<LogStdNormal<L>, N> {
    fn mode(&self) -> Vec<L, N> {
        self.means()
    }
}

impl<const N: usize, L: Lane> PointMoments for Independent<LogStdNormal<L>, N> {
    fn point(&self, x: &[L]) -> Vec<L, N> {
        collected(x.iter().copied())
    }
    fn means(&self) -> Vec<L, N> {
        collected(self.variables.iter().map(|p| p.mean()))
    }
    fn pullback_moments(&self, by_mean: &[L], by_variance: &[L]) -> Vec<L, N> {
        // ∂σ²/∂ln σ = 2 σ².
        let of_one = |((p, &c), &v): ((&LogStdNormal<L>, &L), &L)| [c, (v + v) * (p.std() * p.std())];
        collected(self.variables.iter().zip(by_mean).zip(by_variance).flat_map(of_one))
    }
}
