//! The mean cost of a row of latent variables, with the gradient of any estimator.

use std::fmt;

use anyhow::Result;
use burn::Tensor;
use samplegrad_burn::{
    AntitheticPair, RebarDraw, Samples, Variables, binary_concrete, gumbel_softmax, straight_through,
};
use samplegrad_core::{
    Temperature, gapped_straight_through::GappedStraightThrough, gumbel_rao::GumbelRao,
    plain_straight_through::PlainStraightThrough, reinmax::ReinMax,
};
use samplegrad_host::Streams;

use super::Latents;

/// The estimator of the encoder's gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EstimatorKind {
    /// The score function, one sample, a moving average as its baseline
    Reinforce,
    /// Two samples, each the other's baseline
    Loo2,
    /// Four samples, each with the mean of the others as its baseline
    Loo4,
    /// An antithetic pair; bits only
    Disarm,
    /// The score function with the relaxation as its control variate
    Rebar,
    /// Relaxed samples
    Gumbel,
    /// Samples, with the gradient of relaxed ones
    StGumbel,
    /// The gradient of st-gumbel, averaged over ten draws of the noise
    GumbelRao,
    /// Samples, with the gradient of their mean
    StraightThrough,
    /// Gapped straight-through
    Gapped,
    /// Second-order straight-through
    Reinmax,
}

impl EstimatorKind {
    /// Returns whether the estimator supports these latent variables.
    pub fn is_for(self, latents: Latents) -> bool {
        self != EstimatorKind::Disarm || latents.variables == Variables::Bits
    }

    /// Returns whether the gradient is unbiased.
    pub fn is_unbiased(self) -> bool {
        matches!(
            self,
            EstimatorKind::Reinforce
                | EstimatorKind::Loo2
                | EstimatorKind::Loo4
                | EstimatorKind::Disarm
                | EstimatorKind::Rebar
        )
    }

    /// Returns the default temperature.
    pub fn temperature(self) -> f32 {
        match self {
            EstimatorKind::Gumbel => 0.1,
            EstimatorKind::Reinmax | EstimatorKind::StraightThrough => 1.0,
            _ => 0.5,
        }
    }

    /// Estimates `E_q[f(z)]` of each row, `[rows]`. The cost function `f` takes codes and the number of samples per
    /// row. The codes are ordered sample after sample: one sample of all rows, then the next.
    pub fn loss(
        self,
        latents: Latents,
        logits: &Tensor<2>,
        tau: Temperature,
        baseline: f32,
        streams: &mut Streams,
        f: impl Fn(Tensor<2>, usize) -> Result<Tensor<1>>,
    ) -> Result<Tensor<1>> {
        let variables = latents.variables;
        let once = |values: Tensor<2>| f(latents.code(values), 1);
        Ok(match self {
            EstimatorKind::Reinforce => {
                let samples = Samples::draw(logits, variables, 1, streams)?;
                samples.reinforce(once(samples.values())?, baseline)?
            }
            EstimatorKind::Loo2 | EstimatorKind::Loo4 => {
                let count = if self == EstimatorKind::Loo2 { 2 } else { 4 };
                let samples = Samples::draw(logits, variables, count, streams)?;
                samples.leave_one_out(f(latents.code(samples.values()), count)?)?
            }
            EstimatorKind::Disarm => {
                let pair = AntitheticPair::draw(logits, streams)?;
                pair.disarm(f(latents.code(pair.values()), 2)?)?
            }
            EstimatorKind::Rebar => {
                let draw = RebarDraw::draw(logits, variables, tau, streams)?;
                let given = once(draw.relaxed_given())?;
                draw.loss(once(draw.hard())?, once(draw.relaxed())?, given, 1.0)?
            }
            EstimatorKind::Gumbel => once(relaxed(latents, logits, tau, false, streams)?)?,
            EstimatorKind::StGumbel => once(relaxed(latents, logits, tau, true, streams)?)?,
            EstimatorKind::GumbelRao => {
                let estimator = GumbelRao::new(tau, 10)?;
                once(straight_through(logits, variables, &estimator, streams)?)?
            }
            EstimatorKind::StraightThrough => {
                once(straight_through(logits, variables, &PlainStraightThrough, streams)?)?
            }
            EstimatorKind::Gapped => {
                let estimator = GappedStraightThrough::new(tau, 1.0)?;
                once(straight_through(logits, variables, &estimator, streams)?)?
            }
            EstimatorKind::Reinmax => once(straight_through(logits, variables, &ReinMax { tau }, streams)?)?,
        })
    }
}

fn relaxed(
    latents: Latents,
    logits: &Tensor<2>,
    tau: Temperature,
    hard: bool,
    streams: &mut Streams,
) -> Result<Tensor<2>> {
    let [rows, columns] = logits.dims();
    Ok(match latents.variables {
        Variables::Bits => binary_concrete(logits, tau, hard, streams)?,
        Variables::Classes(k) => {
            let each = logits.clone().reshape([rows * latents.count(), k]);
            gumbel_softmax(&each, tau, hard, streams)?.reshape([rows, columns])
        }
    })
}

impl fmt::Display for EstimatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            EstimatorKind::Reinforce => "reinforce",
            EstimatorKind::Loo2 => "loo2",
            EstimatorKind::Loo4 => "loo4",
            EstimatorKind::Disarm => "disarm",
            EstimatorKind::Rebar => "rebar",
            EstimatorKind::Gumbel => "gumbel",
            EstimatorKind::StGumbel => "st-gumbel",
            EstimatorKind::GumbelRao => "gumbel-rao",
            EstimatorKind::StraightThrough => "straight-through",
            EstimatorKind::Gapped => "gapped",
            EstimatorKind::Reinmax => "reinmax",
        })
    }
}
