//! Every batch operation at the five shapes of the performance page: `cargo bench --package samplegrad-host --bench batch`.
//!
//! `cargo xtask bench` compares them with other libraries.

#![allow(missing_docs, reason = "what criterion's macro makes")]

mod operations;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use operations::{OPERATIONS, Work};

const SHAPES: [(usize, usize); 5] = [(4096, 10), (4096, 64), (1024, 1024), (64, 32_768), (1_000_000, 2)];

fn batches(criterion: &mut Criterion) {
    for (name, ..) in OPERATIONS {
        let mut group = criterion.benchmark_group(name);
        for (rows, classes) in SHAPES {
            group.throughput(Throughput::Elements((rows * classes) as u64)).sample_size(10);
            let id = BenchmarkId::from_parameter(format!("{rows}x{classes}"));
            let mut work = Work::new(name, rows, classes).expect("an operation of the list");
            group.bench_function(id, |bencher| work.with_logits(|once| bencher.iter(once)));
        }
    }
}

criterion_group!(benches, batches);
criterion_main!(benches);
