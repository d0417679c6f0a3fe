//! The shutdown of a server.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpStream;

use crate::common::{App, open, pass, soon, until};

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_shutdown_waits_for_a_handler_and_accepts_nothing_new() {
    let app = App::new();
    open(&app.doors.exit);
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    let address = server.address.clone();
    let shutdown = tokio::spawn(
        app.tracker
            .shut_down()
            .wait(LONG)
            .serving(server.task)
            .into_future(),
    );
    soon("the shutdown", app.tracker.closing()).await;
    until("a closed listener", || {
        match std::net::TcpStream::connect(&address) {
            Ok(_) => Err("it accepts"),
            Err(_) => Ok(()),
        }
    })
    .await;
    assert!(!shutdown.is_finished());
    open(&app.doors.body);
    let answer = client.read_until("done").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let left = soon("the shutdown", shutdown).await.unwrap();
    assert!(left.is_empty(), "{left}");
}

#[tokio::test]
async fn a_shutdown_cancels_what_takes_too_long_and_the_client_is_told() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    let mut streaming = server.connect().await;
    app.log.until("waits").await;
    streaming.get("/stream").await;
    streaming.read_until("a frame").await;
    let shutdown = app
        .tracker
        .shut_down()
        .wait(SHORT)
        .exits(LONG)
        .serving(server.task);
    let shutdown = tokio::spawn(shutdown.into_future());
    until("two exits", || app.log.has(2, "exit Cancelled")).await;
    assert!(!shutdown.is_finished(), "it awaits the exits");
    open(&app.doors.exit);
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let cut = streaming.read_to_end().await;
    assert!(!cut.ends_with(b"0\r\n\r\n"));
    let left = soon("the shutdown", shutdown).await.unwrap();
    assert!(left.is_empty(), "{left}");
}

#[tokio::test]
async fn a_request_that_comes_late_is_refused() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    // Its connection is kept open by a request that does not pass our layer.
    let mut client = server.connect().await;
    client.get("/hello").await;
    client.read_until("hello").await;
    let other = Router::new()
        .route("/late", get(async || "late"))
        .layer(app.tracker.layer());
    let left = app.tracker.shut_down().serving(server.task).await;
    assert!(left.is_empty(), "{left}");
    let request = axum::http::Request::get("/late")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(other, request).await.unwrap();
    assert_eq!(response.status(), 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_blocks_its_thread_is_left_and_told_by_name() {
    let app = App::new();
    let (unblock, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = std::sync::Arc::new(std::sync::Mutex::new(Some(blocked)));
    let log = app.log.clone();
    let router = Router::new().route(
        "/blocks",
        get(async move || {
            tokio::task::yield_now().await;
            log.push("blocks");
            let blocked = blocked.lock().unwrap().take().unwrap();
            let _ = blocked.recv();
        }),
    );
    let server = app.serve_router(router.layer(app.tracker.layer())).await;
    let mut client = server.connect().await;
    client.get("/blocks?secret=1").await;
    app.log.until("blocks").await;
    let _task = app.tracker.task("sweeper");
    let shutdown = app
        .tracker
        .shut_down()
        .wait(SHORT)
        .exits(SHORT)
        .finish(SHORT);
    let left = shutdown.serving(server.task).await;
    assert!(!left.is_empty());
    assert_eq!(left.requests(), ["GET /blocks"]);
    assert_eq!(left.tasks(), ["sweeper"]);
    assert_eq!(
        (left.running(), left.exits().len(), left.is_serving()),
        (2, 0, true)
    );
    assert_eq!(
        left.to_string(),
        "left: GET /blocks; sweeper; open connections;"
    );
    unblock.send(()).unwrap();
    app.log.until("blocks").await;
}

#[tokio::test]
async fn tasks_are_waited_for_and_then_cancelled() {
    let app = App::new();
    let held = app.clone();
    let task = app.tracker.spawn("sweeper", async move {
        let swept: Result<(), String> = forwith::async_with!(crate::common::hold(&held), {
            pass(&held.doors.body).await;
        });
        swept
    });
    app.log.until("enter").await;
    open(&app.doors.exit);
    let left = app.tracker.shut_down().wait(SHORT).await;
    assert!(left.is_empty(), "{left}");
    let cancelled = task.await.unwrap().unwrap_err();
    assert_eq!(cancelled.reason(), &forwith_tower::Reason::Shutdown);
    assert_eq!(app.log.lines(), ["enter", "exit Cancelled", "exited"]);
}

#[tokio::test]
async fn a_silent_connection_does_not_hold_the_shutdown_up() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let _silent = TcpStream::connect(&server.address).await.unwrap();
    let left = soon(
        "the shutdown",
        app.tracker.shut_down().serving(server.task).into_future(),
    )
    .await;
    assert!(left.is_empty(), "{left}");
}
