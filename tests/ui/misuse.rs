//! Misuse is reported on the user's own tokens.
//!
//! The messages in `fail/` must point at the user's own tokens and name the fix.
//! `TRYBUILD=overwrite cargo test --package forwith-ui-tests` records them anew; read them before
//! you keep them.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The compiler whose messages are recorded. Others word them differently.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn misuse_is_reported_well() {
    let version = rustc("--version");
    if !version.starts_with(RECORDED_WITH) {
        println!("not compared: recorded with {RECORDED_WITH}x, this is {version}");
        return;
    }
    let sysroot = rustc("--print=sysroot");
    let has_source_of_std = Path::new(sysroot.trim_end())
        .join("lib/rustlib/src/rust/library")
        .exists();
    let entries = fs::read_dir("fail").unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    assert!(!cases.is_empty(), "there are no cases");
    let tests = trybuild::TestCases::new();
    for case in cases {
        if has_source_of_std && shows_code_of_std(&case) {
            println!(
                "not compared: {}, recorded without std's source",
                case.display()
            );
        } else {
            tests.compile_fail(case);
        }
    }
}

/// Whether the compiler shows code of std in this case, where it has that.
fn shows_code_of_std(case: &Path) -> bool {
    let recorded = fs::read_to_string(case.with_extension("stderr"));
    recorded.is_ok_and(|messages| messages.contains("--> $RUST/"))
}

fn rustc(argument: &str) -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg(argument).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
