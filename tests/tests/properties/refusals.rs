//! Bad input to the core. Each constructor refuses the bad input with an error that names the quantity and the index,
//! accepts a neighbouring valid input, and leaves existing values unchanged.

use samplegrad_core::{
    ActionMask, Bernoulli, BinaryConcrete, Categorical, Concrete, Constant, Decay, Decision, EntropyBonus, Error,
    Features, Gumbel, GumbelSoftmax, LearningRate, LogStdNormal, Logits, Rebar, Reinforce, Reward, Schedule,
    SoftmaxPolicy, Temperature, exponential::Exponential, gumbel_max, kumaraswamy::Kumaraswamy, lane::Lane,
    leave_one_out, log_normal::LogNormal, noise::Uniform, pareto::Pareto, score_function, self_critical,
    uniform_interval::UniformInterval, weibull::Weibull,
};
use samplegrad_host::F32x4;

const NAN: f32 = f32::NAN;
const INFINITY: f32 = f32::INFINITY;
const MASKED: f32 = f32::NEG_INFINITY;

fn logits(l: &[f32]) -> Result<Logits<4>, Error> {
    Logits::new(l)
}

/// Checks the error of a refusal: its text must begin with the name of the refused quantity.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, expected: Error) {
    let error = result.unwrap_err();
    // Values may be NaN, which equals nothing.
    assert_eq!(format!("{error:?}"), format!("{expected:?}"));
    let what = match error {
        Error::Empty { what }
        | Error::Capacity { what, .. }
        | Error::Length { what, .. }
        | Error::NotANumber { what, .. }
        | Error::Infinite { what, .. }
        | Error::PositiveInfinity { what, .. }
        | Error::AllMasked { what }
        | Error::OutOfRange { what, .. }
        | Error::NoSuchIndex { what, .. } => what,
        other => panic!("no test knows {other:?}"),
    };
    assert!(error.to_string().starts_with(what), "`{error}` does not begin with `{what}`");
}

#[test]
fn logits_are_checked() {
    let what = "logits";
    refused(logits(&[]), Error::Empty { what });
    refused(logits(&[0.0; 5]), Error::Capacity { what, len: 5, capacity: 4 });
    refused(logits(&[0.0, 1.0, NAN]), Error::NotANumber { what, index: 2 });
    refused(logits(&[0.0, INFINITY]), Error::PositiveInfinity { what, index: 1 });
    let error = logits(&[0.0, INFINITY]).unwrap_err().to_string();
    assert_eq!(error, "logits[1]: +∞, it must be finite, or −∞ for a masked class");
    refused(logits(&[MASKED; 4]), Error::AllMasked { what });
    assert!(logits(&[0.0; 4]).is_ok() && logits(&[MASKED, f32::MAX, f32::MIN]).is_ok());
}

#[test]
fn every_lane_is_checked() {
    let only = |lane: usize, x: f32| F32x4::from_fn(|i| if i == lane { x } else { 0.0 });
    for lane in 0..4 {
        let nan = Logits::<2, F32x4>::new(&[F32x4::ZERO, only(lane, NAN)]);
        refused(nan, Error::NotANumber { what: "logits", index: 1 });
        refused(Logits::<2, F32x4>::new(&[only(lane, MASKED)]), Error::AllMasked { what: "logits" });
        let far = Error::OutOfRange { what: "reward", value: 2e6, requirement: "from -1e6 to 1e6" };
        refused(Reward::new(only(lane, 2e6)), far);
        let infinite = Error::OutOfRange { what: "logit", value: INFINITY, requirement: "finite" };
        refused(Bernoulli::new(only(lane, INFINITY)), infinite);
    }
}

