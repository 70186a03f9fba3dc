use std::sync::{Mutex, PoisonError};

use numpy::PyArrayDyn;
use pyo3::prelude::*;
use samplegrad_core::{Decay, EntropyBonus, LearningRate};
use samplegrad_learners::{Baseline, Settings};

use crate::{
    arguments::{real, unsigned},
    arrays::{Memory, value_error},
};

/// Learners that are linear-softmax policies. They learn online by REINFORCE (R. J. Williams, Machine Learning 8,
/// 1992). Each learner makes one step per reward. It has separate weights and a separate stream of random numbers. The
/// results of a learner are bit-for-bit equal to the results of the device with the same number.
///
/// Python threads that use the same learners wait for each other.
///
/// Parameters
/// ----------
/// features, actions : int
///     The numbers of features (at most 64) and of actions (at most 16) of each learner.
/// count : int
///     The number of learners.
/// seed, first : int
///     Learner ``i`` draws from stream number ``first + i`` of the seed.
/// rate : float
///     The learning rate, above 0 and at most 1000.
/// entropy_bonus : float
///     The weight of the entropy in the objective, from 0 to 1000.
/// model_rate : float, optional
///     The learning rate of a linear model that predicts the reward of every action. The model is a control variate for
///     the rewards. Its mean is added back, so that the gradient stays unbiased.
/// decay : float, optional
///     The weight of past rewards in a moving average of the rewards, from 0 to 1. This average is the baseline.
///     Exactly one of `model_rate` and `decay` must be given.
#[pyclass(frozen, module = "samplegrad")]
pub(crate) struct Learners {
    features: usize,
    actions: usize,
    count: usize,
    learners: Mutex<samplegrad_learners::Learners>,
}

impl Learners {
    /// Calls `work` with the learners, after releasing the interpreter's lock.
    fn with(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut samplegrad_learners::Learners) -> Result<(), samplegrad_learners::Error> + Send,
    ) -> PyResult<()> {
        // No panic can occur while the learners are in an inconsistent state. Therefore a poisoned lock is safe to use.
        py.detach(|| work(&mut self.learners.lock().unwrap_or_else(PoisonError::into_inner))).map_err(value_error)
    }
}

#[pymethods]
impl Learners {
    #[new]
    #[pyo3(
        signature = (
            features, actions, count, *, seed, rate, first=None, entropy_bonus=None, model_rate=None, decay=None
        ),
        text_signature = "(features, actions, count, *, seed, rate, first=0, entropy_bonus=0.0, model_rate=None, decay=None)"
    )]
    #[allow(clippy::too_many_arguments)]
    fn new(
        features: &Bound<'_, PyAny>,
        actions: &Bound<'_, PyAny>,
        count: &Bound<'_, PyAny>,
        seed: &Bound<'_, PyAny>,
        rate: &Bound<'_, PyAny>,
        first: Option<&Bound<'_, PyAny>>,
        entropy_bonus: Option<&Bound<'_, PyAny>>,
        model_rate: Option<&Bound<'_, PyAny>>,
        decay: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (features, actions) = (unsigned(features, "features")?, unsigned(actions, "actions")?);
        let (count, seed) = (unsigned(count, "count")?, unsigned(seed, "seed")?);
        let first = first.map_or(Ok(0), |first| unsigned(first, "first"))?;
        let rate = real(rate, "rate")?;
        let entropy_bonus = entropy_bonus.map_or(Ok(0.0), |bonus| real(bonus, "entropy_bonus"))?;
        let model_rate = model_rate.map(|rate| real(rate, "model_rate")).transpose()?;
        let decay = decay.map(|decay| real(decay, "decay")).transpose()?;
        let baseline = match (model_rate, decay) {
            (Some(rate), None) => Baseline::ActionModel(LearningRate::new(rate).map_err(value_error)?),
            (None, Some(decay)) => Baseline::MovingAverage(Decay::new(decay).map_err(value_error)?),
            _ => return Err(value_error("baseline: give one of model_rate and decay")),
        };
        let settings = Settings {
            features,
            actions,
            rate: LearningRate::new(rate).map_err(value_error)?,
            entropy_bonus: EntropyBonus::new(entropy_bonus).map_err(value_error)?,
            baseline,
        };
        let learners = samplegrad_learners::Learners::new(settings, count, seed, first).map_err(value_error)?;
        Ok(Self { features, actions, count, learners: Mutex::new(learners) })
    }

    /// Draws an action for each learner.
    ///
    /// Parameters
    /// ----------
    /// features : array of float32, shape (count, features)
    ///     The features, each at most 1e6 in magnitude.
    /// allowed : array of bool, shape (count, actions), optional
    ///     True for possible actions. By default, all actions are possible.
    /// out : array of uint32, shape (count,), optional
    ///
    /// Returns
    /// -------
    /// array of uint32, shape (count,)
    #[pyo3(signature = (features, *, allowed=None, out=None))]
    fn act<'py>(
        &self,
        py: Python<'py>,
        features: &Bound<'py, PyAny>,
        allowed: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArrayDyn<u32>>> {
        let mut memory = Memory::default();
        let features = memory.read_shape::<f32>(features, &[self.count, self.features], "features")?;
        let shape = [self.count, self.actions];
        let allowed = allowed.map(|allowed| memory.read_shape::<bool>(allowed, &shape, "allowed")).transpose()?;
        let allowed: Vec<u8> = match &allowed {
            Some(allowed) => allowed.slice()?.iter().map(|&allowed| allowed.into()).collect(),
            None => Vec::new(),
        };
        let mut out = memory.write(py, out, &[self.count], "out")?;
        let (seen, actions) = (features.slice()?, out.slice()?);
        self.with(py, |learners| learners.act(seen, &allowed, actions))?;
        Ok(out.done())
    }

    /// Makes one learning step of each learner for its last action.
    ///
    /// Parameters
    /// ----------
    /// rewards : array of float32, shape (count,)
    ///     The rewards, each from -1e6 to 1e6.
    fn learn(&self, py: Python<'_>, rewards: &Bound<'_, PyAny>) -> PyResult<()> {
        let rewards = Memory::default().read_shape::<f32>(rewards, &[self.count], "rewards")?;
        let rewards = rewards.slice()?;
        self.with(py, |learners| learners.learn(rewards))
    }

    /// Returns the parameters of a learner in two new arrays. The weights have the shape (features, actions), and the
    /// biases have the shape (actions,). The logit of an action is its bias plus the scalar product of the features and
    /// its weights.
    #[allow(clippy::type_complexity)]
    fn policy<'py>(
        &self,
        py: Python<'py>,
        number: &Bound<'py, PyAny>,
    ) -> PyResult<(Bound<'py, PyArrayDyn<f32>>, Bound<'py, PyArrayDyn<f32>>)> {
        let (number, mut memory) = (unsigned(number, "number")?, Memory::default());
        let mut weights = memory.write(py, None, &[self.features, self.actions], "weights")?;
        let mut bias = memory.write(py, None, &[self.actions], "bias")?;
        let (w, b) = (weights.slice()?, bias.slice()?);
        self.with(py, |learners| learners.policy(number, w, b))?;
        Ok((weights.done(), bias.done()))
    }

    fn __len__(&self) -> usize {
        self.count
    }

    fn __repr__(&self) -> String {
        format!("<{} learners of {} features and {} actions>", self.count, self.features, self.actions)
    }
}
