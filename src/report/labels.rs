//! Labels, which tell resources of one type apart in reports.

use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::vec::Vec;

use pin_project_lite::pin_project;

use crate::util::lent::{self, Lent};
use crate::util::poll::poll_and_drop;

/// The labels around the code that runs, the outermost first.
pub(crate) type Labels = Vec<&'static str>;

std::thread_local! {
    /// Whether there are labels, to be asked before anything else.
    static ARE_SOME: Cell<bool> = const { Cell::new(false) };
    /// The labels within the innermost collector. Empty between polls. Without a destructor the
    /// variable is there until the thread has ended.
    static LABELS: Lent<Labels> = const { lent::new(Vec::new()) };
}

/// Whether there are labels within the innermost collector.
#[inline]
pub(super) fn are_some() -> bool {
    ARE_SOME.get()
}

/// Sets other labels, and gives the ones before.
pub(super) fn replace(labels: Labels) -> Labels {
    ARE_SOME.set(!labels.is_empty());
    lent::replace(&LABELS, labels)
}

/// The labels around the code that runs.
pub(crate) fn current() -> Labels {
    let labels = replace(Vec::new());
    let copy = labels.clone();
    replace(labels);
    copy
}

/// Awaits a future, and labels the reports of exits that go wrong in it.
///
/// Reports name the type of a resource, which several of them may have. A label tells which one it
/// was. Labels nest: [`ExitReport::labels`](super::ExitReport::labels) has those between the
/// collector and the resource. The hook ([`set_hook`](super::set_hook)) is told of none.
///
/// ```
/// use forwith::report::{collect, labelled};
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Transaction;
///
/// impl AsyncExit for Transaction {
///     type Error = &'static str;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Err("the server is gone")
///     }
/// }
///
/// /// Fails, and then its transaction cannot be rolled back.
/// async fn store() -> Result<(), &'static str> {
///     async_with!(std::future::ready(Ok(Transaction)), { Err("no such row")? })
/// }
///
/// # futures::executor::block_on(async {
/// let both = async {
///     let _ = labelled("orders", store()).await;
///     let _ = labelled("stock", store()).await;
/// };
/// let ((), reports) = collect(labelled("checkout", both)).await;
/// assert_eq!(reports[0].labels(), ["checkout", "orders"]);
/// assert_eq!(reports[1].labels(), ["checkout", "stock"]);
/// assert!(reports[1].to_string().starts_with("checkout, stock: the exit of "));
/// # });
/// ```
///
/// Tasks that are spawned, and exits that are handed to a [reaper](crate::reaper), run elsewhere,
/// and their reports have no label. But the reaper knows the labels of what it runs
/// ([`RemainingExit::labels`](crate::reaper::RemainingExit::labels)).
///
/// # Panics
///
/// When the future does.
///
/// # Cancel safety
///
/// Nothing is lost but what the future loses. What that loses is labelled, too.
#[doc(alias("add_note", "span"))]
pub fn labelled<F: IntoFuture>(label: &'static str, future: F) -> Labelled<F::IntoFuture> {
    Labelled {
        future: Some(future.into_future()),
        label,
    }
}

pin_project! {
    /// The future of [`labelled`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Labelled<F> {
        // `None` once it has ended.
        #[pin]
        future: Option<F>,
        label: &'static str,
    }

    impl<F> PinnedDrop for Labelled<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _labelling = Labelling::begin(this.label);
                this.future.set(None);
            }
        }
    }
}

impl<F: Future> Future for Labelled<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _labelling = Labelling::begin(this.label);
        poll_and_drop(this.future, cx, "a `Labelled`")
    }
}

impl<F> fmt::Debug for Labelled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labelled")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// A time during which a label holds. It ends when this is dropped, also by a panic.
struct Labelling(());

impl Labelling {
    fn begin(label: &'static str) -> Self {
        let mut labels = replace(Vec::new());
        labels.push(label);
        replace(labels);
        Labelling(())
    }
}

impl Drop for Labelling {
    fn drop(&mut self) {
        let mut labels = replace(Vec::new());
        labels.pop();
        if !labels.is_empty() {
            replace(labels); // an empty one goes, with its memory
        }
    }
}
