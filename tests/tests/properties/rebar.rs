//! REBAR and RELAX at the extremes, their tied noise, and the exact gradients that they learn from.

use std::ops::Range;

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, RngSeed},
};
use samplegrad_core::{
    Bernoullis, Categoricals, Error, LearningRate, Rebar, Temperature, conditional,
    cost::{Cost, DifferentiableCost, FnWithGradient},
    coupling::Coupling::{self, Antithetic, Independent, Tied},
    estimator::{Estimate, Estimated, Estimator},
    noise::{Uniform, gumbel},
    perturbed::Perturbed,
    rebar_tuned::TunedRebar,
    reduce,
    relax::{BlackBox, Relax},
    stream,
    surrogate::{Influence, Linear, Surrogate},
    variables::Variables,
};

const N: usize = 8;
const MASKED: f32 = f32::NEG_INFINITY;
const COUPLINGS: [Coupling; 3] = [Independent, Tied, Antithetic];

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    }
}

/// Returns uniforms: both ends, the middle, and any other.
fn uniform() -> impl Strategy<Value = Uniform> {
    let word = prop_oneof![Just(0), Just(1), Just(u32::MAX), Just(0x7fff_ffff), Just(0x8000_0000), any::<u32>()];
    word.prop_map(Uniform::from_word)
}

fn uniforms() -> impl Strategy<Value = Vec<Uniform>> {
    prop::collection::vec(uniform(), N)
}

fn logits(count: Range<usize>) -> impl Strategy<Value = Vec<f32>> {
    let logit = prop_oneof![6 => -5.0_f32..5.0, 2 => -1e4_f32..=1e4, 1 => Just(1e4), 1 => Just(-1e4)];
    prop::collection::vec(logit, count)
}

/// Returns logits of classes, of which all but the first may be masked.
fn logits_of_classes() -> impl Strategy<Value = Vec<f32>> {
    (logits(1..N), prop::collection::vec(prop::bool::weighted(0.2), N)).prop_map(|(mut l, masks)| {
        l.iter_mut().zip(masks).skip(1).filter(|(_, masked)| *masked).for_each(|(l, _)| *l = MASKED);
        l
    })
}

/// A quadratic cost of points, bits and classes.
struct Quadratic;

impl DifferentiableCost for Quadratic {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        let excess = y.iter().zip(1..).map(|(y, k)| y * k as f32).sum::<f32>() - 1.5;
        (0..).zip(gradient).for_each(|(k, g)| *g = 2.0 * excess * (k + 1) as f32);
        excess * excess
    }
}

impl Cost<[f32]> for Quadratic {
    fn value(&mut self, b: &[f32]) -> f32 {
        self.value_and_gradient(b, &mut [])
    }
}

impl Cost<[u32]> for Quadratic {
    fn value(&mut self, x: &[u32]) -> f32 {
        (x[0] as f32 - 0.5).powi(2)
    }
}

fn tau(tau: f32) -> Temperature {
    Temperature::new(tau).unwrap()
}

fn rate(rate: f32) -> LearningRate {
    LearningRate::new(rate).unwrap()
}

/// Runs every estimator of this kind at given noise, three steps each; returns whether all results are finite.
fn finite<V: Perturbed<Lane = f32>>(variables: &V, u: &[Uniform], v: &[Uniform], t: f32, length: f32) -> bool
where
    Quadratic: Cost<[V::Value]>,
{
    let count = variables.parameters();
    let (u, v) = (&u[..count], &v[..count]);
    COUPLINGS.into_iter().all(|coupling| {
        let rebar = Rebar::new(tau(t), -2.0).unwrap().coupled(coupling);
        let mut tuned = TunedRebar::new(tau(t), 1000.0, coupling, rate(length)).unwrap();
        let surrogate = Linear::<N>::tanh(rate(length)).starting_at(1.0, &[2.0; N]);
        let mut relax = Relax { rebar: tuned, surrogate };
        let mut black_box = BlackBox { coupling, surrogate: Linear::<N>::sigmoid(rate(length)) };
        let mut all_finite = true;
        for _ in 0..3 {
            let cost = &mut Quadratic;
            let estimates = [
                rebar.with_noise(variables, u, v, cost),
                tuned.with_noise(variables, u, v, cost),
                relax.with_noise(variables, u, v, cost),
                black_box.with_noise(variables, u, v, cost),
            ];
            for estimate in estimates.map(Result::unwrap) {
                all_finite &= estimate.mean.is_finite() && estimate.gradient.iter().all(|g| g.is_finite());
                all_finite &= estimate.gradient.len() == count;
            }
            let slopes = tuned.variance_gradient(variables, u, v, cost).unwrap();
            all_finite &= slopes.iter().all(|slope| slope.is_finite());
        }
        let weights = [relax.surrogate, black_box.surrogate].map(|s| s.bias() + s.weights().iter().sum::<f32>());
        let (eta, t) = (tuned.eta(), tuned.temperature());
        all_finite && weights.iter().all(|w| w.is_finite()) && eta.abs() <= 1000.0 && (0.0009..=1001.0).contains(&t)
    })
}

