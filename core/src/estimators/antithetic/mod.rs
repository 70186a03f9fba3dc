//! Antithetic pairs of bits.

pub mod arm;
pub mod disarm;
