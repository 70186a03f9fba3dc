//! Tables for readers.

use crate::{
    compare::{Comparison, Row},
    learn::Learning,
};

/// Formats a comparison as a table.
pub fn comparison(comparison: &Comparison) -> String {
    let exact = comparison.exact_along();
    let count = comparison.parameters.len();
    let draws = comparison.rows.iter().map(|row| row.draws).max().unwrap_or(0);
    let several = if count == 1 { "" } else { " (its length; means are taken along it)" };
    let head = format!(
        "{}: {}\n{count} parameter{}, {draws} draws each, seed {}\nE[f] = {}   exact gradient = {}{several}\n",
        comparison.problem,
        comparison.formula,
        if count == 1 { "" } else { "s" },
        comparison.seed,
        number(comparison.exact.mean),
        number(exact),
    );
    let titles = [
        "estimator",
        "needs from f",
        "calls",
        "mean",
        "bias",
        "± s.e.",
        "",
        "variance",
        "± s.e.",
        "ns/draw",
        "× plain",
        "variance·ns",
    ];
    let rows = comparison.rows.iter().map(|row| cells(comparison, row));
    let note = if comparison.rows.iter().any(|row| row.biased) {
        "BIASED: off by more than 5 standard errors; in brackets, by how many, at the worst coordinate.\n"
    } else {
        ""
    };
    head + "\n" + &table(&titles, &rows.collect::<Vec<_>>(), &[0, 1, 6]) + note
}

fn cells(comparison: &Comparison, row: &Row) -> Vec<String> {
    let time = |x: Option<f64>, digits: usize| x.map_or("-".to_owned(), |x| format!("{x:.digits$}"));
    let calls = match (row.values, row.gradients) {
        (values, 0.0) => short(values),
        (0.0, gradients) => format!("{}∇", short(gradients)),
        (values, gradients) => format!("{} + {}∇", short(values), short(gradients)),
    };
    vec![
        row.name.clone(),
        row.asks().to_owned(),
        calls,
        number(row.mean),
        signed(row.bias),
        number(row.bias_error),
        if row.biased { format!("BIASED ({:.0})", row.worst) } else { String::new() },
        number(row.variance),
        number(row.variance_error),
        time(row.nanoseconds, 1),
        time(comparison.times_plain(row), 2),
        row.price().map_or("-".to_owned(), number),
    ]
}

/// Formats a learning run as a table.
pub fn learning(learning: &Learning) -> String {
    let best = learning.best.map_or(String::new(), |best| format!("   smallest cost = {}", objective(best)));
    let head = format!(
        "{}: {}\n{} steps of {}, {} learners each, seed {}\nE[f] at the start = {}{best}\n",
        learning.problem,
        learning.formula,
        learning.steps.last().unwrap_or(&0),
        learning.rate,
        learning.learners,
        learning.seed,
        objective(learning.start),
    );
    let titles = ["estimator", "E[f] at the end", "spread", "10 %", "90 %", "mean over all steps", ""];
    let row = |curve: &super::Curve| {
        let last = |x: Vec<f64>| x.last().map_or("-".to_owned(), |&x| objective(x));
        let means = curve.means();
        let all = means.iter().sum::<f64>() / means.len() as f64;
        vec![
            curve.name.clone(),
            last(means),
            curve.spreads().last().map_or("-".to_owned(), |&x| number(x)),
            last(curve.quantiles(0.1)),
            last(curve.quantiles(0.9)),
            objective(all),
            curve.diverged.map_or(String::new(), |step| format!("DIVERGED at step {step}: take a smaller --rate")),
        ]
    };
    head + "\n" + &table(&titles, &learning.curves.iter().map(row).collect::<Vec<_>>(), &[0, 6])
}

/// Formats cells under titles; the named columns are left-aligned, the others right-aligned.
fn table(titles: &[&str], rows: &[Vec<String>], left: &[usize]) -> String {
    let head: Vec<String> = titles.iter().map(|&title| title.to_owned()).collect();
    let widths: Vec<usize> = (0..titles.len())
        .map(|column| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cell = |(column, (text, &width)): (usize, (&String, &usize))| {
            if left.contains(&column) { format!("{text:<width$}") } else { format!("{text:>width$}") }
        };
        let cells = row.iter().zip(&widths).enumerate().filter(|&(column, _)| widths[column] > 0).map(cell);
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let rule = "─".repeat(widths.iter().filter(|&&width| width > 0).map(|width| width + 2).sum::<usize>() - 2) + "\n";
    line(&head) + &rule + &rows.iter().map(line).collect::<String>()
}

fn number(x: f64) -> String {
    if x == 0.0 { "0".to_owned() } else { format!("{x:.3e}") }
}

fn signed(x: f64) -> String {
    if x == 0.0 { "0".to_owned() } else { format!("{x:+.2e}") }
}

fn objective(x: f64) -> String {
    format!("{x:.6}")
}

/// Formats a count, without decimals if it is whole.
fn short(x: f64) -> String {
    if x.fract() == 0.0 { format!("{x:.0}") } else { format!("{x:.2}") }
}
