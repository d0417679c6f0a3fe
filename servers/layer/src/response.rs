//! The future of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Buf;
use http::Response;
use http::response::Parts;

use crate::answer::answer;
use crate::body::ResponseBody;
use crate::reason::Reason;
use crate::request::{Driven, Ended, Handle};

/// The future of a [`TrackService`](crate::TrackService).
///
/// # Cancel safety
///
/// When it is dropped, the request goes on in a task: it is cancelled, and its exits are awaited.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ResponseFuture<D, E> {
    /// `None` once it is answered.
    request: Option<Pin<Box<dyn Handle<D, E>>>>,
    /// Whether a drop leaves something to be cancelled: it has been polled, and neither ended nor
    /// panicked.
    runs: bool,
}

impl<D, E> ResponseFuture<D, E> {
    #[inline]
    pub(crate) fn new(request: Pin<Box<dyn Handle<D, E>>>) -> Self {
        ResponseFuture {
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
        let has_ended = match request.as_mut().poll_drive(cx) {
            Driven::Waits => {
                this.runs = true;
                return Poll::Pending;
            }
            Driven::IsPending => false,
            Driven::Ended(Ended::Itself) => true,
            Driven::Ended(Ended::Cancelled(reason)) => {
                let is_grpc = request.info().is_grpc;
                this.request = None;
                return Poll::Ready(Ok(answer(reason, is_grpc)));
            }
        };
        match request.reason() {
            // A value that comes in spite of the cancellation wins, if it is whole.
            Some(reason) if !has_ended => {
                if request.settings().answers_at_once {
                    let answer = answer(reason, request.info().is_grpc);
                    this.go_on();
                    return Poll::Ready(Ok(answer));
                }
            }
            _ => {
                if let Some(head) = request.as_mut().take_head() {
                    return Poll::Ready(head.map(|parts| this.respond(parts, has_ended)));
                }
            }
        }
        this.runs = true;
        Poll::Pending
    }
}

impl<D: Buf + Send + 'static, E> ResponseFuture<D, E> {
    #[inline]
    fn respond(&mut self, parts: Parts, has_ended: bool) -> Response<ResponseBody<D>> {
        let Some(mut request) = self.request.take() else {
            unreachable!("it is polled before its end")
        };
        let (frame, hint) = request.as_mut().take_frame();
        let body = if has_ended {
            ResponseBody::whole(frame)
        } else {
            ResponseBody::streamed(request.into_drive(), &parts.headers, frame, hint)
        };
        Response::from_parts(parts, body)
    }
}

impl<D, E> ResponseFuture<D, E> {
    /// Lets the request go on in a task.
    #[cold]
    fn go_on(&mut self) {
        if let Some(request) = self.request.take() {
            request.go_on();
        }
    }
}

impl<D, E> Drop for ResponseFuture<D, E> {
    #[inline]
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
