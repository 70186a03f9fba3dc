//! A part of the step `lint`: checks the rules of plain words.
//!
//! - The documentation of a function begins with a verb in the third person, as in "Returns the mean".
//! - No documentation begins with a question word or a fragment, such as "What" or "Of".
//! - Documentation and pages avoid the words of [`AVOIDED`].

use anyhow::{Result, bail, ensure};
use xtask::{files, shell::root};

/// First words that do not begin a definition.
const FIRST: [&str; 20] = [
    "As", "How", "Nobody", "No", "Not", "Nothing", "Of", "Only", "So", "Whatever", "What", "When", "Where", "Whether",
    "Which", "Whoever", "Whom", "Whose", "Who", "Why",
];

/// Words and phrases with a plainer synonym: "requires" for `asks`, "users who" for `whoever`.
const AVOIDED: [&str; 16] = [
    "told",
    "lives",
    "lived",
    "asks",
    "asked",
    "asking",
    "goes along",
    "go along",
    "comes of",
    "what is taken from",
    "whoever",
    "nobody",
    "somebody",
    "for nothing",
    "whatever",
    "by turns",
];

/// Words that end in "s" and begin a noun phrase.
const PLURALS: [&str; 27] = [
    "Bits",
    "Bytes",
    "Classes",
    "Costs",
    "Features",
    "Fields",
    "Gradients",
    "Its",
    "Lanes",
    "Logits",
    "Moments",
    "Numbers",
    "Parameters",
    "Parts",
    "Probabilities",
    "Rewards",
    "Rows",
    "Samples",
    "Slopes",
    "Steps",
    "Streams",
    "Tests",
    "This",
    "Units",
    "Values",
    "Weights",
    "Words",
];

/// Reads the documentation of every crate and every page; fails for a line that breaks a rule.
pub fn check() -> Result<()> {
    let (mut read, mut wrong) = (0, Vec::new());
    for path in files::below(root())? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let find: fn(&str) -> Broken = match path.extension().and_then(|end| end.to_str()) {
            Some("rs") => in_source,
            Some("md") if name != "CHANGELOG.md" => in_page,
            _ => continue,
        };
        let shown = path.strip_prefix(root()).unwrap_or(&path).display();
        let found = find(&files::read(&path)?);
        wrong.extend(found.into_iter().map(|(line, what)| format!("{shown}:{line}: {what}")));
        read += 1;
    }
    ensure!(read > 300, "only {read} files with documentation");
    if !wrong.is_empty() {
        bail!("documentation is not in plain words, which CONTRIBUTING.md lists:\n{}", wrong.join("\n"));
    }
    println!("documentation of {read} files: plain words");
    Ok(())
}

/// Numbers of lines that break a rule, counted from 1, with the reason.
type Broken = Vec<(usize, String)>;

fn in_page(text: &str) -> Broken {
    let mut code = false;
    let mut broken = Broken::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            broken.extend(avoided(line).map(|word| (number, format!("`{word}` in: {line}"))));
        }
    }
    broken
}

fn in_source(text: &str) -> Broken {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let mut broken = Broken::new();
    let mut start = 0;
    while start < lines.len() {
        let Some(mark) = ["///", "//!"].into_iter().find(|mark| lines[start].starts_with(mark)) else {
            start += 1;
            continue;
        };
        let length = lines[start..].iter().take_while(|line| line.starts_with(mark)).count();
        let block: Vec<&str> = lines[start..start + length].iter().map(|line| line[mark.len()..].trim()).collect();
        broken.extend(in_page(&block.join("\n")).into_iter().map(|(line, what)| (start + line, what)));
        let after = lines[start + length..].iter().find(|line| !is_between(line));
        let begins = block.first().copied().unwrap_or_default();
        let word = begins.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if FIRST.contains(&word) {
            broken.push((start + 1, format!("begins with `{word}`: {begins}")));
        } else if mark == "///" && !begins.is_empty() && after.is_some_and(|line| is_function(line)) && !is_verb(word) {
            broken.push((start + 1, format!("does not begin with a verb, as a function's does: {begins}")));
        }
        start += length;
    }
    broken
}

/// Returns the first avoided word of a line, outside of code.
fn avoided(line: &str) -> Option<&'static str> {
    let prose: Vec<&str> = line.split('`').step_by(2).collect();
    let prose = prose.join("`").to_lowercase();
    AVOIDED.into_iter().find(|word| {
        prose.match_indices(word).any(|(at, _)| {
            let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            is_edge(prose[..at].chars().next_back()) && is_edge(prose[at + word.len()..].chars().next())
        })
    })
}

/// Returns whether a line may stand between documentation and its item.
fn is_between(line: &str) -> bool {
    line.starts_with("#[") || line.starts_with(")]") || (line.starts_with("//") && !line.starts_with("///"))
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub")
            || matches!(*word, "const" | "unsafe" | "async" | "extern" | "\"C\"" | "crate)" | "super)")
    });
    words.next() == Some("fn")
}

/// Returns whether a first word has the form of a verb in the third person.
fn is_verb(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.ends_with('s') && !word.ends_with("ss") && !PLURALS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        in_source(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn functions_begin_with_a_verb() {
        assert!(lines("/// Returns the mean.\n#[inline]\npub fn mean() {}").is_empty());
        assert_eq!(lines("/// The mean.\n#[inline]\npub(crate) const fn mean() {}"), [1]);
        assert_eq!(lines("    /// Rows that differ.\n    fn rows();"), [1]);
        assert!(lines("/// Rows that differ.\nstruct Rows;").is_empty());
    }

    #[test]
    fn no_riddles() {
        assert_eq!(lines("//! What a lane can do.\n\n/// Of four.\nstruct Four;"), [1, 3]);
        assert_eq!(lines("/// Numbers.\n///\n/// A device is told them.\nstruct N;"), [3]);
        assert!(lines("/// Numbers.\n/// ```\n/// told();\n/// ```\n/// `asked`, retold.\nstruct N;").is_empty());
    }

    #[test]
    fn pages_avoid_words() {
        assert_eq!(in_page("A page.\n\nNobody knows.\n```\nnobody\n```\n").len(), 1);
    }
}
