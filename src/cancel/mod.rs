//! Cancellation that awaits exits.
//!
//! A [`scope`] runs a future together with a stop. When the stop fires, every resource inside is
//! exited, innermost first, and only then the scope ends. [`race`], task groups and executors are
//! built on the same parts.
//!
//! # Which one to use
//!
//! | to | use |
//! |---|---|
//! | set a time limit | `scope(work, sleep(limit))` |
//! | move a limit, or ask it, while the work runs | `scope(work, &deadline)` with a [`Deadline`] |
//! | bound the exits, too | `scope(work, stop).grace(\|\| sleep(limit))` |
//! | stop from elsewhere | `scope(work, &token)`, and [`CancelToken::cancel`] on any thread |
//! | shut down on Ctrl-C | `scope(work, ctrl_c())` |
//! | know which stop it was | [`Cancelled::reason`], and [`CancelToken::cancel_with`] |
//! | take the first of several | `race((this, that)).await` |
//! | keep a few steps together | `shield(steps).await` |
//! | stop a body from its resource | [`AsyncExit::body_stop`](crate::AsyncExit::body_stop) |
//! | finish an enter | `async_with!(connect().shielded() as db, …)` |
//! | run tasks, all or nothing | a task group, such as [`on_tokio::TaskGroup`] |
//! | run tasks that fail one by one | [`on_tokio::TaskGroup::supervisor`] |
//! | ask, in an exit or a shield | [`is_cancelled()`] |
//! | end an exit early | [`accept_cancel()`] |
//! | open a shield for a part | `scope(part, until_cancelled())` in it: [`until_cancelled`] |
//! | hear of the exits that a cancellation began | [`Cancelled::exit_errors`] |
//!
//! # What a scope cannot do
//!
//! - A cancelled future cannot be resumed, unlike one in tokio's `timeout(limit, &mut future)`. If
//!   it was passed by reference and had entered something, it panics when it is polled again.
//! - A scope waits for what has been entered in it. A future that is kept but no longer polled,
//!   such as one given to `select!` by reference, holds it up; [`grace`](Scope::grace) bounds that.
//! - A scope cancels what is polled inside it. A spawned task is not: give it a scope of its own. A
//!   combinator that drops its branches, such as `select!`, may cut an exit that a cancellation has
//!   begun; [`race`] does not.
//!
//! # Terms
//!
//! - *Dropped*: a future is dropped by something that is no scope, such as a plain `select!` or an
//!   aborted task. Nothing in it can be awaited any more. A resource whose exit had not begun is
//!   then [*abandoned*](crate::AsyncExit::abandon), and an exit that ran is *cut*.
//! - *Cancelled*: a future is ended by its scope. Its exits are awaited.
//! - *Cancel safety*, in the documentation of a function: what is lost, and what is not, when its
//!   future is dropped or cancelled before its end.
//!
//! # How it works
//!
//! - `region.rs`: a *region* is a future that can be cancelled: the inside of a scope, of a branch
//!   of a race, of a task.
//! - `branch.rs`: *branches* are futures of one owner that may end one by one: the bodies of a
//!   concurrent loop. Each is a region, and they share one place in the region around.
//! - `node.rs`: a *node* is a place in the *tree* of a region: that of the region itself (the
//!   root), a body, an exit, a shield, an inner region. It counts the nodes below.
//! - `member.rs`: a *member* owns a node. It is kept in the future that the node stands for.
//! - `tree.rs`: what the nodes of a tree share, under a lock that is rarely needed.
//! - `link.rs`: a *link* is the place of a region in the one around. A body that its own resource
//!   may stop is a region, too.
//! - `listener.rs`: a *listener* is told when a region is cancelled, without being polled in it.
//! - `current.rs`: the *current* node is the one below which the code of a thread runs.
//!
//! ```text
//!   poll ──▶ Scope ── Region ──▶ Body ──▶ join! ─┬─▶ Body ──▶ …
//!               │ root              │ member     └─▶ Exiting, shielded
//!               ▼                   ▼                 │ member
//!              Tree:  root ◀────── parent ◀───────────┘        (nodes that count each other)
//! ```
//!
//! Each poll of a member makes its node the current one, polls, and sets back what was there. So a
//! member finds its parent through whatever combinators lie in between, and no macro passes it on.
//! A member joins the tree when it is first polled, and leaves when it has ended or is dropped.
//! Most do both while the parent is the current node, which then counts up and down without a lock.
//! A member that leaves from elsewhere tells the tree, where the parent finds it when it asks.
//!
//! When the stop fires, the tree is marked as cancelled, and who polls the region polls it once
//! more. A combinator may poll only what was woken. So a member that is polled with another waker
//! than its parent leaves that with the tree, which wakes it. A body that is polled when no node is
//! left below is dropped, and its exit begins. When the exit has ended, its member leaves, and the
//! exit stays pending until it is dropped; the parent looks at its count behind its poll. When only
//! the root remains, the region has ended.
//!
//! A body whose resource has a token to stop it ([`AsyncExit::body_stop`]) is the root of a tree of
//! its own. It looks at the token and at the region around before each poll, and cancels its tree
//! as a scope does. When it has been dropped, its member becomes a plain one of the region around,
//! to which the exit belongs.
//!
//! [`AsyncExit::body_stop`]: crate::AsyncExit::body_stop
//! [`Deadline`]: crate::executor::deadline::Deadline
//! [`on_tokio::TaskGroup`]: crate::on_tokio::TaskGroup
//! [`on_tokio::TaskGroup::supervisor`]: crate::on_tokio::TaskGroup::supervisor
//!
//! # Invariants
//!
//! 1. The variables of the thread are the same before and after each poll. Between polls they are
//!    empty, so that they need no destructor.
//! 2. A node is in one place: with its owner, or, while the owner is polled, in the variable, or in
//!    the node that is current there.
//! 3. A node counts those below it, until it has heard that they have left. One that leaves before
//!    them is counted on as a ghost.
//! 4. Before its poll returns `Pending`, a member that can be cancelled has its parent's waker, or
//!    has left its own with the tree. In a region that is cancelled, each that waits for its turn
//!    has left its own, and whoever leaves from elsewhere wakes them all.
//! 5. A member has a region of its own from its beginning until its body has been dropped, or
//!    never. Its node is no child of another one: what it follows lies beside, in its link.
//! 6. Wakers and destructors are the user's code. They run outside of the lock, and a panic of one
//!    keeps no other from running.

