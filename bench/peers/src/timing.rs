//! Rounds in which every executor has its turn, so that what slows the machine down slows all.

use std::collections::BTreeMap;
use std::process::Command;

use forwith_bench::work::{Done, Entry, Turns, Unit, Work};

use crate::python;
use crate::stats::median;
use crate::table::Table;

/// A kind of work on one executor, and where it runs.
#[derive(Clone, Copy, Debug)]
pub enum Contestant {
    /// In this process.
    Here(Entry),
    /// In a process of its own, so that no executor meets the heap or the threads of another.
    Apart(Entry),
    /// In Python.
    Python(python::Entry),
}

impl Contestant {
    fn work(&self) -> &'static str {
        match self {
            Contestant::Here(entry) | Contestant::Apart(entry) => entry.work,
            Contestant::Python(entry) => entry.work,
        }
    }

    fn peer(&self) -> &'static str {
        match self {
            Contestant::Here(entry) | Contestant::Apart(entry) => entry.peer,
            Contestant::Python(entry) => entry.peer,
        }
    }
}

/// Measures the work on all executors that do it, and gives the median of each.
pub fn measure(
    works: &[&Work],
    contestants: &[Contestant],
    rounds: usize,
) -> Result<Table, String> {
    let mut table = Table::default();
    for work in works {
        let contestants: Vec<_> = contestants
            .iter()
            .filter(|contestant| contestant.work() == work.name)
            .collect();
        let peers = contestants.len();
        eprintln!("{}: {}, {peers} peers", work.name, work.what);
        let totals = interleave(&contestants, rounds, |contestant| once(contestant, work))?;
        for contestant in contestants {
            let peer = contestant.peer();
            #[expect(clippy::cast_precision_loss, reason = "they are not that many")]
            table.put(peer, work.name, median(&totals[peer]) / work.timed as f64);
        }
    }
    Ok(table)
}

/// Every contestant once per round, each time beginning with another one, and once before, to warm
/// up.
fn interleave<'a>(
    contestants: &[&'a Contestant],
    rounds: usize,
    once: impl Fn(&Contestant) -> Result<Done, String>,
) -> Result<BTreeMap<&'a str, Vec<f64>>, String> {
    let mut totals: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut order = contestants.to_vec();
    for round in 0..=rounds {
        let mut checksums = Vec::new();
        for contestant in &order {
            let peer = contestant.peer();
            let done = once(contestant).map_err(|error| format!("{peer}: {error}"))?;
            checksums.push((peer, done.checksum));
            if round > 0 {
                totals.entry(peer).or_default().push(done.total);
            }
        }
        agree(&checksums).map_err(|error| format!("{}: {error}", contestants[0].work()))?;
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

fn once(contestant: &Contestant, work: &Work) -> Result<Done, String> {
    match contestant {
        Contestant::Python(entry) => python::run(entry.peer, entry.work, work.timed),
        Contestant::Here(entry) | Contestant::Apart(entry) if work.unit == Unit::Bytes => {
            bytes(entry, work.timed)
        }
        Contestant::Here(entry) => Ok((entry.run)(Turns::warm(work.timed))),
        Contestant::Apart(entry) => in_a_new_process("warm", entry, work.timed),
    }
}

/// Memory is measured in a process that has used none before, twice: what does not grow with the
/// number of tasks is not theirs.
fn bytes(entry: &Entry, turns: u64) -> Result<Done, String> {
    let few = in_a_new_process("once", entry, turns)?;
    let many = in_a_new_process("once", entry, 2 * turns)?;
    Ok(Done {
        checksum: many.checksum - few.checksum,
        total: many.total - few.total,
    })
}

fn in_a_new_process(how: &str, entry: &Entry, turns: u64) -> Result<Done, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args([how, entry.work, entry.peer, &turns.to_string()]);
    python::run_and_read(&mut command)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn contestant(peer: &'static str) -> Contestant {
        Contestant::Python(python::Entry { work: "wake", peer })
    }

    #[test]
    fn rounds_rotate_and_the_first_does_not_count() {
        let contestants = [contestant("a"), contestant("b"), contestant("c")];
        let order = RefCell::new(String::new());
        let totals = interleave(&contestants.each_ref(), 2, |contestant| {
            order.borrow_mut().push_str(contestant.peer());
            let total = f64::from(u32::try_from(order.borrow().len()).unwrap());
            Ok(Done { checksum: 7, total })
        });
        assert_eq!(order.into_inner(), "abcbcacab");
        assert_eq!(totals.unwrap()["a"], [6.0, 8.0]);
    }

    #[test]
    fn different_checksum_is_named() {
        assert_eq!(agree(&[("a", 1), ("b", 1)]), Ok(()));
        let error = agree(&[("a", 1), ("b", 1), ("c", 2)]).unwrap_err();
        assert_eq!(error, "the checksum of c is 2, and that of a is 1");
    }
}
