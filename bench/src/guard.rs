//! The files of counts, and the limits that new counts must keep.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use forwith_bench::callgrind::PerTurn;

/// The counts of the newest commit.
const NEWEST: &str = "counts.txt";
/// The counts of an old commit, which are never written again.
const FROZEN: &str = "counts-3f69b10.txt";

/// The factor by which a count may be above the newest.
const ABOVE_NEWEST: f64 = 1.05;
/// The factor by which a count may be above the frozen one.
const ABOVE_FROZEN: f64 = 1.03;
/// An allowance on both, for counts near zero and for rounding.
const TRIFLE: f64 = 0.05;
/// Rows with limits of their own, over the frozen counts: a few instructions are the price of half
/// the machine code, and a scope costs less than it did.
const OWN_LIMITS: [(&str, f64); 4] = [
    ("outside", 62.0 / 59.0),
    ("inside", 150.0 / 144.0),
    ("whole-outside", 270.0 / 255.0),
    ("whole-inside", 650.0 / 956.0),
];

const HEADER: &str = "\
# What one turn costs: instructions of the program itself, locked read-modify-writes, allocations.
# The guard of the bench holds what it counts against this file, and
# `cargo run --release --package forwith-bench -- --update` writes it anew. The counts hold for
";

/// A row of a file.
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

/// A limit: a file, and how far above its counts new ones may be.
struct Limit {
    file: &'static str,
    /// The largest count that is allowed for this row, if it was `old`.
    most: fn(row: &str, old: f64) -> f64,
    /// Whether each row must be in the file.
    knows_all: bool,
}

const LIMITS: [Limit; 2] = [
    Limit {
        file: NEWEST,
        most: |_, old| old * ABOVE_NEWEST + TRIFLE,
        knows_all: true,
    },
    Limit {
        file: FROZEN,
        most: |row, old| {
            let own = OWN_LIMITS.iter().find(|(own, _)| *own == row);
            old * own.map_or(ABOVE_FROZEN, |(_, factor)| *factor) + TRIFLE
        },
        knows_all: false,
    },
];

/// The counts above the limit, and the rows that are missing.
fn exceeded(limit: &Limit, old: &[Row], new: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in new {
        let Some(before) = old.iter().find(|before| before.name == row.name) else {
            if limit.knows_all {
                wrong.push(format!("{}: is not in {}", row.name, limit.file));
            }
            continue;
        };
        for ((what, old), new) in COUNTED.iter().zip(before.counts).zip(row.counts) {
            if new > (limit.most)(&row.name, old) {
                let Limit { file, .. } = limit;
                wrong.push(format!(
                    "{}: {what} are {new}, and {old} in {file}",
                    row.name
                ));
            }
        }
    }
    let is_gone = |row: &&Row| new.iter().all(|counted| counted.name != row.name);
    let gone = old.iter().filter(is_gone);
    wrong.extend(gone.map(|row| format!("{}: is in {}, but not counted", row.name, limit.file)));
    wrong
}

/// The counts that have shrunk so much that the file should be written anew.
fn shrunk(old: &[Row], new: &[Row]) -> Vec<String> {
    let mut better = Vec::new();
    for row in new {
        let Some(before) = old.iter().find(|before| before.name == row.name) else {
            continue;
        };
        for ((what, old), new) in COUNTED.iter().zip(before.counts).zip(row.counts) {
            if new * ABOVE_NEWEST + TRIFLE < old {
                better.push(format!("{}: {what} are {new}, and were {old}", row.name));
            }
        }
    }
    better
}

/// Compares new counts with both files.
pub fn check(new: &[Row]) -> Result<(), String> {
    let mut wrong = Vec::new();
    for limit in &LIMITS {
        match read(limit.file)? {
            Some(old) => wrong.extend(exceeded(limit, &old, new)),
            None => eprintln!(
                "NOTE: {} is not compared: another compiler or processor counted it",
                limit.file
            ),
        }
    }
    if !wrong.is_empty() {
        return Err(format!(
            "{}\nIf that is meant, and {FROZEN} allows it, write {NEWEST} anew: {UPDATE}",
            wrong.join("\n")
        ));
    }
    let better = read(NEWEST)?.map_or_else(Vec::new, |old| shrunk(&old, new));
    if !better.is_empty() {
        eprintln!("{}\nWrite {NEWEST} anew: {UPDATE}", better.join("\n"));
    }
    Ok(())
}

const UPDATE: &str = "`cargo run --release --package forwith-bench -- --update`";

