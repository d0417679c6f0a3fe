//! A handler, and then the body that it has given, as one future.

use std::error::Error;
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

/// The head of a response, and how its body begins.
pub(crate) struct Head<D> {
    pub(crate) parts: Parts,
    /// The first frame, if it was ready at once.
    pub(crate) frame: Option<Framed<D>>,
    /// What comes behind the first frame.
    pub(crate) hint: SizeHint,
}

/// What comes with the end of an exchange.
pub(crate) enum Last<D, E> {
    /// The body is at its end, or has one frame only.
    Head(Result<Head<D>, E>),
    /// The last frame of the body, if it was not known before to be the last.
    Frame(Option<Framed<D>>),
}

pin_project! {
    /// The future inside of a request's scope. It waits as long as a head or a frame lies in it
    /// that nobody has taken.
    pub(crate) struct Exchange<F, B>
    where
        B: Body,
    {
        #[pin]
        stage: Stage<F, B>,
        head: Option<Head<B::Data>>,
        frame: Option<Framed<B::Data>>,
        hint: SizeHint,
        // Whether the first frame is wanted together with the head.
        looks_ahead: bool,
        // Whether the body has been polled.
        has_begun: bool,
        // Whether nobody takes frames any more.
        discards: bool,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, B> {
        Handler { #[pin] future: F },
        Body { #[pin] body: B },
    }
}

impl<F, B: Body> Exchange<F, B> {
    pub(crate) fn new(future: F, looks_ahead: bool) -> Self {
        Exchange {
            stage: Stage::Handler { future },
            head: None,
            frame: None,
            hint: SizeHint::new(),
            looks_ahead,
            has_begun: false,
            discards: false,
        }
    }

    pub(crate) fn take_head(self: Pin<&mut Self>) -> Option<Head<B::Data>> {
        self.project().head.take()
    }

    /// The frame that lies here, and what comes behind it.
    pub(crate) fn take_frame(self: Pin<&mut Self>) -> (Option<Framed<B::Data>>, SizeHint) {
        let this = self.project();
        (this.frame.take(), this.hint.clone())
    }

    /// Runs the body to its end without anybody who takes frames. One that has not begun does not.
    pub(crate) fn set_discards(self: Pin<&mut Self>) {
        let this = self.project();
        *this.discards = true;
        *this.frame = None;
    }
}

impl<F, B, E> Future for Exchange<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    B::Error: Into<BoxError>,
{
    type Output = Last<B::Data, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        match this.stage.as_mut().project() {
            StageProjection::Handler { future } => {
                let (parts, body) = match ready!(future.poll(cx)) {
                    Ok(response) => response.into_parts(),
                    Err(error) => return Poll::Ready(Last::Head(Err(error))),
                };
                if body.is_end_stream() {
                    return Poll::Ready(Last::Head(Ok(Head::ended(parts, None))));
                }
                this.stage.set(Stage::Body { body });
                let StageProjection::Body { mut body } = this.stage.project() else {
                    unreachable!("it was set above")
                };
                let mut first = None;
                if *this.looks_ahead {
                    *this.has_begun = true;
                    // Most bodies are one frame. Such a request has ended with its head, and costs
                    // no task.
                    if let Poll::Ready(frame) = poll_body(body.as_mut(), cx) {
                        if is_last(&frame, &body) {
                            return Poll::Ready(Last::Head(Ok(Head::ended(parts, frame))));
                        }
                        first = frame;
                    }
                }
                *this.head = Some(Head {
                    parts,
                    frame: first,
                    hint: body.size_hint(),
                });
                Poll::Pending
            }
            StageProjection::Body { mut body } => {
                if this.frame.is_some() {
                    return Poll::Pending;
                }
                if *this.discards && !*this.has_begun {
                    return Poll::Ready(Last::Frame(None));
                }
                *this.has_begun = true;
                let frame = ready!(poll_body(body.as_mut(), cx));
                if is_last(&frame, &body) {
                    return Poll::Ready(Last::Frame(frame));
                }
                if *this.discards {
                    // A body that is always ready must not keep its scope from stopping.
                    cx.waker().wake_by_ref();
                } else {
                    *this.frame = frame;
                    *this.hint = body.size_hint();
                }
                Poll::Pending
            }
        }
    }
}

fn poll_body<B>(body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Option<Framed<B::Data>>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let polled = body.poll_frame(cx);
    polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)))
}

/// Whether nothing comes behind this frame.
fn is_last<D>(frame: &Option<Framed<D>>, body: &impl Body) -> bool {
    match frame {
        Some(Ok(_)) => body.is_end_stream(),
        Some(Err(_)) | None => true,
    }
}

impl<D> Head<D> {
    /// A head whose body is at most that frame.
    fn ended(parts: Parts, frame: Option<Framed<D>>) -> Self {
        Head {
            parts,
            frame,
            hint: SizeHint::with_exact(0),
        }
    }
}

/// The bytes of data in a frame.
pub(crate) fn data_len<D: Buf>(frame: Option<&Framed<D>>) -> u64 {
    let frame = frame.and_then(|frame| frame.as_ref().ok());
    let data = frame.and_then(Frame::data_ref);
    data.map_or(0, |data| data.remaining() as u64)
}
