//! Baselines and control variates at their limits: costs that are not finite, masked classes, large numbers.

use crate::exact::{BITS, N, bits, smooth};
use samplegrad_core::{
    Bernoullis, Categoricals, Decay, Features, LearningRate, LinearCritic, LogStdNormal, MovingAverage,
    action_model::PerAction,
    coefficient::Coefficient,
    cost::{Cost, DifferentiableCost, FnWithHessianDiagonal, TwiceDifferentiableCost},
    delta_method::{DeltaMethod, SecondOrder},
    estimator::Estimator,
    independent::Independent,
    leave_one_out::LeaveOneOut,
    linear_critic::Critic,
    muprop::MuProp,
    optimal_baseline::{OptimalBaseline, OptimalBaselines},
    optimal_leave_one_out::OptimalLeaveOneOut,
    reduce,
    score_function::ScoreFunction,
    self_critical::SelfCritical,
    stream,
};

fn decay(rho: f32) -> Decay {
    Decay::new(rho).expect("a share")
}

fn rate(eta: f32) -> LearningRate {
    LearningRate::new(eta).expect("a rate")
}

/// Checks that a cost that is not finite leaves the learned state unchanged, bit for bit, and that the error names the
/// sample. The value at the sample, a slope or a curvature may be the number that is not finite.
#[test]
fn bad_costs_teach_nothing() {
    let (b, rng) = (bits::<f32>(), &mut stream::xorshift(3, 3));
    let f = &mut FnWithHessianDiagonal::<N, _>(smooth::<f32>);
    for place in 0..3 {
        // Not finite where the first bit is 1; its derivatives are not finite at any point.
        let bad = &mut FnWithHessianDiagonal::<N, _>(|y: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
            let value = smooth(y, slope, curvature);
            match place {
                0 if y[0] == 1.0 => f32::NAN,
                1 => {
                    slope[2] = f32::INFINITY;
                    value
                }
                2 => {
                    curvature[4] = f32::NAN;
                    value
                }
                _ => value,
            }
        });
        macro_rules! unmoved {
            ($estimator:expr, $asked:expr) => {
                let mut estimator = $estimator;
                for _ in 0..20 {
                    estimator.estimate(&b, f, rng).expect("finite costs");
                }
                let mut refused = 0;
                for _ in 0..64 {
                    let before = estimator;
                    if let Err(error) = estimator.estimate(&b, bad, rng) {
                        assert!(!error.value.is_finite() && error.sample.len() == BITS.len());
                        assert!(place > 0 || error.sample[0] == 1.0);
                        assert_eq!(format!("{before:?}"), format!("{estimator:?}"));
                        refused += 1;
                    }
                }
                assert_eq!(refused > 10, place == 0 || place <= $asked, "place {place}: {refused}");
            };
        }
        let share = decay(0.9);
        let (average, optimal) = (MovingAverage::<f32>::new(share), OptimalBaseline::<f32>::new(share));
        let coefficient = Coefficient::<f32>::tuned(0.5, share).expect("in range");
        let critic = LinearCritic::<1, f32>::new(rate(0.1));
        let features = Features::new([0.5]).expect("a feature");
        unmoved!(ScoreFunction { baseline: average }, 0);
        unmoved!(ScoreFunction { baseline: optimal }, 0);
        unmoved!(ScoreFunction { baseline: OptimalBaselines::<N, f32>::new(share) }, 0);
        unmoved!(ScoreFunction { baseline: Critic { critic, features } }, 0);
        unmoved!(PerAction::<1, N, f32>::new(rate(0.1), features), 0);
        unmoved!(MuProp { baseline: average }, 1);
        unmoved!(DeltaMethod { coefficient, baseline: optimal }, 1);
        unmoved!(SecondOrder { coefficient, baseline: average }, 2);
    }
    // The mode has a 1 in the second place. The self-critical estimator evaluates the cost at the mode too, and the
    // error names the mode.
    let mut bad = |y: &[f32]| if y == [0.0, 1.0, 0.0, 1.0, 0.0] { f32::NAN } else { 0.0 };
    let error = SelfCritical.estimate(&b, &mut bad, rng).unwrap_err();
    assert_eq!(error.sample, [0.0, 1.0, 0.0, 1.0, 0.0]);
}

