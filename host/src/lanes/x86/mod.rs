//! Lanes over the vectors of AVX2 and AVX-512, for the kernels that [`dispatch`](crate::lanes::dispatch) chooses at run
//! time.
//!
//! `wide` chooses its instructions at compile time, so that a default build has four lanes on every machine. The types
//! of this module use their instructions in every build.
//!
//! Soundness of the `unsafe` code: the types are private. Only a kernel creates values of these types, and `dispatch`
//! runs such a kernel only if the machine has the instructions. Most of the intrinsics have no other requirements. The
//! others read or write as many elements of a slice as their mask allows, and the slice has at least this length.
#![allow(unsafe_code)]

pub(super) mod avx2;
pub(super) mod avx512;
mod macros;
