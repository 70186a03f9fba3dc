//! The checkpoint of a training in a file. A resumed training has the same bits.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result, ensure};
use burn::{
    optim::{AdamState, AdaptiveMomentumState},
    tensor::{Device, Tensor, TensorData},
};
use samplegrad_core::{BITS, stream};
use samplegrad_host::Streams;
use serde::{Deserialize, Serialize};

use super::{Images, Settings, Training, model, run::numbers};

/// The state of a training in a file: this structure in `postcard`, and a checksum of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The settings of the training. Another training cannot be resumed from this state.
    settings: String,
    step: usize,
    baseline: Option<f32>,
    curve: Vec<f32>,
    streams: Vec<[u32; 4]>,
    parameters: Vec<Vec<f32>>,
    /// The state of Adam for each parameter; `None` before the first step.
    optimizer: Vec<Option<AdamMoments>>,
}

/// The steps and moments of Adam.
#[derive(Debug, Serialize, Deserialize)]
struct AdamMoments {
    steps: usize,
    first: Vec<f32>,
    second: Vec<f32>,
}

const CHECKSUM: crc::Crc<u64> = crc::Crc::<u64>::new(&crc::CRC_64_XZ);

/// Returns all settings that the bits of a training depend on, except its length.
fn identity(settings: &Settings, images: &Images) -> String {
    let mut digest = CHECKSUM.digest();
    images.training.iter().chain(&images.held_out).for_each(|x| digest.update(&x.to_bits().to_le_bytes()));
    let Settings { latents, estimator, schedule, hidden, batch, steps: _, learning_rate, seed } = settings;
    format!(
        "bits {BITS}, images {:016x}, latents {latents}, estimator {estimator}, {schedule:?}, hidden {hidden:?}, batch {batch}, \
         learning rate {learning_rate}, seed {seed}",
        digest.finalize()
    )
}

impl Training<'_> {
    /// Writes the state to a file, whole or not at all.
    pub fn save(&self, file: &Path) -> Result<()> {
        let moments = |state: &AdamState<2>| {
            let AdaptiveMomentumState { time, moment_1, moment_2, .. } = &state.momentum;
            AdamMoments { steps: *time, first: numbers(moment_1), second: numbers(moment_2) }
        };
        let checkpoint = Checkpoint {
            settings: identity(&self.settings, self.images),
            step: self.step,
            baseline: self.baseline,
            curve: self.curve.clone(),
            streams: (0..self.streams.count())
                .filter_map(|number| self.streams.device(number))
                .map(|device| stream::words(&device))
                .collect(),
            parameters: self.values(),
            optimizer: self.optimizer.iter().map(|state| state.as_ref().map(moments)).collect(),
        };
        let mut bytes = postcard::to_allocvec(&checkpoint)?;
        bytes.extend(CHECKSUM.checksum(&bytes).to_le_bytes());
        write_whole(file, &bytes)
    }
}

impl<'a> Training<'a> {
    /// Resumes a training from a file, with the same bits as without the interruption.
    pub fn resume(settings: Settings, images: &'a Images, file: &Path) -> Result<Self> {
        let name = file.display();
        let bytes = fs::read(file).with_context(|| name.to_string())?;
        let (body, sum) = bytes.split_last_chunk::<8>().with_context(|| format!("{name}: no checkpoint"))?;
        ensure!(
            CHECKSUM.checksum(body).to_le_bytes() == *sum,
            "{name}: damaged, its checksum is another; remove it to begin anew"
        );
        let checkpoint: Checkpoint =
            postcard::from_bytes(body).with_context(|| format!("{name}: a checkpoint of another version"))?;
        let own = identity(&settings, images);
        ensure!(
            checkpoint.settings == own,
            "{name}: of another training; remove it to begin anew\n  it is of  {}\n  this is   {own}",
            checkpoint.settings
        );
        ensure!(
            checkpoint.step <= settings.steps,
            "{name}: at step {}, beyond the {} that are asked for; ask for more, or remove it to begin anew",
            checkpoint.step,
            settings.steps
        );
        let shapes = model::shapes(images.pixels, settings.latents.columns(), &settings.hidden);
        let model = model::Model::from_values(
            images.pixels,
            settings.latents.columns(),
            &settings.hidden,
            checkpoint.parameters,
        );
        let streams = Streams::from_states(&checkpoint.streams).with_context(|| name.to_string())?;
        let mut training = Self::at(settings, images, model, streams);
        let tensor = |values, shape| Tensor::<2>::from_data(TensorData::new(values, shape), &Device::flex());
        let states = checkpoint.optimizer.into_iter().zip(shapes).map(|(state, shape)| {
            state.map(|AdamMoments { steps, first, second }| {
                let moments = AdaptiveMomentumState::new(steps, tensor(first, shape), tensor(second, shape));
                AdamState::new(moments)
            })
        });
        training.optimizer = states.collect();
        (training.step, training.baseline, training.curve) = (checkpoint.step, checkpoint.baseline, checkpoint.curve);
        Ok(training)
    }
}

/// Writes a file under another name first, then renames it. If this fails, an existing file is unchanged, and no new
/// file is left.
pub fn write_whole(file: &Path, bytes: &[u8]) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> Result<()> {
        let mut whole = tempfile::Builder::new().prefix(".unfinished-").tempfile_in(folder)?;
        whole.write_all(bytes)?;
        whole.as_file().sync_all()?;
        whole.persist(file)?;
        Ok(())
    };
    write().with_context(|| format!("{}: not written; what was there is as it was", file.display()))
}
