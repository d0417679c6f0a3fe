//! Recipes without a server of somebody else.

use std::fs::File;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use forwith_recipes::{lock, serve, tracker};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

#[tokio::test]
async fn lock_is_held_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let is_free = || File::create(&path).unwrap().try_lock().is_ok();
    let held = lock::alone(path.clone(), async || Ok(is_free())).await;
    assert!(!held.unwrap());
    assert!(is_free());

    // A wait that is dropped takes no lock.
    let other = File::create(&path).unwrap();
    other.lock().unwrap();
    let reaper = forwith::reaper::Reaper::tokio();
    let waits = async {
        let _entered = reaper.enter();
        lock::alone(path.clone(), async || unreachable!()).await
    };
    let waits: Result<std::io::Result<()>, _> =
        tokio::time::timeout(Duration::from_millis(1), waits).await;
    assert!(waits.is_err());
    other.unlock().unwrap();
    reaper.join().await;
    assert!(is_free());
}

async fn ask(stream: &mut TcpStream) -> String {
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn server_answers_before_it_ends() {
    let (asked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (asked, go_on) = (asked.clone(), go_on.clone());
        async move || {
            asked.notify_one();
            go_on.notified().await;
            "hello"
        }
    };
    let app = Router::new().route("/", get(handler));
    let limit = Duration::from_secs(60);
    let client = serve::beside(app, limit, async |address| {
        let mut stream = TcpStream::connect(address).await?;
        let client = tokio::spawn(async move { ask(&mut stream).await });
        asked.notified().await;
        go_on.notify_one(); // the body ends before the answer is sent
        Ok(client)
    });
    let answer = client.await.unwrap().await.unwrap();
    assert!(answer.ends_with("hello"), "{answer}");

    let never = {
        let asked = asked.clone();
        async move || {
            asked.notify_one();
            std::future::pending::<&str>().await
        }
    };
    let app = Router::new().route("/", get(never));
    let stuck = serve::beside(app, Duration::ZERO, async |address| {
        let mut stream = TcpStream::connect(address).await?;
        let request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(request).await?;
        asked.notified().await;
        Ok(stream)
    });
    assert_eq!(stuck.await.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[tokio::test]
async fn tasks_have_ended_behind_the_block() {
    let ended = Arc::new(AtomicUsize::new(0));
    tracker::with_tasks(async |tasks, _| {
        for _ in 0..3 {
            let ended = ended.clone();
            tasks.spawn(async move {
                tokio::task::yield_now().await;
                ended.fetch_add(1, Ordering::Relaxed)
            });
        }
    })
    .await;
    assert_eq!(ended.load(Ordering::Relaxed), 3);

    // The work fails, so the token tells the task, which listens.
    let failed = tracker::with_tasks(async |tasks, token| {
        let (token, ended) = (token.clone(), ended.clone());
        tasks.spawn(async move {
            token.cancelled().await;
            ended.fetch_add(1, Ordering::Relaxed)
        });
        Err::<(), _>("failed")
    });
    assert_eq!(failed.await, Err("failed"));
    assert_eq!(ended.load(Ordering::Relaxed), 4);
}
