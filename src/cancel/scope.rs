//! A future with a stop signal.

use core::error::Error;
use core::fmt;
use core::future::{Future, Pending};
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::collect::{ExitErrors, Unheard};
use super::region::Region;
use crate::observe;
use crate::report::ExitReport;
use crate::util::unconstrained::poll_unconstrained;

/// Runs a future until it has ended or `stop` fires; then exits every resource in it.
///
/// When `stop` fires, the [`async_with!`](crate::async_with) bodies inside are dropped and their
/// exits awaited, innermost first. Only then the scope ends, with [`Cancelled`].
///
/// `stop` is any future: a timer, a channel, a Ctrl-C, a [`CancelToken`](crate::CancelToken). What
/// it gives is the reason of the cancellation ([`Cancelled::reason`]). No executor is named,
/// nothing is spawned, and the future need be neither `'static` nor `Send`.
///
/// ```
/// use forwith::{AsyncExit, Cancelled, Outcome, async_with, scope};
/// use std::time::Duration;
/// use tokio::time::sleep;
///
/// struct Transaction;
///
/// impl AsyncExit for Transaction {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert_eq!(outcome, Outcome::Cancelled);
///         sleep(Duration::from_secs(1)).await; // the server is told, and answers
///         println!("rolled back");
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # tokio::time::pause();
/// let work = async {
///     async_with!(async { Ok(Transaction) }, {
///         sleep(Duration::from_secs(60)).await;
///     })
/// };
/// let begun = tokio::time::Instant::now();
/// let ended = scope(work, sleep(Duration::from_secs(3))).await;
/// assert!(ended.is_err());
/// assert_eq!(begun.elapsed().as_secs(), 3 + 1); // the exit was awaited
/// # }
/// ```
///
/// # What happens when `stop` fires
///
/// 1. Each `async_with!` body without another one inside is dropped, with all it holds. Its exit is
///    awaited, and sees [`Outcome::Cancelled`](crate::Outcome::Cancelled). Branches of `join!`,
///    `join_all` and `FuturesUnordered` do so side by side.
/// 2. When the exits in a body have ended, that body is dropped and its exit awaited; and so on
///    outwards.
/// 3. The future is dropped, and the scope ends.
///
/// An enter that runs is dropped with the body around it, unless it is
/// [`shielded`](crate::AsyncEnterExt::shielded). Nothing new is entered. An exit that had begun for
/// another reason runs to its end, and so does the code behind it, up to its next wait: an error
/// that was on its way arrives. Code beside the resources, in a branch of a `join!`, runs on until
/// they have been exited.
///
/// If `stop` has fired before the first poll, the future does not begin. Later the future is polled
/// before `stop` is, so a value that is ready at the last moment wins. A value that comes while
/// exits are awaited wins, too: the scope then gives `Ok`.
///
/// Exits are shielded: neither a second stop nor the stop of an outer scope interrupts them. Only
/// [`grace`](Scope::grace) bounds them.
///
/// Scopes nest. The stop of an inner scope does not touch the outer one. The stop of the outer
/// scope cancels the inner one, which then never ends, as nothing behind it is to run; it is
/// dropped with everything else.
///
/// Both may be stopped at once: by one token, or by two stops that fire in the same poll. The inner
/// scope sees its stop first, since each scope polls its future before its stop. So the inner one
/// ends, with its [`Cancelled`], and the code behind it runs up to its next wait. There it is
/// cancelled by the outer scope; if it ends without one, its value wins, and the outer scope gives
/// `Ok`.
///
/// A spawned task belongs to no scope: give it one of its own. Only an executor that runs inside
/// the scope, such as `LocalSet::run_until`, polls its tasks as part of the scope.
///
/// # Errors
///
/// [`Cancelled`], when `stop` fired before the future had ended. It has what `stop` gave, and the
/// errors of the exits that the cancellation began ([`Cancelled::exit_errors`]).
///
/// # Panics
///
/// When the future does. When an exit panics that the cancellation began, the panic resumes here,
/// after the other exits have been awaited. Errors of such exits, and further panics, are then
/// [reported](crate::report).
///
/// A future that is passed by reference panics when it is polled again after its scope was
/// cancelled, because its resources have been exited. So, unlike with tokio's
/// `timeout(limit, &mut future)`, a cancelled future cannot be resumed in a loop.
///
/// # Cancel safety
///
/// When an outer scope is cancelled, everything inside is cancelled in the same way. Anything else
/// that drops the scope drops the future, and its resources are
/// [abandoned](crate::AsyncExit::abandon).
///
/// A future that has entered something, and is kept but not polled any more, holds up the scope:
/// one given to a `select!` by reference, or in a buffer of futures behind a loop.
/// [`grace`](Scope::grace) bounds that, too.
#[doc(alias(
    "timeout",
    "move_on_after",
    "fail_after",
    "withTimeout",
    "run_until_cancelled",
    "CancelScope"
))]
pub fn scope<F, S>(future: F, stop: S) -> Scope<F::IntoFuture, S::IntoFuture, S::Output>
where
    F: IntoFuture,
    S: IntoFuture,
{
    Scope {
        future: Some(future.into_future()),
        stop: Stop::Awaited {
            signal: stop.into_future(),
        },
        grace: Grace::Unbounded,
        region: Region::default(),
        stage: Stage::New,
    }
}

