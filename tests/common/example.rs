//! The binary of an example, for tests that run it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The binary of the example of this name, up to date.
pub fn example(name: &str) -> PathBuf {
    built(name).unwrap_or_else(|| build(name))
}

/// The binary that `cargo test` has built, unless a source file is newer. Building it again here
/// would select other features than `cargo test --workspace`, and so compile what those change.
fn built(name: &str) -> Option<PathBuf> {
    let tests = std::env::current_exe().ok()?;
    let example = tests.parent()?.parent()?.join("examples").join(name);
    let binary = example.with_extension(std::env::consts::EXE_EXTENSION);
    let built = binary.metadata().ok()?.modified().ok()?;
    let sources = fs::read_to_string(example.with_extension("d")).ok()?;
    let (_, sources) = sources.split_once(": ")?;
    let is_older = |source| Some(fs::metadata(source).ok()?.modified().ok()? <= built);
    let is_fresh = sources
        .split_whitespace()
        .all(|source| is_older(source) == Some(true));
    is_fresh.then_some(binary)
}

fn build(name: &str) -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--example", name])
        .arg("--message-format=json")
        .stderr(Stdio::inherit());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, rest) = text.rsplit_once("\"executable\":\"").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    path.into()
}
