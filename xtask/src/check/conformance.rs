//! The step `device`: golden suites and digests on every emulated core, and digests of every build of the host.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    thread::{self, ScopedJoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use xtask::{
    board::{BOARDS, Board, CORTEX_M4F},
    emulator,
    firmware::{self, OptLevel},
    shell::{capture, clean, root},
};

use super::tier::Tier;

/// Draws of each operation on the cores of the short form.
const DRAWS: u32 = 10_000;
/// Draws of each operation on one core, in the whole form.
const MANY_DRAWS: u32 = 30_000;
/// Draws of each operation on the other cores. Each has the arithmetic of a core of the short form.
const FEW_DRAWS: u32 = 2000;
const LIMIT: Duration = Duration::from_secs(1800);

/// The core with the least flash.
const SMALLEST: &str = "Cortex-M0";

/// Cores of the short form: software floating point, hardware floating point, another architecture.
const SHORT: [&str; 3] = [SMALLEST, "Cortex-M4F", "RISC-V"];

/// One hash per operation, as printed.
type Hashes = Vec<String>;

/// A row of the table: a build or a core, the number of draws, its hashes.
struct Row {
    name: String,
    draws: u32,
    hashes: Hashes,
}

/// Checks golden suites on emulated cores, and digests of every core, of every lane, and of builds of the host.
///
/// The short form runs three cores and the stock release build of the host. The whole form runs all cores, a native
/// build, more draws on one core, and fewer on the cores that the short form leaves out. The step `tests` compares the
/// unoptimised build with the golden files.
pub fn run(tier: Tier) -> Result<()> {
    let folder = root().join("target/conformance");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let cases = folder.join("cases.bin");
    let stock = golden_io(Build::Stock)?;
    stock.arg_run(&["encode", &cases.to_string_lossy()])?;

    // One board is emulated while the next is built. Programs optimised for size have their own folder, so another
    // thread builds them.
    let boards = BOARDS.iter().filter(|board| tier.whole() || SHORT.contains(&board.core));
    let (small, fast): (Vec<_>, Vec<_>) = boards.partition(|board| level(board) == OptLevel::Small);
    let mut table = Vec::new();
    let results = thread::scope(|scope| -> Result<Vec<_>> {
        let cases = &cases;
        let start = move |boards: Vec<&'static Board>| -> Result<Vec<_>> {
            let run = |board| {
                let firmware = Firmware::build(board)?;
                Ok((board, scope.spawn(move || prove(board, &firmware, cases, tier))))
            };
            boards.into_iter().map(run).collect()
        };
        let builder = scope.spawn(move || start(small));
        let mut running = start(fast)?;
        table.push(stock.digest(DRAWS)?);
        if tier.whole() {
            let native = golden_io(Build::Native)?;
            table.extend([stock.digest(FEW_DRAWS)?, stock.digest(MANY_DRAWS)?, native.digest(MANY_DRAWS)?]);
            println!("{}", native.arg_run(&["lanes", &DRAWS.to_string()])?.trim_end());
        }
        println!("{}", stock.arg_run(&["lanes", &DRAWS.to_string()])?.trim_end());
        running.extend(builder.join().map_err(|_| anyhow!("a thread stopped"))??);
        let joined = |(board, thread): (_, ScopedJoinHandle<'_, _>)| {
            Ok((board, thread.join().map_err(|_| anyhow!("a board's thread stopped"))?))
        };
        running.into_iter().map(joined).collect()
    })?;
    for (board, result) in results {
        let (report, rows) = result.with_context(|| board.core.to_owned())?;
        println!("{}: golden suites\n{report}", board.core);
        table.extend(rows);
    }
    compare(&table)
}

/// Prints the table; fails unless rows with equal numbers of draws have equal hashes.
fn compare(table: &[Row]) -> Result<()> {
    let mut differences = Vec::new();
    for draws in [FEW_DRAWS, DRAWS, MANY_DRAWS] {
        let mut rows = table.iter().filter(|row| row.draws == draws).peekable();
        let Some(&reference) = rows.peek() else { continue };
        ensure!(!reference.hashes.is_empty(), "the digest has no operation");
        println!("digests of {draws} draws of each of {} operations", reference.hashes.len());
        for row in rows {
            println!("  {:016x}  {}", fold(&row.hashes), row.name);
            let pairs = row.hashes.iter().zip(&reference.hashes).filter(|(a, b)| a != b);
            differences.extend(pairs.map(|(a, b)| format!("{}: {a}, reference {b}", row.name)));
            if row.hashes.len() != reference.hashes.len() {
                let counts = (row.hashes.len(), reference.hashes.len());
                differences.push(format!("{}: {} operations, reference {}", row.name, counts.0, counts.1));
            }
        }
    }
    let first = table.first().context("no digest")?;
    println!("operations of {}:\n  {}", first.name, first.hashes.join("\n  "));
    ensure!(differences.is_empty(), "bits differ:\n{}", differences.join("\n"));
    Ok(())
}

