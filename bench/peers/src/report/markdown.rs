//! The page, in Markdown.

use std::fmt::{self, Write};
use std::process::Command;

use forwith_bench::work::{WORK, Work};

use super::results::Results;
use crate::stats::ratio;
use crate::table::Table;

const HEAD: &str = "\
# What forwith-runtime costs beside its peers

`cargo run --release --manifest-path bench/peers/Cargo.toml -- report` writes this page and the
picture. All executors do the same work on one thread, with checksums that agree. Times and bytes
are medians and are shown as ratios alone, for the machine does other things as well; the best peer
is 1.0. Peers that are close may change places in another run.

![The picture](results.svg)
";

const BLOCKS: &str = "\
`LocalPool`, `async-local-executor` and `async-executor` have no timers; `futures block_on`,
`futures-lite` and `pollster` have no tasks. The floor polls boxed futures in turn, without wakers
and timers; for the wakes it is a thread that parks. Its tasks take two allocations, so an executor
that needs only one can be below it. `gather` is `join_all` on spawned tasks where the peer has no
`gather` of its own. Each executor yields in its own way, if it has one: tokio looks at its driver
when nothing else is ready. Timers that fire early count as much as those that fire late.
";

const LOCKED: &str = "\
A locked instruction takes as long as a dozen others or more, so both tables are here. The locked
ones are those that callgrind saw executed and that `objdump` shows to be locked, including those of
the C library: its allocator locks as soon as a peer has started a thread. Python is not counted,
nor is what depends on threads or time.
";

/// The times as ratios, in one table.
pub fn ratios(times: &Table) -> impl fmt::Display + '_ {
    struct Ratios<'a>(&'a Table);

    impl fmt::Display for Ratios<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            table(
                "Over the best peer",
                self.0,
                ratio_to(self.0, Table::best_peer),
                f,
            )
        }
    }

    Ratios(times)
}

pub fn write(results: &Results, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "{HEAD}")?;
    legend(f)?;
    let times = &results.times;
    table(
        "Time, and bytes, over the best peer",
        times,
        ratio_to(times, Table::best_peer),
        f,
    )?;
    table(
        "Time over the floor",
        times,
        ratio_to(times, Table::floor),
        f,
    )?;
    writeln!(f, "{BLOCKS}")?;
    if let Some(counts) = &results.counts {
        let plain = |table: &Table, peer: &str, work: &str, digits: usize| {
            let value = table.get(peer, work);
            value.map_or("–".into(), |value| format!("{value:.digits$}"))
        };
        let instructions = &counts.instructions;
        let cell = |peer: &str, work: &str| plain(instructions, peer, work, 0);
        table("Instructions", instructions, cell, f)?;
        let cell = |peer: &str, work: &str| plain(&counts.locked, peer, work, 1);
        table("Locked read-modify-writes", &counts.locked, cell, f)?;
        writeln!(f, "{LOCKED}")?;
    }
    circumstances(results, f)
}

fn legend(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "| column | one turn is |\n|---|---|")?;
    for Work { name, what, .. } in WORK {
        writeln!(f, "| {name} | {what} |")?;
    }
    writeln!(f)
}

fn ratio_to(table: &Table, base: fn(&Table, &str) -> Option<f64>) -> impl Fn(&str, &str) -> String {
    move |peer, work| match (table.get(peer, work), base(table, work)) {
        (Some(value), Some(base)) => ratio(value, base),
        _ => "–".into(),
    }
}

/// One row for each executor, and one column for each kind of work that has any cell.
fn table(
    title: &str,
    table: &Table,
    cell: impl Fn(&str, &str) -> String,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let has_cells = |work: &&Work| table.peers().any(|peer| cell(peer, work.name) != "–");
    let works: Vec<_> = WORK.iter().filter(has_cells).collect();
    writeln!(f, "## {title}\n")?;
    let names: Vec<_> = works.iter().map(|work| work.name).collect();
    writeln!(f, "| | {} |", names.join(" | "))?;
    writeln!(f, "|---|{}", "--:|".repeat(works.len()))?;
    for peer in table.peers() {
        let cells: Vec<_> = works.iter().map(|work| cell(peer, work.name)).collect();
        if cells.iter().any(|cell| cell != "–") {
            writeln!(f, "| {peer} | {} |", cells.join(" | "))?;
        }
    }
    writeln!(f)
}

/// The machine and the versions, and what is missing.
fn circumstances(results: &Results, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    writeln!(f, "## Circumstances\n")?;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    writeln!(
        f,
        "- {} rounds, after one to warm up, each executor in a process of its own, where it does \
         all the turns once before they are timed; cargo's release profile, without LTO across \
         crates; {processors} processors, {}, {}",
        results.rounds,
        std::env::consts::ARCH,
        std::env::consts::OS
    )?;
    for program in ["rustc", "valgrind", "python3"] {
        if let Some(version) = version_of(program) {
            writeln!(f, "- {version}")?;
        }
    }
    writeln!(f, "- {}", versions(include_str!("../../Cargo.lock")))?;
    let counted = results.counts.iter().flat_map(|counts| &counts.missing);
    for sentence in results.missing.iter().chain(counted) {
        writeln!(f, "- {sentence}")?;
    }
    Ok(())
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let told = String::from_utf8_lossy(&output.stdout);
    Some(told.lines().next()?.to_owned())
}

/// The versions of the peers; the lock file may hold several of one.
fn versions(lock: &str) -> String {
    let peers = [
        "async-executor",
        "async-local-executor",
        "futures",
        "futures-lite",
        "glommio",
        "monoio",
        "nio",
        "pollster",
        "smol",
        "tokio",
    ];
    let mut list = String::new();
    for peer in peers {
        let named = format!("name = \"{peer}\"\nversion = \"");
        let newest = lock.rsplit(named.as_str()).next();
        let version = newest.and_then(|rest| rest.split('"').next());
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}{peer} {}", version.unwrap_or("?"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executors::FLOOR;
    use crate::table::OURS;

    #[test]
    fn ratios_are_over_best_peer_and_floor() {
        let mut times = Table::default();
        times.put(FLOOR, "gather", 5.0);
        times.put(OURS, "gather", 30.0);
        times.put("tokio", "gather", 20.0);
        times.put("tokio", "wake", 7.0);
        let results = Results {
            times,
            rounds: 3,
            counts: None,
            missing: vec!["nio does not run here: it rains.".into()],
        };
        let page = results.to_string();
        for row in [
            "| | gather | wake |",
            "| the floor | 0.25 | – |",
            "| forwith-runtime | 1.5 | – |",
            "| tokio | 1.0 | 1.0 |",
            "| | gather |",
            "| tokio | 4.0 |",
            "- nio does not run here: it rains.",
        ] {
            assert!(page.lines().any(|line| line == row), "{row} in {page}");
        }
    }

    #[test]
    fn newest_version_in_lock_file_is_shown() {
        let lock =
            "name = \"tokio\"\nversion = \"0.9.0\"\n\nname = \"tokio\"\nversion = \"1.54.1\"\n";
        assert!(versions(lock).ends_with("tokio 1.54.1"));
    }
}
