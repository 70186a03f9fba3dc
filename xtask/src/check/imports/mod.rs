//! A part of the step `lint`. It checks that the files of a crate do not import each other in a cycle, and that no file
//! imports from a higher floor. Floors are the layers of a crate.
//!
//! Every path in the sources counts as an import: `use` declarations, paths in expressions and attributes, and macros.
//! Code that is compiled only for tests does not count. A re-export counts as an import of the item. A file and the
//! file that re-exports its items would therefore form a cycle if the former imported from the latter. Files import
//! from the defining file instead.

mod graph;
mod paths;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use xtask::shell::root;

use self::{
    graph::circles,
    paths::{Module, paths},
};

/// File that lists the floors.
const PAGE: &str = "ARCHITECTURE.md";

/// Checks the imports of every crate of the product. Fails if files or folders form a cycle, or if a file imports from
/// a higher floor.
pub fn check() -> Result<()> {
    let page = fs::read_to_string(root().join(PAGE)).with_context(|| format!("reading {PAGE}"))?;
    let mut wrong = Vec::new();
    let crates = crates()?;
    for folder in &crates {
        let imports = imports(&root().join(folder))?;
        ensure!(!imports.is_empty(), "{folder}: no file");
        let floors = floors(&page, folder)?;
        wrong.extend(complaints(&imports, floors.as_deref()).into_iter().map(|what| format!("{folder}: {what}")));
    }
    if !wrong.is_empty() {
        bail!("imports go in a circle, or up ({PAGE} names the floors):\n{}", wrong.join("\n"));
    }
    println!("imports of {} crates: no circle, no arrow up", crates.len());
    Ok(())
}

/// Returns every source folder of the workspace except those of tests.
fn crates() -> Result<Vec<String>> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).context("reading Cargo.toml")?;
    let members = manifest.split_once("members = [").and_then(|(_, rest)| rest.split_once(']'));
    let (members, _) = members.context("Cargo.toml: no members")?;
    // Test programs are left out, because the files of a test program share the items of the root file.
    let product = |member: &&str| !member.is_empty() && !member.starts_with("tests");
    let folders = members.split(',').map(|member| member.trim().trim_matches('"')).filter(product);
    let mut sources: Vec<String> = folders.map(|folder| format!("{folder}/src")).collect();
    sources.retain(|folder| root().join(folder).is_dir());
    ensure!(sources.len() > 10, "only {} crates have sources", sources.len());
    Ok(sources)
}

/// The imported files of each file. Paths are relative to the source folder.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Reads the files below a folder.
fn imports(folder: &Path) -> Result<Imports> {
    let mut texts = BTreeMap::new();
    read(folder, folder, &mut texts)?;
    let modules: BTreeMap<Module, String> = texts.keys().map(|file| (Module::of(file), file.clone())).collect();
    let mut imports = Imports::new();
    for (file, text) in &texts {
        let own = Module::of(file);
        let found = paths(text, &own, &modules).with_context(|| format!("{}/{file}", folder.display()))?;
        let files = found.iter().filter_map(|path| path.file(&modules)).filter(|other| *other != file);
        imports.insert(file.clone(), files.cloned().collect());
    }
    Ok(imports)
}

fn read(root: &Path, folder: &Path, texts: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            texts.insert(name, fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?);
        }
    }
    Ok(())
}

/// Returns the floors of a crate from the lowest to the highest, if `page` lists them. A floor is a line `1. `a`, `b`:
/// ...` below a heading that ends with the folder of the crate.
fn floors(page: &str, folder: &str) -> Result<Option<Vec<Vec<String>>>> {
    let heading = format!("`{folder}`");
    let mut lines = page.lines();
    if !lines.any(|line| line.starts_with('#') && line.ends_with(&heading)) {
        return Ok(None);
    }
    let mut floors = Vec::new();
    for line in lines.take_while(|line| !line.starts_with('#')) {
        let Some((number, rest)) = line.split_once(". ") else { continue };
        if number.parse::<usize>().is_err() {
            continue;
        }
        let names = rest.split(':').next().unwrap_or_default();
        floors.push(names.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>());
    }
    ensure!(floors.len() > 1, "{PAGE} has no floors below the heading of {folder}");
    Ok(Some(floors))
}

