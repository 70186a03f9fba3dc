//! The smallest program that samples or learns: no runtime, no start-up code, only the operation and the code it needs.
//!
//! One of the features `sampler`, `learner`, `network-learner`, `integer-sampler` and `integer-learner` selects the
//! operation. The
//! measured result is the size of the program.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(not(target_os = "none"))]
fn main() {
    println!("This is firmware: `cargo xtask test budgets` builds it and takes its size.");
}

#[cfg(target_os = "none")]
mod device {
    use core::{hint::spin_loop, ptr};

    use samplegrad_core::{
        ActionMask, Decay, Dense, Ending, EntropyBonus, Features, Hidden, LearningRate, Logits, MovingAverage,
        NetworkPolicy, Reinforce, Reward, SoftmaxHead, StreamingActorCritic, StreamingSettings,
        integer::{self, ByteFeatures, FixedLogits, FixedRate, FixedReward, IntegerReinforce},
        inverse_cdf, stream,
    };

    /// Reads a word from a peripheral, as a stand-in for the outside world.
    fn sensor() -> u32 {
        // SAFETY: the address of a peripheral on every Cortex-M; this code never runs here.
        unsafe { ptr::read_volatile(0x4000_0000 as *const u32) }
    }

    fn actuator(action: u32) {
        // SAFETY: as above.
        unsafe { ptr::write_volatile(0x4000_0004 as *mut u32, action) }
    }

    /// Runs the operation. A linker uses this entry point if no script names another.
    // `no_mangle` is unsafe because another symbol of this name would collide; without a runtime there is none.
    #[unsafe(no_mangle)]
    pub extern "C" fn _start() -> ! {
        let mut rng = stream::xorshift(2026, 0);
        if cfg!(feature = "learner") {
            learn(&mut rng);
        } else if cfg!(feature = "network-learner") {
            learn_with_a_network(&mut rng);
        } else if cfg!(feature = "sampler") {
            sample(&mut rng);
        } else if cfg!(feature = "integer-learner") {
            learn_in_integers(&mut rng);
        } else {
            sample_in_integers(&mut rng);
        }
        loop {
            spin_loop();
        }
    }

    fn sample(rng: &mut rand_xorshift::XorShiftRng) {
        loop {
            let Ok(logits) = Logits::<10>::new(&[(); 10].map(|()| f32::from_bits(sensor()))) else { return };
            actuator(inverse_cdf::sample(&logits, rng));
        }
    }

    fn learn(rng: &mut rand_xorshift::XorShiftRng) {
        let (Ok(decay), Ok(rate)) = (Decay::new(0.99), LearningRate::new(0.1)) else { return };
        let Ok(bonus) = EntropyBonus::new(0.0) else { return };
        let mut learner = Reinforce::<64, 10, _>::new(MovingAverage::new(decay), rate, bonus);
        let mask = ActionMask::all();
        loop {
            let Ok(features) = Features::new([(); 64].map(|()| f32::from_bits(sensor()))) else { return };
            let decision = learner.act(&features, &mask, rng);
            actuator(decision.action());
            let Ok(reward) = Reward::new(f32::from_bits(sensor())) else { return };
            learner.learn(&features, &decision, reward);
        }
    }

    fn learn_with_a_network(rng: &mut rand_xorshift::XorShiftRng) {
        type Policy = NetworkPolicy<SoftmaxHead, Hidden<Dense<3, 16>, Dense<16, 3>>>;
        let mut learner = StreamingActorCritic::<Policy>::new(Policy::new(SoftmaxHead), StreamingSettings::DEFAULT);
        learner.initialise(rng);
        let mask = ActionMask::all();
        let Ok(first) = Features::new([(); 3].map(|()| f32::from_bits(sensor()))) else { return };
        let mut input = learner.observe(&first, true);
        loop {
            let choice = learner.act(&input, &mask, rng);
            actuator(choice.action());
            let Ok(reward) = Reward::new(f32::from_bits(sensor())) else { return };
            let Ok(seen) = Features::new([(); 3].map(|()| f32::from_bits(sensor()))) else { return };
            let next = learner.observe(&seen, true);
            learner.learn(&input, &choice, reward, &next, &Ending::none());
            input = next;
        }
    }

    fn sample_in_integers(rng: &mut rand_xorshift::XorShiftRng) {
        loop {
            let Ok(logits) = FixedLogits::<10>::new([(); 10].map(|()| sensor() as i32)) else { return };
            actuator(integer::inverse_cdf::sample(&logits, rng));
        }
    }

    fn learn_in_integers(rng: &mut rand_xorshift::XorShiftRng) {
        let (Ok(decay), Ok(rate)) = (Decay::new(0.99), FixedRate::new(1 << 14)) else { return };
        let mut learner = IntegerReinforce::<64, 10>::new(rate, decay);
        loop {
            let features = ByteFeatures::new([(); 64].map(|()| sensor() as i8));
            let decision = learner.act(&features, rng);
            actuator(decision.action());
            let Ok(reward) = FixedReward::new(sensor() as i32) else { return };
            learner.learn(&features, &decision, reward);
        }
    }

    #[panic_handler]
    fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
        loop {
            spin_loop();
        }
    }
}
