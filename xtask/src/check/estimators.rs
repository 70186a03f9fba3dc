//! A part of the step `lint`: every estimator of the core is in every place that lists estimators.
//!
//! An estimator is an `impl` of the trait `Estimator` in the sources of the core. The places are those of the section
//! "Adding an estimator" in `CONTRIBUTING.md`. Golden files are not among them, because not every estimator has an
//! independent formula.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xtask::{files, shell::root};

/// The folder of the estimators.
const SOURCES: &str = "core/src/estimators";

/// A place that lists estimators.
struct Place {
    /// The file, or the folder whose files are read.
    path: &'static str,
    lists: &'static str,
    /// Estimators that the place leaves out.
    without: &'static [&'static str],
}

const PLACES: [Place; 5] = [
    Place { path: "core/src/lib.rs", lists: "the types at the root", without: &[] },
    Place { path: "core/src/estimators/estimator.rs", lists: "the table of estimators", without: &[] },
    // The objective of VIMCO is not the mean cost.
    Place { path: LABORATORY, lists: "the laboratory's register", without: &["Vimco"] },
    Place { path: "tests/conformance/src/digest", lists: "the operations of the digest", without: &[] },
    Place { path: "tests/panic-free/src/operations", lists: "the calls without panics", without: &[] },
];

const LABORATORY: &str = "host/lab/src/estimators.rs";

/// The lists of the laboratory by kind of variables: the type of the variables and the function of the list.
const LISTS: [(&str, &str); 2] = [("Bernoullis", "pub fn bits"), ("Categoricals", "pub fn classes")];

/// An estimator of the core.
#[derive(Debug, PartialEq)]
struct Found {
    name: String,
    /// The type of the variables, or a parameter if the estimator takes several.
    variables: String,
}

/// Fails for an estimator that a place does not list, and names both.
pub fn check() -> Result<()> {
    let page = files::read(&root().join("README.md"))?;
    let places = PLACES.iter().map(|place| text(&root().join(place.path))).collect::<Result<Vec<_>>>()?;
    let laboratory = files::read(&root().join(LABORATORY))?;
    let (mut count, mut missing) = (0, Vec::new());
    for file in files::below(&root().join(SOURCES))? {
        let path = file.strip_prefix(root()).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        for Found { name, variables } in estimators(&files::read(&file)?) {
            count += 1;
            for (place, text) in PLACES.iter().zip(&places) {
                if !place.without.contains(&&*name) && !has_word(text, &name) {
                    missing.push(format!("{name}: {}, {}", place.path, place.lists));
                }
            }
            if !page.contains(&path) {
                missing.push(format!("{name}: README.md, the table of methods, with a link to {path}"));
            }
            for (_, function) in LISTS.iter().filter(|(of, _)| *of == variables) {
                if !has_word(list(&laboratory, function)?, &name) {
                    missing.push(format!("{name}: {LABORATORY}, `{function}`, because it takes {variables}"));
                }
            }
        }
    }
    ensure!(count > 25, "only {count} estimators in {SOURCES}");
    ensure!(missing.is_empty(), "estimators that are not in a list:\n{}", missing.join("\n"));
    println!("{count} estimators are in {} lists", PLACES.len() + 1);
    Ok(())
}

/// Reads a file, or all files of a folder.
fn text(path: &Path) -> Result<String> {
    if path.is_dir() { files::below(path)?.iter().map(|file| files::read(file)).collect() } else { files::read(path) }
}

/// Returns the estimators of a source file.
fn estimators(source: &str) -> Vec<Found> {
    let is_letter = |c: char| c.is_alphanumeric();
    let of_line = |line: &str| {
        let (_, rest) = line.strip_prefix("impl")?.split_once(" Estimator<")?;
        let (variables, name) = rest.split_once(" for ")?;
        let first = |text: &str| text.split(|c| !is_letter(c)).next().unwrap_or_default().to_owned();
        Some(Found { name: first(name), variables: first(variables) })
    };
    source.lines().filter_map(of_line).collect()
}

/// Returns the text of a function, up to the brace that ends it.
fn list<'a>(source: &'a str, function: &str) -> Result<&'a str> {
    let (_, rest) = source.split_once(function).with_context(|| format!("{LABORATORY}: no `{function}`"))?;
    Ok(rest.split("\n}").next().unwrap_or(rest))
}

/// Returns whether a text has a word, not as a part of a longer word.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimators_are_found() {
        let source = "impl<const N: usize, L: Lane> Estimator<Bernoullis<N, L>, F> for Arm {\n\
                      impl<V, F> Estimator<V, F> for Rebar\n\
                      /// impl<V, F> Estimator<V, F> for Plain {\n\
                      impl Clone for Arm {\n";
        let found = |name: &str, variables: &str| Found { name: name.to_owned(), variables: variables.to_owned() };
        assert_eq!(estimators(source), [found("Arm", "Bernoullis"), found("Rebar", "V")]);
    }

    #[test]
    fn a_part_of_a_word_is_not_the_word() {
        assert!(has_word("disarm::{self, DisArm},", "DisArm"));
        assert!(!has_word("disarm::{self, DisArm},", "Arm"));
        let source = "pub fn bits() {\n    Arm\n}\n\npub fn classes() {\n    DisArm\n}\n";
        assert!(has_word(list(source, "pub fn bits").unwrap(), "Arm"));
        assert!(!has_word(list(source, "pub fn bits").unwrap(), "DisArm"));
    }
}
