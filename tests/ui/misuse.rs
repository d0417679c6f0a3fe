//! Misuse is reported on the user's own tokens.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use crate::compiler;
use crate::messages::stable;

/// The compiler whose messages are recorded. Others word them differently.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn misuse_is_reported_well() {
    let version = compiler::version();
    if !version.starts_with(RECORDED_WITH) {
        println!("not compared: recorded with {RECORDED_WITH}x, this is {version}");
        return;
    }
    compiler::compile_support();
    let cases = Mutex::new(cases());
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = { cases.lock().unwrap().pop() } {
            if let Err(difference) = check(&case) {
                wrong.lock().unwrap().push(difference);
            }
        }
    };
    thread::scope(|threads| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            threads.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The paths of all cases, relative to the package.
fn cases() -> Vec<String> {
    let folder = "tests/ui/fail";
    let names = fs::read_dir(in_package(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| Path::new(name).extension() == Some("rs".as_ref()))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// Compares the messages about a case with the recorded ones, or records them.
fn check(case: &str) -> Result<(), String> {
    let found = stable(&compiler::messages(case), case);
    let record = in_package(case).with_extension("stderr");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(record, found).unwrap();
        return Ok(());
    }
    let recorded = fs::read_to_string(&record).unwrap_or_default();
    if found == recorded {
        Ok(())
    } else {
        Err(format!("{case}: recorded\n{recorded}\nfound\n{found}"))
    }
}

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
