//! Tests that build programs in C with gcc, link them to this library, and run them alone and under valgrind. The
//! numbers of the example have the bits of the Rust results.
//!
//! `cargo xtask test c` installs gcc and valgrind where they are missing.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use samplegrad_core::{
    ActionMask, ActionModel, EntropyBonus, Features, LearningRate, Reinforce, Reward, Temperature, disarm::DisArm,
    lane::Lane, stream,
};
use samplegrad_host::{
    F32x4, F32x8, Streams, U32x4, U32x8,
    batch::{
        self, Logits,
        estimator::Rows,
        estimator_kind::{BitsEstimator, ClassesEstimator},
    },
};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Runs a command, which must succeed. Returns its output.
fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; `cargo xtask test c` installs what is missing"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Returns the folder of the libraries, built as a user builds them.
fn libraries() -> PathBuf {
    let executable = std::env::current_exe().expect("a test is a file");
    // target/PROFILE/deps/linked-HASH
    let target = executable.ancestors().nth(3).expect("a test lies in the target folder").to_owned();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--release", "--package", "samplegrad-c", "--target-dir"]);
    run(cargo.arg(&target).current_dir(HERE));
    target.join("release")
}

/// Returns the name of the folder of the programs, beside the libraries.
fn programs() -> String {
    format!("c-programs-{}", std::process::id())
}

/// Builds a program with the static library, or the shared library.
fn build(source: &str, libraries: &Path, shared: bool) -> PathBuf {
    let source = Path::new(HERE).join(source);
    let name =
        format!("{}-{}", source.file_stem().unwrap().to_string_lossy(), if shared { "shared" } else { "static" });
    // Concurrent runs of this test in other profiles share these libraries, but not their programs.
    let program = libraries.join(programs()).join(name);
    fs::create_dir_all(program.parent().unwrap()).expect("the target folder can be written");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]);
    gcc.arg(Path::new(HERE).join("include")).arg(source).arg("-o").arg(&program);
    if shared {
        gcc.arg("-L").arg(libraries).args(["-lsamplegrad", "-Wl,-rpath,$ORIGIN/.."]);
    } else {
        gcc.arg(libraries.join("libsamplegrad.a"));
    }
    run(gcc.args(["-lm", "-lpthread", "-ldl"]));
    program
}

/// Runs a program under valgrind. It fails at any read of missing or uninitialized memory, any bad free and any leak.
fn under_valgrind(program: &Path) -> String {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"]);
    run(valgrind.arg(program))
}

/// The numbers of a line of the example.
enum Told {
    Floats(Vec<f32>),
    Words(Vec<u32>),
}

impl Told {
    fn bits(&self) -> Vec<u32> {
        match self {
            Told::Floats(x) => x.iter().map(|x| x.to_bits()).collect(),
            Told::Words(words) => words.clone(),
        }
    }

    /// Reads printed numbers of the same kind and returns their bits. Nine digits restore the same float.
    fn bits_of(&self, written: &str) -> Vec<u32> {
        let number = |x: &str| match self {
            Told::Floats(_) => x.parse::<f32>().expect("a number").to_bits(),
            Told::Words(_) => x.parse().expect("a word"),
        };
        written.split_whitespace().map(number).collect()
    }
}

type Numbers = BTreeMap<String, Told>;

const ROWS: usize = 5;
const CLASSES: usize = 3;
const SAMPLES: usize = 2;
const BITS: usize = 4;
const LEARNERS: usize = 11;
const STEPS: usize = 200;

