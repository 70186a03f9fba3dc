//! `cargo xtask budgets`: the costs of operations on a device, for the page of the core's documentation.
//!
//! A plugin of the emulator counts instructions between two marks. The counts are exact and equal in every run of one
//! program. An operation's count changes by a percent or two if its neighbours in the program change or if the compiler
//! changes.

use std::{fmt::Write, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use xtask::{
    board::{BOARDS, Board},
    emulator,
    firmware::{self, OptLevel},
    page,
    shell::{capture, clean, root},
    toolchain,
};

const PACKAGE: &str = "samplegrad-budgets";
const LIMIT: Duration = Duration::from_secs(120);

/// Allowed difference of a count from the page's count, as a share.
const SLACK: f64 = 0.02;

const AGAIN: &str = "run `cargo xtask budgets`, read what changed, and commit it";

/// Cores with budgets.
const CORES: [&str; 2] = ["Cortex-M4F", "Cortex-M0"];

/// Largest allowed instruction counts: core, operation, instructions.
const BUDGETS: [(&str, &str, u64); 11] = [
    ("Cortex-M4F", "fresh logits: inverse_cdf::sample", 700),
    ("Cortex-M4F", "known weights: AliasTable::sample", 45),
    ("Cortex-M4F", "GumbelSoftmax::sample", 1750),
    ("Cortex-M4F", "gumbel_softmax::vjp", 90),
    ("Cortex-M4F", "REINFORCE: act, learn", 4000),
    ("Cortex-M4F", "network 3-16-3: observe, act, learn", 6500),
    ("Cortex-M4F", "network 13-64-64-4: evaluate", 11_000),
    ("Cortex-M4F", "dense 64-10: forward, backward, Adam", 16_500),
    ("Cortex-M4F", "TraceReinforce with Adam: act, learn", 31_000),
    ("Cortex-M0", "integer: inverse_cdf::sample", 520),
    ("Cortex-M0", "integer: REINFORCE: act, learn", 10_500),
];

/// Largest allowed stack: core, operation, bytes.
const STACKS: [(&str, &str, u64); 2] = [
    ("Cortex-M4F", "network 3-16-3: observe, act, learn", 1024),
    ("Cortex-M4F", "TraceReinforce with Adam: act, learn", 3276),
];

/// Largest allowed size of the smallest program that learns with a network, in bytes, on a Cortex-M4F. A core without a
/// floating-point unit also needs the functions that replace it.
const MOST_FLASH: u64 = 10 * 1024;

/// Counts of the operations in C: of hand-written code on the C library, and of code with CMSIS-DSP. They were measured
/// once on this emulated core, with gcc at `-O3`.
const IN_C: [(&str, &str, u64, u64); 3] = [
    ("Cortex-M4F", "fresh logits: gumbel_max::sample", 1691, 1919),
    ("Cortex-M4F", "softmax::softmax", 794, 1000),
    ("Cortex-M4F", "REINFORCE: act, learn", 9622, 11361),
];

/// Cost of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cost {
    operation: String,
    instructions: u64,
    stack: u64,
}

/// Rows of the short table: core, operation, description.
const IN_SHORT: [(&str, &str, &str); 8] = [
    ("Cortex-M4F", "fresh logits: inverse_cdf::sample", "a class from fresh logits"),
    ("Cortex-M4F", "known weights: AliasTable::sample", "a class from known weights"),
    ("Cortex-M4F", "GumbelSoftmax::sample", "a relaxed sample, by Gumbel-softmax"),
    ("Cortex-M4F", "gumbel_softmax::vjp", "its gradient"),
    ("Cortex-M4F", "REINFORCE: act, learn", "act and learn, one step of REINFORCE"),
    (
        "Cortex-M4F",
        "network 3-16-3: observe, act, learn",
        "observe, act and learn, one step of a network with 16 units",
    ),
    ("Cortex-M0", "integer: inverse_cdf::sample", "a class from fresh logits, in integers"),
    ("Cortex-M0", "integer: REINFORCE: act, learn", "act and learn, in integers"),
];

fn page_file() -> PathBuf {
    root().join("core/src/device_costs.md")
}

/// Writes the figures.
pub fn write() -> Result<()> {
    let measured = measure_all()?;
    page::write(&page_file(), |name| {
        println!("{name}");
        figures(name, &measured)
    })
}

