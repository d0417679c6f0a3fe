//! Circles in a graph of files or folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where each file or folder leads.
pub type Edges = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

pub fn by_folder(files: &Edges) -> Edges {
    let folder = |file: &PathBuf| file.parent().expect("a file lies in a folder").to_owned();
    let mut folders = Edges::new();
    for (from, tos) in files {
        let from = folder(from);
        let tos = tos.iter().map(folder).filter(|to| *to != from);
        folders.entry(from.clone()).or_default().extend(tos);
    }
    folders
}

/// The sets of more than one node that all lead to one another.
pub fn circles(edges: &Edges) -> Vec<BTreeSet<PathBuf>> {
    let reached: BTreeMap<_, _> = edges
        .keys()
        .map(|from| (from, reach(edges, from)))
        .collect();
    let mut circles = BTreeSet::new();
    for (from, tos) in &reached {
        let back = |to: &&PathBuf| reached.get(to).is_some_and(|tos| tos.contains(*from));
        let circle: BTreeSet<_> = tos.iter().filter(back).cloned().collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// All that is reached over one edge or several.
fn reach(edges: &Edges, from: &PathBuf) -> BTreeSet<PathBuf> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(from) = open.pop() {
        for to in edges.get(from).into_iter().flatten() {
            if reached.insert(to.clone()) {
                open.push(to);
            }
        }
    }
    reached
}

/// Lists the edges inside of each circle.
pub fn show(circles: &[BTreeSet<PathBuf>], edges: &Edges) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let short = |path: &PathBuf| {
        let path = path.strip_prefix(root).unwrap_or(path);
        path.display().to_string()
    };
    let mut text = String::new();
    for circle in circles {
        let _ = writeln!(text, "a circle of {}:", circle.len());
        for from in circle {
            let inside = edges.get(from).into_iter().flatten();
            let inside: Vec<_> = inside
                .filter(|to| circle.contains(*to))
                .map(short)
                .collect();
            let _ = writeln!(text, "  {} → {}", short(from), inside.join(", "));
        }
    }
    text
}
