//! Timing servers: this library in two builds, and its peers, which are installed if missing.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use xtask::{
    python,
    shell::{clean, root, run, typed},
};

/// A process that answers each line with a line.
pub struct Server {
    name: String,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self> {
        let name = typed(command);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{name}`"))?;
        let input = process.stdin.take().context("no standard input")?;
        let output = BufReader::new(process.stdout.take().context("no standard output")?);
        Ok(Self { name, process, input, output })
    }

    /// Sends a line and returns the answer.
    pub fn ask(&mut self, line: &str) -> Result<String> {
        self.say(line)?;
        self.hear().with_context(|| format!("asked `{line}`"))
    }

    /// Sends a line.
    pub fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.input, "{line}").with_context(|| format!("`{}` has ended, before `{line}`", self.name))
    }

    /// Waits for a line.
    pub fn hear(&mut self) -> Result<String> {
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            bail!("`{}` ended", self.name);
        }
        let answer = answer.trim().to_owned();
        if answer.starts_with("error") {
            bail!("`{}` says {answer}", self.name);
        }
        Ok(answer)
    }

    /// Returns the number of the process.
    #[cfg(target_os = "linux")]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Instruction sets that the compiler may use.
#[derive(Clone, Copy)]
pub enum Build {
    /// Instructions of every processor of the target.
    Stock,
    /// Instructions of this processor.
    Native,
}

/// Builds this library's server and starts it.
pub fn ours(build: Build) -> Result<Server> {
    let mut command = clean("cargo");
    command.args(["build", "--quiet", "--locked", "--release"]);
    command.args(["--package", "samplegrad-host", "--example", "bench_server"]);
    let folder = root().join(match build {
        Build::Stock => "target",
        Build::Native => "target/native",
    });
    command.arg("--target-dir").arg(&folder);
    if let Build::Native = build {
        command.env("RUSTFLAGS", "-C target-cpu=native");
    }
    println!("building the {} build", if let Build::Native = build { "native" } else { "stock" });
    run(&mut command)?;
    Server::start(&mut clean(folder.join("release/examples/bench_server")))
}

/// Starts the peers. Installs them first if the required versions are missing.
pub fn peers() -> Result<Server> {
    let folder = root().join("host/benches/peers");
    let hint = "\
what to do:
  - without Python, or its module venv: `apt-get install python3 python3-venv`, version 3.11 or newer
  - without a network, or where a version is not to be had: see host/benches/peers/requirements.txt
  - with little room: target/peers takes 6 GB
  - without the peers: `cargo xtask bench --no-peers`";
    let python = python::environment("peers", &folder.join("requirements.txt"), "6 GB, some minutes", hint)?;
    Server::start(clean(python).arg(folder.join("peers.py")))
}
