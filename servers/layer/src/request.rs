//! A request: its exchange in a scope, with a name.
//!
//! It is one box. The server's connection polls it in place, inside of the response's future and
//! then of its body, so a request that comes to its end costs no task. When the server drops that
//! future or body, the box moves into a task, where the scope is stopped and its exits are awaited.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use forwith::cancel::Scope;
use forwith::report::{Collect, ExitReport, collect};
use forwith::{Cancelled, scope};
use http::header::CONTENT_TYPE;
use http::response::Parts;
use http::uri::PathAndQuery;
use http::{Method, Response};
use http_body::{Body, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tracing::Span;

use crate::exchange::{BoxError, Exchange, Framed, Given};
use crate::reason::Reason;
use crate::running::Running;
use crate::settings::Settings;
use crate::shared::Name;
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
    #[inline]
    pub(crate) fn of<Q>(request: &http::Request<Q>) -> Self {
        let method = request.method().clone();
        let is_grpc = method == Method::POST && {
            let kind = request.headers().get(CONTENT_TYPE);
            kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
        };
        Info {
            method,
            path: request.uri().path_and_query().cloned(),
            is_grpc,
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

/// How a request has ended.
#[derive(Clone, Copy)]
pub(crate) enum Ended {
    /// By itself. What it has given lies in it.
    Itself,
    Cancelled(Reason),
}

/// What a poll of a request has found.
pub(crate) enum Driven {
    /// It waits. Nothing lies in it, and nothing cancels it.
    Waits,
    /// It is pending. A head or a frame lies in it, or it is being cancelled.
    IsPending,
    Ended(Ended),
}

/// A request whose head may not have come yet.
pub(crate) trait Handle<D, E>: Drive<D> {
    fn take_head(self: Pin<&mut Self>) -> Option<Result<Parts, E>>;

    /// Hands on the box, once the head has come.
    fn into_drive(self: Pin<Box<Self>>) -> Pin<Box<dyn Drive<D>>>;

    /// Lets it go on in a task.
    fn go_on(self: Pin<Box<Self>>);
}

/// A request of any type.
pub(crate) trait Drive<D>: Future<Output = ()> + Send {
    /// Polls the request.
    fn poll_drive(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Driven;

    /// Why it is being cancelled.
    fn reason(&self) -> Option<Reason>;

    /// The frame that lies in it, and what comes behind that.
    fn take_frame(self: Pin<&mut Self>) -> (Option<Framed<D>>, SizeHint);

    /// Cancels it, from the next poll on. The first reason counts.
    fn cancel(self: Pin<&mut Self>, reason: Reason);

    /// Lets somebody else listen to the signals, and gives those.
    fn lend_signals(self: Pin<&mut Self>) -> Signals;

    /// Takes the part of whoever has sent frames, and runs its body to its end without. It listens
    /// to its signals again.
    fn set_detached(self: Pin<&mut Self>);

    /// Says nothing about its cancellation.
    fn hush(self: Pin<&mut Self>);

    fn info(&self) -> &Info;

    fn settings(&self) -> &Arc<Settings>;
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
    let grace = {
        let settings = settings.clone();
        move || EndOfGrace::begin(&settings.shared().dropping, settings.grace)
    };
    // The body of an answer to HEAD is not asked for.
    let exchange = Exchange::new(handler, info.method != Method::HEAD);
    Box::pin(Request {
        scope: scope(collect(exchange), Stop::default()).grace(grace),
        last: None,
        info,
        signals: Signals::new(deadline),
        is_new: true,
        listens: true,
        stopped: None,
        is_noted: false,
        running: Running::begin(settings.clone()),
    })
}

type RequestScope<F, B, E, G> = Scope<Collect<Exchange<F, B, E>>, Stop, Reason, G, EndOfGrace>;

pin_project! {
    struct Request<F, B, E, G>
    where
        B: Body,
    {
        #[pin]
        scope: RequestScope<F, B, E, G>,
        // What the scope has given as its value. It rarely does, so it is kept aside.
        last: Option<Box<Given<B::Data, E>>>,
        info: Info,
        signals: Signals,
        is_new: bool,
        listens: bool,
        stopped: Option<Reason>,
        // Whether the log knows of the cancellation.
        is_noted: bool,
        // Dropped last: then nothing of the request runs any more.
        running: Running,
    }
}

/// What a scope gives, and the errors of exits that gave way.
type Collected<D, E> = (Box<Given<D, E>>, Vec<ExitReport>);

/// Tells the log of a cancellation once.
#[cold]
fn note(info: &Info, is_noted: &mut bool, reason: Reason) {
    if !mem::replace(is_noted, true) {
        info.log_stop(reason);
    }
}

/// The exchange in a scope, until that has ended.
#[inline]
fn exchange<F, B: Body, E, G>(
    scope: Pin<&mut RequestScope<F, B, E, G>>,
) -> Option<Pin<&mut Exchange<F, B, E>>> {
    scope.get_pin_mut()?.get_pin_mut()
}

impl<F, B: Body, E, G> Request<F, B, E, G> {
    /// What lies in it.
    #[inline]
    fn given(self: Pin<&mut Self>) -> &mut Given<B::Data, E> {
        let this = self.project();
        match exchange(this.scope) {
            Some(exchange) => exchange.given(),
            None => this.last.get_or_insert_with(|| Box::new(Given::nothing())),
        }
    }

    #[cold]
    fn stop(self: Pin<&mut Self>, reason: Reason) {
        let mut this = self.project();
        if this.stopped.is_some() {
            return;
        }
        *this.stopped = Some(reason);
        if let Some(stop) = this.scope.as_mut().stop_pin_mut() {
            stop.get_mut().ask(reason);
        }
        if let Some(exchange) = exchange(this.scope) {
            exchange.set_stopping();
        }
    }
}

impl<F, B, E, G> Drive<B::Data> for Request<F, B, E, G>
where
    F: Future<Output = Result<Response<B>, E>> + Send,
    B: Body<Data: Send, Error: Into<BoxError>> + Send,
    E: Send,
    G: FnOnce() -> EndOfGrace + Send,
{
    fn poll_drive(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Driven {
        if self.is_new {
            *self.as_mut().project().is_new = false;
            // A request that comes too late does not begin.
            if let Some(&reason) = self.running.shared().cancelling.reason() {
                self.as_mut().stop(reason);
            }
        }
        loop {
            let mut this = self.as_mut().project();
            if let Poll::Ready(ended) = this.scope.as_mut().poll(cx) {
                return Driven::Ended(self.end(ended));
            }
            let Some(mut collect) = this.scope.get_pin_mut() else {
                unreachable!("a scope that is pending has not ended")
            };
            let Some(exchange) = collect.as_mut().get_pin_mut() else {
                unreachable!("what is in it has not ended, either")
            };
            if exchange.has_ended() {
                let reports = collect.take_reports();
                if !reports.is_empty() {
                    this.info.log_errors(&reports);
                }
                return Driven::Ended(Ended::Itself);
            }
            if !exchange.given().is_nothing() {
                return Driven::IsPending;
            }
            this.running.set_name(|| this.info.name());
            if let Some(reason) = *this.stopped {
                note(this.info, this.is_noted, reason);
                return Driven::IsPending;
            }
            if !*this.listens {
                return Driven::Waits;
            }
            match this.signals.poll(this.running.shared(), cx) {
                Poll::Pending => return Driven::Waits,
                Poll::Ready(reason) => self.as_mut().stop(reason),
            }
        }
    }

    fn reason(&self) -> Option<Reason> {
        self.stopped
    }

    fn take_frame(mut self: Pin<&mut Self>) -> (Option<Framed<B::Data>>, SizeHint) {
        let frame = self.as_mut().given().frame.take();
        let exchange = exchange(self.project().scope);
        let hint = exchange.map_or_else(SizeHint::new, |exchange| exchange.hint());
        (frame, hint)
    }

    fn cancel(self: Pin<&mut Self>, reason: Reason) {
        self.stop(reason);
    }

    fn lend_signals(self: Pin<&mut Self>) -> Signals {
        let this = self.project();
        *this.listens = false;
        this.signals.again()
    }

    fn set_detached(self: Pin<&mut Self>) {
        let this = self.project();
        *this.listens = true;
        if let Some(exchange) = exchange(this.scope) {
            exchange.set_discards();
        }
    }

    fn hush(self: Pin<&mut Self>) {
        *self.project().is_noted = true;
    }

    fn info(&self) -> &Info {
        &self.info
    }

    fn settings(&self) -> &Arc<Settings> {
        self.running.settings()
    }
}

impl<F, B: Body, E, G> Request<F, B, E, G> {
    /// Ends with what the scope gave, which is stopped.
    #[cold]
    fn end(self: Pin<&mut Self>, ended: Result<Collected<B::Data, E>, Cancelled<Reason>>) -> Ended {
        let this = self.project();
        if let Some(reason) = *this.stopped {
            note(this.info, this.is_noted, reason);
        }
        match ended {
            Ok((given, reports)) => {
                this.info.log_errors(&reports);
                *this.last = Some(given);
                Ended::Itself
            }
            Err(cancelled) => {
                this.info.log_errors(cancelled.exit_errors());
                if !cancelled.is_graceful() {
                    this.info.log_cut();
                }
                Ended::Cancelled(*cancelled.reason())
            }
        }
    }
}

impl<F, B, E, G> Handle<B::Data, E> for Request<F, B, E, G>
where
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send + 'static, Error: Into<BoxError>> + Send + 'static,
    E: Send + 'static,
    G: FnOnce() -> EndOfGrace + Send + 'static,
{
    fn take_head(self: Pin<&mut Self>) -> Option<Result<Parts, E>> {
        self.given().head.take()
    }

    fn into_drive(self: Pin<Box<Self>>) -> Pin<Box<dyn Drive<B::Data>>> {
        self
    }

    #[cold]
    fn go_on(self: Pin<Box<Self>>) {
        let settings = self.running.settings().clone();
        settings.spawn(self.info.span.clone(), self);
    }
}

/// A request that goes on to its end in a task.
impl<F, B, E, G> Future for Request<F, B, E, G>
where
    Self: Drive<B::Data>,
    B: Body,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_drive(cx) {
            Driven::Waits | Driven::IsPending => Poll::Pending,
            Driven::Ended(_) => Poll::Ready(()),
        }
    }
}
