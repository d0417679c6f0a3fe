//! Resources whose number is known only at run time.

use core::any::type_name;
use core::fmt::Debug;
use core::future::Future;
use core::marker::PhantomData;
use core::mem;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::vec::Vec;

use pin_project_lite::pin_project;

use crate::cancel::{end_part, keep_panic};
use crate::executor::Failure;
use crate::expand::{self, Checkpoint};
use crate::observe::{self, Trace};
use crate::outlive::tell_whole_dropped;
use crate::protocol::{AsyncEnter, AsyncExit, Handoff, Outcome};
use crate::reaper;
use crate::side_by_side::side_by_side;
use crate::util::begin::{Begun, begin};
use crate::util::panic::{self, Payload};

/// A resource that holds others: as many as are entered at run time, exited in reverse.
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
/// async fn connect<'a>(url: &'static str, log: &'a Log) -> std::io::Result<Connection<'a>> {
///     Ok(Connection(url, log))
/// }
///
/// # futures::executor::block_on(async {
/// let log = Log::default();
/// let urls = ["a.net", "b.net", "c.net"];
/// let connected = async_with!(ExitStack::new() as connections, {
///     for url in urls {
///         let db = connections.enter(connect(url, &log)).await?; // on an error all are exited
///         assert_eq!(db.0, url);
///     }
///     assert_eq!(connections[0].0, "a.net"); // it is a slice of the resources
///     connections.len()
/// })?;
/// assert_eq!(connected, 3);
/// assert_eq!(log.into_inner(), ["closed c.net", "closed b.net", "closed a.net"]);
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
///
/// The resources are of one type. To mix types, make them variants of an `enum` whose exit exits
/// the variant that it holds. Errors of several types are brought into line by [`map_error` and
/// `error_into`](crate::AsyncEnterExt), of each resource or of the whole stack.
///
/// # Exiting
///
/// A stack is exited as nested calls of `async_with!` would be: every exit is awaited, from the
/// last resource in the slice to the first, and none is skipped because another one fails or
/// panics. Each sees the outcome of the body. After a body that completed, exits that follow one
/// that failed see [`Failed`](Outcome::Failed), and those that follow one that panicked
/// [`Panicked`](Outcome::Panicked).
///
/// # Keeping the resources
///
/// A stack can outlive the body. [`mem::take`] takes it out and puts an empty one in its place;
/// then it is a value like any other, to be entered once more elsewhere. So a function can enter
/// either all or none:
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
/// assert!(pool(5).await.is_err()); // the four before it have been exited
/// # Ok::<(), String>(())
/// # }).unwrap();
/// ```
///
/// # Cancel safety
///
/// A [`scope`](crate::scope) that is cancelled awaits all exits, as it does for a single resource.
///
/// When the stack is dropped, in an `async_with!` or elsewhere, each resource is
/// [abandoned](AsyncExit::abandon), from the last to the first. An exit that is running then is
/// cut, which is reported as the stack's ([`lost_exits`](crate::report::lost_exits)), and the
/// resources whose exits have not begun are abandoned. Exits that are handed to a
/// [reaper](crate::reaper) run in the same order.
#[doc(alias = "AsyncExitStack")]
#[doc(alias = "contextlib")]
#[doc(alias = "AsyncDisposableStack")]
#[doc(alias = "IAsyncDisposable")]
#[derive(Debug)]
#[must_use = "it is entered by `async_with!`"]
pub struct ExitStack<R: AsyncExit> {
    /// In order of entering; the last one is exited first.
    entered: Vec<R>,
}

impl<R: AsyncExit> ExitStack<R> {
    /// An empty stack, for [`async_with!`](crate::async_with).
    pub const fn new() -> Self {
        ExitStack {
            entered: Vec::new(),
        }
    }

    /// Enters a resource, which is exited before those that are in the stack already.
    ///
    /// Where [`AsyncEnter`] is imported, its method comes first for a stack that is no reference,
    /// such as a local of your own: write `ExitStack::enter(&mut stack, …)` there.
    ///
    /// # Errors
    ///
    /// Fails when the resource fails to enter. The stack stays as it was.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, by a cancelled [`scope`](crate::scope) or by anything else, it
    /// drops the enter, and the stack stays as it was. In a scope that is cancelled already nothing
    /// is entered. An enter that is [`shielded`](crate::AsyncEnterExt::shielded) finishes, and
    /// nothing behind it runs but the exits.
    #[doc(alias = "enter_async_context")]
    #[doc(alias = "use")]
    pub async fn enter<A>(&mut self, enter: A) -> Result<&mut R, R::Error>
    where
        A: AsyncEnter<Resource = R>,
    {
        Checkpoint.await;
        let held = expand::enter(enter, A::enter).await?;
        let resource = self.push(held.release());
        Checkpoint.await;
        Ok(resource)
    }

