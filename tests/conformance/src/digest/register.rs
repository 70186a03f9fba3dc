//! Every line of the register of estimators, one line per round.

use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, LogStdNormal, Source, Temperature,
    estimator::Estimator,
    independent::Independent,
    lane::Lane,
    register::{self, Entry, Settings, Visitor},
    variables::Variables,
};

use super::{
    Digest, N, Operation, numbers,
    quadratic::{Hard, Quadratic},
    spread,
};

pub(super) const fn operations<L: Lane, S: Source<L>>() -> [(&'static str, Operation<L, S>); 3] {
    [("estimators of bits", bits), ("estimators of classes", classes), ("estimators of normal variables", normals)]
}

/// Estimates made one after another, so that what an estimator learns is in the digest too.
const ESTIMATES: u32 = 2;

/// A visit of the register: it counts the lines, and digests the estimates of the line with the index `wanted`.
struct Visit<'a, V: Variables, F, S> {
    variables: &'a V,
    cost: F,
    source: &'a mut S,
    out: &'a mut Digest<V::Lane>,
    lines: u32,
    wanted: Option<u32>,
    /// False after an estimate that is an error.
    valid: bool,
}

impl<V: Variables, F, S: Source<V::Lane>> Visitor<V, F> for Visit<'_, V, F, S> {
    fn visit<E: Estimator<V, F> + Clone + Send + Sync + 'static>(&mut self, _: Entry, mut estimator: E) {
        if self.wanted == Some(self.lines) {
            for _ in 0..ESTIMATES {
                let estimate = estimator.estimate(self.variables, &mut self.cost, self.source);
                self.valid &= self.out.estimate(estimate).is_some();
            }
        }
        self.lines += 1;
    }
}

impl<'a, V: Variables, F, S: Source<V::Lane>> Visit<'a, V, F, S> {
    fn new(variables: &'a V, cost: F, source: &'a mut S, out: &'a mut Digest<V::Lane>) -> Self {
        Self { variables, cost, source, out, lines: 0, wanted: None, valid: true }
    }

    /// Counts the lines, then digests one of them.
    fn line(mut self, round: u32, visit: impl Fn(&mut Self) -> Result<(), samplegrad_core::Error>) -> Option<()> {
        visit(&mut self).ok()?;
        self.wanted = round.checked_rem(self.lines);
        self.lines = 0;
        visit(&mut self).ok()?;
        self.valid.then_some(())
    }
}

fn settings(round: u32) -> Option<Settings> {
    let tau = Temperature::new([0.5, 1.0, 2.0, 0.1, 0.7][round as usize % 5]).ok()?;
    Some(Settings { tau, eta: 0.75, rate: LearningRate::new(0.05).ok()? })
}

fn bits<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let b = Bernoullis::<N, L>::new(&numbers(source, 1 + round as usize % 3, 4.0)).ok()?;
    let (settings, cost) = (settings(round)?, Quadratic(numbers(source, N, 2.0)));
    Visit::new(&b, cost, source, out).line(round, |visit| {
        register::bits_by_values(0.5, visit);
        register::bits_by_learning(&settings, visit)?;
        register::bits_by_gradients(&settings, visit)?;
        register::by_curvature(visit)
    })
}

fn classes<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let x = Categoricals::<N, L>::new(&[2, 3], &numbers(source, 5, 4.0)).ok()?;
    let (settings, cost) = (settings(round)?, Hard(Quadratic(numbers(source, N, 2.0))));
    Visit::new(&x, cost, source, out).line(round, |visit| {
        register::classes_by_values(0.5, visit);
        register::classes_by_learning(&settings, visit)?;
        register::classes_by_gradients(&settings, visit)?;
        register::by_curvature(visit)
    })
}

fn normals<L: Lane, S: Source<L>>(source: &mut S, round: u32, out: &mut Digest<L>) -> Option<()> {
    let mut normal = || LogStdNormal::new(spread(source, 4.0), spread(source, 2.0)).ok();
    let x = Independent::<_, N>::new(&[normal()?, normal()?]).ok()?;
    let cost = Quadratic(numbers(source, N, 2.0));
    Visit::new(&x, cost, source, out).line(round, |visit| {
        register::normals_by_values(0.5, visit);
        register::normals_by_learning(visit)?;
        register::normals_by_gradients(visit)?;
        register::by_curvature(visit)
    })
}
