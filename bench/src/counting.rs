//! Counting instead of timing: what callgrind sees of each kind of work.

use crate::callgrind::{PerTurn, per_turn};
use crate::guard::Row;
use crate::locked::Locked;
use crate::macros::{self, Goal, Scenario};
use crate::peers::OURS;
use crate::table::Table;
use crate::work::{self, Entry, Run};

/// How many turns the two runs of a scenario of the macros are counted over.
const TURNS: u64 = 10_000;

/// Counts what the macros cost, prints it beside what it costs by hand, and gives the rows for the guard.
pub fn macros(locked: &mut Locked) -> Result<Vec<Row>, String> {
    println!("| what | instructions | above the one by hand | goal |");
    println!("|---|---|---|---|");
    let mut by_hand = 0.0;
    let mut rows = Vec::new();
    for Scenario {
        name, what, goal, ..
    } in macros::all()
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
pub fn ours(entries: &[Entry], locked: &mut Locked) -> Result<Vec<Row>, String> {
    println!("| forwith-runtime | instructions | locked | allocations |");
    println!("|---|---|---|---|");
    let mut rows = Vec::new();
    for entry in entries.iter().filter(|entry| entry.peer == OURS) {
        let Some(counted) = count(entry, locked)? else {
            continue;
        };
        let PerTurn {
            all,
            locked,
            allocations,
            ..
        } = counted;
        let what = work::find(entry.work).what;
        println!("| {what} | {all:.0} | {locked:.1} | {allocations:.1} |");
        rows.push(Row::new(entry.work, counted));
    }
    Ok(rows)
}

/// What all peers execute, and how much of it is locked.
#[derive(Default)]
pub struct Counts {
    pub instructions: Table,
    pub locked: Table,
    /// A sentence about each peer that cannot be counted.
    pub missing: Vec<String>,
}

pub fn all(entries: &[Entry]) -> Counts {
    let mut counts = Counts::default();
    let mut known = Locked::default();
    for entry in entries {
        eprintln!("counting: {}, {}", entry.peer, entry.work);
        match count(entry, &mut known) {
            Ok(Some(counted)) => {
                counts.instructions.put(entry.peer, entry.work, counted.all);
                counts.locked.put(entry.peer, entry.work, counted.locked);
            }
            Ok(None) => {}
            Err(_) => counts.missing.push(format!(
                "{} does not run under valgrind with “{}”.",
                entry.peer, entry.work
            )),
        }
    }
    counts
}

fn count(entry: &Entry, locked: &mut Locked) -> Result<Option<PerTurn>, String> {
    match (entry.run, work::find(entry.work).counted) {
        (Run::Here(_), Some(turns)) => {
            per_turn(&["once", entry.work, entry.peer], turns, locked).map(Some)
        }
        _ => Ok(None),
    }
}
