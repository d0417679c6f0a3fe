#![forbid(unsafe_code)]
//! Counts instructions: `cargo run --release --package forwith-bench`.
//!
//! It runs itself under `valgrind --tool=callgrind`, each scenario once with few turns and once with many; the
//! difference is what one turn costs. Instructions do not depend on how busy the machine is.

mod callgrind;
mod scenarios;

use std::process::ExitCode;

use scenarios::{Goal, SCENARIOS, Scenario};

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
    println!("| what | instructions | above the one by hand | goal |");
    println!("|---|---|---|---|");
    let mut by_hand = 0;
    for scenario in SCENARIOS {
        let few = callgrind::instructions(scenario.name, TURNS)?;
        let many = callgrind::instructions(scenario.name, 2 * TURNS)?;
        let each = (many - few) / TURNS;
        let Scenario { what, goal, .. } = scenario;
        if let Goal::Above(goal) = goal {
            let above = each.saturating_sub(by_hand);
            println!("| {what} | {each} | {above} | {goal} |");
        } else {
            by_hand = each;
            println!("| {what} | {each} | | |");
        }
    }
    Ok(())
}
