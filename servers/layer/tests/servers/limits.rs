//! Time limits, and when the answer comes.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use tower::ServiceExt;

use crate::common::{App, open};

const LIMIT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn the_answer_comes_when_the_exits_have_ended() {
    let app = App::new();
    let server = app.serve(app.tracker.layer().time_limit(LIMIT)).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("exit Cancelled").await;
    let mut byte = [0];
    assert!(
        client.0.try_read(&mut byte).is_err(),
        "nothing is answered yet"
    );
    open(&app.doors.exit);
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(app.log.lines().last().unwrap(), "exited");
    app.until_idle().await;
}

#[tokio::test]
async fn the_answer_comes_at_once_while_the_exits_go_on() {
    let app = App::new();
    let layer = app.tracker.layer().time_limit(LIMIT).answer_at_once();
    let server = app.serve(layer).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(app.log.lines(), ["enter", "waits", "exit Cancelled"]);
    // The connection serves others meanwhile.
    client.get("/hello").await;
    client.read_until("hello").await;
    assert_eq!(app.tracker.running(), 1);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_that_sends_its_body_slowly_is_cancelled_at_the_limit() {
    let app = App::new();
    let server = app.serve(app.tracker.layer().time_limit(LIMIT)).await;
    let mut client = server.connect().await;
    client.post("/read", 10, 4).await;
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_that_leaves_while_the_exits_run_stops_none_of_them() {
    let app = App::new();
    let server = app.serve(app.tracker.layer().time_limit(LIMIT)).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("exit Cancelled").await;
    drop(client);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_value_that_comes_in_spite_of_the_limit_is_answered() {
    let app = App::new();
    let server = app.serve(app.tracker.layer().time_limit(LIMIT)).await;
    let mut client = server.connect().await;
    open(&app.doors.body);
    client.get("/wait/late").await;
    app.log.until("exit Completed").await;
    // The commit runs while the limit passes. It is told as what it is.
    app.until_cancelled("GET /wait/late").await;
    open(&app.doors.exit);
    let answer = client.read_until("done").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    app.until_idle().await;
}

#[tokio::test]
async fn a_body_that_comes_in_spite_of_the_limit_does_not_begin() {
    let app = App::new();
    let server = app.serve(app.tracker.layer().time_limit(LIMIT)).await;
    let mut client = server.connect().await;
    open(&app.doors.body);
    client.get("/wait_and_stream/late").await;
    app.log.until("exit Completed").await;
    app.until_cancelled("GET /wait_and_stream/late").await;
    open(&app.doors.exit);
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    app.until_idle().await;
    app.log.has(1, "enter").unwrap();
}

/// The task of a request that was dropped polls it once more before it cancels it. Its body may
/// begin in that poll, with a frame that nobody takes.
#[tokio::test]
async fn a_body_that_begins_behind_the_drop_ends_with_its_exits() {
    let app = App::new();
    let service = app.router().layer(app.tracker.layer());
    let request = Request::get("/wait_and_stream/gone")
        .body(Body::empty())
        .unwrap();
    let mut response = Box::pin(service.oneshot(request));
    assert!(futures::poll!(&mut response).is_pending());
    app.log.has(1, "waits").unwrap();
    open(&app.doors.body);
    open(&app.doors.exit);
    drop(response);
    app.until_idle().await;
    app.log.has(1, "exit Completed").unwrap();
    app.log.has(1, "exit Cancelled").unwrap();
    app.log.has(2, "exited").unwrap();
}
