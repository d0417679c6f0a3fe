//! A future that a person steps.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use forwith::executor::outside;
use forwith_timeline::{EventKind, Label, Timeline};

use super::request::{Reply, Request, Step};
use super::scheduled::Scheduled;
use super::stepper::Stepper;

/// A future that is stepped by hand: you do what an executor does, one step at a time.
///
/// Each [`send`](Coroutine::send) runs the future to the next point where it waits, and returns
/// what it asks for. Inside, [`sleep`](crate::sleep), [`yield_now`](crate::yield_now) and the
/// [mocks](crate::mock) ask the person who steps, so no executor is needed. A coroutine may also be
/// stepped inside a task of an executor, which does not notice: there, [`spawn`](crate::spawn)
/// starts tasks of that executor. A [`scope`](forwith::scope) around the steps does not reach
/// inside.
///
/// When you have seen enough, await the coroutine: an executor continues where you have stopped,
/// see [its `IntoFuture`](#impl-IntoFuture-for-Coroutine%3CF%3E).
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
/// use forwith_runtime::sleep;
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> u64 {
///     sleep(Duration::from_secs(x)).await;
///     x * x * x
/// }
///
/// let mut coroutine = Coroutine::new(cube(3));
/// match coroutine.send(Reply::Granted) {
///     Ok(Step::Yielded(request)) => assert_eq!(
///         request.to_string(),
///         "Please do not continue until 3 seconds have elapsed."
///     ),
///     other => panic!("it should sleep first, but it did this: {other:?}"),
/// }
/// assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned(27)));
/// ```
#[must_use = "a coroutine does nothing until it is sent something"]
pub struct Coroutine<F> {
    /// `None` once the coroutine has finished.
    future: Option<Pin<Box<F>>>,
    pub(super) stepper: Rc<Stepper>,
}

impl<F: Future> Coroutine<F> {
    /// A coroutine that has not begun.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
    ///
    /// let name = String::from("world"); // it may borrow
    /// let mut coroutine = Coroutine::new(async { format!("hello {name}") });
    /// assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned("hello world".into())));
    /// ```
    pub fn new(future: impl IntoFuture<IntoFuture = F>) -> Self {
        Coroutine {
            future: Some(Box::pin(future.into_future())),
            stepper: Rc::new(Stepper::new()),
        }
    }

    /// Answers what the coroutine asked for, and runs it to the next point where it waits.
    ///
    /// The first reply starts it, and answers nothing.
    ///
    /// If the coroutine waits for several things at once, the request is to let the others run, if
    /// that is among them, or else the sleep that ends first.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
    /// use forwith_runtime::yield_now;
    ///
    /// let mut coroutine = Coroutine::new(async {
    ///     yield_now().await;
    ///     "done"
    /// });
    /// assert!(matches!(coroutine.send(Reply::Granted), Ok(Step::Yielded(_))));
    /// assert_eq!(coroutine.send(Reply::Granted), Ok(Step::Returned("done")));
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the coroutine has [`Finished`]: it has returned, or panicked.
    ///
    /// # Panics
    ///
    /// A panic of the coroutine's body propagates, once.
    pub fn send(&mut self, reply: Reply) -> Result<Step<F::Output>, Finished> {
        if self.is_finished() {
            return Err(Finished);
        }
        // Nobody listens to the waker, for a person decides when to continue. So no scope around
        // may wait for what is inside.
        let polled = outside(|| self.resume(reply, Waker::noop()));
        Ok(match polled {
            Poll::Ready(value) => Step::Returned(value),
            Poll::Pending => Step::Yielded(self.stepper.request()),
        })
    }

    /// Answers the coroutine, which has not finished, and runs it to the next point where it waits
    /// for `waker`.
    pub(super) fn resume(&mut self, reply: Reply, waker: &Waker) -> Poll<F::Output> {
        self.stepper.accept(reply, waker);
        let rest = &mut self.future;
        self.stepper.run(|| {
            // Taken out, so that after a panic there is none. A future that is ready is dropped in
            // here too.
            let mut future = rest.take().expect("it has not finished");
            let polled = future.as_mut().poll(&mut Context::from_waker(waker));
            if polled.is_pending() {
                *rest = Some(future);
            }
            polled
        })
    }
}

impl<F> Coroutine<F> {
    /// What the coroutine asks for now. `None` before it is started, and when it has finished.
    ///
    /// A sleep says how much longer by the coroutine's clock. If that is no time at all, the
    /// coroutine may continue.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply};
    /// use forwith_runtime::sleep;
    /// use std::time::Duration;
    ///
    /// let mut coroutine = Coroutine::new(sleep(Duration::from_secs(3)));
    /// assert_eq!(coroutine.request(), None);
    /// coroutine.send(Reply::Granted).unwrap();
    /// let request = coroutine.request().unwrap();
    /// assert_eq!(request.to_string(), "Please do not continue until 3 seconds have elapsed.");
    /// ```
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let waits = self.stepper.is_started() && !self.is_finished();
        waits.then(|| self.stepper.request())
    }

    /// Whether the coroutine has returned or panicked, and so cannot be sent anything any more.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply};
    ///
    /// let mut coroutine = Coroutine::new(async {});
    /// assert!(!coroutine.is_finished());
    /// coroutine.send(Reply::Granted).unwrap();
    /// assert!(coroutine.is_finished());
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.future.is_none()
    }

    /// Lets time pass on the coroutine's clock, without running the coroutine. The clock is never
    /// set back.
    ///
    /// This is for stepping several coroutines by one clock: each [`request`](Coroutine::request)
    /// then says how much longer.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
    /// use forwith_runtime::sleep;
    /// use std::time::Duration;
    ///
    /// let mut coroutine = Coroutine::new(sleep(Duration::from_secs(3)));
    /// coroutine.send(Reply::Granted).unwrap();
    /// coroutine.advance_to(Duration::from_secs(2));
    /// let request = coroutine.request().unwrap();
    /// assert_eq!(request.to_string(), "Please do not continue until 1 second has elapsed.");
    /// ```
    pub fn advance_to(&mut self, now: Duration) {
        self.stepper.time.clock().advance_to(now);
    }

    /// Records the steps into `timeline`, in a lane of this name: each step, what the coroutine
    /// waits for, and its [notes](crate::timeline::note), by its own clock.
    ///
    /// Several coroutines may share a timeline. An [`Executor`](crate::Executor) must not have the
    /// same one, for it would clear it.
    ///
    /// The lane begins now, without what a coroutine that has been started waits for already. If
    /// the coroutine is recorded again, the steps that follow are in the new lane alone, and the
    /// old one stays as it is.
    ///
    /// ```
    /// use forwith_runtime::by_hand::{Coroutine, Reply};
    /// use forwith_runtime::{Timeline, sleep, timeline};
    /// use std::time::Duration;
    ///
    /// let record = Timeline::new();
    /// let mut coroutine = Coroutine::new(async {
    ///     sleep(Duration::from_secs(3)).await;
    ///     timeline::note("awake");
    /// })
    /// .record(&record, "sleeper");
    /// coroutine.send(Reply::Granted).unwrap();
    /// coroutine.send(Reply::Now(Duration::from_secs(4))).unwrap(); // a second late
    ///
    /// let text = record.to_string();
    /// let (_legend, rows) = text.split_once("\n\n").unwrap();
    /// assert_eq!(rows.lines().collect::<Vec<_>>(), [
    ///     "     time  sleeper",
    ///     "   0.000s  ○ spawned",
    ///     "           ┊ 3s",
    ///     "   4.000s  ● awake",
    ///     "           ■ finished",
    /// ]);
    /// ```
    pub fn record(self, timeline: &Timeline, name: impl Into<Label>) -> Self {
        self.stepper.record_into(timeline, name.into());
        self
    }
}