#[cfg(feature = "std")]
mod branch;
#[cfg(feature = "std")]
pub(crate) mod collect;
#[cfg(feature = "std")]
pub(crate) mod current;
pub(crate) mod kept_panic;
mod reports;
#[cfg(not(feature = "std"))]
mod without_std;

#[cfg(feature = "std")]
mod link;
#[cfg(feature = "std")]
mod listener;
#[cfg(all(test, feature = "std", forwith_loom))]
pub(crate) mod loom_models;
#[cfg(feature = "std")]
mod member;
#[cfg(feature = "std")]
mod node;
#[cfg(feature = "std")]
mod race;
#[cfg(feature = "std")]
mod region;
#[cfg(feature = "std")]
mod root;
#[cfg(feature = "std")]
mod scope;
#[cfg(feature = "std")]
mod shield;
#[cfg(feature = "std")]
pub(crate) mod task_scope;
#[cfg(feature = "std")]
mod token;
#[cfg(feature = "std")]
mod tree;
#[cfg(feature = "std")]
mod until_cancelled;

pub(crate) use reports::{keep_panic, report_cut, report_error, report_lost, report_panic};
#[cfg(feature = "std")]
pub(crate) use reports::{report_hung, resume_or_report};

#[cfg(feature = "std")]
pub(crate) use shield::{end_part, is_stopping};
#[cfg(not(feature = "std"))]
pub(crate) use without_std::{Member, is_cancelled, is_stopping, outside_of_scopes};
#[cfg(feature = "std")]
pub(crate) use {
    branch::{Branch, Branches, Turn},
    current::{outside, outside_of_scopes},
    kept_panic::KeptPanic,
    listener::Listener,
    member::Member,
    region::Region,
    token::any_of,
};
#[cfg(feature = "std")]
pub use {
    race::{Race, Racers, race},
    scope::{Cancelled, Scope, scope},
    shield::{AcceptCancel, Shield, accept_cancel, is_cancelled, shield},
    token::{CancelToken, DropGuard, WaitForCancel},
    until_cancelled::{UntilCancelled, until_cancelled},
};
