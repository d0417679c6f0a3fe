//! What is said at the end.

use std::io;
use std::path::Path;

use super::fault::{KINDS, Kind};
use super::memory::Memory;
use super::tally::Tally;
use crate::check::{Books, Held};
use crate::command::table::line;
use crate::start::Ended;

/// All that was seen.
pub struct Verdict {
    /// The requests.
    pub tally: Tally,
    /// What was done to the servers.
    pub faults: Vec<Kind>,
    /// What was held when the clients had gone.
    pub held: Held,
    /// How the service has ended.
    pub ended: Ended,
    /// What the ledger says.
    pub books: Books,
    /// Files beside the statements.
    pub drafts: usize,
    /// The memory of the service.
    pub memory: Memory,
}

impl Verdict {
    /// Whether nothing was lost, everybody was told the truth, and the service has not grown.
    pub fn has_kept_all(&self) -> bool {
        self.ended.lost == Some(0)
            && self.ended.left.is_none()
            && self.held.transactions == 0
            && self.books.is_true()
            && self.drafts == 0
            && self.tally.hung == 0
            && self.tally.well > 0
            && self.memory.is_kept()
    }

    /// Prints it.
    pub fn print(&self) {
        println!();
        self.print_requests();
        println!();
        for kind in KINDS {
            let times = self.faults.iter().filter(|fault| **fault == kind).count();
            count(&kind.to_string(), times);
        }
        println!();
        self.print_books();
        println!();
        self.print_memory();
        if let Some(left) = &self.ended.left {
            println!("\n{left}");
        }
    }

    fn print_requests(&self) {
        let tally = &self.tally;
        count("requests", tally.requests);
        count("of clients that do not stay", tally.rude);
        count("of clients that stay", tally.requests - tally.rude);
        count("  which ended well", tally.well);
        count("  which failed (503)", tally.unavailable);
        count("  which the time limit ended (408)", tally.too_late);
        count("  which got another status", tally.others);
        count("  whose answer ended early", tally.cut_short);
        count("  whose connection ended before one", tally.silent);
        count("  which waited in vain", tally.hung);
    }

    fn print_books(&self) {
        let lost = self.ended.lost.map_or(-1, usize::cast_signed);
        let left = usize::from(self.ended.left.is_some());
        line("exits lost or cut", [lost.to_string()]);
        count("things that the shutdown left", left);
        count("idle in a transaction afterwards", self.held.transactions);
        count("locks that only their lease has ended", self.held.locks);
        count("drafts beside the statements", self.drafts);
        count("new entries of the ledger", self.books.entries);
        count("told of an entry that is not there", self.books.missing);
        count("refused, and the entry is there", self.books.unwanted);
        line("cents out of nowhere", [self.books.cents.to_string()]);
    }

    fn print_memory(&self) {
        let memory = &self.memory;
        let [early, late] = memory.early_and_late();
        let name = format!("memory after {:.1?}", memory.early_at());
        line(&name, [format!("{:.1} MB", early / 1e6)]);
        line("memory at the end", [format!("{:.1} MB", late / 1e6)]);
        line("  over that before", [format!("{:.3}", late / early)]);
        print!("(the medians of looks in {:.1?}", memory.span());
        if !memory.is_judged() {
            print!(", which is too short to judge");
        }
        println!(")");
    }
}

fn count(name: &str, number: usize) {
    line(name, [number.to_string()]);
}

/// Gives the number of files that are no statements, such as `7.csv`.
///
/// # Errors
///
/// The folder cannot be read.
pub fn drafts(dir: &Path) -> io::Result<usize> {
    let mut drafts = 0;
    for file in dir.read_dir()? {
        let name = file?.file_name();
        let account = name.to_str().and_then(|name| name.strip_suffix(".csv"));
        let is_statement = account.is_some_and(|account| account.parse::<i64>().is_ok());
        drafts += usize::from(!is_statement);
    }
    Ok(drafts)
}

/// Bytes in millions.
#[expect(clippy::cast_precision_loss, reason = "a service has no petabytes")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
