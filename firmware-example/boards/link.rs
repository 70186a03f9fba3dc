//! Tells the linker about the board. The build script of every board.

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rustc-link-search={folder}");
    let arguments: &[&str] = match std::env::var("CARGO_PKG_NAME").as_deref() {
        // The HAL brings its own memories.
        Ok("samplegrad-esp32-c3") => &["-Tlinkall.x"],
        // With a place for the second stage of the start.
        Ok("samplegrad-pico") => &["--nmagic", "-Tlink.x", "-Tlink-rp.x"],
        _ => &["--nmagic", "-Tlink.x"],
    };
    for argument in arguments.iter().chain(&["-Tdefmt.x"]) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
