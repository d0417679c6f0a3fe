//! What all requests and tasks of a server share: the signals, and who runs.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use forwith::CancelToken;
use http::Method;
use http::uri::PathAndQuery;
use slab::Slab;
use tokio::sync::Notify;

use crate::reason::Reason;

/// The state of a [`Tracker`](crate::Tracker).
#[derive(Debug)]
pub(crate) struct Shared {
    /// The server is to accept nothing new.
    pub(crate) closing: CancelToken,
    /// What runs is to be cancelled.
    pub(crate) cancelling: CancelToken<Reason>,
    /// The exits have had their time.
    pub(crate) dropping: CancelToken,
    running: AtomicUsize,
    /// Whether a shutdown waits until nothing runs.
    is_awaited: AtomicBool,
    nothing_runs: Notify,
    /// Those that have waited at least once: what ends at once needs no name.
    names: Mutex<Slab<Name>>,
}

/// What a shutdown calls something that remains.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    Request(Method, Option<PathAndQuery>),
    Task(&'static str),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Without the query, which may hold secrets.
            Name::Request(method, path) => {
                write!(
                    f,
                    "{method} {}",
                    path.as_ref().map_or("*", PathAndQuery::path)
                )
            }
            Name::Task(name) => f.write_str(name),
        }
    }
}

impl Shared {
    pub(crate) fn new() -> Self {
        Shared {
            closing: CancelToken::new(),
            cancelling: CancelToken::with_reasons(),
            dropping: CancelToken::new(),
            running: AtomicUsize::new(0),
            is_awaited: AtomicBool::new(false),
            nothing_runs: Notify::new(),
            names: Mutex::default(),
        }
    }

    /// Counts one more that runs.
    #[inline]
    pub(crate) fn begin_one(&self) {
        self.running.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts one less, and tells whoever waits for the last one.
    #[inline]
    pub(crate) fn end_one(&self) {
        let before = self.running.fetch_sub(1, Ordering::SeqCst);
        if before == 1 && self.is_awaited.load(Ordering::SeqCst) {
            self.nothing_runs.notify_waiters();
        }
    }

    /// Keeps a name, and gives the key to it.
    pub(crate) fn add_name(&self, name: Name) -> usize {
        self.names().insert(name)
    }

    pub(crate) fn remove_name(&self, key: usize) {
        let name = self.names().try_remove(key);
        drop(name);
    }

    fn names(&self) -> MutexGuard<'_, Slab<Name>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of those that have waited and have not ended.
    pub(crate) fn running_names(&self) -> Vec<Name> {
        let names = self.names();
        names.iter().map(|(_, name)| name.clone()).collect()
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// Waits until nothing runs.
    pub(crate) async fn until_nothing_runs(&self) {
        // The one that ends last looks at this behind its decrement, so one of both sees the other.
        self.is_awaited.store(true, Ordering::SeqCst);
        loop {
            let notified = self.nothing_runs.notified();
            let mut notified = std::pin::pin!(notified);
            notified.as_mut().enable();
            if self.running() == 0 {
                return;
            }
            notified.await;
        }
    }
}
