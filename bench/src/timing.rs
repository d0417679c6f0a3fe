//! Rounds in which every peer has its turn, so that what slows the machine down slows all of them.

use std::collections::BTreeMap;
use std::process::Command;

use crate::python;
use crate::stats::median;
use crate::table::Table;
use crate::work::{self, Done, Entry, Run, Unit};

/// Times all entries, and gives the median of each.
pub fn measure(entries: &[Entry], rounds: usize) -> Result<Table, String> {
    let mut table = Table::default();
    for work in work::WORK {
        let entries: Vec<_> = entries
            .iter()
            .filter(|entry| entry.work == work.name)
            .collect();
        eprintln!("{}: {}, {} peers", work.name, work.what, entries.len());
        let totals = interleave(&entries, rounds, |entry| once(entry, work.timed))?;
        for Entry { peer, .. } in entries {
            #[expect(clippy::cast_precision_loss, reason = "they are not that many")]
            table.put(peer, work.name, median(&totals[peer]) / work.timed as f64);
        }
    }
    Ok(table)
}

/// Every entry once per round, each time beginning with another one, and once before, to warm up.
fn interleave<'a>(
    entries: &[&'a Entry],
    rounds: usize,
    once: impl Fn(&Entry) -> Result<Done, String>,
) -> Result<BTreeMap<&'a str, Vec<f64>>, String> {
    let mut totals: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut order = entries.to_vec();
    for round in 0..=rounds {
        let mut checksums = Vec::new();
        for entry in &order {
            let done = once(entry).map_err(|error| format!("{}: {error}", entry.peer))?;
            checksums.push((entry.peer, done.checksum));
            if round > 0 {
                totals.entry(entry.peer).or_default().push(done.total);
            }
        }
        agree(&checksums).map_err(|error| format!("{}: {error}", entries[0].work))?;
        if !order.is_empty() {
            order.rotate_left(1);
        }
    }
    Ok(totals)
}

/// Whether all have done the same.
fn agree(checksums: &[(&str, u64)]) -> Result<(), String> {
    let Some((first, expected)) = checksums.first() else {
        return Ok(());
    };
    match checksums.iter().find(|(_, checksum)| checksum != expected) {
        None => Ok(()),
        Some((other, checksum)) => Err(format!(
            "the checksum of {other} is {checksum}, and that of {first} is {expected}"
        )),
    }
}

fn once(entry: &Entry, turns: u64) -> Result<Done, String> {
    match entry.run {
        Run::Python => python::run(entry.peer, entry.work, turns),
        Run::Here(_) if work::find(entry.work).unit == Unit::Bytes => bytes(entry, turns),
        Run::Here(_) => in_a_new_process("warm", entry, turns),
    }
}

/// Memory is asked for in a process that has used none before, twice: what does not grow with the tasks is not theirs.
fn bytes(entry: &Entry, turns: u64) -> Result<Done, String> {
    let few = in_a_new_process("once", entry, turns)?;
    let many = in_a_new_process("once", entry, 2 * turns)?;
    Ok(Done {
        checksum: many.checksum - few.checksum,
        total: many.total - few.total,
    })
}

/// So no peer meets the heap or the threads of another.
fn in_a_new_process(how: &str, entry: &Entry, turns: u64) -> Result<Done, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args([how, entry.work, entry.peer, &turns.to_string()]);
    python::run_and_read(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn entry(peer: &'static str) -> Entry {
        Entry {
            work: "wake",
            peer,
            run: Run::Python,
        }
    }

    #[test]
    fn each_round_begins_with_another_one_and_the_first_is_left_out() {
        let entries = [entry("a"), entry("b"), entry("c")];
        let order = RefCell::new(String::new());
        let totals = interleave(&entries.each_ref(), 2, |entry| {
            order.borrow_mut().push_str(entry.peer);
            let total = f64::from(u32::try_from(order.borrow().len()).unwrap());
            Ok(Done { checksum: 7, total })
        });
        assert_eq!(order.into_inner(), "abcbcacab");
        assert_eq!(totals.unwrap()["a"], [6.0, 8.0]);
    }

    #[test]
    fn one_who_has_done_something_else_is_named() {
        assert_eq!(agree(&[("a", 1), ("b", 1)]), Ok(()));
        let error = agree(&[("a", 1), ("b", 1), ("c", 2)]).unwrap_err();
        assert_eq!(error, "the checksum of c is 2, and that of a is 1");
    }
}