    /// Enters several resources at once, as [`side_by_side`](crate::side_by_side) does. They are
    /// exited before those that are in the stack already, one after the other, from the last to the
    /// first. Gives them.
    ///
    /// ```
    /// use forwith::{AsyncExit, ExitStack, Outcome, async_with};
    ///
    /// # struct Connection(u32);
    /// # impl AsyncExit for Connection {
    /// #     type Error = String;
    /// #     async fn exit(self, _: Outcome<'_>) -> Result<(), String> { Ok(()) }
    /// # }
    /// # async fn connect(n: u32) -> Result<Connection, String> {
    /// #     if n < 4 { Ok(Connection(n)) } else { Err("there are four".into()) }
    /// # }
    /// # futures::executor::block_on(async {
    /// async_with!(ExitStack::new() as connections, {
    ///     let two = connections.enter_all((1..3).map(connect)).await?;
    ///     assert_eq!((two[0].0, two[1].0), (1, 2));
    ///     assert!(connections.enter_all((3..6).map(connect)).await.is_err());
    ///     assert_eq!(connections.len(), 2); // the third one has been exited
    /// })
    /// # }).unwrap();
    /// ```
    ///
    /// To exit resources side by side, put them into a [`Vec`], which is a resource, too. A stack
    /// of vectors exits one vector after the other.
    ///
    /// # Errors
    ///
    /// Fails with the error of the enter that fails first, after all that have been entered by this
    /// call are exited. The stack stays as it was.
    ///
    /// # Panics
    ///
    /// When an enter panics, after all that have been entered by this call are exited.
    ///
    /// # Cancel safety
    ///
    /// In a scope that is cancelled before it is ready, what has been entered by this call is
    /// exited, and then the stack. Dropped by anything else, it abandons what it has entered, and
    /// the stack stays as it was.
    #[doc(alias = "gather")]
    pub async fn enter_all<A>(
        &mut self,
        enters: impl IntoIterator<Item = A>,
    ) -> Result<&mut [R], R::Error>
    where
        A: AsyncEnter<Resource = R>,
    {
        let enters: Vec<A> = enters.into_iter().collect();
        Checkpoint.await;
        let entered = AsyncEnter::enter(side_by_side(enters)).await?;
        let first = self.entered.len();
        self.entered.extend(entered);
        Checkpoint.await;
        Ok(&mut self.entered[first..])
    }

    /// Adds a resource that has been entered already. It is exited before those that are in the
    /// stack.
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
    /// let number = async_with!(ExitStack::new() as connections, {
    ///     let guest = connections.push(Connection(1));
    ///     guest.0 = 7;
    ///     connections[0].0
    /// });
    /// assert_eq!(number.unwrap(), 7);
    /// # });
    /// ```
    #[doc(alias = "push_async_exit")]
    #[doc(alias = "adopt")]
    pub fn push(&mut self, resource: R) -> &mut R {
        let at = self.entered.len();
        self.entered.push(resource);
        &mut self.entered[at]
    }

    /// Takes out the resource that would be exited first. From then on it is yours to exit.
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
    #[must_use = "the stack does not exit what is taken out"]
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

    const OUTLIVES: bool = R::OUTLIVES;

    /// Awaits each exit, that of the last resource first.
    ///
    /// # Errors
    ///
    /// Fails with the error of the exit that failed first. After a body that has not completed,
    /// that error goes to the hook, and every later one always does
    /// ([`report::set_hook`](crate::report::set_hook)), with the name of the resource.
    ///
    /// # Panics
    ///
    /// Panics with the first panic of an exit, when all others have ended. A later panic goes to
    /// the hook, and so does an error that came before the first. If the body has panicked, its
    /// panic is the first.
    ///
    /// # Cancel safety
    ///
    /// Dropped half-way, it drops the exit that runs, and abandons the resources whose exits have
    /// not begun.
    async fn exit(mut self, outcome: Outcome<'_>) -> Result<(), R::Error> {
        let told = ToldIfDropped::<R>(PhantomData);
        let mut progress = Progress::<R>::new(outcome);
        while let Some(resource) = self.entered.pop() {
            observe::exiting(type_name::<R>());
            let exit = StackedExit::<R, _> {
                trace: observe::exit(type_name::<R>(), || progress.outcome().name()),
                is_last: self.entered.is_empty(),
                exit: begin(|| resource.exit(progress.outcome())),
                resource: PhantomData,
            };
            let ended = exit.await;
            observe::exited(type_name::<R>());
            progress.record(ended);
        }
        mem::forget(told);
        progress.finish()
    }

