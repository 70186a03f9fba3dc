//! Which instructions a computation runs in, chosen when the program runs.
//!
//! A program built for any x86-64 may use SSE2 alone, four lanes. Each kernel here is therefore compiled once more for
//! AVX2, eight lanes, and for AVX-512, sixteen, and the widest that the machine has is taken. It changes no bit of any
//! result, only the time. On other machines there is one choice, the vectors of `wide`.
//!
//! ```
//! use samplegrad_core::{Source, lane::Lane, noise::{self, Uniform}};
//! use samplegrad_host::{LaneRng, Vector, dispatch::{Detected, Kernel, Width}};
//!
//! /// The sum of the first Gumbel number of stream 0, and its square.
//! struct Moments;
//!
//! impl Kernel for Moments {
//!     type Output = f32;
//!     // Inlined, it is compiled for the instructions of the caller.
//!     #[inline(always)]
//!     fn run<V: Vector>(self) -> f32 {
//!         let g = noise::gumbel::quantile(Uniform::<V>::sample(&mut LaneRng::new(2026, 0)));
//!         (g + g * g).extract(0)
//!     }
//! }
//! assert_eq!(Detected::run(Moments), samplegrad_host::F32x4::run(Moments));
//! ```

use crate::{Vector, batch::Native};

/// A computation that is written once and runs in vectors of any width.
///
/// Example: [`dispatch`](self).
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Computes in vectors of `V`. Implementations are `#[inline(always)]`: what is not inlined is not compiled for the
    /// instructions of `V`.
    fn run<V: Vector>(self) -> Self::Output;
}

/// How wide to compute: each vector of this crate, or a choice among them at run time. It changes no result.
///
/// Example: [`dispatch`](self).
pub trait Width: Copy + core::fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The vector for what is not compiled for several: the width itself, or [`Native`] where it is chosen at run time.
    type Fixed: Vector;
    /// Runs a kernel.
    fn run<K: Kernel>(kernel: K) -> K::Output;
}

macro_rules! widths {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// ```
        /// use samplegrad_core::Temperature;
        #[doc = concat!("use samplegrad_host::{Streams, batch::{self, Logits}, dispatch::", stringify!($name), "};")]
        ///
        /// let logits = Logits::new(&[0.0, 1.0, -1.0, 2.0], 2)?;
        /// let (mut y, mut same) = ([0.0; 4], [0.0; 4]);
        /// let tau = Temperature::ONE;
        /// batch::gumbel_softmax::sample(&logits, tau, &mut Streams::new(1, 2)?, &mut y)?;
        #[doc = concat!("let chosen = logits.in_lanes::<", stringify!($name), ">();")]
        /// batch::gumbel_softmax::sample(&chosen, tau, &mut Streams::new(1, 2)?, &mut same)?;
        /// assert_eq!(y, same);
        /// # Ok::<(), samplegrad_host::Error>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;
    )*};
}

widths! {
    /// The widest instructions that the machine has: AVX-512, AVX2, or what the build was made for.
    Detected;
    /// Eight lanes of AVX2; what the build was made for where the machine has none.
    Avx2;
    /// Sixteen lanes of AVX-512 (F, BW, CD, DQ, VL); what the build was made for where the machine has none.
    Avx512;
}

impl Width for Detected {
    type Fixed = Native;
    #[inline]
    fn run<K: Kernel>(kernel: K) -> K::Output {
        if Avx512::is_available() { Avx512::run(kernel) } else { Avx2::run(kernel) }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    #![allow(unsafe_code)]

    use super::{Avx2, Avx512, Kernel, Native, Width};
    use crate::x86::{avx2, avx512};

    #[target_feature(enable = "avx2")]
    fn in_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<avx2::F32x8>()
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
    fn in_avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<avx512::F32x16>()
    }

    impl Avx2 {
        /// Whether this machine has the instructions.
        #[inline]
        pub fn is_available() -> bool {
            is_x86_feature_detected!("avx2")
        }
    }

    impl Width for Avx2 {
        type Fixed = Native;
        #[inline]
        fn run<K: Kernel>(kernel: K) -> K::Output {
            if Self::is_available() {
                // SAFETY: the machine has the instructions.
                unsafe { in_avx2(kernel) }
            } else {
                kernel.run::<Native>()
            }
        }
    }

    impl Avx512 {
        /// Whether this machine has the instructions.
        #[inline]
        pub fn is_available() -> bool {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512cd")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
        }
    }

    impl Width for Avx512 {
        type Fixed = Native;
        #[inline]
        fn run<K: Kernel>(kernel: K) -> K::Output {
            if Self::is_available() {
                // SAFETY: the machine has the instructions.
                unsafe { in_avx512(kernel) }
            } else {
                kernel.run::<Native>()
            }
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod other {
    use super::{Avx2, Avx512, Kernel, Native, Width};

    macro_rules! unavailable {
        ($($name:ident)*) => {$(
            impl $name {
                /// Whether this machine has the instructions.
                pub fn is_available() -> bool {
                    false
                }
            }

            impl Width for $name {
                type Fixed = Native;
                fn run<K: Kernel>(kernel: K) -> K::Output {
                    kernel.run::<Native>()
                }
            }
        )*};
    }

    unavailable!(Avx2 Avx512);
}
