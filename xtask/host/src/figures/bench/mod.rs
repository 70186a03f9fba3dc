//! `cargo xtask bench`: the batches of the host against PyTorch, NumPy and JAX, for the page "performance" of the
//! host's documentation.
//!
//! Each contestant is a server that times single runs. In every round, each of them runs once, so that a temporary
//! slowdown of the machine affects all of them. A figure is the median of its rounds.

mod figures;
mod instructions;
mod page;
mod plots;
mod progress;
mod servers;
mod shapes;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use self::{
    figures::{Figures, Timed},
    progress::bar,
    servers::{Build, Server},
    shapes::{CLASSES, DRAWS, OF_CLASSES, OURS_ALONE, SHAPES, WITH_PEERS},
};
use xtask::shell::{capture, clean, root};

/// Options of the benchmark.
#[derive(Debug, clap::Args)]
pub struct Bench {
    /// Number of rounds; a figure is the median of its rounds
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Leaves out PyTorch, NumPy and JAX, which take 6 GB of disk
    #[arg(long)]
    no_peers: bool,
    /// Runs a trial of a few seconds that changes no page: two shapes, one round, this library only
    #[arg(long)]
    quick: bool,
    /// Measures nothing: writes the page from the last figures
    #[arg(long, conflicts_with = "quick")]
    page: bool,
    /// Runs a quick trial and checks that the page has every operation
    #[arg(long, hide = true)]
    check: bool,
}

/// Target duration of a timed run, in nanoseconds; a single call may take longer.
const AIM: f64 = 4e7;

/// One operation at one shape, with its contestants.
struct Item {
    operation: &'static str,
    rows: usize,
    classes: usize,
    contestants: &'static [&'static str],
    rounds: usize,
}

fn plan(bench: &Bench) -> Vec<Item> {
    const ALL: &[&str] = &["ours", "stock", "ours_2", "write", "torch", "torch_by_hand", "numpy", "jax"];
    let mut items = Vec::new();
    let mut add = |operations: &[&'static str], shapes: &[(usize, usize)], contestants, rounds| {
        for &operation in operations {
            let item = |&(rows, classes): &_| Item { operation, rows, classes, contestants, rounds };
            items.extend(shapes.iter().map(item));
        }
    };
    if bench.quick {
        add(&WITH_PEERS, &SHAPES[..2], &ALL[..1], 1);
        add(&OURS_ALONE, &SHAPES[..2], &ALL[..1], 1);
        return items;
    }
    add(&WITH_PEERS, &SHAPES, if bench.no_peers { &ALL[..4] } else { ALL }, bench.rounds);
    add(&OURS_ALONE, &SHAPES, &ALL[..4], bench.rounds);
    add(&OF_CLASSES, &CLASSES, &ALL[..1], bench.rounds);
    for rows in DRAWS {
        // A run of this size takes seconds.
        let rounds = if rows > 1_000_000 { bench.rounds.min(3) } else { bench.rounds };
        add(&["gumbel_draws"], &[(rows, 10)], &ALL[..1], rounds);
    }
    items
}

/// Returns the file of the last figures.
fn kept() -> PathBuf {
    root().join("target/bench/figures.json")
}

/// Measures all operations and writes the page.
pub fn run(bench: &Bench) -> Result<()> {
    if bench.check {
        return check();
    }
    if bench.page {
        let file = kept();
        let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()));
        let text = text.context("nothing was measured yet; run `cargo xtask bench`")?;
        return page::write(&serde_json::from_str(&text).context("the last figures cannot be read; measure again")?);
    }
    ensure!(bench.rounds > 0, "--rounds: at least one is needed");
    let figures = measure(bench)?;
    if bench.quick {
        print!("{}", page::quick(&figures)?);
        return Ok(());
    }
    keep(&figures)?;
    println!("{} holds every run", kept().display());
    page::write(&figures)
}

fn keep(figures: &Figures) -> Result<()> {
    let file = kept();
    fs::create_dir_all(file.parent().context("a folder for figures")?)?;
    fs::write(&file, serde_json::to_string_pretty(figures)?).with_context(|| format!("writing {}", file.display()))
}

/// Fails unless the benchmark runs and its page has every operation. Times are not compared: they depend on the
/// machine.
fn check() -> Result<()> {
    run(&Bench { rounds: 1, no_peers: true, quick: true, page: false, check: false })?;
    page::check()
}

