//! The file of sizes, and how far above them new ones may be.

use std::fmt::Write as _;
use std::fs;

use super::machine_code::Twins;
use super::sections::Code;
use crate::guard::{made_with, path};

const FILE: &str = "code.txt";

/// The factor by which a use may be above the file.
const ABOVE: f64 = 1.03;

const HEADER: &str = "\
# Machine code of a use of the macros, and of its twin by hand, in bytes: instructions, tables.
# `cargo run --release --package forwith-bench -- code --check` holds a use against this file, and
# `-- code --update` writes it anew. The sizes hold for
";

const UPDATE: &str = "`cargo run --release --package forwith-bench -- code --update`";

/// A row of the file.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    code: Code,
}

fn rows(all: &[Twins]) -> Vec<Row> {
    let both = |twins: &Twins| {
        let row = |side, code| Row {
            name: format!("{}, {side}", twins.kind.name),
            code,
        };
        [row("ours", twins.ours), row("by hand", twins.by_hand)]
    };
    all.iter().flat_map(both).collect()
}

/// Compares sizes with the file. Fails if one is too far above, or not in it.
pub fn check(all: &[Twins]) -> Result<(), String> {
    let written = read()?;
    if !written.contains(&compiler()?) {
        eprintln!("NOTE: {FILE} is not compared: another compiler or processor made its code");
        return Ok(());
    }
    let (old, new) = (parse(&written)?, rows(all));
    let wrong = exceeded(&old, &new);
    if !wrong.is_empty() {
        let wrong = wrong.join("\n");
        return Err(format!(
            "{wrong}\nIf that is meant, write {FILE} anew: {UPDATE}"
        ));
    }
    let better = shrunk(&old, &new);
    if !better.is_empty() {
        eprintln!("{}\nWrite {FILE} anew: {UPDATE}", better.join("\n"));
    }
    Ok(())
}

/// Writes the file.
pub fn update(all: &[Twins]) -> Result<(), String> {
    let text = format!("{HEADER}{}{}", compiler()?, lines(&rows(all)));
    fs::write(path(FILE), text).map_err(|error| format!("{FILE}: {error}"))
}

fn read() -> Result<String, String> {
    fs::read_to_string(path(FILE)).map_err(|error| format!("{FILE}: {error}"))
}

/// The line that says which compiler made the code.
fn compiler() -> Result<String, String> {
    Ok(format!("# {}\n", made_with()?))
}

fn lines(rows: &[Row]) -> String {
    let mut text = String::new();
    for Row { name, code } in rows {
        let Code { text: own, tables } = code;
        writeln!(text, "{own:7} {tables:6}  {name}").expect("strings take all");
    }
    text
}

fn parse(text: &str) -> Result<Vec<Row>, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let parse = |line| parse_row(line).ok_or_else(|| format!("not a row of sizes: {line}"));
    lines.map(parse).collect()
}

fn parse_row(line: &str) -> Option<Row> {
    let (text, rest) = line.trim_start().split_once(' ')?;
    let (tables, name) = rest.trim_start().split_once(' ')?;
    let code = Code {
        text: text.parse().ok()?,
        tables: tables.parse().ok()?,
    };
    let name = name.trim().into();
    Some(Row { name, code })
}

/// The rows that are too far above the old ones, and those that only one of both has.
fn exceeded(old: &[Row], new: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Row { name, code } in new {
        match find(old, name) {
            None => wrong.push(format!("{name}: is not in {FILE}")),
            Some(before) if code.sum() > ABOVE * before.sum() => {
                wrong.push(format!(
                    "{name}: a use is {code} bytes, and {before} in {FILE}"
                ));
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|row| find(new, &row.name).is_none());
    wrong.extend(gone.map(|Row { name, .. }| format!("{name}: is in {FILE}, but not measured")));
    wrong
}

/// The rows that have shrunk so much that the file should be written anew.
fn shrunk(old: &[Row], new: &[Row]) -> Vec<String> {
    let smaller = new.iter().filter_map(|Row { name, code }| {
        let before = find(old, name)?;
        let is_smaller = ABOVE * code.sum() < before.sum();
        is_smaller.then(|| format!("{name}: a use is {code} bytes, and was {before}"))
    });
    smaller.collect()
}

fn find(rows: &[Row], name: &str) -> Option<Code> {
    rows.iter().find(|row| row.name == name).map(|row| row.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::machine_code::KINDS;

    fn row(name: &str, text: f64, tables: f64) -> Row {
        Row {
            name: name.into(),
            code: Code { text, tables },
        }
    }

    #[test]
    fn four_percent_more_fails_and_is_named() {
        let old = [row("plain, ours", 900.0, 100.0)];
        assert!(exceeded(&old, &[row("plain, ours", 1000.0, 30.0)]).is_empty());
        let wrong = exceeded(&old, &[row("plain, ours", 940.0, 100.0)]);
        let expected = "plain, ours: a use is 1040 = 940 + 100 bytes, \
            and 1000 = 900 + 100 in code.txt";
        assert_eq!(wrong, [expected]);
    }

    #[test]
    fn shrunken_use_is_named() {
        let old = [row("plain, ours", 900.0, 100.0)];
        assert!(shrunk(&old, &[row("plain, ours", 880.0, 100.0)]).is_empty());
        let better = shrunk(&old, &[row("plain, ours", 800.0, 100.0)]);
        let expected = "plain, ours: a use is 900 = 800 + 100 bytes, and was 1000 = 900 + 100";
        assert_eq!(better, [expected]);
    }

    #[test]
    fn missing_rows_fail() {
        let wrong = exceeded(&[row("old", 1.0, 1.0)], &[row("new", 1.0, 1.0)]);
        let expected = [
            "new: is not in code.txt",
            "old: is in code.txt, but not measured",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn rows_are_read_as_they_are_written() {
        let written = [
            row("plain, ours", 4016.0, 704.0),
            row("small, by hand", 1520.0, 204.0),
        ];
        let text = lines(&written);
        assert_eq!(
            text,
            "   4016    704  plain, ours\n   1520    204  small, by hand\n"
        );
        assert_eq!(parse(&format!("# rustc\n{text}")), Ok(written.to_vec()));
        assert!(parse("4016 plain").unwrap_err().contains("4016 plain"));
    }

    #[test]
    fn file_has_both_sides_of_each_kind() {
        let rows = parse(&read().unwrap()).unwrap();
        for kind in &KINDS {
            for side in ["ours", "by hand"] {
                let name = format!("{}, {side}", kind.name);
                assert!(find(&rows, &name).is_some(), "{name}");
            }
        }
        assert_eq!(rows.len(), 2 * KINDS.len());
    }
}
