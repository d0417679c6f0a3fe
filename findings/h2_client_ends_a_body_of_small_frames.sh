#!/usr/bin/env bash
# h2 0.4.20 under hyper 1.12.0 (hyper-util 0.1.21, tokio 1.54.1), HTTP/2 client.
#
# A body that its server sends in many small frames, as a stream of tokens or events is, is not
# read to its end: after some ten thousand frames of ten bytes the client ends the whole connection
# with ENHANCE_YOUR_CALM, "too_many_data_frames", although it has read each frame at once. The
# server is hyper, too. The same number of frames of a hundred bytes each arrives.
#
# Seen: `10 bytes a frame: cut, too_many_data_frames`
#       `100 bytes a frame: all of 20000 frames`
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
h2 = "=0.4.20"
http-body = "=1.1.0"
http-body-util = "=0.1.3"
hyper = { version = "=1.12.0", features = ["client", "http2", "server"] }
hyper-util = { version = "=0.1.21", features = ["tokio"] }
tokio = { version = "=1.54.1", features = ["io-util", "macros", "rt"] }
TOML
cat >src/main.rs <<'RUST'
use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty};
use hyper::{client, server, service::service_fn, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::duplex;

const FRAMES: usize = 20_000;

/// A body that is there at once, in frames of so many bytes.
struct Frames {
    left: usize,
    size: usize,
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.size].into()))))
    }
}

async fn download(size: usize) -> String {
    let (near, far) = duplex(1 << 16);
    let service = service_fn(move |_| async move {
        Ok::<_, Infallible>(Response::new(Frames { left: FRAMES, size }))
    });
    let server = server::conn::http2::Builder::new(TokioExecutor::new());
    tokio::spawn(server.serve_connection(TokioIo::new(far), service));
    let (mut client, connection) =
        client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(near)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://a/").body(Empty::<Bytes>::new()).unwrap();
    let mut body = client.send_request(request).await.unwrap().into_body();
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => read += frame.into_data().unwrap().len(),
            Err(error) => {
                let cause = error.source().map(|cause| cause.to_string()).unwrap_or_default();
                assert!(read < FRAMES * size && cause.contains("too_many_data_frames"), "{cause}");
                return "cut, too_many_data_frames".into();
            }
        }
    }
    assert_eq!(read, FRAMES * size);
    format!("all of {FRAMES} frames")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for size in [10, 100] {
        println!("{size} bytes a frame: {}", download(size).await);
    }
}
RUST
output=$(CARGO_TARGET_DIR="$folder/target" cargo run --quiet)
echo "$output"
[ "$output" = '10 bytes a frame: cut, too_many_data_frames
100 bytes a frame: all of 20000 frames' ] || {
    echo 'the behaviour has changed' >&2
    exit 1
}
