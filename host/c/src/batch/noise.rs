use samplegrad_host::batch::noise::{self, NoiseKind};

use crate::{
    memory::{Memory, sg_floats_out},
    status::{Failure, guarded, sg_status},
    streams::sg_streams,
    threads::{sg_threads, spread},
};

/// Kinds of standard noise.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sg_noise {
    /// Uniform on (0, 1), all 32 bits.
    Uniform = 0,
    /// Exponential of mean 1.
    Exponential = 1,
    /// Gumbel, −ln(−ln u).
    Gumbel = 2,
    /// Logistic.
    Logistic = 3,
    /// Normal.
    Normal = 4,
    /// Laplace.
    Laplace = 5,
    /// Cauchy.
    Cauchy = 6,
}

fn kind(number: u32) -> Result<NoiseKind, Failure> {
    const KINDS: [(sg_noise, NoiseKind); 7] = [
        (sg_noise::Uniform, NoiseKind::Uniform),
        (sg_noise::Exponential, NoiseKind::Exponential),
        (sg_noise::Gumbel, NoiseKind::Gumbel),
        (sg_noise::Logistic, NoiseKind::Logistic),
        (sg_noise::Normal, NoiseKind::Normal),
        (sg_noise::Laplace, NoiseKind::Laplace),
        (sg_noise::Cauchy, NoiseKind::Cauchy),
    ];
    let found = KINDS.into_iter().find(|&(c, _)| c as u32 == number);
    found
        .map(|(_, kind)| kind)
        .ok_or_else(|| Failure::new(sg_status::Kind, format!("noise: there is no kind {number}")))
}

/// Fills the rows of `out`, each of `columns` numbers, with one kind of noise, an `sg_noise`. Row `b` is drawn from
/// stream `b mod n`, in order.
///
/// `threads` may be NULL in every function of this library: the caller's thread then does all the work.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sg_noise_fill(
    threads: *const sg_threads,
    noise: u32,
    columns: usize,
    streams: *mut sg_streams,
    out: sg_floats_out,
) -> sg_status {
    // SAFETY: the caller's promises.
    guarded(|| unsafe {
        let kind = kind(noise)?;
        let out = Memory::default().write(out, "noise")?;
        sg_streams::with(streams, |streams| spread(threads, || noise::fill(kind, streams, columns, out)))
    })
}
