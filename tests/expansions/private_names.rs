//! `forwith::__private` holds every name that expansions use and messages print, and no other.

use std::collections::BTreeSet;
use std::fs::{self, read_to_string};
use std::path::{Path, PathBuf};

type Names = BTreeSet<String>;

#[test]
fn private_names_are_those_of_expansions() {
    let (exported, used) = (exported(), used());
    let unused: Vec<_> = exported.difference(&used).collect();
    let missing: Vec<_> = used.difference(&exported).collect();
    assert!(
        unused.is_empty() && missing.is_empty(),
        "unused: {unused:?}, missing: {missing:?}"
    );
}

/// The names that the module re-exports.
fn exported() -> Names {
    let source = read_to_string(in_package("src/__private.rs")).unwrap();
    let code: String = source.lines().map(without_comment).collect();
    code.split(';')
        .filter_map(|item| item.split_once("pub use "))
        .flat_map(|(_, path)| last_segments(path))
        .collect()
}

/// The names at the end of `path::name`, `path::it as name` or `path::{name, …}`.
fn last_segments(path: &str) -> impl Iterator<Item = String> {
    let names = path.split_once('{').or_else(|| path.rsplit_once("::"));
    let (_, names) = names.unwrap_or(("", path));
    let is_name = |name: &&str| !name.is_empty();
    let names = names.trim_end_matches('}').split(',');
    let names = names.map(|name| name.rsplit(" as ").next().unwrap_or(name).trim());
    names.filter(is_name).map(str::to_owned)
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The names in the recorded expansions, which have every form of both macros, in the wrapper
/// macros that users call, and in a message.
fn used() -> Names {
    let mut used = Names::new();
    for file in fs::read_dir(in_package("macros/src/tests/expanded")).unwrap() {
        let expansion = read_to_string(file.unwrap().path()).unwrap();
        used.extend(names_behind("__forwith::", &expansion));
    }
    let wrappers = read_to_string(in_package("src/macros.rs")).unwrap();
    used.extend(names_behind("$crate::__private::", &wrappers));
    used.extend(printed());
    used
}

/// The names that the compiler prints for a type that an expansion does not name. Expansions only
/// call the function that gives it.
fn printed() -> Names {
    let message = "tests/ui/fail/generic-resource-that-is-spawned.stderr";
    let message = read_to_string(in_package(message)).unwrap();
    names_behind("await occurs here on type `forwith::__private::", &message).collect()
}

/// The names that follow `path` in `source`.
fn names_behind(path: &str, source: &str) -> impl Iterator<Item = String> {
    let is_end = |char: char| !char.is_alphanumeric() && char != '_';
    let behind = source.split(path).skip(1);
    behind.map(move |rest| rest.split(is_end).next().unwrap_or_default().to_owned())
}

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
