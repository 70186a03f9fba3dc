//! The step `first-steps`: the README's commands for each kind of user run from an empty folder, and the links of the
//! pages lead to files.
//!
//! `<!-- steps: NAME -->` marks a block of commands, `<!-- file: PATH -->` a file of the project that they make.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use xtask::shell::{capture, clean, root};

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
    let page = read(&root().join(PAGE))?;
    let all = steps(&page)?;
    let users: Vec<&str> = all.iter().map(|steps| steps.user.as_str()).collect();
    ensure!(users == USERS, "{PAGE} has lines for {users:?}, not for {USERS:?}");
    for steps in &all {
        follow(steps).with_context(|| format!("{PAGE}, lines for `{}`", steps.user))?;
        println!("{:12} {} commands: ok", steps.user, steps.commands.len());
    }
    Ok(())
}

/// Fails for a link of a page that leads to no file. Reads all pages below the root except build products.
pub fn links() -> Result<()> {
    let (mut count, mut dead) = (0, Vec::new());
    for page in pages(root())? {
        let text = read(&page)?;
        for target in targets(&text) {
            count += 1;
            if !page.parent().unwrap_or(root()).join(target).exists() {
                dead.push(format!("{}: {target}", page.strip_prefix(root()).unwrap_or(&page).display()));
            }
        }
    }
    ensure!(count > 50, "only {count} links found");
    ensure!(dead.is_empty(), "links that lead to no file:\n{}", dead.join("\n"));
    println!("{count} links of pages lead to a file");
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
}

/// Lists the Markdown files below a folder.
fn pages(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(pages(&path)?);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Returns the relative targets of links, without the part after `#`. Links to items of the documentation have no slash
/// and no dot, and are left out.
fn targets(page: &str) -> Vec<&str> {
    let links = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let path = |target: &'_ str| !target.contains("://") && !target.contains("::") && target.contains(['/', '.']);
    links.filter(|target| path(target)).filter_map(|target| target.split('#').next()).collect()
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
    let folder = std::env::temp_dir().join(format!("samplegrad-first-steps-{}", steps.user.replace(' ', "-")));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
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
    fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))
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
    fn links_are_found() {
        assert_eq!(
            targets("[a](core/src/lib.rs) [b](https://x.y/z) [`c`](crate::c) [d](A.md#e)"),
            ["core/src/lib.rs", "A.md"]
        );
    }

    #[test]
    fn the_repository_is_replaced() {
        let line = with_paths("gcc samplegrad/a.c -I ../samplegrad/include samplegrad");
        assert!(line.starts_with("gcc /") && line.ends_with("/include samplegrad"), "{line}");
    }
}