/// Fails if an operation exceeds its budget, or if the page differs from the measured figures.
pub fn check() -> Result<()> {
    let measured = measure_all()?;
    for (core, costs) in &measured {
        for cost in costs {
            println!(
                "{core:10}  {:6} instructions  {:4} bytes of stack  {}",
                cost.instructions, cost.stack, cost.operation
            );
        }
        for &(_, operation, most) in BUDGETS.iter().filter(|(of, ..)| of == core) {
            let cost = costs.iter().find(|cost| cost.operation == operation);
            let cost = cost.with_context(|| format!("`{operation}` has a budget on {core} but is not measured"))?;
            let instructions = cost.instructions;
            ensure!(instructions <= most, "{operation} on {core} takes {instructions} instructions, more than {most}");
        }
        for &(_, operation, most) in STACKS.iter().filter(|(of, ..)| of == core) {
            let cost = costs.iter().find(|cost| cost.operation == operation);
            let stack = cost.with_context(|| format!("`{operation}` is not measured on {core}"))?.stack;
            ensure!(stack <= most, "{operation} on {core} takes {stack} bytes of stack, more than {most}");
        }
    }
    let mut other_compiler = None;
    page::each(&page_file(), |name, kept| {
        let made = figures(name, &measured)?;
        if name == "compiler" && made != kept {
            other_compiler = Some(made.trim().to_owned());
        }
        if other_compiler.is_some() {
            return Ok(());
        }
        compare(name, kept, &made)
    })?;
    if let Some(compiler) = other_compiler {
        println!("the page's figures are of another compiler than {compiler}: only the budgets were checked");
    }
    Ok(())
}

/// Fails unless two tables have equal words, and numbers that differ by at most the slack.
fn compare(name: &str, kept: &str, made: &str) -> Result<()> {
    ensure!(kept.lines().count() == made.lines().count(), "figures of {name}: not the same operations; {AGAIN}");
    for (kept, made) in kept.lines().zip(made.lines()) {
        let pairs = kept.split_whitespace().zip(made.split_whitespace());
        let same = pairs.into_iter().all(|(kept, made)| match (kept.parse::<f64>(), made.parse::<f64>()) {
            (Ok(kept), Ok(made)) => (kept - made).abs() <= (SLACK * kept).max(2.0),
            _ => kept == made,
        });
        let as_many = kept.split_whitespace().count() == made.split_whitespace().count();
        ensure!(same && as_many, "figures of {name}: the page says\n  {kept}\nnow\n  {made}\n{AGAIN}");
    }
    Ok(())
}

fn board(core: &str) -> Result<&'static Board> {
    BOARDS.iter().find(|board| board.core == core).with_context(|| format!("there is no board with a {core}"))
}

/// Returns the table or line named `name`.
fn figures(name: &str, measured: &Measured) -> Result<String> {
    match name {
        "compiler" => compiler(),
        "flash" => flash(),
        "in short" => in_short(measured),
        core if CORES.contains(&core) => table(core, of(core, measured)?),
        _ => bail!("the page asks for figures of `{name}`, which there are none of"),
    }
}

fn compiler() -> Result<String> {
    let toolchain = toolchain::find(board("Cortex-M4F")?.target).context("no compiler; run `cargo xtask setup`")?;
    let version = capture(clean(toolchain.rustc()).arg("--version"))?;
    // The compiler's name and version, without the date and the commit.
    let words: Vec<&str> = version.split_whitespace().take(2).collect();
    Ok(format!("{}\n", words.join(" ")))
}

fn table(core: &str, costs: &[Cost]) -> Result<String> {
    let in_c = IN_C.iter().any(|(of, ..)| *of == core);
    let mut text = String::from("| operation | instructions | budget | stack, bytes |");
    text += if in_c { " C | CMSIS-DSP |\n|---|---|---|---|---|---|\n" } else { "\n|---|---|---|---|\n" };
    for cost in costs {
        let budget = BUDGETS.iter().find(|(of, operation, _)| *of == core && *operation == cost.operation);
        let budget = budget.map_or("-".to_owned(), |(.., most)| most.to_string());
        write!(text, "| {} | {} | {budget} | {} |", cost.operation, cost.instructions, cost.stack)?;
        if in_c {
            let c = IN_C.iter().find(|(of, operation, ..)| *of == core && *operation == cost.operation);
            match c {
                Some((_, _, c, dsp)) => write!(text, " {c} | {dsp} |")?,
                None => text += " - | - |",
            }
        }
        text.push('\n');
    }
    Ok(text)
}

fn in_short(measured: &Measured) -> Result<String> {
    let mut text = String::from("| | core | instructions | stack, bytes |\n|---|---|---|---|\n");
    for (core, costs) in measured {
        for (_, operation, says) in IN_SHORT.iter().filter(|(of, ..)| of == core) {
            let cost = costs.iter().find(|cost| cost.operation == *operation);
            let cost = cost.with_context(|| format!("`{operation}` is not measured on {core}"))?;
            writeln!(text, "| {says} | {core} | {} | {} |", cost.instructions, cost.stack)?;
        }
    }
    Ok(text)
}

/// Costs of operations, by core.
type Measured = Vec<(&'static str, Vec<Cost>)>;

fn measure_all() -> Result<Measured> {
    CORES.iter().map(|&core| Ok((core, measure(board(core)?)?))).collect()
}

fn of<'a>(core: &str, measured: &'a Measured) -> Result<&'a [Cost]> {
    let found = measured.iter().find(|(of, _)| *of == core);
    found.map(|(_, costs)| costs.as_slice()).with_context(|| format!("nothing was measured on {core}"))
}

