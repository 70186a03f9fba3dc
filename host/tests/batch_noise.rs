//! Noise of batches against the core, row by row, bit for bit, at every width.

#[path = "common/batches.rs"]
mod common;

use rand_xorshift::XorShiftRng;
use samplegrad_core::noise::{self, Uniform};
use samplegrad_host::{
    F32x4, F32x8, F32x16,
    batch::{self, noise::Kind},
    dispatch::{Avx2, Avx512, Width},
};

use common::{at_every_width, batches};

fn value(rng: &mut XorShiftRng) -> f32 {
    Uniform::<f32>::sample(rng).value()
}

fn noises<W: Width>() {
    for batch in batches() {
        let k = batch.k;
        macro_rules! kinds {
            ($($kind:ident, $sample:path;)*) => {$(
                batch.drawn(
                    concat!(stringify!($kind), " noise"),
                    |streams, out| {
                        batch.room(out, [k]);
                        batch::noise::fill::<W>(Kind::$kind, streams, k, &mut out[0]).unwrap();
                    },
                    |_, rng, [out]| out.extend((0..k).map(|_| $sample(rng))),
                );
            )*};
        }
        kinds! {
            Cauchy, noise::cauchy::sample;
            Laplace, noise::laplace::sample;
            Uniform, value;
            Exponential, noise::exponential::sample;
            Gumbel, noise::gumbel::sample;
            Logistic, noise::logistic::sample;
            Normal, noise::normal::sample;
        }
    }
}

at_every_width! {
    noises: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16, avx2 Avx2, avx512 Avx512
}
