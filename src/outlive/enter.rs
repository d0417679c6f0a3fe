//! Enters that go on in the reaper when they are dropped.

use core::any::type_name;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::boxed::Box;

use pin_project_lite::pin_project;

use crate::cancel::{outside, report_lost, report_panic};
use crate::expand::{self, Held};
use crate::protocol::exit_guard::ExitGuard;
use crate::protocol::handed_over::{Exit, Handed, HandedOver};
use crate::protocol::{AsyncEnter, AsyncExit, Handoff};
use crate::reaper;
use crate::util::begin::begin;
use crate::util::panic::{self, Payload};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The future of an enter. When it is dropped before it is ready, the enter goes on in the reaper,
/// and then the exit of what it gives.
#[must_use = "futures do nothing unless they are awaited"]
pub(crate) struct EnterInFlight<R, E> {
    enter: Option<Boxed<Result<R, E>>>,
    /// Whether a drop hands it over: it has been polled, and has neither ended nor panicked.
    runs: bool,
    /// Knows that the resource is `'static`, which no bound of an impl can say
    /// (rust-lang/rust#64552).
    go_on: fn(Boxed<Result<R, E>>),
}

impl<R: AsyncExit + 'static> EnterInFlight<R, R::Error> {
    pub(crate) fn new<F>(enter: F) -> Self
    where
        F: Future<Output = Result<R, R::Error>> + Send + 'static,
    {
        EnterInFlight {
            enter: Some(Box::pin(enter)),
            runs: false,
            go_on: go_on::<R>,
        }
    }
}

impl<R, E> Unpin for EnterInFlight<R, E> {}

impl<R, E> Future for EnterInFlight<R, E> {
    type Output = Result<R, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(enter) = &mut this.enter else {
            unreachable!("an enter is handed over only by a drop")
        };
        this.runs = false; // if it panics
        let polled = enter.as_mut().poll(cx);
        this.runs = polled.is_pending();
        polled
    }
}

impl<R, E> Drop for EnterInFlight<R, E> {
    fn drop(&mut self) {
        if self.runs {
            if let Some(enter) = self.enter.take() {
                (self.go_on)(enter);
            }
        }
    }
}

#[cold]
fn go_on<R: AsyncExit + 'static>(enter: Boxed<Result<R, R::Error>>) {
    let name = type_name::<R>();
    reaper::go_on(name, || {
        let guard = ExitGuard::of(name);
        let enter = enter_elsewhere(enter);
        HandedOver::anywhere(Box::pin(EnterElsewhere { enter, guard }))
    });
}

/// Awaits an enter, and gives the exit of what that gives.
async fn enter_elsewhere<R: AsyncExit>(enter: Boxed<Result<R, R::Error>>) -> Option<HandedOver> {
    let entered = {
        let mut enter = pin!(begin(|| expand::enter(enter, AsyncEnter::enter)));
        poll_fn(|cx| enter.as_mut().poll(cx)).await
    };
    exit_of(entered)
}

pin_project! {
    /// An enter in the reaper. One that is dropped there counts as lost, because the resource may
    /// be held already.
    struct EnterElsewhere<F> {
        #[pin]
        enter: F,
        // Dropped behind the enter.
        guard: ExitGuard,
    }
}

impl<F: Future<Output = Option<HandedOver>>> Future for EnterElsewhere<F> {
    type Output = Option<HandedOver>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let exit = ready!(this.enter.poll(cx));
        this.guard.set_quiet();
        Poll::Ready(exit)
    }
}

impl<F: Future<Output = Option<HandedOver>>> Exit for EnterElsewhere<F> {
    fn resource(&self) -> &'static str {
        self.guard.resource()
    }

    fn set_hung(self: Pin<&mut Self>) {
        self.project().guard.set_hung();
    }
}

/// The exit that a resource hands over, now that nobody works with it.
fn exit_of<R: AsyncExit>(
    entered: Result<Result<Held<R>, R::Error>, Payload>,
) -> Option<HandedOver> {
    let name = type_name::<R>();
    let entered = match entered {
        Ok(entered) => entered,
        Err(payload) => {
            report_panic(name, payload);
            return None;
        }
    };
    let resource = entered.ok()?.release(); // nothing is held after an error
    let mut handed = Handed::Nothing;
    let abandon = || resource.abandon(Handoff::new(name, &mut handed, || true));
    let ended = panic::catch(|| outside(abandon));
    let is_lost = ended.is_err();
    if let Err(payload) = ended {
        report_panic(name, payload);
    }
    match handed {
        Handed::Over(exit) => exit,
        Handed::Lost => None,
        Handed::Nothing => {
            if is_lost {
                report_lost(name);
            }
            None
        }
    }
}
