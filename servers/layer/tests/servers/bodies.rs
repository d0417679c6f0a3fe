//! Bodies of responses, to their last byte.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures::FutureExt;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::common::{App, open, until};

#[tokio::test]
async fn a_client_that_leaves_in_the_midst_of_a_body_cancels() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/stream").await;
    client.read_until("a frame of the stream").await;
    drop(client);
    app.log.until("exit Cancelled").await;
    assert_eq!(app.tracker.running(), 1);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_that_stalls_is_cancelled_at_the_limit() {
    let app = App::new();
    let server = app
        .serve(app.tracker.layer().time_limit(Duration::from_millis(300)))
        .await;
    let mut client = server.connect().await;
    client.get("/stream").await;
    // It reads nothing. The server cannot send, so it polls the body no more.
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
    drop(client);
}

#[tokio::test]
async fn a_body_that_is_cut_does_not_look_whole() {
    let app = App::new();
    open(&app.doors.exit);
    let server = app
        .serve(app.tracker.layer().time_limit(Duration::from_millis(50)))
        .await;
    let mut client = server.connect().await;
    client.get("/stream").await;
    let all = client.read_to_end().await;
    let text = String::from_utf8_lossy(&all);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(text.contains("a frame of the stream"));
    assert!(!text.ends_with("0\r\n\r\n"), "it has no last chunk");
    app.until_idle().await;
}

#[tokio::test]
async fn a_body_that_the_server_drops_at_its_last_byte_runs_to_its_end() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/exact").await;
    client.read_until("0123401234").await;
    // The client has all it was told of, and asks again: the server has dropped the body.
    client.get("/hello").await;
    client.read_until("hello").await;
    assert_eq!(app.log.lines(), ["enter", "frame 1", "frame 2"]);
    open(&app.doors.body);
    app.log.until("exit Completed").await;
    assert_eq!(app.tracker.running(), 1);
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn the_body_of_an_answer_to_head_is_not_asked_for() {
    let app = App::new();
    let router = axum::Router::new().fallback_service(tower::service_fn({
        let app = app.clone();
        move |_| {
            let frames = crate::common::frames(app.clone(), "a frame".into(), usize::MAX);
            async {
                Ok::<_, std::convert::Infallible>(axum::response::Response::new(
                    axum::body::Body::from_stream(frames),
                ))
            }
        }
    }));
    let server = app.serve_router(router.layer(app.tracker.layer())).await;
    let mut client = server.connect().await;
    client
        .send("HEAD /stream/head HTTP/1.1\r\nhost: test\r\n\r\n")
        .await;
    client.read_until("\r\n\r\n").await;
    app.until_idle().await;
    assert!(app.log.lines().is_empty(), "{:?}", app.log.lines());
    assert!(crate::events::of("HEAD /stream/head").is_empty());
}

/// The task that listens for a body ends with it, however that ends.
#[tokio::test]
async fn no_task_remains_of_a_body() {
    let alive = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let app = App::new();
    open(&app.doors.body);
    open(&app.doors.exit);
    let service = app.router().layer(app.tracker.layer());
    let before = alive();
    for path in ["/exact", "/stream", "/panic/stream"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        let mut body = response.into_body();
        assert_eq!(alive(), before + 1, "{path} is listened for");
        match path {
            "/exact" => assert_eq!(body.collect().await.unwrap().to_bytes().len(), 10),
            "/stream" => {
                body.frame().await.unwrap().unwrap();
                drop(body);
            }
            _ => {
                let reading = AssertUnwindSafe(body.collect()).catch_unwind();
                assert!(reading.await.is_err());
            }
        }
        until("no more tasks than before", || match alive() {
            now if now == before => Ok(()),
            now => Err((path, now)),
        })
        .await;
        app.until_idle().await;
    }
}
