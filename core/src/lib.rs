//! Gradients of `E_{x ~ p_φ}[f(x)]` with respect to `φ`, through continuous and discrete samples, on microcontrollers.
//!
//! No heap, no `unsafe`, no panic, fixed capacity. Every result has the same bits on every core and in every SIMD lane
//! of the host crate, because each kernel is written once, over [`lane::Lane`].
//!
//! This example estimates the gradient of a cost of three bits from two calls of the cost:
//!
//! ```
//! use samplegrad_core::{Bernoullis, DisArm, estimator::Estimator, stream};
//!
//! let bits = Bernoullis::<3>::new(&[0.0, 1.0, -1.0])?;
//! let mut cost = |b: &[f32]| (b[0] + b[1] - b[2]) * b[0];
//! let estimate = DisArm.estimate(&bits, &mut cost, &mut stream::xorshift(2026, 0)).unwrap();
//! assert_eq!(estimate.gradient.len(), 3);                     // in the logits
//! # Ok::<(), samplegrad_core::Error>(())
//! ```
//!
//! # Estimators
//! [`estimator`] defines the common trait of all estimators and lists them. [`which_estimator`] compares the
//! estimators. [`device_costs`] gives the costs of operations on a device.
//!
//! | file | contents |
//! |---|---|
//! | [`score_function`] | the score-function estimator (REINFORCE, likelihood ratio) |
//! | [`moving_average`], [`optimal_baseline`], [`leave_one_out`], [`optimal_leave_one_out`], [`self_critical`], [`linear_critic`] | baselines of the score function |
//! | [`action_model`], [`muprop`], [`delta_method`], [`coefficient`] | control variates of the score function, whose mean is added back |
//! | [`arm`], [`disarm`], [`disarm_categorical`] | antithetic pairs of bits, and of classes |
//! | [`rebar`], [`rebar_tuned`], [`relax`], [`coupling`], [`surrogate`] | relaxations as control variates |
//! | [`unordered_set`], [`sum_and_sample`], [`vimco`] | several different samples; the multi-sample objective |
//! | [`enumeration`] | the exact sum over all values, and exact variances |
//! | [`pathwise`], [`measure_valued`] | continuous variables: with a gradient of the cost, and without one |
//! | [`concrete_relaxation`] | relaxed samples |
//! | [`plain_straight_through`], [`straight_through_gumbel`], [`decoupled_straight_through`], [`gumbel_rao`], [`gumbel_rao_limit`], [`gapped_straight_through`], [`reinmax`] | the straight-through family |
//! | [`cost`] | requirements on the cost function `f` |
//!
//! # Distributions
//!
//! | file | contents |
//! |---|---|
//! | [`variables`], [`Bernoullis`], [`Categoricals`], [`independent`], [`factorized`] | products of variables |
//! | [`bernoulli`], [`categorical`] | log-probability, entropy, score, KL |
//! | [`family`]: [`log_std_normal`], [`normal`], [`logistic`], [`laplace`], [`gumbel`], [`cauchy`], [`uniform_interval`], [`exponential`], [`weibull`], [`pareto`], [`log_normal`], [`kumaraswamy`] | reparameterized by their inverse distribution functions |
//! | [`gumbel_fit`] | extreme values: the Gumbel distribution fitted to block maxima, online |
//! | [`gamma`], [`beta`], [`dirichlet`], [`student_t`] | reparameterized implicitly |
//! | [`multivariate_normal`] | reparameterized by a Cholesky factor |
//!
//! # Samples and relaxations
//!
//! | file | contents |
//! |---|---|
//! | [`gumbel_max`], [`gumbel_top_k`], [`stochastic_beam`] | samples by the Gumbel-max trick; samples without replacement |
//! | [`inverse_cdf`], [`alias_table`], [`exponential_race`] | cheaper exact samples |
//! | [`gumbel_softmax`], [`relaxed_race`], [`straight_through`] | relaxed samples (Concrete) and hard ones with relaxed gradients |
//! | [`concrete`], [`binary_concrete`] | densities of relaxed samples |
//! | [`perturbed`], [`conditional`] | perturbed logits, and perturbed logits given the sample |
//! | [`schedule`] | temperature schedules |
//!
//! # On the device, and underneath
//!
//! | file | contents |
//! |---|---|
//! | [`softmax_policy`], [`reinforce`] | a policy that keeps learning on the device |
//! | [`which_policy`] | the guide, with figures of four control tasks |
//! | [`Network`]: [`Dense`], [`Hidden`]; [`Activation`]: [`LayerNorm`], [`LeakyRelu`], [`Tanh`] | networks, composed by types |
//! | [`NetworkPolicy`], [`LinearPolicy`]; [`Head`]: [`SoftmaxHead`], [`BernoulliHead`], [`GaussianHead`], [`SquashedGaussianHead`], [`BetaHead`] | policies with one discrete action, with bits, with real numbers, with bounded numbers |
//! | [`TraceReinforce`], [`EpisodicReinforce`], [`ActorCritic`] | learners from episodes, in constant memory |
//! | [`StreamingActorCritic`]; [`Standardizer`], [`RewardScale`] | a learner of networks that needs no tuning, and its statistics |
//! | [`Ppo`], [`Passes`], [`ClipRange`] | proximal policy optimization over a rollout of fixed capacity |
//! | [`Optimizer`]: [`Sgd`], [`Momentum`], [`Adam`], [`ObGd`]; [`discounted_returns`] | optimizers; returns of recorded rewards |
//! | [`baseline`] | baselines of learners: [`Constant`], [`MovingAverage`], [`LinearCritic`], [`ActionModel`] |
//! | [`noise`], [`stream`], [`source`] | random numbers and independent streams |
//! | [`lane`], [`elementary`], [`special`], [`reduce`], [`linear`], [`softmax`], [`check`] | the underlying arithmetic |
//!
//! # Without a floating-point unit
//!
//! | file | contents |
//! |---|---|
//! | [`integer`] | logits to base 2, samplers, a policy that learns, all in integers |
//!
//! # What is checked, and when
//! Constructors check numbers ([`Logits`], [`Temperature`], [`Reward`], [`Features`] ...) and return an [`Error`] that
//! names the input and the position. After construction, no operation can fail: no result is checked twice, and finite
//! input gives finite output. Functions on plain slices require checked data; the lanes of the host call them with such
//! data. These functions never panic, but they do not check for non-finite numbers.
//!
//! # Features
//! `defmt`: `defmt::Format` on every public type. `serde`: `Serialize` and `Deserialize` on every learner, its
//! components and its settings. Deserialization rejects the values that constructors reject. The crate
//! `samplegrad-snapshot` keeps learners in flash.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Folders group the source by layer, from arithmetic to learners. Public names do not contain the folders.
mod arithmetic;
mod bits;
pub mod check;
mod distributions;
mod error;
mod estimators;
mod fixed_vec;
pub mod integer;
mod limits;
mod networks;
pub mod noise;
mod optimizers;
mod policies;
mod relaxations;
mod samplers;
mod settings;
mod stored;

