//! Transactions, as PostgreSQL has written them down.

use std::collections::HashMap;
use std::ops::AddAssign;

/// What stands in front of each line of PostgreSQL's log: the session.
pub const LINE_PREFIX: &str = "%c ";

/// What became of the transactions of a log.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Transactions {
    /// The number of `BEGIN`s.
    pub begun: usize,
    /// Those that were committed.
    pub committed: usize,
    /// Those that were rolled back, or whose connection was closed before the commit.
    pub rolled_back: usize,
    /// Those that were committed, and had written into the ledger.
    pub booked: usize,
    /// Warnings that a transaction is open already, or none.
    pub warnings: usize,
}

/// A session with an open transaction.
#[derive(Default)]
struct Open {
    books: bool,
    has_failed: bool,
}

impl Transactions {
    /// Reads a log whose lines begin with the session, `%c`, and in which all sessions have ended.
    #[must_use]
    pub fn read(log: &str) -> Self {
        let mut all = Transactions::default();
        let mut open: HashMap<&str, Open> = HashMap::new();
        let mut session = "";
        for line in log.lines() {
            // The further lines of a statement begin with a tab.
            if !line.starts_with('\t') {
                session = line.split(' ').next().unwrap_or_default();
            }
            if line.contains("ERROR:  ") {
                open.entry(session)
                    .and_modify(|open| open.has_failed = true);
            } else if line.contains("INSERT INTO ledger") {
                open.entry(session).and_modify(|open| open.books = true);
            } else if line.contains("WARNING:  there is ") {
                all.warnings += 1;
            } else if let Some((_, statement)) = line.split_once("LOG:  statement: ") {
                match statement.split(' ').next() {
                    Some("BEGIN") => {
                        all.begun += 1;
                        open.insert(session, Open::default());
                    }
                    Some("COMMIT") => all.end(open.remove(session), true),
                    Some("ROLLBACK") => all.end(open.remove(session), false),
                    _ => (),
                }
            } else if line.contains("LOG:  disconnection: ") {
                all.end(open.remove(session), false);
            }
        }
        all
    }

    fn end(&mut self, open: Option<Open>, is_commit: bool) {
        match open {
            Some(open) if is_commit && !open.has_failed => {
                self.committed += 1;
                self.booked += usize::from(open.books);
            }
            Some(_) => self.rolled_back += 1,
            None => (),
        }
    }

    /// The number of transactions that were neither committed nor rolled back: others were begun
    /// inside of them, and shared their fate.
    #[must_use]
    pub fn nobody_ended(&self) -> usize {
        self.begun - self.committed - self.rolled_back
    }
}

impl AddAssign for Transactions {
    fn add_assign(&mut self, more: Transactions) {
        self.begun += more.begun;
        self.committed += more.committed;
        self.rolled_back += more.rolled_back;
        self.booked += more.booked;
        self.warnings += more.warnings;
    }
}
