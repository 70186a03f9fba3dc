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

/// How the encoder learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
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
    /// The same averaged over ten draws of the noise
    GumbelRao,
    /// Samples, with the gradient of their mean
    StraightThrough,
    /// Gapped straight-through
    Gapped,
    /// Second-order straight-through
    Reinmax,
}

impl Kind {
    /// Whether it can be had for these latents.
    pub fn is_for(self, latents: Latents) -> bool {
        self != Kind::Disarm || latents.variables == Variables::Bits
    }

    /// Whether its gradient is right in the mean.
    pub fn is_unbiased(self) -> bool {
        matches!(self, Kind::Reinforce | Kind::Loo2 | Kind::Loo4 | Kind::Disarm | Kind::Rebar)
    }

    /// The temperature it is used at where none is asked for.
    pub fn temperature(self) -> f32 {
        match self {
            Kind::Gumbel => 0.1,
            Kind::Reinmax | Kind::StraightThrough => 1.0,
            _ => 0.5,
        }
    }

    /// The estimate of `E_q[f(z)]` of each row, `[rows]`, for the cost `f` of codes and how many samples of each row they are of,
    /// one sample of all rows after the other.
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
            Kind::Reinforce => {
                let samples = Samples::draw(logits, variables, 1, streams)?;
                samples.reinforce(once(samples.values())?, baseline)?
            }
            Kind::Loo2 | Kind::Loo4 => {
                let count = if self == Kind::Loo2 { 2 } else { 4 };
                let samples = Samples::draw(logits, variables, count, streams)?;
                samples.leave_one_out(f(latents.code(samples.values()), count)?)?
            }
            Kind::Disarm => {
                let pair = AntitheticPair::draw(logits, streams)?;
                pair.disarm(f(latents.code(pair.values()), 2)?)?
            }
            Kind::Rebar => {
                let draw = RebarDraw::draw(logits, variables, tau, streams)?;
                let given = once(draw.relaxed_given())?;
                draw.loss(once(draw.hard())?, once(draw.relaxed())?, given, 1.0)?
            }
            Kind::Gumbel => once(relaxed(latents, logits, tau, false, streams)?)?,
            Kind::StGumbel => once(relaxed(latents, logits, tau, true, streams)?)?,
            Kind::GumbelRao => {
                let estimator = GumbelRao::new(tau, 10)?;
                once(straight_through(logits, variables, &estimator, streams)?)?
            }
            Kind::StraightThrough => once(straight_through(logits, variables, &PlainStraightThrough, streams)?)?,
            Kind::Gapped => {
                let estimator = GappedStraightThrough::new(tau, 1.0)?;
                once(straight_through(logits, variables, &estimator, streams)?)?
            }
            Kind::Reinmax => once(straight_through(logits, variables, &ReinMax { tau }, streams)?)?,
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

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Kind::Reinforce => "reinforce",
            Kind::Loo2 => "loo2",
            Kind::Loo4 => "loo4",
            Kind::Disarm => "disarm",
            Kind::Rebar => "rebar",
            Kind::Gumbel => "gumbel",
            Kind::StGumbel => "st-gumbel",
            Kind::GumbelRao => "gumbel-rao",
            Kind::StraightThrough => "straight-through",
            Kind::Gapped => "gapped",
            Kind::Reinmax => "reinmax",
        })
    }
}
