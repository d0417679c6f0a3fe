//! A closure as a source.

use core::fmt::{self, Debug};
use core::future::Future;
use core::marker::PhantomData;

use crate::Source;

/// Makes an async closure a source, which is called for each item: for values of other crates,
/// which cannot be given a [`Source`].
///
/// ```
/// use forwith::async_for;
/// use forwith::source::from_fn;
///
/// // A queue of somebody else.
/// struct Queue(Vec<&'static str>);
///
/// impl Queue {
///     async fn pop(&mut self) -> Result<&'static str, String> {
///         self.0.pop().ok_or("closed".into())
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let mut queue = Queue(vec!["world", "hello", "cow"]);
/// let found = async_for!(for word in from_fn(async || queue.pop().await.ok()) {
///     if word == "hello" {
///         break word.len();
///     }
/// });
/// assert_eq!(found, Some(5));
/// assert_eq!(queue.0, ["world"]); // the closure has borrowed it for the loop only
/// # });
/// ```
///
/// An item cannot borrow from what the closure has captured; implement [`Source`] for that.
///
/// In a task that may move between threads the closure owns what it uses, `async move || …`: the
/// compiler cannot tell that the future of one that borrows is `Send`.
///
/// # Cancel safety
///
/// A call that is under way when the loop ends by its `#[until]`, or is dropped, is dropped, and
/// loses what the closure's future loses then.
#[doc(alias = "next_with")]
#[doc(alias = "poll_fn")]
#[doc(alias = "repeat_with")]
#[doc(alias = "unfold")]
pub const fn from_fn<F, T>(next: F) -> FromFn<F, T>
where
    F: AsyncFnMut() -> Option<T>,
{
    FromFn {
        next,
        items: PhantomData,
    }
}

/// A source from [`from_fn`].
#[must_use = "`async_for!` loops over it"]
pub struct FromFn<F, T> {
    next: F,
    /// Named, so that the compiler knows it before it knows what the closure borrows.
    items: PhantomData<fn() -> T>,
}

#[diagnostic::do_not_recommend]
impl<F, T> Source for FromFn<F, T>
where
    F: AsyncFnMut() -> Option<T>,
{
    type Item<'a>
        = T
    where
        Self: 'a;

    #[inline]
    fn next(&mut self) -> impl Future<Output = Option<T>> {
        (self.next)()
    }
}

impl<F, T> Debug for FromFn<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").finish_non_exhaustive()
    }
}
