//! Runs the compiler.

use std::env::var_os;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The arguments with which cargo compiled this test. They have the paths of its dependencies.
const OWN_ARGS: &[&str] = &rustc_args::rustc_args!();

/// The crates that a case may use, besides `support.rs`.
const CRATES: [&str; 3] = ["forwith", "futures", "tokio"];

/// The folder for everything that is compiled.
const OUTPUT: &str = env!("CARGO_TARGET_TMPDIR");

/// Compiles `support.rs`, a crate that most cases use.
pub fn compile_support() {
    let (compiles, messages) = check("tests/ui/support.rs", &[]);
    assert!(compiles && messages.is_empty(), "{messages}");
}

/// The compiler's messages about a case, which must not compile.
pub fn messages(case: &str) -> String {
    let support = format!("support={OUTPUT}/libsupport.rmeta");
    let (compiles, messages) = check(case, &["--extern", &support]);
    assert!(!compiles, "{case} compiles");
    messages
}

/// Compiles a library without generating code. Returns whether that succeeds, and the messages.
fn check(file: &str, more: &[&str]) -> (bool, String) {
    let mut rustc = rustc(file);
    rustc.args(["--crate-type=lib", "--emit=metadata", "--allow=dead_code"]);
    let output = rustc.args(more).output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), messages)
}

/// Compiles a program. Returns its path.
pub fn program(file: &str) -> PathBuf {
    let program = Path::new(OUTPUT).join("program");
    let output = rustc(file).arg("-o").arg(&program).output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");
    program
}

/// The version of the compiler, such as `rustc 1.95.0 (59807616e 2026-04-14)`.
pub fn version() -> String {
    let output = command().arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The compiler for one file, with the dependencies of this test.
fn rustc(file: &str) -> Command {
    let dependencies = OWN_ARGS.windows(2).filter(|pair| is_dependency(pair));
    let mut rustc = command();
    rustc.arg(file).args(dependencies.flatten());
    rustc.args(["--edition=2024", "--color=never", "--out-dir", OUTPUT]);
    rustc
}

/// The compiler, started in the root of the package.
fn command() -> Command {
    let mut rustc = Command::new(var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    rustc
}

/// Whether the two arguments locate dependencies of the cases.
fn is_dependency(pair: &[&str]) -> bool {
    match pair {
        ["-L", _] => true,
        ["--extern", library] => CRATES
            .iter()
            .any(|name| library.split('=').next() == Some(name)),
        _ => false,
    }
}
