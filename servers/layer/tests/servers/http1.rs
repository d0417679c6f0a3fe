//! Clients of HTTP/1.1.

use crate::common::{App, Serving, open, soon};
use tokio::io::AsyncWriteExt;

/// Asserts that the handler was cancelled, and that its exit was awaited though nobody waits for
/// the answer any more.
async fn is_cancelled_and_exited(app: &App) {
    app.log.until("exit Cancelled").await;
    assert_eq!(app.tracker.running(), 1, "the exit still runs, in a task");
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
    assert!(!app.log.lines().iter().any(|line| line == "done"));
}

/// Asserts that the handler goes on although its client has left: the server cannot see that.
async fn runs_to_its_end(app: &App, server: &Serving) {
    // The server has looked at what its connections brought, and more than once.
    for _ in 0..3 {
        let mut other = server.connect().await;
        other.get("/hello").await;
        other.read_until("hello").await;
    }
    assert_eq!(app.log.lines(), ["enter", "waits"]);
    open(&app.doors.body);
    app.log.until("exit Completed").await;
    open(&app.doors.exit);
    app.log.until("exited").await;
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_that_closes_cancels_and_the_exit_is_awaited() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    drop(client);
    is_cancelled_and_exited(&app).await;
    assert_eq!(
        app.log.lines(),
        ["enter", "waits", "exit Cancelled", "exited"]
    );
}

#[tokio::test]
async fn a_client_that_resets_cancels_and_the_exit_is_awaited() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    client.reset();
    is_cancelled_and_exited(&app).await;
}

#[tokio::test]
async fn a_client_that_half_closes_has_left_and_gets_no_answer() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    client.0.shutdown().await.unwrap();
    is_cancelled_and_exited(&app).await;
    assert_eq!(client.read_to_end().await, b"");
}

#[tokio::test]
async fn a_client_that_posts_and_closes_cancels() {
    for path in ["/wait", "/read"] {
        let app = App::new();
        let server = app.serve(app.tracker.layer()).await;
        let mut client = server.connect().await;
        client.post(path, 10, 10).await;
        app.log
            .until(if path == "/wait" { "waits" } else { "read 10" })
            .await;
        drop(client);
        is_cancelled_and_exited(&app).await;
    }
}

#[tokio::test]
async fn a_client_that_closes_in_the_midst_of_an_unread_body_is_not_seen_to_leave() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.post("/wait", 10, 4).await;
    app.log.until("waits").await;
    drop(client);
    // Nobody reads: the server does not look at the connection, and cannot see the end of it.
    runs_to_its_end(&app, &server).await;
}

#[tokio::test]
async fn a_client_that_pipelines_and_closes_is_not_seen_to_leave() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    client.get("/hello").await;
    app.log.until("waits").await;
    drop(client);
    runs_to_its_end(&app, &server).await;
}

#[tokio::test]
async fn a_client_that_pipelines_gets_both_answers_in_order() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    client.get("/hello").await;
    app.log.until("waits").await;
    open(&app.doors.body);
    open(&app.doors.exit);
    let answers = client.read_until("hello").await;
    assert!(answers.find("done") < answers.find("hello"), "{answers}");
    app.until_idle().await;
}

#[tokio::test]
async fn a_client_with_a_large_unread_body_is_not_seen_to_leave() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    // More than the server's buffer and the kernel's, so it cannot read to the end.
    let len = 10_000_000;
    client
        .send(&format!(
            "POST /wait HTTP/1.1\r\nhost: test\r\ncontent-length: {len}\r\n\r\n"
        ))
        .await;
    client.0.write_all(&vec![b'x'; 500_000]).await.unwrap();
    app.log.until("waits").await;
    drop(client);
    runs_to_its_end(&app, &server).await;
}

#[tokio::test]
async fn a_client_that_stays_gets_its_answer() {
    let app = App::new();
    let server = app.serve(app.tracker.layer()).await;
    let mut client = server.connect().await;
    client.get("/wait").await;
    app.log.until("waits").await;
    open(&app.doors.body);
    open(&app.doors.exit);
    let answer = client.read_until("done").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-length: 4"), "{answer}");
    // The connection is kept.
    client.get("/hello").await;
    soon("the second answer", client.read_until("hello")).await;
    app.until_idle().await;
    assert_eq!(
        app.log.lines(),
        ["enter", "waits", "done", "exit Completed", "exited"]
    );
}
