//! When servers drop a handler, without the layer: the table in `servers/README.md`.
//!
//! If one of these fails after an update, a server behaves otherwise: mend the table.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::any;
use http_body_util::BodyExt;
use tokio::io::AsyncWriteExt;

use crate::common::{App, Client, Serving, open, pass, until};
use crate::http2;

/// Says how its handler ended.
struct Ends(App, bool);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.log.push(if self.1 { "done" } else { "dropped" });
    }
}

async fn unread(State(app): State<App>, body: Body) {
    let _held = body;
    let mut ends = Ends(app.clone(), false);
    app.log.push("runs");
    pass(&app.doors.body).await;
    ends.1 = true;
}

async fn read(State(app): State<App>, body: Body) {
    let mut ends = Ends(app.clone(), false);
    let _read = body.collect().await;
    app.log.push("runs");
    pass(&app.doors.body).await;
    ends.1 = true;
}

async fn serve(app: &App) -> Serving {
    let router = Router::new()
        .route("/hello", any(async || "hello"))
        .route("/unread", any(unread))
        .route("/read", any(read));
    app.serve_router(router.with_state(app.clone())).await
}

/// Asserts that the handler was dropped, or that it goes on.
async fn asserts(case: &str, app: &App, server: &Serving, is_dropped: bool) {
    if is_dropped {
        app.log.until("dropped").await;
        return;
    }
    // The server has looked at what its connections brought, and more than once.
    for _ in 0..3 {
        let mut other = server.connect().await;
        other.get("/hello").await;
        other.read_until("hello").await;
    }
    assert_eq!(
        app.log.lines(),
        ["runs"],
        "{case}: the server drops the handler now"
    );
    open(&app.doors.body);
    app.log.until("done").await;
}

#[derive(Clone, Copy, Debug)]
enum Leaves {
    Closes,
    Resets,
    HalfCloses,
}

#[tokio::test]
async fn http1() {
    use Leaves::{Closes, HalfCloses, Resets};
    const GET: &str = "GET /unread HTTP/1.1\r\nhost: test\r\n\r\n";
    let post = |path: &str, len: usize, sent: usize| {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {len}\r\n\r\n");
        head + &"x".repeat(sent)
    };
    for (is_dropped, says, leaves) in [
        (true, GET.to_string(), Closes),
        (true, GET.to_string(), Resets),
        (true, GET.to_string(), HalfCloses),
        (false, format!("{GET}\r\n"), Closes),
        (false, format!("{GET}{GET}"), Closes),
        (true, post("/unread", 10, 10), Closes),
        (true, post("/read", 10, 10), Closes),
        (false, post("/unread", 10, 4), Closes),
        (false, post("/unread", 10_000_000, 400_000), Closes),
        (true, post("/read", 1_000_000, 1_000_000), Closes),
    ] {
        let case = format!("{leaves:?} after {:?}", says.split("\r\n\r\nx").next());
        let app = App::new();
        let server = serve(&app).await;
        let Client(mut client) = server.connect().await;
        client.write_all(says.as_bytes()).await.unwrap();
        app.log.until("runs").await;
        match leaves {
            Closes => drop(client),
            Resets => Client(client).reset(),
            HalfCloses => {
                client.shutdown().await.unwrap();
                asserts(&case, &app, &server, is_dropped).await;
                assert_eq!(Client(client).read_to_end().await, b"", "{case}");
                continue;
            }
        }
        asserts(&case, &app, &server, is_dropped).await;
    }
}

#[tokio::test]
async fn http2_resets() {
    for (method, path, len) in [
        ("GET", "/unread", 0),
        ("POST", "/unread", 10),
        ("POST", "/unread", 1_000_000),
        ("POST", "/read", 10),
    ] {
        let app = App::new();
        let server = serve(&app).await;
        let mut client = http2::Client::new(&server.address).await;
        let response = client.ask(method, path, len);
        app.log.until("runs").await;
        response.abort();
        asserts(&format!("{method} {path} {len}"), &app, &server, true).await;
        client.hello().await;
    }
}

/// Where the client does not read, a body is not polled: so the layer listens in a task of its own.
#[tokio::test]
async fn a_body_is_polled_only_while_its_client_reads() {
    let app = App::new();
    let router = Router::new().route(
        "/",
        any(async |State(app): State<App>| {
            Body::from_stream(futures::stream::repeat_with(move || {
                app.log.push("polled");
                Ok::<_, String>(axum::body::Bytes::from(vec![b'x'; 100_000]))
            }))
        }),
    );
    let server = app.serve_router(router.with_state(app.clone())).await;
    let mut client = server.connect().await;
    client.get("/").await;
    app.log.until("polled").await;
    let mut before = 0;
    until("a server that cannot send", || {
        let now = app.log.lines().len();
        if now == std::mem::replace(&mut before, now) {
            Ok(())
        } else {
            Err(now)
        }
    })
    .await;
    assert!(before < 1000, "it sends into nothing");
}

/// Nobody waits for what an upgrade has become.
#[tokio::test]
async fn a_graceful_shutdown_does_not_wait_for_a_socket() {
    use axum::extract::ws::WebSocketUpgrade;
    let app = App::new();
    let router = Router::new().route(
        "/",
        any(async |upgrade: WebSocketUpgrade, State(app): State<App>| {
            upgrade.on_upgrade(async move |_socket| {
                app.log.push("talks");
                pass(&app.doors.body).await;
                app.log.push("done");
            })
        }),
    );
    let server = app.serve_router(router.with_state(app.clone())).await;
    let url = format!("ws://{}/", server.address);
    let (_socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    app.log.until("talks").await;
    let left = app.tracker.shut_down().serving(server.task).await;
    assert!(left.is_empty(), "{left}");
    assert_eq!(app.log.lines(), ["talks"], "it waits for the socket now");
}

/// The future is dropped before the answer, and no exit in it begins.
#[tokio::test]
async fn the_timeout_of_tower_http_drops_its_handler() {
    use std::time::Duration;
    use tower_http::timeout::TimeoutLayer;
    let app = App::new();
    let limit = Duration::from_millis(20);
    let status = axum::http::StatusCode::REQUEST_TIMEOUT;
    let router = app
        .router()
        .route("/unread", any(unread).with_state(app.clone()));
    let router = router.layer(TimeoutLayer::with_status_code(status, limit));
    let server = app.serve_router(router).await;
    let mut client = server.connect().await;
    client.get("/unread").await;
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(app.log.lines(), ["runs", "dropped"]);

    client.get("/wait/gone").await;
    client.read_until("408").await;
    let lines = app.log.lines();
    assert!(
        !lines.iter().any(|line| line.starts_with("exit")),
        "no exit ran: {lines:?}"
    );
}
