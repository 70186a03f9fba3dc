//! Estimators of a gradient.

use samplegrad_core::{
    Bernoullis, Categorical, Categoricals, LogStdNormal, Source,
    arm::Arm,
    cost::FnWithGradient,
    disarm::DisArm,
    enumeration::{self, Enumeration},
    estimator::Estimator,
    independent::Independent,
    inverse_cdf,
    lane::Lane,
    leave_one_out,
    leave_one_out::LeaveOneOut,
    pathwise::Pathwise,
    reduce,
    score_function::{self, ScoreFunction},
    self_critical,
};

use super::{Digest, N, Operation, logits, numbers, spread};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 4] {
    [
        ("score function", score_functions),
        ("estimators", estimators),
        ("pathwise", pathwise),
        ("DisARM of classes", disarm_of_classes),
    ]
}

fn score_functions<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let l = logits(source, round)?;
    let p = Categorical::new(&l);
    let classes: [L::Word; 4] = core::array::from_fn(|_| inverse_cdf::sample(&l, source));
    let values = numbers(source, 4, 10.0);
    let mut advantages = [L::ZERO; 4];
    leave_one_out::advantages(&values, &mut advantages).ok()?;
    out.numbers(&score_function::estimate(&p, &classes, &advantages).ok()?);
    self_critical::advantages(&values, L::gather(&values, p.mode()), &mut advantages).ok()?;
    out.numbers(&score_function::estimate(&p, &classes, &advantages).ok()?);
    Some(())
}

/// Digests estimators of a quadratic cost of one to three Bernoulli variables, and of a product of two categorical
/// ones.
fn estimators<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let scale = [1.0, 10.0][(round / 4) as usize % 2];
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, scale)).ok()?;
    let weights = numbers(source, 3, 4.0);
    let quadratic = |b: &[L]| {
        let sum = reduce::dot(b, &weights);
        (sum - 0.5) * (sum - 0.5)
    };
    out.estimate(Enumeration.estimate(&b, &mut { quadratic }, source))?;
    out.estimate(ScoreFunction { baseline: L::ONE }.estimate(&b, &mut { quadratic }, source))?;
    out.estimate(LeaveOneOut::<3>.estimate(&b, &mut { quadratic }, source))?;
    out.estimate(Arm.estimate(&b, &mut { quadratic }, source))?;
    out.estimate(DisArm.estimate(&b, &mut { quadratic }, source))?;

    let x = Categoricals::<N, L>::new(&[2, 3], &numbers(source, 5, scale)).ok()?;
    let mut table = |x: &[L::Word]| x.iter().fold(L::ONE, |product, &class| product * L::gather(&weights, class));
    out.estimate(Enumeration.estimate(&x, &mut table, source))?;
    out.estimate(LeaveOneOut::<2>.estimate(&x, &mut table, source))?;
    let law = enumeration::law(&x, &mut table).ok()?;
    let baseline = law.optimal_baseline(1);
    out.numbers(&[law.cost_variance(), baseline, law.variance(1, baseline), law.variance_leave_one_out(4)]);
    Some(())
}

/// Digests estimators of a quadratic cost of two normal variables.
fn pathwise<L: Lane, S: Source<L>>(source: &mut S, _: u32, out: &mut Digest<L>) -> Option<()> {
    let mut gaussian = || LogStdNormal::new(spread(source, 10.0), spread(source, 3.0)).ok();
    let x = Independent::<_, N>::new(&[gaussian()?, gaussian()?]).ok()?;
    let mut cost = FnWithGradient::<N, _>(|x: &[L], gradient: &mut [L]| {
        gradient.iter_mut().zip(x).for_each(|(g, &x)| *g = x + x);
        reduce::dot(x, x)
    });
    for estimate in [
        Pathwise.estimate(&x, &mut cost, source).ok()?,
        ScoreFunction { baseline: L::ONE }.estimate(&x, &mut cost, source).ok()?,
    ] {
        out.number(estimate.mean);
        out.numbers(&estimate.gradient);
    }
    Some(())
}

/// Digests DisARM for two categorical variables, some classes of the second masked.
fn disarm_of_classes<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut l: heapless::Vec<L, N> = numbers(source, 2, [1.0, 10.0, 1e4][round as usize % 3]);
    let others = logits(source, round % 4)?;
    l.extend_from_slice(others.as_slice().get(..others.as_slice().len().min(N - 2))?).ok()?;
    let x = Categoricals::<N, L>::new(&[2, l.len() - 2], &l).ok()?;
    let weights = numbers(source, N, 4.0);
    let mut table = |x: &[L::Word]| x.iter().fold(L::ONE, |product, &class| product * L::gather(&weights, class));
    out.estimate(DisArm.estimate(&x, &mut table, source))
}
