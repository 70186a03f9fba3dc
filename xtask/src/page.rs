//! Documentation files with generated figures. The text between two markers is generated. All other text is written by
//! hand.
//!
//! ```text
//! <!-- figures: NAME -->
//! generated text
//! <!-- end -->
//! ```

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use crate::files;

/// Replaces the figures of a file. `figures` returns the new text for each name in the markers of the file.
pub fn write(file: &Path, mut figures: impl FnMut(&str) -> Result<String>) -> Result<()> {
    let text = files::read(file)?;
    let mut made = String::new();
    for part in parts(&text)? {
        match part {
            Part::Prose(prose) => made += prose,
            Part::Figures { name, .. } => {
                made += &format!("<!-- figures: {name} -->\n{}<!-- end -->", figures(name)?);
            }
        }
    }
    let whole = file.with_extension("new");
    fs::write(&whole, made).with_context(|| format!("writing {}", whole.display()))?;
    fs::rename(&whole, file).with_context(|| format!("writing {}", file.display()))?;
    println!("{} is up to date", file.display());
    Ok(())
}

/// Calls `look` with the name and the text of each generated figure.
pub fn each(file: &Path, mut look: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    let text = files::read(file)?;
    let mut tables = 0;
    for part in parts(&text)? {
        let Part::Figures { name, kept } = part else { continue };
        look(name, kept)?;
        tables += 1;
    }
    ensure!(tables > 0, "{} has no figures", file.display());
    Ok(())
}

enum Part<'a> {
    Prose(&'a str),
    Figures { name: &'a str, kept: &'a str },
}

/// Returns the text, split at the markers.
fn parts(text: &str) -> Result<Vec<Part<'_>>> {
    const START: &str = "<!-- figures: ";
    const STOP: &str = " -->\n";
    const END: &str = "<!-- end -->";
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((prose, marked)) = rest.split_once(START) {
        let (name, inside) = marked.split_once(STOP).context("a marker of the page does not end")?;
        let (kept, after) = inside.split_once(END).with_context(|| format!("figures of {name} do not end"))?;
        parts.extend([Part::Prose(prose), Part::Figures { name, kept }]);
        rest = after;
    }
    parts.push(Part::Prose(rest));
    Ok(parts)
}
