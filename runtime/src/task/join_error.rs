//! Why a task has no value.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Why a task has no value: it was cancelled or aborted, or it panicked.
///
/// ```
/// use forwith_runtime::{block_on, spawn};
///
/// let error = block_on(async { spawn(async { panic!("out of cubes") }).await.unwrap_err() });
/// assert!(error.is_panic());
/// assert_eq!(error.to_string(), "the task panicked: out of cubes");
/// ```
#[derive(Debug)]
pub struct JoinError(Reason);

#[derive(Debug)]
enum Reason {
    Cancelled,
    Aborted,
    /// Boxed, so that the room for a result is small: every task has it.
    Panicked(Box<Panic>),
}

#[derive(Debug)]
struct Panic {
    /// The mutex makes the error `Sync`, as errors are expected to be.
    payload: Mutex<Box<dyn Any + Send>>,
    message: Option<String>,
}

impl JoinError {
    pub(crate) fn aborted() -> Self {
        JoinError(Reason::Aborted)
    }

    pub(crate) fn cancelled() -> Self {
        JoinError(Reason::Cancelled)
    }

    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let panic = Panic {
            message: message_of(&*payload),
            payload: Mutex::new(payload),
        };
        JoinError(Reason::Panicked(Box::new(panic)))
    }

    /// Whether the task was cancelled, by [`JoinHandle::cancel`](crate::JoinHandle::cancel) or
    /// because its `block_on` came to the end.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let task = block_on(async { spawn(std::future::pending::<()>()) });
    /// assert!(block_on(task).unwrap_err().is_cancelled());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0, Reason::Cancelled)
    }

    /// Whether the task was aborted, by [`JoinHandle::abort`](crate::JoinHandle::abort) or because
    /// the [`grace`](crate::Executor::grace) of its executor was over.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// block_on(async {
    ///     let task = spawn(std::future::pending::<()>());
    ///     task.abort();
    ///     assert!(task.await.unwrap_err().is_aborted());
    /// });
    /// ```
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        matches!(self.0, Reason::Aborted)
    }

    /// Whether the task panicked, in its body or in a destructor.
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let error = block_on(async { spawn(async { panic!() }).await.unwrap_err() });
    /// assert!(error.is_panic() && !error.is_aborted());
    /// ```
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(self.0, Reason::Panicked(_))
    }

    /// The payload of the panic, for [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// ```
    /// use forwith_runtime::{block_on, spawn};
    ///
    /// let error = block_on(async { spawn(async { panic!("oh") }).await.unwrap_err() });
    /// assert_eq!(error.into_panic().downcast_ref(), Some(&"oh"));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the task did not panic: see [`is_panic`](JoinError::is_panic).
    #[must_use]
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        let panic = match self.0 {
            Reason::Panicked(panic) => panic,
            reason => panic!("there is no panic to take: {}", JoinError(reason)),
        };
        panic
            .payload
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Cancelled => f.write_str("the task was cancelled"),
            Reason::Aborted => f.write_str("the task was aborted"),
            Reason::Panicked(panic) => fmt::Display::fmt(panic, f),
        }
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "the task panicked: {message}"),
            None => f.write_str("the task panicked"),
        }
    }
}

impl Error for JoinError {}

/// The message of a panic, if it is text.
fn message_of(payload: &(dyn Any + Send)) -> Option<String> {
    let literal = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    literal.or_else(|| payload.downcast_ref::<String>().cloned())
}
