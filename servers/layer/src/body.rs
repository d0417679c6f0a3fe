//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Buf;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::{Body, Frame, SizeHint};

use crate::cut_short::last_frame;
use crate::exchange::{BoxError, Framed, data_len};
use crate::line::{Ask, Driver, Line, Turn, watch};
use crate::reason::Reason;
use crate::request::{Driven, Ended};

/// The body of a response, covered to its last byte.
///
/// Dropped before its end, as a server does when the client leaves, it cancels its request, whose
/// exits are awaited in a task. A body that was cancelled ends with an error
/// ([`CutShort`](crate::CutShort)), and for gRPC with the trailers that say why.
pub struct ResponseBody<D> {
    /// The first frame, if it has come with the head.
    first: Option<Framed<D>>,
    /// What comes behind it. `None` at the end. In a box, since most bodies have none.
    rest: Option<Box<Streamed<D>>>,
}

/// A body that goes on.
struct Streamed<D> {
    line: Arc<Line<D>>,
    hint: SizeHint,
    /// How many bytes the client has not got, where the head said how many it gets.
    owed: Option<u64>,
    answers_at_once: bool,
    is_grpc: bool,
    is_head: bool,
}

// No frame is pinned.
impl<D> Unpin for ResponseBody<D> {}

impl<D> ResponseBody<D> {
    /// A body of at most one frame.
    pub(crate) const fn whole(frame: Option<Framed<D>>) -> Self {
        ResponseBody {
            first: frame,
            rest: None,
        }
    }
}

impl<D: Buf + Send + 'static> ResponseBody<D> {
    /// A body that goes on behind its first frame.
    pub(crate) fn streamed(
        mut request: Driver<D>,
        headers: &HeaderMap,
        first: Option<Framed<D>>,
        hint: SizeHint,
    ) -> Self {
        let len = data_len(first.as_ref());
        let in_all = hint.exact().map(|rest| rest.saturating_add(len));
        let in_all = in_all.or_else(|| {
            let told = headers.get(CONTENT_LENGTH)?;
            told.to_str().ok()?.parse().ok()
        });
        let signals = request.as_mut().lend_signals();
        let info = request.info();
        let (is_grpc, is_head) = (info.is_grpc, info.method == http::Method::HEAD);
        let (settings, span) = (request.settings().clone(), info.span.clone());
        let line = Arc::new(Line::new(request));
        settings.spawn(span, watch(line.clone(), signals, settings.clone()));
        ResponseBody {
            first,
            rest: Some(Box::new(Streamed {
                line,
                hint,
                owed: in_all,
                answers_at_once: settings.answers_at_once,
                is_grpc,
                is_head,
            })),
        }
    }
}

impl<D: Buf> Body for ResponseBody<D> {
    type Data = D;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<D>, BoxError>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            if let Some(rest) = &mut this.rest {
                rest.count(&first);
            }
            return Poll::Ready(Some(first));
        }
        let Some(rest) = &mut this.rest else {
            return Poll::Ready(None);
        };
        let (frame, is_end) = match rest.poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(ready) => ready,
        };
        if is_end {
            rest.owed = Some(0);
            this.rest = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let first = data_len(self.first.as_ref());
        let Some(rest) = &self.rest else {
            return SizeHint::with_exact(first);
        };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.hint.lower().saturating_add(first));
        if let Some(upper) = rest.hint.upper() {
            hint.set_upper(upper.saturating_add(first));
        }
        hint
    }
}

impl<D: Buf> Streamed<D> {
    /// Polls for a frame, and says whether it is the last.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Option<Framed<D>>, bool)> {
        let mut turn = match self.line.begin_poll(cx) {
            Turn::Polls(turn) => turn,
            Turn::Cancelled { reason, is_exited } => {
                if self.answers_at_once || is_exited {
                    return Poll::Ready((Some(last_frame(reason, self.is_grpc)), true));
                }
                return Poll::Pending;
            }
        };
        match turn.request().poll_drive(cx) {
            Driven::Ended(Ended::Itself) => Poll::Ready((turn.request().take_frame().0, true)),
            Driven::Ended(Ended::Cancelled(reason)) => {
                Poll::Ready((Some(last_frame(reason, self.is_grpc)), true))
            }
            Driven::Waits | Driven::IsPending => {
                let (frame, hint) = turn.request().take_frame();
                turn.put_back(cx, frame.is_none());
                let Some(frame) = frame else {
                    return Poll::Pending;
                };
                self.hint = hint;
                self.count(&frame);
                Poll::Ready((Some(frame), false))
            }
        }
    }

    /// Counts what the client gets.
    fn count(&mut self, frame: &Framed<D>) {
        if let Some(owed) = &mut self.owed {
            *owed = owed.saturating_sub(data_len(Some(frame)));
        }
    }
}

/// A server drops a body at its last byte, if the head has said how many there are. The body may
/// have an exit behind that.
impl<D> Drop for Streamed<D> {
    fn drop(&mut self) {
        self.line.ask(if self.is_head {
            Ask::CancelUnwanted
        } else if self.owed == Some(0) {
            Ask::Finish
        } else {
            Ask::Cancel(Reason::ClientLeft)
        });
    }
}

impl<D> fmt::Debug for ResponseBody<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody")
            .field("is_streamed", &self.rest.is_some())
            .finish_non_exhaustive()
    }
}
