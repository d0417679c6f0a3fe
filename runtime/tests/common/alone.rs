//! Tests in a process of their own.

use std::any::type_name;
use std::env;
use std::process::Command;

/// Runs the body of a test in a process of its own: this binary again, asked for that test only.
///
/// The body is a closure in the test's function, whose name tells the name of the test. Miri has no
/// processes, and runs one test at a time, so the body runs in place.
pub fn alone<F: FnOnce()>(body: F) {
    if cfg!(miri) || env::var_os("FORWITH_ALONE").is_some() {
        return body();
    }
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    let (_crate, test) = path.split_once("::").expect("a test is in a crate");
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    let output = command.env("FORWITH_ALONE", "1").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    print!("{stdout}");
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test}: {}", output.status);
    assert!(
        stdout.contains("test result: ok. 1 passed"),
        "{test} did not run"
    );
}