/// Hands the coroutine over to a scheduler, which continues where the person has stopped: it waits
/// for what was asked for, answers with [`Reply::Now`], and so on to the end.
///
/// The coroutine's clock continues from its time, as fast as the one outside. Scopes around reach
/// inside, so cancelling a task that awaits the coroutine awaits its exits.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply};
/// use forwith_runtime::{Executor, now, sleep};
/// use std::time::Duration;
///
/// async fn cube(x: u64) -> u64 {
///     sleep(Duration::from_secs(x)).await;
///     x * x * x
/// }
///
/// let mut coroutine = Coroutine::new(cube(3));
/// coroutine.send(Reply::Granted).unwrap();
/// coroutine.send(Reply::Now(Duration::from_secs(1))).unwrap(); // too early
///
/// Executor::with_virtual_clock().block_on(async {
///     assert_eq!(coroutine.await, 27);
///     assert_eq!(now(), Duration::from_secs(2)); // the rest
/// });
/// ```
///
/// # Panics
///
/// Awaiting it panics if the coroutine has finished, and if a sleep in it finds no clock: outside
/// an executor of this crate and outside another coroutine. A panic of the coroutine's body
/// propagates.
///
/// # Cancel safety
///
/// In a scope that is cancelled, what the coroutine has entered is exited, and the exits are
/// awaited. Dropping the future drops the coroutine.
impl<F: Future> IntoFuture for Coroutine<F> {
    type Output = F::Output;
    type IntoFuture = Scheduled<F>;

    fn into_future(self) -> Scheduled<F> {
        Scheduled::new(self)
    }
}

/// Drops a future that has not ended as in a step, so that its destructors know their clock.
impl<F> Drop for Coroutine<F> {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else {
            return;
        };
        let _entered = self.stepper.enter();
        drop(future);
        self.stepper.record(|| EventKind::Aborted);
    }
}

impl<F> fmt::Debug for Coroutine<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coroutine")
            .field("finished", &self.future.is_none())
            .finish_non_exhaustive()
    }
}

/// The error of [`Coroutine::send`]: the coroutine had ended before.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Finished, Reply};
///
/// let mut coroutine = Coroutine::new(async {});
/// coroutine.send(Reply::Granted).unwrap();
/// assert_eq!(coroutine.send(Reply::Granted), Err(Finished));
/// let message = "the coroutine has finished: it cannot be sent anything any more";
/// assert_eq!(Finished.to_string(), message);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished;

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the coroutine has finished: it cannot be sent anything any more")
    }
}

impl Error for Finished {}
