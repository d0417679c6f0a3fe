//! The answer to a request that was cancelled.

use bytes::Buf;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::body::ResponseBody;
use crate::cut_short::grpc_status;
use crate::reason::Reason;

/// The response to a request that was cancelled before its head came.
#[cold]
pub(crate) fn answer<D: Buf>(reason: Reason, is_grpc: bool) -> Response<ResponseBody<D>> {
    let mut response = Response::new(ResponseBody::whole(None));
    if is_grpc {
        // A response without messages has its trailers in the head.
        let headers = response.headers_mut();
        *headers = grpc_status(reason);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    } else {
        *response.status_mut() = match reason {
            Reason::TimeLimit => StatusCode::REQUEST_TIMEOUT,
            Reason::Shutdown | Reason::ClientLeft => StatusCode::SERVICE_UNAVAILABLE,
        };
    }
    response
}
