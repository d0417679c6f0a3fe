//! Who is inside a scope: a tree of members, kept in one table under one lock.
//!
//! A scope is polled by one task, so the lock is free but for the rare future that is moved to another thread. Wakers
//! and their destructors are strangers' code, and run outside it.

use slab::Slab;
use std::sync::PoisonError;
use std::vec::Vec;

use super::kept_panic::KeptPanic;
use crate::util::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, wake};
use core::task::Waker;

/// The number of a member.
pub(super) type Id = u32;

/// The scope itself.
pub(super) const ROOT: Id = 0;

/// The members of one scope.
pub(crate) struct Tree {
    /// Set under the lock, and a look under it is exact; one that needs none may come too early.
    cancelled: AtomicBool,
    table: Mutex<Table>,
}

struct Table {
    members: Slab<Member>,
    /// Those who wait for the cancellation in an exit.
    accepting: Waiters,
    /// The first panic of an exit that a cancellation had begun; it resumes when all exits have ended.
    panic: Option<KeptPanic>,
}

/// A scope, a body or an exit: what has to be awaited when the scope is cancelled.
struct Member {
    parent: Id,
    /// How many members have this one as their parent.
    inside: u32,
    /// Whether its owner is gone. Its entry stays for as long as others are inside.
    left: bool,
    /// Wakes its owner, who is to see that it must go.
    waker: Option<Waker>,
}

impl Member {
    fn new(parent: Id, waker: Option<Waker>) -> Self {
        Member {
            parent,
            inside: 0,
            left: false,
            waker,
        }
    }

    /// Nobody waits for this one to do what is left to do, and nobody is inside.
    fn is_over(&self) -> bool {
        self.left && self.inside == 0
    }
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut members = Slab::new();
        members.insert(Member::new(ROOT, None));
        Tree {
            cancelled: AtomicBool::new(false),
            table: Mutex::new(Table {
                members,
                accepting: Waiters::default(),
                panic: None,
            }),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a member. The waker is that of one which can be told to go.
    pub(super) fn join(&self, parent: Id, waker: Option<Waker>) -> Id {
        self.table().join(parent, waker)
    }

    /// Takes a member out, and wakes its parent if that was what it waited for.
    pub(super) fn leave(&self, id: Id) {
        let mut table = self.table();
        let member = &mut table.members[id as usize];
        member.left = true;
        let own = member.waker.take();
        let next = table.clear_from(id);
        let must_go = self.is_cancelled() && next.inside == 0;
        let waker = next.waker.take_if(|_| must_go);
        drop(table);
        drop(own);
        if waker.is_some() {
            wake(waker);
        }
    }

    /// Tells the members to go, from the innermost on.
    pub(super) fn cancel(&self) {
        let mut table = self.table();
        // Who polls a member on another thread than this one is woken, and looks again then.
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

    /// Whether the member must go: the scope is cancelled, and nobody is inside the member any more. Until then, its
    /// waker is woken when that changes.
    pub(super) fn must_go(&self, id: Id, waker: Waker) -> bool {
        let mut table = self.table();
        let member = &mut table.members[id as usize];
        let old = member.waker.replace(waker);
        let must_go = self.is_cancelled() && member.inside == 0;
        drop(table);
        drop(old);
        must_go
    }

    /// Whether the scope is cancelled; until then, the waker is woken when it is.
    pub(super) fn wait_for_cancel(&self, ticket: &mut Ticket, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut table = self.table();
        if self.is_cancelled() {
            return true;
        }
        let old = table.accepting.wait(ticket, waker);
        drop(table);
        drop(old);
        false
    }

    /// Forgets the owner of the ticket.
    pub(super) fn give_up(&self, ticket: &mut Ticket) {
        let old = self.table().accepting.give_up(ticket);
        drop(old);
    }

    /// Keeps a panic until the scope has ended, if it is the first; otherwise gives it back.
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

    /// How many are in the table, the scope itself among them.
    #[cfg(all(test, forwith_loom))]
    pub(super) fn len(&self) -> usize {
        self.table().members.len()
    }
}

impl Table {
    fn join(&mut self, parent: Id, waker: Option<Waker>) -> Id {
        self.members[parent as usize].inside += 1;
        let id = self.members.insert(Member::new(parent, waker));
        Id::try_from(id).expect("a scope has less than 2³² members at once")
    }

    /// Removes the member and those above it, as far as they are over. The first that is not is given.
    fn clear_from(&mut self, mut id: Id) -> &mut Member {
        while self.members[id as usize].is_over() {
            id = self.members.remove(id as usize).parent;
            self.members[id as usize].inside -= 1;
        }
        &mut self.members[id as usize]
    }

    fn wakers_of_innermost(&mut self) -> Vec<Waker> {
        let members = self.members.iter_mut().map(|(_, member)| member);
        let innermost = members.filter(|member| member.inside == 0);
        innermost.filter_map(|member| member.waker.take()).collect()
    }
}
