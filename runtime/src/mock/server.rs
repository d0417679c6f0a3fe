//! The pretend server: what it stores, what is open on it, and its log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Audit, Ending, Entry, Error, Event, Fault, Resource};
use crate::time;

/// The stored pairs.
pub(super) type Data = BTreeMap<String, String>;

/// A server, shared by its connections. Its lock is never held across an await.
#[derive(Debug, Default)]
pub(super) struct Server {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    data: Data,
    log: Vec<Entry>,
    faults: Vec<Fault>,
    /// The open resources, each with its connection.
    open: BTreeMap<Resource, Option<u32>>,
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

    pub(super) fn record(&self, connection: Option<u32>, event: Event) {
        self.lock().record(connection, event);
    }

    /// Takes this fault, and tells whether it was injected.
    pub(super) fn take_fault(&self, fault: Fault) -> bool {
        self.lock().take_fault(fault)
    }

    /// # Panics
    ///
    /// Panics if [`Fault::PanicInExit`] was injected.
    pub(super) fn panic_in_exit(&self) {
        assert!(
            !self.take_fault(Fault::PanicInExit),
            "a panic in an exit, as injected"
        );
    }

    /// Returns the number of a new connection.
    pub(super) fn next_connection(&self) -> u32 {
        count(&mut self.lock().connections)
    }

    /// Does a request, unless the connection is closed or a fault was injected.
    pub(super) fn request<R>(
        &self,
        connection: u32,
        what: String,
        work: impl FnOnce(&mut Data) -> R,
    ) -> Result<R, Error> {
        let mut state = self.lock();
        state.check(Some(connection))?;
        if state.take_request_fault() {
            state.record(Some(connection), Event::Failed(what.clone()));
            return Err(Error::Request(what));
        }
        state.record(Some(connection), Event::Requested(what));
        Ok(work(&mut state.data))
    }

    /// Hands out a page, unless the connection is closed or the page is to fail.
    pub(super) fn fetch(
        &self,
        connection: Option<u32>,
        cursor: Resource,
        page: u32,
        fails: bool,
    ) -> Result<(), Error> {
        let mut state = self.lock();
        state.check(connection)?;
        if state.take_fault(Fault::FailPage(page)) || fails {
            state.record(
                connection,
                Event::Failed(format!("page {page} of {cursor}")),
            );
            return Err(Error::Page(page));
        }
        state.record(connection, Event::Fetched { cursor, page });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record(&mut self, connection: Option<u32>, event: Event) {
        let at = time::try_now();
        self.log.push(Entry {
            at,
            connection,
            event,
        });
    }

    fn take_fault(&mut self, fault: Fault) -> bool {
        let found = self.faults.iter().position(|&injected| injected == fault);
        found.map(|index| self.faults.remove(index)).is_some()
    }

    /// Counts down all faults of requests, and tells whether one is due now.
    fn take_request_fault(&mut self) -> bool {
        for fault in &mut self.faults {
            if let Fault::FailRequest(n) = fault {
                *n = n.saturating_sub(1);
            }
        }
        let before = self.faults.len();
        self.faults.retain(|fault| *fault != Fault::FailRequest(0));
        self.faults.len() < before
    }

    /// Fails if this connection is closed.
    fn check(&self, connection: Option<u32>) -> Result<(), Error> {
        match connection {
            Some(number) if !self.open.contains_key(&Resource::Connection(number)) => {
                Err(Error::Closed)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, connection: Option<u32>, resource: Resource) {
        self.open.insert(resource, connection);
        self.record(connection, Event::Opened(resource));
    }

    /// Ends a resource, and with a connection all that is open on it. Returns false if it has ended
    /// before.
    fn end(&mut self, resource: Resource, ending: Ending) -> bool {
        let Some(connection) = self.open.remove(&resource) else {
            return false;
        };
        if let Resource::Connection(_) = resource {
            self.end_all_on(connection);
        }
        self.record(connection, Event::Ended(resource, ending));
        true
    }

    fn end_all_on(&mut self, connection: Option<u32>) {
        let open = self.open.iter();
        let abandoned: Vec<_> = open
            .filter(|&(_, &on)| on == connection)
            .map(|(&resource, _)| resource)
            .collect();
        for resource in abandoned {
            self.end(resource, Ending::Abandoned);
        }
    }
}

/// Increments a counter.
fn count(counter: &mut u32) -> u32 {
    *counter += 1;
    *counter
}

/// The client's side of an open [`Resource`]. It is ended once: by [`end`](Ticket::end), or as
/// abandoned when this is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) server: Arc<Server>,
    pub(super) connection: Option<u32>,
    pub(super) resource: Resource,
}

impl Ticket {
    pub(super) fn connection(server: Arc<Server>, number: u32) -> Self {
        let resource = Resource::Connection(number);
        server.lock().open(Some(number), resource);
        Ticket {
            server,
            connection: Some(number),
            resource,
        }
    }

    pub(super) fn transaction(server: Arc<Server>, connection: u32) -> Result<Self, Error> {
        Ticket::open(server, Some(connection), |state| {
            Resource::Transaction(count(&mut state.transactions))
        })
    }

    pub(super) fn cursor(server: Arc<Server>, connection: Option<u32>) -> Result<Self, Error> {
        Ticket::open(server, connection, |state| {
            Resource::Cursor(count(&mut state.cursors))
        })
    }

    fn open(
        server: Arc<Server>,
        connection: Option<u32>,
        number: impl FnOnce(&mut State) -> Resource,
    ) -> Result<Self, Error> {
        let mut state = server.lock();
        state.check(connection)?;
        let resource = number(&mut state);
        state.open(connection, resource);
        drop(state);
        Ok(Ticket {
            server,
            connection,
            resource,
        })
    }

    /// Ends the resource in this way.
    ///
    /// # Errors
    ///
    /// Fails if it has ended already, together with its connection.
    pub(super) fn end(self, ending: Ending) -> Result<(), Error> {
        let ended = self.server.lock().end(self.resource, ending);
        if ended { Ok(()) } else { Err(Error::Closed) }
    }

    /// Ends a transaction and makes these changes.
    pub(super) fn commit(self, changes: BTreeMap<String, Option<String>>) -> Result<(), Error> {
        let mut state = self.server.lock();
        if !state.end(self.resource, Ending::Committed) {
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
        self.server.lock().end(self.resource, Ending::Abandoned);
    }
}
