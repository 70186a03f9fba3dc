//! The step `first-steps`: the README's commands for each kind of user run from an empty folder.
//!
//! `<!-- steps: NAME -->` marks a block of commands, `<!-- file: PATH -->` a file of the project that they make.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use xtask::{
    files,
    shell::{capture, clean, root},
};

use super::python;

const PAGE: &str = "README.md";
/// Kinds of users with commands on the page.
const USERS: [&str; 5] = ["firmware", "host", "python", "c", "command line"];

/// Commands for one kind of user.
#[derive(Debug, PartialEq, Eq)]
struct Steps {
    user: String,
    commands: Vec<String>,
    /// Path and contents of a file of the project.
    file: Option<(String, String)>,
}

/// Runs the commands of every user.
pub fn run() -> Result<()> {
    let page = files::read(&root().join(PAGE))?;
    let all = steps(&page)?;
    let users: Vec<&str> = all.iter().map(|steps| steps.user.as_str()).collect();
    ensure!(users == USERS, "{PAGE} has lines for {users:?}, not for {USERS:?}");
    for steps in &all {
        follow(steps).with_context(|| format!("{PAGE}, lines for `{}`", steps.user))?;
        println!("{:12} {} commands: ok", steps.user, steps.commands.len());
    }
    Ok(())
}

/// Reads the commands of each user.
fn steps(page: &str) -> Result<Vec<Steps>> {
    let mut all: Vec<Steps> = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let marked = |what: &str| line.strip_prefix(what).and_then(|rest| rest.strip_suffix(" -->")).map(str::to_owned);
        let user = marked("<!-- steps: ");
        let path = marked("<!-- file: ");
        if user.is_none() && path.is_none() {
            continue;
        }
        ensure!(lines.next().is_some_and(|line| line.starts_with("```")), "`{line}` is not followed by a block");
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some(user) = user {
            let commands = block.iter().map(|line| {
                line.strip_prefix("$ ").map(str::to_owned).with_context(|| format!("`{line}` does not begin with `$ `"))
            });
            all.push(Steps { user, commands: commands.collect::<Result<_>>()?, file: None });
        } else if let (Some(path), Some(last)) = (path, all.last_mut()) {
            last.file = Some((path, block.join("\n") + "\n"));
        } else {
            bail!("`{line}` stands before any steps");
        }
    }
    Ok(all)
}

/// Runs the commands in an empty folder, with the repository beside it.
fn follow(steps: &Steps) -> Result<()> {
    let folder = files::empty(&format!("samplegrad-first-steps-{}", steps.user.replace(' ', "-")))?;
    let mut script: Vec<String> = steps.commands.iter().map(|line| with_paths(line)).collect();
    if let Some((path, text)) = &steps.file {
        let kept = folder.join("block");
        fs::write(&kept, text).with_context(|| format!("writing {}", kept.display()))?;
        script.push(format!("cp ../block {path}"));
        script.push(if path.ends_with("main.rs") { "cargo run --quiet" } else { "cargo build --quiet" }.to_owned());
    }
    let python = python::setup()?;
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = clean("sh");
    // The crates that the workspace has downloaded suffice, and their versions are the tested ones.
    command.args(["-e", "-c", &script.join("\n")]).current_dir(&folder).env("CARGO_NET_OFFLINE", "true");
    command.env("PATH", format!("{}:{path}", python.parent().unwrap_or(root()).display()));
    if steps.file.is_some() {
        command.env("CARGO_TARGET_DIR", root().join("target/first-steps"));
    }
    let said = capture(&mut command)?;
    let silent = steps.file.as_ref().is_some_and(|(path, _)| !path.ends_with("main.rs"));
    ensure!(silent || !said.trim().is_empty(), "the lines print nothing");
    files::remove(&folder)
}

/// Replaces the path of the repository beside the folder by the path of the tested one.
fn with_paths(line: &str) -> String {
    let root = format!("{}/", root().display());
    let word = |word: &str| {
        let rest = word.strip_prefix("../samplegrad/").or_else(|| word.strip_prefix("samplegrad/"));
        rest.map_or_else(|| word.to_owned(), |rest| format!("{root}{rest}"))
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let page = "a\n<!-- steps: host -->\n```console\n$ cargo new x\n```\n<!-- file: src/main.rs -->\n```rust\nfn main() {}\n```\n";
        let due = Steps {
            user: "host".into(),
            commands: vec!["cargo new x".into()],
            file: Some(("src/main.rs".into(), "fn main() {}\n".into())),
        };
        assert_eq!(steps(page).unwrap(), [due]);
        assert!(steps("<!-- steps: c -->\ntext").is_err());
        assert!(steps("<!-- steps: c -->\n```\ncargo\n```").is_err());
        assert!(steps("<!-- file: a -->\n```\n```").is_err());
    }

    #[test]
    fn the_repository_is_replaced() {
        let line = with_paths("gcc samplegrad/a.c -I ../samplegrad/include samplegrad");
        assert!(line.starts_with("gcc /") && line.ends_with("/include samplegrad"), "{line}");
    }
}
