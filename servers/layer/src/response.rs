//! The future of a response.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http::Response;

use crate::answer::answer;
use crate::body::ResponseBody;
use crate::exchange::Head;
use crate::reason::Reason;
use crate::request::{Ended, Handle};
use crate::settings::Settings;

/// The future of a [`TrackService`](crate::TrackService).
///
/// # Cancel safety
///
/// When it is dropped, the request goes on in a task: it is cancelled, and its exits are awaited.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ResponseFuture<D, E> {
    settings: Arc<Settings>,
    /// `None` once it is answered.
    request: Option<Pin<Box<dyn Handle<D, E>>>>,
    /// Whether a drop leaves something to be cancelled: it has been polled, and neither ended nor
    /// panicked.
    runs: bool,
}

impl<D, E> ResponseFuture<D, E> {
    pub(crate) fn new(settings: Arc<Settings>, request: Pin<Box<dyn Handle<D, E>>>) -> Self {
        ResponseFuture {
            settings,
            request: Some(request),
            runs: false,
        }
    }
}

impl<D, E> Future for ResponseFuture<D, E>
where
    D: Buf + Send + 'static,
    E: 'static,
{
    type Output = Result<Response<ResponseBody<D>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(request) = &mut this.request else {
            panic!("a `ResponseFuture` was polled after its end")
        };
        this.runs = false; // if it panics
        match request.as_mut().poll_drive(cx) {
            Poll::Ready(ended) => {
                let head = request.as_mut().take_head();
                let is_grpc = request.info().is_grpc;
                this.request = None;
                Poll::Ready(match (ended, head) {
                    (Ended::Cancelled(reason), _) => Ok(answer(reason, is_grpc)),
                    (_, Some(head)) => head.map(|Head { parts, frame, .. }| {
                        Response::from_parts(parts, ResponseBody::whole(frame))
                    }),
                    (_, None) => unreachable!("a request that ends here has a head"),
                })
            }
            Poll::Pending => {
                if let Some(reason) = request.reason() {
                    if this.settings.answers_at_once {
                        let answer = answer(reason, request.info().is_grpc);
                        this.go_on();
                        return Poll::Ready(Ok(answer));
                    }
                } else if let Some(head) = request.as_mut().take_head() {
                    return Poll::Ready(this.begin_body(head));
                }
                this.runs = true;
                Poll::Pending
            }
        }
    }
}

impl<D: Send + 'static, E: 'static> ResponseFuture<D, E> {
    /// The response of a request whose body goes on.
    fn begin_body(&mut self, head: Result<Head<D>, E>) -> Result<Response<ResponseBody<D>>, E>
    where
        D: Buf,
    {
        let request = self.request.take();
        let request = request.map(Handle::into_drive);
        match (head, request) {
            (Ok(Head { parts, frame, hint }), Some(request)) => {
                let body =
                    ResponseBody::streamed(&self.settings, request, &parts.headers, frame, hint);
                Ok(Response::from_parts(parts, body))
            }
            (Err(error), _) => Err(error),
            (Ok(_), None) => unreachable!("it is polled before its end"),
        }
    }
}

impl<D, E> ResponseFuture<D, E> {
    /// Lets the request go on in a task.
    #[cold]
    fn go_on(&mut self) {
        if let Some(request) = self.request.take() {
            request.go_on(&self.settings);
        }
    }
}

impl<D, E> Drop for ResponseFuture<D, E> {
    fn drop(&mut self) {
        if self.runs {
            if let Some(request) = &mut self.request {
                request.as_mut().cancel(Reason::ClientLeft);
            }
            self.go_on();
        }
    }
}

impl<D, E> fmt::Debug for ResponseFuture<D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("runs", &self.runs)
            .finish_non_exhaustive()
    }
}
