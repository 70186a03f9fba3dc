//! Passes the board's linker arguments to the linker. Every board uses this build script.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rustc-link-search={folder}");
    let arguments: &[&str] = match std::env::var("CARGO_PKG_NAME").as_deref() {
        // The HAL supplies its own memory layout.
        Ok("samplegrad-esp32-c3") => &["-Tlinkall.x"],
        // `link-rp.x` places the second stage of the boot.
        Ok("samplegrad-pico") => &["--nmagic", "-Tlink.x", "-Tlink-rp.x"],
        _ => &["--nmagic", "-Tlink.x"],
    };
    for argument in arguments.iter().chain(&["-Tdefmt.x"]) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
