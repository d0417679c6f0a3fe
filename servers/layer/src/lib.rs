//! A [`tower`] layer that ends requests in a structured way: their exits are awaited.
//!
//! A server drops a handler when its client leaves. What the handler held is then abandoned in the
//! midst of a step. With this layer each request runs in a [`scope`](forwith::scope): when the
//! client leaves, a time limit passes or the server shuts down, the request is *cancelled*. Each
//! [`async_with!`](forwith::async_with) in it awaits its exit, in a task if nobody waits for the
//! answer any more. Handlers know nothing of it. It works in axum, hyper-util and tonic.
//!
//! ```
//! use axum::{Router, body::Body, http::Request, routing::get};
//! use forwith::{OwnedExit, OwnedOutcome, async_with};
//! use forwith_tower::Tracker;
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use std::time::Duration;
//! use tokio::time::sleep;
//! use tower::ServiceExt;
//!
//! static ROLLED_BACK: AtomicBool = AtomicBool::new(false);
//!
//! struct Transaction;
//!
//! impl OwnedExit for Transaction {
//!     type Error = String;
//!
//!     async fn exit_owned(self, outcome: OwnedOutcome) -> Result<(), String> {
//!         sleep(Duration::from_secs(1)).await; // the database is told, and answers
//!         ROLLED_BACK.store(!outcome.is_completed(), Ordering::Relaxed);
//!         Ok(())
//!     }
//! }
//!
//! async fn pay() -> Result<String, String> {
//!     async_with!(async { Ok(Transaction) }, {
//!         sleep(Duration::from_secs(3600)).await; // another service does not answer
//!         "paid".to_string()
//!     })
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let tracker = Tracker::new();
//! let app = Router::new()
//!     .route("/pay", get(pay))
//!     .layer(tracker.layer().time_limit(Duration::from_secs(10)));
//!
//! let request = Request::get("/pay").body(Body::empty()).unwrap();
//! let response = app.clone().oneshot(request).await.unwrap();
//! assert_eq!(response.status(), 408);
//! assert!(ROLLED_BACK.load(Ordering::Relaxed)); // the answer came behind the exit
//!
//! // A client that leaves is a future that is dropped.
//! ROLLED_BACK.store(false, Ordering::Relaxed);
//! let request = Request::get("/pay").body(Body::empty()).unwrap();
//! let left = tokio::time::timeout(Duration::from_secs(2), app.oneshot(request)).await;
//! assert!(left.is_err());
//! let remains = tracker.shut_down().await; // waits for the exit, which runs in a task
//! assert!(remains.is_empty(), "{remains}");
//! assert!(ROLLED_BACK.load(Ordering::Relaxed));
//! # }
//! ```
//!
//! # What a client is told
//!
//! | what happens | HTTP | gRPC | once the head has been sent |
//! |---|---|---|---|
//! | [`time_limit`](TrackLayer::time_limit) | 408 | `DEADLINE_EXCEEDED` | the body ends with an error; gRPC: with that status |
//! | [shutdown](Shutdown) | 503 | `UNAVAILABLE` | likewise |
//! | the client leaves | nothing | nothing | nothing |
//! | the handler panics | what the server does | likewise | likewise |
//!
//! The answer comes when the exits have ended, or before: [`TrackLayer::answer_at_once`]. An answer
//! that the handler gives in spite of a cancellation, because it was in an exit already, is sent.
//!
//! # Bodies
//!
//! The scope of a request reaches to the last byte of its response. Resources in a body that is
//! streamed are exited when that is dropped, cancelled, or at its end. The connection polls the
//! body in place, so back pressure, trailers and size hints are those of the body. A task listens
//! to the time limit and the shutdown meanwhile, because a server polls no body of a client that
//! does not read.
//!
//! Two things differ from a body without the layer. Its first frame is asked for together with the
//! head. And where the head says how many bytes there are, a server drops the body at the last one:
//! then the body runs to its end, with what it does behind that byte.
//!
//! # Upgrades
//!
//! A WebSocket outlives its request. The handler of a request that asks for an upgrade has the
//! [`Tracker`] as an extension, and announces the task ([`Tracker::task`]). Other work that a
//! handler leaves behind is spawned with [`Tracker::spawn`].
//!
//! # Events
//!
//! With the target `forwith_tower`, inside of the span in which the request came, and with its
//! `method` and `path`, which has no query:
//!
//! | level | message | fields |
//! |---|---|---|
//! | INFO | a request is cancelled | `reason` |
//! | ERROR | an exit in a request went wrong | `resource`, `error` |
//! | WARN | not every exit of a request ended in time | |
//! | INFO, WARN | the steps of a shutdown | `running`, `left` |
//!
//! An error of an exit is one that nobody was given: behind a handler that has failed, or behind a
//! cancellation. It does not reach [`forwith::report::set_hook`].
//!
//! # Where a request runs
//!
//! In the connection's future, as without the layer, in one box. So a request that comes to its end
//! needs no task of its own, its panics are the server's, and what a task has (a local set, a
//! budget, a span) stays the same. The server's drop moves the box into a task, which is polled to
//! the end of its exits. The tracker counts it all the while.
//!
//! [`tower`]: https://docs.rs/tower
#![forbid(unsafe_code)]

mod answer;
mod body;
mod cut_short;
mod exchange;
mod grpc_timeout;
mod layer;
mod line;
mod reason;
mod request;
mod response;
mod running;
mod settings;
mod shared;
mod shutdown;
mod signals;
mod tracker;

pub use body::ResponseBody;
pub use cut_short::CutShort;
pub use layer::{TrackLayer, TrackService};
pub use reason::Reason;
pub use response::ResponseFuture;
pub use shutdown::{Left, Shutdown};
pub use tracker::{Task, Tracker};

/// The page's examples, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
