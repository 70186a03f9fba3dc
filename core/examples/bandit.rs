//! A bandit: a policy finds out which of four arms pays best, from rewards alone.
//!
//! `cargo run -p samplegrad-core --example bandit`

use samplegrad_core::{
    ActionMask, Decay, EntropyBonus, Error, Features, LearningRate, MovingAverage, Reinforce, Reward, noise, stream,
};

/// Mean rewards; the policy does not know them.
const MEANS: [f32; 4] = [0.1, 0.5, 0.9, 0.3];

fn main() -> Result<(), Error> {
    let mut rng = stream::xorshift(2026, 0);
    let average = MovingAverage::new(Decay::new(0.9)?);
    let mut learner = Reinforce::<0, 4, _>::new(average, LearningRate::new(0.1)?, EntropyBonus::new(0.01)?);
    // Without a context there are no features: the policy is its bias.
    let (context, all) = (Features::new([])?, ActionMask::all());
    for step in 1..=2000 {
        let decision = learner.act(&context, &all, &mut rng);
        let pay = MEANS[decision.action() as usize] + 0.1 * noise::normal::sample::<f32, _>(&mut rng);
        learner.learn(&context, &decision, Reward::new(pay)?);
        if step % 500 == 0 {
            let p = learner.policy().distribution(&context, &all);
            println!("step {step}: probabilities {:.2?}", p.probabilities());
        }
    }
    let p = learner.policy().distribution(&context, &all);
    assert!(p.probabilities()[2] > 0.8, "it found another arm");
    Ok(())
}
