//! ARM (augment–REINFORCE–merge) for Bernoulli variables. The estimate uses two antithetic samples and the uniform
//! numbers from which they were computed. The difference of the two costs removes a common offset, so no baseline is
//! needed.
//!
//! ```text
//! g_i = (f(b¹) − f(b²)) (u_i − ½),     b¹ = [1 − u < p],  b² = [u < p]
//! ```
//!
//! | | |
//! |---|---|
//! | needs from `f` | values at two antithetic samples |
//! | bias | none |
//! | variance on the toy problem | `E[(b − 0.45)²]` of one bit: 2.083333e-4 at logit 0, 3.549767e-4 at logit 2 |
//! | cost | 2 calls, one word of noise per variable |
//! | use it | to compare with the literature |
//! | avoid it | in all other cases: [`DisArm`](crate::disarm::DisArm) integrates the uniform numbers out, with as many calls |
//!
//! Source: M. Yin and M. Zhou, *ARM: augment-REINFORCE-merge gradient for stochastic binary networks*, ICLR 2019.

use heapless::Vec;

use crate::{
    arithmetic::lane::Lane,
    distributions::bernoullis::Bernoullis,
    estimators::{
        cost::{self, Cost, CostError},
        estimator::{Estimate, Estimated, Estimator},
    },
    fixed_vec::collected,
    noise::{source::Source, uniform::Uniform},
};

/// The ARM estimator. It evaluates the cost twice. Its variance exceeds the variance of
/// [`DisArm`](crate::disarm::DisArm), since the uniform numbers are not integrated out.
///
/// ```
/// use samplegrad_core::{Bernoullis, arm::Arm, estimator::Estimator, stream};
///
/// let b = Bernoullis::<4>::new(&[0.0, 1.0])?;
/// let rng = &mut stream::xorshift(2026, 0);
/// let estimate = Arm.estimate(&b, &mut |b: &[f32]| (b[0] + b[1] - 1.0) * b[0], rng).unwrap();
/// assert_eq!(estimate.gradient.len(), 2);
/// # Ok::<(), samplegrad_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Arm;

/// Two antithetic samples and their costs.
pub(crate) struct Pair<const N: usize, L: Lane> {
    /// The sample of `1 − u`, then the sample of `u`.
    pub samples: [Vec<L, N>; 2],
    /// The costs of the samples, in the same order.
    pub costs: [L; 2],
}

impl<const N: usize, L: Lane> Pair<N, L> {
    /// Evaluates the cost, first at the sample of `1 − u`, then at the sample of `u`.
    pub(crate) fn ask(
        variables: &Bernoullis<N, L>,
        uniforms: &[Uniform<L>],
        cost: &mut (impl Cost<[L], L> + ?Sized),
    ) -> Result<Self, CostError<Vec<L, N>>> {
        let complements: Vec<Uniform<L>, N> = collected(uniforms.iter().map(|u| u.complement()));
        let samples = [variables.at(&complements), variables.at(uniforms)];
        let [one, other] = &samples;
        let costs = [cost::finite(cost, one)?, cost::finite(cost, other)?];
        Ok(Self { samples, costs })
    }

    pub(crate) fn mean(&self) -> L {
        (self.costs[0] + self.costs[1]) * 0.5
    }
}

/// Computes the estimate from given uniform numbers, one per variable.
///
/// # Errors
/// [`CostError`] with a sample whose cost is not finite.
pub fn with_noise<const N: usize, L: Lane>(
    variables: &Bernoullis<N, L>,
    uniforms: &[Uniform<L>],
    cost: &mut (impl Cost<[L], L> + ?Sized),
) -> Estimated<Bernoullis<N, L>> {
    let pair = Pair::ask(variables, uniforms, cost)?;
    let difference = pair.costs[0] - pair.costs[1];
    // u − ½ is ½ − t or t − ½, which is exact with the tail t from the nearer end.
    let centred = |u: &Uniform<L>| L::select(u.is_upper(), -u.tail() + 0.5, u.tail() - 0.5);
    let gradient = collected(uniforms.iter().map(|u| difference * centred(u)));
    Ok(Estimate { mean: pair.mean(), gradient })
}

impl<const N: usize, L: Lane, F: Cost<[L], L> + ?Sized> Estimator<Bernoullis<N, L>, F> for Arm {
    fn estimate<S: Source<L> + ?Sized>(
        &mut self,
        variables: &Bernoullis<N, L>,
        cost: &mut F,
        source: &mut S,
    ) -> Estimated<Bernoullis<N, L>> {
        with_noise(variables, &variables.uniforms(source), cost)
    }
}
