//! Resources whose number is known only at run time.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;
use core::mem;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::vec::Vec;

use pin_project_lite::pin_project;

use crate::cancel::{keep_panic, part_ends_cancelled};
use crate::executor::Failure;
use crate::expand::{Checkpoint, hold};
use crate::observe::{self, Trace};
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::util::begin::{Begun, begin};
use crate::util::panic::{self, Payload};

/// Resources that are entered one after the other, as many as it takes, and left in reverse: a resource itself, for
/// [`async_with!`](crate::async_with).
///
/// It is what `contextlib.AsyncExitStack` is in Python.
///
/// ```
/// use forwith::{AsyncExit, ExitStack, Outcome, async_with};
/// use std::cell::RefCell;
///
/// type Log = RefCell<Vec<String>>;
///
/// struct Connection<'a>(&'static str, &'a Log);
///
/// impl AsyncExit for Connection<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         self.1.borrow_mut().push(format!("closed {}", self.0));
///         Ok(())
///     }
/// }
///
/// async fn connect<'a>(url: &'static str, log: &'a Log) -> Result<Connection<'a>, std::io::Error> {
///     Ok(Connection(url, log))
/// }
///
/// # futures::executor::block_on(async {
/// let log = Log::default();
/// let urls = ["a.net", "b.net", "c.net"];
/// let connected = async_with!(ExitStack::new() as connections, {
///     for url in urls {
///         let db = connections.enter(connect(url, &log)).await?; // if it fails, those before it are left
///         assert_eq!(db.0, url);
///     }
///     assert_eq!(connections[0].0, "a.net"); // it is a slice of what has been entered
///     connections.len()
/// })?;
/// assert_eq!(connected, 3);
/// assert_eq!(log.into_inner(), ["closed c.net", "closed b.net", "closed a.net"]);
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
///
/// They are of one type. Resources of several types are variants of an `enum`, whose exit leaves the one that it holds; errors of several
/// types are brought into line by [`map_error` and `error_into`](crate::AsyncEnterExt), of each resource or of the whole stack.
///
/// # Leaving
///
/// Goes as for as many calls of `async_with!`, each in the body of the one before: every exit is awaited, from the last in the
/// slice to the first, and none is skipped because another one fails or panics. Each sees what the body did; but where that had
/// completed, those behind an exit that failed see [`Failed`](Outcome::Failed), and those behind one that panicked
/// [`Panicked`](Outcome::Panicked).
///
/// # Keeping what was entered
///
/// A stack may outlive the body: taken out by [`mem::take`], which leaves an empty one behind, it is a value like any other, to be
/// entered once more elsewhere. So one can enter either all or none:
///
/// ```
/// use forwith::{AsyncExit, ExitStack, Outcome, async_with};
/// use std::mem;
///
/// # struct Connection(u32);
/// # impl AsyncExit for Connection {
/// #     type Error = String;
/// #     async fn exit(self, _: Outcome<'_>) -> Result<(), String> { Ok(()) }
/// # }
/// # async fn connect(n: u32) -> Result<Connection, String> {
/// #     if n < 4 { Ok(Connection(n)) } else { Err("there are four".into()) }
/// # }
/// async fn pool(size: u32) -> Result<ExitStack<Connection>, String> {
///     async_with!(ExitStack::new() as connections, {
///         for n in 0..size {
///             connections.enter(connect(n)).await?;
///         }
///         mem::take(connections) // Python's `pop_all`
///     })
/// }
///
/// # futures::executor::block_on(async {
/// async_with!(pool(3).await? as connections, {
///     assert_eq!(connections.len(), 3);
/// })?;
/// assert!(pool(5).await.is_err()); // the four before it have been left
/// # Ok::<(), String>(())
/// # }).unwrap();
/// ```
///
/// # Cancel safety
///
/// A [`scope`](crate::scope) that is cancelled awaits all the exits, as it does for a single resource.
///
/// When the stack is dropped outright, be it outside of an `async_with!`, each resource is [abandoned](AsyncExit::abandon), from the
/// last to the first. If an exit is running then, that one is cut, which is reported as the stack's
/// ([`lost_exits`](crate::lost_exits)), and those that have not begun are abandoned. Those that hand their exits to a
/// [reaper](crate::reaper) have them run in the same order.
#[derive(Debug)]
#[must_use = "it is entered by `async_with!`"]
pub struct ExitStack<R: AsyncExit> {
    /// The last one is left first.
    entered: Vec<R>,
}

