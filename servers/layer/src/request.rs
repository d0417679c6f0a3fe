//! A request: its exchange in a scope, with a name.
//!
//! It is one box. The server's connection polls it in place, inside of the response's future and
//! then of its body, so a request that comes to its end costs no task. When the server drops that
//! future or body, the box moves into a task, where the scope is stopped and its exits are awaited.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use forwith::cancel::Scope;
use forwith::report::{Collect, ExitReport, collect};
use forwith::{Cancelled, scope};
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{Method, Response};
use http_body::{Body, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tracing::Span;

use crate::exchange::{BoxError, Exchange, Framed, Head, Last};
use crate::reason::Reason;
use crate::settings::Settings;
use crate::shared::{Name, Running, Shared};
use crate::signals::{EndOfGrace, Signals, Stop};

/// What is known of a request after the handler has taken it.
pub(crate) struct Info {
    pub(crate) method: Method,
    path: Option<PathAndQuery>,
    pub(crate) is_grpc: bool,
    /// The span in which the request came.
    pub(crate) span: Span,
}

impl Info {
    pub(crate) fn of<Q>(request: &http::Request<Q>) -> Self {
        let kind = request.headers().get(CONTENT_TYPE);
        Info {
            method: request.method().clone(),
            path: request.uri().path_and_query().cloned(),
            is_grpc: kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc")),
            span: Span::current(),
        }
    }

    fn path(&self) -> &str {
        self.path.as_ref().map_or("*", PathAndQuery::path)
    }

    fn name(&self) -> Name {
        Name::Request(self.method.clone(), self.path.clone())
    }

    #[cold]
    fn log_stop(&self, reason: Reason) {
        tracing::info!(
            method = %self.method,
            path = self.path(),
            reason = %reason,
            "a request is cancelled",
        );
    }

    #[cold]
    fn log_errors(&self, reports: &[ExitReport]) {
        for report in reports {
            tracing::error!(
                method = %self.method,
                path = self.path(),
                resource = report.resource(),
                error = %report,
                "an exit in a request went wrong",
            );
        }
    }

    #[cold]
    fn log_cut(&self) {
        tracing::warn!(
            method = %self.method,
            path = self.path(),
            "not every exit of a request ended in time",
        );
    }
}

/// How an exchange has ended.
pub(crate) enum Ended<D> {
    /// With its head, which is in the request.
    Head,
    /// With the last frame.
    Frame(Option<Framed<D>>),
    Cancelled(Reason),
}

/// A request whose head may not have come yet.
pub(crate) trait Handle<D, E>: Drive<D> {
    fn take_head(self: Pin<&mut Self>) -> Option<Result<Head<D>, E>>;

    /// The same box, once the head has come.
    fn into_drive(self: Pin<Box<Self>>) -> Pin<Box<dyn Drive<D>>>;

    /// Lets it go on in a task.
    fn go_on(self: Pin<Box<Self>>, settings: &Settings);
}

/// A request of any type.
pub(crate) trait Drive<D>: Future<Output = ()> + Send {
    /// Polls the request. While it is pending, a head or a frame may lie in it.
    fn poll_drive(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended<D>>;

    /// Why it is being cancelled.
    fn reason(&self) -> Option<Reason>;

    fn take_frame(self: Pin<&mut Self>) -> (Option<Framed<D>>, SizeHint);

    /// Cancels it, from the next poll on.
    fn cancel(self: Pin<&mut Self>, reason: Reason);

    /// Whether its scope listens to the signals, or somebody else does.
    fn set_listens(self: Pin<&mut Self>, listens: bool);

    fn deadline(self: Pin<&mut Self>) -> Option<Instant>;

    /// Runs its body to its end without anybody who takes frames.
    fn set_discards(self: Pin<&mut Self>);

    /// Says nothing about its cancellation.
    fn hush(self: Pin<&mut Self>);

    fn info(&self) -> &Info;
}

/// Makes a request of a handler's future.
#[inline]
pub(crate) fn request<F, B, E>(
    settings: &Arc<Settings>,
    info: Info,
    deadline: Option<Instant>,
    handler: F,
) -> Pin<Box<dyn Handle<B::Data, E>>>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send + 'static, Error: Into<BoxError>> + Send + 'static,
    E: Send + 'static,
{
    let shared = &settings.shared;
    // The body of an answer to HEAD is not asked for.
    let exchange = Exchange::new(handler, info.method != Method::HEAD);
    let stop = Stop::new(Signals::new(shared.clone(), deadline));
    let grace = {
        let settings = settings.clone();
        move || EndOfGrace::begin(&settings.shared.dropping, settings.grace)
    };
    Box::pin(Request {
        scope: scope(collect(exchange), stop).grace(grace),
        head: None,
        info,
        is_noted: false,
        running: Running::begin(Arc::<Shared>::clone(shared)),
    })
}

pin_project! {
    struct Request<F, B, E, G>
    where
        B: Body,
    {
        #[pin]
        scope: Scope<Collect<Exchange<F, B>>, Stop, Reason, G, EndOfGrace>,
        head: Option<Result<Head<B::Data>, E>>,
        info: Info,
        // Whether the log knows of the cancellation.
        is_noted: bool,
        // Dropped last: then nothing of the request runs any more.
        running: Running,
    }
}

impl<F, B, E, G> Drive<B::Data> for Request<F, B, E, G>
where
    F: Future<Output = Result<Response<B>, E>> + Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
    E: Send,
    G: FnOnce() -> EndOfGrace + Send,
{
    fn poll_drive(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended<B::Data>> {
        let mut this = self.project();
        let polled = this.scope.as_mut().poll(cx);
        if let Poll::Pending = polled {
            let info = &*this.info;
            this.running.set_name(|| info.name());
            note(info, this.is_noted, this.scope.reason());
        }
        match ready!(polled) {
            Ok((last, reports)) => {
                if !reports.is_empty() {
                    this.info.log_errors(&reports);
                }
                Poll::Ready(match last {
                    Last::Head(head) => {
                        *this.head = Some(head);
                        Ended::Head
                    }
                    Last::Frame(frame) => Ended::Frame(frame),
                })
            }
            Err(cancelled) => {
                note(this.info, this.is_noted, Some(cancelled.reason()));
                Poll::Ready(Ended::Cancelled(end_cancelled(this.info, &cancelled)))
            }
        }
    }

    fn reason(&self) -> Option<Reason> {
        self.scope.reason().copied()
    }

    fn take_frame(self: Pin<&mut Self>) -> (Option<Framed<B::Data>>, SizeHint) {
        let exchange = exchange(self.project().scope);
        exchange.map_or((None, SizeHint::new()), Exchange::take_frame)
    }

    fn cancel(self: Pin<&mut Self>, reason: Reason) {
        if let Some(stop) = self.project().scope.stop_pin_mut() {
            stop.ask(reason);
        }
    }

    fn set_listens(self: Pin<&mut Self>, listens: bool) {
        if let Some(stop) = self.project().scope.stop_pin_mut() {
            stop.set_listens(listens);
        }
    }

    fn deadline(self: Pin<&mut Self>) -> Option<Instant> {
        self.project().scope.stop_pin_mut()?.deadline()
    }

    fn set_discards(self: Pin<&mut Self>) {
        if let Some(exchange) = exchange(self.project().scope) {
            exchange.set_discards();
        }
    }

    fn hush(self: Pin<&mut Self>) {
        *self.project().is_noted = true;
    }

    fn info(&self) -> &Info {
        &self.info
    }
}

impl<F, B, E, G> Handle<B::Data, E> for Request<F, B, E, G>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send + 'static, Error: Into<BoxError>> + Send + 'static,
    E: Send + 'static,
    G: FnOnce() -> EndOfGrace + Send + 'static,
{
    fn take_head(self: Pin<&mut Self>) -> Option<Result<Head<B::Data>, E>> {
        let this = self.project();
        this.head
            .take()
            .or_else(|| exchange(this.scope)?.take_head().map(Ok))
    }

    fn into_drive(self: Pin<Box<Self>>) -> Pin<Box<dyn Drive<B::Data>>> {
        self
    }

    #[cold]
    fn go_on(self: Pin<Box<Self>>, settings: &Settings) {
        settings.spawn(self.info.span.clone(), self);
    }
}

/// The exchange in a scope, until it has ended.
fn exchange<F, B: Body, G>(
    scope: Pin<&mut Scope<Collect<Exchange<F, B>>, Stop, Reason, G, EndOfGrace>>,
) -> Option<Pin<&mut Exchange<F, B>>> {
    scope.get_pin_mut()?.get_pin_mut()
}

/// Tells the log of a cancellation once.
#[inline]
fn note(info: &Info, is_noted: &mut bool, reason: Option<&Reason>) {
    if let Some(&reason) = reason {
        if !std::mem::replace(is_noted, true) {
            info.log_stop(reason);
        }
    }
}

#[cold]
fn end_cancelled(info: &Info, cancelled: &Cancelled<Reason>) -> Reason {
    info.log_errors(cancelled.exit_errors());
    if !cancelled.is_graceful() {
        info.log_cut();
    }
    *cancelled.reason()
}

/// A request that goes on to its end in a task.
impl<F, B, E, G> Future for Request<F, B, E, G>
where
    Self: Drive<B::Data>,
    B: Body,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_drive(cx).map(drop)
    }
}
