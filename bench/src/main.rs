#![forbid(unsafe_code)]
//! The guard of our own counts: what the macros and the executor execute, in instructions.
//!
//! | command, after `cargo run --release --package forwith-bench` | what it does |
//! |---|---|
//! | nothing | counts, and fails if anything costs more than it may |
//! | `-- --update` | counts, and writes `counts.txt` anew |
//! | `-- drops` | drops work at random points, and fails if a server holds something afterwards |
//! | `-- code` | prints what a use of the macros costs in machine code and build time |
//! | `-- code --report` | does so, and writes `code.md` anew |
//! | `-- code --check` | measures machine code, and fails if a use has more than it may |
//! | `-- code --update` | measures machine code, and writes `code.txt` anew |
//!
//! `counts.txt` is what the newest commit costs: nothing may be 5 % above it. `counts-3f69b10.txt`
//! is what an old commit cost, and is never written: nothing may be 3 % above it, but for four rows
//! that have limits of their own. So small steps do not add up. `code.txt` is the machine code of a
//! use at the newest commit: none may be 3 % above it.
//!
//! The program counts by running itself under `valgrind --tool=callgrind`, each kind of work twice:
//! with so many turns, and with three times as many. The difference is what the turns cost.
//! Instructions do not depend on how busy the machine is.

mod code;
mod counting;
mod drops;
mod guard;
mod loops;
mod macros;
mod scenario;

use std::process::ExitCode;

use forwith_bench::work::Turns;
use forwith_bench::{Locked, ours};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Err(message) = command(&arguments) {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn command(arguments: &[&str]) -> Result<(), String> {
    match arguments {
        [] => guard::check(&counted()?),
        ["--update"] => guard::update(&counted()?),
        ["drops"] => drops::measure(1),
        ["drops", seed] => drops::measure(number(seed)?),
        ["code"] => code::measure(),
        ["code", "--report"] => code::report(),
        ["code", "--check"] => code::check(),
        ["code", "--update"] => code::update(),
        // What valgrind runs.
        ["macro", name, turns] => run_scenario(name, number(turns)?),
        ["once", work, turns] => run_once(work, number(turns)?),
        _ => Err("give nothing, `--update`, `code`, or `drops` and a seed".into()),
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// Counts all that the guard holds.
fn counted() -> Result<Vec<guard::Row>, String> {
    let mut locked = Locked::default();
    let mut rows = counting::count_macros(&mut locked)?;
    println!();
    rows.extend(counting::count_executor(&mut locked)?);
    Ok(rows)
}

fn run_scenario(name: &str, turns: u64) -> Result<(), String> {
    let scenario = counting::scenarios().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario {name}"))?;
    (scenario.run)(turns);
    Ok(())
}

fn run_once(work: &str, turns: u64) -> Result<(), String> {
    let entry = ours::entries().into_iter().find(|entry| entry.work == work);
    let entry = entry.ok_or_else(|| format!("there is no work {work}"))?;
    println!("{}", (entry.run)(Turns::cold(turns)).checksum);
    Ok(())
}
