//! Cycles in a graph of names.

use std::collections::{BTreeMap, BTreeSet};

/// Returns one cycle through each set of names that all reach each other, from its first name back to that name.
pub fn circles(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut circles = Vec::new();
    for name in graph.keys() {
        if seen.contains(name.as_str()) {
            continue;
        }
        if let Some(circle) = shortest(graph, name) {
            seen.extend(
                graph
                    .keys()
                    .map(String::as_str)
                    .filter(|other| path(graph, name, other).is_some() && path(graph, other, name).is_some()),
            );
            circles.push(circle);
        }
    }
    circles
}

/// Returns the shortest path from a name back to that name.
fn shortest(graph: &BTreeMap<String, BTreeSet<String>>, name: &str) -> Option<Vec<String>> {
    let ways = graph.get(name)?.iter().filter_map(|next| path(graph, next, name));
    let way = ways.min_by_key(Vec::len)?;
    Some([vec![name.to_owned()], way].concat())
}

/// Returns the shortest path between two names, including both.
fn path(graph: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut now = vec![from];
    let mut seen = BTreeSet::from([from]);
    while !now.is_empty() && !seen.contains(to) {
        let mut next = Vec::new();
        for name in now {
            for other in graph.get(name).into_iter().flatten().map(String::as_str) {
                if seen.insert(other) {
                    before.insert(other, name);
                    next.push(other);
                }
            }
        }
        now = next;
    }
    if !seen.contains(to) {
        return None;
    }
    let mut way = vec![to.to_owned()];
    let mut name = to;
    while name != from {
        name = before.get(name)?;
        way.push(name.to_owned());
    }
    way.reverse();
    Some(way)
}
