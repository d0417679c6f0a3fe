//! Exits that run side by side.

use core::any::type_name;
use core::fmt::Debug;
use core::future::{Future, poll_fn};
use core::marker::PhantomData;
use core::mem;
use core::ops::ControlFlow;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::boxed::Box;
use std::vec::Vec;

use pin_project_lite::pin_project;

use super::and::And;
use crate::cancel::{
    KeptPanic, end_part, keep_panic, report_cut, report_error, report_panic, resume_or_report,
};
use crate::executor::Failure;
use crate::observe::{self, Trace};
use crate::outlive::tell_whole_dropped;
use crate::protocol::{AsyncExit, Outcome};
use crate::reaper;
use crate::util::begin::{Begun, begin};
use crate::util::crowd::Crowd;
use crate::util::panic::{self, Payload};

/// Resources that have been entered. Some may be missing, because another one failed to enter.
pub(super) trait Entered: Sized {
    type Error: Debug;

    /// Begins their exits, that of the last one first.
    fn begin_exits(self, outcome: Outcome<'_>) -> impl ExitParts<Error = Self::Error>;

    /// Abandons them, the last one first. Keeps the first panic.
    fn abandon_each(self, panic: &mut Option<KeptPanic>);
}

/// Exits that are polled together.
pub(super) trait ExitParts {
    type Error;

    /// Whether each of them outlives a drop.
    const OUTLIVE: bool;

    /// Polls the exits that have not ended. Ready when all have.
    fn poll_exits(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        progress: &mut Progress<Self::Error>,
    ) -> Poll<()>;
}

impl<R: AsyncExit> Entered for Option<R> {
    type Error = R::Error;

    fn begin_exits(self, outcome: Outcome<'_>) -> impl ExitParts<Error = R::Error> {
        match self {
            Some(resource) => ExitPart::begin(resource, outcome, |resource| resource.exit(outcome)),
            None => ExitPart::none(),
        }
    }

    fn abandon_each(self, panic: &mut Option<KeptPanic>) {
        if let Some(resource) = self {
            keep_first(panic, type_name::<R>(), || reaper::abandon(resource));
        }
    }
}

impl<F, O> Entered for And<F, O>
where
    F: Entered,
    O: Entered<Error = F::Error>,
{
    type Error = F::Error;

    fn begin_exits(self, outcome: Outcome<'_>) -> impl ExitParts<Error = F::Error> {
        let others = self.others.begin_exits(outcome);
        And {
            others,
            first: self.first.begin_exits(outcome),
        }
    }

    fn abandon_each(self, panic: &mut Option<KeptPanic>) {
        self.others.abandon_each(panic);
        self.first.abandon_each(panic);
    }
}

impl<R: AsyncExit> Entered for Vec<Option<R>> {
    type Error = R::Error;

    fn begin_exits(self, outcome: Outcome<'_>) -> impl ExitParts<Error = R::Error> {
        let mut exits = Vec::with_capacity(self.len());
        for resource in self.into_iter().rev().flatten() {
            let exit = ExitPart::begin(resource, outcome, |resource: R| resource.exit(outcome));
            exits.push(Box::pin(exit));
        }
        Crowd::new(exits)
    }

    fn abandon_each(self, panic: &mut Option<KeptPanic>) {
        for resource in self.into_iter().rev() {
            resource.abandon_each(panic);
        }
    }
}

/// Runs `f`, and keeps its panic if it is the first one. A later one is reported.
pub(super) fn keep_first(first: &mut Option<KeptPanic>, of: &'static str, f: impl FnOnce()) {
    if let Err(payload) = panic::catch(f) {
        let panic = keep_panic(of, payload);
        first.get_or_insert(panic); // a panic that is not kept is reported when it is dropped
    }
}

pin_project! {
    /// One of the exits.
    struct ExitPart<R: AsyncExit, F> {
        #[pin]
        exit: Begun<F>,
        trace: Trace,
        // Whether the resource has stopped the body, so that its error is wanted.
        has_stopped: bool,
        resource: PhantomData<fn(R)>,
    }

    impl<R: AsyncExit, F> PinnedDrop for ExitPart<R, F> {
        fn drop(this: Pin<&mut Self>) {
            if !matches!(this.exit, Begun::Ended) {
                this.drop_slow();
            }
        }
    }
}

impl<R: AsyncExit, F> ExitPart<R, F> {
    /// Begins the exit of a resource.
    fn begin(resource: R, outcome: Outcome<'_>, exit: impl FnOnce(R) -> F) -> Self {
        let has_stopped = outcome == Outcome::Cancelled
            && resource.body_stop().is_some_and(|stop| stop.is_cancelled());
        observe::exiting(type_name::<R>());
        ExitPart {
            trace: observe::exit(type_name::<R>(), || outcome.name()),
            exit: begin(|| exit(resource)),
            has_stopped,
            resource: PhantomData,
        }
    }

