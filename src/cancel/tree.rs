//! What the members of one region share, wherever they are.
//!
//! A member joins and leaves where its parent is polled, so they count each other in their nodes,
//! without a lock. The lock here is for the rest: members that leave from elsewhere, wakers that
//! only they have, and those that listen.

use core::mem;
use core::task::{Poll, Waker};
use std::boxed::Box;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::kept_panic::KeptPanic;
use crate::util::panic;
use crate::util::sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering};
use crate::util::waiters::{Ticket, Waiters, wake};

/// The number of a node. No other node of its tree has it as long as somebody may ask for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(usize);

impl Id {
    /// No node.
    pub(super) const NONE: Id = Id(0);
}

/// What the members of one region share.
pub(crate) struct Tree {
    cancelled: AtomicBool,
    last_id: AtomicUsize,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The waker of the root's first member, which many others have, too. It is let go when no
    /// member is left, or it would keep the task that it belongs to.
    first: Option<Waker>,
    /// Those of members with another waker, and of those that wait for their turn to end.
    members: Waiters,
    /// Those that wait for the cancellation in an exit.
    accepting: Waiters,
    /// Those that have left from elsewhere. Most trees have none.
    elsewhere: Option<Box<Elsewhere>>,
    /// The first panic of an exit that the cancellation began. It resumes when all exits have
    /// ended.
    panic: Option<KeptPanic>,
}

/// What has left from elsewhere than its parent.
#[derive(Default)]
struct Elsewhere {
    /// How many members have left below a node that has not looked since.
    departed: BTreeMap<Id, u64>,
    /// Nodes that have left before the last member below them.
    ghosts: BTreeMap<Id, Ghost>,
}

/// A node without a member, which its parent counts as long as somebody is below it.
struct Ghost {
    parent: Id,
    children: u64,
}

impl Tree {
    /// A tree without members.
    pub(super) fn new() -> Self {
        Tree {
            cancelled: AtomicBool::new(false),
            last_id: AtomicUsize::new(Id::NONE.0),
            shared: Mutex::default(),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new number.
    pub(super) fn next_id(&self) -> Id {
        Id(self.last_id.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Keeps the waker of a member, which the cancellation wakes.
    pub(super) fn register(&self, ticket: &mut Ticket, waker: Waker) {
        let old = self.shared().members.set(ticket, waker);
        panic::contain(|| drop(old));
    }

    /// Keeps the waker of the first member, or none.
    pub(super) fn set_first(&self, first: Option<Waker>) {
        let old = mem::replace(&mut self.shared().first, first);
        panic::contain(|| drop(old));
    }

    /// Forgets the waker of a member.
    pub(super) fn unregister(&self, ticket: &mut Ticket) {
        let old = self.shared().members.remove(ticket);
        panic::contain(|| drop(old));
    }

    /// Removes a node from below its parent. If the region is cancelled, it wakes those that wait
    /// for their turn to end.
    pub(super) fn leave(&self, id: Id, parent: Id, children: u64) {
        let mut shared = self.shared();
        let remaining = children - shared.take_departed(id);
        if remaining > 0 {
            let ghost = Ghost {
                parent,
                children: remaining,
            };
            shared.elsewhere().ghosts.insert(id, ghost);
        } else {
            shared.elsewhere().depart(parent);
        }
        let waiting = self.is_cancelled().then(|| shared.members.take());
        drop(shared);
        wake(waiting.into_iter().flatten());
    }

    /// Takes the number of those that have left from elsewhere below this node since the last look.
    pub(super) fn take_departed(&self, id: Id) -> u64 {
        self.shared().take_departed(id)
    }

    /// Cancels the region: its members end, the innermost first. Who polls the region polls it
    /// again.
    pub(super) fn cancel(&self) {
        let mut shared = self.shared();
        self.cancelled.store(true, Ordering::Relaxed);
        let members = shared.members.take();
        let accepting = shared.accepting.take();
        let first = shared.first.take();
        drop(shared);
        wake(first.into_iter().chain(members).chain(accepting));
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Ready when the region is cancelled. Until then the waker is woken when it is.
    pub(super) fn poll_cancelled(&self, ticket: &mut Ticket, waker: &Waker) -> Poll<()> {
        let waker = waker.clone();
        let mut shared = self.shared();
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        let old = shared.accepting.set(ticket, waker);
        drop(shared);
        drop(old);
        Poll::Pending
    }

    /// Forgets the waker of a ticket.
    pub(super) fn remove_waiter(&self, ticket: &mut Ticket) {
        let old = self.shared().accepting.remove(ticket);
        drop(old);
    }

    /// Keeps a panic until the region has ended, if it is the first. Gives back any other.
    pub(super) fn keep_panic(&self, panic: KeptPanic) -> Option<KeptPanic> {
        let mut shared = self.shared();
        if shared.panic.is_some() {
            return Some(panic);
        }
        shared.panic = Some(panic);
        None
    }

    pub(super) fn take_panic(&self) -> Option<KeptPanic> {
        self.shared().panic.take()
    }

    /// Whether it knows of nobody.
    #[cfg(all(test, forwith_loom))]
    pub(super) fn is_empty(&self) -> bool {
        let shared = self.shared();
        let elsewhere = shared.elsewhere.as_ref();
        elsewhere.is_none_or(|known| known.departed.is_empty() && known.ghosts.is_empty())
    }
}

impl Shared {
    fn elsewhere(&mut self) -> &mut Elsewhere {
        self.elsewhere.get_or_insert_default()
    }

    fn take_departed(&mut self, id: Id) -> u64 {
        let known = self.elsewhere.as_mut();
        known.map_or(0, |known| known.departed.remove(&id).unwrap_or(0))
    }
}

impl Elsewhere {
    /// Says that somebody has left below this node, and removes ghosts that nobody is left below.
    fn depart(&mut self, mut parent: Id) {
        while let Some(ghost) = self.ghosts.get_mut(&parent) {
            ghost.children -= 1;
            if ghost.children > 0 {
                return;
            }
            let above = ghost.parent;
            self.ghosts.remove(&parent);
            parent = above;
        }
        *self.departed.entry(parent).or_insert(0) += 1;
    }
}
