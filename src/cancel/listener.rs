//! A waker that is told when the region around is cancelled.

use core::task::Waker;
use std::sync::Arc;

use super::current::{self, Kind};
use super::tree::Tree;
use crate::util::waiters::Ticket;

/// Wakes a waker as soon as the region around is cancelled, for what is not polled then: the tasks
/// of a group whose body waits in a shield.
///
/// It stops to listen when it is dropped.
pub(crate) struct Listener {
    tree: Arc<Tree>,
    ticket: Ticket,
}

impl Listener {
    /// Listens to the region that this code runs in. There is none where no cancellation arrives:
    /// outside of regions, in shields and in exits. In a region that is cancelled it wakes at once.
    pub(crate) fn new(waker: &Waker) -> Option<Self> {
        let mut found = None;
        current::peek(|around| {
            around.root_if_bare();
            if around.kind == Kind::Inside {
                found = around.node.as_ref().map(|node| node.tree.clone());
            }
            false
        });
        let mut ticket = Ticket::default();
        let tree = found?;
        if tree.poll_cancelled(&mut ticket, waker).is_ready() {
            waker.wake_by_ref();
        }
        Some(Listener { tree, ticket })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.tree.remove_waiter(&mut self.ticket);
    }
}
