//! The step `device`: golden suites and digests on every emulated core, and digests of every build of the host.

use std::{
    fs,
    path::PathBuf,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::{
    board::{BOARDS, Board},
    emulator,
    firmware::{self, OptLevel},
    shell::{capture, clean, root},
};

/// Draws of each operation.
const DRAWS: u32 = 100_000;
const LIMIT: Duration = Duration::from_secs(1800);

/// One hash per operation, as printed.
type Hashes = Vec<String>;

pub fn run() -> Result<()> {
    let folder = root().join("target/conformance");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let cases = folder.join("cases.bin");
    golden_io(false, true)?.arg_run(&["encode", &cases.to_string_lossy()])?;

    let boards = BOARDS.iter().map(|board| Ok((board, Firmware::build(board)?))).collect::<Result<Vec<_>>>()?;
    let mut table: Vec<(String, Hashes)> = Vec::new();
    for (native, release) in [(false, true), (false, false), (true, true), (true, false)] {
        let name =
            format!("host, {}, {}", if native { "native" } else { "stock" }, if release { "release" } else { "debug" });
        let output = golden_io(native, release)?.arg_run(&["digest", &DRAWS.to_string()])?;
        table.push((name, output.lines().map(str::to_owned).collect()));
    }

    // Two emulators at a time, the slowest first.
    let queue = Mutex::new(boards.into_iter().rev().collect::<Vec<_>>());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((board, firmware)) = queue.lock().ok().and_then(|mut queue| queue.pop()) {
                    let result = prove(board, &firmware, &cases);
                    if let Ok(mut results) = results.lock() {
                        results.push((board, result));
                    }
                }
            });
        }
    });
    let results = results.into_inner().map_err(|_| anyhow!("a board's thread stopped"))?;
    ensure!(results.len() == BOARDS.len(), "{} of {} boards ran", results.len(), BOARDS.len());
    for (board, result) in results {
        let (report, hashes) = result.with_context(|| board.core.to_owned())?;
        println!("{}: golden suites\n{report}", board.core);
        table.push((format!("{} ({})", board.core, board.target), hashes));
    }

    let (_, reference) = table.first().context("no digest")?;
    ensure!(!reference.is_empty(), "the digest has no operation");
    println!("digests of {DRAWS} draws of each of {} operations", reference.len());
    let mut differences = Vec::new();
    for (name, hashes) in &table {
        println!("  {:016x}  {name}", fold(hashes));
        let differs =
            hashes.iter().zip(reference).filter(|(a, b)| a != b).map(|(a, b)| format!("{name}: {a}, reference {b}"));
        differences.extend(differs);
        if hashes.len() != reference.len() {
            differences.push(format!("{name}: {} operations, reference {}", hashes.len(), reference.len()));
        }
    }
    println!("operations of {}:\n  {}", table[0].0, reference.join("\n  "));
    ensure!(differences.is_empty(), "bits differ:\n{}", differences.join("\n"));
    Ok(())
}

/// Programs of a board: one that computes the golden suites, one that computes the digests. They are the same where there is
/// room.
struct Firmware {
    golden: PathBuf,
    digest: PathBuf,
}

impl Firmware {
    /// All operations together are more than the smallest core's 256 KB of flash can hold, unless they are built small and in
    /// two programs. That they have the same bits then too is part of what is shown.
    fn build(board: &Board) -> Result<Self> {
        let build = |level, features: &[&str]| {
            firmware::build_with(board, "samplegrad-device-tests", "conformance", level, features)
        };
        if board.core != "Cortex-M0" {
            let both = build(OptLevel::Fast, &["golden", "digest"])?;
            return Ok(Self { golden: both.clone(), digest: both });
        }
        let one = |name| -> Result<PathBuf> {
            let built = build(OptLevel::Small, &[name])?;
            // The next build writes to the same place.
            let kept = built.with_file_name(format!("conformance-{name}"));
            fs::copy(&built, &kept).with_context(|| format!("writing {}", kept.display()))?;
            Ok(kept)
        };
        Ok(Self { golden: one("golden")?, digest: one("digest")? })
    }
}

/// One number for a list of lines: 64-bit FNV-1a.
fn fold(lines: &[String]) -> u64 {
    lines
        .iter()
        .flat_map(|line| line.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Golden suites and digest of one board, and that its ways to fail are seen. Returns the report on the suites and the
/// hashes.
fn prove(board: &Board, firmware: &Firmware, cases: &std::path::Path) -> Result<(String, Hashes)> {
    let results = cases.with_file_name(format!("{}.bin", board.core));
    let start = Instant::now();
    firmware_run(board, &firmware.golden, &["golden", &cases.to_string_lossy(), &results.to_string_lossy()])?;
    let report = golden_io(false, true)?.arg_run(&["check", &results.to_string_lossy()])?;
    let hashes = firmware_run(board, &firmware.digest, &["digest", &DRAWS.to_string()])?;
    for way in ["panic", "fault", "nonsense"] {
        ensure!(firmware_run(board, &firmware.digest, &[way]).is_err(), "firmware that was to fail by {way} succeeded");
    }
    println!("{}: done in {:.0} s", board.core, start.elapsed().as_secs_f64());
    Ok((report, hashes.lines().map(str::to_owned).collect()))
}

fn firmware_run(board: &Board, elf: &std::path::Path, words: &[&str]) -> Result<String> {
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

/// The host's side of the conformance suite in one of its builds.
struct GoldenIo {
    program: PathBuf,
}

fn golden_io(native: bool, release: bool) -> Result<GoldenIo> {
    let target = root().join(if native { "target/native" } else { "target" });
    let mut command = clean("cargo");
    command.args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "samplegrad-tests",
        "--bin",
        "golden-io",
        "--target-dir",
    ]);
    command.arg(&target);
    if release {
        command.arg("--release");
    }
    if native {
        command.env("RUSTFLAGS", "-C target-cpu=native");
    }
    capture(&mut command)?;
    Ok(GoldenIo { program: target.join(if release { "release" } else { "debug" }).join("golden-io") })
}

impl GoldenIo {
    fn arg_run(&self, arguments: &[&str]) -> Result<String> {
        capture(clean(&self.program).args(arguments))
    }
}
