#![forbid(unsafe_code)]
//! Counts instructions: `cargo run --release --package forwith-bench`.
//!
//! It runs itself under `valgrind --tool=callgrind`, each scenario once with few turns and once with many; the
//! difference is what one turn costs. Instructions do not depend on how busy the machine is.

mod callgrind;
mod scenarios;

use std::process::ExitCode;

use scenarios::SCENARIOS;

/// How many turns the two runs of a scenario differ by.
const TURNS: u64 = 10_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match &arguments[..] {
        [] => print_table(),
        [name, turns] => run(name, turns),
        _ => Err("give no arguments".into()),
    };
    if let Err(message) = done {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What valgrind runs.
fn run(name: &str, turns: &str) -> Result<(), String> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("there is no scenario {name}"))?;
    let turns = turns.parse().map_err(|error| format!("{turns}: {error}"))?;
    (scenario.run)(turns);
    Ok(())
}

fn print_table() -> Result<(), String> {
    println!("| what | instructions | more than by hand | limit |");
    println!("|---|---|---|---|");
    let mut too_many = Vec::new();
    let mut by_hand = 0;
    for scenario in SCENARIOS {
        let few = callgrind::instructions(scenario.name, TURNS)?;
        let many = callgrind::instructions(scenario.name, 2 * TURNS)?;
        let each = (many - few) / TURNS;
        let Some(limit) = scenario.at_most_more else {
            by_hand = each;
            println!("| {} | {each} | | |", scenario.what);
            continue;
        };
        let more = each.saturating_sub(by_hand);
        println!("| {} | {each} | {more} | {limit} |", scenario.what);
        if more > limit {
            too_many.push(scenario.what);
        }
    }
    if too_many.is_empty() {
        Ok(())
    } else {
        Err(format!("above the limit: {}", too_many.join(", ")))
    }
}
