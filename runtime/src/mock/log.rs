//! The server's log, and the proof that nothing was left open.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// One line of a server's log.
///
/// ```
/// use forwith::AsyncEnter;
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Database, End, Latency, Thing, What};
///
/// let database = Database::new().with_latency(Latency::None);
/// block_on(async { drop(database.connect("mock://db.somedomain.net").enter().await) });
///
/// let what: Vec<_> = database.log().into_iter().map(|entry| entry.what).collect();
/// let connection = Thing::Connection(1);
/// assert_eq!(what, [What::Opened(connection), What::Ended(connection, End::Abandoned)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, if a clock of this crate ran there: on other executors there is none.
    pub at: Option<Duration>,
    /// On which connection; a [`RemoteContainer`](super::RemoteContainer) of its own has none.
    pub connection: Option<u32>,
    /// What happened.
    pub what: What,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "{:>7.3}s  ", at.as_secs_f64())?;
        }
        if let Some(connection) = self.connection {
            write!(f, "connection {connection}: ")?;
        }
        write!(f, "{}", self.what)
    }
}

/// What reached the server.
///
/// ```
/// use forwith_runtime::mock::{End, Thing, What};
///
/// let what = What::Ended(Thing::Transaction(1), End::RolledBack);
/// assert_eq!(what.to_string(), "transaction 1 rolled back");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A connection was refused.
    Refused,
    /// Whoever connected went away before the handshake was done.
    HandshakeCut,
    /// Something was opened, and must be ended.
    Opened(Thing),
    /// Something was ended.
    Ended(Thing, End),
    /// A request was done.
    Requested(String),
    /// A request, or whatever else the text says, failed.
    Failed(String),
    /// A page was fetched.
    Fetched {
        /// By this cursor.
        cursor: Thing,
        /// Counted from 1.
        page: u32,
    },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Refused => f.write_str("refused"),
            What::HandshakeCut => f.write_str("handshake cut"),
            // The entry says already which connection it is.
            What::Opened(Thing::Connection(_)) => f.write_str("opened"),
            What::Ended(Thing::Connection(_), end) => write!(f, "{end}"),
            What::Opened(thing) => write!(f, "{thing} opened"),
            What::Ended(thing, end) => write!(f, "{thing} {end}"),
            What::Requested(request) => f.write_str(request),
            What::Failed(what) => write!(f, "{what} failed"),
            What::Fetched { cursor, page } => write!(f, "{cursor} fetched page {page}"),
        }
    }
}

/// Something that is open on the server until it is ended, with its number.
///
/// ```
/// use forwith_runtime::mock::Thing;
///
/// assert_eq!(Thing::Cursor(2).to_string(), "cursor 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Thing {
    /// A connection.
    Connection(u32),
    /// A transaction.
    Transaction(u32),
    /// A cursor on a container.
    Cursor(u32),
}

impl Thing {
    /// What it is called in a timeline.
    pub(super) fn name(self) -> &'static str {
        match self {
            Thing::Connection(_) => "database",
            Thing::Transaction(_) => "transaction",
            Thing::Cursor(_) => "cursor",
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::Connection(number) => write!(f, "connection {number}"),
            Thing::Transaction(number) => write!(f, "transaction {number}"),
            Thing::Cursor(number) => write!(f, "cursor {number}"),
        }
    }
}

/// How something on the server was ended.
///
/// ```
/// use forwith_runtime::mock::End;
///
/// assert_eq!(End::RolledBack.to_string(), "rolled back");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// It was left in good order.
    Closed,
    /// The transaction took effect.
    Committed,
    /// The transaction had no effect.
    RolledBack,
    /// It was dropped without an exit, or its exit did not get through. A transaction had no effect.
    Abandoned,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            End::Closed => "closed",
            End::Committed => "committed",
            End::RolledBack => "rolled back",
            End::Abandoned => "abandoned",
        })
    }
}

/// What an audit of a server's log found wrong.
///
/// ```
/// use forwith::{AsyncEnter, AsyncExit, Outcome};
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Database, Latency};
///
/// let database = Database::new().with_latency(Latency::None);
/// block_on(async {
///     let db = database.connect("mock://db.somedomain.net").enter().await.unwrap();
///     let audit = database.audit().unwrap_err();
///     assert_eq!(audit.to_string(), "connection 1 was opened 1 times and ended 0 times");
///     db.exit(Outcome::Completed).await.unwrap();
/// });
/// assert_eq!(database.audit(), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    findings: Vec<String>,
}

impl Audit {
    /// Passes when everything that was opened was ended once.
    pub(super) fn of(log: &[Entry]) -> Result<(), Audit> {
        let counts = counts(log).into_iter();
        let wrong = counts.filter(|&(_, count)| count != (1, 1));
        let findings: Vec<_> = wrong.map(|(thing, count)| finding(thing, count)).collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(Audit { findings })
        }
    }
}

/// How often each thing was opened and ended.
fn counts(log: &[Entry]) -> BTreeMap<Thing, (u32, u32)> {
    let mut counts = BTreeMap::<_, (u32, u32)>::new();
    for entry in log {
        match entry.what {
            What::Opened(thing) => counts.entry(thing).or_default().0 += 1,
            What::Ended(thing, _) => counts.entry(thing).or_default().1 += 1,
            _ => {}
        }
    }
    counts
}

fn finding(thing: Thing, (opened, ended): (u32, u32)) -> String {
    format!("{thing} was opened {opened} times and ended {ended} times")
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.findings.join("; "))
    }
}

impl std::error::Error for Audit {}
