//! Runs this program under callgrind, and reads the profile.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::locked::Locked;

/// The counts of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// All instructions.
    pub all: u64,
    /// Those of this program: another C library or processor does not change them.
    pub own: u64,
    /// Locked read-modify-writes.
    pub locked: u64,
    /// Calls of this program to `malloc` and its like.
    pub allocations: u64,
}

/// The cost of one turn: the slope between so many turns and three times as many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerTurn {
    /// All instructions.
    pub all: f64,
    /// Those of this program.
    pub own: f64,
    /// Locked read-modify-writes.
    pub locked: f64,
    /// Allocations of this program.
    pub allocations: f64,
}

/// Counts what one turn of this program's command costs. The command is `arguments`, followed by
/// the number of turns.
///
/// # Errors
///
/// If valgrind or objdump is missing, or the command fails.
pub fn per_turn(arguments: &[&str], turns: u64, locked: &mut Locked) -> Result<PerTurn, String> {
    let few = count(arguments, turns, locked)?;
    let many = count(arguments, 3 * turns, locked)?;
    Ok(slope(few, many, turns))
}

#[expect(clippy::cast_precision_loss, reason = "no run counts that far")]
fn slope(few: Count, many: Count, turns: u64) -> PerTurn {
    let each = |few: u64, many: u64| (many as f64 - few as f64).max(0.0) / (2 * turns) as f64;
    PerTurn {
        all: each(few.all, many.all),
        own: each(few.own, many.own),
        locked: each(few.locked, many.locked),
        allocations: each(few.allocations, many.allocations),
    }
}

fn count(arguments: &[&str], turns: u64, locked: &mut Locked) -> Result<Count, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let written = Written::new();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-instr=yes", "--dump-line=no"])
        .args(["--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", written.0.display()))
        .arg(&program)
        .args(arguments)
        .arg(turns.to_string())
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}): install it"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let profile = fs::read_to_string(&written.0).map_err(|error| error.to_string())?;
    let profile = Profile::parse(&profile)?;
    profile.count(&program, |object| locked.of(object))
}

/// A file that is removed when this is dropped.
struct Written(PathBuf);

impl Written {
    fn new() -> Self {
        let name = format!("forwith-bench-{}.callgrind", std::process::id());
        Written(std::env::temp_dir().join(name))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A profile of callgrind: how often each instruction of each object was executed.
#[derive(Debug, Default)]
struct Profile {
    executed: BTreeMap<String, BTreeMap<u64, u64>>,
    /// How often functions that allocate were called, by the object of the caller.
    allocations: BTreeMap<String, u64>,
}

impl Profile {
    /// Reads a profile by instructions, with neither names nor positions compressed.
    fn parse(text: &str) -> Result<Self, String> {
        let mut profile = Profile::default();
        let mut object = String::new();
        let mut allocates = false;
        let mut is_inclusive = false;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("ob=") {
                name.clone_into(&mut object);
            } else if let Some(name) = line.strip_prefix("cfn=") {
                allocates = is_allocator(name);
            } else if let Some(call) = line.strip_prefix("calls=") {
                // The next line is what the callee executed, which is counted at the callee, too.
                is_inclusive = true;
                if allocates {
                    *profile.allocations.entry(object.clone()).or_default() += first_number(call)?;
                }
            } else if line.starts_with("0x") && !std::mem::take(&mut is_inclusive) {
                let (address, times) = cost(line)?;
                let executed = profile.executed.entry(object.clone()).or_default();
                *executed.entry(address).or_default() += times;
            }
        }
        if profile.executed.is_empty() {
            return Err("callgrind has written no costs".into());
        }
        Ok(profile)
    }

    fn count(
        &self,
        program: &Path,
        mut locked: impl FnMut(&str) -> Result<HashSet<u64>, String>,
    ) -> Result<Count, String> {
        let program = program.to_string_lossy();
        let mut count = Count {
            allocations: self.allocations.get(&*program).copied().unwrap_or(0),
            ..Count::default()
        };
        for (object, executed) in &self.executed {
            let all: u64 = executed.values().sum();
            count.all += all;
            if *object == program {
                count.own += all;
            }
            let locked = locked(object)?;
            let locked = executed
                .iter()
                .filter(|(address, _)| locked.contains(address));
            count.locked += locked.map(|(_, times)| times).sum::<u64>();
        }
        Ok(count)
    }
}

fn is_allocator(name: &str) -> bool {
    let allocators = [
        "malloc",
        "calloc",
        "realloc",
        "posix_memalign",
        "aligned_alloc",
    ];
    allocators.contains(&name)
}

fn first_number(words: &str) -> Result<u64, String> {
    let word = words.split(' ').next().unwrap_or_default();
    word.parse()
        .map_err(|error| format!("callgrind: {words}: {error}"))
}

/// The address and the cost of a line such as `0x401136 7`.
fn cost(line: &str) -> Result<(u64, u64), String> {
    let unclear = || format!("callgrind: {line}: not understood");
    let (address, times) = line.split_once(' ').ok_or_else(unclear)?;
    let digits = address.strip_prefix("0x").ok_or_else(unclear)?;
    let address = u64::from_str_radix(digits, 16).map_err(|_| unclear())?;
    let times = times.trim().parse().map_err(|_| unclear())?;
    Ok((address, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
# callgrind format
positions: instr
events: Ir
ob=/bench
fl=???
fn=main
0x10 3
0x14 2
cob=/libc
cfn=malloc
calls=2 0x99
0x18 80
0x18 2
cfn=inner
calls=1 0x20
0x1c 9

fn=inner
0x20 9
ob=/libc
fn=malloc
0x99 80
totals: 96
";

    fn counted(program: &str) -> Count {
        let profile = Profile::parse(WRITTEN).unwrap();
        let locked = |object: &str| match object {
            "/bench" => Ok(HashSet::from([0x14, 0x18])),
            _ => Ok(HashSet::new()),
        };
        profile.count(Path::new(program), locked).unwrap()
    }

    #[test]
    fn instructions_inside_calls_count_once() {
        let expected = Count {
            all: 96,
            own: 16,
            locked: 4,
            allocations: 2,
        };
        assert_eq!(counted("/bench"), expected);
    }

    #[test]
    fn allocations_of_other_objects_do_not_count() {
        assert_eq!(counted("/libc").allocations, 0);
    }

    #[test]
    fn unreadable_profile_is_an_error() {
        assert!(Profile::parse("").is_err());
        assert!(
            Profile::parse("ob=/bench\n0x10 many\n")
                .unwrap_err()
                .contains("0x10 many")
        );
    }

    #[test]
    fn turn_is_the_slope_to_three_times_as_many() {
        let count = |all, locked| Count {
            all,
            locked,
            ..Count::default()
        };
        let slope = slope(count(1_500, 7), count(2_500, 9), 100);
        assert_eq!((slope.all, slope.locked), (5.0, 0.01));
    }
}
