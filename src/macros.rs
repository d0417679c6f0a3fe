//! The two macros, and the one that their bodies call.
//!
//! The two pass the path of this crate to the procedural ones, so that a renamed dependency and a
//! re-export work.

/// Runs a body for each item of a stream or of another source: `async for`.
///
/// ```text
/// async_for!( #[option]* 'label: for PATTERN in EXPRESSION { BODY } )
/// ```
///
/// The loop reads and behaves like a `for` loop. Its body is inline code of the async function
/// around it: `break`, `continue`, `return`, `?`, `.await` and borrows of locals mean what they
/// always mean. The loop may yield to the scheduler while it fetches the next item, and wherever
/// the body awaits.
///
/// ```
/// use forwith::async_for;
/// use futures::stream;
///
/// # futures::executor::block_on(async {
/// let mut sum = 0;
/// async_for!(for n in stream::iter(1..=4) {
///     if n == 3 {
///         continue;
///     }
///     sum += n;
/// });
/// assert_eq!(sum, 7);
/// # });
/// ```
///
/// # What it loops over
///
/// - Anything that implements [`IntoStream`](crate::IntoStream): every
///   [`Stream`](futures_core::Stream), `Unpin` or not, and every container that can be turned into
///   one. The stream is pinned in place. To use the stream after a `break`, loop over
///   `&mut stream`; one that is not `Unpin` is pinned with `pin!` and looped over as
///   `stream.as_mut()`.
/// - Anything that implements [`Source`](crate::Source), an `async fn next`: types of yours, whose
///   items may borrow from the source, such as a row that is read into one buffer; and, with the
///   feature `tokio`, [channels and others of tokio](crate::on_tokio#loops).
/// - A value of another crate that is neither, by a closure:
///   [`from_fn(async || queue.pop().await)`](crate::source::from_fn).
///
/// The compiler chooses by the type. What is both a stream and a source goes as a stream.
///
/// While the body awaits, nobody polls the stream. So a stream that runs futures itself, by
/// `buffered` or `buffer_unordered`, stands still until the body asks for the next item. Such
/// futures belong in the bodies of a loop with [`#[concurrent(n)]`](#several-bodies-at-once), or in
/// tasks, whose handles the stream gives.
///
/// Any irrefutable pattern takes the item, as in `for`.
///
/// # The value of the loop
///
/// A loop without a `break value` gives `()`. With one it gives an [`Option`]: `Some(value)` after
/// that break, and `None` when the stream has ended. Python's `async for … else` is Rust's own
/// `let … else`:
///
/// ```
/// use forwith::async_for;
/// use futures::stream;
///
/// async fn find(wanted: u32) -> Result<&'static str, String> {
///     let Some(name) = async_for!(for (n, name) in stream::iter([(1, "one"), (2, "two")]) {
///         if n == wanted {
///             break name;
///         }
///     }) else {
///         return Err(format!("there is no {wanted}"));
///     };
///     Ok(name)
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(find(2).await, Ok("two"));
/// assert_eq!(find(3).await, Err("there is no 3".to_string()));
/// # });
/// ```
///
/// # Fairness
///
/// A stream that is always ready would starve every other task. So after 128 items in a row that
/// were ready at once, the loop yields to the scheduler before it asks for the next item.
/// `#[yield_every(n)]` sets another number, a constant; `#[yield_every(never)]` removes the
/// yielding. So one poll does not end a long loop, even over a stream that is always ready:
/// `now_or_never` gives `None` from 128 items on.
///
/// # Ending it from outside
///
/// `#[until(future)]` ends the loop when the future completes, as the stream's own end would:
/// between two items, never in the middle of a body. A worker shuts down gracefully like that.
///
/// ```
/// use forwith::async_for;
/// use futures::{channel::oneshot, stream};
///
/// # futures::executor::block_on(async {
/// let (stop, stopped) = oneshot::channel::<()>();
/// let mut stop = Some(stop);
/// let mut turns = 0;
/// async_for!(#[until(stopped)] #[yield_every(10)] for _ in stream::repeat(()) {
///     turns += 1;
///     if turns == 25 {
///         drop(stop.take());
///     }
/// });
/// assert_eq!(turns, 25);
/// # });
/// ```
///
/// The future is polled before each item. The loop owns it, so pass `&mut future` to use it later.
///
/// # Several bodies at once
///
/// `#[concurrent(n)]` runs the bodies of up to `n` items at once, in the task of the loop. Nothing
/// is spawned, so the bodies are inline code all the same, on any executor: `?`, `return`,
/// `break value` and labels, [`async_with!`](crate::async_with) inside, and borrows of locals. `n`
/// is any `usize`, evaluated before the stream; `#[concurrent(unlimited)]` has no limit.
///
/// ```
/// use forwith::async_for;
/// use futures::stream;
/// use std::cell::Cell;
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// async fn fetch(page: u64) -> Result<String, String> {
///     sleep(Duration::from_secs(page)).await;
///     Ok(format!("page {page}"))
/// }
///
/// async fn search(wanted: &str) -> Result<Option<u64>, String> {
///     let fetched = Cell::new(0); // shared by the bodies
///     let found = async_for!(#[concurrent(8)] for page in stream::iter(1..100) {
///         let text = fetch(page).await?; // an error ends the loop, and leaves the function
///         fetched.set(fetched.get() + 1);
///         if text == wanted {
///             break page;
///         }
///     });
///     assert_eq!(fetched.get(), 3);
///     Ok(found)
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let begun = Instant::now();
/// assert_eq!(search("page 3").await, Ok(Some(3)));
/// assert_eq!(begun.elapsed().as_secs(), 3);
/// # }
/// ```
///
/// - **The first body that leaves decides.** When one body leaves the loop by a jump, `return`, `?`
///   or a panic, the others are cancelled, as by a [`scope`](crate::scope): what they have entered
///   is exited, side by side, and awaited. Then control goes where that body sent it. A body that
///   has entered nothing is dropped at once. A panic of an exit takes the place of a value.
/// - **A body leaves behind its own exits.** An exit that fails takes the place of the jump, so the
///   loop goes on until it has ended, and begins further bodies. Where they must not begin, the
///   bodies ask a flag that the leaving one has set before its jump.
/// - **`continue`** ends one body. The end of the items, and an `#[until]` that fires, end the loop
///   when the bodies that run have ended.
/// - **Back-pressure.** The loop asks for an item only when there is a place for its body, and
///   begins the body in the same poll. So no item lies between the two, and none is lost there. The
///   stream itself is not polled while all places are taken.
/// - **Bodies and the stream go on side by side.** Bodies are polled while the next item is
///   awaited, and the other way round. A body may wait for what another one holds.
/// - **Shared locals.** The bodies have shared borrows of the locals around, also with
///   `#[concurrent(1)]`. What they change is an atomic or behind a lock, or, in a task that stays
///   on its thread, a [`Cell`](core::cell::Cell). The item is the body's own.
/// - **Fair.** A body is polled when it has been woken, and at most once in each poll of the loop.
///   `#[yield_every(n)]` counts items that were ready at once, as in any loop.
/// - **Errors.** The first one leaves the function. That of an exit which a cancellation began is
///   [reported](crate::report).
///
/// When a body changes a plain local, the compiler says "captured variable cannot escape `FnMut`
/// closure body". Make the local a `Cell`, or, where the loop has to be `Send`, an atomic or a
/// `Mutex`:
///
/// ```
/// use forwith::async_for;
/// use futures::stream;
/// use std::sync::Mutex;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let task = tokio::spawn(async {
///     let sum = AtomicU32::new(0); // not `let mut sum = 0`
///     let even = Mutex::new(Vec::new());
///     async_for!(#[concurrent(3)] for n in stream::iter(1..=4) {
///         sum.fetch_add(n, Ordering::Relaxed);
///         if n % 2 == 0 {
///             even.lock().unwrap().push(n); // locked for this line, and not while it awaits
///         }
///     });
///     (sum.into_inner(), even.into_inner().unwrap())
/// });
/// assert_eq!(task.await.unwrap(), (10, vec![2, 4]));
/// # }
/// ```
///
/// With `#[collect]` the loop gives a [`Vec`](std::vec::Vec) of the values of the bodies, in the
/// order of the items. `continue` leaves an item out. `break` has no value then, and gives the
/// values of the bodies that have ended.
///
/// ```
/// use forwith::async_for;
/// use futures::{future::ready, stream};
///
/// # futures::executor::block_on(async {
/// let squares = async_for!(#[concurrent(3)] #[collect] for n in stream::iter(0..6_u32) {
///     if n == 4 {
///         continue;
///     }
///     ready(n * n).await
/// });
/// assert_eq!(squares, [0, 1, 4, 9, 25]);
/// # });
/// ```
///
/// A [`Source`](crate::Source) that lends its items is refused: no two of them are there at once. The
/// bodies lie in places that are used again, so that a loop allocates for as many bodies as run at
/// once, and nothing for an item. It needs the feature `std`.
///
/// # Panics
///
/// Panics when the stream or the body does. A concurrent loop awaits the exits of the other bodies
/// first, and panics when its limit is 0.
///
/// # Cancel safety
///
/// The loop holds no item of its own. Dropped while it waits for an item, it loses none, unless the
/// stream itself does when its `poll_next` is not called again, or the
/// [`Source`](crate::Source#cancel-safety) when its `next` is dropped. Dropped in the body, it drops
/// that item.
///
/// An `#[until]` drops a `next` that is under way, too.
///
/// In a [`scope`](crate::scope) that is cancelled, an exit in the body may end, and the loop then
/// take an item that is there already: the body gives it up at its first wait. An item that must
/// not be lost is a resource itself.
///
/// A concurrent loop that a scope cancels awaits the exits in its bodies. Dropped by anything else,
/// it drops them in the order of their places, and what is in them goes the way of
/// [`async_with!`](crate::async_with#cancel-safety). A body that leaves the loop drops a `next` of a
/// source that is under way.
///
/// The loop has no exit, so a scope that is cancelled drops it where it waits. A stream or a source
/// that has to be closed is a resource:
/// `async_with!(stream as stream, { async_for!(for item in stream { … }) })`. One that is none
/// becomes one by [`exit_with`](crate::resource::exit_with), and a stream that holds resources
/// itself by [`closing`](crate::resource::closing). A [`stream_fn`](crate::source::stream_fn) is
/// one.
#[doc(alias = "for_each")]
#[doc(alias = "for_each_concurrent")]
#[doc(alias = "buffer_unordered")]
#[doc(alias = "buffered")]
#[doc(alias = "TaskGroup")]
#[doc(alias = "concurrent")]
#[doc(alias = "for await")]
#[doc(alias = "async for")]
#[doc(alias = "await foreach")]
#[doc(alias = "collect")]
#[macro_export]
macro_rules! async_for {
    ($($input:tt)*) => {
        $crate::__private::async_for! { ($crate) $($input)* }
    };
}

