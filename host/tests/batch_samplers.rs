//! Tests that compare samplers of batches with the core, row by row and bit for bit, at every width.

#[path = "common/batches.rs"]
mod common;

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    AliasTable, Cdf, ExponentialRace, Temperature, exponential_race, gumbel_max, inverse_cdf, stream,
};
use samplegrad_host::{
    Error, Lanes, Streams, Threads,
    batch::{self, Logits, draws::Sampler},
};

use common::{Row, SEED, as_floats, batches, in_all_lanes};

fn samplers(lanes: Lanes) {
    for batch in batches() {
        let logits = Logits::new(&batch.logits, batch.k).unwrap().in_lanes(lanes);
        let one = |b: usize| Row::new(batch.row(&batch.logits, b)).unwrap();
        let classes = || vec![u32::MAX; batch.rows];
        batch.drawn(
            "Gumbel-max",
            |streams, [out]| {
                let mut classes = classes();
                batch::gumbel_max::sample(&logits, streams, &mut classes).unwrap();
                *out = as_floats(&classes);
            },
            |b, rng, [out]| out.push(gumbel_max::sample(&one(b), rng) as f32),
        );
        batch.drawn(
            "inverse distribution function",
            |streams, [out]| {
                let mut classes = classes();
                batch::inverse_cdf::sample(&logits, streams, &mut classes).unwrap();
                *out = as_floats(&classes);
            },
            |b, rng, [out]| out.push(inverse_cdf::sample(&one(b), rng) as f32),
        );
        batch.drawn(
            "exponential race",
            |streams, [out]| {
                let mut classes = classes();
                batch::inverse_cdf::race(&logits, streams, &mut classes).unwrap();
                *out = as_floats(&classes);
            },
            |b, rng, [out]| out.push(ExponentialRace::new(&one(b)).sample(rng) as f32),
        );
        let (cdf, table) = (Cdf::new(&one(0)), AliasTable::new(&one(0)));
        batch.drawn(
            "thresholds",
            |streams, [out]| {
                let mut classes = classes();
                batch::inverse_cdf::from_cdf(&cdf, streams, &mut classes);
                *out = as_floats(&classes);
            },
            |_, rng, [out]| out.push(cdf.sample::<f32, _>(rng) as f32),
        );
        batch.drawn(
            "alias table",
            |streams, [out]| {
                let mut classes = classes();
                batch::inverse_cdf::from_alias_table(&table, streams, &mut classes);
                *out = as_floats(&classes);
            },
            |_, rng, [out]| out.push(table.sample::<f32, _>(rng) as f32),
        );
    }
}

in_all_lanes! { samplers }

/// Checks samplers on many classes, where most Gumbel numbers need not be computed. The logits are equal, spread,
/// rising, masked, far apart, or too large for small differences.
#[test]
fn the_class_of_many_is_the_one_that_every_number_was_made_for() {
    fn check(lanes: Lanes, k: usize, name: &str, logit: &dyn Fn(usize) -> f32) {
        let rows = 35;
        let logits: Vec<f32> = (0..rows * k).map(logit).collect();
        let batch = Logits::new(&logits, k).unwrap().in_lanes(lanes);
        let same = |found: &[u32], streams: &Streams, sampler: &str, draw: &dyn Fn(&[f32], &mut XorShiftRng) -> u32| {
            for (row, (&found, logits)) in found.iter().zip(logits.chunks_exact(k)).enumerate() {
                let mut device = stream::xorshift(SEED, row as u64);
                assert_eq!(found, draw(logits, &mut device), "{sampler}, {name}, {k} classes, row {row}");
                assert_eq!(streams.device(row), Some(device), "{sampler}, {name}");
            }
        };
        let (mut found, mut streams) = (vec![0; rows], Streams::new(SEED, rows).unwrap());
        batch::gumbel_max::sample(&batch, &mut streams, &mut found).unwrap();
        same(&found, &streams, "Gumbel-max", &|l, device| gumbel_max::draw(l, device).0);
        let mut streams = Streams::new(SEED, rows).unwrap();
        batch::inverse_cdf::race(&batch, &mut streams, &mut found).unwrap();
        same(&found, &streams, "race", &|l, device| {
            let mut means = vec![0.0; l.len()];
            exponential_race::prepare(l, &mut means);
            exponential_race::run(&means, device)
        });
        let mut streams = Streams::new(SEED, rows).unwrap();
        batch::inverse_cdf::sample(&batch, &mut streams, &mut found).unwrap();
        same(&found, &streams, "inverse CDF", &|l, device| {
            inverse_cdf::draw(l, &mut vec![0; l.len()], device.next_u32())
        });
    }
    let noise: Vec<f32> = (0..1 << 18).map(|i: u32| (i.wrapping_mul(0x9e37_79b9) >> 8) as f32 / 16_777_216.0).collect();
    let some = |i: usize| noise[i % noise.len()];
    for k in [49, 64, 100, 1000, 4099] {
        check(Lanes::Widest, k, "alike", &|_| 0.5);
        check(Lanes::Eight, k, "spread", &|i| 8.0 * some(i));
        check(Lanes::Widest, k, "spread", &|i| 8.0 * some(i));
        check(Lanes::Four, k, "rising", &|i| (i % k) as f32 * 0.01);
        check(Lanes::Widest, k, "falling", &|i| -((i % k) as f32) * 0.01);
        check(Lanes::Widest, k, "far apart", &|i| 8000.0 * some(i));
        check(Lanes::Widest, k, "large", &|i| 1e4 - some(i));
        check(Lanes::Widest, k, "masked", &|i| if i % 3 == 1 { 0.0 } else { f32::NEG_INFINITY });
    }
}

