//! Test that the header agrees with the sources.

use std::{fmt::Write, fs, path::Path};

use samplegrad_host::batch::estimator_kind::{BitsEstimator, ClassesEstimator};

/// Compares the generated header with `include/samplegrad.h`, or writes it there for `cargo xtask headers`.
#[test]
fn the_header_is_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("include/samplegrad.h");
    let mut config = cbindgen::Config::from_root_or_default(here);
    let macros = config.after_includes.expect("`cbindgen.toml` has macros");
    config.after_includes = Some(format!("{macros}{}", estimators()));
    let mut made = Vec::new();
    cbindgen::generate_with_config(here, config).expect("the sources can be read").write(&mut made);
    let made = String::from_utf8(made).expect("a header is text");
    if std::env::var_os("SAMPLEGRAD_WRITE_HEADERS").is_some() {
        fs::write(&file, made).expect("the header can be written");
        return;
    }
    let kept = fs::read_to_string(&file).expect("there is a header");
    assert!(kept == made, "include/samplegrad.h is not what the sources say: run `cargo xtask headers`");
}

/// Returns the enums of estimators. `cbindgen` does not read the lists, which are in another crate.
fn estimators() -> String {
    let bits = "\
// Unbiased estimators of the gradient of `E[f(b)]` with respect to the logits of independent bits, from values of `f`
// alone.";
    let classes = "\
// Unbiased estimators of the gradient of `E[f(x)]` with respect to the logits of independent categorical variables,
// from values of `f` alone. An estimator has the same number as in `sg_estimator`.";
    let of_bits = |kind: &BitsEstimator| (kind.number(), kind.name(), kind.about());
    let bits = enumeration("sg_estimator", bits, BitsEstimator::all().iter().map(of_bits));
    let of_classes = |kind: &ClassesEstimator| (kind.number(), kind.name(), kind.about());
    let classes = enumeration("sg_class_estimator", classes, ClassesEstimator::all().iter().map(of_classes));
    format!("{bits}{classes}")
}

/// Returns an enum in the form of `cbindgen`, from the number, the name and the description of each value.
fn enumeration(name: &str, about: &str, kinds: impl Iterator<Item = (u32, &'static str, &'static str)>) -> String {
    let mut text = format!("\n{about}\ntypedef enum {{\n");
    for (number, word, about) in kinds {
        for line in lines(about) {
            writeln!(text, "  // {line}").expect("a string takes text");
        }
        writeln!(text, "  {}_{} = {number},", name.to_uppercase(), word.to_uppercase()).expect("a string takes text");
    }
    format!("{text}}} {name};\n")
}

/// Divides a text into lines of a comment.
fn lines(text: &str) -> Vec<String> {
    const WIDTH: usize = 115;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= WIDTH => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
