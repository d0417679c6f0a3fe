//! Reports of exits that are collected where a future is awaited.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll};
use std::sync::Arc;
use std::vec::Vec;

use pin_project_lite::pin_project;

use super::current::outside_of_scopes;
use crate::report::{Collected, Collecting, ExitReport, deliver_kept};
use crate::util::poll::poll_and_drop;

/// Awaits a future, and collects the reports of exits that went wrong in it.
///
/// What would go to the hook ([`set_hook`](crate::report::set_hook)) while the future is polled,
/// or dropped at its end, is given beside its value, in the order in which it happened: errors that
/// another error displaced, second panics, exits that were cut or lost.
///
/// ```
/// use forwith::report::collect;
/// use forwith::{AsyncExit, Outcome, async_with};
///
/// struct Connection(&'static str);
///
/// impl AsyncExit for Connection {
///     type Error = String;
///
///     async fn exit(self, _outcome: Outcome<'_>) -> Result<(), Self::Error> {
///         Err(format!("{} is disconnected", self.0))
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let copy = async {
///     let from = std::future::ready(Ok(Connection("a.net")));
///     let to = std::future::ready(Ok(Connection("b.net")));
///     async_with!(from, to, { Err::<(), _>("no such key".to_string())? })
/// };
/// let (copied, reports) = collect(copy).await;
/// assert_eq!(copied, Err("no such key".to_string())); // the body's error stays primary
/// let texts: Vec<_> = reports.iter().map(|report| report.to_string()).collect();
/// assert!(texts[0].ends_with("Connection failed: \"b.net is disconnected\""));
/// assert!(texts[1].ends_with("Connection failed: \"a.net is disconnected\""));
/// # });
/// ```
///
/// Collectors nest, and the innermost one hears. Labels tell resources of the same type apart
/// ([`labelled`](crate::report::labelled)). A [`scope`](crate::scope) that is stopped collects by itself:
/// [`Cancelled::exit_errors`](crate::Cancelled::exit_errors).
///
/// Tasks that are spawned, and exits that are handed to a [reaper](crate::reaper), run elsewhere.
/// They report to the hook.
///
/// # Panics
///
/// When the future does. Then what was collected goes on to the collector around, or else to the
/// hook.
///
/// # Cancel safety
///
/// When it is dropped or cancelled, what was collected goes on to the collector around, or else to
/// the hook. So nothing is lost.
#[doc(alias("ExceptionGroup", "addSuppressed", "getSuppressed", "AggregateError"))]
pub fn collect<F: IntoFuture>(future: F) -> Collect<F::IntoFuture> {
    Collect {
        unheard: Unheard::default(),
        future: Some(future.into_future()),
    }
}

pin_project! {
    /// The future of [`collect`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Collect<F> {
        // Dropped first, so that the reports stay in their order.
        unheard: Unheard,
        // `None` once it has ended.
        #[pin]
        future: Option<F>,
    }
}

impl<F> Collect<F> {
    /// The future inside, until it has ended.
    ///
    /// What a caller polls by itself, and not through this, is not collected.
    ///
    /// ```
    /// use forwith::report::collect;
    /// use futures::FutureExt;
    ///
    /// let mut work = std::pin::pin!(collect(std::future::ready(1)));
    /// assert!(work.as_mut().get_pin_mut().is_some());
    /// assert_eq!(work.as_mut().now_or_never(), Some((1, Vec::new())));
    /// assert!(work.as_mut().get_pin_mut().is_none());
    /// ```
    #[must_use]
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Option<Pin<&mut F>> {
        self.project().future.as_pin_mut()
    }

    /// Takes what has been collected so far. The next call, and the value, do not have it again.
    ///
    /// ```
    /// use forwith::report::collect;
    /// use futures::FutureExt;
    ///
    /// let mut work = std::pin::pin!(collect(std::future::pending::<()>()));
    /// assert!(work.as_mut().now_or_never().is_none());
    /// assert_eq!(work.as_mut().take_reports(), []); // no exit went wrong
    /// ```
    #[must_use = "what is dropped is not reported any more"]
    pub fn take_reports(self: Pin<&mut Self>) -> Vec<ExitReport> {
        self.project().unheard.take()
    }
}

impl<F: Future> Future for Collect<F> {
    type Output = (F::Output, Vec<ExitReport>);

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let poll = || poll_and_drop(this.future, cx, "a `Collect`");
        let polled = this.unheard.collect(poll);
        polled.map(|value| (value, this.unheard.take()))
    }
}

impl<F> fmt::Debug for Collect<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collect").finish_non_exhaustive()
    }
}

/// Reports that nobody has been given. They go on to the collector around, or else to the hook,
/// when this is dropped.
#[derive(Default)]
pub(super) struct Unheard(Collected);

impl Unheard {
    /// Collects while `f` runs.
    #[inline]
    pub(super) fn collect<T>(&mut self, f: impl FnOnce() -> T) -> T {
        let collecting = Collecting::begin(&mut self.0);
        let value = f();
        collecting.end();
        value
    }

    fn take(&mut self) -> Vec<ExitReport> {
        self.0.take().map_or_else(Vec::new, |reports| *reports)
    }

    fn get(&self) -> &[ExitReport] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }
}

impl Drop for Unheard {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.pass_on();
        }
    }
}

impl Unheard {
    #[cold]
    fn pass_on(&mut self) {
        let reports = self.take();
        outside_of_scopes(|| reports.into_iter().for_each(deliver_kept));
    }
}

/// The reports of the exits that a cancellation began. Clones share them. Unless they have been
/// looked at, they go on to the collector around or the hook when the last one is dropped.
#[derive(Clone, Default)]
pub(super) struct ExitErrors(Option<Arc<Shared>>);

struct Shared {
    reports: Unheard,
    is_heard: AtomicBool,
}

impl ExitErrors {
    pub(super) fn new(reports: Unheard) -> Self {
        let shared = reports.0.is_some().then(|| Shared {
            reports,
            is_heard: AtomicBool::new(false),
        });
        ExitErrors(shared.map(Arc::new))
    }

    fn get(&self) -> &[ExitReport] {
        let shared = self.0.as_deref();
        shared.map_or(&[], |shared| shared.reports.get())
    }

    /// The reports, which count as heard from here on.
    pub(super) fn hear(&self) -> &[ExitReport] {
        if let Some(shared) = &self.0 {
            shared.is_heard.store(true, Ordering::Relaxed);
        }
        self.get()
    }
}

impl PartialEq for ExitErrors {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for ExitErrors {}

impl Drop for Shared {
    fn drop(&mut self) {
        if *self.is_heard.get_mut() {
            self.reports.take();
        }
    }
}