impl<R: AsyncExit> ExitStack<R> {
    /// A stack with nothing in it, for [`async_with!`](crate::async_with).
    pub const fn new() -> Self {
        ExitStack {
            entered: Vec::new(),
        }
    }

    /// Enters a resource, which is left before those that are here already.
    ///
    /// Where [`AsyncEnter`] is imported, its method comes first for a stack that is no reference, as in a local of your own: write
    /// `ExitStack::enter(&mut stack, …)` there.
    ///
    /// # Errors
    ///
    /// When the resource cannot be had. The stack stays as it was.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped before it is ready, be it by a [`scope`](crate::scope) that is cancelled, the enter is dropped, and the
    /// stack stays as it was. In a scope that is cancelled already nothing is entered. An enter that is
    /// [`shielded`](crate::AsyncEnterExt::shielded) is finished, and nothing behind it runs but the exits.
    pub async fn enter<A>(&mut self, enter: A) -> Result<&mut R, R::Error>
    where
        A: AsyncEnter<Resource = R>,
    {
        Checkpoint.await;
        let held = {
            let enter = enter.enter();
            let trace = Trace::of_enter(&enter);
            hold(trace.follow(enter).await, &trace)?
        };
        let resource = self.push(held.release());
        Checkpoint.await;
        Ok(resource)
    }

    /// Takes charge of what has been entered already. It is left before those that are here.
    ///
    /// ```
    /// use forwith::{AsyncExit, ExitStack, Outcome, async_with};
    ///
    /// # struct Connection(u32);
    /// # impl AsyncExit for Connection {
    /// #     type Error = std::io::Error;
    /// #     async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> { Ok(()) }
    /// # }
    /// # futures::executor::block_on(async {
    /// let left = async_with!(ExitStack::new() as connections, {
    ///     let guest = connections.push(Connection(1));
    ///     guest.0 = 7;
    ///     connections[0].0
    /// });
    /// assert_eq!(left.unwrap(), 7);
    /// # });
    /// ```
    pub fn push(&mut self, resource: R) -> &mut R {
        let at = self.entered.len();
        self.entered.push(resource);
        &mut self.entered[at]
    }

    /// Takes out the one that would be left first. From then on it is yours to leave.
    ///
    /// ```
    /// use forwith::{AsyncExit, ExitStack, Outcome, async_with};
    ///
    /// # struct Connection;
    /// # impl AsyncExit for Connection {
    /// #     type Error = std::io::Error;
    /// #     async fn exit(self, _: Outcome<'_>) -> Result<(), Self::Error> { Ok(()) }
    /// # }
    /// # futures::executor::block_on(async {
    /// async_with!(ExitStack::new() as connections, {
    ///     connections.push(Connection);
    ///     if let Some(last) = connections.pop() {
    ///         last.exit(Outcome::Completed).await?; // before the others
    ///     }
    ///     assert!(connections.is_empty());
    /// })
    /// # }).unwrap();
    /// ```
    #[must_use = "what is taken out is not left by the stack any more"]
    pub fn pop(&mut self) -> Option<R> {
        self.entered.pop()
    }
}

#[diagnostic::do_not_recommend]
impl<R: AsyncExit> AsyncEnter for ExitStack<R> {
    type Resource = Self;

    async fn enter(self) -> Result<Self, R::Error> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<R: AsyncExit> AsyncExit for ExitStack<R> {
    type Error = R::Error;

    /// Awaits each exit, the last one's first.
    ///
    /// # Errors
    ///
    /// With that of the exit that failed first, after a body that has completed. Any other error goes to the hook
    /// ([`set_exit_error_hook`](crate::set_exit_error_hook)) when it comes, with the name of the resource.
    ///
    /// # Panics
    ///
    /// With the first panic of an exit, when all others have ended; but if the body has panicked, that is the first one. Any other
    /// goes to the hook, and so does an error that had come before it.
    ///
    /// # Cancel safety
    ///
    /// Dropped half-way it drops the exit that runs, and abandons those that have not begun.
    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), R::Error> {
        let mut end = End::<R>::new(outcome);
        while let Some(resource) = self.entered.pop() {
            let exit = One {
                trace: observe::exit(type_name::<R>(), || end.outcome().name()),
                is_last: self.entered.is_empty(),
                exit: begin(|| resource.exit(end.outcome())),
            };
            let exit = exit.await;
            end.weigh(exit);
        }
        end.give()
    }

