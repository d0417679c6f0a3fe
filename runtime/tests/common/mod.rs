//! Helpers for all tests: a trace of what happened, and polling by hand.

#![allow(dead_code, reason = "each test file takes what it needs")]

pub mod alone;

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith::{AsyncExit, Handoff, Outcome, async_with};
use forwith_runtime::{Executor, JoinHandle, now, sleep, spawn};
use futures::channel::oneshot;

/// The lines that were traced, in order.
#[derive(Clone, Default)]
pub struct Trace(Rc<RefCell<Vec<String>>>);

impl Trace {
    pub fn add(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    /// Takes the lines so far.
    pub fn take(&self) -> Vec<String> {
        self.0.take()
    }

    /// Traces `what` when it is dropped.
    pub fn on_drop(&self, what: &str) -> OnDrop<impl FnMut() + use<>> {
        let (trace, what) = (self.clone(), what.to_owned());
        OnDrop(move || trace.add(what.clone()))
    }

    /// Traces `what` with the current second.
    pub fn at(&self, what: impl std::fmt::Display) {
        self.add(format!("{}s {what}", now().as_secs()));
    }

    /// A resource that traces what happens to it. Its enter and its exit take a second each.
    pub async fn open(&self, name: &'static str) -> Result<Traced, &'static str> {
        self.at(format!("entering {name}"));
        sleep(secs(1)).await;
        self.at(format!("entered {name}"));
        Ok(Traced {
            name,
            trace: self.clone(),
        })
    }
}

/// The resource of [`Trace::open`].
pub struct Traced {
    pub name: &'static str,
    trace: Trace,
}

impl AsyncExit for Traced {
    type Error = &'static str;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), &'static str> {
        self.trace.at(format!("exiting {}: {outcome:?}", self.name));
        sleep(secs(1)).await;
        self.trace.at(format!("exited {}", self.name));
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        self.trace.at(format!("abandoned {}", self.name));
        handoff.run_local(self.exit(Outcome::Cancelled));
    }
}

/// Calls a function when it is dropped.
pub struct OnDrop<F: FnMut()>(pub F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs a future to its end, under a virtual clock.
pub fn run<F: Future>(future: F) -> F::Output {
    Executor::with_virtual_clock().block_on(future)
}

/// Cubes a number, which takes so many seconds.
pub async fn cube(x: u64) -> u64 {
    sleep(secs(x)).await;
    x * x * x
}

/// Enters a resource and stays in its body.
pub async fn stays(trace: Trace, name: &'static str) -> Result<(), &'static str> {
    async_with!(trace.open(name), { pending::<()>().await })
}

/// Spawns a task that receives its own handle.
pub fn spawn_with_handle<F, T>(
    body: impl FnOnce(Rc<JoinHandle<T>>) -> F + 'static,
) -> Rc<JoinHandle<T>>
where
    F: Future<Output = T> + 'static,
    T: 'static,
{
    let (sender, receiver) = oneshot::channel();
    let handle = Rc::new(spawn(async move { body(receiver.await.unwrap()).await }));
    let _ = sender.send(handle.clone());
    handle
}

/// Gives the waker of the awaiting task.
pub async fn own_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}

/// Polls a future at most `times` times, then drops it. Gives its output if it was ready.
pub fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

pub const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}
