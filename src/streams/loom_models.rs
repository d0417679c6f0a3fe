//! Models of many streams that other threads wake. `cancel/loom_models.rs` explains the helpers.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::vec::Vec;

use futures_core::Stream;
use loom::future::block_on;
use loom::thread;

use super::{merge, zip};
use crate::CancelToken;
use crate::cancel::WaitForCancel;
use crate::cancel::loom_models::model_of_three;

/// Gives one item when its token is cancelled.
struct Once(Option<WaitForCancel>);

impl Stream for Once {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let Some(waiting) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(waiting).poll(cx);
        if polled.is_ready() {
            self.0 = None;
        }
        polled.map(Some)
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
}

fn model(test: impl Fn(Vec<Once>) + Send + Sync + 'static) {
    model_of_three(move || {
        let tokens = [CancelToken::new(), CancelToken::new()];
        let threads = tokens.each_ref().map(|token| {
            let token = token.clone();
            thread::spawn(move || token.cancel())
        });
        let streams = tokens.iter().map(|token| Once(Some(token.cancelled())));
        test(streams.collect());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn each_of_many_merged_streams_is_polled_when_it_is_woken() {
    model(|streams| {
        let mut merged = merge(streams);
        block_on(async {
            assert!(next(&mut merged).await.is_some());
            assert!(next(&mut merged).await.is_some());
            assert!(next(&mut merged).await.is_none());
        });
    });
}

#[test]
fn each_of_many_zipped_streams_is_polled_when_it_is_woken() {
    model(|streams| {
        let mut zipped = zip(streams);
        block_on(async {
            assert_eq!(next(&mut zipped).await.map(|row| row.len()), Some(2));
            assert!(next(&mut zipped).await.is_none());
        });
    });
}
