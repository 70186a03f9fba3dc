//! A training: its settings, its state, one step, and its evaluation.

use anyhow::{Context, Result, ensure};
use burn::{
    optim::{Adam, AdamConfig, AdamState, Optimizer},
    tensor::{Device, Tensor, TensorData},
};
use rand_core::Rng;
use samplegrad_burn::{Samples, Variables, entropy, log_prob};
use samplegrad_core::{Schedule, stream};
use samplegrad_host::Streams;

use super::{EstimatorKind, Images, Latents, model::Model};

/// The settings of a training.
#[derive(Clone, Debug)]
pub struct Settings {
    pub latents: Latents,
    pub estimator: EstimatorKind,
    pub schedule: Schedule,
    /// Widths of the hidden layers of the encoder.
    pub hidden: Vec<usize>,
    pub batch: usize,
    pub steps: usize,
    pub learning_rate: f64,
    pub seed: u64,
}

/// A training in progress.
pub struct Training<'a> {
    pub(super) settings: Settings,
    pub(super) images: &'a Images,
    pub(super) model: Model,
    pub(super) optimizer: Vec<Option<AdamState<2>>>,
    pub(super) streams: Streams,
    pub(super) step: usize,
    /// The moving average of the cost; `None` before the first step.
    pub(super) baseline: Option<f32>,
    /// The bound on the held-out pictures after each epoch.
    pub(super) curve: Vec<f32>,
    adam: Adam,
    order: Vec<usize>,
}

/// The number of the first stream that draws picture orders. It is above the numbers of all streams that draw latent
/// variables.
const ORDER: u64 = 1 << 40;
/// The number added to a seed to draw the initial weights.
const INITIAL: u64 = 0x9e37_79b9_7f4a_7c15;
const EVALUATION: u64 = 0xd1b5_4a32_d192_ed03;

impl<'a> Training<'a> {
    /// Creates a training at its first step.
    pub fn new(settings: Settings, images: &'a Images) -> Result<Self> {
        ensure!(settings.estimator.is_for(settings.latents), "{} is for bits alone", settings.estimator);
        ensure!(
            (1..=images.count()).contains(&settings.batch),
            "a batch of {} pictures: there are 1 to {}",
            settings.batch,
            images.count()
        );
        let seed = settings.seed.wrapping_add(INITIAL);
        let model = Model::new(&images.log_odds(), settings.latents.columns(), &settings.hidden, seed)?;
        let streams = Streams::new(settings.seed, settings.batch * settings.latents.count())?;
        Ok(Self::at(settings, images, model, streams))
    }

    /// Creates a training with a given model and streams, otherwise in the state of the first step.
    pub(super) fn at(settings: Settings, images: &'a Images, model: Model, streams: Streams) -> Self {
        let optimizer = model.parameters.iter().map(|_| None).collect();
        let adam = AdamConfig::new().with_epsilon(1e-8).build();
        Self {
            settings,
            images,
            model,
            optimizer,
            streams,
            step: 0,
            baseline: None,
            curve: vec![],
            adam,
            order: vec![],
        }
    }

    /// Returns the number of steps of an epoch. Pictures that do not fill a batch are left out. Each epoch leaves out
    /// different pictures.
    pub fn epoch(&self) -> usize {
        self.images.count() / self.settings.batch
    }

    pub fn step_number(&self) -> usize {
        self.step
    }

    pub fn is_done(&self) -> bool {
        self.step >= self.settings.steps
    }

