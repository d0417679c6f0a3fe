//! The layer and its service.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Buf;
use http::header::UPGRADE;
use http::{Method, Request, Response};
use http_body::Body;
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::ResponseBody;
use crate::exchange::BoxError;
use crate::grpc_timeout::grpc_timeout;
use crate::request::{Info, request};
use crate::response::ResponseFuture;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::tracker::Tracker;

/// A layer that runs each request in a scope. [`Tracker::layer`] makes it.
///
/// It stands outside of the handlers whose exits it awaits, and inside of what logs or measures
/// responses. Clones have the same settings.
#[derive(Clone, Debug)]
pub struct TrackLayer {
    settings: Arc<Settings>,
}

impl TrackLayer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        TrackLayer {
            settings: Arc::new(Settings::new(shared)),
        }
    }

    /// Bounds each request, from its arrival to the last byte of its response.
    ///
    /// A request that takes longer is cancelled. Its client gets 408, or over gRPC the status
    /// `DEADLINE_EXCEEDED`. If the head has been sent, the body ends early instead. A gRPC client
    /// that sets a sooner deadline (`grpc-timeout`) is given that, for streams, too.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        Arc::make_mut(&mut self.settings).limit = Some(limit);
        self
    }

    /// Bounds the exits of a request that is cancelled.
    ///
    /// When they take longer, what remains of the request is dropped: exits that own all they need
    /// go on in the [reaper](forwith::reaper), and others are cut, which is logged. Without a grace
    /// the end of the shutdown bounds them.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        Arc::make_mut(&mut self.settings).grace = Some(grace);
        self
    }

    /// Answers a request that is cancelled at once, while its exits go on in a task.
    ///
    /// Otherwise the answer comes when they have ended, so that a client that tries again finds
    /// nothing held.
    #[must_use]
    pub fn answer_at_once(mut self) -> Self {
        Arc::make_mut(&mut self.settings).answers_at_once = true;
        self
    }
}

impl<S> Layer<S> for TrackLayer {
    type Service = TrackService<S>;

    fn layer(&self, inner: S) -> TrackService<S> {
        TrackService {
            inner,
            settings: self.settings.clone(),
        }
    }
}

/// A service whose requests run in scopes. [`TrackLayer`] makes it.
#[derive(Clone, Debug)]
pub struct TrackService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S, Q, B> Service<Request<Q>> for TrackService<S>
where
    S: Service<Request<Q>, Response = Response<B>, Error: Send + 'static>,
    S::Future: Send + 'static,
    B: Body<Data: Buf + Send + 'static, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<ResponseBody<B::Data>>;
    type Error = S::Error;
    type Future = ResponseFuture<B::Data, S::Error>;

    #[inline]
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut asked: Request<Q>) -> Self::Future {
        let settings = &self.settings;
        settings.remember_runtime();
        let info = Info::of(&asked);
        let mut limit = settings.limit;
        if info.is_grpc {
            let told = grpc_timeout(asked.headers());
            limit = told.into_iter().chain(limit).min();
        }
        // A deadline behind the end of the clock never comes.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        if is_upgrade(&asked) {
            // What it upgrades to outlives the request. Other handlers need no extension.
            let tracker = Tracker::of(settings.shared().clone());
            asked.extensions_mut().insert(tracker);
        }
        let handler = self.inner.call(asked);
        let request = request(settings, info, deadline, handler);
        ResponseFuture::new(request)
    }
}

#[inline]
fn is_upgrade<Q>(request: &Request<Q>) -> bool {
    match *request.method() {
        Method::CONNECT => true,
        Method::GET => request.headers().contains_key(UPGRADE),
        _ => false,
    }
}
