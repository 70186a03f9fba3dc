//! Hard gating: one of four experts answers each row, chosen by a hard sample; the gate learns through the straight-through
//! Gumbel-softmax gradient.
//!
//! Expert `k` answers `k`; the right answer of row `b` is `b mod 4`. In the forward pass the gate is one-hot; in the
//! backward pass it is relaxed.
//!
//! `cargo run --release -p samplegrad-host --example hard_gating`

use samplegrad_core::Temperature;
use samplegrad_host::{
    Streams,
    batch::{Logits, gumbel_softmax, straight_through},
};

const ROWS: usize = 128;
const EXPERTS: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut streams = Streams::new(2026, ROWS)?;
    let tau = Temperature::new(1.0)?;
    let mut logits = vec![0.0; ROWS * EXPERTS];
    let (mut y, mut hard, mut gradient) = (logits.clone(), vec![0; ROWS], logits.clone());
    let mut wrong = 0;
    for step in 1..=300 {
        straight_through::sample(&Logits::new(&logits, EXPERTS)?, tau, &mut streams, &mut hard, &mut y)?;
        // Forward: the chosen expert's answer. Backward: ∂(answer − right)²/∂gate_k = 2 (answer − right) · answer_k.
        let cotangent: Vec<f32> = (0..ROWS * EXPERTS)
            .map(|i| {
                let (row, expert) = (i / EXPERTS, i % EXPERTS);
                2.0 * (hard[row] as f32 - (row % EXPERTS) as f32) * expert as f32
            })
            .collect();
        gumbel_softmax::vjp(&y, &cotangent, EXPERTS, tau, &mut gradient)?;
        logits.iter_mut().zip(&gradient).for_each(|(l, g)| *l -= 0.2 * g);
        wrong = hard.iter().enumerate().filter(|&(row, &expert)| expert as usize != row % EXPERTS).count();
        if step % 100 == 0 {
            println!("step {step}: {wrong} of {ROWS} rows with the wrong expert");
        }
    }
    assert!(wrong < ROWS / 4, "the gate did not learn");
    Ok(())
}