    pub fn curve(&self) -> &[f32] {
        &self.curve
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Makes one step of Adam on a batch. At the end of an epoch, adds the bound on the held-out pictures to the curve.
    pub fn advance(&mut self) -> Result<()> {
        let place = self.step % self.epoch();
        if place == 0 || self.order.is_empty() {
            self.order = self.order_of(self.step / self.epoch());
        }
        let batch = self.settings.batch;
        let pixels = self.images.pixels;
        let rows = self.order[place * batch..][..batch].iter();
        let pictures: Vec<f32> =
            rows.flat_map(|&row| &self.images.training[row * pixels..][..pixels]).copied().collect();
        let tau = self.settings.schedule.at(u32::try_from(self.step).unwrap_or(u32::MAX));
        let (mean, loss) = self.loss(pictures, tau)?;
        let mut gradients = loss.backward();
        let rate = self.settings.learning_rate;
        for (parameter, state) in self.model.parameters.iter_mut().zip(&mut self.optimizer) {
            let gradient = parameter.grad_remove(&mut gradients).context("a parameter that nothing depends on")?;
            let (moved, next) = self.adam.step(rate, parameter.clone().inner(), gradient, state.take());
            *parameter = moved.autodiff().require_grad();
            *state = next;
        }
        self.baseline = Some(self.baseline.map_or(mean, |before| 0.9 * before + 0.1 * mean));
        self.step += 1;
        if self.step.is_multiple_of(self.epoch()) {
            self.curve.push(self.held_out(1)?);
        }
        Ok(())
    }

    /// Computes the mean cost of a batch, and the negative bound with its gradient.
    fn loss(&mut self, pictures: Vec<f32>, tau: samplegrad_core::Temperature) -> Result<(f32, Tensor<1>)> {
        let (batch, latents) = (self.settings.batch, self.settings.latents);
        let pictures = TensorData::new(pictures, [batch, self.images.pixels]);
        let logits = self.model.encode(Tensor::from_data(pictures.clone(), &Device::flex().autodiff()));
        let model = &self.model;
        let cost = |codes: Tensor<2>, samples: usize| {
            let each = Tensor::<2>::from_data(pictures.clone(), &Device::flex()).repeat_dim(0, samples);
            Ok(-log_prob(&model.decode(codes), Variables::Bits, &each)?)
        };
        let baseline = self.baseline.unwrap_or(0.0);
        let costs = self.settings.estimator.loss(latents, &logits, tau, baseline, &mut self.streams, cost)?;
        let cost = costs.mean();
        let mean = cost.clone().inner().into_scalar::<f32>();
        Ok((mean, cost - entropy(&logits, latents.variables)?.mean()))
    }

    /// Draws the order of the pictures in an epoch, by the shuffle of R. A. Fisher and F. Yates.
    fn order_of(&self, epoch: usize) -> Vec<usize> {
        let mut rng = stream::xorshift(self.settings.seed, ORDER + epoch as u64);
        let mut order: Vec<usize> = (0..self.images.count()).collect();
        for last in (1..order.len()).rev() {
            let other = (u64::from(rng.next_u32()) * (last as u64 + 1)) >> 32;
            order.swap(last, other as usize);
        }
        order
    }

    /// Computes the bound on the log-probability of the held-out pictures, in nats per picture, from `samples` samples
    /// of each picture. The noise is the same in every call.
    pub fn held_out(&self, samples: usize) -> Result<f32> {
        let (latents, pixels, model) = (self.settings.latents, self.images.pixels, self.model.frozen());
        let mut streams = Streams::new(self.settings.seed.wrapping_add(EVALUATION), ROWS * latents.count())?;
        let mut sum = 0.0;
        for pictures in self.images.held_out.chunks(ROWS * pixels) {
            let rows = pictures.len() / pixels;
            let pictures = Tensor::<2>::from_data(TensorData::new(pictures.to_vec(), [rows, pixels]), &Device::flex());
            let logits = model.encode(pictures.clone());
            for _ in 0..samples {
                let codes = latents.code(Samples::draw(&logits, latents.variables, 1, &mut streams)?.values());
                let log_p = log_prob(&model.decode(codes), Variables::Bits, &pictures)?;
                sum += total(log_p)? / samples as f64;
            }
            sum += total(entropy(&logits, latents.variables)?)?;
        }
        let count = self.images.held_out.len() / pixels;
        Ok((sum / count as f64) as f32 - latents.prior_entropy())
    }

    /// Returns the first `count` held-out pictures, and the probability of ink at each pixel after one sample of the
    /// code.
    pub fn reconstructions(&self, count: usize) -> Result<(Vec<f32>, Vec<f32>)> {
        let pixels = self.images.pixels;
        let count = count.min(self.images.held_out.len() / pixels);
        let pictures = self.images.held_out[..count * pixels].to_vec();
        let model = self.model.frozen();
        let logits =
            model.encode(Tensor::from_data(TensorData::new(pictures.clone(), [count, pixels]), &Device::flex()));
        Ok((pictures, self.ink(&model, &logits)?))
    }

    /// Returns the probability of ink at each pixel for codes drawn from the prior.
    pub fn prior_samples(&self, count: usize) -> Result<Vec<f32>> {
        let logits = Tensor::zeros([count, self.settings.latents.columns()], &Device::flex());
        self.ink(&self.model.frozen(), &logits)
    }

    fn ink(&self, model: &Model, logits: &Tensor<2>) -> Result<Vec<f32>> {
        let latents = self.settings.latents;
        let mut streams =
            Streams::new(self.settings.seed.wrapping_add(EVALUATION), logits.dims()[0] * latents.count())?;
        let codes = latents.code(Samples::draw(logits, latents.variables, 1, &mut streams)?.values());
        Ok(burn::tensor::activation::sigmoid(model.decode(codes)).into_data().try_into_vec()?)
    }

    /// Returns a hash of all parameters: equal for equal bits.
    pub fn fingerprint(&self) -> u64 {
        let digest = crc::Crc::<u64>::new(&crc::CRC_64_XZ);
        let mut digest = digest.digest();
        for values in self.values() {
            values.iter().for_each(|x| digest.update(&x.to_bits().to_le_bytes()));
        }
        digest.finalize()
    }

    /// Returns all parameters.
    pub(super) fn values(&self) -> Vec<Vec<f32>> {
        self.model.parameters.iter().map(numbers).collect()
    }
}

/// The number of pictures evaluated at once.
const ROWS: usize = 512;

/// Returns the numbers of a tensor, row-major. All tensors here are of `f32`.
pub(super) fn numbers(tensor: &Tensor<2>) -> Vec<f32> {
    tensor.to_data().try_into_vec().unwrap_or_default()
}

fn total(each: Tensor<1>) -> Result<f64> {
    Ok(each.into_data().try_into_vec::<f32>()?.iter().map(|&x| f64::from(x)).sum())
}
