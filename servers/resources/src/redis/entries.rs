//! Entries of a stream that a group reads, to be looped over.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use forwith::resource::OwnedEnter;
use forwith::{AsyncEnter, OwnedExit, OwnedOutcome, Source};
use redis::streams::{StreamId, StreamReadReply};
use redis::{Client, Cmd, RedisError, RedisResult, ToSingleRedisArg, cmd};

use super::connection::{HeldConnection, Open, connection};
use super::line::{Connect, LIMIT, Line, within};

/// Reads a stream as a consumer of a group, on a connection of its own.
///
/// The body gets [`Entries`], and loops over them. Each entry is a resource of a turn, and is
/// acknowledged when the turn completes.
///
/// # Errors
///
/// Those of the client.
///
/// # Cancel safety
///
/// It may be cancelled or dropped, and the connection is closed.
///
/// ```no_run
/// use forwith::{async_for, async_with};
/// use forwith_resources::redis::entries;
///
/// # async fn send(letter: String) -> redis::RedisResult<()> { Ok(()) }
/// async fn send_letters(client: &redis::Client) -> redis::RedisResult<()> {
///     async_with!(entries(client, "letters", "senders", "sender-1") as letters, {
///         async_for!(for letter in letters {
///             async_with!(letter as letter, {
///                 send(letter.get("text").unwrap_or_default()).await?;
///             })?;
///         })
///     })
/// }
/// ```
pub fn entries(
    client: &Client,
    stream: impl ToSingleRedisArg,
    group: impl ToSingleRedisArg,
    consumer: impl ToSingleRedisArg,
) -> ReadEntries {
    ReadEntries {
        open: connection(client),
        acks: line(client),
        names: Names {
            stream: stream.to_redis_args().concat(),
            group: group.to_redis_args().concat(),
        },
        consumer: consumer.to_redis_args().concat(),
        count: 1,
        limit: LIMIT,
    }
}

fn line<M>(client: &impl Connect<M>) -> Line {
    client.line()
}

/// An enter of a stream that a group reads, from [`entries`].
#[derive(Clone)]
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct ReadEntries {
    open: Open,
    acks: Line,
    names: Names,
    consumer: Vec<u8>,
    count: usize,
    limit: Duration,
}

#[derive(Clone)]
struct Names {
    stream: Vec<u8>,
    group: Vec<u8>,
}

impl Names {
    fn ack(&self, id: &str) -> Cmd {
        let mut ack = cmd("XACK");
        ack.arg(&self.stream).arg(&self.group).arg(id);
        ack
    }
}

impl ReadEntries {
    /// Reads so many entries ahead; otherwise that is one. Those that the loop has not come to stay
    /// pending.
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// Bounds each exit; otherwise that is 5 seconds.
    pub fn close_limit(mut self, limit: Duration) -> Self {
        self.open = self.open.close_limit(limit);
        self.limit = limit;
        self
    }

