//! Tests that compare noise of batches with the core, row by row and bit for bit, at every width.

#[path = "common/batches.rs"]
mod common;

use rand_xorshift::XorShiftRng;
use samplegrad_core::noise::{self, Uniform};
use samplegrad_host::{
    Lanes,
    batch::{self, noise::NoiseKind},
};

use common::{batches, in_all_lanes};

fn value(rng: &mut XorShiftRng) -> f32 {
    Uniform::<f32>::sample(rng).value()
}

fn noises(lanes: Lanes) {
    for batch in batches() {
        let k = batch.k;
        macro_rules! kinds {
            ($($kind:ident, $sample:path;)*) => {$(
                batch.drawn(
                    concat!(stringify!($kind), " noise"),
                    |streams, out| {
                        batch.room(out, [k]);
                        batch::noise::fill_in(lanes, NoiseKind::$kind, streams, k, &mut out[0]).unwrap();
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

in_all_lanes! { noises }