/// Writes the newest counts.
pub fn update(rows: &[Row]) -> Result<(), String> {
    let mut text = format!("{HEADER}# {}\n", made_with()?);
    for Row { name, counts } in rows {
        let [own, locked, allocations] = counts;
        writeln!(text, "{own:9.2} {locked:6.2} {allocations:6.2}  {name}")
            .expect("strings take all");
    }
    fs::write(path(NEWEST), text).map_err(|error| error.to_string())
}

/// Reads a file of counts, if this compiler and this kind of processor have counted it.
fn read(file: &str) -> Result<Option<Vec<Row>>, String> {
    let written = fs::read_to_string(path(file)).map_err(|error| format!("{file}: {error}"))?;
    if written.contains(&format!("# {}\n", made_with()?)) {
        parse(&written).map(Some)
    } else {
        Ok(None)
    }
}

/// A file of the bench.
pub fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The compiler and the processor. A program made with another one has other instructions.
pub fn made_with() -> Result<String, String> {
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
    let unclear = || format!("not a row of counts: {line}");
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

    /// What [`exceeded`] finds with the newest counts.
    fn above_newest(old: &[Row], new: &[Row]) -> Vec<String> {
        exceeded(&LIMITS[0], old, new)
    }

    /// What [`exceeded`] finds with the frozen counts.
    fn above_frozen(old: &[Row], new: &[Row]) -> Vec<String> {
        exceeded(&LIMITS[1], old, new)
    }

    #[test]
    fn six_percent_more_fails_and_is_named() {
        let old = [
            row("yield 1", [100.0, 4.0, 0.0]),
            row("gather", [50.0, 0.0, 2.0]),
        ];
        let new = [
            row("yield 1", [106.0, 4.0, 0.0]),
            row("gather", [50.0, 0.0, 2.0]),
        ];
        let expected = ["yield 1: instructions are 106, and 100 in counts.txt"];
        assert_eq!(above_newest(&old, &new), expected);
    }

    #[test]
    fn four_percent_and_trifles_pass() {
        let old = [row("yield 1", [100.0, 4.0, 0.0])];
        let new = [row("yield 1", [104.0, 4.0, 0.01])];
        assert!(above_newest(&old, &new).is_empty());
        assert!(shrunk(&old, &new).is_empty());
    }

    #[test]
    fn locks_and_allocations_are_guarded_as_well() {
        let old = [row("gather", [50.0, 0.0, 2.0])];
        let wrong = above_newest(&old, &[row("gather", [50.0, 1.0, 3.0])]);
        let expected = [
            "gather: locked read-modify-writes are 1, and 0 in counts.txt",
            "gather: allocations are 3, and 2 in counts.txt",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn shrunken_counts_are_named() {
        let old = [row("gather", [50.0, 0.0, 2.0])];
        let better = shrunk(&old, &[row("gather", [40.0, 0.0, 2.0])]);
        assert_eq!(better, ["gather: instructions are 40, and were 50"]);
    }

    #[test]
    fn missing_rows_fail() {
        let (old, new) = ([row("old", [1.0; 3])], [row("new", [1.0; 3])]);
        let expected = [
            "new: is not in counts.txt",
            "old: is in counts.txt, but not counted",
        ];
        assert_eq!(above_newest(&old, &new), expected);
        // New rows may be added later, but none may go.
        let expected = ["old: is in counts-3f69b10.txt, but not counted"];
        assert_eq!(above_frozen(&old, &new), expected);
    }

    #[test]
    fn four_percent_above_the_frozen_counts_fail() {
        let old = [row("scope", [100.0, 0.0, 0.0])];
        assert!(above_frozen(&old, &[row("scope", [103.0, 0.0, 0.0])]).is_empty());
        let wrong = above_frozen(&old, &[row("scope", [104.0, 0.0, 0.0])]);
        let expected = ["scope: instructions are 104, and 100 in counts-3f69b10.txt"];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn rows_may_have_limits_of_their_own() {
        let old = [row("whole-inside", [956.0, 4.0, 0.0])];
        assert!(above_frozen(&old, &[row("whole-inside", [650.0, 2.0, 0.0])]).is_empty());
        let grown = row("whole-inside", [651.0, 3.0, 0.0]);
        assert_eq!(above_frozen(&old, &[grown]).len(), 2);
    }

    #[test]
    fn frozen_file_is_parsed() {
        let text = fs::read_to_string(path(FROZEN)).unwrap();
        let rows = parse(&text).unwrap();
        assert_eq!(rows.len(), 32);
        let is_there = |name| rows.iter().any(|row: &Row| row.name == name);
        assert!(OWN_LIMITS.into_iter().all(|(name, _)| is_there(name)));
    }

    #[test]
    fn rows_are_parsed() {
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
