//! The members of one region, in a table under one lock.
//!
//! A region is polled by one task, so the lock is free except for the rare future that has been
//! moved to another thread.

use core::task::{Poll, Waker};
use slab::Slab;
use std::sync::PoisonError;
use std::vec::Vec;

use super::kept_panic::KeptPanic;
use crate::util::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, wake};

/// The number of an entry.
pub(super) type Id = u32;

/// The region itself.
pub(super) const ROOT: Id = 0;

/// The members of one region.
pub(crate) struct Tree {
    /// Written under the table's lock. Reads under the lock are exact; others may be stale.
    cancelled: AtomicBool,
    table: Mutex<Table>,
}

struct Table {
    entries: Slab<Entry>,
    /// Those that wait for the cancellation in an exit.
    accepting: Waiters,
    /// The first panic of an exit that the cancellation began. It resumes when all exits have
    /// ended.
    panic: Option<KeptPanic>,
}

/// What has to end before the region does: the region itself, a body, an exit, an inner region.
struct Entry {
    parent: Id,
    /// The number of entries that have this one as their parent.
    children: u32,
    /// Whether its member has left. The entry remains as long as there are children.
    has_left: bool,
    /// Wakes its member when it is the member's turn to end.
    waker: Option<Waker>,
}

impl Entry {
    fn new(parent: Id, waker: Option<Waker>) -> Self {
        Entry {
            parent,
            children: 0,
            has_left: false,
            waker,
        }
    }

    /// Whether neither its member nor a child remains.
    fn is_over(&self) -> bool {
        self.has_left && self.children == 0
    }
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut entries = Slab::new();
        entries.insert(Entry::new(ROOT, None));
        Tree {
            cancelled: AtomicBool::new(false),
            table: Mutex::new(Table {
                entries,
                accepting: Waiters::default(),
                panic: None,
            }),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an entry. Only a member that can be cancelled has a waker.
    pub(super) fn join(&self, parent: Id, waker: Option<Waker>) -> Id {
        self.table().join(parent, waker)
    }

    /// Removes an entry, and wakes its parent if it waited for this one.
    pub(super) fn leave(&self, id: Id) {
        let mut table = self.table();
        let entry = &mut table.entries[id as usize];
        let (own, next) = if entry.children > 0 {
            entry.has_left = true;
            (entry.waker.take(), entry)
        } else {
            // In one step, since most members have no children.
            let entry = table.entries.remove(id as usize);
            table.entries[entry.parent as usize].children -= 1;
            (entry.waker, table.remove_from(entry.parent))
        };
        let is_its_turn = self.is_cancelled() && next.children == 0;
        let waker = next.waker.take_if(|_| is_its_turn);
        drop(table);
        drop(own);
        if waker.is_some() {
            wake(waker);
        }
    }

    /// Cancels the region: its members end, the innermost first.
    pub(super) fn cancel(&self) {
        let mut table = self.table();
        // Relaxed, because a member that is polled meanwhile is woken, and then looks again.
        self.cancelled.store(true, Ordering::Relaxed);
        let innermost = table.wakers_of_innermost();
        let accepting = table.accepting.take();
        drop(table);
        wake(innermost.into_iter().chain(accepting));
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Ready when it is the turn of this entry's member to end: the region is cancelled, and no
    /// child remains. Until then the waker is woken when that changes.
    pub(super) fn poll_turn(&self, id: Id, waker: Waker) -> Poll<()> {
        let mut table = self.table();
        let entry = &mut table.entries[id as usize];
        let old = entry.waker.replace(waker);
        let is_its_turn = self.is_cancelled() && entry.children == 0;
        drop(table);
        drop(old);
        if is_its_turn {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Ready when the region is cancelled. Until then the waker is woken when it is.
    pub(super) fn poll_cancelled(&self, ticket: &mut Ticket, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        let mut table = self.table();
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        let old = table.accepting.set(ticket, waker);
        drop(table);
        drop(old);
        Poll::Pending
    }

    /// Forgets the waker of a ticket.
    pub(super) fn remove_waiter(&self, ticket: &mut Ticket) {
        let old = self.table().accepting.remove(ticket);
        drop(old);
    }

    /// Keeps a panic until the region has ended, if it is the first. Gives back any other.
    pub(super) fn keep_panic(&self, panic: KeptPanic) -> Option<KeptPanic> {
        let mut table = self.table();
        if table.panic.is_some() {
            return Some(panic);
        }
        table.panic = Some(panic);
        None
    }

    pub(super) fn take_panic(&self) -> Option<KeptPanic> {
        self.table().panic.take()
    }

    /// The number of entries, the region itself among them.
    #[cfg(all(test, forwith_loom))]
    pub(super) fn len(&self) -> usize {
        self.table().entries.len()
    }
}

impl Table {
    fn join(&mut self, parent: Id, waker: Option<Waker>) -> Id {
        self.entries[parent as usize].children += 1;
        let id = self.entries.insert(Entry::new(parent, waker));
        Id::try_from(id).expect("a region has less than 2³² members at once")
    }

    /// Removes the entry and those above it, as far as they are over. Gives the first that is not.
    fn remove_from(&mut self, mut id: Id) -> &mut Entry {
        while self.entries[id as usize].is_over() {
            id = self.entries.remove(id as usize).parent;
            self.entries[id as usize].children -= 1;
        }
        &mut self.entries[id as usize]
    }

    fn wakers_of_innermost(&mut self) -> Vec<Waker> {
        let entries = self.entries.iter_mut().map(|(_, entry)| entry);
        let innermost = entries.filter(|entry| entry.children == 0);
        innermost.filter_map(|entry| entry.waker.take()).collect()
    }
}
