//! An exit in a reaper: it is in the table until it has ended, and is dropped at its limit.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::boxed::Box;
use std::rc::Rc;
use std::sync::Arc;

use super::levels;
use super::pending::{Entry, Pending};
use super::remaining::RemainingExit;
use crate::cancel::report_panic;
use crate::protocol::exits::Exits;
use crate::protocol::handed_over::{Exit, HandedOver, Labelled};
use crate::util::panic;
use crate::util::unconstrained::poll_unconstrained;

/// The exits of one drop, as a reaper is given them.
type Taken<W> = Exits<Labelled<Pin<Box<<W as Watch>::Exit>>>>;

/// What a reaper gives each of its exits: the table, and a limit.
pub(super) trait Watch: Clone + Unpin {
    type Exit: Exit + ?Sized;
    type Limit: Future<Output = ()> + Unpin;

    fn pending(&self) -> &Pending;

    /// Begins a limit. This calls the user's function.
    fn begin_limit(&self) -> Option<Self::Limit>;

    /// Takes exits. Those that must stay on another thread are dropped, which reports their loss.
    fn take(exit: HandedOver) -> Option<Taken<Self>>;

    fn watch(&self, exits: Taken<Self>) -> Exits<Watched<Self>> {
        exits.map(&mut |Labelled { exit, labels }| {
            let entry = self.pending().add(RemainingExit {
                resource: exit.resource(),
                labels,
                has_begun: false,
            });
            Watched {
                exit: Some(exit),
                limit: None,
                entry: Some(entry),
                has_begun: false,
                watch: self.clone(),
            }
        })
    }
}

type BoxedLimit = Pin<Box<dyn Future<Output = ()> + Send>>;
type LocalLimit = Pin<Box<dyn Future<Output = ()>>>;

/// The watch of exits that may run on any thread.
#[derive(Clone, Default)]
pub(super) struct WatchAnywhere {
    pending: Pending,
    limit: Option<Arc<dyn Fn() -> BoxedLimit + Send + Sync>>,
}

/// The watch of exits that stay on one thread.
#[derive(Clone, Default)]
pub(super) struct WatchHere {
    pending: Pending,
    limit: Option<Rc<dyn Fn() -> LocalLimit>>,
}

impl WatchAnywhere {
    pub(super) fn set_limit<P>(&mut self, limit: impl Fn() -> P + Send + Sync + 'static)
    where
        P: Future + Send + 'static,
    {
        self.limit = Some(Arc::new(move || Box::pin(ended(limit()))));
    }
}

impl WatchHere {
    pub(super) fn set_limit<P>(&mut self, limit: impl Fn() -> P + 'static)
    where
        P: Future + 'static,
    {
        self.limit = Some(Rc::new(move || Box::pin(ended(limit()))));
    }
}

/// Awaits a future whose value does not matter.
async fn ended(future: impl Future) {
    future.await;
}

impl Watch for WatchAnywhere {
    type Exit = dyn Exit + Send;
    type Limit = BoxedLimit;

    fn pending(&self) -> &Pending {
        &self.pending
    }

    fn begin_limit(&self) -> Option<BoxedLimit> {
        self.limit.as_ref().map(|limit| limit())
    }

    fn take(exit: HandedOver) -> Option<Taken<Self>> {
        match exit {
            HandedOver::Anywhere(exits) => Some(exits),
            HandedOver::Here(_) => None,
        }
    }
}

impl Watch for WatchHere {
    type Exit = dyn Exit;
    type Limit = LocalLimit;

    fn pending(&self) -> &Pending {
        &self.pending
    }

    fn begin_limit(&self) -> Option<LocalLimit> {
        self.limit.as_ref().map(|limit| limit())
    }

    fn take(exit: HandedOver) -> Option<Taken<Self>> {
        Some(exit.into_local())
    }
}

/// An exit, with its place in the table of the reaper. It never panics.
pub(super) struct Watched<W: Watch> {
    /// `None` once it has ended.
    exit: Option<Pin<Box<W::Exit>>>,
    limit: Option<W::Limit>,
    has_begun: bool,
    watch: W,
    /// Dropped behind the exit, which may hand over others. `None` once it has ended.
    entry: Option<Entry>,
}

impl<W: Watch> Watched<W> {
    /// Enters in the table that the exit runs, and begins its limit.
    fn begin(&mut self, resource: &'static str) {
        self.has_begun = true;
        if let Some(entry) = &self.entry {
            entry.set_begun();
        }
        match panic::catch(|| self.watch.begin_limit()) {
            Ok(limit) => self.limit = limit,
            Err(payload) => report_panic(resource, payload),
        }
    }

    /// Polls the limit. After a panic the exit has none.
    fn poll_limit(&mut self, resource: &'static str, cx: &mut Context<'_>) -> Poll<()> {
        let Some(limit) = &mut self.limit else {
            return Poll::Pending;
        };
        panic::catch(|| poll_unconstrained(Pin::new(limit), cx)).unwrap_or_else(|payload| {
            report_panic(resource, payload);
            self.end_limit(resource);
            Poll::Pending
        })
    }

    fn end_limit(&mut self, resource: &'static str) {
        let limit = self.limit.take();
        if let Err(payload) = panic::catch(|| drop(limit)) {
            report_panic(resource, payload);
        }
    }

    /// Drops the exit, which reports it. Gives the exits that were handed over by that.
    fn cut(&mut self, resource: &'static str) -> Option<Exits<Self>> {
        let mut exit = self.exit.take()?;
        exit.as_mut().set_hung();
        let inner = levels::gather(|| {
            if let Err(payload) = panic::catch(|| drop(exit)) {
                report_panic(resource, payload);
            }
        });
        let inner = inner.into_iter().filter_map(|exit| self.adopt(exit));
        Exits::side_by_side(inner.collect())
    }

    fn adopt(&self, exit: HandedOver) -> Option<Exits<Self>> {
        W::take(exit).map(|exits| self.watch.watch(exits))
    }
}

impl<W: Watch> Future for Watched<W> {
    /// The exits that run in its place.
    type Output = Option<Exits<Self>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(resource) = this.exit.as_ref().map(|exit| exit.resource()) else {
            return Poll::Ready(None);
        };
        if !this.has_begun {
            this.begin(resource);
        }
        let polled = this.exit.as_mut().map(|exit| exit.as_mut().poll(cx));
        let behind = match polled {
            Some(Poll::Pending) if this.poll_limit(resource, cx).is_pending() => {
                return Poll::Pending;
            }
            Some(Poll::Pending) => this.cut(resource),
            Some(Poll::Ready(behind)) => {
                this.exit = None;
                behind.and_then(|exit| this.adopt(exit))
            }
            None => None,
        };
        this.end_limit(resource);
        this.entry = None;
        Poll::Ready(behind)
    }
}