/// Computes the numbers of the example in Rust.
fn expected() -> Numbers {
    let mut told = Numbers::new();
    let mut put = |name: &str, x: Told| assert!(told.insert(name.to_owned(), x).is_none());
    let values: Vec<f32> = (0..ROWS * CLASSES).map(|i| (i % 7) as f32 - 3.0).collect();
    let logits = Logits::new(&values, CLASSES).unwrap();
    let streams = &mut Streams::new(2026, ROWS).unwrap();
    let (half, two) = (Temperature::new(0.5).unwrap(), Temperature::new(2.0).unwrap());
    let (mut noise, mut y, mut gradient) = ([0.0; ROWS * CLASSES], [0.0; ROWS * CLASSES], [0.0; ROWS * CLASSES]);
    let (mut row, mut drawn) = ([0.0; ROWS], [0; ROWS]);

    batch::noise::normal(streams, CLASSES, &mut noise).unwrap();
    put("normal", Told::Floats(noise.to_vec()));
    batch::noise::gumbel(streams, CLASSES, &mut noise).unwrap();
    put("gumbel", Told::Floats(noise.to_vec()));
    batch::gumbel_softmax::sample(&logits, half, streams, &mut y).unwrap();
    let cotangent = y.map(|y| 2.0 * y - 1.0);
    batch::gumbel_softmax::vjp(&y, &cotangent, CLASSES, half, &mut gradient).unwrap();
    put("gumbel-softmax", Told::Floats(y.to_vec()));
    put("its gradient", Told::Floats(gradient.to_vec()));
    batch::gumbel_softmax::with_noise(&logits, two, &noise, &mut y).unwrap();
    put("with noise", Told::Floats(y.to_vec()));
    batch::concrete::log_density(&logits, two, &y, &mut row).unwrap();
    put("log-density", Told::Floats(row.to_vec()));
    batch::gumbel_softmax::vjp_temperature(&logits, two, &noise, &cotangent, &mut row).unwrap();
    put("by temperature", Told::Floats(row.to_vec()));
    batch::straight_through::sample(&logits, half, streams, &mut drawn, &mut y).unwrap();
    put("straight-through", Told::Words(drawn.to_vec()));
    put("soft", Told::Floats(y.to_vec()));
    batch::gumbel_max::sample(&logits, streams, &mut drawn).unwrap();
    put("gumbel-max", Told::Words(drawn.to_vec()));

    let mut samples = [0; ROWS * SAMPLES];
    for s in 0..SAMPLES {
        batch::inverse_cdf::sample(&logits, streams, &mut drawn).unwrap();
        (0..ROWS).for_each(|row| samples[row * SAMPLES + s] = drawn[row]);
    }
    let costs = samples.map(|class| (class * class) as f32);
    let mut advantages = [0.0; ROWS * SAMPLES];
    batch::score_function::leave_one_out(&costs, SAMPLES, &mut advantages).unwrap();
    batch::score_function::estimate(&logits, SAMPLES, &samples, &advantages, &mut gradient).unwrap();
    put("samples", Told::Words(samples.to_vec()));
    put("score function", Told::Floats(gradient.to_vec()));

    let bits: Vec<f32> = (0..ROWS * BITS).map(|i| 0.25 * i as f32 - 2.0).collect();
    let bits = Logits::new(&bits, BITS).unwrap();
    let cost = |rows: Rows| {
        let target = F32x4::from_fn(|lane| rows.row(lane) as f32);
        move |b: &[F32x4]| {
            let sum = b.iter().fold(F32x4::ZERO, |sum, &b| sum + b);
            (sum - target) * (sum - target)
        }
    };
    let mut by_bits = [0.0; ROWS * BITS];
    batch::estimator::bernoullis::<BITS, F32x4, _>(&bits, &DisArm, cost, streams, &mut row, &mut by_bits).unwrap();
    put("mean cost", Told::Floats(row.to_vec()));
    put("disarm", Told::Floats(by_bits.to_vec()));

    let classes: Vec<f32> = (0..ROWS * 5).map(|i| (i % 5) as f32 * 0.5 - 1.0).collect();
    let classes = Logits::new(&classes, 5).unwrap();
    let cost = |rows: Rows| {
        let target = F32x4::from_fn(|lane| rows.row(lane) as f32);
        move |x: &[U32x4]| {
            let off = F32x4::from_word(x[0]) + F32x4::from_word(x[1]) - target;
            off * off
        }
    };
    let mut by_classes = [0.0; ROWS * 5];
    let sizes = [3, 2];
    batch::estimator::categoricals::<5, F32x4, _>(&classes, &sizes, &DisArm, cost, streams, &mut row, &mut by_classes)
        .unwrap();
    put("mean cost of classes", Told::Floats(row.to_vec()));
    put("disarm of classes", Told::Floats(by_classes.to_vec()));

    let states: Vec<_> = (0..ROWS).flat_map(|b| stream::words(&streams.device(b).unwrap())).collect();
    put("states", Told::Words(states.to_vec()));
    bandit(&mut put);
    told
}