pin_project! {
    /// The future of [`scope`].
    // What the stop gives is a parameter of its own, and no projection: with one, a task that holds
    // the scope is not `Send` where a closure in the stop borrows.
    #[must_use = "the future in it runs only where the scope is awaited"]
    pub struct Scope<F, S, R = (), G = fn() -> Pending<()>, P = Pending<()>> {
        // Dropped before the future, so that reports which it has stay in their order.
        #[pin]
        stop: Stop<S, R>,
        #[pin]
        future: Option<F>,
        #[pin]
        grace: Grace<G, P>,
        region: Region,
        stage: Stage,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not polled yet.
    New,
    Runs,
    /// Stopped, by its own stop or with the region around.
    Stopped,
    Ended,
}

pin_project! {
    /// The signal, and then what it has given, in its place.
    #[project = StopProjection]
    enum Stop<S, R> {
        Awaited { #[pin] signal: S },
        // `None` once the scope has ended. The reports are of exits since then.
        Fired { reason: Option<R>, unheard: Unheard },
    }
}

pin_project! {
    /// How long exits may take.
    #[project = GraceProjection]
    enum Grace<G, P> {
        Unbounded,
        // Makes the signal when the stop fires: most timers run from the moment they are made.
        Bounded { begin: Option<G> },
        Runs { #[pin] signal: P },
    }
}

impl<F, S, R> Scope<F, S, R> {
    /// Bounds the exits of a cancellation.
    ///
    /// `grace` is called when the cancellation begins. When the future that it gives is ready,
    /// everything that remains is dropped. An exit that runs is then cut, which is reported and
    /// counted ([`lost_exits`](crate::report::lost_exits)), but that of an
    /// [`OwnedExit`](crate::OwnedExit) goes on in the [reaper](crate::reaper), if there is one. A
    /// resource whose exit has not begun, because inner ones took too long, is
    /// [abandoned](crate::AsyncExit::abandon).
    ///
    /// ```
    /// use forwith::{AsyncExit, Outcome, async_with, scope};
    /// use std::time::Duration;
    /// use tokio::time::sleep;
    ///
    /// struct Stubborn;
    ///
    /// impl AsyncExit for Stubborn {
    ///     type Error = std::io::Error;
    ///
    ///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         std::future::pending().await
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # tokio::time::pause();
    /// let work = async {
    ///     async_with!(async { Ok(Stubborn) }, { std::future::pending::<()>().await })
    /// };
    /// let cancelled = scope(work, sleep(Duration::from_secs(60)))
    ///     .grace(|| sleep(Duration::from_secs(5)))
    ///     .await
    ///     .unwrap_err();
    /// assert!(!cancelled.is_graceful());
    /// # }
    /// ```
    pub fn grace<G, P>(self, grace: G) -> Scope<F, S, R, G, P>
    where
        G: FnOnce() -> P,
        P: Future,
    {
        Scope {
            future: self.future,
            stop: self.stop,
            grace: Grace::Bounded { begin: Some(grace) },
            region: self.region,
            stage: self.stage,
        }
    }
}

impl<F, S, R, G, P> Scope<F, S, R, G, P> {
    /// The future inside, until the scope has ended.
    ///
    /// A caller that polls the scope by hand looks at it between two polls. What it polls itself is
    /// not part of the scope.
    ///
    /// ```
    /// use forwith::scope;
    /// use futures::FutureExt;
    /// use std::future::{pending, ready};
    ///
    /// let mut scope = std::pin::pin!(scope(ready(1), pending::<()>()));
    /// assert!(scope.as_mut().get_pin_mut().is_some());
    /// assert_eq!(scope.as_mut().now_or_never(), Some(Ok(1)));
    /// assert!(scope.as_mut().get_pin_mut().is_none());
    /// ```
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Option<Pin<&mut F>> {
        self.project().future.as_pin_mut()
    }

    /// Whether something in the scope has been entered and not exited, or is shielded.
    pub(crate) fn has_members(self: Pin<&mut Self>) -> bool {
        self.project().region.has_members()
    }

    /// The stop, until it has fired or the scope has ended.
    ///
    /// A caller that polls the scope by hand may tell its stop that it is to fire, or set a timer
    /// in it. The scope sees that when it is polled again.
    ///
    /// ```
    /// use forwith::scope;
    /// use futures::FutureExt;
    /// use std::future::pending;
    /// use std::task::Poll;
    ///
    /// struct Asked(bool);
    ///
    /// impl Future for Asked {
    ///     type Output = &'static str;
    ///
    ///     fn poll(
    ///         self: std::pin::Pin<&mut Self>,
    ///         _: &mut std::task::Context<'_>,
    ///     ) -> Poll<Self::Output> {
    ///         if self.0 { Poll::Ready("asked") } else { Poll::Pending }
    ///     }
    /// }
    ///
    /// let mut scope = std::pin::pin!(scope(pending::<()>(), Asked(false)));
    /// assert!(scope.as_mut().now_or_never().is_none());
    /// scope.as_mut().stop_pin_mut().unwrap().0 = true;
    /// let cancelled = scope.as_mut().now_or_never().unwrap().unwrap_err();
    /// assert_eq!(cancelled.reason(), &"asked");
    /// ```
    #[must_use]
    pub fn stop_pin_mut(self: Pin<&mut Self>) -> Option<Pin<&mut S>> {
        match self.project().stop.project() {
            StopProjection::Awaited { signal } => Some(signal),
            StopProjection::Fired { .. } => None,
        }
    }
}

impl<F, S, R, G, P> Future for Scope<F, S, R, G, P>
where
    F: Future,
    S: Future<Output = R>,
    G: FnOnce() -> P,
    P: Future,
{
    type Output = Result<F::Output, Cancelled<R>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if *self.as_mut().project().stage != Stage::Runs {
            if let Some(polled) = self.as_mut().poll_slow(cx) {
                return polled;
            }
        }
        let mut this = self.as_mut().project();
        match this.region.poll(this.future, cx) {
            Poll::Pending => {}
            Poll::Ready(value) => return Poll::Ready(self.end(value, true)),
        }
        if this.stop.as_mut().poll_fires(cx).is_ready() {
            observe::scope_is_stopped();
            this.region.stop();
            return self.poll_stopped(cx);
        }
        if this.region.is_stopped() {
            *this.stage = Stage::Stopped;
            return self.poll_grace(cx);
        }
        Poll::Pending
    }
}

impl<F, S, R, G, P> Scope<F, S, R, G, P>
where
    F: Future,
    S: Future<Output = R>,
    G: FnOnce() -> P,
    P: Future,
{
    /// Polls a scope that is new or was stopped. Gives nothing if it has just begun to run.
    #[inline(never)]
    fn poll_slow(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Option<Poll<Result<F::Output, Cancelled<R>>>> {
        let this = self.as_mut().project();
        match *this.stage {
            Stage::New => {
                *this.stage = Stage::Runs;
                if this.stop.poll_fires(cx).is_pending() {
                    return None;
                }
                observe::scope_is_stopped();
                this.region.stop();
                Some(self.poll_stopped(cx))
            }
            Stage::Stopped => Some(self.poll_stopped(cx)),
            Stage::Runs => None,
            Stage::Ended => panic!("a `Scope` was polled after its end"),
        }
    }

    /// Polls a scope that was stopped, by its own stop or with the region around.
    #[inline(never)]
    fn poll_stopped(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Cancelled<R>>> {
        *self.as_mut().project().stage = Stage::Stopped;
        let polled = self.as_mut().poll_collecting(cx);
        if let Poll::Ready(value) = polled {
            return Poll::Ready(self.end(value, true));
        }
        if self.as_mut().project().stop.poll_fires(cx).is_ready() {
            // It comes second, and changes nothing.
            observe::scope_is_stopped();
            if let Poll::Ready(value) = self.as_mut().poll_collecting(cx) {
                return Poll::Ready(self.end(value, true));
            }
        }
        self.poll_grace(cx)
    }

    /// Polls the future. Collects the reports for the error of the scope, unless the region around
    /// was stopped first.
    fn poll_collecting(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let this = self.project();
        let is_own = this.region.is_stopped_by_own();
        let poll = || this.region.poll(this.future, cx);
        this.stop.collect_if(is_own, poll)
    }

    /// Drops what remains of a scope that was stopped, if its exits have had their time.
    fn poll_grace(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Cancelled<R>>> {
        let this = self.as_mut().project();
        if this.grace.poll_end(cx).is_pending() {
            return Poll::Pending;
        }
        let is_own = this.region.is_stopped_by_own();
        let ended = this
            .stop
            .collect_if(is_own, || this.region.end(this.future));
        ended.map(|value| self.end(value, false))
    }

    /// Ends the scope, with the value of the future if there is one.
    fn end(
        self: Pin<&mut Self>,
        value: Option<F::Output>,
        graceful: bool,
    ) -> Result<F::Output, Cancelled<R>> {
        let this = self.project();
        *this.stage = Stage::Ended;
        let (reason, unheard) = this.stop.end();
        // With a value, what was collected goes on to the collector around, or the hook.
        value.ok_or_else(|| Cancelled {
            reason: reason.expect("only a stop that has fired ends a scope without a value"),
            graceful,
            exit_errors: ExitErrors::new(unheard),
        })
    }
}

impl<S: Future> Stop<S, S::Output> {
    /// Ready once, when the signal fires. The signal is dropped then, and what it gave is kept.
    #[inline]
    fn poll_fires(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = match self.as_mut().project() {
            StopProjection::Awaited { signal } => poll_unconstrained(signal, cx),
            StopProjection::Fired { .. } => Poll::Pending,
        };
        polled.map(|reason| {
            self.set(Stop::Fired {
                reason: Some(reason),
                unheard: Unheard::default(),
            });
        })
    }

    /// Runs `f`. Collects the reports of it for the error of the scope, if that was stopped.
    fn collect_if<T>(self: Pin<&mut Self>, is_own: bool, f: impl FnOnce() -> T) -> T {
        match self.project() {
            StopProjection::Fired { unheard, .. } if is_own => unheard.collect(f),
            _ => f(),
        }
    }

    /// Drops the signal, if it has not fired. Gives what it gave, if it has, and what was collected
    /// since.
    fn end(mut self: Pin<&mut Self>) -> (Option<S::Output>, Unheard) {
        let ended = match self.as_mut().project() {
            StopProjection::Awaited { .. } => (None, Unheard::default()),
            StopProjection::Fired { reason, unheard } => (reason.take(), mem::take(unheard)),
        };
        self.set(Stop::Fired {
            reason: None,
            unheard: Unheard::default(),
        });
        ended
    }
}

impl<G, P> Grace<G, P>
where
    G: FnOnce() -> P,
    P: Future,
{
    /// Ready when the exits have had their time, which begins with the first poll.
    fn poll_end(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let GraceProjection::Bounded { begin } = self.as_mut().project() {
            if let Some(begin) = begin.take() {
                self.set(Grace::Runs { signal: begin() });
            }
        }
        let ended = match self.as_mut().project() {
            GraceProjection::Runs { signal } => poll_unconstrained(signal, cx).map(drop),
            GraceProjection::Unbounded | GraceProjection::Bounded { .. } => Poll::Pending,
        };
        if ended.is_ready() {
            // A scope that the outer one has stopped stays pending, and may be polled once more.
            self.set(Grace::Unbounded);
        }
        ended
    }
}

impl<F, S, R, G, P> fmt::Debug for Scope<F, S, R, G, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("stopped", &self.region.is_stopped())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// The error of a [`scope`] that was stopped, with the reason: what the stop gave.
///
/// ```
/// use forwith::{CancelToken, scope};
///
/// let stop = CancelToken::new();
/// stop.cancel();
/// let work = scope(std::future::pending::<()>(), &stop);
/// let cancelled = futures::executor::block_on(work).unwrap_err();
/// assert_eq!(cancelled.to_string(), "cancelled");
/// assert!(cancelled.is_graceful());
/// ```
///
/// A timer gives `()`, and so does a plain token. Where several things may stop a scope, let each
/// give its reason:
///
/// ```
/// use forwith::{CancelToken, race, scope};
/// use forwith_runtime::{Executor, sleep};
/// use std::{future::pending, time::Duration};
///
/// #[derive(Clone, Debug, PartialEq)]
/// enum Why {
///     Late,
///     Gone,
///     ShuttingDown,
/// }
///
/// let stop = CancelToken::<Why>::with_reasons(); // for the server, and for the client's hang-up
/// let late = async {
///     sleep(Duration::from_secs(3)).await;
///     Why::Late
/// };
/// let serve = scope(pending::<u16>(), race((late, stop.cancelled())));
/// let status = match Executor::with_virtual_clock().block_on(serve) {
///     Ok(status) => status,
///     Err(cancelled) => match cancelled.reason() {
///         Why::Late => 408,
///         Why::Gone => 499,
///         Why::ShuttingDown => 503,
///     },
/// };
/// assert_eq!(status, 408);
/// ```
///
/// # Errors of exits
///
/// An exit that the cancellation began may fail, panic or be cut. The errors are here
/// ([`exit_errors`](Cancelled::exit_errors)), and not lost behind the cancellation. `Display` and
/// `Debug` show them. If nobody looks at them, they go on to the
/// [collector](crate::report::collect) around or to the hook
/// ([`report::set_hook`](crate::report::set_hook)) when the last clone is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Cancelled<R = ()> {
    reason: R,
    graceful: bool,
    exit_errors: ExitErrors,
}

impl<R> Cancelled<R> {
    /// What the stop gave.
    #[must_use]
    #[doc(alias("cause", "cancelled_reason"))]
    pub const fn reason(&self) -> &R {
        &self.reason
    }

    /// What the stop gave, as a value.
    #[must_use]
    pub fn into_reason(self) -> R {
        self.reason
    }

    /// Whether every exit was awaited to its end. If not, the [`grace`](Scope::grace) ended first.
    /// An exit that goes on in the [reaper](crate::reaper) was not awaited.
    ///
    /// The grace of an inner scope does not count here.
    #[must_use]
    pub const fn is_graceful(&self) -> bool {
        self.graceful
    }

    /// What went wrong with exits since the stop fired, in the order in which it happened.
    ///
    /// These are exits that failed, panics behind the first, exits that were cut at the end of the
    /// [`grace`](Scope::grace), and resources that were lost there. They count as heard from here
    /// on, and do not go to the hook any more.
    ///
    /// ```
    /// use forwith::{AsyncExit, Outcome, async_with, scope};
    /// use std::future::{pending, ready};
    ///
    /// struct Transaction;
    ///
    /// impl AsyncExit for Transaction {
    ///     type Error = &'static str;
    ///
    ///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
    ///         assert_eq!(outcome, Outcome::Cancelled);
    ///         Err("the connection is closed")
    ///     }
    /// }
    ///
    /// # async fn yield_now() { let mut first = true; std::future::poll_fn(|cx| {
    /// #     if !std::mem::take(&mut first) { return std::task::Poll::Ready(()) }
    /// #     cx.waker().wake_by_ref(); std::task::Poll::Pending }).await }
    /// # futures::executor::block_on(async {
    /// let work = async { async_with!(ready(Ok(Transaction)), { pending::<()>().await }) };
    /// let stop = async { for _ in 0..2 { yield_now().await } };
    /// let cancelled = scope(work, stop).await.unwrap_err();
    /// let error = &cancelled.exit_errors()[0];
    /// assert!(error.resource().ends_with("Transaction"));
    /// assert!(error.to_string().ends_with("failed: \"the connection is closed\""));
    /// # });
    /// ```
    #[must_use]
    #[doc(alias("suppressed", "__context__"))]
    pub fn exit_errors(&self) -> &[ExitReport] {
        self.exit_errors.hear()
    }
}

impl<R> fmt::Display for Cancelled<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.graceful {
            "cancelled"
        } else {
            "cancelled, and not every exit ended in time"
        })?;
        match self.exit_errors() {
            [] => Ok(()),
            [only] => write!(f, "; {only}"),
            [first, others @ ..] => write!(f, "; {first}; and {} more", others.len()),
        }
    }
}

impl<R: fmt::Debug> fmt::Debug for Cancelled<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Cancelled");
        debug.field("reason", &self.reason);
        debug.field("graceful", &self.graceful);
        match self.exit_errors() {
            [] => {}
            errors => {
                debug.field("exit_errors", &errors);
            }
        }
        debug.finish()
    }
}

impl<R: fmt::Debug> Error for Cancelled<R> {}
