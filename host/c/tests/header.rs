//! Test that the header agrees with the sources.

use std::{
    fmt::{Debug, Write},
    fs,
    path::Path,
};

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
    let bits = enumeration("sg_estimator", bits, BitsEstimator::ALL, |kind| (kind.number(), kind.documentation()));
    let of_class = |kind: ClassesEstimator| (kind.number(), kind.documentation());
    let classes = enumeration("sg_class_estimator", classes, ClassesEstimator::ALL, of_class);
    format!("{bits}{classes}")
}

/// Returns an enum in the form of `cbindgen`.
fn enumeration<K: Copy + Debug>(
    name: &str,
    about: &str,
    kinds: &[K],
    of: impl Fn(K) -> (u32, &'static [&'static str]),
) -> String {
    let mut text = format!("\n{about}\ntypedef enum {{\n");
    let mut put = |line: &str| writeln!(text, "  {line}").expect("a string takes text");
    for &kind in kinds {
        let (number, documentation) = of(kind);
        documentation.iter().for_each(|line| put(&format!("//{line}")));
        put(&format!("{}_{} = {number},", name.to_uppercase(), screaming(&format!("{kind:?}"))));
    }
    format!("{text}}} {name};\n")
}

/// Converts the name of a variant, such as `LeaveOneOut2`, to `LEAVE_ONE_OUT2`.
fn screaming(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
