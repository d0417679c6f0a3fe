//! Exits that take longer than they may: they go on in the reaper of the process, which the
//! shutdown joins. One test, since a process has one reaper and one count of lost exits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use forwith::reaper::Reaper;
use forwith::report::lost_exits;
use forwith::{OwnedExit, OwnedOutcome, async_with};
use forwith_tower::Tracker;
use tokio::time::sleep;
use tower::ServiceExt;

struct Slow(Arc<AtomicUsize>);

impl OwnedExit for Slow {
    type Error = std::io::Error;

    async fn exit_owned(self, _: OwnedOutcome) -> Result<(), Self::Error> {
        sleep(Duration::from_secs(60)).await;
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn app(tracker: &Tracker, exited: &Arc<AtomicUsize>) -> Router {
    let exited = exited.clone();
    let handler = get(async move || {
        let held: Result<(), std::io::Error> =
            async_with!(async { Ok(Slow(exited)) }, { std::future::pending().await });
        held.unwrap();
    });
    let layer = tracker.layer().time_limit(Duration::from_secs(1));
    Router::new()
        .route("/", handler)
        .layer(layer.grace(Duration::from_secs(5)))
}

fn ask() -> Request<Body> {
    Request::get("/").body(Body::empty()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn exits_that_take_too_long_go_on_in_the_reaper() {
    let reaper = Reaper::tokio();
    reaper.install();
    let exited = Arc::new(AtomicUsize::new(0));

    // The grace of the layer ends: the client is answered, and the exit goes on.
    let tracker = Tracker::new();
    let begun = tokio::time::Instant::now();
    let response = app(&tracker, &exited).oneshot(ask()).await.unwrap();
    assert_eq!(response.status(), 408);
    assert_eq!(begun.elapsed().as_secs(), 1 + 5);
    assert_eq!((tracker.running(), reaper.pending()), (0, 1));
    let left = tracker
        .shut_down()
        .finish(Duration::from_secs(10))
        .join(&reaper)
        .await;
    assert_eq!(left.exits().len(), 1);
    assert_eq!(left.to_string(), "left: the exit of reaper::Slow;");
    let left = tracker
        .shut_down()
        .finish(Duration::from_secs(60))
        .join(&reaper)
        .await;
    assert!(left.is_empty(), "{left}");
    assert_eq!(exited.load(Ordering::SeqCst), 1);

    // So does that of a shutdown, which drops what remains.
    let tracker = Tracker::new();
    let app = Router::new().merge(app(&tracker, &exited));
    let answer = tokio::spawn(app.oneshot(ask()));
    tokio::task::yield_now().await;
    assert_eq!(tracker.running(), 1);
    let shutdown = tracker
        .shut_down()
        .wait(Duration::ZERO)
        .exits(Duration::from_secs(2));
    let left = shutdown.finish(Duration::from_secs(60)).join(&reaper).await;
    assert!(left.is_empty(), "{left}");
    assert_eq!(answer.await.unwrap().unwrap().status(), 503);
    assert_eq!(exited.load(Ordering::SeqCst), 2);

    // A request that is dropped outside of its server is not lost, either.
    let tracker = Tracker::new();
    let app = self::app(&tracker, &exited);
    let answer = tokio::spawn(app.oneshot(ask()));
    tokio::task::yield_now().await;
    answer.abort();
    while tracker.running() > 0 {
        sleep(Duration::from_secs(1)).await;
    }
    reaper.join().await;
    assert_eq!(exited.load(Ordering::SeqCst), 3);
    assert_eq!(lost_exits(), 0);
    Reaper::uninstall();
}
