//! What was counted before, and what must not grow.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::callgrind::PerTurn;

/// By how much a count may be above the one that is written down.
const TOLERANCE: f64 = 1.05;
/// And by how much besides, for counts that are next to nothing.
const TRIFLE: f64 = 0.05;

const HEADER: &str = "\
# What one turn costs: instructions of the program itself, locked read-modify-writes, allocations. The guard of the bench holds
# them against what it counts, and `cargo run --release --package forwith-bench -- --update` writes them anew. They hold for
";

/// A row of the file, and what its numbers are.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    name: String,
    counts: [f64; 3],
}

const COUNTED: [&str; 3] = ["instructions", "locked read-modify-writes", "allocations"];

impl Row {
    pub fn new(name: &str, counted: PerTurn) -> Self {
        let counts = [counted.own, counted.locked, counted.allocations];
        Row {
            name: name.into(),
            counts: counts.map(|count| (count * 100.0).round() / 100.0),
        }
    }
}

/// Says what has grown, or what else is wrong; what has shrunk is no failure, and is given back.
pub fn compare(old: &[Row], new: &[Row]) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    let mut better = Vec::new();
    for row in new {
        let Some(before) = old.iter().find(|before| before.name == row.name) else {
            wrong.push(format!("{}: is not in the file", row.name));
            continue;
        };
        for ((what, old), new) in COUNTED.iter().zip(before.counts).zip(row.counts) {
            let told = format!("{}: {what} were {old}, and are {new}", row.name);
            if new > old * TOLERANCE + TRIFLE {
                wrong.push(told);
            } else if new * TOLERANCE + TRIFLE < old {
                better.push(told);
            }
        }
    }
    let is_gone = |row: &&Row| new.iter().all(|counted| counted.name != row.name);
    let gone = old.iter().filter(is_gone);
    wrong.extend(gone.map(|row| format!("{}: is counted no more", row.name)));
    if wrong.is_empty() {
        return Ok(better);
    }
    Err(wrong.join("\n"))
}

/// Holds what was counted against the file.
pub fn check(new: &[Row]) -> Result<(), String> {
    let written = fs::read_to_string(file()).map_err(|error| format!("counts.txt: {error}"))?;
    if !written.contains(&format!("# {}\n", made_with()?)) {
        eprintln!("NOTE: the counts are not compared with those of another compiler or processor");
        return Ok(());
    }
    let again = "If that is meant, write the counts anew: \
        `cargo run --release --package forwith-bench -- --update`";
    match compare(&parse(&written)?, new) {
        Err(wrong) => Err(format!("{wrong}\n{again}")),
        Ok(better) if better.is_empty() => Ok(()),
        Ok(better) => {
            eprintln!("{}\n{again}", better.join("\n"));
            Ok(())
        }
    }
}

/// Writes down what was counted.
pub fn update(rows: &[Row]) -> Result<(), String> {
    let mut text = format!("{HEADER}# {}\n", made_with()?);
    for Row { name, counts } in rows {
        let [own, locked, allocations] = counts;
        writeln!(text, "{own:9.2} {locked:6.2} {allocations:6.2}  {name}")
            .expect("strings take all");
    }
    fs::write(file(), text).map_err(|error| error.to_string())
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("counts.txt")
}

/// The compiler and the processor: where another one made the program, its instructions are others.
fn made_with() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output();
    let told = output.map_err(|error| format!("rustc cannot be run: {error}"))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let version = told.split(' ').nth(1).unwrap_or_default();
    let minor: Vec<_> = version.split('.').take(2).collect();
    Ok(format!(
        "rustc {}, {}",
        minor.join("."),
        std::env::consts::ARCH
    ))
}

fn parse(text: &str) -> Result<Vec<Row>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(parse_row).collect()
}

fn parse_row(line: &str) -> Result<Row, String> {
    let unclear = || format!("counts.txt: not understood: {line}");
    let mut rest = line;
    let mut counts = [0.0; 3];
    for count in &mut counts {
        let (word, after) = rest.trim_start().split_once(' ').ok_or_else(unclear)?;
        *count = word.parse().map_err(|_| unclear())?;
        rest = after;
    }
    Ok(Row {
        name: rest.trim().into(),
        counts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, counts: [f64; 3]) -> Row {
        Row {
            name: name.into(),
            counts,
        }
    }

    #[test]
    fn what_has_grown_by_six_percent_fails_and_is_named() {
        let old = [
            row("yield 1", [100.0, 4.0, 0.0]),
            row("gather", [50.0, 0.0, 2.0]),
        ];
        let new = [
            row("yield 1", [106.0, 4.0, 0.0]),
            row("gather", [50.0, 0.0, 2.0]),
        ];
        let error = compare(&old, &new).unwrap_err();
        assert_eq!(error, "yield 1: instructions were 100, and are 106");
    }

    #[test]
    fn four_percent_and_trifles_pass() {
        let old = [row("yield 1", [100.0, 4.0, 0.0])];
        let new = [row("yield 1", [104.0, 4.0, 0.01])];
        assert_eq!(compare(&old, &new), Ok(vec![]));
    }

    #[test]
    fn locks_and_allocations_are_guarded_as_well() {
        let old = [row("gather", [50.0, 0.0, 2.0])];
        let error = compare(&old, &[row("gather", [50.0, 1.0, 3.0])]).unwrap_err();
        assert_eq!(
            error,
            "gather: locked read-modify-writes were 0, and are 1\ngather: allocations were 2, and are 3"
        );
    }

    #[test]
    fn what_has_shrunk_is_told() {
        let old = [row("gather", [50.0, 0.0, 2.0])];
        let better = compare(&old, &[row("gather", [40.0, 0.0, 2.0])]).unwrap();
        assert_eq!(better, ["gather: instructions were 50, and are 40"]);
    }

    #[test]
    fn rows_that_are_not_in_both_fail() {
        let error = compare(&[row("old", [1.0; 3])], &[row("new", [1.0; 3])]).unwrap_err();
        assert_eq!(error, "new: is not in the file\nold: is counted no more");
    }

    #[test]
    fn the_file_reads_as_it_was_written() {
        let written = "# rustc 1.95, x86_64\n   612.25   4.00   2.00  spawn, await\n";
        assert_eq!(
            parse(written),
            Ok(vec![row("spawn, await", [612.25, 4.0, 2.0])])
        );
        assert!(
            parse("612 4  gather")
                .unwrap_err()
                .contains("612 4  gather")
        );
    }
}