/// Returns the name of the folder or file directly below the source folder that contains `file`.
fn room(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Returns one message for each fault in the imports of a crate.
fn complaints(imports: &Imports, floors: Option<&[Vec<String>]>) -> Vec<String> {
    let arrow = |names: &[String]| names.join(" -> ");
    let mut wrong: Vec<String> = circles(imports).iter().map(|circle| format!("files: {}", arrow(circle))).collect();
    let root = |file: &str| matches!(file, "lib.rs" | "main.rs");
    let mut rooms = Imports::new();
    for (file, others) in imports.iter().filter(|(file, _)| !root(file)) {
        let own = rooms.entry(room(file).to_owned()).or_default();
        own.extend(others.iter().filter(|other| !root(other)).map(|other| room(other).to_owned()));
    }
    for (name, others) in &mut rooms {
        others.remove(name);
    }
    wrong.extend(circles(&rooms).iter().map(|circle| format!("folders: {}", arrow(circle))));
    let Some(floors) = floors else { return wrong };
    let floor = |room: &str| floors.iter().position(|names| names.iter().any(|name| name == room));
    for (file, others) in imports.iter().filter(|(file, _)| !root(file)) {
        let Some(own) = floor(room(file)) else {
            wrong.push(format!("`{}` is on no floor", room(file)));
            continue;
        };
        let above = others.iter().filter(|other| floor(room(other)).is_some_and(|other| other > own));
        wrong.extend(above.map(|other| format!("up: {file} -> {other}")));
    }
    wrong.dedup();
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Imports {
        let modules: BTreeMap<Module, String> =
            files.iter().map(|(file, _)| (Module::of(file), (*file).to_owned())).collect();
        let of = |file: &str, text: &str| {
            let found = paths(text, &Module::of(file), &modules).unwrap();
            found.iter().filter_map(|path| path.file(&modules)).filter(|other| *other != file).cloned().collect()
        };
        files.iter().map(|&(file, text)| (file.to_owned(), of(file, text))).collect()
    }

    #[test]
    fn a_circle_of_files_is_found_wherever_the_path_stands() {
        for import in [
            "use crate::b::thing;",
            "use crate::{b::{self, thing as other}};",
            "use super::b;",
            "fn f() -> crate::b::Thing { todo!() }",
            "#[serde(with = \"crate::b::stored\")] struct S;",
            "m! { crate::b::thing() }",
        ] {
            let imports = crate_of(&[("lib.rs", "mod a; mod b;"), ("a.rs", import), ("b.rs", "use crate::a;")]);
            assert_eq!(complaints(&imports, None).len(), 2, "{import}");
        }
    }

    #[test]
    fn an_import_from_a_re_export_is_a_circle() {
        let imports =
            crate_of(&[("lib.rs", "mod a; mod b; pub use b::Thing;"), ("a.rs", ""), ("b.rs", "use crate::Thing;")]);
        assert_eq!(complaints(&imports, None), ["files: b.rs -> lib.rs -> b.rs"]);
    }

    #[test]
    fn tests_and_words_are_no_imports() {
        let text =
            "//! crate::b\n/// [`x`](crate::b)\n#[cfg(test)] mod tests { use crate::b; }\n#[cfg(test)] use crate::b;";
        let imports = crate_of(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "use crate::a;")]);
        assert!(complaints(&imports, None).is_empty());
    }

    #[test]
    fn an_arrow_up_is_found() {
        let page = "# Floors of `core/src`\n\nFrom the ground up:\n\n1. `a`, `c`: low\n2. `b`: high\n\n# Other\n";
        let floors = floors(page, "core/src").unwrap().unwrap();
        let up = crate_of(&[("lib.rs", ""), ("a/x.rs", "use crate::b::y;"), ("b/y.rs", ""), ("c.rs", "")]);
        assert_eq!(complaints(&up, Some(&floors)), ["up: a/x.rs -> b/y.rs"]);
        let down = crate_of(&[("lib.rs", ""), ("a/x.rs", ""), ("b/y.rs", "use crate::{a::x, c};"), ("c.rs", "")]);
        assert!(complaints(&down, Some(&floors)).is_empty());
        let homeless = crate_of(&[("lib.rs", ""), ("d.rs", "")]);
        assert_eq!(complaints(&homeless, Some(&floors)), ["`d` is on no floor"]);
    }
}