/// Runs every learner alone, as a device of exactly its size.
fn bandit(put: &mut impl FnMut(&str, Told)) {
    let mut total = 0.0;
    let mut rewards = vec![[0.0; LEARNERS]; STEPS];
    for number in 0..LEARNERS {
        let mut rng = stream::xorshift(2026, number as u64);
        let model = ActionModel::<1, 3>::new(LearningRate::new(0.1).unwrap());
        let (rate, bonus) = (LearningRate::new(0.5).unwrap(), EntropyBonus::new(0.01).unwrap());
        let mut learner = Reinforce::<1, 3, _>::new(model, rate, bonus);
        for (step, rewards) in rewards.iter_mut().enumerate() {
            let x = if (step + number) % 2 == 1 { 1.0 } else { -1.0 };
            let seen = Features::new([x]).unwrap();
            let decision = learner.act(&seen, &ActionMask::all(), &mut rng);
            let reward = if decision.action() == (if x > 0.0 { 2 } else { 0 }) { 1.0 } else { 0.0 };
            rewards[number] = reward;
            learner.learn(&seen, &decision, Reward::new(reward).unwrap());
        }
        if number == LEARNERS - 1 {
            put("weights of the last learner", Told::Floats(learner.policy().weights()[0].to_vec()));
            put("its biases", Told::Floats(learner.policy().bias().to_vec()));
        }
    }
    rewards[STEPS - 20..].as_flattened().iter().for_each(|reward| total += reward);
    let mean = total / (LEARNERS * 20) as f32;
    assert!(mean > 0.9, "the learners did not learn: {mean}");
    put("mean reward of the last 20 steps", Told::Floats(vec![mean]));
}

#[test]
fn the_example_has_the_bits_of_rust() {
    let libraries = libraries();
    let expected = expected();
    let program = build("examples/gradients.c", &libraries, false);
    let shared = build("examples/gradients.c", &libraries, true);
    // Valgrind's processor has no AVX-512. So other instructions run, and they must give the same bits.
    for told in [run(&mut Command::new(&shared)), run(&mut Command::new(&program)), under_valgrind(&program)] {
        compare(&told, &expected);
    }
    every_estimator(&libraries);
    refusals(&libraries);
    // This program runs without valgrind, because valgrind runs one thread at a time. In addition, the memory of a
    // child is a copy of its parent's memory.
    let forked = run(&mut Command::new(build("tests/forked.c", &libraries, false)));
    assert_eq!(forked, "child: 0, parent: 0\n");
    fs::remove_dir_all(libraries.join(programs())).expect("the programs can be removed");
}

/// Compares every estimator of `tests/estimators.c` with Rust.
fn every_estimator(libraries: &Path) {
    const ROWS: usize = 7;
    const STREAMS: usize = 5;
    let streams = &mut Streams::new(2026, STREAMS).unwrap();
    let target = |rows: Rows| F32x8::from_fn(|lane| (rows.row(lane) % 4) as f32);
    let mut expected = Numbers::new();
    let mut put = |of: &str, kind: u32, mean: &[f32], gradient: &[f32]| {
        expected.insert(format!("{of} {kind} mean"), Told::Floats(mean.to_vec()));
        expected.insert(format!("{of} {kind} gradient"), Told::Floats(gradient.to_vec()));
    };

    let values: Vec<f32> = (0..ROWS * 3).map(|i| 0.25 * (i % 11) as f32 - 1.0).collect();
    let (logits, mut mean, mut gradient) = (Logits::new(&values, 3).unwrap(), [0.0; ROWS], [0.0; ROWS * 3]);
    for kind in BitsEstimator::all() {
        let cost = |rows: Rows| {
            let target = target(rows);
            move |b: &[F32x8]| (b[0] + b[1] * 2.0 - b[2] - target) * (b[0] + b[1] * 2.0 - b[2] - target)
        };
        kind.estimate::<F32x8, _>(&logits, cost, streams, &mut mean, &mut gradient).unwrap();
        put("bits", kind.number(), &mean, &gradient);
    }

    let mut values: Vec<f32> = (0..ROWS * 5).map(|i| 0.25 * (i % 13) as f32 - 1.5).collect();
    values[2 * 5 + 1] = f32::NEG_INFINITY;
    let (logits, mut gradient) = (Logits::new(&values, 5).unwrap(), [0.0; ROWS * 5]);
    for kind in ClassesEstimator::all() {
        let cost = |rows: Rows| {
            let target = target(rows);
            move |x: &[U32x8]| {
                let off = F32x8::from_word(x[0]) * 2.0 + F32x8::from_word(x[1]) - target;
                off * off
            }
        };
        kind.estimate::<F32x8, _>(&logits, &[3, 2], cost, streams, &mut mean, &mut gradient).unwrap();
        put("classes", kind.number(), &mean, &gradient);
    }
    let states = (0..STREAMS).flat_map(|b| stream::words(&streams.device(b).unwrap())).collect();
    expected.insert("states".to_owned(), Told::Words(states));
    expected.insert("wrong".to_owned(), Told::Words(vec![0]));

    let program = build("tests/estimators.c", libraries, false);
    compare(&run(&mut Command::new(&program)), &expected);
    compare(&under_valgrind(&program), &expected);
}

