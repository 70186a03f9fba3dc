//! Calls of every public operation of the core, once for each of several capacities.
//!
//! Calls are written `Type::operation(…)` and `module::operation(…)`, so that a test can find the missing ones.

mod arithmetic;
mod continuous;
mod control_variates;
mod distributions;
mod estimators;
mod extremes;
mod families;
mod implicit;
mod integer;
mod learners;
mod networks;
mod noise;
mod parameters;
mod policies;
mod rebar;
mod register;
mod relaxations;
mod samplers;
mod sets;
mod snapshots;
mod straight_through;

use core::hint::black_box;

use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    Logits, Temperature,
    cost::{Cost, DifferentiableCost, TwiceDifferentiableCost},
    stream,
};

/// Calls every operation.
pub fn every() {
    // The control contains only the planted panic, so that only this panic can make the link fail.
    #[cfg(feature = "planted-panic")]
    planted_panic();
    if cfg!(feature = "planted-panic") {
        return;
    }
    arithmetic::every();
    noise::every();
    extremes::every();
    parameters::every();
    families::every();
    for_capacity::<1>();
    for_capacity::<4>();
    for_capacity::<10>();
    for_capacity::<64>();
    register::every::<10>();
    policies::every::<1, 1>();
    policies::every::<5, 3>();
    policies::every::<64, 10>();
    learners::every::<1, 1>();
    learners::every::<5, 3>();
    learners::returns();
    networks::every::<3, 16, 3>();
    integer::every::<1, 1>();
    integer::every::<5, 3>();
    integer::every::<64, 10>();
    snapshots::every();
    #[cfg(feature = "planted-panic")]
    planted_panic();
}

fn for_capacity<const N: usize>() {
    samplers::every::<N>();
    distributions::every::<N>();
    relaxations::every::<N>();
    estimators::every::<N>();
    rebar::every::<N>();
    straight_through::every::<N>();
    continuous::every::<N>();
    control_variates::every::<N>();
    sets::every::<N>();
    implicit::every::<N>();
}

/// Indexes out of bounds in reachable code.
#[cfg(feature = "planted-panic")]
fn planted_panic() {
    let slice = unknown(&[1.0_f32, 2.0][..]);
    used(slice[unknown(1_usize)]);
}

/// Returns the value, but hides it and the length of slices from the compiler.
fn unknown<T>(x: T) -> T {
    black_box(x)
}

/// Uses the value, so that the compiler must compute it.
fn used<T>(x: T) {
    let _ = black_box(x);
}

/// Returns numbers; the compiler does not know their count.
fn numbers() -> &'static [f32] {
    unknown(&[0.5_f32])
}

/// Returns classes; the compiler does not know their count.
fn classes() -> &'static [u32] {
    unknown(&[0_u32])
}

fn generator() -> XorShiftRng {
    stream::xorshift(unknown(2026), unknown(0))
}

fn logits<const N: usize>() -> Option<Logits<N>> {
    Logits::new(numbers()).ok()
}

fn temperature() -> Temperature {
    Temperature::new(unknown(0.5)).unwrap_or(Temperature::ONE)
}

/// A cost, with derivatives, that the compiler does not know.
struct Unknown;

impl<X: Copy> Cost<[X]> for Unknown {
    fn value(&mut self, x: &[X]) -> f32 {
        unknown(x).len() as f32
    }
}

impl DifferentiableCost for Unknown {
    fn value_and_gradient(&mut self, y: &[f32], gradient: &mut [f32]) -> f32 {
        gradient.iter_mut().zip(y).for_each(|(g, &y)| *g = unknown(y));
        unknown(0.5)
    }
}

impl TwiceDifferentiableCost for Unknown {
    fn expand(&mut self, y: &[f32], slope: &mut [f32], curvature: &mut [f32]) -> f32 {
        curvature.fill(unknown(1.0));
        self.value_and_gradient(y, slope)
    }
}
