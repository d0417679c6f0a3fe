#!/usr/bin/env bash
# hyper 1.12.0 (hyper-util 0.1.21, http-body 1.1.0, tokio 1.54.1), HTTP/1.1 server.
#
# A body whose response announces its length is dropped when the last byte that was announced has
# been taken. It is not polled once more, so what a stream does behind its last item (a goodbye, a
# commit, a count) does not happen. Without the header, the same body is polled to its end.
#
# Seen: `content-length: polled 1 times, end seen: false`
#       `chunked: polled 2 times, end seen: true`
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
bytes = "=1.12.2"
http-body = "=1.1.0"
hyper = { version = "=1.12.0", features = ["http1", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "=1.54.1", features = ["io-util", "macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use hyper::{server::conn::http1, service::service_fn, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{duplex, AsyncReadExt, AsyncWriteExt};

#[derive(Default)]
struct Seen {
    polls: AtomicUsize,
    end: AtomicBool,
}

/// Five bytes, and then the end.
struct Hello(Arc<Seen>);

impl Body for Hello {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.polls.fetch_add(1, SeqCst) == 0 {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"hello")))));
        }
        self.0.end.store(true, SeqCst);
        Poll::Ready(None)
    }
}

async fn serve(announced: bool) -> Arc<Seen> {
    let seen = Arc::new(Seen::default());
    let service = service_fn(|_| {
        let mut response = Response::new(Hello(seen.clone()));
        if announced {
            let length = "5".parse().unwrap();
            response.headers_mut().insert("content-length", length);
        }
        async { Ok::<_, Infallible>(response) }
    });
    let (mut client, server) = duplex(4096);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let ask = async {
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("hello"), "{answer}");
    };
    let (served, ()) = tokio::join!(connection, ask);
    served.unwrap();
    seen
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for (announced, name) in [(true, "content-length"), (false, "chunked")] {
        let seen = serve(announced).await;
        let (polls, end) = (seen.polls.load(SeqCst), seen.end.load(SeqCst));
        println!("{name}: polled {polls} times, end seen: {end}");
    }
}
RUST
output=$(CARGO_TARGET_DIR="$folder/target" cargo run --quiet)
echo "$output"
[ "$output" = 'content-length: polled 1 times, end seen: false
chunked: polled 2 times, end seen: true' ] || {
    echo 'the behaviour has changed' >&2
    exit 1
}