/// Compares draws that are divided into chunks, and draws that are not divided, with successive calls.
#[test]
fn many_draws_are_those_of_calls() {
    let samplers = [Sampler::GumbelMax, Sampler::InverseCdf, Sampler::ExponentialRace];
    for (rows, streams, k, draws) in [
        (1, 1, 3, 5000),
        (1, 1, 1, 33),
        (3, 5, 10, 700),
        (2, 1, 4, 100),
        (40, 40, 2, 515),
        (1, 1, 600, 50),
        (7, 7, 5, 1),
    ] {
        let logits: Vec<f32> = (0..rows * k).map(|i| (i * 37 % 23) as f32 * 0.25 - 3.0).collect();
        let logits = Logits::new(&logits, k).unwrap();
        for sampler in samplers {
            let (mut found, mut cut) = (vec![0; rows * draws], Streams::new(SEED, streams).unwrap());
            batch::draws::sample(sampler, &logits, draws, &mut cut, &mut found).unwrap();
            let (mut column, mut one) = (vec![0; rows], Streams::new(SEED, streams).unwrap());
            for draw in 0..draws {
                match sampler {
                    Sampler::GumbelMax => batch::gumbel_max::sample(&logits, &mut one, &mut column),
                    Sampler::InverseCdf => batch::inverse_cdf::sample(&logits, &mut one, &mut column),
                    Sampler::ExponentialRace => batch::inverse_cdf::race(&logits, &mut one, &mut column),
                }
                .unwrap();
                for (row, class) in column.iter().enumerate() {
                    assert_eq!(found[row * draws + draw], *class, "{sampler:?}, row {row} of {rows}, draw {draw}");
                }
            }
            assert_eq!(cut, one, "{sampler:?}, {rows} rows, {draws} draws");
        }
    }
    let logits = Logits::new(&[0.0; 4], 2).unwrap();
    let error = batch::draws::sample(Sampler::GumbelMax, &logits, 3, &mut Streams::new(1, 2).unwrap(), &mut [0; 5]);
    assert_eq!(error, Err(Error::Length { what: "classes", expected: 6, found: 5 }));
}

/// Compares operations that are divided among one to three threads with the same operations in the caller's thread.
#[test]
fn threads_change_no_bit() {
    let k = 33;
    let logits: Vec<f32> = (0..k * 3000).map(|i| (i % 71) as f32 * 0.1 - 3.0).collect();
    let tau = Temperature::new(0.5).unwrap();
    let run = || {
        let logits = Logits::new(&logits, k).unwrap();
        let mut streams = Streams::new(SEED, 2000).unwrap();
        let mut y = [(); 4].map(|()| vec![0.0; k * 3000]);
        let mut classes = [(); 3].map(|()| vec![0; 3000]);
        let mut density = vec![0.0; 3000];
        batch::noise::normal(&mut streams, k, &mut y[0]).unwrap();
        batch::gumbel_softmax::sample(&logits, tau, &mut streams, &mut y[1]).unwrap();
        let (noise, rest) = y.split_at_mut(1);
        batch::gumbel_softmax::vjp(&rest[0], &noise[0], k, tau, &mut rest[1].clone()).unwrap();
        batch::straight_through::sample(&logits, tau, &mut streams, &mut classes[0], &mut y[2]).unwrap();
        batch::gumbel_max::sample(&logits, &mut streams, &mut classes[1]).unwrap();
        batch::inverse_cdf::sample(&logits, &mut streams, &mut classes[2]).unwrap();
        batch::concrete::log_density_exp(&logits, tau, &y[0], &mut density).unwrap();
        let gradient = &mut y[3];
        batch::score_function::estimate(&logits, 1, &classes[1], &density, gradient).unwrap();
        (y.map(|y| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>()), classes, streams)
    };
    let alone = run();
    for threads in 1..=3 {
        assert!(Threads::new(threads).unwrap().run(run) == alone, "{threads} threads");
    }
}
