//! A part of the step `lint`: every estimator of the core is in the register of estimators, at the root of the crate,
//! and on the pages.
//!
//! An estimator is an `impl` of the trait `Estimator` in the sources of the core. All programs that treat estimators alike
//! visit the register: the laboratory, the estimators of C and Python, the digest and the calls without panics. Golden
//! files are not checked here, because not every estimator has an independent formula.

use anyhow::{Context, Result, ensure};
use xtask::{files, shell::root};

/// The folder of the estimators.
const SOURCES: &str = "core/src/estimators";
/// The register, whose documentation is the table of estimators.
const REGISTER: &str = "core/src/estimators/register/mod.rs";
/// Estimators that the register leaves out: the objective of VIMCO is not the mean cost.
const UNREGISTERED: [&str; 1] = ["Vimco"];

/// The functions of the register by kind of variables: the type of the variables, and the start of the functions.
const LISTS: [(&str, &str); 2] = [("Bernoullis", "pub fn bits_"), ("Categoricals", "pub fn classes_")];

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
    let register = files::read(&root().join(REGISTER))?;
    let (table, lines): (Vec<&str>, Vec<&str>) = register.lines().partition(|line| line.starts_with("//!"));
    let (table, lines) = (table.join("\n"), lines.join("\n"));
    let (mut count, mut missing) = (0, Vec::new());
    for file in files::below(&root().join(SOURCES))? {
        let path = file.strip_prefix(root()).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let folder = file.parent().context("a file without a folder")?;
        let exports = if folder.ends_with("estimators") { "core/src/lib.rs".into() } else { folder.join("mod.rs") };
        for Found { name, variables } in estimators(&files::read(&file)?) {
            count += 1;
            let mut need = |there: bool, place: &str| {
                if !there {
                    missing.push(format!("{name}: {place}"));
                }
            };
            let exported = files::read(&root().join(&exports))?;
            need(has_word(&exported, &name), &format!("`pub use` in {}", exports.display()));
            need(has_word(&table, &name), &format!("{REGISTER}, the table of estimators"));
            need(page.contains(&path), &format!("README.md, the table of methods, with a link to {path}"));
            if !UNREGISTERED.contains(&&*name) {
                need(has_word(after_imports(&lines), &name), &format!("{REGISTER}, a line"));
            }
            for (_, function) in LISTS.iter().filter(|(of, _)| *of == variables) {
                let listed = functions(&lines, function).any(|text| has_word(text, &name));
                need(listed, &format!("{REGISTER}, `{function}…`, because it takes {variables}"));
            }
        }
    }
    ensure!(count > 25, "only {count} estimators in {SOURCES}");
    ensure!(missing.is_empty(), "estimators that are not in a list:\n{}", missing.join("\n"));
    println!("{count} estimators are in the register, at the root and in two tables");
    Ok(())
}

/// Returns the text after the imports, up to the first function.
fn after_imports(source: &str) -> &str {
    source.find("\npub fn ").map_or("", |at| &source[at..])
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

/// Returns the texts of the functions whose first line begins with `start`, each up to the brace that ends it.
fn functions<'a>(source: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    source.split(start).skip(1).map(|rest| rest.split("\n}").next().unwrap_or(rest))
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
        let source = "pub fn bits_by_values() {\n    Arm\n}\n\npub fn classes_by_values() {\n    DisArm\n}\n";
        assert!(functions(source, "pub fn bits_").any(|text| has_word(text, "Arm")));
        assert!(!functions(source, "pub fn bits_").any(|text| has_word(text, "DisArm")));
    }
}