/// Runs a body inside a resource, and awaits the resource's exit however the body ends:
/// `async with`.
///
/// ```text
/// async_with!( EXPRESSION [as PATTERN], …, { BODY } )
/// ```
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// #[derive(Default)]
/// struct Database {
///     keys: Vec<(String, String)>,
/// }
///
/// impl Database {
///     async fn connect(url: &str) -> Result<Self, std::io::Error> {
///         assert_eq!(url, "proto://db.somedomain.net");
///         Ok(Database::default())
///     }
///
///     async fn set_key(&mut self, key: &str, value: &str) -> Result<(), std::io::Error> {
///         self.keys.push((key.into(), value.into()));
///         Ok(())
///     }
/// }
///
/// impl AsyncExit for Database {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert!(outcome.is_completed());
///         Ok(())
///     }
/// }
///
/// async fn store() -> Result<usize, std::io::Error> {
///     async_with!(Database::connect("proto://db.somedomain.net") as db, {
///         db.set_key("cow", "Moo!").await?;
///         db.keys.len()
///     })
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(store().await.unwrap(), 1);
/// # });
/// ```
///
/// # Life cycle
///
/// 1. EXPRESSION is evaluated and [entered](crate::AsyncEnter), which may yield to the scheduler.
///    If that fails, its error is the value of the macro, and the body does not run. Temporaries of
///    the expression are dropped here.
/// 2. `as PATTERN` binds a `&mut` to the resource. The resource itself is kept aside.
/// 3. The body runs as inline code: `?`, `return`, `break 'label value`, `continue`, `.await` and
///    borrows of locals mean what they mean outside.
/// 4. The body ends, in whatever way, and everything that it still holds is dropped. As in edition
///    2024, and in crates of older editions too, the temporaries of its last expression go before
///    its locals.
/// 5. The [exit](crate::AsyncExit) is told the [`Outcome`](crate::Outcome) and awaited, which may
///    yield to the scheduler, too.
/// 6. Control goes where it was going.
///
/// | the body … | the exit sees | then |
/// |---|---|---|
/// | reaches its end with a value | `Completed`, or `Failed` on an `Err` | `Ok(value)` |
/// | jumps by `return v`, `break v`, `continue` | `Completed`, or `Failed` on an `Err` | it jumps |
/// | jumps by `?` on an `Err` | `Failed` | it jumps |
/// | jumps by `?` on a `None` or a `Break` | `Completed` | it jumps |
/// | has called [`mark_failed!`](crate::mark_failed), and ends in a way above | `Failed` | as above |
/// | panics | `Panicked` | the panic resumes after the exit |
/// | is cancelled by a [`scope`](crate::scope) | `Cancelled` | nothing behind the macro runs |
/// | is stopped by [its resource](crate::AsyncExit::body_stop) | `Cancelled` | `Err` of the exit |
///
/// # What counts as failed
///
/// An `Err` does, and an `Ok` with a failed value in it: a body that gives
/// `scope(work, stop).await` fails where `work` does. Every other value counts as completed, and a
/// transaction commits, because only `Result` says that something went wrong:
///
/// | value | the exit sees |
/// |---|---|
/// | `Err(_)`, `Ok(Err(_))`, `Ok(Ok(Err(_)))`, … | `Failed` |
/// | `Ok(_)` of anything else | `Completed` |
/// | `None`, also by `None?`: an answer, such as "not found" | `Completed` |
/// | `ControlFlow::Break(_)`, also by `?`: a search that has found | `Completed` |
/// | an `Err` in something else: `(_, Err(_))`, `Some(Err(_))`, `Box::new(Err(_))` | `Completed` |
/// | a type of your own or of a library, such as a `Response` of status 409 | `Completed` |
///
/// To roll back with such a value, say so: `return mark_failed!(refusal);`. See
/// [`mark_failed!`](crate::mark_failed).
///
/// In generic code the compiler does not show what is in a `T`. Of a `T` only the outermost
/// `Result` counts. Elsewhere the depth is eight.
///
/// # Several resources
///
/// Resources are entered in order and exited in reverse. Each may use the ones before it. If one
/// fails to enter, those already entered are exited. They share one error type; [`map_error` and
/// `error_into`](crate::AsyncEnterExt) bring others into line. Those that do not need each other
/// may be entered at once: [`side_by_side`](crate::side_by_side).
///
/// ```
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Connection(Vec<&'static str>);
/// struct Transaction<'c>(&'c mut Connection);
///
/// impl Connection {
///     async fn begin(&mut self) -> Result<Transaction<'_>, std::io::Error> {
///         self.0.push("begin");
///         Ok(Transaction(self))
///     }
/// }
///
/// impl AsyncExit for Connection {
///     type Error = std::io::Error;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         assert_eq!(self.0, ["begin", "insert", "commit"]);
///         Ok(())
///     }
/// }
///
/// impl AsyncExit for Transaction<'_> {
///     type Error = std::io::Error;
///
///     async fn exit(self, outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         self.0.0.push(if outcome.is_completed() { "commit" } else { "rollback" });
///         Ok(())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let connected = std::future::ready(Ok(Connection(Vec::new())));
/// async_with!(connected as connection, connection.begin() as tx, {
///     tx.0.0.push("insert");
/// })
/// .unwrap();
/// # });
/// ```
///
/// # Errors
///
/// The value is a `Result`: `Ok` with the value of the body, or `Err` when an enter or an exit
/// failed.
///
/// In a function with another error type, such as a boxed one, write `Ok(async_with!(…)?)`: the `?`
/// converts the error.
///
/// An exit that fails after a completed body takes the place of the body's value or jump, so that a
/// failed commit is never mistaken for one that worked. After a body that failed or panicked, the
/// body's error stays primary, and the exit's error is
/// [reported](crate::report).
///
/// # Panics
///
/// Panics when the body or an exit does, after every exit has been awaited; of two panics the first
/// one resumes. Without the feature `std`, or with `panic = "abort"`, no panic can be caught, and
/// no exit runs after one.
///
/// # Cancel safety
///
/// When the [`scope`](crate::scope) around is cancelled
/// - before a resource is entered, it is not entered;
/// - while a resource is being entered, the enter is dropped, unless it is
///   [`shielded`](crate::AsyncEnterExt::shielded);
/// - in the body, the body is dropped and the exit awaited, innermost first;
/// - while an exit is awaited, that exit runs to its end.
///
/// When anything else drops the future around
/// - while a resource is being entered, the enter is dropped;
/// - in the body, the body is dropped, and then each resource is
///   [abandoned](crate::AsyncExit::abandon), innermost first;
/// - while an exit is awaited, that exit is cut, which is reported, and the resources further out
///   are abandoned.
///
/// `mem::forget` of the future runs nothing.
///
/// # What cannot work
///
/// The body is an async block of its own, which is driven in place. So
/// - a variable that has no value, not yet or no longer, cannot get one inside: let the body give
///   the value as its own;
/// - a local that the body moves out of counts as moved behind the macro, and in each turn of a
///   loop around it, even where a jump follows the move: put the local into an [`Option`] and
///   `take` it;
/// - the resource cannot be moved out, because its exit needs it: take what is in it, by
///   `mem::take` or out of an [`Option`];
/// - the value cannot borrow from the resource, which is gone by then;
/// - the future is `Send` only if the return type of the function around is: return
///   `Box<dyn Error + Send + Sync>` from a function that is to be spawned on several threads;
/// - the body of several resources that reads an outer one holds a `&` of it in its waits, so the
///   future is `Send` only if that resource is `Sync`: begin the body with `let outer = outer;`.
///   The innermost resource need not be `Sync`;
/// - the future is not `Sync`, because a caught panic lies in it while the exit runs;
/// - a jump without a label inside another macro is not found, because it may belong to a loop of
///   that macro: label the loop. In well-known macros that bring no loop, such as `select!`,
///   `println!` and `tracing::info!`, it is found;
/// - a jump that a macro of your own brings with it cannot be found at all, and the compiler
///   advises a label that is not reachable: write the `match` that jumps into the body itself.
#[doc(alias = "async with")]
#[doc(alias = "await using")]
#[doc(alias = "using")]
#[doc(alias = "AsyncContextManager")]
#[doc(alias = "bracket")]
#[doc(alias = "defer")]
#[doc(alias = "finally")]
#[doc(alias = "try_with")]
#[macro_export]
macro_rules! async_with {
    ($($input:tt)*) => {
        $crate::__private::async_with! { ($crate) $($input)* }
    };
}

/// Says that the body of the [`async_with!`](crate::async_with) around it has failed, without an
/// `Err`.
///
/// ```text
/// mark_failed!()
/// mark_failed!(VALUE)
/// ```
///
/// The first form has the value `()`, the second gives VALUE. The exits of all resources of that
/// call then see [`Outcome::Failed`](crate::Outcome::Failed), and a transaction rolls back, whatever
/// value the body ends with. The mark changes neither the value nor where control goes.
///
/// ```
/// use forwith::{async_with, mark_failed};
/// # use forwith::{AsyncExit, Outcome};
/// # #[derive(Debug, PartialEq)]
/// # struct Response(u16);
/// # struct Transaction;
/// # use std::cell::Cell;
/// # thread_local!(static LAST: Cell<&'static str> = const { Cell::new("") });
/// #
/// # impl AsyncExit for Transaction {
/// #     type Error = std::io::Error;
/// #
/// #     async fn exit(self, outcome: Outcome<'_>) -> std::io::Result<()> {
/// #         LAST.set(if outcome.is_completed() { "COMMIT" } else { "ROLLBACK" });
/// #         Ok(())
/// #     }
/// # }
/// #
/// # async fn begin() -> std::io::Result<Transaction> {
/// #     Ok(Transaction)
/// # }
///
/// async fn pay(funds: u32) -> Response {
///     let paid = async_with!(begin() as tx, {
///         // … statements of the transaction `tx` …
/// #       let _ = tx;
///         if funds < 100 {
///             return mark_failed!(Response(409)); // rolls back first
///         }
///         Response(200)
///     });
///     paid.unwrap_or(Response(500))
/// }
///
/// # futures::executor::block_on(async {
/// assert_eq!(pay(100).await, Response(200)); // COMMIT
/// # assert_eq!(LAST.get(), "COMMIT");
/// assert_eq!(pay(99).await, Response(409)); // ROLLBACK
/// # assert_eq!(LAST.get(), "ROLLBACK");
/// # });
/// ```
///
/// # Which body
///
/// The mark belongs to the body in which it is *written*: that of the innermost `async_with!`, also
/// from within loops, [`async_for!`](crate::async_for), closures, async blocks and calls of other
/// macros. What is written in front of a body, such as the expression of a resource, is not in it.
///
/// Where a `return`, a `?` or a jump leaves a marked body and outer bodies with it, those fail,
/// too. Where a marked body reaches its end, or a jump leaves no other body, the outer ones go on
/// untouched: an inner savepoint is rolled back, and the transaction around it may commit.
///
/// Anywhere else, such as in a function of its own or in a `macro_rules!`, the macro is a compile
/// error: let the function return what the body needs to know, and mark there. It is found by its
/// name, so it cannot be imported under another one.
///
/// # What counts
///
/// A mark cannot be taken back. It is set before VALUE is evaluated. A body that is cancelled or
/// that panics behind its mark has been cancelled or has panicked: those outcomes say more.
///
/// After a marked body, an error of the exit goes to the hook
/// ([`report::set_hook`](crate::report::set_hook)), as after any other that has failed.
///
/// A body without a mark costs nothing more, and one with a mark a few bytes of its future.
#[doc(alias = "rollback")]
#[doc(alias = "set_rollback")]
#[doc(alias = "setRollbackOnly")]
#[macro_export]
macro_rules! mark_failed {
    (@ $mark:ident $depth:literal) => {
        $crate::__private::Mark::set($mark)
    };
    (@ $mark:ident $depth:literal $value:expr $(,)?) => {
        $crate::__private::Mark::before($crate::__private::Mark::set($mark), $value)
    };
    (@ $mark:ident $depth:literal $value:expr, $($more:tt)+) => {
        ::core::compile_error!(
            "`mark_failed!` gives one value: write `mark_failed!(value)`, or `mark_failed!()`"
        )
    };
    ($($outside:tt)*) => {
        ::core::compile_error!(
            "`mark_failed!` must be written in the body of an `async_with!`: a function, or a \
             `macro_rules!`, gives its answer to the body, and the body marks"
        )
    };
}
