//! The chapter "Performance" of the host's documentation. It contains tables, pictures and the state of the goals.

use std::{fmt::Write, fs, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::{
    figures::{Counted, Figures, title},
    plots,
    shapes::{CLASSES, DRAWS, OF_CLASSES, OURS_ALONE, SHAPES, WITH_PEERS, writes_all},
};
use xtask::{page as pages, shell::root};

const AGAIN: &str = "run `cargo xtask bench`, read what changed, and commit it";

fn file() -> PathBuf {
    root().join("host/src/performance.md")
}

fn pictures() -> PathBuf {
    root().join("host/src/performance")
}

/// The compared libraries in the order of the columns, with the titles of the columns.
const COLUMNS: [(&str, &str); 8] = [
    ("ours", "this"),
    ("stock", "stock build"),
    ("ours_2", "two threads"),
    ("write", "writing alone"),
    ("torch", "PyTorch"),
    ("torch_by_hand", "PyTorch by hand"),
    ("numpy", "NumPy"),
    ("jax", "JAX"),
];

/// The compared libraries to which the goals refer.
const AGAINST: [(&str, &str); 3] = [("torch", "PyTorch"), ("numpy", "NumPy"), ("jax", "JAX")];

/// Writes the pictures, and then the Markdown file.
pub fn write(figures: &Figures) -> Result<()> {
    let folder = pictures();
    fs::create_dir_all(&folder)?;
    let mut links = String::new();
    for (name, svg) in [("speed", plots::speed(figures)?), ("scale", plots::scale(figures)?)] {
        fs::write(folder.join(name).with_extension("svg"), &svg).with_context(|| format!("writing {name}.svg"))?;
        // If a link has two definitions, the first definition is used. In the generated documentation, the first
        // definition is the embedded picture. In the plain Markdown file, the first definition is the picture file.
        writeln!(links, "[{name}]: data:image/svg+xml;base64,{}", base64(svg.as_bytes()))?;
    }
    fs::write(folder.join("pictures.md"), links).context("writing the links to the pictures")?;
    pages::write(&file(), |name| table(name, figures))
}

/// Checks that the Markdown file contains every operation and every goal.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(file()).with_context(|| format!("reading {}; {AGAIN}", file().display()))?;
    let goals = Figures::default().goals();
    let wanted = WITH_PEERS.iter().chain(&OURS_ALONE).map(|operation| title(operation));
    for what in wanted.chain(goals.iter().map(|goal| goal.what.as_str())) {
        ensure!(text.contains(what), "the page does not have `{what}`; {AGAIN}");
    }
    pages::each(&file(), |name, kept| {
        // `table` fails for an unknown name. The existing table must have the columns that a new table would have.
        let made = table(name, &Figures::default())?;
        ensure!(!kept.trim().is_empty(), "figures of {name} are missing; {AGAIN}");
        ensure!(kept.lines().next() == made.lines().next(), "figures of {name} have other columns now; {AGAIN}");
        Ok(())
    })?;
    for name in ["speed.svg", "scale.svg", "pictures.md"] {
        ensure!(pictures().join(name).is_file(), "the page's {name} is missing; {AGAIN}");
    }
    Ok(())
}

/// Returns one line per operation, for the terminal.
pub fn quick(figures: &Figures) -> Result<String> {
    let mut text = String::new();
    for operation in WITH_PEERS.iter().chain(&OURS_ALONE) {
        for shape in &SHAPES[..2] {
            let time = figures.median(operation, *shape, "ours").context("an operation was not measured")?;
            writeln!(text, "{:36} {:>5}×{:<3} {time:8.2} ns", title(operation), shape.0, shape.1)?;
        }
    }
    Ok(text)
}

/// Returns the table or list named `name`.
fn table(name: &str, figures: &Figures) -> Result<String> {
    match name {
        "machine" => machine(figures),
        "goals" => goals(figures),
        "limit" => limit(figures),
        "draws" => draws(figures),
        "classes" => classes(figures),
        "operations" => operations(figures),
        _ => bail!("the page asks for figures of `{name}`, which there are none of"),
    }
}

fn machine(figures: &Figures) -> Result<String> {
    let mut text = String::from("| | |\n|---|---|\n");
    for (name, value) in &figures.machine {
        writeln!(text, "| {name} | {value} |")?;
    }
    writeln!(text, "| clock while measuring | {:.2} GHz |", figures.gigahertz)?;
    Ok(text)
}

