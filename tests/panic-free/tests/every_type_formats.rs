//! Test that every public type of the core has `defmt::Format` behind the feature `defmt`.

mod common;

use std::path::Path;

/// Returns the name of the public type that a line declares. In a macro, it is the macro's variable.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = ["pub struct ", "pub enum ", "pub union "].iter().find_map(|keyword| line.strip_prefix(keyword))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().filter(|name| !name.is_empty())
}

/// Returns the public types of a file, each with whether it derives or implements `defmt::Format`.
fn types(text: &str) -> Vec<(&str, bool)> {
    const DERIVED: &str = "#[cfg_attr(feature = \"defmt\", derive(defmt::Format))]";
    let (mut found, mut derived) = (Vec::new(), false);
    for line in text.lines() {
        if let Some(name) = declared(line) {
            // An implementation, or the macro `by_fields!`, which derives for types over variables.
            let by_hand = format!("defmt::Format for {name}");
            let by_fields =
                |line: &str| line.trim_start().trim_start_matches("by_fields! { ").starts_with(&format!("{name}<"));
            let of_macro = |start: &str| text.split(start).skip(1).any(|rest| by_fields(rest.trim_start()));
            let written = || {
                text.lines().any(|line| line.contains(&by_hand))
                    || of_macro("by_fields! {")
                    || of_macro("format_where!(")
            };
            found.push((name, derived || written()));
        }
        // An attribute belongs to the next item. Other attributes, also of several lines, and comments may stand
        // between.
        let line = line.trim_start();
        const ITEMS: [&str; 8] = ["pub ", "pub(", "struct ", "enum ", "impl", "fn ", "type ", "trait "];
        derived = line == DERIVED || (derived && !ITEMS.iter().any(|item| line.starts_with(item)));
    }
    found
}

#[test]
fn every_public_type_of_the_core_formats() {
    let core = common::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src"));
    let types: Vec<_> =
        core.iter().flat_map(|(module, text)| types(text).into_iter().map(move |t| (module, t))).collect();
    assert!(types.len() > 90, "only {} types were found in the core's sources", types.len());
    let without: Vec<_> = types
        .iter()
        .filter(|(_, (_, formats))| !formats)
        .map(|(module, (name, _))| format!("{module}::{name}"))
        .collect();
    assert!(without.is_empty(), "no `defmt::Format`: derive it as the others do, behind the feature, for {without:?}");
}

#[test]
fn a_type_without_it_is_found() {
    let text = "/// A.\n#[derive(Clone)]\npub struct A;\n#[cfg_attr(feature = \"defmt\", derive(defmt::Format))]\n\
                #[derive(Clone)]\npub enum B {}\npub struct C<T>(T);\nimpl<T> defmt::Format for C<T> {}\nstruct D;\n\
                #[cfg_attr(feature = \"defmt\", derive(defmt::Format))]\nstruct E;\n    pub struct $f(f32);";
    assert_eq!(types(text), [("A", false), ("B", true), ("C", true), ("$f", false)]);
}
