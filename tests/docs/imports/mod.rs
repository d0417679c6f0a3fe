//! Imports between our own files: no circle between folders, and none of more than four files.
//!
//! An edge leads from a file to the file that defines what it names, in a `use` or in a path.
//! Re-exports (`pub use`, `pub(crate) use`) are no edges: a file that imports through one has an
//! edge to the definition behind it. Code under `cfg(test)` does not count. A folder is the files
//! that lie in it directly, so a folder and the one below it are two.

mod graph;
mod package;
mod syntax;

use graph::{by_folder, circles, show};
use package::Package;

/// The packages whose structure is held, and what each may import of the others.
const PACKAGES: &[(&str, &[&str])] = &[
    ("macros", &[]),
    ("timeline", &[]),
    ("", &["forwith_macros"]),
    ("runtime", &["forwith", "forwith_timeline"]),
    ("servers/layer", &["forwith"]),
];

/// The largest circle of files that may be.
const LARGEST_CIRCLE: usize = 4;

#[test]
fn no_folders_import_in_a_circle() {
    let told: String = PACKAGES
        .iter()
        .map(|(package, _)| by_folder(&Package::read(package).edges()))
        .map(|folders| show(&circles(&folders), &folders))
        .collect();
    assert!(told.is_empty(), "{told}");
}

#[test]
fn no_circle_of_files_is_large() {
    let told: String = PACKAGES
        .iter()
        .map(|(package, _)| Package::read(package).edges())
        .map(|files| {
            let mut circles = circles(&files);
            circles.retain(|circle| circle.len() > LARGEST_CIRCLE);
            show(&circles, &files)
        })
        .collect();
    assert!(told.is_empty(), "{told}");
}

#[test]
fn packages_import_only_those_below() {
    for (package, below) in PACKAGES {
        let named = Package::read(package).packages();
        let mut above = named.clone();
        above.retain(|name| !below.contains(&name.as_str()));
        assert!(above.is_empty(), "`{package}` imports {above:?}");
    }
}

/// The sources really are read: a few edges that must be there.
#[test]
fn known_imports_are_found() {
    let edges = Package::read("").edges();
    let leads = |from: &str, to: &str| {
        let mut tos = edges.iter().filter(|(file, _)| file.ends_with(from));
        tos.any(|(_, tos)| tos.iter().any(|file| file.ends_with(to)))
    };
    assert!(leads("cancel/scope.rs", "cancel/region.rs"));
    assert!(leads("exit_stack.rs", "reaper/levels.rs"));
    assert!(!leads("cancel/region.rs", "exit_stack.rs"));
    let files: usize = ["", "runtime"]
        .iter()
        .map(|at| Package::read(at).files)
        .sum();
    assert!(files > 60, "only {files} files were read");
}
