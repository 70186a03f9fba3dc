//! The formulas of the guide's section "Is it a weighted sum?", each against its estimator.

use samplegrad_core::{
    Bernoullis, Categoricals, Temperature,
    concrete_relaxation::ConcreteRelaxation,
    cost::FnWithGradient,
    enumeration::Enumeration,
    estimator::Estimator,
    perturbed::Perturbed,
    plain_straight_through::PlainStraightThrough,
    straight_through_gumbel::StraightThroughGumbel,
    stream,
    variables::{Embedded, Variables},
};

const K: usize = 3;
const LOGITS: [f32; K] = [0.5, -1.0, 0.25];

/// Computes `Σ_k (y_k − t_k)²`, curved, so that slopes differ from point to point.
fn quadratic(y: &[f32], slope: &mut [f32]) -> f32 {
    let targets = [0.45, -0.2, 0.9];
    for ((s, y), t) in slope.iter_mut().zip(y).zip(targets) {
        *s = 2.0 * (y - t);
    }
    y.iter().zip(targets).map(|(y, t)| (y - t) * (y - t)).sum()
}

fn slopes(at: &[f32]) -> Vec<f32> {
    let mut slope = vec![0.0; at.len()];
    quadratic(at, &mut slope);
    slope
}

/// Computes `a w_k (c_k − Σ_j w_j c_j)`.
fn weighted(factor: f32, w: &[f32], c: &[f32]) -> Vec<f32> {
    let mean: f32 = w.iter().zip(c).map(|(w, c)| w * c).sum();
    w.iter().zip(c).map(|(w, c)| factor * w * (c - mean)).collect()
}

#[track_caller]
fn close(found: &[f32], due: &[f32]) {
    assert_eq!(found.len(), due.len());
    for (found, due) in found.iter().zip(due) {
        assert!((found - due).abs() <= 2e-6 * due.abs().max(1.0), "{found} for {due}");
    }
}

#[test]
fn classes() {
    let x = Categoricals::<K>::new(&[K], &LOGITS).unwrap();
    let p = x.mean();
    let f = &mut FnWithGradient::<K, _>(quadratic);

    let costs: Vec<f32> = (0..K as u32).map(|k| quadratic(&x.embed(&[k]), &mut [0.0; K])).collect();
    let mut of_class = |class: &[u32]| costs[class[0] as usize];
    let exact = Enumeration.estimate(&x, &mut of_class, &mut stream::xorshift(1, 0)).unwrap();
    close(&exact.gradient, &weighted(1.0, &p, &costs));

    for tau in [0.5, 1.0, 2.0] {
        let temperature = Temperature::new(tau).unwrap();
        for device in 0..50 {
            let rng = || stream::xorshift(2026, device);
            let (class, z) = x.draw(&mut rng());
            let y = x.relax(&z, 1.0 / tau);
            let hard = x.embed(&class);

            let estimate = StraightThroughGumbel { tau: temperature }.estimate(&x, f, &mut rng()).unwrap();
            close(&estimate.gradient, &weighted(1.0 / tau, &y, &slopes(&hard)));

            let estimate = ConcreteRelaxation { tau: temperature }.estimate(&x, f, &mut rng()).unwrap();
            close(&estimate.gradient, &weighted(1.0 / tau, &y, &slopes(&y)));

            let drawn = x.embed(&x.sample(&mut rng()));
            let estimate = PlainStraightThrough.estimate(&x, f, &mut rng()).unwrap();
            close(&estimate.gradient, &weighted(1.0, &p, &slopes(&drawn)));
        }
    }
}

#[test]
fn one_bit() {
    let logit = 0.75;
    let b = Bernoullis::<1>::new(&[logit]).unwrap();
    let p = b.mean()[0];
    let f = &mut FnWithGradient::<1, _>(quadratic);
    let (cost, slope) = (|y: f32| quadratic(&[y], &mut [0.0]), |y: f32| slopes(&[y])[0]);

    let exact = Enumeration.estimate(&b, f, &mut stream::xorshift(1, 0)).unwrap();
    close(&exact.gradient, &[p * (1.0 - p) * (cost(1.0) - cost(0.0))]);

    let mut seen = [false; 2];
    for device in 0..50 {
        let rng = || stream::xorshift(2026, device);
        let (tau, temperature) = (0.5, Temperature::new(0.5).unwrap());
        let (bit, z) = b.draw(&mut rng());
        let y = 1.0 / (1.0 + (-z[0] / tau).exp());
        assert_eq!(bit[0] == 1.0, z[0] > 0.0);
        seen[usize::from(z[0] > 0.0)] = true;

        let estimate = StraightThroughGumbel { tau: temperature }.estimate(&b, f, &mut rng()).unwrap();
        close(&estimate.gradient, &[y * (1.0 - y) * slope(bit[0]) / tau]);

        let estimate = ConcreteRelaxation { tau: temperature }.estimate(&b, f, &mut rng()).unwrap();
        close(&estimate.gradient, &[y * (1.0 - y) * slope(y) / tau]);

        let drawn = b.sample(&mut rng())[0];
        let estimate = PlainStraightThrough.estimate(&b, f, &mut rng()).unwrap();
        close(&estimate.gradient, &[p * (1.0 - p) * slope(drawn)]);
    }
    assert_eq!(seen, [true; 2], "both values were drawn");
}
