//! A training loop of your own: a relaxed discrete layer, its vector–Jacobian product, and plain gradient descent.
//!
//! Each of 256 rows has its own logits. Row `b` must learn to put its probability mass on class `b mod 4`. The loss of
//! a row is `Σ_k (y_k − t_k)²` of a Gumbel-softmax sample `y`.
//!
//! `cargo run --release -p samplegrad-host --example training_loop`

use samplegrad_core::{Schedule, Temperature};
use samplegrad_host::{
    Error, Streams,
    batch::{Logits, gumbel_softmax},
};

const ROWS: usize = 256;
const CLASSES: usize = 4;

fn target(row: usize, class: usize) -> f32 {
    if row % CLASSES == class { 1.0 } else { 0.0 }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut streams = Streams::new(2026, ROWS)?;
    let mut logits = vec![0.0; ROWS * CLASSES];
    let (mut y, mut gradient) = (logits.clone(), logits.clone());
    let schedule = Schedule::linear(Temperature::new(1.0)?, Temperature::new(0.5)?, 200)?;
    for step in 0..200 {
        let tau = schedule.at(step);
        gumbel_softmax::sample(&Logits::new(&logits, CLASSES)?, tau, &mut streams, &mut y)?;
        let residual = |(i, &y): (usize, &f32)| y - target(i / CLASSES, i % CLASSES);
        let loss: f32 = y.iter().enumerate().map(|x| residual(x).powi(2)).sum::<f32>() / ROWS as f32;
        // ∂loss/∂y in, ∂loss/∂logits out: this is all that your own differentiable program has to connect.
        let cotangent: Vec<f32> = y.iter().enumerate().map(|x| 2.0 * residual(x)).collect();
        gumbel_softmax::vjp(&y, &cotangent, CLASSES, tau, &mut gradient)?;
        logits.iter_mut().zip(&gradient).for_each(|(l, g)| *l -= 0.5 * g);
        if step % 50 == 49 {
            println!("step {:3}: mean loss {loss:.4}", step + 1);
        }
    }
    assert!(right(&logits)? > 0.99, "the rows did not learn their classes");
    Ok(())
}

/// Returns the share of rows whose most probable class is the target.
fn right(logits: &[f32]) -> Result<f32, Error> {
    let mut modes = vec![0; ROWS];
    samplegrad_host::batch::categorical::modes(&Logits::new(logits, CLASSES)?, &mut modes)?;
    Ok(modes.iter().enumerate().filter(|&(row, &mode)| mode as usize == row % CLASSES).count() as f32 / ROWS as f32)
}
