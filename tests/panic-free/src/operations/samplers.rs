//! Logits, and exact samples of classes.

use samplegrad_core::{AliasTable, Cdf, ExponentialRace, Logits, exponential_race, gumbel_max, inverse_cdf, logits};

use super::{generator, numbers, unknown, used};

pub fn every<const N: usize>() {
    used(logits::check(numbers()));
    let Ok(logits) = Logits::<N>::new(numbers()) else { return };
    used(Logits::as_slice(&logits));
    let rng = &mut generator();

    used(gumbel_max::sample(&logits, rng));
    used(gumbel_max::with_noise(&logits, numbers()));
    used(gumbel_max::draw(numbers(), rng));
    used(gumbel_max::largest(numbers(), numbers().iter().copied()));

    let race = ExponentialRace::new(&logits);
    used(ExponentialRace::sample(&race, rng));
    exponential_race::prepare(numbers(), unknown(&mut [0.0][..]));
    used(exponential_race::run(numbers(), rng));
    used(exponential_race::mean_of(unknown(0.5_f32), unknown(1.0)));

    used(inverse_cdf::sample(&logits, rng));
    used(inverse_cdf::weight(unknown(0.5_f32), unknown(1.0)));
    used(inverse_cdf::draw(numbers(), unknown(&mut [0][..]), unknown(7)));
    used(inverse_cdf::draw_from_probabilities(numbers(), unknown(&mut [0][..]), unknown(7)));
    let cdf = Cdf::new(&logits);
    used(Cdf::sample::<f32, _>(&cdf, rng));

    let table = AliasTable::new(&logits);
    used(AliasTable::sample::<f32, _>(&table, rng));
}