    /// The exit of a resource that is not there.
    fn none() -> Self {
        ExitPart {
            exit: Begun::Ended,
            trace: Trace::default(),
            has_stopped: false,
            resource: PhantomData,
        }
    }

    /// Drops an exit before its end, in its span. It is reported as cut, unless it goes on in a
    /// reaper. While a panic unwinds, such as that of another exit's destructor, a panic here is
    /// reported: it would abort the process.
    #[cold]
    #[inline(never)]
    fn drop_slow(self: Pin<&mut Self>) {
        let mut this = self.project();
        let dropped = panic::catch(|| {
            this.trace.run(|| {
                if !R::OUTLIVES {
                    observe::cut(type_name::<R>());
                    report_cut(type_name::<R>());
                }
                this.exit.set(Begun::Ended);
            });
        });
        if let Err(payload) = dropped {
            resume_or_report(type_name::<R>(), payload);
        }
    }
}

impl<R, F> ExitParts for ExitPart<R, F>
where
    R: AsyncExit,
    F: Future<Output = Result<(), R::Error>>,
{
    type Error = R::Error;

    const OUTLIVE: bool = R::OUTLIVES;

    fn poll_exits(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        progress: &mut Progress<R::Error>,
    ) -> Poll<()> {
        let mut this = self.project();
        if this.exit.as_mut().has_ended() {
            return Poll::Ready(());
        }
        let polled = this.trace.run_exit(|| this.exit.poll(cx));
        polled.map(|ended| {
            mem::take(this.trace).close();
            observe::exited(type_name::<R>());
            progress.record::<R>(ended, *this.has_stopped);
        })
    }
}

impl<F, O> ExitParts for And<F, O>
where
    F: ExitParts,
    O: ExitParts<Error = F::Error>,
{
    type Error = F::Error;

    const OUTLIVE: bool = F::OUTLIVE && O::OUTLIVE;

    fn poll_exits(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        progress: &mut Progress<F::Error>,
    ) -> Poll<()> {
        let this = self.split();
        let others = this.others.poll_exits(cx, progress);
        let first = this.first.poll_exits(cx, progress);
        if others.is_ready() { first } else { others }
    }
}

impl<P: ExitParts> ExitParts for Crowd<Pin<Box<P>>> {
    type Error = P::Error;

    const OUTLIVE: bool = P::OUTLIVE;

    fn poll_exits(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        progress: &mut Progress<P::Error>,
    ) -> Poll<()> {
        self.poll(cx, |exit, cx| {
            ControlFlow::Continue(exit.as_mut().poll_exits(cx, progress))
        })
    }
}

/// What has gone wrong so far.
pub(super) struct Progress<E> {
    /// Whether the first error is given. Otherwise each is reported, as after a body that failed.
    gives_error: bool,
    /// Whether the first panic is given. Otherwise each is reported, as after a body that panicked.
    gives_panic: bool,
    are_over: bool,
    /// It is rare, so it takes one word. If the exits are dropped half-way, it goes to the hook.
    worst: Option<Box<Worst<E>>>,
}

/// The error or the panic that the exits give when all of them have ended.
enum Worst<E> {
    Error(Failure<E>),
    Panic(KeptPanic),
}

impl<E: Debug> Progress<E> {
    /// Records how an exit has ended. What is not kept, or not any more, is reported.
    fn record<R: AsyncExit<Error = E>>(
        &mut self,
        ended: Result<Result<(), E>, Payload>,
        has_stopped: bool,
    ) {
        if end_part(!matches!(ended, Ok(Ok(())))) {
            self.gives_error = false; // an exit has accepted a cancellation
        }
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) if self.worst.is_none() && (self.gives_error || has_stopped) => {
                self.worst = Some(Box::new(Worst::Error(Failure::error::<R>(error))));
            }
            Ok(Err(error)) => report_error(type_name::<R>(), error),
            Err(payload) if self.gives_panic && !self.has_panicked() => {
                let panic = keep_panic(type_name::<R>(), payload);
                self.worst = Some(Box::new(Worst::Panic(panic)));
            }
            Err(payload) => report_panic(type_name::<R>(), payload),
        }
    }
}

