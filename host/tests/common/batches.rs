//! Batches of every shape, and a device for each row. Row `b` has bit for bit the results of a device with stream `b
//! mod n`, also if the numbers of rows, streams and classes do not fill whole vectors.

// Each test program uses a part of this module.
#![allow(dead_code)]

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{Categorical, Logits as OneRow, Temperature, noise::Uniform, stream};
use samplegrad_host::Streams;

pub const SEED: u64 = 2026;
pub const MOST: usize = 5003;
pub type Row = OneRow<MOST>;

/// One batch: logits with masked and extreme entries, and the other inputs.
pub struct Batch {
    pub rows: usize,
    pub streams: usize,
    pub k: usize,
    pub tau: Temperature,
    pub logits: Vec<f32>,
    pub others: Vec<f32>,
    pub noise: Vec<f32>,
    pub cotangent: Vec<f32>,
    pub classes: Vec<u32>,
}

impl Batch {
    pub fn new(rows: usize, streams: usize, k: usize, tau: f32) -> Self {
        let mut rng = stream::xorshift(7, (rows * 64 + streams) as u64);
        let mut numbers = |count: usize, scale: f32| -> Vec<f32> {
            (0..count).map(|_| (Uniform::<f32>::sample(&mut rng).value() - 0.5) * scale).collect()
        };
        let (mut logits, others) = (numbers(rows * k, 12.0), numbers(rows * k, 6.0));
        let (noise, cotangent) = (numbers(rows * k, 40.0), numbers(rows * k, 4.0));
        for (place, l) in logits.iter_mut().enumerate() {
            // The first class remains possible.
            match place % 11 {
                5 if place % k != 0 => *l = f32::NEG_INFINITY,
                7 => *l = 1e4,
                9 => *l = -1e4,
                _ => {}
            }
        }
        let classes = (0..rows).map(|_| rng.next_u32() % k as u32).collect();
        Self { rows, streams, k, tau: Temperature::new(tau).unwrap(), logits, others, noise, cotangent, classes }
    }

    pub fn row<'a>(&self, values: &'a [f32], row: usize) -> &'a [f32] {
        &values[row * self.k..][..self.k]
    }

    pub fn distribution(&self, row: usize) -> Categorical<MOST> {
        Categorical::new(&Row::new(self.row(&self.logits, row)).unwrap())
    }

    /// Compares two calls of a batch operation with two draws of a device for every row, from the stream of the row.
    pub fn drawn<const W: usize>(
        &self,
        name: &str,
        batch: impl Fn(&mut Streams, &mut [Vec<f32>; W]),
        row: impl Fn(usize, &mut XorShiftRng, &mut [Vec<f32>; W]),
    ) {
        let mut streams = Streams::new(SEED, self.streams).unwrap();
        let mut devices: Vec<XorShiftRng> = (0..self.streams as u64).map(|n| stream::xorshift(SEED, n)).collect();
        for call in 0..2 {
            let mut found = [const { Vec::new() }; W];
            batch(&mut streams, &mut found);
            let mut expected = [const { Vec::new() }; W];
            for b in 0..self.rows {
                row(b, &mut devices[b % self.streams], &mut expected);
            }
            self.same(&format!("{name}, call {call}"), &found, &expected);
        }
        for (number, device) in devices.iter_mut().enumerate() {
            let mut left = streams.device(number).unwrap();
            assert_eq!(left.next_u32(), device.next_u32(), "{name}: what is left of stream {number}");
        }
    }

    /// Compares a batch operation that draws nothing with the results of a device for every row.
    pub fn computed<const W: usize>(
        &self,
        name: &str,
        batch: impl Fn(&mut [Vec<f32>; W]),
        row: impl Fn(usize, &mut [Vec<f32>; W]),
    ) {
        let (mut found, mut expected) = ([const { Vec::new() }; W], [const { Vec::new() }; W]);
        batch(&mut found);
        (0..self.rows).for_each(|b| row(b, &mut expected));
        self.same(name, &found, &expected);
    }

    pub fn same(&self, name: &str, found: &[Vec<f32>], expected: &[Vec<f32>]) {
        for (output, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert_eq!(found.len(), expected.len(), "{name}, output {output}");
            for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert!(
                    found.to_bits() == expected.to_bits(),
                    "{name}, output {output}, element {place} of {} rows, {} streams, {} classes, τ = {}: {found:e}, \
                     a device computes {expected:e}",
                    self.rows,
                    self.streams,
                    self.k,
                    self.tau.get()
                );
            }
        }
    }

    /// Resizes the outputs to one number per class or one per row.
    pub fn room<const W: usize>(&self, out: &mut [Vec<f32>; W], columns: [usize; W]) {
        for (out, columns) in out.iter_mut().zip(columns) {
            *out = vec![f32::NAN; self.rows * columns];
        }
    }
}

/// Converts words to floats of the same value: classes are small.
pub fn as_floats(classes: &[u32]) -> Vec<f32> {
    classes.iter().map(|&class| class as f32).collect()
}

pub fn batches() -> impl Iterator<Item = Batch> {
    let some = [1, 3, 4, 7, 16, 17, 33].into_iter().flat_map(|rows| {
        [(1, 2, 0.5), (3, 1, 1.0), (16, 10, 1e-3), (40, 33, 1e3), (7, 3, 0.1), (33, 10, 1.0), (20, 67, 0.5)]
            .map(|(streams, k, tau)| Batch::new(rows, streams, k, tau))
    });
    // The shapes are pairs over several packs of tiles, rows with whole blocks, and rows too long to stay in a cache.
    // Long rows are divided into chunks, with and without columns left over. Some batches have so few rows that shorter
    // rows are divided too.
    let more = [
        (600, 500, 2, 1.0),
        (32, 32, 32, 1.0),
        (18, 20, 300, 0.5),
        (3, 2, 700, 1.0),
        (20, 20, 700, 1.0),
        (1, 1, 512, 0.5),
        (5, 5, 4096, 1.0),
        (2, 2, 5003, 0.5),
    ];
    some.chain(more.map(|(rows, streams, k, tau)| Batch::new(rows, streams, k, tau)))
}

/// A module for each given function. The module has one test of the function for each choice of lanes.
macro_rules! in_all_lanes {
    ($($name:ident)*) => {$(
        mod $name {
            use samplegrad_host::Lanes;

            use super::$name as check;

            #[test]
            fn widest() {
                check(Lanes::Widest);
            }

            #[test]
            fn one() {
                check(Lanes::One);
            }

            #[test]
            fn four() {
                check(Lanes::Four);
            }

            #[test]
            fn eight() {
                check(Lanes::Eight);
            }

            #[test]
            fn sixteen() {
                check(Lanes::Sixteen);
            }
        }
    )*};
}
pub(crate) use in_all_lanes;
