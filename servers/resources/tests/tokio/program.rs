//! Tests that need a program of their own.

use std::process::Command;

/// The size of the largest file in a program that is limited.
pub const LARGEST: usize = 1024;

/// Whether this program is one in which files may not grow. Otherwise the test of this name is run
/// in such a program, and must end well.
pub fn is_limited(test: &str) -> bool {
    // The signal would kill the program, and without it a write fails. The unit is 512 bytes.
    is_own("trap '' XFSZ; ulimit -f 2", test)
}

/// Whether this program is one of this test alone. Otherwise it is run in such a program, behind
/// these commands of a shell.
pub fn is_own(prepare: &str, test: &str) -> bool {
    if std::env::var_os("FORWITH_OWN_PROGRAM").is_some() {
        return true;
    }
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("{prepare}; exec \"$0\" --exact \"$1\""))
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env("FORWITH_OWN_PROGRAM", "1")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{out}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}
