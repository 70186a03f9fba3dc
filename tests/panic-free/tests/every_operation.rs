//! Test that the program calls every public operation of the core, so that the proof covers all of them.

mod common;

use std::path::Path;

/// Returns the name that follows `keyword` at the start of a line.
fn name_after<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(keyword)?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

/// Returns `line` without one leading pair of angle brackets, which may be nested.
fn without_generics(line: &str) -> &str {
    if !line.starts_with('<') {
        return line;
    }
    let mut depth = 0;
    for (at, c) in line.char_indices() {
        depth += match c {
            '<' => 1,
            '>' => -1,
            _ => 0,
        };
        if depth == 0 {
            return line[at + 1..].trim_start();
        }
    }
    line
}

/// Returns `Type::operation`, `Trait::operation` and `module::operation` for every public function in a file.
fn operations(module: &str, text: &str) -> Vec<String> {
    let mut owner = None;
    let mut found = Vec::new();
    for line in text.lines() {
        let unindented = line.trim_start();
        if line == "}" {
            owner = None;
        } else if let Some(name) = name_after(line, "pub trait ") {
            owner = Some((name, "fn "));
        } else if let Some(rest) = line.strip_prefix("impl") {
            // Methods in an `impl` of a trait are counted at the trait.
            let rest = without_generics(rest).trim_start();
            owner = (!line.contains(" for ")).then(|| name_after(rest, "")).flatten().map(|name| (name, "pub fn "));
        }
        let constant = unindented.replacen("pub const fn ", "pub fn ", 1);
        match owner {
            Some((owner, keyword)) => {
                if let Some(name) = name_after(&constant, keyword) {
                    found.push(format!("{owner}::{name}"));
                }
            }
            None if constant.len() == line.len() || line.starts_with("pub const fn ") => {
                if let Some(name) = name_after(&constant, "pub fn ") {
                    found.push(format!("{module}::{name}"));
                }
            }
            None => {}
        }
    }
    found
}

/// Replaces `Type::<…>::operation` by `Type::operation`.
fn without_turbofish(text: &str) -> String {
    let mut parts = text.split("::<");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |joined, part| joined + "::" + part.split_once(">::").map_or(part, |(_, rest)| rest))
}

/// Returns whether the whole name occurs: the text `BinaryConcrete::new` is no call of `Concrete::new`.
fn calls(text: &str, operation: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(operation)
        .any(|(at, _)| !text[..at].ends_with(part_of_name) && !text[at + operation.len()..].starts_with(part_of_name))
}

#[test]
fn every_public_operation_of_the_core_is_called() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let core = common::sources(&here.join("../../core/src"));
    let program = common::sources(&here.join("src"));
    let program: String = program.into_iter().map(|(_, text)| text).collect();
    let program = program.replace("<f32 as Lane>", "Lane").replace("<u32 as Word>", "Word");
    let program = program.replace("<bool as Mask>", "Mask").replace("<_ as Source<f32>>", "Source");
    let program = program.replace("<Z as Standard>", "Standard");
    let program = program.replace("<LinearPolicy<P, D, K, H> as Policy>", "Policy");
    let program = program.replace("<NetworkPolicy<SoftmaxHead, N> as Policy>", "Policy");
    // A linear policy is a network policy.
    let program = program.replace("LinearPolicy::", "NetworkPolicy::");
    let program = program.replace("<Features<D> as Observation>", "Observation");
    let program =
        program.replace(" A::forward", " Activation::forward").replace(" A::backward", " Activation::backward");
    let program = program.replace("A::value", "Elementwise::value").replace("A::derivative", "Elementwise::derivative");
    let called = without_turbofish(&program);

    let mut operations: Vec<String> = core.iter().flat_map(|(module, text)| operations(module, text)).collect();
    operations.sort();
    assert!(operations.len() > 150, "only {} operations were found in the core's sources", operations.len());
    let missing: Vec<_> = operations.iter().filter(|operation| !calls(&called, operation)).collect();
    assert!(missing.is_empty(), "not called by src/operations: add a call of {missing:?}");
}