fn measure(bench: &Bench) -> Result<Figures> {
    let mut peers = (!bench.no_peers && !bench.quick).then(servers::peers).transpose()?;
    let mut stock = servers::ours(Build::Stock)?;
    let mut native = if bench.quick { None } else { Some(servers::ours(Build::Native)?) };
    let mut figures = Figures { machine: machine()?, ..Figures::default() };
    if let Some(peers) = &mut peers {
        figures.machine.push(("peers, one core and thread each".to_owned(), peers.ask("versions")?));
    }
    if let Some(native) = &mut native {
        figures.machine.push(("native build".to_owned(), native.ask("features")?));
        figures.machine.push(("stock build".to_owned(), stock.ask("features")?));
    }
    let items = plan(bench);
    let bar = bar(items.len() as u64);
    for item in items {
        let said = format!("{} {}×{}", item.operation, item.rows, item.classes);
        if bar.is_hidden() {
            println!("{said}");
        }
        bar.set_message(said);
        let mut asked: Vec<Series<'_>> = Vec::new();
        for &contestant in item.contestants {
            let fast = native.as_mut().unwrap_or(&mut stock);
            let (server, name) = match contestant {
                "stock" => (&mut stock, "ours"),
                "ours" | "ours_2" | "write" => (fast, contestant),
                _ => match &mut peers {
                    Some(peers) => (peers, contestant),
                    None => continue,
                },
            };
            // One call, to find the number of calls that gives a measurable run.
            let Some(once) = server.time(name, &item, 1)? else { continue };
            let calls = (AIM / (once * item.elements())).clamp(1.0, 1e9) as u64;
            asked.push(Series { contestant, name, calls, runs: Vec::new() });
        }
        for _ in 0..item.rounds {
            for asked in &mut asked {
                let server = match (asked.contestant, &mut native, &mut peers) {
                    ("ours" | "ours_2" | "write", Some(native), _) => native,
                    ("torch" | "torch_by_hand" | "numpy" | "jax", _, Some(peers)) => peers,
                    _ => &mut stock,
                };
                let time = server.time(asked.name, &item, asked.calls)?;
                asked.runs.push(time.context("a server that answered once no longer does")?);
            }
        }
        figures.times.extend(asked.into_iter().map(|asked| Timed {
            operation: item.operation.to_owned(),
            rows: item.rows,
            classes: item.classes,
            contestant: asked.contestant.to_owned(),
            runs: asked.runs,
        }));
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(native) = &mut native {
        figures.gigahertz = native.ask("clock")?.parse().context("the clock's answer")?;
        // The figures took minutes, so they are stored before the next step.
        keep(&figures)?;
        println!("counting instructions, a minute or two");
        figures.counts = instructions::count(native)?;
    }
    Ok(figures)
}

/// Runs of a contestant for an item.
struct Series<'a> {
    contestant: &'static str,
    name: &'a str,
    calls: u64,
    runs: Vec<f64>,
}

impl Item {
    fn elements(&self) -> f64 {
        self.rows as f64 * self.classes as f64
    }
}

impl Server {
    /// Returns nanoseconds per element over `calls` calls, or nothing if the contestant lacks the operation.
    fn time(&mut self, contestant: &str, item: &Item, calls: u64) -> Result<Option<f64>> {
        let Item { operation, rows, classes, .. } = item;
        let answer = self.ask(&format!("{contestant} {operation} {rows} {classes} {calls}"))?;
        if answer == "none" {
            return Ok(None);
        }
        answer.parse().map(Some).with_context(|| format!("{contestant}, {operation} {rows}×{classes}: {answer}"))
    }
}

/// Returns the processor, cores and compiler, as named on the page.
fn machine() -> Result<Vec<(String, String)>> {
    let said = capture(clean("lscpu").env("LC_ALL", "C")).unwrap_or_default();
    let of = |name: &str| {
        let lines = said.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next()
    };
    let unknown = || "unknown".to_owned();
    let flags = of("Flags").unwrap_or_default();
    let has: Vec<&str> = ["avx2", "fma", "avx512f"].into_iter().filter(|f| flags.split(' ').any(|x| x == *f)).collect();
    let version = capture(clean("rustc").arg("--version"))?;
    Ok([
        ("processor", of("Model name").unwrap_or_else(unknown)),
        (
            "family, model",
            format!("{}, {}", of("CPU family").unwrap_or_else(unknown), of("Model").unwrap_or_else(unknown)),
        ),
        ("cores", of("CPU(s)").unwrap_or_else(unknown)),
        ("features", has.join(" ")),
        ("caches, all cores", ["L1d cache", "L2 cache", "L3 cache"].map(|c| of(c).unwrap_or_else(unknown)).join("; ")),
        // The compiler's name and version, without the date and the commit.
        ("compiler", version.split_whitespace().take(2).collect::<Vec<_>>().join(" ")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec())
}
