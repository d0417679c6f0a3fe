//! Models of what threads share: loom tries every order in which they can meet.
//!
//! [`block_on`] sleeps until it is woken, so a lost wake-up is a deadlock, which loom reports. Loom
//! runs its threads on one thread of the system, which has one current node: at most one thread of
//! a model may poll members.

use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::boxed::Box;
use std::sync::Arc;
use std::task::Wake;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};

use super::node::Node;
use super::reports::keep_panic;
use super::scope::scope;
use super::shield::shield;
use super::token::CancelToken;
use super::tree::Tree;
use super::until_cancelled::{Waiting, until_cancelled};
use crate::{AsyncExit, Outcome};

/// Runs a model of three threads, in every order with at most four interruptions. Without that
/// bound it would take minutes.
pub(crate) fn model_of_three(threads: impl Fn() + Sync + Send + 'static) {
    let mut model = model::Builder::new();
    model.preemption_bound = Some(4);
    model.check(threads);
}

/// Counts how often it is woken.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Bell {
    pub(crate) fn rings(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

/// Polls once, with a waker that rings the bell.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F, bell: &Arc<Bell>) -> Poll<F::Output> {
    let waker = Waker::from(bell.clone());
    Pin::new(future).poll(&mut Context::from_waker(&waker))
}

mod token {
    use super::{Arc, Bell, CancelToken, block_on, model, model_of_three, poll_once, thread};

    #[test]
    fn a_waiter_is_woken_and_sees_the_cancel() {
        model(|| {
            let stop = CancelToken::new();
            let canceller = thread::spawn({
                let stop = stop.clone();
                move || stop.cancel()
            });
            block_on(stop.cancelled());
            assert!(stop.is_cancelled());
            canceller.join().unwrap();
        });
    }

    #[test]
    fn a_dropped_guard_wakes_a_waiter() {
        model(|| {
            let stop = CancelToken::new();
            let guard = stop.clone().drop_guard();
            let canceller = thread::spawn(move || drop(guard));
            block_on(stop.cancelled());
            assert!(stop.is_cancelled());
            canceller.join().unwrap();
        });
    }

    #[test]
    fn of_two_reasons_every_waiter_gets_the_first() {
        model_of_three(|| {
            let stop = CancelToken::with_reasons();
            let cancel = |reason: &'static str| {
                let stop = stop.clone();
                move || stop.cancel_with(reason)
            };
            let this = thread::spawn(cancel("this"));
            let other = thread::spawn(cancel("other"));
            let reason = block_on(stop.cancelled());
            let (this, other) = (this.join().unwrap(), other.join().unwrap());
            assert_ne!(this, other, "one was the first");
            assert_eq!(reason, if this { "this" } else { "other" });
            assert_eq!(stop.reason(), Some(&reason));
        });
    }

    #[test]
    fn all_waiters_are_woken() {
        model_of_three(|| {
            let stop = CancelToken::new();
            let other = thread::spawn({
                let stop = stop.clone();
                move || block_on(stop.cancelled())
            });
            let canceller = thread::spawn({
                let stop = stop.clone();
                move || stop.cancel()
            });
            block_on(stop.cancelled());
            other.join().unwrap();
            canceller.join().unwrap();
        });
    }

    #[test]
    #[allow(
        clippy::arc_with_non_send_sync,
        reason = "whether it is shared well is the question"
    )]
    fn writes_before_the_cancel_are_seen() {
        model(|| {
            let stop = CancelToken::new();
            let reason = Arc::new(loom::cell::UnsafeCell::new(0));
            let canceller = thread::spawn({
                let (stop, reason) = (stop.clone(), reason.clone());
                move || {
                    // Loom reports when the two overlap.
                    reason.with_mut(|_| ());
                    stop.cancel();
                }
            });
            if stop.is_cancelled() {
                reason.with(|_| ());
            }
            canceller.join().unwrap();
        });
    }

    #[test]
    fn no_waiter_is_woken_twice() {
        model(|| {
            let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
            let mut waiting = stop.cancelled();
            assert!(poll_once(&mut waiting, &bell).is_pending());
            let canceller = thread::spawn({
                let stop = stop.clone();
                move || stop.cancel()
            });
            stop.cancel();
            canceller.join().unwrap();
            assert_eq!(bell.rings(), 1);
        });
    }

    #[test]
    fn a_second_poll_without_the_lock_loses_nothing() {
        model(|| {
            let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
            let mut waiting = stop.cancelled();
            assert!(poll_once(&mut waiting, &bell).is_pending());
            let canceller = thread::spawn({
                let stop = stop.clone();
                move || stop.cancel()
            });
            // The waker is known, so this looks at the token alone.
            let polled = poll_once(&mut waiting, &bell);
            canceller.join().unwrap();
            assert_eq!(bell.rings(), 1, "the waker of the first poll was there");
            assert!(polled.is_ready() || poll_once(&mut waiting, &bell).is_ready());
        });
    }

    #[test]
    fn a_dropped_waiter_leaves_no_waker() {
        model(|| {
            let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
            let mut waiting = stop.cancelled();
            let polled = thread::spawn({
                let bell = bell.clone();
                move || {
                    let polled = poll_once(&mut waiting, &bell);
                    drop(waiting);
                    polled
                }
            });
            stop.cancel();
            let polled = polled.join().unwrap();
            assert!(bell.rings() <= usize::from(polled.is_pending()));
            assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
        });
    }

    #[test]
    fn a_waiter_that_gives_up_leaves_no_waker() {
        model(|| {
            let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
            let wait = |mut waiting, bell| move || poll_once(&mut waiting, &bell).is_pending();
            let other = thread::spawn(wait(stop.cancelled(), bell.clone()));
            assert!(wait(stop.cancelled(), bell.clone())());
            assert!(other.join().unwrap());
            assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
        });
    }

    #[test]
    fn a_moved_waiter_is_woken_where_it_is() {
        model(|| {
            let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
            let mut waiting = stop.cancelled();
            assert!(poll_once(&mut waiting, &bell).is_pending());
            let canceller = thread::spawn({
                let stop = stop.clone();
                move || stop.cancel()
            });
            block_on(waiting);
            canceller.join().unwrap();
        });
    }
}

