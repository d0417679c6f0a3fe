//! The service from its start to its end.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio_util::task::TaskTracker;
use tower_http::timeout::TimeoutLayer;

use super::closing::close_books;
use super::transfer::{transfer, transfer_in_task};
use super::{report::report, statement::statement};
use crate::bank::{Error, TIME_LIMIT};
use crate::start::{Ended, Start, stopped};

/// Where transfers run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tasks {
    /// In the future that the server drops.
    None,
    /// In a task each, which the shutdown awaits.
    Tracked,
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// A server is not there.
pub async fn serve(start: Start, tasks: Tasks) -> Result<Ended, Error> {
    let pool = start.connect().await?;
    let bank = start.open_bank(pool.clone()).await?;
    let closing = tokio::spawn(close_books(bank.clone()));

    let tracker = TaskTracker::new();
    let transfers = match tasks {
        Tasks::None => post(transfer),
        Tasks::Tracked => {
            let tracker = tracker.clone();
            post(move |bank, order| transfer_in_task(tracker, bank, order))
        }
    };
    let limit = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIME_LIMIT);
    let routes = Router::new()
        .route("/transfers", transfers)
        .route("/report", get(report))
        .route("/statements", post(statement))
        .layer(limit)
        .with_state(bank);

    let stopped = stopped();
    let listener = start.listen().await?;
    axum::serve(listener, routes)
        .with_graceful_shutdown(stopped)
        .await?;
    tracker.close();
    tracker.wait().await;
    closing.abort();
    pool.close().await;
    Ok(Ended::default())
}
