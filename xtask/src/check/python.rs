//! The step `python`: the wheel is built and installed, its results equal Rust's, its types agree with its stubs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use xtask::{
    python, setup,
    shell::{capture, clean, root, run},
};

use super::workspace::cargo;
use crate::library::Program;

const PACKAGE: &str = "host/python";
const HINT: &str = "\
what to do:
  - without Python, or its module venv: `apt-get install python3 python3-venv`, version 3.10 or newer
  - without a network, or where a version is not to be had: see host/python/requirements.txt";

/// Installs what is missing and returns the path of the interpreter.
pub fn setup() -> Result<PathBuf> {
    setup::ensure_programs(&[("python3", &["python3", "python3-venv"])])?;
    let wanted = root().join(PACKAGE).join("requirements.txt");
    python::environment("python", &wanted, "250 MB, half a minute", HINT)
}

pub fn check() -> Result<()> {
    run(&mut cargo(&["clippy", "--quiet", "--locked", "--package", "samplegrad-python", "--", "-D", "warnings"]))?;
    let (package, python) = (root().join(PACKAGE), setup()?);
    let wheel = wheel(&python)?;

    let told = python::folder("python").join("expected.txt");
    fs::write(&told, Program::Host.output(&["expected", "python"])?)
        .with_context(|| format!("writing {}", told.display()))?;
    let mut tests = clean(&python);
    tests.args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "tests"]).current_dir(&package);
    run(tests.env("SAMPLEGRAD_EXPECTED", &told).env("PYTHONDONTWRITEBYTECODE", "1"))?;

    let cache = python::folder("python").join("mypy");
    for module in [["mypy.stubtest", "samplegrad"], ["mypy", "tests"]] {
        let mut types = clean(&python);
        run(types.arg("-m").args(module).current_dir(&package).env("MYPY_CACHE_DIR", &cache))?;
    }
    torch(&wheel)
}

/// Builds the wheel, installs it and returns its path.
fn wheel(python: &Path) -> Result<PathBuf> {
    let folder = root().join("target/python/wheels");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    let mut maturin = clean(python::folder("python").join("bin/maturin"));
    maturin
        .args(["build", "--quiet", "--release", "--locked", "--manifest-path"])
        .arg(root().join(PACKAGE).join("Cargo.toml"));
    maturin.arg("--interpreter").arg(python).arg("--out").arg(&folder);
    capture(&mut maturin)?;
    let mut wheels = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    let wheel = wheels.pop().context("maturin made no wheel")?.path();
    ensure!(wheels.is_empty(), "maturin made more than one wheel");
    install(python, &wheel)?;
    println!("{}", wheel.file_name().unwrap_or_default().to_string_lossy());
    Ok(wheel)
}

fn install(python: &Path, wheel: &Path) -> Result<()> {
    let mut pip = clean(python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall"]);
    capture(pip.arg(wheel)).map(drop)
}

/// Compares the layer for PyTorch with PyTorch if PyTorch is installed. PyTorch takes 6 GB, and only the benchmark
/// installs it.
fn torch(wheel: &Path) -> Result<()> {
    let Some(python) = python::installed("peers", &root().join("host/benches/peers/requirements.txt"))? else {
        println!("PyTorch is not here, so its layer was not run; `cargo xtask bench` installs it");
        return Ok(());
    };
    install(&python, wheel)?;
    run(clean(&python).arg(root().join(PACKAGE).join("examples/torch_layer.py")))
}