/// Programs of a board: one that computes the golden suites, and those that together compute the digests. All are one
/// program if the flash is large enough.
struct Firmware {
    golden: PathBuf,
    digest: Vec<PathBuf>,
}

impl Firmware {
    /// Builds the programs of a board. The smallest core's 256 KB of flash cannot hold all operations at once, so it
    /// gets three programs.
    fn build(board: &Board) -> Result<Self> {
        let build = |features: &[&str]| {
            firmware::build_with(board, "samplegrad-device-tests", "conformance", level(board), features)
        };
        if board.core != SMALLEST {
            let both = build(&["golden", "digest"])?;
            return Ok(Self { golden: both.clone(), digest: vec![both] });
        }
        let one = |name| -> Result<PathBuf> {
            let built = build(&[name])?;
            // The next build writes to the same path.
            let kept = built.with_file_name(format!("conformance-{name}"));
            fs::copy(&built, &kept).with_context(|| format!("writing {}", kept.display()))?;
            Ok(kept)
        };
        Ok(Self { golden: one("golden")?, digest: vec![one("first-half")?, one("second-half")?] })
    }
}

/// Returns the optimisation level of a board's programs: for size on the smallest core and on one more, so that both
/// levels are shown to have the same bits.
fn level(board: &Board) -> OptLevel {
    if [SMALLEST, "Cortex-M3"].contains(&board.core) { OptLevel::Small } else { OptLevel::Fast }
}

/// Folds the hashes of a row into one number, for the table alone.
fn fold(lines: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    lines.hash(&mut hasher);
    hasher.finish()
}

/// Checks the golden suites and digests of one board, and that its deliberate failures are detected. Returns the report
/// on the suites and the rows of the table.
fn prove(board: &Board, firmware: &Firmware, cases: &Path, tier: Tier) -> Result<(String, Vec<Row>)> {
    let results = cases.with_file_name(format!("{}.bin", board.core));
    let start = Instant::now();
    firmware_run(board, &firmware.golden, &["golden", &cases.to_string_lossy(), &results.to_string_lossy()])?;
    let report = golden_io(Build::Stock)?.arg_run(&["check", &results.to_string_lossy()])?;
    let mut rows = Vec::new();
    let all: &[u32] = match board.core {
        core if !SHORT.contains(&core) => &[FEW_DRAWS],
        core if tier.whole() && core == CORTEX_M4F.core => &[DRAWS, MANY_DRAWS],
        _ => &[DRAWS],
    };
    for &draws in all {
        let mut hashes = Vec::new();
        for program in &firmware.digest {
            let printed = firmware_run(board, program, &["digest", &draws.to_string()])?;
            hashes.extend(printed.lines().map(str::to_owned));
        }
        rows.push(Row { name: format!("{} ({})", board.core, board.target), draws, hashes });
    }
    for way in ["panic", "fault", "nonsense"] {
        ensure!(firmware_run(board, &firmware.golden, &[way]).is_err(), "firmware that was to fail by {way} succeeded");
    }
    println!("{}: done in {:.0} s", board.core, start.elapsed().as_secs_f64());
    Ok((report, rows))
}

fn firmware_run(board: &Board, elf: &Path, words: &[&str]) -> Result<String> {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let mut output = Vec::new();
    let outcome = emulator::run(board, elf, &words, LIMIT, |bytes| {
        output.extend_from_slice(bytes);
        Ok(())
    });
    let said = String::from_utf8_lossy(&output).into_owned();
    match outcome {
        Ok(()) => Ok(said),
        Err(error) => bail!("{error:#}\n{said}"),
    }
}

/// A build of the host.
#[derive(Clone, Copy, PartialEq)]
enum Build {
    /// Optimised for any processor of the target.
    Stock,
    /// Optimised for this processor.
    Native,
}

impl Build {
    fn name(self) -> &'static str {
        match self {
            Build::Stock => "host, stock, release",
            Build::Native => "host, native, release",
        }
    }
}

/// The host's program of the conformance suite in one of its builds.
struct GoldenIo {
    build: Build,
    program: PathBuf,
}

fn golden_io(build: Build) -> Result<GoldenIo> {
    let target = root().join(if build == Build::Native { "target/native" } else { "target" });
    let mut command = clean("cargo");
    command.args(["build", "--release", "--quiet", "--locked", "--package", "samplegrad-tests", "--bin", "golden-io"]);
    command.arg("--target-dir").arg(&target);
    if build == Build::Native {
        command.env("RUSTFLAGS", "-C target-cpu=native");
    }
    capture(&mut command)?;
    Ok(GoldenIo { build, program: target.join("release").join("golden-io") })
}

impl GoldenIo {
    fn arg_run(&self, arguments: &[&str]) -> Result<String> {
        capture(clean(&self.program).args(arguments))
    }

    fn digest(&self, draws: u32) -> Result<Row> {
        let output = self.arg_run(&["digest", &draws.to_string()])?;
        Ok(Row { name: self.build.name().to_owned(), draws, hashes: output.lines().map(str::to_owned).collect() })
    }
}
