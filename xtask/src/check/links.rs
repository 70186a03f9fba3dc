//! A part of the step `doc`: the relative links of the pages lead to files.

use anyhow::{Result, ensure};
use xtask::{files, shell::root};

/// Fails for a link of a page that leads to no file. Reads all pages below the root except build products.
pub fn check() -> Result<()> {
    let (mut count, mut dead) = (0, Vec::new());
    for page in files::below(root())?.iter().filter(|file| file.extension().is_some_and(|end| end == "md")) {
        let text = files::read(page)?;
        for target in targets(&text) {
            count += 1;
            if !page.parent().unwrap_or(root()).join(target).exists() {
                dead.push(format!("{}: {target}", page.strip_prefix(root()).unwrap_or(page).display()));
            }
        }
    }
    ensure!(count > 50, "only {count} links found");
    ensure!(dead.is_empty(), "links that lead to no file:\n{}", dead.join("\n"));
    println!("{count} links of pages lead to a file");
    Ok(())
}

/// Returns the relative targets of links, without the part after `#`. Links to items of the documentation have no slash
/// and no dot, and are left out.
fn targets(page: &str) -> Vec<&str> {
    let links = page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let path = |target: &'_ str| !target.contains("://") && !target.contains("::") && target.contains(['/', '.']);
    links.filter(|target| path(target)).filter_map(|target| target.split('#').next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found() {
        assert_eq!(
            targets("[a](core/src/lib.rs) [b](https://x.y/z) [`c`](crate::c) [d](A.md#e)"),
            ["core/src/lib.rs", "A.md"]
        );
    }
}
