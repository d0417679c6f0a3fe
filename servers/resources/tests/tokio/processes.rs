//! Processes, as the system sees them.

use std::fs;
use std::io;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A process, with its state: `S` sleeps, `Z` is a zombie.
#[derive(Debug, PartialEq)]
pub struct Seen {
    pub id: u32,
    pub state: char,
    pub parent: u32,
    pub name: String,
}

/// All processes of a group, also zombies.
pub fn group(id: u32) -> Vec<Seen> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| {
            let id_of = process.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            let (name, fields) = stat.split_once('(')?.1.rsplit_once(')')?;
            let fields: Vec<_> = fields.split_whitespace().collect();
            (fields[2] == id.to_string()).then(|| Seen {
                id: id_of,
                state: fields[0].chars().next().unwrap(),
                parent: fields[1].parse().unwrap(),
                name: name.into(),
            })
        })
        .collect()
}

/// Whether no process of a group is alive, and none is a zombie of this program. Zombies of others
/// are theirs.
pub fn gone(id: u32) -> Result<(), Vec<Seen>> {
    none(id, |seen| {
        seen.state != 'Z' || seen.parent == std::process::id()
    })
}

/// Whether no process of a group is alive.
pub fn dead(id: u32) -> Result<(), Vec<Seen>> {
    none(id, |seen| seen.state != 'Z')
}

fn none(id: u32, counts: impl Fn(&Seen) -> bool) -> Result<(), Vec<Seen>> {
    let mut left = group(id);
    left.retain(counts);
    if left.is_empty() { Ok(()) } else { Err(left) }
}

/// A command of a shell.
pub fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stderr(Stdio::null());
    command
}

/// Reads the line in which a script says that it is ready.
pub async fn line(child: &mut Child) -> io::Result<String> {
    let out = child.stdout.as_mut().expect("it is piped");
    let mut line = String::new();
    BufReader::with_capacity(1, out)
        .read_line(&mut line)
        .await?;
    Ok(line)
}
