//! Counts our own code, and prints it.

use forwith_bench::callgrind::{PerTurn, per_turn};
use forwith_bench::{Locked, ours, work};

use crate::guard::Row;
use crate::scenario::{Goal, Scenario};
use crate::{loops, macros};

/// The number of turns for which a scenario is counted.
const TURNS: u64 = 10_000;

/// All scenarios of the macros.
pub fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    let scenarios = macros::SCENARIOS.iter();
    scenarios.chain(loops::SCENARIOS.as_flattened())
}

/// Counts what the macros cost, prints it beside the same thing done by hand, and gives the rows
/// for the guard.
pub fn count_macros(locked: &mut Locked) -> Result<Vec<Row>, String> {
    println!("| what | instructions | above the one by hand | goal |");
    println!("|---|---|---|---|");
    let mut by_hand = 0.0;
    let mut rows = Vec::new();
    for Scenario {
        name, what, goal, ..
    } in scenarios()
    {
        let counted = per_turn(&["macro", name], TURNS, locked)?;
        let each = (counted.all * 10.0).round() / 10.0;
        if let Goal::Above(goal) = goal {
            let above = (each - by_hand).max(0.0);
            println!("| {what} | {each} | {above:.0} | {goal} |");
        } else {
            by_hand = each;
            println!("| {what} | {each} | | |");
        }
        rows.push(Row::new(name, counted));
    }
    Ok(rows)
}

/// Counts what our executor costs, prints it, and gives the rows for the guard.
pub fn count_executor(locked: &mut Locked) -> Result<Vec<Row>, String> {
    println!("| forwith-runtime | instructions | locked | allocations |");
    println!("|---|---|---|---|");
    let mut rows = Vec::new();
    for entry in ours::entries() {
        let kind = work::find(entry.work);
        let Some(turns) = kind.counted else {
            continue;
        };
        let counted = per_turn(&["once", entry.work], turns, locked)?;
        let PerTurn {
            all,
            locked,
            allocations,
            ..
        } = counted;
        println!(
            "| {} | {all:.0} | {locked:.1} | {allocations:.1} |",
            kind.what
        );
        rows.push(Row::new(entry.work, counted));
    }
    Ok(rows)
}
