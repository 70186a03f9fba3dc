//! Test that one, two and three ranks have the bits of one machine, that a failure stops all ranks, and that a
//! checkpoint resumes.
//!
//! There is no test harness: the program starts `mpirun` with itself, and does a rank's work if MPI started it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Output},
    time::Duration,
};

use samplegrad_core::{
    ActionMask, Decay, EntropyBonus, Error, Features, LearningRate, MovingAverage, Reinforce, Reward, Temperature,
    disarm::DisArm,
    lane::{Lane, Word},
};
use samplegrad_host::{
    LaneRng, Native, Streams, Threads,
    batch::{Logits, estimator, gumbel_softmax},
    fleet::{Device, Fleet, Numbers},
};
use samplegrad_lab::{self as lab, LearnSettings, Settings, problems};
use samplegrad_mpi::{Job, Ranks, batch, fleet, mpi::topology::Communicator, start};

const SEED: u64 = 2026;

/// A device that is rewarded for the second of two actions, with rewards whose sums round.
struct Lever;

impl Device for Lever {
    type Life<L: Lane> = Reinforce<1, 2, MovingAverage<L>, L>;
    type Report = ();

    fn start<L: Lane>(&self, _: Numbers, _: &mut LaneRng<L>) -> Result<Self::Life<L>, Error> {
        let baseline = MovingAverage::new(Decay::new(0.9)?);
        Ok(Reinforce::new(baseline, LearningRate::new(0.5)?, EntropyBonus::new(0.0)?))
    }

    #[inline(always)]
    fn step<L: Lane>(&self, life: &mut Self::Life<L>, step: u64, rng: &mut LaneRng<L>) -> Result<L, Error> {
        let x = Features::new([L::ONE])?;
        let decision = life.act(&x, &ActionMask::all(), rng);
        let paid = L::splat(1e-3 + 1e5 / (1.0 + step as f32));
        let reward = L::select(decision.action().equals(L::Word::splat(1)), paid, L::splat(1e-7));
        life.learn(&x, &decision, Reward::new(reward)?);
        Ok(reward)
    }

    fn report<L: Lane>(&self, _: &Self::Life<L>, _: usize, _: &LaneRng<L>) {}
}

/// Creates a fleet whose number of devices is not a whole number of blocks, and whose number of blocks is not a power
/// of two.
fn levers() -> Fleet {
    Fleet::new(SEED, 1_234, 20).unwrap().numbered_from(7).unwrap().windows(6).unwrap()
}

fn settings() -> Settings {
    Settings { draws: Some(1 << 10), repeats: 0, ..Settings::default() }
}

fn steps() -> LearnSettings {
    LearnSettings { steps: 20, rate: None, learners: 16, points: 5 }
}

const ROWS: usize = 1000;
const CLASSES: usize = 3;

fn logits(first: usize, count: usize) -> Vec<f32> {
    (first * CLASSES..(first + count) * CLASSES).map(|i| (i % 17) as f32 / 4.0 - 2.0).collect()
}

fn relaxed(first: usize, count: usize, streams: &mut Streams) -> Result<Vec<f32>, samplegrad_host::Error> {
    let (logits, mut y) = (logits(first, count), vec![0.0; count * CLASSES]);
    gumbel_softmax::sample(&Logits::new(&logits, CLASSES)?, Temperature::ONE, streams, &mut y)?;
    Ok(y)
}

/// Computes sums of gradients of some rows, in double precision.
fn gradients(first: usize, count: usize, streams: &mut Streams) -> Result<Vec<f64>, samplegrad_host::Error> {
    let (logits, mut mean, mut gradient) = (logits(first, count), vec![0.0; count], vec![0.0; count * CLASSES]);
    let cost = |_: estimator::Rows| |b: &[Native]| (b[0] + b[1] - b[2]) * (b[0] + b[1] - b[2]);
    let logits = Logits::new(&logits, CLASSES)?;
    estimator::bernoullis::<CLASSES, Native, _>(&logits, &DisArm, cost, streams, &mut mean, &mut gradient)?;
    Ok((0..CLASSES).map(|k| gradient.iter().skip(k).step_by(CLASSES).map(|&g| f64::from(g)).sum()).collect())
}

