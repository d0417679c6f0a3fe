//! An example, as a program to run.

use std::process::{Command, Stdio};

/// Builds the example; gives the path of its binary.
pub fn build(name: &str) -> String {
    let build = [
        "build",
        "--quiet",
        "--example",
        name,
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
    path.replace("\\\\", "\\") // as JSON has it
}
