#!/usr/bin/env bash
# flume 0.12.0, kanal 0.1.1, async-channel 2.5.0, tokio 1.54.1: bounded channels.
#
# A `send` waits, because the channel is full. A reader takes one item, and then the future of the
# `send` is dropped, before it was polled again. In flume and kanal the item is delivered all the
# same, so who sends it again, because a time limit was over, sends it twice. In async-channel and
# tokio it is not.
#
# Seen: `flume: [1, 2]`, `kanal: [1, 2]`, `async-channel: [1]`, `tokio: [1]`
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
async-channel = "=2.5.0"
flume = "=0.12.0"
futures = "=0.3.33"
kanal = "=0.1.1"
tokio = { version = "=1.54.1", features = ["sync"] }
TOML
cat >src/main.rs <<'RUST'
use std::pin::pin;

use futures::executor::block_on;
use futures::poll;

macro_rules! seen {
    ($name:literal, $send:expr, $receive:expr) => {{
        #[allow(unused_mut)]
        let (mut send, mut receive) = ($send, $receive);
        assert!(poll!(pin!(send(1))).is_ready());
        let mut seen = Vec::new();
        {
            let mut waits = pin!(send(2));
            assert!(poll!(waits.as_mut()).is_pending());
            seen.extend(receive());
        }
        while let Some(item) = receive() {
            seen.push(item);
        }
        println!("{}: {seen:?}", $name);
    }};
}

fn main() {
    block_on(async {
        let (sender, receiver) = flume::bounded(1);
        seen!("flume", |item| sender.send_async(item), || receiver.try_recv().ok());
        let (sender, receiver) = kanal::bounded_async(1);
        seen!("kanal", |item| sender.send(item), || receiver.try_recv().unwrap());
        let (sender, receiver) = async_channel::bounded(1);
        seen!("async-channel", |item| sender.send(item), || receiver.try_recv().ok());
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        seen!("tokio", |item| sender.send(item), || receiver.try_recv().ok());
    });
}
RUST
output=$(CARGO_TARGET_DIR="$folder/target" cargo run --quiet)
echo "$output"
[ "$output" = 'flume: [1, 2]
kanal: [1, 2]
async-channel: [1]
tokio: [1]' ] || {
    echo 'the behaviour has changed' >&2
    exit 1
}