/// Returns all results as text with all their bits.
fn text(rewards: &[f64], comparisons: &[lab::Comparison], learning: &lab::Learning, y: &[f32], sums: &[f64]) -> String {
    let bits = |values: &[f64]| values.iter().map(|x| format!("{:016x}\n", x.to_bits())).collect::<String>();
    let y: String = y.iter().map(|x| format!("{:08x}\n", x.to_bits())).collect();
    format!(
        "{}{}{y}{}",
        bits(rewards),
        lab::csv::coordinates(comparisons) + &lab::csv::comparisons(comparisons) + &format!("{learning:?}"),
        bits(sums)
    )
}

/// Computes all results on one machine.
fn alone() -> String {
    let rewards = levers().live(&Lever).end().unwrap();
    let comparison = lab::compare(&problems::toy(0.45, 2.0).unwrap(), &settings(), &mut |_| ()).unwrap();
    let large = lab::compare(&problems::quadratic(0.4, 12).unwrap(), &settings(), &mut |_| ()).unwrap();
    let learning = lab::learn(&problems::toy(0.45, 0.0).unwrap(), &settings(), &steps(), &mut |_| ()).unwrap();
    let y = relaxed(0, ROWS, &mut Streams::new(SEED, ROWS).unwrap()).unwrap();
    // Sixteen blocks of rows, the last of 40, summed by an explicit tree.
    let blocks: Vec<Vec<f64>> = (0..16)
        .map(|block| {
            let (first, count) = (64 * block, 64.min(ROWS - 64 * block));
            let states: Vec<_> =
                (first..first + count).map(|row| samplegrad_core::stream::state(SEED, row as u64)).collect();
            gradients(first, count, &mut Streams::from_states(&states).unwrap()).unwrap()
        })
        .collect();
    let mut level = blocks;
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| a + b).collect()).collect();
    }
    text(rewards.sums(), &[comparison, large], &learning, &y, &level[0])
}

/// Computes all results on ranks; rank 0 writes them.
fn together(ranks: &Ranks<'_>, out: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let rewards = fleet::live(ranks, "levers", &levers(), &Lever, &Threads::new(2)?)?;
    let toy = samplegrad_mpi::lab::compare(ranks, &problems::toy(0.45, 2.0)?, &settings())?;
    let large = samplegrad_mpi::lab::compare(ranks, &problems::quadratic(0.4, 12)?, &settings())?;
    let learning = samplegrad_mpi::lab::learn(ranks, &problems::toy(0.45, 0.0)?, &settings(), &steps())?;
    let y = batch::collect(ranks, "relaxed", SEED, ROWS, |rows, streams| relaxed(rows.start, rows.len(), streams))?;
    let sums = batch::sum(ranks, "gradient", SEED, ROWS, |rows, streams| gradients(rows.start, rows.len(), streams))?;
    if let Some(out) = out {
        fs::write(out, text(rewards.sums(), &[toy, large], &learning, &y, &sums))?;
    }
    Ok(())
}

/// The number of pieces of the work with a failure.
const PIECES: usize = 12;

/// Computes one piece.
fn piece(number: usize) -> Vec<u64> {
    (0..=number as u64).map(|k| k * k + 1).collect()
}

fn rank(words: &[String]) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    start(|world| {
        let ranks = Ranks::new(world).every(Duration::ZERO);
        let job = Job { name: "pieces", numbers: &[1], pieces: PIECES };
        match *words {
            ["together", out] => together(&ranks, (world.rank() == 0).then_some(out.as_ref())),
            // The last argument is the event that happens at piece 7, on any rank.
            ["pieces", file, out, end] => {
                let mut computed = 0;
                let results = ranks.keep(file).run(&job, |number| {
                    computed += 1;
                    match (number, end) {
                        (7, "dies") => std::process::abort(),
                        (7, "fails") => Err("row 3: refused".to_owned()),
                        (7, "panics") => panic!("on purpose"),
                        _ => Ok(piece(number)),
                    }
                })?;
                assert!(results.iter().enumerate().all(|(number, words)| *words == piece(number)));
                fs::write(format!("{out}.{}", world.rank()), computed.to_string())?;
                Ok(())
            }
            ["other", file] => {
                Ok(ranks.keep(file).run(&Job { numbers: &[2], ..job }, |_| Ok(Vec::new())).map(|_| ())?)
            }
            ["panics"] if world.rank() == 1 => panic!("outside of a piece"),
            ["alone"] if world.rank() == 1 => Err("one rank alone".into()),
            ["panics" | "alone"] => Ok(ranks.run(&job, |number| Ok(piece(number))).map(|_| ())?),
            _ => Err("no such work".into()),
        }
    })
}

