//! Noise, streams and sources.

use samplegrad_core::{
    Source,
    noise::{self, Uniform, exponential, gumbel, logistic, normal},
    stream,
};

use super::{generator, unknown, used};

pub fn every() {
    used(stream::state(unknown(2026), unknown(7)));
    used(stream::xorshift(unknown(2026), unknown(7)));
    used(stream::state_from_entropy(unknown([1, 2, 3, 4]), unknown(7)));
    used(stream::xorshift_from_entropy(unknown([1, 2, 3, 4]), unknown(7)));
    used(stream::words(&stream::xorshift(unknown(2026), unknown(7))));
    used(stream::resumed(unknown([1, 2, 3, 4])));
    let rng = &mut generator();
    used(<_ as Source<f32>>::next_word(rng));
    // A source whose type is known only at run time.
    let dynamic: &mut dyn Source<f32> = unknown(rng);
    used(Source::next_word(dynamic));

    used(Uniform::new(unknown(0.5_f32)));
    let u: Uniform = Uniform::from_word(unknown(7));
    used(Uniform::<f32>::sample(dynamic));
    used(Uniform::tail(u));
    used(Uniform::is_upper(u));
    used(Uniform::complement(u));
    used(Uniform::value(u));
    used(Uniform::neg_ln(u));
    used(Uniform::<f32>::neg_ln_of_word(unknown(7)));
    used(Uniform::logit(u));
    used((exponential::quantile(u), exponential::of_word::<f32>(unknown(7)), exponential::sample::<f32, _>(dynamic)));
    used((gumbel::quantile(u), gumbel::of_word::<f32>(unknown(7)), gumbel::sample::<f32, _>(dynamic)));
    used((logistic::quantile(u), logistic::sample::<f32, _>(dynamic)));
    used((normal::quantile(u), normal::sample::<f32, _>(dynamic)));
    noise::fill(gumbel::sample, dynamic, unknown(&mut [0.0_f32][..]));
}
