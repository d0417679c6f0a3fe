//! A handler, and then the body that it has given, as one future.

use std::error::Error;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::Response;
use http::response::Parts;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// A frame, or the error of a body that ended early.
pub(crate) type Framed<D> = Result<Frame<D>, BoxError>;

/// What an exchange has given and nobody has taken: the head of the response, and a frame of its
/// body.
pub(crate) struct Given<D, E> {
    pub(crate) head: Option<Result<Parts, E>>,
    pub(crate) frame: Option<Framed<D>>,
}

pin_project! {
    /// The future inside of a request's scope.
    ///
    /// It leaves in `given` what it has to give, and stays pending, also at its end: a value that
    /// came out of the scope would be moved a dozen times. Only when the scope is stopping, which
    /// drops the exchange as soon as no exit runs, a value is the safe way out. It is boxed, or
    /// each poll would make room for it.
    pub(crate) struct Exchange<F, B, E>
    where
        B: Body,
    {
        #[pin]
        stage: Stage<F, B>,
        given: Given<B::Data, E>,
        hint: SizeHint,
        // Whether the first frame is wanted together with the head.
        looks_ahead: bool,
        // Whether the body has been polled.
        has_begun: bool,
        // Whether nobody takes frames any more.
        discards: bool,
        is_stopping: bool,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, B> {
        Handler { #[pin] future: F },
        Body { #[pin] body: B },
        Ended,
    }
}

impl<F, B: Body, E> Exchange<F, B, E> {
    #[inline]
    pub(crate) fn new(future: F, looks_ahead: bool) -> Self {
        Exchange {
            stage: Stage::Handler { future },
            given: Given::nothing(),
            hint: SizeHint::new(),
            looks_ahead,
            has_begun: false,
            discards: false,
            is_stopping: false,
        }
    }

    #[inline]
    pub(crate) fn given(self: Pin<&mut Self>) -> &mut Given<B::Data, E> {
        self.project().given
    }

    /// What comes behind the last frame.
    pub(crate) fn hint(&self) -> SizeHint {
        self.hint
    }

    #[inline]
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }

    /// Runs the body to its end without anybody who takes frames. One that has not begun does not.
    pub(crate) fn set_discards(self: Pin<&mut Self>) {
        let this = self.project();
        *this.discards = true;
        this.given.frame = None;
    }

    /// Gives what it has to give as its value from here on.
    pub(crate) fn set_stopping(self: Pin<&mut Self>) {
        *self.project().is_stopping = true;
    }

    fn end(self: Pin<&mut Self>) -> Poll<Box<Given<B::Data, E>>> {
        let mut this = self.project();
        this.stage.set(Stage::Ended);
        if *this.is_stopping {
            Poll::Ready(Box::new(mem::replace(this.given, Given::nothing())))
        } else {
            Poll::Pending
        }
    }
}

impl<F, B, E> Future for Exchange<F, B, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Box<Given<B::Data, E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.as_mut().project();
        match this.stage.as_mut().project() {
            StageProjection::Handler { future } => {
                let body = match ready!(future.poll(cx)) {
                    Ok(response) => {
                        let (parts, body) = response.into_parts();
                        this.given.head = Some(Ok(parts));
                        body
                    }
                    Err(error) => {
                        this.given.head = Some(Err(error));
                        return self.end();
                    }
                };
                if body.is_end_stream() {
                    return self.end();
                }
                this.stage.set(Stage::Body { body });
                // Most bodies are one frame. Such a request ends with its head, and costs no task.
                if *this.looks_ahead {
                    return self.poll_body(cx);
                }
                if let StageProjection::Body { body } = this.stage.project() {
                    *this.hint = body.size_hint();
                }
                Poll::Pending
            }
            StageProjection::Body { .. } => {
                if *this.discards && !*this.has_begun {
                    return self.end();
                }
                self.poll_body(cx)
            }
            StageProjection::Ended => self.end(),
        }
    }
}

impl<F, B, E> Exchange<F, B, E>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn poll_body(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Box<Given<B::Data, E>>> {
        let this = self.as_mut().project();
        let StageProjection::Body { mut body } = this.stage.project() else {
            unreachable!("it is polled in its body")
        };
        if this.given.frame.is_some() {
            return Poll::Pending;
        }
        *this.has_begun = true;
        let frame = match body.as_mut().poll_frame(cx) {
            Poll::Ready(frame) => frame.map(|frame| frame.map_err(Into::into)),
            Poll::Pending => {
                *this.hint = body.size_hint();
                return Poll::Pending;
            }
        };
        let is_last = match &frame {
            Some(Ok(_)) => body.is_end_stream(),
            Some(Err(_)) | None => true,
        };
        if is_last {
            if !*this.discards {
                this.given.frame = frame;
            }
            return self.end();
        }
        if *this.discards || *this.is_stopping {
            // Nobody takes it, and the exits in the body need to be polled. A body that is always
            // ready must not keep its scope from stopping.
            cx.waker().wake_by_ref();
        } else {
            this.given.frame = frame;
            *this.hint = body.size_hint();
        }
        Poll::Pending
    }
}

impl<D, E> Given<D, E> {
    pub(crate) const fn nothing() -> Self {
        Given {
            head: None,
            frame: None,
        }
    }

    #[inline]
    pub(crate) fn is_nothing(&self) -> bool {
        self.head.is_none() && self.frame.is_none()
    }
}

/// The bytes of data in a frame.
pub(crate) fn data_len<D: Buf>(frame: Option<&Framed<D>>) -> u64 {
    let frame = frame.and_then(|frame| frame.as_ref().ok());
    let data = frame.and_then(Frame::data_ref);
    data.map_or(0, |data| data.remaining() as u64)
}