fn mpirun(ranks: usize, words: &[&str]) -> Output {
    let program = env::current_exe().expect("this program");
    let mut command = Command::new("mpirun");
    command.args(["--allow-run-as-root", "--oversubscribe", "-n", &ranks.to_string()]);
    command.arg(program).args(words).output().expect("mpirun")
}

#[track_caller]
fn succeeds(ranks: usize, words: &[&str]) {
    let output = mpirun(ranks, words);
    assert!(output.status.success(), "{words:?} on {ranks}: {}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn fails(ranks: usize, words: &[&str], said: &[&str]) {
    let output = mpirun(ranks, words);
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{words:?} succeeded");
    for said in said {
        assert!(text.contains(said), "{words:?} did not say `{said}`:\n{text}");
    }
}

/// Returns the number of pieces that each rank computed.
fn computed(out: &str, ranks: usize) -> Vec<usize> {
    (0..ranks).map(|rank| fs::read_to_string(format!("{out}.{rank}")).unwrap().parse().unwrap()).collect()
}

fn test(folder: &Path) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let expected = alone();
    for ranks in [1, 2, 3] {
        let out = path("together");
        succeeds(ranks, &["together", &out]);
        assert!(fs::read_to_string(out).unwrap() == expected, "{ranks} ranks have other bits than one machine");
        println!("{ranks} ranks have the bits of one machine: {} lines", expected.lines().count());
    }

    let (file, out) = (path("checkpoint"), path("computed"));
    fails(2, &["pieces", &file, &out, "dies"], &["rank 1", "signal 6"]);
    let left = fs::read(&file).unwrap();
    // Rounds of two: six pieces were finished before the round of piece 7. The run resumes with three ranks.
    succeeds(3, &["pieces", &file, &out, "lives"]);
    assert_eq!((computed(&out, 3), Path::new(&file).exists()), (vec![2, 2, 2], false));
    println!("a rank that dies stops the run; three go on from what two had done");
    for (end, said) in
        [("fails", "error: rank 1, piece 7 of the work: row 3: refused"), ("panics", "it panicked: on purpose")]
    {
        fails(2, &["pieces", &file, &out, end], &[said]);
        assert_eq!(fs::read(&file).unwrap(), left, "{end}");
        fs::remove_file(&file).unwrap();
    }
    fails(2, &["panics"], &["outside of a piece"]);
    fails(2, &["alone"], &["error: rank 1: one rank alone"]);
    println!("a piece that fails, or panics, stops every rank");

    let mut damaged = left.clone();
    damaged[50] ^= 1;
    // Checkpoints of a version with other bits, and of release 0.1.0.
    let sealed = |bytes: Vec<u8>| {
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
        [&bytes[..], &sum.to_le_bytes()].concat()
    };
    let of_bits = sealed([&left[..8], &[7, 0, 0, 0], &left[12..left.len() - 4]].concat());
    let first = sealed([&left[..4], &[1, 0, 0, 0], &left[12..left.len() - 4]].concat());
    for (bytes, said) in [
        (&of_bits[..], "its bits are 7, this program's are 2"),
        (&first, "version 1, it must be 2"),
        (&damaged[..], "it is damaged"),
        (&left[..left.len() - 8], "it is damaged"),
        (b"nothing of the kind", "it is no checkpoint"),
        (b"", "it is damaged"),
    ] {
        fs::write(&file, bytes).unwrap();
        fails(2, &["pieces", &file, &out, "lives"], &["checkpoint", said, "take it away"]);
        assert_eq!(fs::read(&file).unwrap(), bytes);
    }
    fs::write(&file, &left).unwrap();
    fails(2, &["other", &file], &["it is of other work"]);
    let nowhere = path("nowhere/checkpoint");
    fails(2, &["pieces", &nowhere, &out, "lives"], &["cannot be written"]);
    println!("checkpoints that cannot be gone on from are refused");
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if env::var_os("OMPI_COMM_WORLD_RANK").is_some() {
        return rank(&words);
    }
    // A folder of this process alone; the files of a failed run remain there for inspection.
    let name = format!("samplegrad-mpi-ranks-{}", std::process::id());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    test(&folder);
    fs::remove_dir_all(&folder).unwrap();
    ExitCode::SUCCESS
}
