//! The handle of a server.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use forwith::cancel::{Scope, WaitForCancel};
use forwith::{Cancelled, scope};
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;
use tracing::{Instrument, Span};

use crate::layer::TrackLayer;
use crate::reason::Reason;
use crate::running::Running;
use crate::settings::Settings;
use crate::shared::{Name, Shared};
use crate::shutdown::Shutdown;
use crate::signals::EndOfGrace;

/// Knows the requests and tasks of a server, and ends them. Clones are the same tracker.
///
/// A request that asks for an upgrade (`Upgrade`, `CONNECT`) carries it as an extension, so that
/// its handler can [begin a task](Tracker::task) for what comes behind.
#[derive(Clone)]
pub struct Tracker {
    shared: Arc<Shared>,
}

impl Tracker {
    /// Creates a tracker of nothing.
    #[must_use]
    pub fn new() -> Self {
        Tracker::of(Arc::new(Shared::new()))
    }

    pub(crate) fn of(shared: Arc<Shared>) -> Self {
        Tracker { shared }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Creates a layer whose requests this tracks.
    ///
    /// Several layers, with different limits, may belong to one tracker. A request should pass one
    /// of them.
    #[must_use]
    pub fn layer(&self) -> TrackLayer {
        TrackLayer::new(self.shared.clone())
    }

    /// Waits until the server is to accept nothing new: the signal for `with_graceful_shutdown`.
    ///
    /// Tasks that can end in a polite way, such as those of sockets, listen to it as well.
    ///
    /// ```
    /// use forwith_tower::Tracker;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tracker = Tracker::new();
    /// let closing = tracker.closing();
    /// assert!(tracker.shut_down().await.is_empty());
    /// closing.await;
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub fn closing(&self) -> WaitForCancel {
        self.shared.closing.cancelled()
    }

    /// Whether the server is to accept nothing new.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.closing.is_cancelled()
    }

    /// The number of requests and tasks that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.running()
    }

    /// Announces a task, which a shutdown awaits from here on.
    ///
    /// An upgrade runs behind the request that asked for it, in a task that the server's library
    /// spawns. Announce it in the handler, so that there is no gap between both:
    ///
    /// ```
    /// use axum::Extension;
    /// use axum::extract::ws::{WebSocket, WebSocketUpgrade};
    /// use axum::response::Response;
    /// use forwith_tower::Tracker;
    ///
    /// async fn chat(upgrade: WebSocketUpgrade, tracker: Extension<Tracker>) -> Response {
    ///     let task = tracker.task("chat");
    ///     upgrade.on_upgrade(|socket| async {
    ///         let _ = task.run(talk(socket)).await;
    ///     })
    /// }
    ///
    /// async fn talk(mut socket: WebSocket) {
    ///     while let Some(Ok(message)) = socket.recv().await {
    ///         let _ = socket.send(message).await;
    ///     }
    /// }
    /// # let _ = chat;
    /// ```
    ///
    /// A shutdown calls it by its name if it does not end.
    #[must_use = "a task that is dropped has ended"]
    pub fn task(&self, name: &'static str) -> Task {
        let mut running = Running::begin(Arc::new(Settings::new(self.shared.clone())));
        running.set_name(|| Name::Task(name));
        Task { running }
    }

    /// Spawns a task in a scope that the shutdown cancels.
    ///
    /// ```
    /// use forwith_tower::{Reason, Tracker};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let tracker = Tracker::new();
    /// let task = tracker.spawn("sweeper", std::future::pending::<()>());
    /// assert_eq!(tracker.running(), 1);
    /// let left = tracker.shut_down().wait(Duration::from_secs(1)).await;
    /// assert!(left.is_empty()); // the task was cancelled, and has ended
    /// let cancelled = task.await.unwrap().unwrap_err();
    /// assert_eq!(cancelled.reason(), &Reason::Shutdown);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    #[track_caller]
    pub fn spawn<F>(
        &self,
        name: &'static str,
        future: F,
    ) -> JoinHandle<Result<F::Output, Cancelled<Reason>>>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        tokio::spawn(self.task(name).run(future).instrument(Span::current()))
    }

    /// Ends the server, one step after the other: [`Shutdown`] has them.
    ///
    /// ```
    /// use forwith_tower::Tracker;
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tracker = Tracker::new();
    /// let left = tracker.shut_down().wait(Duration::from_secs(30)).await;
    /// assert!(left.is_empty(), "{left}");
    /// # }
    /// ```
    pub fn shut_down(&self) -> Shutdown {
        Shutdown::new(self.clone())
    }
}

impl Default for Tracker {
    fn default() -> Self {
        Tracker::new()
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("running", &self.running())
            .field("is_closing", &self.is_closing())
            .finish_non_exhaustive()
    }
}

/// A task that a shutdown awaits, and cancels if it takes too long. [`Tracker::task`] makes it.
#[derive(Debug)]
#[must_use = "a task that is dropped has ended"]
pub struct Task {
    running: Running,
}

impl Task {
    /// Runs a future as the task, in a scope that the shutdown cancels. It counts until the future
    /// that this gives is dropped.
    ///
    /// ```
    /// use forwith_tower::Tracker;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tracker = Tracker::new();
    /// let ran = tracker.task("greeting").run(async { "hello" }).await;
    /// assert_eq!((ran, tracker.running()), (Ok("hello"), 0));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Cancelled`], when the server has shut down.
    ///
    /// # Cancel safety
    ///
    /// When it is dropped, the future in it is, as in a [`scope`].
    pub fn run<F>(
        self,
        future: F,
    ) -> impl Future<Output = Result<F::Output, Cancelled<Reason>>> + use<F>
    where
        F: Future,
    {
        let settings = self.running.settings().clone();
        let stop = settings.shared().cancelling.cancelled();
        let grace = move || EndOfGrace::begin(&settings.shared().dropping, None);
        RunTask {
            scope: Some(scope(future, stop).grace(grace)),
            running: Some(self.running),
        }
    }
}

pin_project! {
    struct RunTask<F, G> {
        // `None` once it has ended, like the next.
        #[pin]
        scope: Option<Scope<F, WaitForCancel<Reason>, Reason, G, EndOfGrace>>,
        running: Option<Running>,
    }
}

impl<F, G> Future for RunTask<F, G>
where
    F: Future,
    G: FnOnce() -> EndOfGrace,
{
    type Output = Result<F::Output, Cancelled<Reason>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(scope) = this.scope.as_mut().as_pin_mut() else {
            panic!("a `Task` was polled after its end")
        };
        let polled = scope.poll(cx);
        if polled.is_ready() {
            this.scope.set(None);
            *this.running = None;
        }
        polled
    }
}
