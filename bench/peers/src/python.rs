//! asyncio and uvloop, where Python has them.

use std::process::Command;

use forwith_bench::work::{Done, WORK};

const SCRIPT: &str = include_str!("python.py");

/// One kind of work on one of Python's loops.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub work: &'static str,
    pub peer: &'static str,
}

/// The entries of Python's loops, and a sentence about each loop that is missing.
pub fn entries() -> (Vec<Entry>, Vec<String>) {
    let mut entries = Vec::new();
    let mut missing = Vec::new();
    for peer in ["asyncio", "uvloop"] {
        match run(peer, "yield 1", 1) {
            Ok(_) => entries.extend(of(peer)),
            Err(_) => missing.push(format!(
                "{peer} does not run here: it needs Python 3.11, and uvloop its package."
            )),
        }
    }
    (entries, missing)
}

fn of(peer: &'static str) -> impl Iterator<Item = Entry> {
    let works = WORK.iter().filter(|work| work.name != "memory");
    works.map(move |work| Entry {
        work: work.name,
        peer,
    })
}

pub fn run(peer: &str, work: &str, turns: u64) -> Result<Done, String> {
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT, peer, work, &turns.to_string()]);
    run_and_read(&mut python)
}

/// Runs a program that prints a checksum and a total.
pub fn run_and_read(command: &mut Command) -> Result<Done, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(printed: &str) -> Result<Done, String> {
    let unclear = || format!("{printed:?} is not a checksum and a total");
    let (checksum, total) = printed.trim().split_once(' ').ok_or_else(unclear)?;
    Ok(Done {
        checksum: checksum.parse().map_err(|_| unclear())?,
        total: total.parse().map_err(|_| unclear())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_parsed_or_refused() {
        let done = Done {
            checksum: 18_446_744_073_709_551_615,
            total: 12.5,
        };
        assert_eq!(parse("18446744073709551615 12.5\n"), Ok(done));
        assert!(parse("12\n").unwrap_err().contains("12"));
    }
}
