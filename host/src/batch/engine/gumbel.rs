//! Gumbel numbers added to columns of a tile.

use samplegrad_core::{lane::Word, noise::gumbel};

use crate::{
    lanes::{
        elementary::Convert,
        unrolled::{UNROLLED, Unrolled},
        vector::MOST_LANES,
    },
    streams::lane_rng::LaneRng,
};

/// Adds a Gumbel number to each element of `z`, several columns at a time. Each Gumbel number takes one word of the
/// source.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn add_gumbel<V: Convert>(z: &mut [V], rng: &mut LaneRng<V>) {
    for z in z.chunks_mut(UNROLLED) {
        let mut words = [V::Word::splat(0); UNROLLED];
        rng.next_words(&mut words[..z.len()]);
        let g: Unrolled<V> = gumbel::of_word(Unrolled(words));
        for (z, g) in z.iter_mut().zip(g.0) {
            *z = *z + g;
        }
    }
}

/// Adds Gumbel numbers to a whole block.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn add_gumbel_to_block<V: Convert>(z: &mut [V; MOST_LANES], rng: &mut LaneRng<V>) {
    let mut words = [V::Word::splat(0); MOST_LANES];
    rng.next_words(&mut words);
    for half in 0..MOST_LANES / UNROLLED {
        let g: Unrolled<V> = gumbel::of_word(Unrolled::of_half(&words, half));
        (Unrolled::of_half(z, half) + g).into_half(z, half);
    }
}