    fn abandon(mut self, handoff: Handoff<'_>) {
        let mut exits = Vec::new();
        let mut first = None;
        while let Some(resource) = self.entered.pop() {
            exits.extend(reaper::gather(|| {
                if let Err(payload) = panic::catch(|| reaper::abandon(resource)) {
                    // A second one tells of itself when it is dropped.
                    first.get_or_insert(keep_panic(type_name::<R>(), payload));
                }
            }));
        }
        handoff.run_in_turn(exits);
        if let Some(first) = first {
            first.resume();
        }
    }
}

impl<R: AsyncExit> Drop for ExitStack<R> {
    fn drop(&mut self) {
        if !self.entered.is_empty() {
            reaper::abandon(mem::take(self));
        }
    }
}

pin_project! {
    /// An exit of a resource in a stack.
    struct One<F> {
        #[pin]
        exit: Begun<F>,
        trace: Trace,
        is_last: bool,
    }

    impl<F> PinnedDrop for One<F> {
        /// What is abandoned meanwhile goes before the resources that are still in the stack.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if matches!(*this.exit, Begun::Ended) {
                return;
            }
            let _level = (!*this.is_last).then(reaper::open);
            this.trace.run(|| {
                observe::dropped();
                this.exit.set(Begun::Ended);
            });
        }
    }
}

impl<F, E> Future for One<F>
where
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.trace.run_exit(|| this.exit.poll(cx))
    }
}

/// How the body and the exits that have run so far have ended.
struct End<'a, R: AsyncExit> {
    body: Outcome<'a>,
    /// What the exit of the stack is to give. If that is dropped half-way, it tells of itself.
    failure: Option<Failure<R::Error>>,
}

impl<'a, R: AsyncExit> End<'a, R> {
    fn new(body: Outcome<'a>) -> Self {
        End {
            body,
            failure: None,
        }
    }

    /// What the next exit is told.
    fn outcome(&self) -> Outcome<'_> {
        match &self.failure {
            Some(failure) if self.body != Outcome::Cancelled => failure.outcome(),
            _ => self.body,
        }
    }

    /// Takes note of how an exit has ended.
    fn weigh(&mut self, exit: Result<Result<(), R::Error>, Payload>) {
        if part_ends_cancelled(!matches!(exit, Ok(Ok(())))) {
            self.body = Outcome::Cancelled;
        }
        match exit {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.fail(Failure::error::<R>(error)),
            Err(payload) => self.fail(Failure::panic::<R>(payload)),
        }
    }

    /// Keeps a failure if it is to go on. Otherwise it tells of itself, as does one that it takes the place of.
    fn fail(&mut self, failure: Failure<R::Error>) {
        let is_panic = matches!(failure.outcome(), Outcome::Panicked(_));
        let goes_on = match self.outcome() {
            Outcome::Completed => true,
            Outcome::Failed => is_panic,
            Outcome::Panicked(_) => false,
            Outcome::Cancelled => is_panic && self.failure.is_none(),
        };
        if goes_on {
            self.failure = Some(failure);
        }
    }

    /// What the exit of the stack gives.
    ///
    /// # Panics
    ///
    /// If one of the exits did.
    fn give(self) -> Result<(), R::Error> {
        self.failure
            .map_or(Ok(()), |failure| Err(failure.into_error()))
    }
}

/// What has been entered, in that order. The last one is left first.
impl<R: AsyncExit> Deref for ExitStack<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.entered
    }
}

impl<R: AsyncExit> DerefMut for ExitStack<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.entered
    }
}

impl<R: AsyncExit> Default for ExitStack<R> {
    fn default() -> Self {
        ExitStack::new()
    }
}
