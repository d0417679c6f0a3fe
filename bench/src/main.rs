#![forbid(unsafe_code)]
//! What forwith costs, beside its peers and beside the same thing done by hand.
//!
//! | command, after `cargo run --release --package forwith-bench` | what it does |
//! |---|---|
//! | nothing | counts what the macros and the executor execute, and fails if that is 5 % more than `counts.txt` says |
//! | `-- --update` | writes `counts.txt` anew |
//! | `--features peers -- table [ROUNDS]` | times the same work on all peers, and prints ratios |
//! | `--features peers -- report [ROUNDS]` | does so, counts as well, and writes `results.md` and `results.svg` |
//!
//! It counts by running itself under `valgrind --tool=callgrind`, each kind of work twice, with so many turns and with three
//! times as many; the difference is what the turns cost. Instructions do not depend on how busy the machine is. Times do, so
//! they are medians, and only their ratios are shown.

mod callgrind;
mod counting;
mod guard;
mod locked;
mod loops;
mod macros;
mod memory;
mod peers;
mod python;
mod report;
mod stats;
mod table;
mod timing;
mod work;

use std::process::ExitCode;

use locked::Locked;
use peers::Roll;
use report::Results;
use work::{Run, Turns};

/// How many rounds are timed, if nobody says.
const ROUNDS: usize = 9;

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
        ["table"] => table(ROUNDS),
        ["table", rounds] => table(number(rounds)?),
        ["report"] => write_report(ROUNDS),
        ["report", rounds] => write_report(number(rounds)?),
        ["macro", name, turns] => run_macro(name, number(turns)?),
        ["once", work, peer, turns] => run_once(work, peer, Turns::cold(number(turns)?)),
        ["warm", work, peer, turns] => run_once(work, peer, Turns::warm(number(turns)?)),
        _ => Err("give nothing, `--update`, `table` or `report`".into()),
    }
}

fn number<N: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<N, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// What the guard holds, counted.
fn counted() -> Result<Vec<guard::Row>, String> {
    let mut locked = Locked::default();
    let mut rows = counting::macros(&mut locked)?;
    println!();
    rows.extend(counting::ours(&peers::all().entries, &mut locked)?);
    Ok(rows)
}

fn table(rounds: usize) -> Result<(), String> {
    print!("{}", timed(rounds)?);
    Ok(())
}

fn write_report(rounds: usize) -> Result<(), String> {
    let mut results = timed(rounds)?;
    results.counts = Some(counting::all(&peers::all().entries));
    results.write()?;
    print!("{results}");
    Ok(())
}

fn timed(rounds: usize) -> Result<Results, String> {
    let Roll {
        mut entries,
        mut missing,
        ..
    } = peers::all();
    let (python, not_there) = python::entries();
    entries.extend(python);
    missing.extend(not_there);
    let times = timing::measure(&entries, rounds.max(1))?;
    Ok(Results {
        times,
        rounds,
        counts: None,
        missing,
    })
}

/// What valgrind runs.
fn run_macro(name: &str, turns: u64) -> Result<(), String> {
    let scenario = macros::all().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario {name}"))?;
    (scenario.run)(turns);
    Ok(())
}

/// What valgrind runs, and what is timed and looks at memory in a process of its own.
fn run_once(work: &str, peer: &str, turns: Turns) -> Result<(), String> {
    let entries = peers::only(peer);
    let entry = entries.iter().find(|entry| entry.work == work);
    let Some(Run::Here(run)) = entry.map(|entry| entry.run) else {
        return Err(format!("{peer} does not do {work}"));
    };
    let done = run(turns);
    println!("{} {}", done.checksum, done.total);
    Ok(())
}
