//! The service from its start to its end.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use forwith::reaper::Reaper;
use forwith::report::lost_exits;
use forwith::{AsyncEnterExt, async_with};
use forwith_resources::sqlx::pool;
use forwith_tower::Tracker;
use tokio::time::sleep;

use super::closing::close_books;
use super::{report::report, statement::statement, transfer::transfer};
use crate::bank::{Error, TIME_LIMIT};
use crate::start::{Ended, Start, stopped};

/// Serves until it is told to stop, and then ends one step after the other:
///
/// 1. nothing new is accepted,
/// 2. requests may come to their end,
/// 3. those that do not are cancelled, and so are tasks of the tracker; exits are awaited,
/// 4. the reaper ends what was dropped all the same,
/// 5. the pool is closed, since nobody needs it any more.
///
/// # Errors
///
/// A server is not there, or the pool cannot be closed.
pub async fn serve(start: Start) -> Result<Ended, Error> {
    let reaper = Reaper::tokio().exit_limit(|| sleep(Duration::from_secs(30)));
    reaper.install();
    let left = async_with!(pool(start.connect()).error_into::<Error>() as pool, {
        let bank = start.open_bank(pool.clone()).await?;
        let tracker = Tracker::new();
        tracker.spawn("closing of the books", close_books(bank.clone()));

        let layer = tracker
            .layer()
            .time_limit(TIME_LIMIT)
            .grace(Duration::from_secs(10));
        let routes = Router::new()
            .route("/transfers", post(transfer))
            .route("/report", get(report))
            .route("/statements", post(statement))
            .layer(layer)
            .with_state(bank);

        let stopped = stopped();
        let listener = start.listen().await?;
        let serve = axum::serve(listener, routes).with_graceful_shutdown(tracker.closing());
        let serve = tokio::spawn(serve.into_future());

        stopped.await;
        tracker.shut_down().serving(serve).join(&reaper).await
    })?;
    Ok(Ended {
        lost: Some(lost_exits()),
        left: (!left.is_empty()).then(|| left.to_string()),
    })
}
