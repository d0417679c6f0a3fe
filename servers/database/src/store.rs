//! What the story asks of a database. Both of them give it.

use std::collections::VecDeque;

use forwith::OutlivesDrop;
use forwith_example_database::{Error, Pair};
use futures_util::Stream;
use futures_util::stream::try_unfold;

use crate::scheduler::Scheduler;

/// How many pairs are fetched at once.
pub const PAGE: usize = 6;

/// Where the database is.
pub trait Store: Send + Sync + 'static {
    type Session: Session;

    /// Connects, and begins a session.
    fn connect(&self) -> impl Future<Output = Result<Self::Session, Error>> + Send;
}

/// A connection; its exit stores all that was written, or nothing of it.
// With `OutlivesDrop` in place of `AsyncExit` the compiler knows that the exit is `Send`, so the
// story can be spawned on tokio, whatever the store.
pub trait Session: OutlivesDrop<Error = Error> + Sync {
    type Client: Client;
    type Transaction: Transaction;

    /// A handle to the session, for another task.
    fn client(&self) -> Self::Client;

    /// Begins a transaction inside of the session.
    fn begin(&mut self) -> impl Future<Output = Result<Self::Transaction, Error>> + Send;
}

/// A handle to a session. When the session has ended, its requests fail.
pub trait Client: Clone + Send + Sync + 'static {
    fn set_key(&self, key: &str, value: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// The first pairs with a greater key, at most [`PAGE`] of them, in the order of their keys.
    fn page(&self, key: &str) -> impl Future<Output = Result<Vec<Pair>, Error>> + Send;
}

/// A transaction; its exit writes all of it, or nothing.
pub trait Transaction: OutlivesDrop<Error = Error> {
    fn set_key(&mut self, key: &str, value: &str)
    -> impl Future<Output = Result<(), Error>> + Send;
}

/// All pairs, in the order of their keys, fetched page by page.
pub fn items<C: Client>(
    client: C,
    scheduler: impl Scheduler,
) -> impl Stream<Item = Result<Pair, Error>> + Send {
    let begin = (VecDeque::<Pair>::new(), Some(String::new()));
    try_unfold(begin, move |(mut page, mut next)| {
        let client = client.clone();
        async move {
            if let Some(key) = next.take_if(|_| page.is_empty()) {
                page = client.page(&key).await?.into();
                scheduler.note(format!("fetched {} pairs", page.len()));
                let last = page.back().filter(|_| page.len() == PAGE);
                next = last.map(|(key, _)| key.clone());
            }
            Ok(page.pop_front().map(|pair| (pair, (page, next))))
        }
    })
}
