//! Instructions of all executors, and how many of them are locked.

use forwith_bench::Locked;
use forwith_bench::callgrind::{PerTurn, per_turn};
use forwith_bench::work::{self, Entry};

use crate::table::Table;

/// Counts of one turn of each kind of work.
#[derive(Default)]
pub struct Counts {
    pub instructions: Table,
    pub locked: Table,
    /// A sentence about each executor that cannot be counted.
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

/// Counts one entry, if the number of its instructions says anything.
fn count(entry: &Entry, locked: &mut Locked) -> Result<Option<PerTurn>, String> {
    let Some(turns) = work::find(entry.work).counted else {
        return Ok(None);
    };
    per_turn(&["once", entry.work, entry.peer], turns, locked).map(Some)
}
