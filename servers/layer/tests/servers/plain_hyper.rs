//! The layer in hyper-util, without axum: the service's own body, errors that are no answers, and
//! the graceful shutdown of hyper-util.

use std::convert::Infallible;
use std::time::Duration;

use forwith::async_with;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

use crate::common::{App, Serving, frames, hold, open, pass, soon};
use crate::http2;

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, String>;

async fn handle(app: App, request: Request<Incoming>) -> Result<Response<Body>, String> {
    let body = match request.uri().path() {
        "/stream" => {
            // It is not `Unpin`.
            let frame = Bytes::from("a frame of the stream\n".repeat(1000));
            let frames = frames(app, frame, usize::MAX);
            let frames = futures::StreamExt::map(frames, |frame| frame.map(Frame::data));
            StreamBody::new(frames).boxed_unsync()
        }
        "/wait" => {
            async_with!(hold(&app), {
                app.log.push("waits");
                pass(&app.doors.body).await;
            })?;
            whole("done")
        }
        "/error" => return Err("no answer".into()),
        _ => whole("hello"),
    };
    Ok(Response::new(body))
}

fn whole(text: &'static str) -> Body {
    let body = Full::new(Bytes::from(text));
    body.map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

async fn serve(app: &App) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = app.clone();
    let task = tokio::spawn(async move {
        let graceful = GracefulShutdown::new();
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted.unwrap().0,
                () = app.tracker.closing() => break,
            };
            let handler = app.clone();
            let service = service_fn(move |request| handle(handler.clone(), request));
            let service = TowerToHyperService::new(app.tracker.layer().layer(service));
            let server = auto::Builder::new(TokioExecutor::new());
            let connection = server.serve_connection_with_upgrades(TokioIo::new(stream), service);
            let connection = graceful.watch(connection.into_owned());
            tokio::spawn(async { drop(connection.await) });
        }
        drop(listener);
        graceful.shutdown().await;
    });
    Serving { address, task }
}

#[tokio::test]
async fn both_versions_cancel_what_their_client_leaves() {
    let app = App::new();
    let server = serve(&app).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    drop(client);
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    app.until_idle().await;

    let mut client = http2::Client::new(&server.address).await;
    let response = client.ask("GET", "/wait", 0);
    crate::common::until("the second", || app.log.has(2, "waits")).await;
    response.abort();
    crate::common::until("the second", || app.log.has(2, "exit Cancelled")).await;
    client.hello().await;
    app.until_idle().await;
    app.log.has(2, "exited").unwrap();
}

#[tokio::test]
async fn a_body_that_is_not_unpin_is_covered() {
    let app = App::new();
    let server = serve(&app).await;
    let mut client = server.connect().await;
    client.get("/stream").await;
    client.read_until("a frame of the stream").await;
    drop(client);
    app.log.until("exit Cancelled").await;
    open(&app.doors.exit);
    app.until_idle().await;
}

#[tokio::test]
async fn an_error_of_the_service_stays_one() {
    let app = App::new();
    let server = serve(&app).await;
    let mut client = server.connect().await;
    client.get("/error").await;
    assert_eq!(client.read_to_end().await, b"");
    app.until_idle().await;
}

#[tokio::test]
async fn its_graceful_shutdown_is_the_one_that_is_joined() {
    let app = App::new();
    let server = serve(&app).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    open(&app.doors.exit);
    let shutdown = app
        .tracker
        .shut_down()
        .wait(Duration::ZERO)
        .serving(server.task);
    let left = soon("the shutdown", shutdown.into_future()).await;
    assert!(left.is_empty(), "{left}");
    let answer = client.read_until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
}
