//! Dense, temperatures and their schedules.

use samplegrad_core::{Decay, EntropyBonus, LearningRate, Reward, Schedule, Temperature};

use super::{temperature, unknown, used};

pub fn every() {
    used(LearningRate::new(unknown(0.1)).map(LearningRate::get));
    used(Decay::new(unknown(0.9)).map(Decay::get));
    used(EntropyBonus::new(unknown(0.01)).map(EntropyBonus::get));
    used(Reward::new(unknown(1.0_f32)).map(Reward::get));
    let tau = Temperature::new(unknown(0.5));
    used(tau.map(Temperature::get));
    used(tau.map(Temperature::recip));
    let (start, end, steps) = (temperature(), temperature(), unknown(100));
    let step = unknown(50);
    used(Schedule::at(&Schedule::constant(start), step));
    let schedules = [
        Schedule::exponential(start, end, unknown(0.1)),
        Schedule::annealed(unknown(0.1)),
        Schedule::linear(start, end, steps),
        Schedule::cosine(start, end, steps),
    ];
    for schedule in schedules {
        used(schedule.map(|schedule| Schedule::at(&schedule, step)));
    }
}
