//! The pretend server: what it stores, what is open on it, and its log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Audit, End, Entry, Error, Fault, Thing, What};
use crate::{time, timeline};

/// The pairs that are stored.
pub(super) type Data = BTreeMap<String, String>;

/// A server, shared by all that are connected to it. Its lock is never held across an await.
#[derive(Debug, Default)]
pub(super) struct Server {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    data: Data,
    log: Vec<Entry>,
    faults: Vec<Fault>,
    /// What is open, and on which connection.
    open: BTreeMap<Thing, Option<u32>>,
    connections: u32,
    transactions: u32,
    cursors: u32,
}

impl Server {
    pub(super) fn inject(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    pub(super) fn log(&self) -> Vec<Entry> {
        self.lock().log.clone()
    }

    pub(super) fn audit(&self) -> Result<(), Audit> {
        Audit::of(&self.lock().log)
    }

    pub(super) fn data(&self) -> Data {
        self.lock().data.clone()
    }

    pub(super) fn record(&self, connection: Option<u32>, what: What) {
        self.lock().record(connection, what);
    }

    /// Whether this fault was injected; then it is used up.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        self.lock().strikes(fault)
    }

    /// # Panics
    ///
    /// Panics if that was asked for by [`Fault::PanicInExit`].
    pub(super) fn panic_in_exit(&self) {
        assert!(
            !self.strikes(Fault::PanicInExit),
            "a panic in an exit, as injected"
        );
    }

    /// The number of a connection that is about to be made.
    pub(super) fn next_connection(&self) -> u32 {
        count(&mut self.lock().connections)
    }

    /// Does a request, unless the connection is closed or the request is to fail.
    pub(super) fn request<R>(
        &self,
        connection: u32,
        what: String,
        work: impl FnOnce(&mut Data) -> R,
    ) -> Result<R, Error> {
        let mut state = self.lock();
        state.check(Some(connection))?;
        if state.request_is_to_fail() {
            state.record(Some(connection), What::Failed(what.clone()));
            return Err(Error::Request(what));
        }
        state.record(Some(connection), What::Requested(what));
        Ok(work(&mut state.data))
    }

    /// Hands out a page, unless it is to fail.
    pub(super) fn fetch(
        &self,
        connection: Option<u32>,
        cursor: Thing,
        page: u32,
        fails: bool,
    ) -> Result<(), Error> {
        let mut state = self.lock();
        state.check(connection)?;
        if state.strikes(Fault::FailPage(page)) || fails {
            state.record(connection, What::Failed(format!("page {page} of {cursor}")));
            return Err(Error::Page(page));
        }
        state.record(connection, What::Fetched { cursor, page });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record(&mut self, connection: Option<u32>, what: What) {
        let at = time::try_now();
        self.log.push(Entry {
            at,
            connection,
            what,
        });
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        let found = self.faults.iter().position(|&injected| injected == fault);
        found.map(|index| self.faults.remove(index)).is_some()
    }

    /// Brings every failure of a request one request nearer.
    fn request_is_to_fail(&mut self) -> bool {
        for fault in &mut self.faults {
            if let Fault::FailRequest(n) = fault {
                *n = n.saturating_sub(1);
            }
        }
        let before = self.faults.len();
        self.faults.retain(|fault| *fault != Fault::FailRequest(0));
        self.faults.len() < before
    }

    /// Fails if there was a connection and it is open no more.
    fn check(&self, connection: Option<u32>) -> Result<(), Error> {
        match connection {
            Some(number) if !self.open.contains_key(&Thing::Connection(number)) => {
                Err(Error::Closed)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, connection: Option<u32>, thing: Thing) {
        self.open.insert(thing, connection);
        self.record(connection, What::Opened(thing));
    }

    /// Ends what is open, and with a connection all that was opened on it.
    fn end(&mut self, thing: Thing, end: End) -> bool {
        let Some(connection) = self.open.remove(&thing) else {
            return false;
        };
        if let Thing::Connection(_) = thing {
            self.end_all_on(connection);
        }
        self.record(connection, What::Ended(thing, end));
        true
    }

    fn end_all_on(&mut self, connection: Option<u32>) {
        let open = self.open.iter();
        let left: Vec<_> = open
            .filter(|&(_, &on)| on == connection)
            .map(|(&thing, _)| thing)
            .collect();
        for thing in left {
            self.end(thing, End::Abandoned);
        }
    }
}

/// Counts one further.
fn count(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter
}

/// Something that is open on the server. It is ended once: by [`end`](Ticket::end), or else, when it
/// is dropped, as abandoned.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) server: Arc<Server>,
    pub(super) connection: Option<u32>,
    pub(super) thing: Thing,
}

impl Ticket {
    pub(super) fn connection(server: Arc<Server>, number: u32) -> Self {
        let thing = Thing::Connection(number);
        server.lock().open(Some(number), thing);
        Ticket {
            server,
            connection: Some(number),
            thing,
        }
    }

    pub(super) fn transaction(server: Arc<Server>, connection: u32) -> Result<Self, Error> {
        Ticket::open(server, Some(connection), |state| {
            Thing::Transaction(count(&mut state.transactions))
        })
    }

    pub(super) fn cursor(server: Arc<Server>, connection: Option<u32>) -> Result<Self, Error> {
        Ticket::open(server, connection, |state| {
            Thing::Cursor(count(&mut state.cursors))
        })
    }

    fn open(
        server: Arc<Server>,
        connection: Option<u32>,
        number: impl FnOnce(&mut State) -> Thing,
    ) -> Result<Self, Error> {
        let mut state = server.lock();
        state.check(connection)?;
        let thing = number(&mut state);
        state.open(connection, thing);
        drop(state);
        Ok(Ticket {
            server,
            connection,
            thing,
        })
    }

    /// Ends it in this way.
    ///
    /// # Errors
    ///
    /// Fails if it has gone already, together with its connection.
    pub(super) fn end(self, end: End) -> Result<(), Error> {
        let ended = self.server.lock().end(self.thing, end);
        if ended { Ok(()) } else { Err(Error::Closed) }
    }

    /// Ends a transaction by making these changes.
    pub(super) fn commit(self, changes: BTreeMap<String, Option<String>>) -> Result<(), Error> {
        let mut state = self.server.lock();
        if !state.end(self.thing, End::Committed) {
            return Err(Error::Closed);
        }
        for (key, value) in changes {
            match value {
                Some(value) => state.data.insert(key, value),
                None => state.data.remove(&key),
            };
        }
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let abandoned = self.server.lock().end(self.thing, End::Abandoned);
        if abandoned {
            timeline::abandoned(self.thing.name());
        }
    }
}
