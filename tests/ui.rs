//! Misuse is told on the user's own tokens, and what is right compiles and runs.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read them before you keep them.

use std::process::Command;

/// The compiler whose messages the `.stderr` files hold. Another one words them otherwise, which is no
/// fault of the macros.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn misuse_is_told_well() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(RECORDED_WITH) {
        trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
    } else {
        println!("not compared: the messages are those of {RECORDED_WITH}x, and this is {version}");
    }
}

#[test]
fn right_use_compiles_and_runs() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
