#![forbid(unsafe_code)]
//! What `forwith-runtime` costs beside other executors, on Linux.
//!
//! After `cargo run --release --manifest-path bench/peers/Cargo.toml --`:
//!
//! | command | what it does |
//! |---|---|
//! | `WORK [ROUNDS]` | times one kind of work, such as `yield` or `gather`, in one process |
//! | `table [ROUNDS]` | times all work, each executor in a process of its own |
//! | `report [ROUNDS]` | times, counts instructions, and writes `results.md` and `results.svg` |
//! | `concurrent` | counts what bodies cost that run at once, beside other crates, against goals |
//! | `layer [ROUNDS]` | measures the layer for servers beside that of tower-http, against its goals |
//!
//! Times are medians of rounds in which every executor has its turn, and only ratios are shown: the
//! machine does other things as well.

mod concurrent;
mod counts;
mod executors;
mod layer;
mod python;
mod report;
mod stats;
mod table;
mod timing;

use std::fmt::Display;
use std::process::ExitCode;
use std::str::FromStr;

use executors::Roll;
use forwith_bench::work::{Turns, WORK, Work};
use report::Results;
use table::Table;
use timing::Contestant;

/// How many rounds are timed by default.
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
        ["table"] => table(ROUNDS),
        ["table", rounds] => table(number(rounds)?),
        ["report"] => write_report(ROUNDS),
        ["report", rounds] => write_report(number(rounds)?),
        ["layer"] => layer::compare(layer::ROUNDS),
        ["layer", rounds] => layer::compare(number(rounds)?),
        ["concurrent"] => concurrent::compare(),
        // What the program runs itself as.
        ["concurrent-items", way, limit, items] => {
            concurrent::run_items(way, number(limit)?, number(items)?)
        }
        ["concurrent-rounds", way, percent, rounds] => {
            concurrent::run_rounds(way, number(percent)?, number(rounds)?)
        }
        ["concurrent-memory", way] => concurrent::run_memory(way),
        ["requests", way, which, number_of] => layer::run_once(way, which, number(number_of)?),
        ["once", work, peer, turns] => run_once(work, peer, Turns::cold(number(turns)?)),
        ["warm", work, peer, turns] => run_once(work, peer, Turns::warm(number(turns)?)),
        [name] => compare(name, ROUNDS),
        [name, rounds] => compare(name, number(rounds)?),
        _ => Err(usage()),
    }
}

fn usage() -> String {
    let names: Vec<_> = WORK.iter().map(|work| work.name).collect();
    format!(
        "give `table`, `report`, or a kind of work: {}",
        names.join("; ")
    )
}

fn number<N: FromStr<Err: Display>>(text: &str) -> Result<N, String> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

/// The kinds of work whose names begin so.
fn named(name: &str) -> Result<Vec<&'static Work>, String> {
    let works: Vec<_> = WORK
        .iter()
        .filter(|work| work.name.starts_with(name))
        .collect();
    if works.is_empty() {
        return Err(usage());
    }
    Ok(works)
}

/// Runs ours and theirs in this process, and prints ratios.
fn compare(name: &str, rounds: usize) -> Result<(), String> {
    let works = named(name)?;
    let Roll { entries, missing } = executors::all();
    let contestants: Vec<_> = entries.into_iter().map(Contestant::Here).collect();
    let times = timing::measure(&works, &contestants, rounds.max(1))?;
    print!("{}", report::ratios(&times));
    for sentence in missing {
        println!("- {sentence}");
    }
    Ok(())
}

fn table(rounds: usize) -> Result<(), String> {
    print!("{}", measured(rounds)?);
    Ok(())
}

fn write_report(rounds: usize) -> Result<(), String> {
    let mut results = measured(rounds)?;
    results.counts = Some(counts::all(&executors::all().entries));
    results.write()?;
    print!("{results}");
    Ok(())
}

/// Times all work, each executor in a process of its own.
fn measured(rounds: usize) -> Result<Results, String> {
    let Roll {
        entries,
        mut missing,
    } = executors::all();
    let mut contestants: Vec<_> = entries.into_iter().map(Contestant::Apart).collect();
    let (python, not_there) = python::entries();
    contestants.extend(python.into_iter().map(Contestant::Python));
    missing.extend(not_there);
    let works: Vec<_> = WORK.iter().collect();
    let times: Table = timing::measure(&works, &contestants, rounds.max(1))?;
    Ok(Results {
        times,
        rounds,
        counts: None,
        missing,
    })
}

/// Does some turns, and prints their checksum and total.
fn run_once(work: &str, peer: &str, turns: Turns) -> Result<(), String> {
    let entries = executors::only(peer);
    let entry = entries.iter().find(|entry| entry.work == work);
    let entry = entry.ok_or_else(|| format!("{peer} does not do {work}"))?;
    let done = (entry.run)(turns);
    println!("{} {}", done.checksum, done.total);
    Ok(())
}
