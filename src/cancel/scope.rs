//! A future with a stop signal.

use core::error::Error;
use core::fmt;
use core::future::{Future, Pending};
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::region::Region;
use crate::observe;

/// Runs a future until it has ended or `stop` fires. Then each [`async_with!`](crate::async_with) inside is left, its
/// exit awaited, innermost first; and only then the scope ends, with [`Cancelled`].
///
/// `stop` is any future: a timer, a channel, a Ctrl-C, a [`CancelToken`](crate::CancelToken). No executor is named, nothing
/// is spawned, and the future need be neither `'static` nor `Send`.
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
/// 1. Each body of an `async_with!` that has no other inside it is dropped, with all it holds; then its exit is awaited,
///    and sees [`Outcome::Cancelled`](crate::Outcome::Cancelled). Branches of `join!`, `join_all`, `FuturesUnordered` do so side by side.
/// 2. When the exits in a body have ended, that body is dropped and its exit awaited; and so on outwards.
/// 3. Then the future is dropped, and the scope ends.
///
/// A resource that is being entered is dropped with the body that enters it, unless it is
/// [`shielded`](crate::AsyncEnterExt::shielded); nothing new is entered. An exit that had begun for another
/// reason goes on to its end, and control goes on behind it until the next wait: an error that was on its way arrives.
/// What stands beside a scope's resources in a `join!` runs on until they have been left.
///
/// If `stop` has fired before the scope is first polled, the future does not begin. From then on the future is polled before `stop` is,
/// so a value that is ready at the last moment wins. So does one that comes while exits are awaited: the scope then
/// gives `Ok`.
///
/// Exits are shielded: neither a second stop nor that of a scope further out interrupts them. What bounds them is
/// [`grace`](Scope::grace). A scope may run inside another one: its stop does not touch the outer one, and the outer's
/// reaches inwards. Then the inner scope never ends, as nothing behind it is to run; it is dropped with the rest.
///
/// A task that is spawned belongs to no scope: give it one of its own. (One that is polled in here all the same, by an executor that runs
/// inside the scope such as `LocalSet::run_until`, belongs to it.)
///
/// # Errors
///
/// [`Cancelled`], when `stop` fired and the future did not end all the same.
///
/// # Panics
///
/// When the future does. When an exit panics that the cancellation began, the panic resumes here, after the other
/// exits have been awaited; a second one goes to the hook ([`report::set_hook`](crate::report::set_hook)), as
/// do errors of such exits.
///
/// # Cancel safety
///
/// In an outer scope that is cancelled, all inside is cancelled in the same way. Dropped outright, it drops the future, and
/// what was entered in it is [abandoned](crate::AsyncExit::abandon).
///
/// A future that is passed by reference is spent when the scope was cancelled: each `async_with!` in it has been left, and it panics when it is
/// polled again. So, unlike with tokio's `timeout(limit, &mut future)`, the same future cannot be given to a second scope in a loop.
///
/// What has entered something, and is kept but not polled any more, holds the scope up: a future given up by reference to a
/// `select!` or a timeout, a buffer of futures behind a loop. [`grace`](Scope::grace) bounds that, too.
pub fn scope<F, S>(future: F, stop: S) -> Scope<F::IntoFuture, S::IntoFuture>
where
    F: IntoFuture,
    S: IntoFuture,
{
    Scope {
        future: Some(future.into_future()),
        stop: Some(stop.into_future()),
        grace: Grace::Unbounded,
        region: Region::default(),
        phase: Phase::New,
    }
}

