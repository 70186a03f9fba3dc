//! Relaxed samples of a tile, at any temperature.

use samplegrad_core::{Temperature, gumbel_softmax, lane::Mask, softmax::Normalizer};

use crate::{
    batch::engine::{gumbel, scratch::Room, split::Table, tile::TileRows},
    lanes::vector::Vector,
    streams::streams_mut::StreamsMut,
};

/// Draws the perturbed logits `z` of a tile and relaxes them to `y`. Returns the classes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn relax_drawn<L: Vector>(
    rows: TileRows,
    logits: Table<'_>,
    tau: Temperature,
    streams: &mut StreamsMut<'_>,
    z: &mut [L],
    y: &mut [L],
) -> L::Word {
    let rng = &mut streams.load::<L>(rows.first, rows.active);
    rows.load(logits.values, z);
    gumbel::add_gumbel(z, rng);
    let sum = gumbel_softmax::relax(z, tau, y);
    let mut class = sum.mode();
    if gumbel_softmax::is_far(sum.max()).any() {
        *rng = streams.load::<L>(rows.first, rows.active);
        let room = &mut Room::<L, 1>::new(z.len(), L::ZERO);
        let [noise] = room.slices();
        // Adding −0 does not change a number, including a zero of either sign.
        noise.fill(L::splat(-0.0));
        gumbel::add_gumbel(noise, rng);
        class = relax_far(rows, logits, noise, tau, z, y).1;
    }
    streams.store(rows.first, rows.active, rng);
    class
}

/// Adds the given noise to the logits of a tile and relaxes the sums to `y`. Returns the normalizer of `y`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn relax_given<L: Vector>(
    rows: TileRows,
    logits: Table<'_>,
    noise: Table<'_>,
    tau: Temperature,
    z: &mut [L],
    y: &mut [L],
) -> Normalizer<L> {
    rows.load(logits.values, z);
    rows.load(noise.values, y);
    for (z, &g) in z.iter_mut().zip(&*y) {
        *z = *z + g;
    }
    let sum = gumbel_softmax::relax(z, tau, y);
    if !gumbel_softmax::is_far(sum.max()).any() {
        return sum;
    }
    let room = &mut Room::<L, 1>::new(z.len(), L::ZERO);
    let [g] = room.slices();
    rows.load(noise.values, g);
    relax_far(rows, logits, g, tau, z, y).0
}

/// Relaxes a tile that has a sum for which [`gumbel_softmax::is_far`] is true.
#[cfg_attr(not(debug_assertions), inline(always))]
fn relax_far<L: Vector>(
    rows: TileRows,
    logits: Table<'_>,
    noise: &[L],
    tau: Temperature,
    z: &mut [L],
    y: &mut [L],
) -> (Normalizer<L>, L::Word) {
    rows.load(logits.values, y);
    let peak = gumbel_softmax::perturb(y, noise, z);
    (gumbel_softmax::relax(z, tau, y), peak.class)
}
