//! A waker that is told when the region around is cancelled.

use core::task::Waker;

use super::current::{self, Kind};
use super::until_cancelled::Waiting;

/// Wakes a waker as soon as the region around is cancelled, for what is not polled then: the tasks
/// of a group whose body waits in a shield.
///
/// It stops to listen when it is dropped.
pub(crate) struct Listener {
    _waiting: Waiting,
}

impl Listener {
    /// Listens to the region that this code runs in. There is none where no cancellation arrives:
    /// outside of regions, in shields and in exits. In a region that is cancelled it wakes at once.
    pub(crate) fn new(waker: &Waker) -> Option<Self> {
        let mut tree = None;
        current::peek(|around| {
            around.root_if_bare();
            if around.kind == Kind::Inside {
                tree = around.node.as_ref().map(|node| node.tree.clone());
            }
            false
        });
        let mut waiting = None;
        if Waiting::poll(&mut waiting, tree?, waker).is_ready() {
            waker.wake_by_ref();
        }
        let waiting = waiting?;
        Some(Listener { _waiting: waiting })
    }
}