pin_project! {
    /// The future of [`scope`].
    #[must_use = "the future in it runs only where the scope is awaited"]
    pub struct Scope<F, S, G = fn() -> Pending<()>, P = Pending<()>> {
        #[pin]
        future: Option<F>,
        // `None` once it has fired.
        #[pin]
        stop: Option<S>,
        #[pin]
        grace: Grace<G, P>,
        region: Region,
        phase: Phase,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not polled yet.
    New,
    Runs,
    Ended,
}

pin_project! {
    /// How long exits may take.
    #[project = GraceProjection]
    enum Grace<G, P> {
        Unbounded,
        // Makes the signal when the stop comes: timers of most executors run from the moment they are made.
        Bounded { begin: Option<G> },
        Runs { #[pin] signal: P },
    }
}

impl<F, S> Scope<F, S> {
    /// Bounds the exits of a cancellation: when the future that `grace` gives is ready, all that is left is dropped outright.
    ///
    /// An exit that has begun is cut then, which is reported and counted ([`lost_exits`](crate::report::lost_exits)). A resource whose exit
    /// has not begun, because those further in took too long, is [abandoned](crate::AsyncExit::abandon). `grace` is called
    /// when the cancellation begins.
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
    pub fn grace<G, P>(self, grace: G) -> Scope<F, S, G, P>
    where
        G: FnOnce() -> P,
        P: Future,
    {
        Scope {
            future: self.future,
            stop: self.stop,
            grace: Grace::Bounded { begin: Some(grace) },
            region: self.region,
            phase: self.phase,
        }
    }
}

impl<F, S, G, P> Future for Scope<F, S, G, P>
where
    F: Future,
    S: Future,
    G: FnOnce() -> P,
    P: Future,
{
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        assert!(
            *this.phase != Phase::Ended,
            "`Scope` was polled after it had ended"
        );
        if *this.phase == Phase::New && fires(this.stop.as_mut(), cx) {
            observe::scope_is_stopped();
            this.region.stop();
        }
        let mut polled = this.region.poll(this.future.as_mut(), cx);
        if polled.is_pending() && fires(this.stop.as_mut(), cx) {
            observe::scope_is_stopped();
            this.region.stop();
            polled = this.region.poll(this.future.as_mut(), cx);
        }
        *this.phase = Phase::Runs;
        let mut graceful = true;
        if polled.is_pending() && this.region.is_stopped() && this.grace.is_over(cx) {
            graceful = false;
            polled = this.region.end(this.future);
        }
        if polled.is_ready() {
            *this.phase = Phase::Ended;
            this.stop.set(None);
        }
        polled.map(|value| value.ok_or(Cancelled { graceful }))
    }
}

/// Whether the signal has fired just now; it goes then.
fn fires<S: Future>(mut signal: Pin<&mut Option<S>>, cx: &mut Context<'_>) -> bool {
    let fired = match signal.as_mut().as_pin_mut() {
        Some(signal) => signal.poll(cx).is_ready(),
        None => false,
    };
    if fired {
        signal.set(None);
    }
    fired
}

impl<G, P> Grace<G, P>
where
    G: FnOnce() -> P,
    P: Future,
{
    /// Whether the exits have had their time, which begins with the first question.
    fn is_over(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> bool {
        if let GraceProjection::Bounded { begin } = self.as_mut().project() {
            if let Some(begin) = begin.take() {
                self.set(Grace::Runs { signal: begin() });
            }
        }
        let over = match self.as_mut().project() {
            GraceProjection::Runs { signal } => signal.poll(cx).is_ready(),
            GraceProjection::Unbounded | GraceProjection::Bounded { .. } => false,
        };
        if over {
            // A scope that the one around has stopped stays pending, and may be polled once more.
            self.set(Grace::Unbounded);
        }
        over
    }
}

impl<F, S, G, P> fmt::Debug for Scope<F, S, G, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("stopped", &self.region.is_stopped())
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

/// Why a [`scope`] has no value: it was stopped.
///
/// ```
/// use forwith::{CancelToken, scope};
///
/// let stop = CancelToken::new();
/// stop.cancel();
/// let cancelled = futures::executor::block_on(scope(std::future::pending::<()>(), &stop)).unwrap_err();
/// assert_eq!(cancelled.to_string(), "cancelled");
/// assert!(cancelled.is_graceful());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    graceful: bool,
}

impl Cancelled {
    /// Whether every exit was awaited to its end. If not, the [`grace`](Scope::grace) was over before. (The grace of a scope further
    /// in is that scope's own affair.)
    #[must_use]
    pub const fn is_graceful(self) -> bool {
        self.graceful
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.graceful {
            "cancelled"
        } else {
            "cancelled, and not every exit ended in time"
        })
    }
}

impl Error for Cancelled {}