#[test]
fn numbers_are_checked() {
    macro_rules! range {
        ($what:literal, $requirement:literal, $new:expr, no $bad:expr, yes $good:expr) => {
            for value in $bad {
                refused($new(value), Error::OutOfRange { what: $what, value, requirement: $requirement });
            }
            for value in $good {
                assert!($new(value).is_ok(), "{} refuses {value}", $what);
            }
        };
    }
    range!("temperature", "from 1e-10 to 1e10", Temperature::new,
        no [0.0, -0.0, -1.0, NAN, INFINITY, MASKED, 9e-11, 1.1e10], yes [1e-10, 1e-3, 1.0, 1e3, 1e10]);
    range!("learning rate", "above 0 and at most 1000", LearningRate::new,
        no [0.0, -1.0, NAN, INFINITY, 1000.1], yes [f32::MIN_POSITIVE, 1000.0]);
    range!("decay", "from 0 to 1", Decay::new, no [-0.1, 1.1, NAN, INFINITY], yes [0.0, 1.0]);
    range!("entropy bonus", "from 0 to 1000", EntropyBonus::new, no [-0.1, 1000.1, NAN, INFINITY], yes [0.0, 1000.0]);
    range!("reward", "from -1e6 to 1e6", Reward::<f32>::new,
        no [NAN, INFINITY, MASKED, 1.1e6, -1.1e6], yes [-1e6, 0.0, 1e6]);
    range!("uniform", "above 0 and below 1", Uniform::<f32>::new,
        no [0.0, 1.0, -0.5, NAN, INFINITY], yes [f32::MIN_POSITIVE, 0.5, 1.0 - f32::EPSILON / 2.0]);
    range!("logit", "finite", Bernoulli::<f32>::new, no [NAN, INFINITY, MASKED], yes [f32::MIN, 0.0, f32::MAX]);
    range!("logit", "finite", |l: f32| BinaryConcrete::new(l, Temperature::ONE), no [NAN, INFINITY], yes [-1e4, 1e4]);
    range!("mean", "finite", |mean: f32| LogStdNormal::new(mean, 0.0), no [NAN, INFINITY, MASKED], yes [f32::MIN, 1.0]);
    range!("log standard deviation", "from -40 to 40", |s: f32| LogStdNormal::new(0.0, s),
        no [NAN, INFINITY, 40.1, -40.1], yes [-40.0, 40.0]);
    range!("location", "from -1e6 to 1e6", |x: f32| Gumbel::new(x, 1.0), no [NAN, INFINITY, 1.1e6], yes [-1e6, 0.0]);
    range!("scale", "from 1e-6 to 1e6", |x: f32| Gumbel::new(0.0, x), no [0.0, -1.0, NAN, INFINITY, 1.1e6], yes [1e-6, 1e6]);
    range!("low", "from -1e6 to 1e6", |x: f32| UniformInterval::new(x, 1e6), no [NAN, MASKED, -1.1e6], yes [-1e6, 0.0]);
    range!("high", "from -1e6 to 1e6", |x: f32| UniformInterval::new(0.0, x), no [NAN, INFINITY, 1.1e6], yes [0.5, 1e6]);
    range!("width", "at least 1e-6", |w: f32| UniformInterval::new(0.0, w), no [-1.0, 0.0], yes [1e-6, 1.0]);
    range!("rate", "from 1e-6 to 1e6", |x: f32| Exponential::new(x), no [0.0, NAN, INFINITY, 1.1e6], yes [1e-6, 1e6]);
    range!("scale", "from 1e-6 to 1e6", |x: f32| Weibull::new(x, 1.0), no [0.0, NAN, INFINITY], yes [1e-6, 1e6]);
    range!("shape", "from 0.25 to 100", |x: f32| Weibull::new(1.0, x), no [0.0, NAN, INFINITY, 101.0], yes [0.25, 100.0]);
    range!("scale", "from 1e-6 to 1e6", |x: f32| Pareto::new(x, 1.0), no [0.0, NAN, INFINITY], yes [1e-6, 1e6]);
    range!("shape", "from 0.5 to 1000", |x: f32| Pareto::new(1.0, x), no [0.0, NAN, INFINITY, 1e4], yes [0.5, 1000.0]);
    range!("location", "from -40 to 40", |x: f32| LogNormal::new(x, 1.0), no [NAN, MASKED, 41.0], yes [-40.0, 40.0]);
    range!("scale", "from 1e-6 to 6", |x: f32| LogNormal::new(0.0, x), no [0.0, NAN, INFINITY, 6.1], yes [1e-6, 6.0]);
    range!("shape a", "from 0.25 to 100", |x: f32| Kumaraswamy::new(x, 1.0), no [0.0, NAN, INFINITY], yes [0.25, 100.0]);
    range!("shape b", "from 0.25 to 100", |x: f32| Kumaraswamy::new(1.0, x), no [0.0, NAN, INFINITY], yes [0.25, 100.0]);
    range!("weight of the control variate", "from -1000 to 1000", |eta: f32| Rebar::new(Temperature::ONE, eta),
        no [NAN, INFINITY, 1000.1], yes [-1000.0, 0.0]);
    let point = |y: f32| BinaryConcrete::new(0.0, Temperature::ONE)?.log_density(y);
    range!("point", "above 0 and below 1", point, no [0.0, 1.0, NAN, -0.1, INFINITY], yes [f32::MIN_POSITIVE, 0.9]);
    let rate = |rate: f32| Schedule::exponential(Temperature::ONE, Temperature::ONE, rate);
    range!("schedule rate", "from 0 to 1000", rate, no [-0.1, NAN, INFINITY, 1000.1], yes [0.0, 1000.0]);
    let one = Temperature::ONE;
    refused(Schedule::linear(one, one, 0), Error::Empty { what: "schedule steps" });
    refused(Schedule::cosine(one, one, 0), Error::Empty { what: "schedule steps" });
}

