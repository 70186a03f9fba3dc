//! Every batch operation against the core, row by row, bit for bit: what row `b` gets is what a device computes that has
//! the stream `b mod n`, at every width, for ragged numbers of rows, streams and classes.

use rand_core::Rng;
use rand_xorshift::XorShiftRng;
use samplegrad_core::{
    AliasTable, Bernoulli, BinaryConcrete, Categorical, Cdf, Concrete, ExponentialRace, Gaussian, GumbelSoftmax,
    Logits as OneRow, StraightThrough, Temperature, baseline, exponential_race, gumbel_max, inverse_cdf,
    noise::{self, Uniform},
    score_function, stream,
};
use samplegrad_host::{
    Error, F32x4, F32x8, F32x16, Streams, Threads, Vector,
    batch::{
        self, Logits,
        binary_concrete::{Density, Relaxed},
        draws::Sampler,
        gaussian::Gaussians,
        noise::Kind,
    },
    dispatch::{Avx2, Avx512, Detected, Width},
};

const SEED: u64 = 2026;
const MOST: usize = 5003;
type Row = OneRow<MOST>;

/// One batch: logits with masked and extreme entries, and whatever goes with them.
struct Batch {
    rows: usize,
    streams: usize,
    k: usize,
    tau: Temperature,
    logits: Vec<f32>,
    others: Vec<f32>,
    noise: Vec<f32>,
    cotangent: Vec<f32>,
    classes: Vec<u32>,
}

impl Batch {
    fn new(rows: usize, streams: usize, k: usize, tau: f32) -> Self {
        let mut rng = stream::xorshift(7, (rows * 64 + streams) as u64);
        let mut numbers = |count: usize, scale: f32| -> Vec<f32> {
            (0..count).map(|_| (Uniform::<f32>::sample(&mut rng).value() - 0.5) * scale).collect()
        };
        let (mut logits, others) = (numbers(rows * k, 12.0), numbers(rows * k, 6.0));
        let (noise, cotangent) = (numbers(rows * k, 40.0), numbers(rows * k, 4.0));
        for (place, l) in logits.iter_mut().enumerate() {
            // The first class stays possible.
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

    fn row<'a>(&self, values: &'a [f32], row: usize) -> &'a [f32] {
        &values[row * self.k..][..self.k]
    }

    fn distribution(&self, row: usize) -> Categorical<MOST> {
        Categorical::new(&Row::new(self.row(&self.logits, row)).unwrap())
    }

