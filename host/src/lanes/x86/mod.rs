//! Lanes over the vectors of AVX2 and AVX-512, for the kernels that [`dispatch`](crate::lanes::dispatch) chooses at run
//! time.
//!
//! `wide` chooses its instructions at compile time, so that a default build has four lanes on every machine. The types
//! of this module have their instructions in every build.
//!
//! Soundness of the `unsafe` code: the types are private. Only a kernel creates a value of one, and `dispatch` runs
//! such a kernel only if the machine has the instructions. Every use is an intrinsic without other requirements, or one
//! that reads or writes as many elements as its mask allows, of a slice of at least that length.
#![allow(unsafe_code)]

pub(super) mod avx2;
pub(super) mod avx512;
mod macros;
