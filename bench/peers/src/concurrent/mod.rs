//! What bodies that run at once cost, beside the same in other crates.

mod bodies;

use std::process::Command;

use forwith_bench::Locked;
use forwith_bench::callgrind::{PerTurn, per_turn};

use bodies::Way;

/// How many items are counted.
const ITEMS: u64 = 20_000;

/// The limits with which they are counted.
const LIMITS: [usize; 2] = [8, 1000];

/// How many bodies wait at once.
const BODIES: usize = 1_000_000;

/// How many rounds of waking are counted.
const ROUNDS: u64 = 3;

/// What the goals allow: a part of the best peer's instructions, allocations an item, bytes a body
/// beyond its future, and how much more a round costs in which twice as many are woken.
const OF_THE_BEST: f64 = 0.5;
const ALLOCATIONS: f64 = 0.0;
const BYTES: f64 = 48.0;
const TWICE: f64 = 2.1;

/// Runs so many items, for valgrind.
pub fn run_items(way: &str, limit: usize, items: u64) -> Result<(), String> {
    println!("{}", bodies::run(named(way)?, limit, items));
    Ok(())
}

/// Runs so many rounds of waking, for valgrind.
pub fn run_rounds(way: &str, percent: usize, rounds: u64) -> Result<(), String> {
    println!(
        "{}",
        bodies::run_rounds(named(way)?, BODIES, percent, rounds)
    );
    Ok(())
}

/// Prints the bytes that a body takes beyond its future, in a process of its own.
pub fn run_memory(way: &str) -> Result<(), String> {
    println!("{:.1}", bodies::memory(named(way)?, BODIES));
    Ok(())
}

fn named(way: &str) -> Result<Way, String> {
    Way::named(way).ok_or_else(|| format!("there is no way {way}"))
}

/// Prints the tables, and fails if a goal is missed.
pub fn compare() -> Result<(), String> {
    let mut missed = Vec::new();
    let locked = &mut Locked::default();
    println!("| a body that yields once | limit | instructions an item | locked | allocations |");
    println!("|---|--:|--:|--:|--:|");
    for limit in LIMITS {
        let mut ours = None;
        let mut best = f64::INFINITY;
        for way in Way::ALL {
            let limited = limit.to_string();
            let counted = per_turn(&["concurrent-items", way.name(), &limited], ITEMS, locked)?;
            let PerTurn {
                all,
                locked,
                allocations,
                ..
            } = counted;
            println!(
                "| {} | {limit} | {all:.0} | {locked:.1} | {allocations:.2} |",
                way.name()
            );
            match way {
                Way::OneByOne => {}
                Way::Ours => ours = Some(counted),
                _ => best = best.min(all),
            }
        }
        let Some(ours) = ours else { continue };
        if ours.all > OF_THE_BEST * best {
            missed.push(format!("{:.0} instructions, limit {limit}", ours.all));
        }
        if ours.allocations > ALLOCATIONS {
            missed.push(format!(
                "{:.2} allocations, limit {limit}",
                ours.allocations
            ));
        }
    }
    println!();
    println!("| {BODIES} bodies that wait | bytes a body, beyond its future |");
    println!("|---|--:|");
    for way in [Way::Ours, Way::Buffered, Way::ForEachConcurrent] {
        let bytes = apart(way)?;
        println!("| {} | {bytes:.0} |", way.name());
        if way == Way::Ours && bytes > BYTES {
            missed.push(format!("{bytes:.0} bytes a body"));
        }
    }
    println!();
    println!("| {BODIES} bodies that wait | 5 % woken | 10 % woken | ratio |");
    println!("|---|--:|--:|--:|");
    for way in [Way::Ours, Way::ForEachConcurrent] {
        let [few, many] = ["5", "10"]
            .map(|percent| per_turn(&["concurrent-rounds", way.name(), percent], ROUNDS, locked));
        let (few, many) = (few?.all, many?.all);
        let ratio = many / few;
        println!("| {} | {few:.0} | {many:.0} | {ratio:.2} |", way.name());
        if way == Way::Ours && ratio > TWICE {
            missed.push(format!("{ratio:.2} times where twice as many are woken"));
        }
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("goals are missed: {}", missed.join("; ")))
    }
}

/// Measures memory in a process of its own.
fn apart(way: Way) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args(["concurrent-memory", way.name()])
        .output()
        .map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&output.stdout);
    told.trim()
        .parse()
        .map_err(|error| format!("{}: {told:?}: {error}", way.name()))
}
