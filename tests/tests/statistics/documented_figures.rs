//! Figures on the estimators' pages for the toy problem, compared with the figures of the laboratory.
//!
//! The tolerance is five standard errors of 2^20 draws for variances and means. At about forty figures, a false alarm
//! has a probability of 3·10^−5; the seed is fixed.

use std::{fs, path::Path};

use samplegrad_lab::{self as lab, Comparison, Settings, problems};

/// Pages whose first figures are for an estimator with the laboratory's settings, and the estimator's name in the
/// laboratory.
const PAGES: [(&str, &str); 12] = [
    ("score_function", "score function"),
    ("leave_one_out", "leave-one-out of 2"),
    ("arm", "ARM"),
    ("disarm", "DisARM"),
    ("rebar", "REBAR"),
    ("enumeration", "enumeration"),
    ("concrete_relaxation", "Concrete relaxation"),
    ("plain_straight_through", "straight-through"),
    ("straight_through_gumbel", "straight-through Gumbel"),
    ("gapped_straight_through", "gapped straight-through"),
    ("gumbel_rao_limit", "Gumbel-Rao, limit"),
    ("reinmax", "ReinMax"),
];

/// Documented variance at a logit, and the mean where documented.
#[derive(Debug)]
struct Figure {
    variance: f64,
    mean: Option<f64>,
}

/// Reads a figure from a row `… V at logit 0 (mean M for …), V at logit 2 (mean M …) …`.
fn figure(row: &str, logit: &str) -> Option<Figure> {
    let (before, after) = row.split_once(&format!(" at logit {logit}"))?;
    let number = |text: &str| text.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().ok();
    let variance = number(before.rsplit(' ').next()?)?;
    let said = after.strip_prefix(" (mean ");
    Some(Figure { variance, mean: said.and_then(|said| number(said.split([' ', ',', ')']).next()?)) })
}

fn row(page: &str) -> String {
    // The pages are in the folders of the estimators' table.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/estimators");
    let folders = fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files = folders.chain([folder.clone()]).map(|folder| folder.join(page).with_extension("rs"));
    let file = files.find(|file| file.is_file()).unwrap_or_else(|| panic!("no page {page}"));
    let text = fs::read_to_string(file).expect("a page");
    let mut lines = text.lines().skip_while(|line| !line.starts_with("//! | variance on the toy problem |"));
    lines.next().unwrap_or_else(|| panic!("{page} says nothing of the toy")).to_owned()
}

#[test]
#[cfg_attr(debug_assertions, ignore = "statistics: release builds run it")]
fn pages_say_what_the_laboratory_finds() {
    let settings = Settings { repeats: 0, ..Settings::default() };
    let compare = |logit| lab::compare(&problems::toy(0.45, logit).expect("a toy"), &settings, &mut |_| ());
    let comparisons: [(&str, Comparison); 2] =
        [("0", compare(0.0).expect("finite costs")), ("2", compare(2.0).expect("finite costs"))];
    let (mut wrong, mut means) = (Vec::new(), 0);
    for (page, name) in PAGES {
        let text = row(page);
        for (logit, comparison) in &comparisons {
            // One figure may apply to both logits: "at either logit".
            let Some(said) = figure(&text, logit).or_else(|| figure(&text.replace("either logit", "logit 0"), "0"))
            else {
                panic!("{page}: no figure at logit {logit} in `{text}`");
            };
            let found = comparison.rows.iter().find(|row| row.name == name).expect("an estimator of the laboratory");
            let close =
                |said: f64, found: f64, error: f64| (said - found).abs() <= 5.0 * error + 2e-6 * said.abs() + 1e-12;
            if !close(said.variance, found.variance, found.variance_error) {
                wrong.push(format!("{page}, logit {logit}: variance {:e}, found {:e}", said.variance, found.variance));
            }
            if let Some(mean) = said.mean {
                means += 1;
                if !close(mean, found.mean, found.bias_error) {
                    wrong.push(format!("{page}, logit {logit}: mean {mean:e}, found {:e}", found.mean));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(means >= 10, "only {means} means were read");
}

#[test]
fn a_row_is_read() {
    let said =
        figure("//! | variance on the toy problem | τ: 1.5e-2 at logit 0 (mean 2e-3 for 0.025), 0 at logit 2 |", "0");
    assert!(matches!(said, Some(Figure { variance: 0.015, mean: Some(0.002) })), "{said:?}");
    assert!(matches!(
        figure("x: 1 at logit 0, 7e-3 at logit 2; more", "2"),
        Some(Figure { variance: 0.007, mean: None })
    ));
    assert!(figure("nothing", "0").is_none());
}
