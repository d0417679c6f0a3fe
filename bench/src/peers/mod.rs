//! Who does the work: our executor, the floor, and the peers.

#[cfg(all(feature = "peers", target_os = "linux"))]
mod blocking;
mod floor;
mod ours;
#[cfg(all(feature = "peers", target_os = "linux"))]
mod rings;
#[cfg(all(feature = "peers", target_os = "linux"))]
mod small;
#[cfg(all(feature = "peers", target_os = "linux"))]
mod tokios;

use std::fmt::Debug;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::work::{self, Entry};

pub const FLOOR: &str = "the floor";
pub const OURS: &str = "forwith-runtime";

/// Runs one future on this thread.
pub trait Runner: 'static {
    const NAME: &'static str;

    fn run<F>(future: F) -> F::Output
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Why it does not run on this machine, if it does not.
    fn refusal() -> Option<String> {
        None
    }
}

/// Runs tasks beside it, on the same thread.
pub trait Peer: Runner {
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Its own way to let the others run, if it has one.
    fn yield_now() -> impl Future<Output = ()> + 'static {
        yield_once()
    }

    /// Spawns them all, and gives their results in order; by `join_all`, if it has no way of its own.
    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static;
}

/// Has a clock.
pub trait Timers: Peer {
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static;
}

/// Wakes itself, and is pending once.
pub fn yield_once() -> impl Future<Output = ()> + 'static {
    let mut has_yielded = false;
    poll_fn(move |cx| {
        if has_yielded {
            return Poll::Ready(());
        }
        has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

pin_project! {
    /// A task that nobody cancels, as light as a handle that gives values by itself.
    pub struct Shielded<H> {
        #[pin]
        handle: H,
    }
}

pub fn shielded<H>(handle: H) -> Shielded<H> {
    Shielded { handle }
}

impl<H, T, E> Future for Shielded<H>
where
    H: Future<Output = Result<T, E>>,
    E: Debug,
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let polled = self.project().handle.poll(cx);
        polled.map(|result| result.expect("no task is cancelled"))
    }
}

/// All that can be measured here, and a sentence about each peer that cannot.
pub fn all() -> Roll {
    call(None)
}

/// What one peer does. The others are not even asked whether they run: some begin threads, and then the allocator locks for all.
pub fn only(peer: &str) -> Vec<Entry> {
    call(Some(peer.to_owned())).entries
}

fn call(only: Option<String>) -> Roll {
    let mut roll = Roll {
        only,
        ..Roll::default()
    };
    if roll.is_called(FLOOR) {
        roll.entries.extend(floor::entries());
    }
    roll.timed::<ours::Ours>();
    #[cfg(all(feature = "peers", target_os = "linux"))]
    roll.others();
    roll
}

#[derive(Default)]
pub struct Roll {
    pub entries: Vec<Entry>,
    pub missing: Vec<String>,
    /// Who is called, if not all are.
    only: Option<String>,
}

impl Roll {
    fn is_called(&self, peer: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == peer)
    }

    #[cfg(all(feature = "peers", target_os = "linux"))]
    fn others(&mut self) {
        self.timed::<tokios::LocalSet>();
        self.timed::<tokios::LocalRuntime>();
        self.peer::<small::AsyncLocalExecutor>();
        self.timed::<small::Nio>();
        self.timed::<rings::Monoio>();
        self.timed::<rings::Glommio>();
        self.peer::<small::AsyncExecutor>();
        self.timed::<small::Smol>();
        self.peer::<small::LocalPool>();
        self.runner::<blocking::Futures>();
        self.runner::<blocking::FuturesLite>();
        self.runner::<blocking::Pollster>();
    }

    fn timed<P: Timers>(&mut self) {
        self.add::<P>(|| [work::runner::<P>(), work::peer::<P>(), work::timers::<P>()].concat());
    }

    #[cfg(all(feature = "peers", target_os = "linux"))]
    fn peer<P: Peer>(&mut self) {
        self.add::<P>(|| [work::runner::<P>(), work::peer::<P>()].concat());
    }

    #[cfg(all(feature = "peers", target_os = "linux"))]
    fn runner<R: Runner>(&mut self) {
        self.add::<R>(work::runner::<R>);
    }

    fn add<R: Runner>(&mut self, entries: impl FnOnce() -> Vec<Entry>) {
        if !self.is_called(R::NAME) {
            return;
        }
        match R::refusal() {
            None => self.entries.extend(entries()),
            Some(reason) => self
                .missing
                .push(format!("{} does not run here: {reason}.", R::NAME)),
        }
    }
}

/// Spawns each, and awaits them by `join_all`.
#[cfg(all(feature = "peers", target_os = "linux"))]
fn join_all<P: Peer, F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
where
    F: Future + 'static,
    F::Output: 'static,
{
    let spawned: Vec<_> = futures.into_iter().map(P::spawn).collect();
    futures::future::join_all(spawned)
}
