//! The end of a body that was cancelled.

use std::error::Error;
use std::fmt;

use http::{HeaderMap, HeaderValue};
use http_body::Frame;

use crate::exchange::Framed;
use crate::reason::Reason;

/// The last frame of a body that was cancelled: the status of a gRPC call, or an error, at which a
/// server ends the connection (HTTP/1.1) or the stream (HTTP/2), so that the client sees that the
/// body is not whole.
#[cold]
pub(crate) fn last_frame<D>(reason: Reason, is_grpc: bool) -> Framed<D> {
    if is_grpc {
        Ok(Frame::trailers(grpc_status(reason)))
    } else {
        Err(Box::new(CutShort(reason)))
    }
}

/// The trailers of a gRPC call that was cancelled.
pub(crate) fn grpc_status(reason: Reason) -> HeaderMap {
    let (status, message) = match reason {
        Reason::TimeLimit => ("4", "the time limit passed"),
        Reason::Shutdown => ("14", "the server shuts down"),
        Reason::ClientLeft => ("1", "the client left"),
    };
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", HeaderValue::from_static(status));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    headers
}

/// The error of a response's body that was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutShort(Reason);

impl CutShort {
    /// Why it was cancelled.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.0
    }
}

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response is not whole: {}", self.0)
    }
}

impl Error for CutShort {}