/// Waits until it is the turn of a member that was moved, or of a root, to end.
async fn turn(node: &mut Node) {
    poll_fn(|cx| {
        node.set_waker_elsewhere(cx.waker());
        node.poll_turn(cx.waker())
    })
    .await;
}

mod tree {
    use super::{Arc, Bell, Box, Node, Tree, Waiting, Waker, keep_panic};
    use super::{block_on, model, model_of_three, poll_fn, thread, turn};

    /// Cancels the region from another thread.
    fn cancel(root: &Node) -> thread::JoinHandle<()> {
        let tree = root.tree.clone();
        thread::spawn(move || tree.cancel())
    }

    /// Lets a member leave on another thread.
    fn leave(member: Box<Node>) -> thread::JoinHandle<()> {
        thread::spawn(move || member.leave())
    }

    #[test]
    fn a_moved_member_is_woken_for_its_turn() {
        model(|| {
            let mut root = Node::root();
            let mut member = root.child();
            let canceller = cancel(&root);
            block_on(turn(&mut member));
            assert!(root.tree.is_cancelled());
            member.leave();
            block_on(turn(&mut root));
            canceller.join().unwrap();
        });
    }

    /// A body that was moved leaves its waker before it is polled, and looks again without the lock
    /// afterwards.
    #[test]
    fn a_look_without_the_lock_loses_nothing() {
        model(|| {
            let (mut root, bell) = (Node::root(), Arc::new(Bell::default()));
            let mut member = root.child();
            let canceller = cancel(&root);
            let waker = Waker::from(bell.clone());
            member.set_waker_elsewhere(&waker);
            let goes = member.poll_turn(&waker).is_ready() || member.poll_turn(&waker).is_ready();
            canceller.join().unwrap();
            assert!(goes || bell.rings() == 1, "it neither goes nor was woken");
            member.leave();
        });
    }

    #[test]
    fn a_listener_is_woken_and_leaves_no_waker() {
        model(|| {
            let (tree, bell) = (Arc::new(Tree::new()), Arc::new(Bell::default()));
            let canceller = thread::spawn({
                let tree = tree.clone();
                move || tree.cancel()
            });
            let waker = Waker::from(bell.clone());
            let mut dropped = None;
            let polled = Waiting::poll(&mut dropped, tree.clone(), &waker);
            drop((dropped, waker));
            let mut waiting = None;
            block_on(poll_fn(|cx| {
                Waiting::poll(&mut waiting, tree.clone(), cx.waker())
            }));
            canceller.join().unwrap();
            assert!(bell.rings() <= usize::from(polled.is_pending()));
            assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
        });
    }

    #[test]
    fn the_last_child_wakes_its_parent() {
        model_of_three(|| {
            let mut root = Node::root();
            let mut parent = root.child();
            let inside = [parent.child(), parent.child()];
            root.tree.cancel();
            let leaving = inside.map(leave);
            block_on(turn(&mut parent));
            parent.leave();
            block_on(turn(&mut root));
            assert!(root.tree.is_empty());
            for leaving in leaving {
                leaving.join().unwrap();
            }
        });
    }

    #[test]
    fn a_parent_that_leaves_first_blocks_nobody() {
        model_of_three(|| {
            let mut root = Node::root();
            let mut parent = root.child();
            let inside = parent.child();
            root.tree.cancel();
            let leaving = [parent, inside].map(leave);
            block_on(turn(&mut root));
            assert!(root.tree.is_empty());
            for leaving in leaving {
                leaving.join().unwrap();
            }
        });
    }

