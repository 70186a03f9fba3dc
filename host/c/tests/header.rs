//! Test that the header agrees with the sources.

use std::{fs, path::Path};

/// Compares the generated header with `include/samplegrad.h`, or writes it there for `cargo xtask headers`.
#[test]
fn the_header_is_up_to_date() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = here.join("include/samplegrad.h");
    let mut made = Vec::new();
    cbindgen::generate(here).expect("the sources can be read").write(&mut made);
    let made = String::from_utf8(made).expect("a header is text");
    if std::env::var_os("SAMPLEGRAD_WRITE_HEADERS").is_some() {
        fs::write(&file, made).expect("the header can be written");
        return;
    }
    let kept = fs::read_to_string(&file).expect("there is a header");
    assert!(kept == made, "include/samplegrad.h is not what the sources say: run `cargo xtask headers`");
}
