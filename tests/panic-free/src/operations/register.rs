//! Every line of the register of estimators.

use samplegrad_core::{
    Bernoullis, Categoricals, LearningRate, LogStdNormal,
    disarm::DisArm,
    estimator::Estimator,
    independent::Independent,
    register::{self, Entry, Needs, Settings, Size, Visitor},
    variables::Variables,
};

use super::{Unknown, generator, numbers, temperature, unknown, used};

pub fn every<const N: usize>() {
    let Ok(rate) = LearningRate::new(unknown(0.1)) else { return };
    let settings = Settings { tau: temperature(), eta: unknown(1.0), rate };
    if let Ok(b) = Bernoullis::<N>::new(numbers()) {
        let estimates = &mut Estimates { variables: &b, cost: Unknown };
        let line = Entry { name: unknown("DisARM"), identifier: None, needs: Needs::Values, size: Size::Any };
        Visitor::visit(estimates, line, DisArm);
        register::bits_by_values(unknown(0.5), estimates);
        used(register::bits_by_learning(&settings, estimates));
        used(register::bits_by_gradients(&settings, estimates));
        used(register::by_curvature(estimates));
    }
    if let Ok(x) = Categoricals::<N>::new(unknown(&[2, 3]), numbers()) {
        let estimates = &mut Estimates { variables: &x, cost: Unknown };
        register::classes_by_values(unknown(0.5), estimates);
        used(register::classes_by_learning(&settings, estimates));
        used(register::classes_by_gradients(&settings, estimates));
        used(register::by_curvature(estimates));
    }
    let Ok(normal) = LogStdNormal::new(unknown(0.5), unknown(0.0)) else { return };
    if let Ok(x) = Independent::<_, N>::new(unknown(&[normal])) {
        let estimates = &mut Estimates { variables: &x, cost: Unknown };
        register::normals_by_values(unknown(0.5), estimates);
        used(register::normals_by_learning(estimates));
        used(register::normals_by_gradients(estimates));
        used(register::by_curvature(estimates));
    }
}

/// One estimate of every estimator.
struct Estimates<'a, V, F> {
    variables: &'a V,
    cost: F,
}

impl<V: Variables<Lane = f32>, F> Visitor<V, F> for Estimates<'_, V, F> {
    fn visit<E: Estimator<V, F> + Clone + Send + Sync + 'static>(&mut self, entry: Entry, mut estimator: E) {
        used(entry);
        used(estimator.estimate(self.variables, &mut self.cost, &mut generator()));
    }
}
