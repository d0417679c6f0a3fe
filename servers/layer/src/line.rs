//! The request of a body that is streamed, between the connection that sends it and a task that
//! watches.
//!
//! The connection polls the request in place, so a frame costs no switch of tasks, and back
//! pressure is the connection's. But a connection that cannot send polls no body: a client that
//! stalls would hold the request for ever. So a task listens to the signals, and takes the request
//! when one of them fires or when the body is dropped.

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::reason::Reason;
use crate::request::Drive;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::signals::Signals;

pub(crate) type Driver<D> = Pin<Box<dyn Drive<D>>>;

pub(crate) struct Line<D> {
    state: Mutex<State<D>>,
}

/// What the watcher is to do with the request.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    /// Cancel it.
    Cancel(Reason),
    /// Cancel it without a word: nobody wants the body of an answer to HEAD.
    CancelUnwanted,
    /// Let it run to its end: the client has all its bytes.
    Finish,
}

struct State<D> {
    /// `None` while it is polled, and when the watcher has it.
    request: Option<Driver<D>>,
    ask: Option<Ask>,
    /// The body has come to its end, or has panicked.
    is_over: bool,
    /// The watcher has awaited the exits.
    is_exited: bool,
    body: Option<Waker>,
    watcher: Option<Waker>,
}

/// What a body that wants to go on finds.
pub(crate) enum Turn<'a, D> {
    /// The request, which is the body's for one poll.
    Polls(OnePoll<'a, D>),
    /// It is cancelled, and its exits may still run.
    Cancelled { reason: Reason, is_exited: bool },
}

impl<D> Line<D> {
    pub(crate) fn new(request: Driver<D>) -> Self {
        Line {
            state: Mutex::new(State {
                request: Some(request),
                ask: None,
                is_over: false,
                is_exited: false,
                body: None,
                watcher: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the request for one poll. The body is woken when that is worth another look.
    pub(crate) fn begin_poll(&self, cx: &Context<'_>) -> Turn<'_, D> {
        let mut state = self.state();
        match state.ask {
            Some(ask) => {
                state.set_body(cx.waker());
                Turn::Cancelled {
                    // The body itself asks for nothing before it is dropped.
                    reason: match ask {
                        Ask::Cancel(reason) => reason,
                        Ask::CancelUnwanted | Ask::Finish => Reason::ClientLeft,
                    },
                    is_exited: state.is_exited,
                }
            }
            None => Turn::Polls(OnePoll {
                request: state.request.take(),
                line: self,
            }),
        }
    }

    /// Hands the request to the watcher. The first word counts.
    pub(crate) fn ask(&self, ask: Ask) {
        let mut state = self.state();
        state.ask.get_or_insert(ask);
        let watcher = state.watcher.take();
        drop(state);
        watcher.into_iter().for_each(Waker::wake);
    }

    fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        let watcher = state.watcher.take();
        drop(state);
        watcher.into_iter().for_each(Waker::wake);
    }
}

impl<D> State<D> {
    fn set_body(&mut self, waker: &Waker) {
        match &mut self.body {
            Some(known) => known.clone_from(waker),
            None => self.body = Some(waker.clone()),
        }
    }
}

/// A request that the body polls. If this is dropped by a panic, the request has ended.
pub(crate) struct OnePoll<'a, D> {
    request: Option<Driver<D>>,
    line: &'a Line<D>,
}

impl<D> OnePoll<'_, D> {
    pub(crate) fn request(&mut self) -> Pin<&mut dyn Drive<D>> {
        match &mut self.request {
            Some(request) => request.as_mut(),
            None => unreachable!("only the watcher keeps a request, and it was asked before"),
        }
    }

    /// Gives the request back. `waits` says that the body waits for the next poll.
    pub(crate) fn put_back(mut self, cx: &Context<'_>, waits: bool) {
        let request = self.request.take();
        let mut state = self.line.state();
        state.request = request;
        if waits {
            state.set_body(cx.waker());
        }
        if state.ask.is_some() {
            // A signal has fired meanwhile.
            let watcher = state.watcher.take();
            drop(state);
            watcher.into_iter().for_each(Waker::wake);
            cx.waker().wake_by_ref();
        }
        mem::forget(self);
    }
}

impl<D> Drop for OnePoll<'_, D> {
    fn drop(&mut self) {
        self.line.end();
    }
}

/// Listens to the signals for a body that is streamed.
pub(crate) async fn watch<D>(line: Arc<Line<D>>, mut signals: Signals, settings: Arc<Settings>) {
    let taken = poll_fn(|cx| line.poll_watch(&mut signals, settings.shared(), cx)).await;
    drop(signals);
    let Some((mut request, ask)) = taken else {
        return;
    };
    request.as_mut().set_detached();
    match ask {
        Ask::Cancel(reason) => request.as_mut().cancel(reason),
        Ask::CancelUnwanted => {
            request.as_mut().hush();
            request.as_mut().cancel(Reason::ClientLeft);
        }
        Ask::Finish => {}
    }
    let _exited = Exited(line);
    request.await;
}

impl<D> Line<D> {
    /// Ready when the request is to be taken, or has ended.
    fn poll_watch(
        &self,
        signals: &mut Signals,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> Poll<Option<(Driver<D>, Ask)>> {
        let has_ask = self.state().ask.is_some();
        let fired = if has_ask {
            Poll::Pending
        } else {
            signals.poll(shared, cx)
        };
        let mut state = self.state();
        let mut body = None;
        if let Poll::Ready(reason) = fired {
            state.ask.get_or_insert(Ask::Cancel(reason));
            body = state.body.take();
        }
        let polled = if state.is_over {
            Poll::Ready(None)
        } else {
            match (state.ask, state.request.take()) {
                (Some(ask), Some(request)) => Poll::Ready(Some((request, ask))),
                (_, request) => {
                    state.request = request;
                    state.watcher = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        };
        drop(state);
        body.into_iter().for_each(Waker::wake);
        polled
    }
}

/// Tells the body that the exits have ended, also by a panic of one.
struct Exited<D>(Arc<Line<D>>);

impl<D> Drop for Exited<D> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_exited = true;
        let body = state.body.take();
        drop(state);
        body.into_iter().for_each(Waker::wake);
    }
}
