//! Paths in the text of a file.

use std::{collections::BTreeMap, iter::Peekable};

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A module, by the names from the root of its crate, or a path within one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module(Vec<String>);

impl Module {
    /// Returns the module in a file, given the file's path below the source folder.
    pub fn of(file: &str) -> Self {
        let mut names: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if names.last().is_some_and(|last| last == "mod") || names == ["lib"] || names == ["main"] {
            names.pop();
        }
        Self(names)
    }

    /// Returns the file of the item that a path names: the file of the longest prefix that is a module.
    pub fn file<'a>(&self, modules: &'a BTreeMap<Self, String>) -> Option<&'a String> {
        (0..=self.0.len()).rev().find_map(|length| modules.get(&Self(self.0[..length].to_vec())))
    }

    fn child(&self, name: &str) -> Self {
        Self([self.0.as_slice(), &[name.to_owned()]].concat())
    }

    fn parent(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }
}

/// Returns every path in a file that begins with `crate`, `self`, `super` or the name of a submodule, except paths in
/// code compiled only for tests.
pub fn paths(text: &str, own: &Module, modules: &BTreeMap<Module, String>) -> Result<Vec<Module>> {
    let tokens: TokenStream = text.parse().map_err(|error| anyhow!("no Rust: {error}"))?;
    let mut reader = Reader { modules, paths: Vec::new() };
    reader.read(tokens, own);
    Ok(reader.paths)
}

type Tokens = Peekable<proc_macro2::token_stream::IntoIter>;

struct Reader<'a> {
    modules: &'a BTreeMap<Module, String>,
    paths: Vec<Module>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream, own: &Module) {
        let mut tokens = tokens.into_iter().peekable();
        let mut within = false;
        while let Some(token) = tokens.next() {
            let mut ends_path = false;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(attribute) = next_group(&mut tokens, Delimiter::Bracket) {
                        if attribute.stream().to_string().replace(' ', "") == "cfg(test)" {
                            skip_item(&mut tokens);
                        } else {
                            self.read(attribute.stream(), own);
                        }
                    }
                }
                TokenTree::Punct(punct) => ends_path = punct.as_char() == ':',
                TokenTree::Ident(name) if !within => {
                    let name = name.to_string();
                    let start = match name.as_str() {
                        "crate" => Some(Module(Vec::new())),
                        "self" => Some(own.clone()),
                        "super" => Some(own.parent()),
                        _ if self.modules.contains_key(&own.child(&name)) => Some(own.child(&name)),
                        _ => None,
                    };
                    if let (Some(start), true) = (start, separator(&mut tokens)) {
                        self.tree(&mut tokens, start);
                    }
                }
                TokenTree::Ident(_) => {}
                TokenTree::Group(group) => self.read(group.stream(), own),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if let Some(path) = text.strip_prefix("\"crate::") {
                        let names = path.trim_end_matches('"').split("::").map(str::to_owned);
                        self.paths.push(Module(names.collect()));
                    }
                }
            }
            within = ends_path;
        }
    }

    /// Reads the part after `::`: a name, a group of trees, or neither.
    fn tree(&mut self, tokens: &mut Tokens, start: Module) {
        match tokens.peek() {
            Some(TokenTree::Ident(name)) => {
                let name = name.to_string();
                tokens.next();
                let path = match name.as_str() {
                    "super" => start.parent(),
                    "self" => start,
                    _ => start.child(&name),
                };
                if separator(tokens) { self.tree(tokens, path) } else { self.paths.push(path) }
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let mut inside = group.stream().into_iter().peekable();
                tokens.next();
                while inside.peek().is_some() {
                    self.tree(&mut inside, start.clone());
                    // Skips `as NAME` and a comma, to the next tree.
                    while inside.next().is_some_and(|token| !matches!(token, TokenTree::Punct(p) if p.as_char() == ','))
                    {
                    }
                }
            }
            _ => self.paths.push(start),
        }
    }
}

/// Skips `::`, if it is next. Returns whether it was.
fn separator(tokens: &mut Tokens) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut ahead = tokens.clone();
    let found = colon(ahead.next().as_ref()) && colon(ahead.next().as_ref());
    if found {
        *tokens = ahead;
    }
    found
}

/// Reads a group, if it is next, optionally after `!`.
fn next_group(tokens: &mut Tokens, delimiter: Delimiter) -> Option<Group> {
    tokens.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!'));
    match tokens.next_if(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter))? {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

/// Skips an item, up to its semicolon or braces.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}
