//! The example in which the reader is the scheduler, run as its user runs it: from a script, and in a terminal.

mod scripts;
#[cfg(unix)]
mod terminal;

use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The example's binary, up to date.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| {
    let build = [
        "build",
        "--quiet",
        "--example",
        "by_hand",
        "--message-format=json",
    ];
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(build)
        .stderr(Stdio::inherit());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, rest) = text.rsplit_once("\"executable\":\"").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    path.replace("\\\\", "\\")
});