    /// Two calls of a batch operation against two draws of every row from its own stream.
    fn drawn<const W: usize>(
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

    /// A batch operation that draws nothing against every row.
    fn computed<const W: usize>(
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

    fn same(&self, name: &str, found: &[Vec<f32>], expected: &[Vec<f32>]) {
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

    /// Makes room for one number per class and one per row.
    fn room<const W: usize>(&self, out: &mut [Vec<f32>; W], columns: [usize; W]) {
        for (out, columns) in out.iter_mut().zip(columns) {
            *out = vec![f32::NAN; self.rows * columns];
        }
    }
}

/// Words as floats of the same value: classes are small.
fn as_floats(classes: &[u32]) -> Vec<f32> {
    classes.iter().map(|&class| class as f32).collect()
}

fn batches() -> impl Iterator<Item = Batch> {
    let some = [1, 3, 4, 7, 16, 17, 33].into_iter().flat_map(|rows| {
        [(1, 2, 0.5), (3, 1, 1.0), (16, 10, 1e-3), (40, 33, 1e3), (7, 3, 0.1), (33, 10, 1.0), (20, 67, 0.5)]
            .map(|(streams, k, tau)| Batch::new(rows, streams, k, tau))
    });
    // Pairs over several packs of tiles, rows with whole blocks, and rows too long to be near until the next.
    // Long rows, cut in pieces: some columns left over, none, and few enough rows that shorter ones are.
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

fn samplers<W: Width>() {
    for batch in batches() {
        let logits = Logits::new(&batch.logits, batch.k).unwrap().in_lanes::<W>();
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

fn relaxed<W: Width>() {
    for batch in batches() {
        let (k, tau) = (batch.k, batch.tau);
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes::<W>();
        let one = |b: usize| Row::new(batch.row(&batch.logits, b)).unwrap();
        let given = |b| GumbelSoftmax::with_noise(&one(b), tau, batch.row(&batch.noise, b)).unwrap();
        batch.drawn(
            "Gumbel-softmax",
            |streams, out| {
                batch.room(out, [k]);
                batch::gumbel_softmax::sample(&logits, tau, streams, &mut out[0]).unwrap();
            },
            |b, rng, [y]| y.extend(GumbelSoftmax::sample(&one(b), tau, rng).values()),
        );
        batch.drawn(
            "Gumbel-softmax with the gradient of a cost",
            |streams, out| {
                batch.room(out, [k, k]);
                let [y, gradient] = out;
                let cost = |row, y: &[f32], c: &mut [f32]| c.copy_from_slice(&batch.cotangent[row * k..][..y.len()]);
                batch::gumbel_softmax::sample_and_vjp(&logits, tau, streams, y, gradient, cost).unwrap();
            },
            |b, rng, [y, gradient]| {
                let sample = GumbelSoftmax::sample(&one(b), tau, rng);
                y.extend(sample.values());
                gradient.extend(sample.vjp(batch.row(&batch.cotangent, b)).unwrap());
            },
        );
        batch.drawn(
            "Gumbel-softmax with the gradient of a cost that is known before",
            |streams, out| {
                batch.room(out, [k, k]);
                let [y, gradient] = out;
                batch::gumbel_softmax::sample_with_vjp(&logits, tau, streams, &batch.cotangent, y, gradient).unwrap();
            },
            |b, rng, [y, gradient]| {
                let sample = GumbelSoftmax::sample(&one(b), tau, rng);
                y.extend(sample.values());
                gradient.extend(sample.vjp(batch.row(&batch.cotangent, b)).unwrap());
            },
        );
        batch.drawn(
            "straight-through",
            |streams, out| {
                batch.room(out, [k, 0]);
                let mut classes = vec![u32::MAX; batch.rows];
                batch::straight_through::sample(&logits, tau, streams, &mut classes, &mut out[0]).unwrap();
                out[1] = as_floats(&classes);
            },
            |b, rng, [soft, class]| {
                let sample = StraightThrough::sample(&one(b), tau, rng);
                soft.extend(sample.soft().values());
                class.push(sample.class() as f32);
            },
        );
        batch.computed(
            "Gumbel-softmax of given noise, its gradients and its class",
            |out| {
                batch.room(out, [k, k, 1, 0, k]);
                let [y, by_logits, by_tau, class, log_y] = out;
                let mut classes = vec![u32::MAX; batch.rows];
                batch::gumbel_softmax::with_noise(&logits, tau, &batch.noise, y).unwrap();
                batch::gumbel_softmax::vjp_in::<W>(y, &batch.cotangent, k, tau, by_logits).unwrap();
                batch::gumbel_softmax::vjp_temperature(&logits, tau, &batch.noise, &batch.cotangent, by_tau).unwrap();
                batch::gumbel_softmax::hard(&logits, &batch.noise, &mut classes).unwrap();
                batch::gumbel_softmax::log_with_noise(&logits, tau, &batch.noise, log_y).unwrap();
                *class = as_floats(&classes);
            },
            |b, [y, by_logits, by_tau, class, log_y]| {
                let (sample, cotangent) = (given(b), batch.row(&batch.cotangent, b));
                y.extend(sample.values());
                by_logits.extend(sample.vjp(cotangent).unwrap());
                by_tau.push(sample.vjp_temperature(cotangent).unwrap());
                class.push(sample.hard() as f32);
                log_y.extend(sample.log_values());
            },
        );
        // A point of the open simplex, whatever the temperature of the density.
        let mut point = vec![0.0; batch.rows * k];
        let finite: Vec<f32> = batch.others.clone();
        let of_point = Logits::new(&finite, k).unwrap();
        batch::categorical::probabilities(&of_point, &mut point, &mut vec![0.0; batch.rows * k]).unwrap();
        // In every other row near a corner, where the gradients have forms of their own. A masked class has no coordinate.
        let mut log_point = finite.clone();
        for (place, &l) in batch.logits.iter().enumerate() {
            if place / k % 2 == 1 && place % k == place / k % k {
                point[place] = [1e-7, 1e-20, 1e-42][place / k % 3];
            }
            if l == f32::NEG_INFINITY {
                (point[place], log_point[place]) = (0.0, f32::NEG_INFINITY);
            }
        }
        batch.computed(
            "Concrete densities",
            |out| {
                batch.room(out, [1, 1, k, k, 1, k, k, 1]);
                let [of_point, of_logarithm, by_logits, by_point, by_tau, of_point_by_logits, by_y, of_point_by_tau] =
                    out;
                batch::concrete::log_density(&logits, tau, &point, of_point).unwrap();
                batch::concrete::log_density_exp(&logits, tau, &log_point, of_logarithm).unwrap();
                batch::concrete::gradient_exp(&logits, tau, &log_point, by_logits, by_point, by_tau).unwrap();
                batch::concrete::gradient(&logits, tau, &point, of_point_by_logits, by_y, of_point_by_tau).unwrap();
            },
            |b, [of_point, of_logarithm, by_logits, by_point, by_tau, of_point_by_logits, by_y, of_point_by_tau]| {
                let law = Concrete::new(&one(b), tau);
                of_point.push(law.log_density(batch.row(&point, b)).unwrap());
                let x = batch.row(&log_point, b);
                of_logarithm.push(law.log_density_exp(x).unwrap());
                let gradient = law.log_density_exp_gradient(x).unwrap();
                by_logits.extend(gradient.logits);
                by_point.extend(gradient.point);
                by_tau.push(gradient.temperature);
                let gradient = law.log_density_gradient(batch.row(&point, b)).unwrap();
                of_point_by_logits.extend(gradient.logits);
                by_y.extend(gradient.point);
                of_point_by_tau.push(gradient.temperature);
            },
        );
    }
}

fn categorical<W: Width>() {
    for batch in batches() {
        let k = batch.k;
        let logits = Logits::new(&batch.logits, k).unwrap().in_lanes::<W>();
        let others = Logits::new(&batch.others, k).unwrap().in_lanes::<W>();
        batch.computed(
            "categorical",
            |out| {
                batch.room(out, [k, k, 0, 1, 1, k, k, 1]);
                let [p, log_p, mode, log_prob, entropy, by_entropy, score, kl] = out;
                let mut modes = vec![u32::MAX; batch.rows];
                batch::categorical::probabilities(&logits, p, log_p).unwrap();
                batch::categorical::modes(&logits, &mut modes).unwrap();
                *mode = as_floats(&modes);
                batch::categorical::log_prob(&logits, &batch.classes, log_prob).unwrap();
                batch::categorical::entropy(&logits, entropy).unwrap();
                batch::categorical::entropy_gradient(&logits, by_entropy).unwrap();
                batch::categorical::score(&logits, &batch.classes, score).unwrap();
                batch::categorical::kl(&logits, &others, kl).unwrap();
            },
            |b, [p, log_p, mode, log_prob, entropy, by_entropy, score, kl]| {
                let one = batch.distribution(b);
                p.extend(one.probabilities());
                log_p.extend(one.log_probabilities());
                mode.push(one.mode() as f32);
                log_prob.push(one.log_prob(batch.classes[b]));
                entropy.push(one.entropy());
                by_entropy.extend(one.entropy_gradient());
                score.extend(one.score(batch.classes[b]).unwrap());
                kl.push(one.kl(&Categorical::new(&Row::new(batch.row(&batch.others, b)).unwrap())).unwrap());
            },
        );
        batch.computed(
            "divergences",
            |out| {
                batch.room(out, [k, k, 1]);
                let [of_p, of_q, to_uniform] = out;
                batch::categorical::kl_gradients(&logits, &others, of_p, of_q).unwrap();
                batch::categorical::kl_to_uniform(&logits, to_uniform).unwrap();
            },
            |b, [of_p, of_q, to_uniform]| {
                let one = batch.distribution(b);
                let other = Categorical::new(&Row::new(batch.row(&batch.others, b)).unwrap());
                let (by_p, by_q) = one.kl_gradients(&other).unwrap();
                of_p.extend(by_p);
                of_q.extend(by_q);
                to_uniform.push(one.kl_to_uniform());
            },
        );
        for samples in [2, 5] {
            let classes: Vec<u32> = (0..batch.rows * samples).map(|i| (i * i % k) as u32).collect();
            let values: Vec<f32> = (0..batch.rows * samples).map(|i| (i % 7) as f32 - 2.5).collect();
            batch.computed(
                "score function",
                |out| {
                    batch.room(out, [samples, k, samples]);
                    let [advantages, gradient, critical] = out;
                    let of_mode = &batch.cotangent[..batch.rows];
                    batch::score_function::self_critical(&values, of_mode, samples, critical).unwrap();
                    batch::score_function::leave_one_out(&values, samples, advantages).unwrap();
                    batch::score_function::estimate(&logits, samples, &classes, advantages, gradient).unwrap();
                },
                |b, [advantages, gradient, critical]| {
                    let mut a = vec![0.0; samples];
                    let values = &values[b * samples..][..samples];
                    baseline::self_critical::advantages(values, batch.cotangent[b], &mut a).unwrap();
                    critical.extend(&a);
                    baseline::leave_one_out::advantages(values, &mut a).unwrap();
                    let classes = &classes[b * samples..][..samples];
                    gradient.extend(score_function::estimate(&batch.distribution(b), classes, &a).unwrap());
                    advantages.extend(a);
                },
            );
        }
    }
}

fn scalars<L: Vector>() {
    for batch in batches() {
        let tau = batch.tau;
        let finite: Vec<f32> = batch.logits.iter().take(batch.rows).map(|l| l.max(-50.0)).collect();
        let bernoulli = |b: usize| Bernoulli::new(finite[b]).unwrap();
        batch.drawn(
            "Bernoulli",
            |streams, [out]| {
                let mut b = vec![9; batch.rows];
                batch::bernoulli::sample::<L>(&finite, streams, &mut b).unwrap();
                *out = as_floats(&b);
            },
            |b, rng, [out]| out.push(f32::from(u8::from(bernoulli(b).sample(rng)))),
        );
        batch.drawn(
            "binary Concrete",
            |streams, out| {
                batch.room(out, [1, 1, 1, 0]);
                let [y, derivative, temperature_derivative, sample] = out;
                let mut hard = vec![9; batch.rows];
                let room = Relaxed { y, derivative, temperature_derivative, hard: &mut hard };
                batch::binary_concrete::sample::<L>(&finite, tau, streams, room).unwrap();
                *sample = as_floats(&hard);
            },
            |b, rng, [y, derivative, temperature_derivative, hard]| {
                let sample = BinaryConcrete::new(finite[b], tau).unwrap().sample(rng);
                y.push(sample.value());
                derivative.push(sample.derivative());
                temperature_derivative.push(sample.temperature_derivative());
                hard.push(f32::from(u8::from(sample.hard())));
            },
        );
        // Near both corners and between them.
        let points: Vec<f32> =
            (0..batch.rows).map(|b| [0.375, 1e-10, 1.0 - f32::EPSILON / 2.0, 1e-42, 0.5][b % 5]).collect();
        batch.computed(
            "Bernoulli densities",
            |out| {
                batch.room(out, [1; 11]);
                let [log_prob, score, entropy, slope, kl, by_l, by_m, log_density, logit, temperature, point] = out;
                let b: Vec<u32> = batch.classes.iter().map(|class| class % 2).collect();
                batch::bernoulli::log_prob::<L>(&finite, &b, log_prob, score).unwrap();
                batch::bernoulli::entropy::<L>(&finite, entropy, slope).unwrap();
                batch::bernoulli::kl::<L>(&finite, &batch.others[..batch.rows], kl, by_l, by_m).unwrap();
                let room = Density { log_density, logit, temperature, point };
                batch::binary_concrete::log_density::<L>(&finite, tau, &points, room).unwrap();
            },
            |b, [log_prob, score, entropy, slope, kl, by_l, by_m, log_density, logit, temperature, point]| {
                let one = batch.classes[b] % 2 == 1;
                log_prob.push(bernoulli(b).log_prob(one));
                score.push(bernoulli(b).score(one));
                entropy.push(bernoulli(b).entropy());
                slope.push(bernoulli(b).entropy_derivative());
                let other = Bernoulli::new(batch.others[b]).unwrap();
                let (of_l, of_m) = bernoulli(b).kl_derivatives(other);
                kl.push(bernoulli(b).kl(other));
                by_l.push(of_l);
                by_m.push(of_m);
                let at = BinaryConcrete::new(finite[b], tau).unwrap().log_density(points[b]).unwrap();
                log_density.push(at.log_density);
                logit.push(at.logit);
                temperature.push(at.temperature);
                point.push(at.point);
            },
        );
        let log_std = &batch.others[..batch.rows];
        let gaussians = Gaussians::new(&finite, log_std).unwrap();
        let gaussian = |b: usize| Gaussian::new(finite[b], log_std[b]).unwrap();
        batch.drawn(
            "Gaussian",
            |streams, out| {
                batch.room(out, [1, 1]);
                let [x, noise] = out;
                gaussians.sample::<L>(streams, x, noise).unwrap();
            },
            |b, rng, [x, noise]| {
                let (value, epsilon) = gaussian(b).sample(rng);
                x.push(value);
                noise.push(epsilon);
            },
        );
        batch.computed(
            "Gaussian densities",
            |out| {
                batch.room(out, [1; 12]);
                let [
                    log_prob,
                    by_mean,
                    by_log_std,
                    entropy,
                    path_mean,
                    path_std,
                    kl,
                    kl_mean,
                    kl_std,
                    to,
                    to_mean,
                    to_std,
                ] = out;
                let (noise, cotangent) = (&batch.noise[..batch.rows], &batch.cotangent[..batch.rows]);
                let others = Gaussians::new(cotangent, log_std).unwrap();
                gaussians.entropy::<L>(entropy).unwrap();
                gaussians.pathwise::<L>(noise, cotangent, path_mean, path_std).unwrap();
                gaussians.kl::<L>(Some(&others), kl, kl_mean, kl_std).unwrap();
                gaussians.kl::<L>(None, to, to_mean, to_std).unwrap();
                gaussians.log_prob::<L>(&batch.cotangent[..batch.rows], log_prob, by_mean, by_log_std).unwrap();
            },
            |b, out| {
                let (p, cotangent) = (gaussian(b), batch.cotangent[b]);
                let other = Gaussian::new(cotangent, log_std[b]).unwrap();
                let (score_mean, score_std) = p.score(cotangent);
                let (path_mean, path_std) = p.pathwise(batch.noise[b], cotangent);
                let [kl_mean, kl_std, ..] = p.kl_derivatives(other);
                let (to_mean, to_std) = p.kl_to_standard_derivatives();
                let all = [
                    [p.log_prob(cotangent), score_mean, score_std],
                    [p.entropy(), path_mean, path_std],
                    [p.kl(other), kl_mean, kl_std],
                    [p.kl_to_standard(), to_mean, to_std],
                ];
                out.iter_mut().zip(all.as_flattened()).for_each(|(out, &x)| out.push(x));
            },
        );
    }
}

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

macro_rules! at_every_width {
    ($name:ident: $($test:ident $width:ty),*) => {
        mod $name {
            use super::*;

            $(
                #[test]
                fn $test() {
                    super::$name::<$width>();
                }
            )*
        }
    };
}

at_every_width! { scalars: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16 }
at_every_width! {
    samplers: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16, avx2 Avx2, avx512 Avx512, detected Detected
}
at_every_width! {
    relaxed: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16, avx2 Avx2, avx512 Avx512, detected Detected
}
at_every_width! {
    categorical: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16, avx2 Avx2, avx512 Avx512, detected Detected
}
at_every_width! {
    noises: one_lane f32, four_lanes F32x4, eight_lanes F32x8, sixteen_lanes F32x16, avx2 Avx2, avx512 Avx512, detected Detected
}

/// Many classes, where most numbers need not be made: logits that are alike, spread, that rise, that are masked, far apart
/// or too large for small differences.
#[test]
fn the_class_of_many_is_the_one_that_every_number_was_made_for() {
    fn check<W: Width>(k: usize, name: &str, logit: &dyn Fn(usize) -> f32) {
        let rows = 35;
        let logits: Vec<f32> = (0..rows * k).map(logit).collect();
        let batch = Logits::new(&logits, k).unwrap().in_lanes::<W>();
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
        check::<Detected>(k, "alike", &|_| 0.5);
        check::<Avx2>(k, "spread", &|i| 8.0 * some(i));
        check::<Detected>(k, "spread", &|i| 8.0 * some(i));
        check::<F32x4>(k, "rising", &|i| (i % k) as f32 * 0.01);
        check::<Detected>(k, "falling", &|i| -((i % k) as f32) * 0.01);
        check::<Detected>(k, "far apart", &|i| 8000.0 * some(i));
        check::<Detected>(k, "large", &|i| 1e4 - some(i));
        check::<Detected>(k, "masked", &|i| if i % 3 == 1 { 0.0 } else { f32::NEG_INFINITY });
    }
}

/// Draws that are cut in pieces, or not, against one call after the other.
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

/// Everything that is cut among threads, on one to three of them, against the caller's thread alone.
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
