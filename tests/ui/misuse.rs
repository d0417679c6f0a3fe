//! Misuse is reported on the user's own tokens.
//!
//! The messages in `fail/` must point at the user's own tokens and name the fix.
//! `TRYBUILD=overwrite cargo test --package forwith-ui-tests` records them anew; read them before
//! you keep them.

use std::process::Command;

/// The compiler whose messages are recorded. Others word them differently.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn misuse_is_reported_well() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    if version.starts_with(RECORDED_WITH) {
        trybuild::TestCases::new().compile_fail("fail/*.rs");
    } else {
        println!("not compared: recorded with {RECORDED_WITH}x, this is {version}");
    }
}
