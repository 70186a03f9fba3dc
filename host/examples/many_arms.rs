//! A bandit of 10 000 arms: the score function with the leave-one-out baseline of 64 samples per step, over one long
//! row.
//!
//! The best arm pays 1, the others up to 0.5. A step draws 64 arms by Gumbel-max, compares each reward with the mean of the
//! other 63, and moves the logits of the arms drawn.
//!
//! `cargo run --release -p samplegrad-host --example many_arms`

use samplegrad_core::leave_one_out;
use samplegrad_host::{
    Streams,
    batch::{
        Logits, categorical,
        draws::{self, Sampler},
    },
};

const ARMS: usize = 10_000;
const DRAWS: usize = 64;

fn pay(arm: u32) -> f32 {
    // Any deterministic reward will do: the policy sees only the rewards of the arms that it draws.
    if arm == 4321 { 1.0 } else { 0.5 * (arm.wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0 }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut streams = Streams::new(2026, 1)?;
    let mut logits = vec![0.0_f32; ARMS];
    let (mut p, mut log_p) = (logits.clone(), logits.clone());
    let (mut arms, mut advantages) = ([0; DRAWS], [0.0; DRAWS]);
    let mut mean = 0.0;
    for step in 1..=4000 {
        draws::sample(Sampler::GumbelMax, &Logits::new(&logits, ARMS)?, DRAWS, &mut streams, &mut arms)?;
        let rewards = arms.map(pay);
        leave_one_out::advantages(&rewards, &mut advantages)?;
        // ∇ ln p(arm) is onehot(arm) − p; leave-one-out advantages sum to 0, so the second part vanishes.
        for (&arm, &advantage) in arms.iter().zip(&advantages) {
            logits[arm as usize] += 0.2 * advantage;
        }
        mean = rewards.iter().sum::<f32>() / DRAWS as f32;
        if step % 1000 == 0 {
            categorical::probabilities(&Logits::new(&logits, ARMS)?, &mut p, &mut log_p)?;
            println!("step {step}: mean reward {mean:.3}, probability of the best arm {:.3}", p[4321]);
        }
    }
    assert!(mean > 0.95, "it did not find the best arm");
    Ok(())
}