    #[test]
    fn a_late_member_ends_before_its_parent() {
        model_of_three(|| {
            let mut root = Node::root();
            let mut parent = root.child();
            let canceller = cancel(&root);
            let branch = thread::spawn(move || {
                let mut inside = parent.child();
                block_on(turn(&mut inside));
                inside.leave();
                block_on(turn(&mut parent));
                parent.leave();
            });
            block_on(turn(&mut root));
            assert!(root.tree.is_empty());
            branch.join().unwrap();
            canceller.join().unwrap();
        });
    }

    #[test]
    fn of_two_panics_one_is_kept() {
        model(|| {
            let tree = Arc::new(Tree::new());
            let keep = |name: &'static str| {
                let tree = tree.clone();
                move || {
                    let panic = keep_panic(name, Box::new(name));
                    tree.keep_panic(panic).is_none()
                }
            };
            let other = thread::spawn(keep("other"));
            let kept = keep("this")();
            assert_ne!(kept, other.join().unwrap());
            let first = tree.take_panic().unwrap().into_payload();
            let expected = if kept { "this" } else { "other" };
            assert_eq!(first.downcast_ref(), Some(&expected));
        });
    }
}

/// Counts its exits.
struct Resource(Arc<AtomicUsize>);

impl AsyncExit for Resource {
    type Error = ();

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), ()> {
        assert_eq!(outcome, Outcome::Cancelled);
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Stays in a resource forever.
async fn stays(exits: &Arc<AtomicUsize>) -> Result<(), ()> {
    crate::async_with!(async { Ok(Resource(exits.clone())) }, {
        core::future::pending().await
    })
}

#[test]
fn a_scope_is_stopped_by_another_thread() {
    model(|| {
        let (stop, exits) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
        let canceller = thread::spawn({
            let stop = stop.clone();
            move || stop.cancel()
        });
        let work = pin!(async {
            crate::async_with!(async { Ok(Resource(exits.clone())) }, {
                let branches = futures::future::join(stays(&exits), stays(&exits)).await;
                branches.0.and(branches.1)
            })
        });
        let before = stop.is_cancelled();
        assert!(block_on(scope(work, &stop)).is_err());
        let expected = if before { &[0][..] } else { &[0, 3] };
        assert!(expected.contains(&exits.load(Ordering::Relaxed)));
        canceller.join().unwrap();
    });
}

/// A resource that may stop its body.
struct Stops(CancelToken);

impl AsyncExit for Stops {
    type Error = ();

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), ()> {
        assert_eq!(outcome, Outcome::Cancelled);
        Err(())
    }

    fn body_stop(&self) -> Option<CancelToken> {
        Some(self.0.clone())
    }
}

#[test]
fn a_body_is_stopped_by_another_thread() {
    model(|| {
        let (stop, exits) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
        let canceller = thread::spawn({
            let stop = stop.clone();
            move || stop.cancel()
        });
        let ended = block_on(async {
            crate::async_with!(async { Ok(Stops(stop.clone())) }, {
                let branches = futures::future::join(stays(&exits), stays(&exits)).await;
                branches.0.and(branches.1)
            })
        });
        assert_eq!(ended, Err(()));
        let expected = if exits.load(Ordering::Relaxed) == 0 {
            0
        } else {
            2
        };
        assert_eq!(exits.load(Ordering::Relaxed), expected);
        canceller.join().unwrap();
    });
}

#[test]
fn a_body_that_is_polled_again_is_stopped_by_another_thread() {
    model(|| {
        let (stop, bell) = (CancelToken::new(), Arc::new(Bell::default()));
        let body = async {
            crate::async_with!(async { Ok(Stops(stop.clone())) }, {
                core::future::pending().await
            })
        };
        let mut work = Box::pin(scope(body, core::future::pending::<()>()));
        assert!(poll_once(&mut work, &bell).is_pending());
        let canceller = thread::spawn({
            let stop = stop.clone();
            move || stop.cancel()
        });
        // The waker is known, so this looks at flags alone.
        let polled = poll_once(&mut work, &bell);
        canceller.join().unwrap();
        assert_eq!(bell.rings(), 1, "the waker of the first poll was there");
        let ended = match polled {
            Poll::Ready(ended) => Poll::Ready(ended),
            Poll::Pending => poll_once(&mut work, &bell),
        };
        let ended: Poll<Result<Result<(), ()>, _>> = ended;
        assert_eq!(ended, Poll::Ready(Ok(Err(()))));
    });
}

#[test]
fn an_open_shield_gives_way_to_another_thread() {
    model(|| {
        let stop = CancelToken::new();
        let canceller = thread::spawn({
            let stop = stop.clone();
            move || stop.cancel()
        });
        let part = scope(core::future::pending::<()>(), until_cancelled());
        let work = pin!(shield(part));
        // A scope that was stopped before its first poll does not begin.
        let ended = block_on(scope(work, &stop));
        assert!(ended.is_err() || ended.is_ok_and(|part| part.is_err()));
        canceller.join().unwrap();
    });
}
