//! What a coroutine and the person who steps it tell each other.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::time::HaveElapsed;

/// What a coroutine asks for when it yields.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Request, Step};
/// use forwith_runtime::sleep;
/// use std::time::Duration;
///
/// let mut coroutine = Coroutine::new(sleep(Duration::from_secs(3)));
/// let Ok(Step::Yielded(request)) = coroutine.send(Reply::Granted) else { panic!() };
/// assert_eq!(request, Request::Sleep { duration: Duration::from_secs(3), what: None });
/// assert_eq!(request.to_string(), "Please do not continue until 3 seconds have elapsed.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// It sleeps, and wants to continue when `duration` has elapsed.
    Sleep {
        /// How much longer.
        duration: Duration,
        /// What the sleep is for, if it is [labelled](crate::time::Sleep::labelled).
        what: Option<Cow<'static, str>>,
    },
    /// It wants the others to run first.
    Yield,
    /// It waits for something that is not of this crate, and that wakes it.
    Other,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Request::Sleep { duration, what } => write_sleep(f, *duration, what.as_deref()),
            Request::Yield => f.write_str("Please let the others run first."),
            Request::Other => f.write_str("Please continue when what I wait for has happened."),
        }
    }
}

fn write_sleep(f: &mut fmt::Formatter<'_>, duration: Duration, what: Option<&str>) -> fmt::Result {
    write!(f, "Please do not continue until {}", HaveElapsed(duration))?;
    match what {
        Some(what) => write!(f, " ({what})."),
        None => f.write_str("."),
    }
}

/// What a coroutine is sent.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
/// use forwith_runtime::sleep;
/// use std::time::Duration;
///
/// let mut coroutine = Coroutine::new(sleep(Duration::from_secs(3)));
/// coroutine.send(Reply::Granted).unwrap(); // starts it
/// let two = Reply::Now(Duration::from_secs(2));
/// let Ok(Step::Yielded(request)) = coroutine.send(two) else { panic!() };
/// assert_eq!(request.to_string(), "Please do not continue until 1 second has elapsed.");
/// assert_eq!(coroutine.send(Reply::Now(Duration::from_secs(3))), Ok(Step::Returned(())));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// What you asked for has happened.
    ///
    /// If several things were waited for at once, this grants the one that the request named, and
    /// sleeps that end at the same time.
    Granted,
    /// This much time has passed on my clock; continue if that is enough.
    ///
    /// The clock is at zero when the coroutine is started, unless the very first reply sets it, or
    /// [`advance_to`](crate::by_hand::Coroutine::advance_to) did. It is never set back. Whatever
    /// asked to let the others run is granted.
    Now(Duration),
}

/// How far one [`send`](crate::by_hand::Coroutine::send) brought a coroutine.
///
/// ```
/// use forwith_runtime::by_hand::{Coroutine, Reply, Step};
///
/// assert_eq!(Coroutine::new(async { 27 }).send(Reply::Granted), Ok(Step::Returned(27)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// It waits, and asks for something.
    Yielded(Request),
    /// It has ended, with this value.
    Returned(T),
}