/// Checks that finite input gives finite output, that a masked class has no gradient, and that its cost is never
/// evaluated.
#[test]
fn extremes() {
    let rng = &mut stream::xorshift(6, 6);
    for scale in [1.0, 1e4, 0.0] {
        for size in [1.0, 1e12, -1e25] {
            let (l, inf) = (|x: f32| x * scale, f32::NEG_INFINITY);
            let x =
                Categoricals::<N>::new(&[1, 3, 4], &[l(1.0), l(-1.0), inf, l(1.0), inf, l(-1.0), l(0.5), inf]).unwrap();
            let f = &mut OfThree(size);
            macro_rules! finite {
                ($variables:expr, $cost:expr, $masked:expr; $($estimator:expr),* $(,)?) => {$(
                    let mut estimator = $estimator;
                    for _ in 0..200 {
                        let estimate = estimator.estimate($variables, $cost, rng).expect("finite costs");
                        assert!(estimate.mean.is_finite() && estimate.gradient.iter().all(|g| g.is_finite()), "{estimate:?}");
                        $masked.iter().for_each(|&k: &usize| assert_eq!(estimate.gradient[k], 0.0));
                    }
                )*};
            }
            let (share, features) = (decay(1.0), Features::new([1e6, -1e6]).expect("large features"));
            let (average, optimal) = (MovingAverage::<f32>::new(share), OptimalBaseline::<f32>::new(share));
            let coefficient = Coefficient::<f32>::tuned(0.5, share).expect("in range");
            let critic = LinearCritic::<2, f32>::new(rate(1000.0));
            finite!(&x, f, [2, 4, 7];
                ScoreFunction { baseline: average },
                ScoreFunction { baseline: optimal },
                ScoreFunction { baseline: OptimalBaselines::<N, f32>::new(decay(0.0)) },
                ScoreFunction { baseline: Critic { critic, features } },
                PerAction::<2, N, f32>::new(rate(1000.0), features),
                PerAction::<0, N, f32>::new(rate(1e-3), Features::new([]).expect("none")),
                MuProp { baseline: optimal },
                DeltaMethod { coefficient, baseline: average },
                SecondOrder { coefficient, baseline: optimal },
                SelfCritical,
                LeaveOneOut::<3>,
                OptimalLeaveOneOut::<3> { per_coordinate: false },
                OptimalLeaveOneOut::<3> { per_coordinate: true },
            );
            let b = Bernoullis::<N>::new(&[scale, -scale, 0.5 * scale, 0.0, -scale]).expect("finite logits");
            let f = &mut FnWithHessianDiagonal::<N, _>(|y: &[f32], slope: &mut [f32], curvature: &mut [f32]| {
                let value = smooth(y, slope, curvature) * size;
                slope.iter_mut().chain(curvature).for_each(|d| *d *= size);
                value
            });
            finite!(&b, f, [];
                ScoreFunction { baseline: OptimalBaselines::<2, f32>::new(share) },
                PerAction::<2, N, f32>::new(rate(1000.0), features),
                MuProp { baseline: average },
                DeltaMethod { coefficient, baseline: optimal },
                SecondOrder { coefficient, baseline: optimal },
                SelfCritical,
                OptimalLeaveOneOut::<2> { per_coordinate: true },
            );
        }
    }
}

/// A table of costs times a number; the cost of a masked class must not be evaluated.
struct OfThree(f32);

impl Cost<[u32]> for OfThree {
    fn value(&mut self, x: &[u32]) -> f32 {
        assert!(x[0] == 0 && x[1] != 1 && x[2] != 0 && x[2] != 3, "a masked class was drawn: {x:?}");
        self.0 * (x[1] as f32 + 0.5 * x[2] as f32 - 1.0)
    }
}

impl DifferentiableCost for OfThree {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        self.expand(y, gradient, &mut [0.0; N])
    }
}

impl TwiceDifferentiableCost for OfThree {
    fn expand(&mut self, y: &[f32], slope: &mut [f32], curvature: &mut [f32]) -> f32 {
        let w = [0.0, 0.0, 1.0, 2.0, 0.0, 0.5, 1.0, 1.5].map(|w| w * self.0);
        slope.copy_from_slice(&w);
        curvature.copy_from_slice(&w);
        reduce::dot(y, &w) - self.0
    }
}

/// Checks the mode: ties select the first value, a masked class is never the mode, the mode of normal variables is the
/// mean.
#[test]
fn modes() {
    use samplegrad_core::variables::Modal;
    let inf = f32::NEG_INFINITY;
    let x = Categoricals::<N>::new(&[1, 3, 4], &[-9.0, inf, 2.0, 2.0, 1e4, inf, -1e4, 1e4]).unwrap();
    assert_eq!(x.mode(), [0, 1, 0]);
    assert_eq!(Bernoullis::<N>::new(&[0.0, 1e-30, -1e-30, 1e4]).unwrap().mode(), [0.0, 1.0, 0.0, 1.0]);
    let x =
        Independent::<_, N>::new(&[LogStdNormal::new(1.5_f32, 3.0).unwrap(), LogStdNormal::new(-2.0, 0.0).unwrap()])
            .unwrap();
    assert_eq!(x.mode(), [1.5, -2.0]);
}

/// Checks that bad weights are refused by their constructors.
#[test]
fn bad_weights_are_refused() {
    use samplegrad_core::Error;
    for value in [1000.5, -1e9, f32::INFINITY] {
        let error =
            Error::OutOfRange { what: "weight of the control variate", value, requirement: "from -1000 to 1000" };
        assert_eq!(Coefficient::<f32>::fixed(value), Err(error));
        assert_eq!(Coefficient::<f32>::tuned(value, decay(0.5)), Err(error));
    }
    assert!(Coefficient::<f32>::fixed(f32::NAN).is_err());
}
