//! Lanes over the vectors of AVX2 and AVX-512, for the kernels that [`dispatch`](crate::lanes::dispatch) chooses at run time.
//!
//! `wide` chooses its instructions when it is compiled, so that a stock build has four lanes in it however wide the
//! machine is. These types have the instructions whatever the build.
//!
//! Why `unsafe` is sound here: the types are private, and a value of one is made only by a kernel, which `dispatch` runs
//! only where the machine has the instructions. Every use is an intrinsic that asks for nothing else, or reads and
//! writes as many elements as its mask allows of a slice that is as long.
#![allow(unsafe_code)]

pub(super) mod avx2;
pub(super) mod avx512;
mod macros;