fn temperatures() -> impl Strategy<Value = f32> {
    prop::sample::select(vec![1e-3, 0.1, 0.5, 1.0, 10.0, 1e3])
}

fn rates() -> impl Strategy<Value = f32> {
    prop::sample::select(vec![0.01, 1000.0])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bits_stay_finite(l in logits(1..N), u in uniforms(), v in uniforms(), t in temperatures(), length in rates()) {
        prop_assert!(finite(&Bernoullis::<N>::new(&l).unwrap(), &u, &v, t, length));
    }

    #[test]
    fn classes_stay_finite(
        l in logits_of_classes(), u in uniforms(), v in uniforms(), t in temperatures(), length in rates()
    ) {
        let x = Categoricals::<N>::new(&[l.len()], &l).unwrap();
        prop_assert!(finite(&x, &u, &v, t, length));
        // A masked class has no gradient, and the only class of a variable has none either.
        for coupling in COUPLINGS {
            let rebar = Rebar::new(tau(t), 0.5).unwrap().coupled(coupling);
            let mut relax = BlackBox { coupling, surrogate: Linear::<N>::tanh(rate(0.1)).starting_at(1.0, &[3.0; N]) };
            let gradients = [rebar.with_noise(&x, &u, &v, &mut Quadratic), relax.with_noise(&x, &u, &v, &mut Quadratic)];
            for gradient in gradients.map(|estimate| estimate.unwrap().gradient) {
                prop_assert!(l.iter().zip(&gradient).all(|(&l, &g)| l != MASKED || g == 0.0), "{gradient:?}");
                prop_assert!(l.len() > 1 || gradient[0] == 0.0, "{gradient:?}");
            }
        }
    }

    /// Checks that tied noise reproduces `z̃ = z` and the slope that the estimators compute from `z` alone.
    #[test]
    fn tied_noise_of_a_bit(l in logits(1..2), u in uniform()) {
        let (l, z) = (l[0], l[0] + u.logit());
        let v = conditional::noise_of_bit(l, z);
        let (same, slope) = conditional::bit(z > 0.0, l, v);
        let allowed = 2e-6 * (1.0 + l.abs());
        prop_assert!((same - z).abs() <= allowed, "{same} for {z}");
        let from_z = conditional::slope_of_bit(z > 0.0, l, z);
        prop_assert!((slope - from_z).abs() <= allowed, "{slope} from the noise, {from_z} from z");
        // Away from the extremes, the noise equals the formula, and its complement does not.
        if l.abs() < 5.0 && z.abs() > 1e-3 {
            let (u, p) = (f64::from(u.value()), 1.0 / (1.0 + f64::from(-l).exp()));
            let formula = if z > 0.0 { (u - (1.0 - p)) / p } else { u / (1.0 - p) };
            prop_assert!((f64::from(v.value()) - formula).abs() < 1e-4);
            let (mixed_up, _) = conditional::bit(z > 0.0, l, v.complement());
            prop_assert!((formula - 0.5).abs() < 0.01 || (mixed_up - z).abs() > allowed);
        }
    }

    #[test]
    fn tied_noise_of_classes(l in logits_of_classes(), u in uniforms()) {
        let x = Categoricals::<N>::new(&[l.len()], &l).unwrap();
        let log_p = x.log_probabilities();
        let z: Vec<f32> = log_p.iter().zip(&u).map(|(l, &u)| l + gumbel::quantile(u)).collect();
        let class = reduce::arg_max(&z).0;
        let mut v = vec![Uniform::from_word(0); z.len()];
        conditional::noise_of_class(class, log_p, &z, &mut v);
        let (mut same, mut jacobian_weight, mut from_z) = (z.clone(), z.clone(), z.clone());
        conditional::class(class, log_p, &v, &mut same, &mut jacobian_weight);
        conditional::slopes_of_class(class, &z, &mut from_z);
        prop_assert_eq!(reduce::arg_max(&same).0, class);
        for k in (0..z.len()).filter(|&k| l[k] != MASKED) {
            let allowed = 4e-6 * (1.0 + log_p[k].abs());
            prop_assert!((same[k] - z[k]).abs() <= allowed, "{} for {}", same[k], z[k]);
            prop_assert!((jacobian_weight[k] - from_z[k]).abs() <= allowed, "{} for {}", jacobian_weight[k], from_z[k]);
        }
    }

    /// Checks that tied estimates, computed from `z` alone, equal independent estimates made with the tied noise.
    #[test]
    fn tied_estimates(l in prop::collection::vec(-3.0_f32..3.0, 1..N), u in uniforms(), v in uniforms()) {
        let rebar = Rebar::new(tau(0.7), 0.8).unwrap();
        let close = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 2e-3 * (1.0 + b.abs()));
        let b = Bernoullis::<N>::new(&l).unwrap();
        let noise: Vec<Uniform> = l.iter().zip(&u).map(|(&l, u)| conditional::noise_of_bit(l, l + u.logit())).collect();
        let made = rebar.with_noise(&b, &u, &noise, &mut Quadratic).unwrap();
        let tied = rebar.coupled(Tied).with_noise(&b, &u, &v, &mut Quadratic).unwrap();
        prop_assert!(close(&made.gradient, &tied.gradient), "{:?} {:?}", made, tied);
        let x = Categoricals::<N>::new(&[l.len()], &l).unwrap();
        let (class, own) = x.perturb(&u);
        let mut noise = vec![Uniform::from_word(0); l.len()];
        conditional::noise_of_class(class[0], x.log_probabilities(), &own.z, &mut noise);
        let made = rebar.with_noise(&x, &u, &noise, &mut Quadratic).unwrap();
        let tied = rebar.coupled(Tied).with_noise(&x, &u, &v, &mut Quadratic).unwrap();
        prop_assert!(close(&made.gradient, &tied.gradient), "{:?} {:?}", made, tied);
    }

    /// Checks learned gradients. `g·g` is quadratic in η and in the surrogate's weights, so a central difference is
    /// exact.
    #[test]
    fn learned_gradients(l in prop::collection::vec(-2.0_f32..2.0, 2..6), u in uniforms(), v in uniforms()) {
        slopes_are_exact(&Bernoullis::<N>::new(&l).unwrap(), &u, &v);
        slopes_are_exact(&Categoricals::<N>::new(&[2, l.len() - 1], &[&l[..1], &l].concat()).unwrap(), &u, &v);
    }
}

