//! A future in the hands of a person.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::__private::outside;

use super::{Reply, Step, Stepper};
use crate::context::{self, Frame};

/// A future that is stepped by hand: what an executor does, one step at a time.
///
/// Each [`send`](Coroutine::send) runs it to the next point where it waits, and gives what it asks
/// for. Inside it, [`sleep`](crate::sleep), [`yield_now`](crate::yield_now) and the
/// [mocks](crate::mock) ask the person who steps; no executor is needed. It may also be stepped
/// inside a task of an executor, which does not notice: then its [`spawn`](crate::spawn) starts
/// tasks there. A [`scope`](forwith::scope) that it is stepped in does not reach inside it.
///
/// ```
/// use forwith_runtime::{Coroutine, Reply, Step, sleep};
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
    /// `None` once it has finished.
    future: Option<Pin<Box<F>>>,
    stepper: Rc<Stepper>,
}

impl<F: Future> Coroutine<F> {
    /// A coroutine that stands before its first line.
    ///
    /// ```
    /// use forwith_runtime::{Coroutine, Reply, Step};
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
    /// The first reply starts it: there was no request to answer yet.
    ///
    /// If it waits for several things at once, the request is to let the others run, if that is
    /// among them, or else the sleep that ends first.
    ///
    /// ```
    /// use forwith_runtime::{Coroutine, Reply, Step, yield_now};
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
    /// Fails when the coroutine has [`Finished`]: it has returned, or panicked.
    ///
    /// # Panics
    ///
    /// A panic of the coroutine's body propagates, once.
    pub fn send(&mut self, reply: Reply) -> Result<Step<F::Output>, Finished> {
        // Taken out, so that after a panic there is none.
        let mut future = self.future.take().ok_or(Finished)?;
        self.stepper.accept(reply);
        match self.poll(future.as_mut()) {
            Poll::Ready(value) => Ok(Step::Returned(value)),
            Poll::Pending => {
                self.future = Some(future);
                Ok(Step::Yielded(self.stepper.request()))
            }
        }
    }

    fn poll(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let _entered = context::enter(Frame::Coroutine(self.stepper.clone()));
        // Nobody listens to the waker: a person decides when to go on. So no scope around may wait for what is inside.
        outside(|| future.poll(&mut Context::from_waker(Waker::noop())))
    }
}

/// A future that has not ended is dropped as in a step, so that its destructors know their clock.
impl<F> Drop for Coroutine<F> {
    fn drop(&mut self) {
        let _entered = context::enter(Frame::Coroutine(self.stepper.clone()));
        self.future = None;
    }
}

impl<F> fmt::Debug for Coroutine<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coroutine")
            .field("finished", &self.future.is_none())
            .finish_non_exhaustive()
    }
}

/// The error of [`Coroutine::send`]: the coroutine has come to its end before.
///
/// ```
/// use forwith_runtime::{Coroutine, Finished, Reply};
///
/// let mut coroutine = Coroutine::new(async {});
/// coroutine.send(Reply::Granted).unwrap();
/// assert_eq!(coroutine.send(Reply::Granted), Err(Finished));
/// assert_eq!(Finished.to_string(), "the coroutine has finished: it cannot be sent anything any more");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished;

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the coroutine has finished: it cannot be sent anything any more")
    }
}

impl Error for Finished {}
