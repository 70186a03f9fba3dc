//! A snapshot in RAM: a learner is encoded into a buffer, and another learner continues from it with the same bits.
//!
//! `cargo run -p samplegrad-snapshot --example in_ram`

use samplegrad_core::{
    ActionMask, Decay, EntropyBonus, Features, LearningRate, MovingAverage, Reinforce, Reward, stream,
};
use samplegrad_snapshot::{Kind, decode, encode, encoded_len};

type Learner = Reinforce<1, 2, MovingAverage>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let average = MovingAverage::new(Decay::new(0.9)?);
    let mut learner = Learner::new(average, LearningRate::new(0.5)?, EntropyBonus::new(0.0)?);
    let (x, all) = (Features::new([1.0])?, ActionMask::all());
    let mut rng = stream::xorshift(2026, 0);
    let step = |learner: &mut Learner, rng: &mut _| -> Result<u32, samplegrad_core::Error> {
        let decision = learner.act(&x, &all, rng);
        learner.learn(&x, &decision, Reward::new(if decision.action() == 1 { 1.0 } else { 0.0 })?);
        Ok(decision.action())
    };
    for _ in 0..50 {
        step(&mut learner, &mut rng)?;
    }

    // The kind names the type and its sizes: a snapshot of another kind is an error, not a wrong learner.
    let kind = Kind::new("bandit", &[1, 2]);
    let mut buffer = [0; 128];
    let bytes = encode(kind, &learner, &mut buffer)?;
    println!("{} bytes of {}", bytes.len(), encoded_len(&learner)?);
    let mut copy: Learner = decode(kind, bytes)?;

    let mut same = rng.clone();
    for _ in 0..50 {
        assert_eq!(step(&mut learner, &mut rng)?, step(&mut copy, &mut same)?);
    }
    assert_eq!(learner, copy);
    println!("the copy learned the same for 50 steps");
    Ok(())
}