impl<E> Progress<E> {
    fn behind(outcome: Outcome<'_>) -> Self {
        Progress {
            gives_error: outcome.is_completed(),
            gives_panic: !matches!(outcome, Outcome::Panicked(_)),
            are_over: false,
            worst: None,
        }
    }

    fn has_panicked(&self) -> bool {
        matches!(self.worst.as_deref(), Some(Worst::Panic(_)))
    }
}

/// The resource whose exit consists of several.
pub(super) trait Whole {
    /// Tells that the exit is dropped before its end.
    fn tell_dropped(outlives: bool);
}

/// A tuple, an array or a vector.
pub(super) struct Resource<R>(PhantomData<fn(R)>);

impl<R: AsyncExit> Whole for Resource<R> {
    fn tell_dropped(outlives: bool) {
        tell_whole_dropped(type_name::<R>(), outlives);
    }
}

/// No resource: the parts of one that could not be entered as a whole.
pub(super) struct NoResource;

impl Whole for NoResource {
    fn tell_dropped(_outlives: bool) {}
}

pin_project! {
    /// Awaits exits side by side.
    pub(super) struct Exits<W: Whole, P: ExitParts> {
        #[pin]
        parts: P,
        progress: Progress<P::Error>,
        whole: PhantomData<W>,
    }

    impl<W: Whole, P: ExitParts> PinnedDrop for Exits<W, P> {
        fn drop(this: Pin<&mut Self>) {
            if !this.progress.are_over {
                W::tell_dropped(P::OUTLIVE);
            }
        }
    }
}

/// Begins the exits of resources, which are told this outcome.
pub(super) fn exit<W: Whole, L: Entered>(
    entered: L,
    outcome: Outcome<'_>,
) -> Exits<W, impl ExitParts<Error = L::Error>> {
    Exits {
        progress: Progress::behind(outcome),
        parts: entered.begin_exits(outcome),
        whole: PhantomData,
    }
}

impl<W: Whole, P: ExitParts> Exits<W, P> {
    /// Awaits the exits behind enters of which one has failed: there is no error to be given. Gives
    /// the first panic.
    pub(super) async fn after_enters(self) -> Option<KeptPanic> {
        let mut exits = pin!(self);
        let worst = poll_fn(|cx| exits.as_mut().poll_worst(cx)).await;
        match worst.map(|worst| *worst) {
            Some(Worst::Panic(panic)) => Some(panic),
            Some(Worst::Error(_)) | None => None, // the error is reported when it is dropped
        }
    }

    fn poll_worst(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Box<Worst<P::Error>>>> {
        let this = self.project();
        let ended = this.parts.poll_exits(cx, this.progress);
        ended.map(|()| {
            this.progress.are_over = true;
            this.progress.worst.take()
        })
    }
}

impl<W: Whole, P: ExitParts> Future for Exits<W, P> {
    /// The first error, or the first panic.
    type Output = Result<(), P::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let worst = self.poll_worst(cx);
        worst.map(|worst| match worst.map(|worst| *worst) {
            None => Ok(()),
            Some(Worst::Error(error)) => Err(error.into_error()),
            Some(Worst::Panic(panic)) => panic.resume(),
        })
    }
}