/// Counts the instructions of every operation on a board.
fn measure(board: &Board) -> Result<Vec<Cost>> {
    let plugin = plugin()?;
    let elf = firmware::build(board, PACKAGE, "budgets", OptLevel::Fast)?;
    let counts = root().join("target").join(format!("instructions-{}.txt", board.core));
    // A comma ends an option of QEMU; two commas stand for one.
    let doubled = |path: &PathBuf| path.to_string_lossy().replace(',', ",,");
    let options = ["-plugin".to_owned(), format!("file={},out={}", doubled(&plugin), doubled(&counts))];
    let mut output = Vec::new();
    emulator::run_with(board, &options, &elf, &[], LIMIT, |bytes| {
        output.extend_from_slice(bytes);
        Ok(())
    })?;
    let counts = fs::read_to_string(&counts).with_context(|| format!("reading {}", counts.display()))?;
    costs(&String::from_utf8_lossy(&output), &counts)
}

/// Combines names and stack, as the firmware prints them, with the counts of the plugin. Both are in the same order.
fn costs(printed: &str, counts: &str) -> Result<Vec<Cost>> {
    let (printed, counts): (Vec<_>, Vec<_>) = (printed.lines().collect(), counts.lines().collect());
    ensure!(printed.len() == counts.len(), "{} operations ran, {} were counted", printed.len(), counts.len());
    let mut costs = Vec::new();
    for (line, count) in printed.into_iter().zip(counts) {
        let (stack, operation) = line.split_once(' ').with_context(|| format!("the firmware printed `{line}`"))?;
        let stack = stack.parse().with_context(|| format!("the firmware printed `{line}`"))?;
        let instructions = count.parse().with_context(|| format!("the plugin wrote `{count}`"))?;
        costs.push(Cost { operation: operation.to_owned(), instructions, stack });
    }
    // The first kernel is empty: its count contains only the marks and a call.
    ensure!(
        costs.first().is_some_and(|cost| cost.instructions <= 4),
        "marks around nothing counted {:?}",
        costs.first()
    );
    costs.remove(0);
    ensure!(!costs.is_empty(), "no operation was counted");
    Ok(costs)
}

fn plugin() -> Result<PathBuf> {
    let mut command = clean("cargo");
    command.args(["build", "--quiet", "--locked", "--release", "--package", "samplegrad-instruction-counter"]);
    command.arg("--target-dir").arg(root().join("target"));
    capture(&mut command).context("building the counter of instructions")?;
    Ok(root().join("target/release/libsamplegrad_instruction_counter.so"))
}

/// Returns a table of the sizes of the smallest programs, in bytes.
fn flash() -> Result<String> {
    let mut text = String::from(
        "| core | sampler | learner | network | integer sampler | integer learner |\n|---|---|---|---|---|---|\n",
    );
    for core in CORES {
        let size = |what| -> Result<u64> {
            let elf = firmware::build_with(board(core)?, PACKAGE, "smallest", OptLevel::Small, &[what])?;
            Ok(firmware::size(&elf)?.flash)
        };
        let [sampler, learner, network] = [size("sampler")?, size("learner")?, size("network-learner")?];
        ensure!(
            core != "Cortex-M4F" || network <= MOST_FLASH,
            "the learner of a network takes {network} bytes of flash on {core}, more than {MOST_FLASH}"
        );
        let integers = [size("integer-sampler")?, size("integer-learner")?];
        writeln!(text, "| {core} | {sampler} | {learner} | {network} | {} | {} |", integers[0], integers[1])?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_names_are_put_together() {
        let costs = costs("8 nothing\n40 one\n72 the other\n", "2\n71\n1000\n").unwrap();
        assert_eq!(costs.len(), 2);
        assert_eq!((costs[1].operation.as_str(), costs[1].instructions, costs[1].stack), ("the other", 1000, 72));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(costs("8 nothing\n40 one\n", "2\n").is_err());
        assert!(costs("8 nothing\n40 one\n", "200\n40\n").is_err());
        assert!(costs("8 nothing\n", "2\n").is_err());
        assert!(costs("8 nothing\nerror: of a kind\n", "2\n40\n").is_err());
    }

    #[test]
    fn tables_may_differ_by_the_slack_and_no_more() {
        assert!(compare("a table", "| x | 1000 |\n", "| x | 1019 |\n").is_ok());
        assert!(compare("a table", "| x | 1000 |\n", "| x | 1021 |\n").is_err());
        assert!(compare("a table", "| x | 1000 |\n", "| y | 1000 |\n").is_err());
        assert!(compare("a table", "| x | 1000 |\n", "| x | 1000 |\n| y | 1 |\n").is_err());
    }
}
