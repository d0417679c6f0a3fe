//! Upgrades, which outlive their requests.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use forwith::async_with;
use forwith_tower::Tracker;
use futures::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;

use crate::common::{App, Serving, hold, open, soon, until};

async fn chat(
    upgrade: WebSocketUpgrade,
    State(app): State<App>,
    Extension(tracker): Extension<Tracker>,
) -> Response {
    let task = tracker.task("chat");
    upgrade.on_upgrade(|socket| async {
        let _ = task.run(talk(app, socket)).await;
    })
}

async fn talk(app: App, mut socket: WebSocket) {
    let talked: Result<(), String> = async_with!(hold(&app), {
        let closing = app.tracker.closing();
        let mut closing = std::pin::pin!(closing);
        loop {
            let said = tokio::select! {
                said = socket.recv() => said,
                () = &mut closing, if !app.tracker.is_closing() => {
                    let _ = socket.send(Message::Text("soon".into())).await;
                    continue;
                }
            };
            let Some(Ok(Message::Text(said))) = said else {
                break;
            };
            let _ = socket.send(Message::Text(said)).await;
        }
    });
    talked.unwrap();
}

async fn serve(app: &App) -> Serving {
    let router = axum::Router::new()
        .route("/chat", get(chat))
        .with_state(app.clone());
    app.serve_router(router.layer(app.tracker.layer())).await
}

#[tokio::test]
async fn a_shutdown_awaits_a_socket_that_ends_when_it_hears_of_it() {
    let app = App::new();
    open(&app.doors.exit);
    let server = serve(&app).await;
    let (mut socket, _) = connect_async(format!("ws://{}/chat", server.address))
        .await
        .unwrap();
    socket.send("hello".into()).await.unwrap();
    assert_eq!(
        soon("an echo", socket.next()).await.unwrap().unwrap(),
        "hello".into()
    );
    assert_eq!(
        app.tracker.running(),
        1,
        "the request has ended, and its task runs"
    );
    let shutdown = app
        .tracker
        .shut_down()
        .wait(Duration::from_secs(30))
        .serving(server.task);
    let shutdown = tokio::spawn(shutdown.into_future());
    // Until the socket has been told, it may end at any time.
    soon("the shutdown", app.tracker.closing()).await;
    assert!(!shutdown.is_finished());
    socket.close(None).await.unwrap();
    let left = soon("the shutdown", shutdown).await.unwrap();
    assert!(left.is_empty(), "{left}");
    assert_eq!(app.log.lines(), ["enter", "exit Completed", "exited"]);
}

#[tokio::test]
async fn a_shutdown_cancels_a_socket_that_goes_on() {
    let app = App::new();
    let server = serve(&app).await;
    let (socket, _) = connect_async(format!("ws://{}/chat", server.address))
        .await
        .unwrap();
    app.log.until("enter").await;
    let shutdown = app
        .tracker
        .shut_down()
        .wait(Duration::ZERO)
        .serving(server.task);
    let shutdown = tokio::spawn(shutdown.exits(Duration::from_secs(30)).into_future());
    app.log.until("exit Cancelled").await;
    assert!(!shutdown.is_finished());
    open(&app.doors.exit);
    let left = soon("the shutdown", shutdown).await.unwrap();
    assert!(left.is_empty(), "{left}");
    drop(socket);
}

#[tokio::test]
async fn a_socket_whose_client_vanishes_ends() {
    let app = App::new();
    open(&app.doors.exit);
    let server = serve(&app).await;
    let (socket, _) = connect_async(format!("ws://{}/chat", server.address))
        .await
        .unwrap();
    app.log.until("enter").await;
    drop(socket);
    app.until_idle().await;
    assert_eq!(app.log.lines(), ["enter", "exit Completed", "exited"]);
}

#[tokio::test]
async fn plain_requests_carry_no_extension() {
    let app = App::new();
    let handler = get(async |request: axum::extract::Request| {
        request.extensions().get::<Tracker>().is_some().to_string()
    });
    let router = axum::Router::new()
        .route("/", handler)
        .layer(app.tracker.layer());
    let server = app.serve_router(router).await;
    let mut client = server.connect().await;
    client.get("/").await;
    client.read_until("false").await;
    client
        .send("GET / HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n")
        .await;
    client.read_until("true").await;
    until("a server at rest", || {
        if app.tracker.running() == 0 {
            Ok(())
        } else {
            Err(())
        }
    })
    .await;
}