#[test]
fn lengths_and_places_are_checked() {
    let l = logits(&[0.0, 1.0, MASKED]).unwrap();
    let (tau, p) = (Temperature::ONE, Categorical::new(&l));
    let length = |what, found| Error::Length { what, expected: 3, found };
    refused(GumbelSoftmax::with_noise(&l, tau, &[0.0; 2]), length("noise", 2));
    refused(GumbelSoftmax::with_noise(&l, tau, &[0.0, NAN, 0.0]), Error::NotANumber { what: "noise", index: 1 });
    refused(GumbelSoftmax::with_noise(&l, tau, &[0.0, 0.0, INFINITY]), Error::Infinite { what: "noise", index: 2 });
    refused(gumbel_max::with_noise(&l, &[0.0; 4]), length("noise", 4));
    let y = GumbelSoftmax::with_noise(&l, tau, &[0.0; 3]).unwrap();
    refused(y.vjp(&[0.0; 4]), length("cotangent", 4));
    refused(y.vjp_temperature(&[]), length("cotangent", 0));

    let law = Concrete::new(&l, tau);
    let outside = |value| Error::OutOfRange { what: "point", value, requirement: "above 0 and finite" };
    refused(law.log_density(&[0.5, 0.5]), length("point", 2));
    refused(law.log_density(&[0.0, 1.0, 0.0]), outside(0.0));
    refused(law.log_density_gradient(&[0.5, NAN, 0.0]), outside(NAN));
    refused(law.log_density_exp(&[0.0, NAN, 0.0]), Error::NotANumber { what: "point", index: 1 });
    refused(law.log_density_exp_gradient(&[0.0, MASKED, MASKED]), Error::Infinite { what: "point", index: 1 });
    refused(law.log_density_exp_gradient(&[0.0, 0.0, INFINITY]), Error::Infinite { what: "point", index: 2 });
    refused(law.log_density_exp(&[0.0, 0.0, NAN]), Error::NotANumber { what: "point", index: 2 });
    // Class 2 is masked: its coordinate is 0, and the logarithm of the coordinate is −∞.
    let x = [-0.25_f32, -1.5];
    let [masked, any] = [MASKED, 0.5].map(|of_masked| law.log_density_exp(&[x[0], x[1], of_masked]).unwrap());
    assert_eq!(masked, any);
    let [masked, any] = [MASKED, 0.5].map(|of_masked| law.log_density_exp_gradient(&[x[0], x[1], of_masked]).unwrap());
    assert_eq!(masked, any);
    assert_eq!(masked.point[2], 0.0);

    let no_class = Error::NoSuchIndex { what: "class", index: 3, len: 3 };
    refused(p.score(3), no_class);
    refused(score_function::estimate(&p, &[0, 3], &[0.0; 2]), no_class);
    refused(score_function::estimate(&p, &[], &[]), Error::Empty { what: "samples" });
    let one_short = Error::Length { what: "advantages", expected: 2, found: 1 };
    refused(score_function::estimate(&p, &[0, 1], &[0.0]), one_short);
    refused(leave_one_out::advantages(&[0.0; 2], &mut [0.0]), one_short);
    refused(self_critical::advantages(&[0.0; 2], 0.0, &mut [0.0]), one_short);
    refused(leave_one_out::advantages(&[0.0], &mut [0.0]), Error::Empty { what: "other samples" });
    let other = Categorical::new(&logits(&[0.0; 2]).unwrap());
    refused(p.kl(&other), length("other distribution", 2));
    refused(p.kl_gradients(&other), length("other distribution", 2));
    refused(Decision::new(3, p), no_class);
}

#[test]
fn bad_input_leaves_a_policy_alone() {
    let policy = SoftmaxPolicy::from_weights([[0.5, -0.5]; 2], [0.25, 0.0]).unwrap();
    let constant = Constant::new(Reward::new(0.0_f32).unwrap());
    let bonus = EntropyBonus::new(0.1).unwrap();
    let learner = Reinforce::<2, 2, _>::with_policy(policy, constant, LearningRate::new(0.5).unwrap(), bonus);
    let before = learner;

    refused(Features::new([0.0, NAN]), Error::NotANumber { what: "features", index: 1 });
    refused(Features::new([MASKED, 0.0]), Error::Infinite { what: "features", index: 0 });
    let far = Error::OutOfRange { what: "features", value: 1.1e6, requirement: "from -1e6 to 1e6" };
    refused(Features::new([0.0, 1.1e6]), far);
    refused(ActionMask::<2>::new([false; 2]), Error::AllMasked { what: "action mask" });
    let x = Features::new([1.0, -1.0]).unwrap();
    let distribution = learner.policy().distribution(&x, &ActionMask::all());
    refused(Decision::new(2, distribution), Error::NoSuchIndex { what: "class", index: 2, len: 2 });
    refused(
        SoftmaxPolicy::from_weights([[0.0, 0.0], [0.0, NAN]], [0.0; 2]),
        Error::NotANumber { what: "weights", index: 1 },
    );
    refused(SoftmaxPolicy::from_weights([[0.0; 2]; 2], [0.0, INFINITY]), Error::Infinite { what: "bias", index: 1 });

    let bits = |learner: &Reinforce<2, 2, Constant>| {
        let (weights, bias) = (learner.policy().weights(), learner.policy().bias());
        (weights.map(|row| row.map(f32::to_bits)), bias.map(f32::to_bits))
    };
    assert_eq!(bits(&learner), bits(&before));
}
