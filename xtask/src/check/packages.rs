//! The step `packages`: the published crates are complete, and build without this repository.
//!
//! Every published crate is packed, compiled from its package in the order of dependencies, and unpacked. The command
//! line is then installed from the unpacked crates alone and run from an empty folder. `samplegrad-mpi`, which needs an
//! MPI library, is packed only: the step `mpi` builds it. Python's source distribution is built, installed in an empty
//! environment, and used.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask::{
    files, python,
    shell::{capture, clean, root},
};

/// A published crate: its name and version from its manifest.
struct Package {
    name: String,
    version: String,
}

impl Package {
    fn id(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

/// Packs, unpacks, checks, installs and runs.
pub fn run() -> Result<()> {
    let packages = published()?;
    ensure!(packages.len() >= 9, "only {} crates are published", packages.len());
    let pack = |arguments: &[&str], without: &str| {
        let mut pack = clean("cargo");
        pack.args(["package", "--quiet", "--locked", "--allow-dirty"]).args(arguments);
        let names = packages.iter().map(|package| package.name.as_str()).filter(|name| *name != without);
        capture(pack.args(names.flat_map(|name| ["--package", name])))
    };
    pack(&["--no-verify"], "").context("packing")?;
    pack(&[], "samplegrad-mpi").context("compiling the packages")?;

    // Outside of the repository, whose workspace would claim them.
    let folder = files::empty("samplegrad-packages")?;
    for package in &packages {
        let file = root().join("target/package").join(format!("{}.crate", package.id()));
        capture(clean("tar").arg("xzf").arg(&file).current_dir(&folder))?;
        complete(&folder.join(package.id())).with_context(|| package.id())?;
    }
    println!("{} crates packed and compiled, with licences and the address of their source", packages.len());

    install(&packages, &folder)?;
    python_sources(&folder)?;
    files::remove(&folder)
}

/// Builds Python's source distribution, installs it in an environment with NumPy alone, and uses it from an empty
/// folder.
fn python_sources(folder: &Path) -> Result<()> {
    const PACKAGE: &str = "host/python";
    let all = files::read(&root().join(PACKAGE).join("requirements.txt"))?;
    let needed = ["numpy", "maturin"].map(|name| {
        let line = all.lines().find(|line| line.starts_with(&format!("{name}==")));
        line.with_context(|| format!("{PACKAGE}/requirements.txt has no {name}"))
    });
    let needed = needed.into_iter().collect::<Result<Vec<_>>>()?.join("\n") + "\n";
    let wanted = folder.join("requirements.txt");
    fs::write(&wanted, needed).with_context(|| format!("writing {}", wanted.display()))?;
    let python = python::environment("python-sources", &wanted, "100 MB", "what to do: see host/python/README.md")?;
    let bin = python.parent().context("an interpreter without a folder")?;

    let mut sdist = clean(bin.join("maturin"));
    sdist.args(["sdist", "--manifest-path"]).arg(root().join(PACKAGE).join("Cargo.toml"));
    capture(sdist.arg("--out").arg(folder.join("sdist")))?;
    let made = fs::read_dir(folder.join("sdist"))?.next().context("maturin made no source distribution")??.path();
    let listed = capture(clean("tar").arg("tzf").arg(&made))?;
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "core/src/lib.rs", "python/samplegrad/py.typed"] {
        ensure!(listed.lines().any(|line| line.ends_with(&format!("/{file}"))), "{} lacks {file}", made.display());
    }
    let mut pip = clean(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--force-reinstall",
    ]);
    let path = std::env::var("PATH").unwrap_or_default();
    pip.env("PATH", format!("{}:{path}", bin.display())).env("MATURIN_PEP517_ARGS", "--profile dev");
    pip.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", root().join("target/unpacked-build"));
    capture(pip.arg(&made)).context("installing the source distribution")?;
    let program = "import samplegrad, numpy; \
         print(samplegrad.gumbel_max(numpy.array([[0, 100], [100, 0]], 'f4'), samplegrad.Streams(seed=1, count=2)))";
    let said = capture(clean(&python).args(["-c", program]).current_dir(folder.join("empty")))?;
    ensure!(said.trim() == "[1 0]", "it prints `{}`", said.trim());
    println!("{} installed and used", made.file_name().unwrap_or_default().to_string_lossy());
    Ok(())
}

/// Installs the command line from the unpacked crates and runs it from an empty folder.
fn install(packages: &[Package], folder: &Path) -> Result<()> {
    let (to, empty) = (folder.join("installed"), folder.join("empty"));
    fs::create_dir_all(&empty).with_context(|| format!("making {}", empty.display()))?;
    let package = find(packages, "samplegrad-cli")?;
    let mut command = apart(packages, folder, package);
    command.args(["install", "--quiet", "--debug", "--path", ".", "--root"]).arg(&to);
    capture(&mut command).context("installing the command line")?;
    let program = to.join("bin/samplegrad");
    let said = capture(Command::new(&program).arg("--version").current_dir(&empty))?;
    ensure!(said.trim() == format!("samplegrad {}", package.version), "it says `{}`", said.trim());
    let table = capture(Command::new(&program).args(["compare", "toy", "--draws", "4096"]).current_dir(&empty))?;
    ensure!(table.contains("leave-one-out of 2"), "it prints\n{table}");
    println!("{} installed from crates alone, and run", package.id());
    Ok(())
}

/// Returns a cargo command in an unpacked crate. The command uses the other unpacked crates in the same folder.
fn apart(packages: &[Package], folder: &Path, package: &Package) -> Command {
    let mut command = clean("cargo");
    for other in packages {
        let path = folder.join(other.id());
        command.args(["--config", &format!("patch.crates-io.{}.path={:?}", other.name, path.display().to_string())]);
    }
    command.current_dir(folder.join(package.id())).env("CARGO_NET_OFFLINE", "true");
    command.env("CARGO_TARGET_DIR", root().join("target/unpacked-build"));
    command
}

fn find<'a>(packages: &'a [Package], name: &str) -> Result<&'a Package> {
    packages.iter().find(|package| package.name == name).with_context(|| format!("{name} is not published"))
}

/// Lists the workspace's crates that are published.
fn published() -> Result<Vec<Package>> {
    let said = capture(clean("cargo").args(["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&said).context("cargo metadata")?;
    let all = metadata["packages"].as_array().context("no packages")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let public = all.iter().filter(|package| package["publish"].is_null());
    Ok(public.map(|package| Package { name: text(&package["name"]), version: text(&package["version"]) }).collect())
}

/// Fails unless a package has the files and fields that a registry shows.
fn complete(folder: &Path) -> Result<()> {
    let file = |name: &str| -> PathBuf { folder.join(name) };
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml"] {
        ensure!(file(name).is_file(), "{name} is missing");
    }
    let manifest = files::read(&file("Cargo.toml"))?;
    for key in ["description", "license", "repository", "homepage", "keywords", "categories", "rust-version"] {
        ensure!(manifest.lines().any(|line| line.starts_with(&format!("{key} = "))), "its manifest has no {key}");
    }
    ensure!(manifest.contains("[package.metadata.docs.rs]"), "its manifest does not say how docs.rs builds it");
    Ok(())
}
