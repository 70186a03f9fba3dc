//! Dispatch: the choice of vectors at run time.
//!
//! A program built for every x86-64 processor may use only SSE2, which has four lanes. Each kernel is therefore
//! compiled again for AVX2 (eight lanes) and for AVX-512 (sixteen lanes). Dispatch takes the widest vectors that the
//! machine has. On other architectures there is only one choice, the vectors of `wide`.

use core::{error::Error, fmt, str::FromStr};

use crate::lanes::{kernel::Kernel, portable::F32x4, vector::Vector};

/// The number of lanes of a computation. It changes only the time, no bit of any result.
///
/// ```
/// use samplegrad_core::Temperature;
/// use samplegrad_host::{Lanes, Streams, batch::{self, Logits}};
///
/// let logits = Logits::new(&[0.0, 1.0, -1.0, 2.0], 2)?;
/// let (mut y, mut same) = ([0.0; 4], [0.0; 4]);
/// let tau = Temperature::ONE;
/// batch::gumbel_softmax::sample(&logits, tau, &mut Streams::new(1, 2)?, &mut y)?;
/// let chosen = logits.in_lanes("four".parse().expect("one of the words"));
/// batch::gumbel_softmax::sample(&chosen, tau, &mut Streams::new(1, 2)?, &mut same)?;
/// assert_eq!(y, same);
/// assert_eq!(Lanes::Four.to_string(), "four");
/// # Ok::<(), samplegrad_host::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lanes {
    /// The widest instructions of the machine: AVX-512, AVX2, or the instructions of the build.
    #[default]
    Widest,
    /// One lane, plain `f32`.
    One,
    /// Four lanes.
    Four,
    /// Eight lanes of AVX2; the widest vector of the build where the machine has no AVX2.
    Eight,
    /// Sixteen lanes of AVX-512 (F, BW, CD, DQ, VL); the widest vector of the build where the machine has no AVX-512.
    Sixteen,
}

impl Lanes {
    /// All choices.
    pub const ALL: [Self; 5] = [Self::Widest, Self::One, Self::Four, Self::Eight, Self::Sixteen];

    /// Runs a kernel.
    ///
    /// Example: [`Kernel`].
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            Self::Widest => in_widest(kernel),
            Self::One => in_vectors::<K, f32>(kernel),
            Self::Four => in_four(kernel),
            Self::Eight => in_eight(kernel),
            Self::Sixteen => in_sixteen(kernel),
        }
    }

    /// Returns the word that names the choice.
    pub fn word(self) -> &'static str {
        match self {
            Self::Widest => "widest",
            Self::One => "one",
            Self::Four => "four",
            Self::Eight => "eight",
            Self::Sixteen => "sixteen",
        }
    }
}

impl fmt::Display for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Lanes {
    type Err = NoSuchLanes;

    fn from_str(word: &str) -> Result<Self, NoSuchLanes> {
        Self::ALL.into_iter().find(|lanes| lanes.word() == word).ok_or(NoSuchLanes)
    }
}

/// The error for a word that names no [`Lanes`].
///
/// ```
/// use samplegrad_host::Lanes;
///
/// let error = "two".parse::<Lanes>().unwrap_err();
/// assert_eq!(error.to_string(), "lanes: one of widest, one, four, eight, sixteen");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchLanes;

impl fmt::Display for NoSuchLanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lanes: one of ")?;
        for (number, lanes) in Lanes::ALL.into_iter().enumerate() {
            write!(f, "{}{lanes}", if number > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl Error for NoSuchLanes {}

/// Runs a kernel in vectors `V`, which every machine that can run the build has. This function is never inlined, so
/// that a kernel is compiled once for each vector; a copy at every call would double the compile time.
#[inline(never)]
fn in_vectors<K: Kernel, V: Vector>(kernel: K) -> K::Output {
    kernel.run::<V>()
}

/// Runs a kernel in four lanes.
#[inline]
pub(crate) fn in_four<K: Kernel>(kernel: K) -> K::Output {
    in_vectors::<K, F32x4>(kernel)
}

/// Runs a kernel in the widest lanes of the machine.
#[inline]
pub(crate) fn in_widest<K: Kernel>(kernel: K) -> K::Output {
    if has_avx512() { in_sixteen(kernel) } else { in_eight(kernel) }
}

pub(crate) use machine::{has_avx2, has_avx512, in_eight, in_sixteen};

#[cfg(target_arch = "x86_64")]
mod machine {
    #![allow(unsafe_code)]

    use super::in_vectors;
    use crate::lanes::{
        kernel::Kernel,
        native::Native,
        x86::{avx2, avx512},
    };

    /// Returns whether this machine has AVX2.
    #[inline]
    pub(crate) fn has_avx2() -> bool {
        is_x86_feature_detected!("avx2")
    }

    /// Returns whether this machine has the parts of AVX-512 that the kernels use.
    #[inline]
    pub(crate) fn has_avx512() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512cd")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
    }

    #[target_feature(enable = "avx2")]
    fn in_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<avx2::F32x8>()
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
    fn in_avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<avx512::F32x16>()
    }

    /// Runs a kernel in eight lanes of AVX2, or in the widest vector of the build if the machine has no AVX2.
    #[inline]
    pub(crate) fn in_eight<K: Kernel>(kernel: K) -> K::Output {
        if has_avx2() {
            // SAFETY: the machine has the instructions.
            unsafe { in_avx2(kernel) }
        } else {
            in_vectors::<K, Native>(kernel)
        }
    }

    /// Runs a kernel in sixteen lanes of AVX-512, or in the widest vector of the build if the machine has no AVX-512.
    #[inline]
    pub(crate) fn in_sixteen<K: Kernel>(kernel: K) -> K::Output {
        if has_avx512() {
            // SAFETY: the machine has the instructions.
            unsafe { in_avx512(kernel) }
        } else {
            in_vectors::<K, Native>(kernel)
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod machine {
    use super::in_vectors;
    use crate::lanes::{kernel::Kernel, native::Native};

    /// Returns whether this machine has AVX2.
    pub(crate) fn has_avx2() -> bool {
        false
    }

    /// Returns whether this machine has the parts of AVX-512 that the kernels use.
    pub(crate) fn has_avx512() -> bool {
        false
    }

    /// Runs a kernel in the widest vector of the build.
    pub(crate) fn in_eight<K: Kernel>(kernel: K) -> K::Output {
        in_vectors::<K, Native>(kernel)
    }

    /// Runs a kernel in the widest vector of the build.
    pub(crate) fn in_sixteen<K: Kernel>(kernel: K) -> K::Output {
        in_vectors::<K, Native>(kernel)
    }
}
