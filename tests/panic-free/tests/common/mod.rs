//! Reader of source files.

use std::{fs, path::Path};

/// Returns all Rust source files under a folder, each with the name of its module.
pub fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let named = if path.ends_with("mod.rs") { folder } else { &path };
            let module = named.file_stem().expect("a name").to_string_lossy().into_owned();
            found.push((module, fs::read_to_string(&path).expect("text")));
        }
    }
}