/// A surrogate with fixed weights that records the gradient passed to it.
#[derive(Default)]
struct Recorder {
    weights: [f32; 2],
    told: [f32; 2],
}

impl Surrogate for Recorder {
    /// Computes `w_0 Σ z²/2 + w_1 z_0 z_1`.
    fn value_and_gradient(&self, z: &[f32], gradient: &mut [f32]) -> f32 {
        let [w, cross] = self.weights;
        z.iter().zip(&mut *gradient).for_each(|(z, g)| *g = w * z);
        gradient[0] += cross * z[1];
        gradient[1] += cross * z[0];
        w * 0.5 * z.iter().map(|z| z * z).sum::<f32>() + cross * z[0] * z[1]
    }
    fn learn(&mut self, influences: &[Influence<'_>]) {
        self.told = [0.0; 2];
        for Influence { z, by_value, by_slopes } in influences {
            self.told[0] += by_value * 0.5 * z.iter().map(|z| z * z).sum::<f32>();
            self.told[0] += z.iter().zip(*by_slopes).map(|(z, by)| z * by).sum::<f32>();
            self.told[1] += by_value * z[0] * z[1] + by_slopes[0] * z[1] + by_slopes[1] * z[0];
        }
    }
}

fn square<V: Variables<Lane = f32>>(estimate: &Estimate<V>) -> f64 {
    estimate.gradient.iter().map(|&g| f64::from(g).powi(2)).sum()
}

fn slopes_are_exact<V: Perturbed<Lane = f32>>(variables: &V, u: &[Uniform], v: &[Uniform])
where
    Quadratic: Cost<[V::Value]>,
{
    for coupling in COUPLINGS {
        let run = |weights: [f32; 2]| {
            let mut black_box = BlackBox { coupling, surrogate: Recorder { weights, told: [0.0; 2] } };
            let estimate = black_box.with_noise(variables, u, v, &mut Quadratic).unwrap();
            (square(&estimate), black_box.surrogate.told)
        };
        let close = |told: f32, [above, below]: [f64; 2]| {
            let difference = (above - below) / 2.0;
            let close = (f64::from(told) - difference).abs() < 1e-4 * (1.0 + above + below);
            assert!(close, "{coupling:?}: {told}, difference {difference}, squares {above}, {below}");
        };
        let (_, told) = run([0.3, -0.4]);
        close(told[0], [run([1.3, -0.4]).0, run([-0.7, -0.4]).0]);
        close(told[1], [run([0.3, 0.6]).0, run([0.3, -1.4]).0]);

        let rebar = |t, eta| Rebar::new(tau(t), eta).unwrap().coupled(coupling);
        let at = |t, eta| square(&rebar(t, eta).with_noise(variables, u, v, &mut Quadratic).unwrap());
        let tuned = TunedRebar::new(tau(0.8), 0.5, coupling, rate(0.01)).unwrap();
        let [by_eta, _] = tuned.variance_gradient(variables, u, v, &mut Quadratic).unwrap();
        close(by_eta, [at(0.8, 1.5), at(0.8, -0.5)]);
        // A fixed temperature has no gradient.
        let kept = tuned.keeping_temperature();
        assert_eq!(kept.variance_gradient(variables, u, v, &mut Quadratic).unwrap(), [by_eta, 0.0]);
    }
}

/// Checks that the error names a cost or a surrogate that is not finite, and that the learned state stays.
#[test]
fn errors_leave_what_was_learned() {
    type Outcome = Estimated<Bernoullis<N>>;
    let b = Bernoullis::<N>::new(&[0.5, -0.5]).unwrap();
    let rng = &mut stream::xorshift(2026, 0);
    // The bad number in the three cases: the value at samples, the value between samples, a slope between samples.
    for wrong in 0..3 {
        let bad = |y: &[f32], gradient: &mut [f32]| {
            let between = y.iter().any(|&y| y > 0.0 && y < 1.0);
            gradient.fill(if between && wrong == 2 { f32::NAN } else { 1.0 });
            if between == (wrong == 1) && wrong < 2 { f32::INFINITY } else { y.iter().sum() }
        };
        for coupling in COUPLINGS {
            let mut tuned = TunedRebar::new(tau(0.5), 1.0, coupling, rate(0.1)).unwrap();
            let mut relax = Relax { rebar: tuned, surrogate: Linear::<N>::tanh(rate(0.1)) };
            tuned.estimate(&b, &mut Quadratic, rng).unwrap();
            relax.estimate(&b, &mut Quadratic, rng).unwrap();
            let before = (tuned, relax);
            let cost = &mut FnWithGradient::<N, _>(bad);
            let refused = |outcome: Outcome| outcome.is_err_and(|e| e.sample.len() == 2 && !e.value.is_finite());
            assert!(refused(tuned.estimate(&b, cost, rng)) && refused(relax.estimate(&b, cost, rng)), "{wrong}");
            assert!(refused(Rebar::new(tau(0.5), 1.0).unwrap().coupled(coupling).estimate(&b, cost, rng)));
            assert_eq!(before, (tuned, relax));
            if wrong == 0 {
                let mut black_box = BlackBox { coupling, surrogate: relax.surrogate };
                assert!(refused(black_box.estimate(&b, cost, rng)));
                assert_eq!(black_box.surrogate, relax.surrogate);
            }
        }
    }
    let mut broken = BlackBox { coupling: Tied, surrogate: Recorder { weights: [f32::NAN; 2], told: [7.0; 2] } };
    assert!(broken.estimate(&b, &mut |_: &[f32]| 1.0, rng).is_err());
    assert_eq!(broken.surrogate.told, [7.0; 2]);
}

/// Checks that temperatures and weights that cannot be learned are refused.
#[test]
fn bad_settings_are_refused() {
    let new = |t: f32, eta: f32| TunedRebar::<f32>::new(tau(t), eta, Tied, rate(0.1)).unwrap_err();
    assert!(matches!(new(0.5, 1001.0), Error::OutOfRange { what: "weight of the control variate", .. }));
    assert!(matches!(new(0.5, f32::NAN), Error::OutOfRange { what: "weight of the control variate", .. }));
    assert!(matches!(new(5e-4, 1.0), Error::OutOfRange { what: "learned temperature", .. }));
    assert!(matches!(new(2e3, 1.0), Error::OutOfRange { what: "learned temperature", .. }));
}