    async fn begin(mut self) -> RedisResult<Entries> {
        self.acks.open().await?;
        Ok(Entries {
            held: self.open.open().await?,
            acks: self.acks,
            names: self.names,
            consumer: self.consumer,
            count: self.count,
            limit: self.limit,
            ahead: VecDeque::new(),
            pending_behind: Some("0".into()),
            has_failed: false,
        })
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for ReadEntries {
    type Resource = Entries;

    fn enter(self) -> impl Future<Output = RedisResult<Entries>> {
        self.begin()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for ReadEntries {
    fn enter_owned(self) -> impl Future<Output = RedisResult<Entries>> + Send + 'static {
        self.begin()
    }
}

/// Entries of a stream, one after the other. Each is an [`Entry`], to be entered.
///
/// It is a resource of [`async_with!`](forwith::async_with), from [`entries`], and a
/// [`Source`] for [`async_for!`](forwith::async_for). It ends only behind an error.
///
/// First come the entries that are pending for this consumer: turns of an earlier loop that have
/// not completed, and entries whose reader was cut. Then come new ones, for which it waits. Each
/// comes at least once, and may come twice. What is pending for another consumer stays with it;
/// claim it with `XAUTOCLAIM`.
///
/// The exit closes the connection, as that of a [`HeldConnection`] does: behind the block the
/// server does not hand an entry to this reader any more.
///
/// # Cancel safety
///
/// A read that is dropped closes the connection, and the next one fails. An entry that was on its
/// way is pending, and comes first in the next loop. So `#[until(…)]` ends a loop well.
pub struct Entries {
    held: HeldConnection,
    acks: Line,
    names: Names,
    consumer: Vec<u8>,
    count: usize,
    limit: Duration,
    ahead: VecDeque<StreamId>,
    /// The id behind which pending ones are asked for. `None` when there are none any more.
    pending_behind: Option<String>,
    has_failed: bool,
}

impl Entries {
    async fn read(&mut self) -> RedisResult<StreamId> {
        loop {
            if let Some(entry) = self.ahead.pop_front() {
                return Ok(entry);
            }
            let read = self.read_command();
            let read: Option<StreamReadReply> = read.query_async(&mut self.held).await?;
            let keys = read.map(|read| read.keys).unwrap_or_default();
            let entries: Vec<_> = keys.into_iter().flat_map(|key| key.ids).collect();
            if self.pending_behind.is_some() {
                self.pending_behind = entries.last().map(|entry| entry.id.clone());
            }
            for entry in entries {
                if entry.map.is_empty() {
                    // It was deleted while it was pending.
                    let ack = self.names.ack(&entry.id);
                    ack.exec_async(&mut self.held).await?;
                } else {
                    self.ahead.push_back(entry);
                }
            }
        }
    }

    fn read_command(&self) -> Cmd {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(&self.names.group).arg(&self.consumer);
        read.arg("COUNT").arg(self.count);
        if self.pending_behind.is_none() {
            read.arg("BLOCK").arg(0);
        }
        read.arg("STREAMS").arg(&self.names.stream);
        read.arg(self.pending_behind.as_deref().unwrap_or(">"));
        read
    }
}

#[diagnostic::do_not_recommend]
impl Source for Entries {
    type Item<'a> = Entry;

    async fn next(&mut self) -> Option<Entry> {
        if self.has_failed {
            return None;
        }
        let read = self.read().await;
        self.has_failed = read.is_err();
        Some(Entry(read.map(|entry| HeldEntry {
            entry,
            acks: self.acks.clone(),
            names: self.names.clone(),
            limit: self.limit,
        })))
    }
}

#[diagnostic::do_not_recommend]
impl OwnedExit for Entries {
    type Error = RedisError;

    fn exit_owned(
        self,
        outcome: OwnedOutcome,
    ) -> impl Future<Output = Result<(), RedisError>> + Send + 'static {
        self.held.exit_owned(outcome)
    }
}

/// An entry, or the error of the read. [`async_with!`](forwith::async_with) enters it, and gives
/// the error.
#[must_use = "it is entered by `async_with!`, and otherwise stays pending"]
pub struct Entry(RedisResult<HeldEntry>);

#[diagnostic::do_not_recommend]
impl AsyncEnter for Entry {
    type Resource = HeldEntry;

    fn enter(self) -> impl Future<Output = RedisResult<HeldEntry>> {
        std::future::ready(self.0)
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for Entry {
    fn enter_owned(self) -> impl Future<Output = RedisResult<HeldEntry>> + Send + 'static {
        std::future::ready(self.0)
    }
}

/// An entry that is worked on. It derefs to the entry.
///
/// It is a resource of [`async_with!`](forwith::async_with), and [`Entries`] gives it.
///
/// | the body | the exit |
/// |---|---|
/// | completes | acknowledges the entry (`XACK`), and awaits the answer |
/// | fails, panics, is cancelled or dropped | leaves it pending, so that it comes again |
///
/// An acknowledgment that has begun goes on in the [reaper](forwith::reaper) when the future is
/// dropped. Several entries may be worked on at once, also in tasks.
///
/// # Errors
///
/// The exit fails if the server does not answer. Then the entry may come again.
pub struct HeldEntry {
    entry: StreamId,
    acks: Line,
    names: Names,
    limit: Duration,
}

#[diagnostic::do_not_recommend]
impl OwnedExit for HeldEntry {
    type Error = RedisError;

    async fn exit_owned(mut self, outcome: OwnedOutcome) -> Result<(), RedisError> {
        if !outcome.is_completed() {
            return Ok(());
        }
        let ack = self.names.ack(&self.entry.id);
        within(self.limit, async {
            match self.acks.ask(&ack).await {
                // It may be sent twice, on the next connection.
                Err(error) if error.is_connection_dropped() => self.acks.ask(&ack).await,
                acked => acked,
            }
        })
        .await
    }
}

impl Deref for HeldEntry {
    type Target = StreamId;

    fn deref(&self) -> &StreamId {
        &self.entry
    }
}

impl fmt::Debug for ReadEntries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadEntries").finish_non_exhaustive()
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry").field(&self.0).finish()
    }
}

impl fmt::Debug for HeldEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldEntry")
            .field("entry", &self.entry)
            .finish_non_exhaustive()
    }
}