/// Compares the lines of a program with the expected numbers, bit for bit.
fn compare(told: &str, expected: &Numbers) {
    let lines = told.lines().map(|line| line.split_once(':').expect("a name and numbers"));
    let told: BTreeMap<_, _> = lines.collect();
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, expected) in expected {
        let written = told[name.as_str()];
        assert_eq!(expected.bits_of(written), expected.bits(), "{name}: {written}");
    }
}

/// Runs bad input, and checks the code and message of each.
fn refusals(libraries: &Path) {
    let told = under_valgrind(&build("tests/refusals.c", libraries, false));
    for due in [
        "null logits: 1 logits: the pointer is null",
        "in place: 3 y and logits share memory, and one of them is written",
        "ragged: 5 logits: 6 numbers are no whole number of rows of 4",
        "NaN: 6 row 1: logits[1]: not a number (NaN)",
        "temperature 0: 6 temperature: 0, it must be from 1e-10 to 1e10",
        "no such noise: 7 noise: there is no kind 99",
        "learn first: 10 rewards: no actions wait for them, draw some first",
        "streams of a call that asks: 9 streams: another thread is using them",
        "a cost of NaN: 6 row 1: costs[1]: not a number (NaN)",
        "an advantage of NaN: 6 row 1: advantages[1]: not a number (NaN)",
        "a cotangent of NaN: 6 row 1: cotangent[1]: not a number (NaN)",
        "shifted by four numbers: 3 y and logits share memory, and one of them is written",
        "65 bits: 8 logits: 65 bits in a row, at most 64 are possible with this estimator",
        "17 bits by enumeration: 8 logits: 17 bits in a row, at most 16 are possible with this estimator",
        "no cost of classes: 1 cost: the pointer is null",
        "a cost of classes of NaN: 6 row 1: the cost of a sample is NaN, it must be finite",
        "a cost of NaN by enumeration: 6 row 1: the cost of a sample is NaN, it must be finite",
        "ARM of classes: 7 estimator: there is no kind 2",
        "no sizes: 1 sizes: the pointer is null",
        "no variable: 4 sizes: each variable must have at least one class, and there must be a variable",
        "no class: 4 sizes: each variable must have at least one class, and there must be a variable",
        "sizes that do not fit: 5 logits: 6 numbers are no whole number of rows of 4",
        "65 logits: 8 logits: 65 in a row, at most 64 are possible",
        "sizes beyond memory: 8 logits: 4294967296 in a row, at most 64 are possible",
        "78125 values: 8 sizes: 78125 values, at most 65536 are possible with this estimator",
        "a short mean: 5 mean: length 1, it must be 2",
        "a short gradient: 5 gradient: length 5, it must be 6",
        "a gradient in the logits: 3 gradient and logits share memory, and one of them is written",
        "wrong: 0",
    ] {
        assert!(told.lines().any(|line| line == due), "no line `{due}` in\n{told}");
    }
    assert!(told.lines().count() > 35);
}
