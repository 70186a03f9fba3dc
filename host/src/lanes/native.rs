//! The widest vector type for the target of the build.

#[cfg(not(target_feature = "avx"))]
use crate::lanes::portable::{F32x4 as Widest, U32x4 as WidestWord};
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
use crate::lanes::portable::{F32x8 as Widest, U32x8 as WidestWord};
#[cfg(target_feature = "avx512f")]
use crate::lanes::portable::{F32x16 as Widest, U32x16 as WidestWord};

/// The widest vector that fits one register of this build's target.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::Native;
///
/// assert!([4, 8, 16].contains(&Native::LANES));
/// ```
pub type Native = Widest;

/// The vector of words that belongs to [`Native`]. This alias lets a crate implement a trait of the core for both
/// vector types.
///
/// ```
/// use samplegrad_core::lane::Lane;
/// use samplegrad_host::{Native, NativeWord};
///
/// let words: NativeWord = Native::ONE.to_bits();
/// ```
pub type NativeWord = WidestWord;
