//! The server's log, and its audit.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// One line of a server's log.
///
/// ```
/// use forwith::AsyncEnter;
/// use forwith_runtime::block_on;
/// use forwith_runtime::mock::{Database, Ending, Event, Latency, Resource};
///
/// let database = Database::new().with_latency(Latency::None);
/// block_on(async { drop(database.connect("mock://db.somedomain.net").enter().await) });
///
/// let events: Vec<_> = database.log().into_iter().map(|entry| entry.event).collect();
/// let connection = Resource::Connection(1);
/// assert_eq!(events, [Event::Opened(connection), Event::Ended(connection, Ending::Abandoned)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The time, if a clock of this crate ran there. Other executors have none.
    pub at: Option<Duration>,
    /// The connection; a [`RemoteContainer`](super::RemoteContainer) of no database has none.
    pub connection: Option<u32>,
    /// The event.
    pub event: Event,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "{:>7.3}s  ", at.as_secs_f64())?;
        }
        if let Some(connection) = self.connection {
            write!(f, "connection {connection}: ")?;
        }
        write!(f, "{}", self.event)
    }
}

/// Something that happened on the server.
///
/// ```
/// use forwith_runtime::mock::{Ending, Event, Resource};
///
/// let event = Event::Ended(Resource::Transaction(1), Ending::RolledBack);
/// assert_eq!(event.to_string(), "transaction 1 rolled back");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A connection was refused.
    Refused,
    /// A handshake was dropped before it was done.
    HandshakeCut,
    /// A resource was opened, and must be ended.
    Opened(Resource),
    /// A resource was ended.
    Ended(Resource, Ending),
    /// A request was done.
    Requested(String),
    /// A request, or what else the text names, failed.
    Failed(String),
    /// A page was fetched.
    Fetched {
        /// The cursor.
        cursor: Resource,
        /// The number of the page, from 1.
        page: u32,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Refused => f.write_str("refused"),
            Event::HandshakeCut => f.write_str("handshake cut"),
            // The entry says already which connection it is.
            Event::Opened(Resource::Connection(_)) => f.write_str("opened"),
            Event::Ended(Resource::Connection(_), ending) => write!(f, "{ending}"),
            Event::Opened(resource) => write!(f, "{resource} opened"),
            Event::Ended(resource, ending) => write!(f, "{resource} {ending}"),
            Event::Requested(request) => f.write_str(request),
            Event::Failed(what) => write!(f, "{what} failed"),
            Event::Fetched { cursor, page } => write!(f, "{cursor} fetched page {page}"),
        }
    }
}

/// Something that is open on the server until it is ended, with its number.
///
/// ```
/// use forwith_runtime::mock::Resource;
///
/// assert_eq!(Resource::Cursor(2).to_string(), "cursor 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Resource {
    /// A connection.
    Connection(u32),
    /// A transaction.
    Transaction(u32),
    /// A cursor on a container.
    Cursor(u32),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Resource::Connection(number) => write!(f, "connection {number}"),
            Resource::Transaction(number) => write!(f, "transaction {number}"),
            Resource::Cursor(number) => write!(f, "cursor {number}"),
        }
    }
}

/// The way in which a [`Resource`] was ended.
///
/// ```
/// use forwith_runtime::mock::Ending;
///
/// assert_eq!(Ending::RolledBack.to_string(), "rolled back");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// It was exited.
    Closed,
    /// The transaction took effect.
    Committed,
    /// The transaction had no effect.
    RolledBack,
    /// It was dropped without an exit, or its exit failed. A transaction had no effect.
    Abandoned,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Closed => "closed",
            Ending::Committed => "committed",
            Ending::RolledBack => "rolled back",
            Ending::Abandoned => "abandoned",
        })
    }
}

/// The findings of an audit of a server's log.
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
    /// Checks that everything that was opened was ended once.
    pub(super) fn of(log: &[Entry]) -> Result<(), Audit> {
        let counts = counts(log).into_iter();
        let wrong = counts.filter(|&(_, count)| count != (1, 1));
        let findings: Vec<_> = wrong
            .map(|(resource, count)| finding(resource, count))
            .collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(Audit { findings })
        }
    }
}

/// Counts how often each resource was opened and ended.
fn counts(log: &[Entry]) -> BTreeMap<Resource, (u32, u32)> {
    let mut counts = BTreeMap::<_, (u32, u32)>::new();
    for entry in log {
        match entry.event {
            Event::Opened(resource) => counts.entry(resource).or_default().0 += 1,
            Event::Ended(resource, _) => counts.entry(resource).or_default().1 += 1,
            _ => {}
        }
    }
    counts
}

fn finding(resource: Resource, (opened, ended): (u32, u32)) -> String {
    format!("{resource} was opened {opened} times and ended {ended} times")
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.findings.join("; "))
    }
}

impl std::error::Error for Audit {}