    fn abandon(mut self, handoff: Handoff<'_>) {
        let mut exits = Vec::new();
        let mut first = None;
        while let Some(resource) = self.entered.pop() {
            exits.extend(reaper::gather(|| {
                if let Err(payload) = panic::catch(|| reaper::abandon(resource)) {
                    // A second one goes to the hook when it is dropped.
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

/// Tells probes of a stack whose exit is dropped before its end. Where that is cut, whoever awaits
/// it tells.
struct ToldIfDropped<R: AsyncExit>(PhantomData<fn(R)>);

impl<R: AsyncExit> Drop for ToldIfDropped<R> {
    fn drop(&mut self) {
        if R::OUTLIVES {
            tell_whole_dropped(type_name::<ExitStack<R>>(), true);
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
    /// The exit of one resource in a stack.
    struct StackedExit<R: AsyncExit, F> {
        #[pin]
        exit: Begun<F>,
        trace: Trace,
        is_last: bool,
        resource: PhantomData<fn(R)>,
    }

    impl<R: AsyncExit, F> PinnedDrop for StackedExit<R, F> {
        /// Resources inside the exit are abandoned before those that are still in the stack.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if matches!(*this.exit, Begun::Ended) {
                return;
            }
            let _level = (!*this.is_last).then(reaper::open_level);
            this.trace.run(|| {
                if !R::OUTLIVES {
                    observe::cut(type_name::<R>());
                }
                this.exit.set(Begun::Ended);
            });
        }
    }
}

impl<R, F, E> Future for StackedExit<R, F>
where
    R: AsyncExit,
    F: Future<Output = Result<(), E>>,
    E: Debug,
{
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.trace.run_exit(|| this.exit.poll(cx))
    }
}

/// The outcome of the body, and of the exits that have ended so far.
struct Progress<'a, R: AsyncExit> {
    body: Outcome<'a>,
    /// The failure that the stack's exit gives. If that is dropped half-way, it goes to the hook.
    failure: Option<Failure<R::Error>>,
}

impl<'a, R: AsyncExit> Progress<'a, R> {
    fn new(body: Outcome<'a>) -> Self {
        Progress {
            body,
            failure: None,
        }
    }

    /// The outcome that the next exit sees.
    fn outcome(&self) -> Outcome<'_> {
        match &self.failure {
            Some(failure) if self.body != Outcome::Cancelled => failure.outcome(),
            _ => self.body,
        }
    }

    /// Records how an exit has ended.
    fn record(&mut self, exit: Result<Result<(), R::Error>, Payload>) {
        if end_part(!matches!(exit, Ok(Ok(())))) {
            self.body = Outcome::Cancelled;
        }
        match exit {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.record_failure(Failure::error::<R>(error)),
            Err(payload) => self.record_failure(Failure::panic::<R>(payload)),
        }
    }

    /// Keeps a failure that is worse than what came before. One that is not kept, or not any more,
    /// is dropped, and goes to the hook.
    fn record_failure(&mut self, failure: Failure<R::Error>) {
        let is_panic = matches!(failure.outcome(), Outcome::Panicked(_));
        let is_worse = match self.outcome() {
            Outcome::Completed => true,
            Outcome::Failed => is_panic,
            Outcome::Panicked(_) => false,
            Outcome::Cancelled => is_panic && self.failure.is_none(),
        };
        if is_worse {
            self.failure = Some(failure);
        }
    }

    /// Gives the result of the stack's exit.
    ///
    /// # Panics
    ///
    /// Panics if one of the exits did.
    fn finish(self) -> Result<(), R::Error> {
        self.failure
            .map_or(Ok(()), |failure| Err(failure.into_error()))
    }
}

/// The resources in the order of entering. The last one is exited first.
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
