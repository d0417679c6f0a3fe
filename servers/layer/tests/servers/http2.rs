//! Clients of HTTP/2.

use std::time::Duration;

use forwith_tower::TrackLayer;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::common::{App, Serving, open, pass, soon, until};

type Body = http_body_util::combinators::BoxBody<Bytes, std::convert::Infallible>;

pub struct Client(SendRequest<Body>);

impl Client {
    pub async fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (send, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Client(send)
    }

    pub fn ask(&mut self, method: &str, path: &str, body: usize) -> JoinHandle<Response<Incoming>> {
        let body = match body {
            0 => Empty::new().boxed(),
            len => Full::new(Bytes::from(vec![b'x'; len])).boxed(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://test{path}"));
        let response = self.0.send_request(request.body(body).unwrap());
        tokio::spawn(async { response.await.unwrap() })
    }

    pub async fn hello(&mut self) {
        let response = soon("an answer", self.ask("GET", "/hello", 0))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let body = soon("its body", response.into_body().collect())
            .await
            .unwrap();
        assert_eq!(body.to_bytes(), "hello");
    }
}

async fn serve(layer: impl FnOnce(TrackLayer) -> TrackLayer) -> (App, Serving, Client) {
    let app = App::new();
    let server = app.serve(layer(app.tracker.layer())).await;
    let client = Client::new(&server.address).await;
    (app, server, client)
}

#[tokio::test]
async fn a_stream_that_is_reset_cancels_and_the_connection_goes_on() {
    for (method, path, body) in [
        ("GET", "/wait", 0),
        ("POST", "/wait", 10),
        ("POST", "/wait", 1_000_000),
        ("POST", "/read", 10),
    ] {
        let (app, _server, mut client) = serve(|layer| layer).await;
        let response = client.ask(method, path, body);
        app.log
            .until(if path == "/wait" { "waits" } else { "read 10" })
            .await;
        response.abort();
        app.log.until("exit Cancelled").await;
        assert_eq!(app.tracker.running(), 1);
        client.hello().await;
        open(&app.doors.exit);
        app.log.until("exited").await;
        app.until_idle().await;
        assert!(!app.log.lines().iter().any(|line| line == "done"));
    }
}

#[tokio::test]
async fn a_connection_that_ends_cancels_each_of_its_requests() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    // A process of its own, as far as the server can tell.
    let mut elsewhere = tokio::runtime::Builder::new_multi_thread();
    let elsewhere = elsewhere.worker_threads(1).enable_all().build().unwrap();
    let address = server.address.clone();
    elsewhere.spawn(async move {
        let mut client = Client::new(&address).await;
        let (first, second) = (client.ask("GET", "/wait", 0), client.ask("GET", "/wait", 0));
        let _never = tokio::join!(first, second);
    });
    until("both", || app.log.has(2, "waits")).await;
    elsewhere.shutdown_background();
    until("both", || app.log.has(2, "exit Cancelled")).await;
    assert_eq!(app.tracker.running(), 2);
    open(&app.doors.exit);
    app.until_idle().await;
    app.log.has(2, "exited").unwrap();
}

#[tokio::test]
async fn a_response_that_is_dropped_in_its_body_cancels() {
    let (app, _server, mut client) = serve(|layer| layer).await;
    let response = client.ask("GET", "/stream", 0).await.unwrap();
    let mut body = response.into_body();
    soon("a frame", body.frame()).await.unwrap().unwrap();
    drop(body);
    app.log.until("exit Cancelled").await;
    assert_eq!(app.tracker.running(), 1);
    client.hello().await;
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_that_stalls_is_cancelled_at_the_limit() {
    let (app, _server, mut client) =
        serve(|layer| layer.time_limit(Duration::from_millis(300))).await;
    let response = client.ask("GET", "/stream", 0).await.unwrap();
    // It takes nothing of the body, so the window of the stream is full at some point, and the
    // server polls the body no more.
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
    drop(response);
}

#[tokio::test]
async fn the_limit_answers_408_and_the_connection_goes_on() {
    let (app, _server, mut client) =
        serve(|layer| layer.time_limit(Duration::from_millis(50))).await;
    let response = client.ask("POST", "/wait", 10);
    app.log.until("exit Cancelled").await;
    assert!(
        !response.is_finished(),
        "it answers when the exit has ended"
    );
    open(&app.doors.exit);
    let response = soon("the answer", response).await.unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(app.log.lines().last().unwrap(), "exited");
    client.hello().await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_body_that_is_cut_resets_its_stream_alone() {
    let (app, _server, mut client) =
        serve(|layer| layer.time_limit(Duration::from_millis(50)).answer_at_once()).await;
    let response = client.ask("GET", "/stream", 0).await.unwrap();
    let mut body = response.into_body();
    let error = loop {
        match soon("a frame", body.frame()).await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("a body that was cut looks whole"),
        }
    };
    assert!(error.to_string().contains("error"), "{error}");
    client.hello().await;
    open(&app.doors.exit);
    pass(&app.doors.exit).await;
    app.log.until("exited").await;
    app.until_idle().await;
}