fn goals(figures: &Figures) -> Result<String> {
    let mut text = String::from("| goal | at least | worst case | where | |\n|---|---|---|---|---|\n");
    for goal in figures.goals() {
        let verdict = match goal.reached() {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "not measured",
        };
        let (worst, place) = goal.measured.map_or(("-".into(), "-".into()), |(x, place)| (digits(x), place));
        writeln!(text, "| {} | {} | {worst} | {place} | {verdict} |", goal.what, digits(goal.at_least))?;
    }
    Ok(text)
}

/// Returns a table for each operation.
fn operations(figures: &Figures) -> Result<String> {
    let mut text = String::from("Nanoseconds per element.\n");
    for operation in WITH_PEERS.iter().chain(&OURS_ALONE) {
        write!(text, "\n## {}\n\n| B × K |", title(operation))?;
        let all = writes_all(operation);
        let shown = |contestant: &str| all || contestant != "write";
        let measured = |contestant: &str| SHAPES.iter().any(|s| figures.median(operation, *s, contestant).is_some());
        let columns: Vec<_> = COLUMNS.iter().filter(|(c, _)| shown(c) && measured(c)).collect();
        let against: Vec<_> = AGAINST.iter().filter(|(contestant, _)| measured(contestant)).collect();
        columns.iter().try_for_each(|(_, name)| write!(text, " {name} |"))?;
        against.iter().try_for_each(|(_, name)| write!(text, " {name} / this |"))?;
        writeln!(text, "\n|---|{}", "---|".repeat(columns.len() + against.len()))?;
        for shape in SHAPES {
            write!(text, "| {} × {} |", shape.0, shape.1)?;
            for (contestant, _) in &columns {
                write!(text, " {} |", cell(figures.median(operation, shape, contestant)))?;
            }
            for (contestant, _) in &against {
                let ratio = figures.ratio(operation, shape, contestant, "ours");
                write!(text, " {} |", ratio.map_or("-".to_owned(), |x| format!("{}×", digits(x))))?;
            }
            text.push('\n');
        }
    }
    Ok(text)
}

fn limit(figures: &Figures) -> Result<String> {
    let mut text = String::from(
        "| operation | B × K | ns | cycles | instructions | writing alone, ns | times writing alone |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for operation in WITH_PEERS {
        for shape in SHAPES {
            let Some(time) = figures.median(operation, shape, "ours") else { continue };
            let is = |counted: &&Counted| counted.operation == operation && counted.classes == shape.1;
            let instructions = figures.counts.iter().find(is).map(|counted| counted.instructions);
            let (writing, times) = match writes_all(operation) {
                true => (figures.median(operation, shape, "write"), figures.ratio(operation, shape, "ours", "write")),
                false => (None, None),
            };
            writeln!(
                text,
                "| {} | {} × {} | {} | {} | {} | {} | {} |",
                title(operation),
                shape.0,
                shape.1,
                digits(time),
                digits(time * figures.gigahertz),
                cell(instructions),
                cell(writing),
                cell(times),
            )?;
        }
    }
    Ok(text)
}

fn draws(figures: &Figures) -> Result<String> {
    let mut text = String::from("| draws | ns per draw |\n|---|---|\n");
    for rows in DRAWS {
        let draws = (rows * 10).ilog10();
        writeln!(text, "| 10^{draws} | {} |", cell(figures.median("gumbel_draws", (rows, 10), "ours")))?;
    }
    Ok(text)
}

fn classes(figures: &Figures) -> Result<String> {
    let mut text = String::from("| B × K |");
    OF_CLASSES.iter().try_for_each(|operation| write!(text, " {} |", title(operation)))?;
    writeln!(text, "\n|---|{}", "---|".repeat(OF_CLASSES.len()))?;
    for shape in CLASSES {
        let cells = OF_CLASSES.map(|operation| cell(figures.median(operation, shape, "ours")));
        writeln!(text, "| {} × {} | {} |", shape.0, shape.1, cells.join(" | "))?;
    }
    Ok(text)
}

fn cell(x: Option<f64>) -> String {
    x.map_or("-".to_owned(), digits)
}

/// Formats a number with three digits; large numbers keep all digits before the point.
fn digits(x: f64) -> String {
    let places = if x > 0.0 { (2.0 - x.log10().floor()).clamp(0.0, 3.0) as usize } else { 0 };
    format!("{x:.places$}")
}

/// Encodes bytes as base64 by RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = (0..3).fold(0, |word, i| word << 8 | u32::from(three.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= three.len() { digit.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn three_digits() {
        assert_eq!([0.083_01, 1.0, 12.345, 123.4, 1234.5].map(digits), ["0.083", "1.00", "12.3", "123", "1234"]);
    }

    #[test]
    fn every_figure_of_the_page_is_known() {
        check().unwrap();
    }
}