pub mod device_costs;
pub mod which_estimator;
pub mod which_policy;

/// Vectors of fixed capacity, the type of results.
pub use heapless;
/// The traits of random generators, in the version that this crate uses.
pub use rand_core;
/// The generator of [`stream`].
pub use rand_xorshift;

pub use bits::BITS;
pub use error::Error;

pub use arithmetic::{elementary, lane, largest_sum, linear, reduce, softmax, special};
pub use noise::{
    source::{self, Source},
    stream,
};
pub use settings::{
    features::Features,
    learning::{Decay, EntropyBonus, LearningRate, MaxNorm, Overshoot},
    logits::{self, Logits},
    memory::Memory,
    observation::Observation,
    reward::Reward,
    schedule::{self, Schedule},
    temperature::Temperature,
};

pub use distributions::{
    bernoulli::{self, Bernoulli},
    bernoullis::Bernoullis,
    beta::{self, Beta},
    categorical::{self, Categorical},
    categoricals::Categoricals,
    cauchy::{self, Cauchy},
    dirichlet::{self, Dirichlet},
    exponential::{self, Exponential},
    factorized, family,
    gamma::{self, Gamma},
    gumbel::{self, Gumbel},
    gumbel_fit::{self, GumbelFit},
    independent::{self, Independent},
    kumaraswamy::{self, Kumaraswamy},
    laplace::{self, Laplace},
    location_scale,
    log_normal::{self, LogNormal},
    log_std_normal::{self, LogStdNormal},
    logistic::{self, Logistic},
    multivariate_normal::{self, MultivariateNormal},
    normal::{self, Normal},
    pareto::{self, Pareto},
    standard_gamma,
    student_t::{self, StudentT},
    uniform_interval::{self, UniformInterval},
    variables,
    weibull::{self, Weibull},
};
pub use relaxations::{
    binary_concrete::{self, BinaryConcrete},
    concrete::{self, Concrete},
    conditional,
    gumbel_softmax::{self, GumbelSoftmax},
    perturbed, relaxed_race,
    straight_through::{self, StraightThrough},
};
pub use samplers::{
    alias_table::{self, AliasTable},
    exponential_race::{self, ExponentialRace},
    gumbel_max, gumbel_top_k,
    inverse_cdf::{self, Cdf},
};

pub use estimators::{
    antithetic::*,
    baselines::*,
    continuous::*,
    control_variates::*,
    cost,
    enumeration::{self, Enumeration},
    estimator, register,
    relaxed_control_variates::*,
    score_function::{self, ScoreFunction},
    several_samples::*,
    straight_through::*,
};

pub use networks::{
    activation::{Activated, Activation, Elementwise, LeakyRelu, Tanh},
    block::Block,
    dense::Dense,
    hidden::Hidden,
    layer_norm::LayerNorm,
    network::{Network, ValueFunction},
};
pub use optimizers::{adam::Adam, momentum::Momentum, obgd::ObGd, optimizer::Optimizer, sgd::Sgd};
pub use policies::{
    actor_critic::ActorCritic,
    bernoulli_head::{BernoulliHead, BitMask},
    beta_head::{BetaActions, BetaHead},
    discounted_returns,
    episodic_reinforce::EpisodicReinforce,
    gaussian_head::{GaussianActions, GaussianHead},
    head::Head,
    network_policy::{
        BernoulliPolicy, CategoricalPolicy, Choice, ChoiceOf, GaussianPolicy, LinearPolicy, NetworkPolicy,
    },
    policy::Policy,
    ppo::{ClipRange, Passes, Ppo},
    reinforce::{self, Decision, Reinforce},
    return_baseline::{AverageReturn, ReturnBaseline, ReturnCritic},
    running_statistics::{RewardScale, Standardizer},
    softmax_head::SoftmaxHead,
    softmax_policy::{self, ActionMask, SoftmaxPolicy},
    squashed_gaussian_head::SquashedGaussianHead,
    steering::{Discount, Ending, Steering, StepWeight, TraceDecay},
    streaming_actor_critic::{StreamingActorCritic, StreamingSettings},
    trace_reinforce::TraceReinforce,
};
