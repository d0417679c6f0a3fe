//! Models of many futures that are woken by other threads. `cancel/loom_models.rs` explains the
//! helpers.

use core::future::{Future, poll_fn};
use core::ops::ControlFlow;
use core::pin::Pin;
use std::sync::Arc;

use loom::future::block_on;
use loom::{model, thread};

use crate::CancelToken;
use crate::cancel::any_of;
use crate::cancel::loom_models::{Bell, model_of_three, poll_once};
use crate::util::crowd::Crowd;

/// Awaits all tokens, as futures that are many.
async fn all(tokens: &[CancelToken]) {
    let mut all = Crowd::new(tokens.iter().map(CancelToken::cancelled).collect());
    poll_fn(|cx| {
        all.poll(cx, |waiting, cx| {
            ControlFlow::Continue(Pin::new(waiting).poll(cx))
        })
    })
    .await;
}

fn cancels(token: &CancelToken) -> thread::JoinHandle<()> {
    let token = token.clone();
    thread::spawn(move || token.cancel())
}

#[test]
fn each_of_many_is_polled_when_it_is_woken() {
    model_of_three(|| {
        let tokens = [CancelToken::new(), CancelToken::new()];
        let threads = tokens.each_ref().map(cancels);
        block_on(all(&tokens));
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn crowd_that_is_dropped_keeps_no_waker() {
    model(|| {
        let bell = Arc::new(Bell::default());
        let tokens = [CancelToken::new(), CancelToken::new()];
        let thread = cancels(&tokens[0]);
        let mut waiting = std::boxed::Box::pin(all(&tokens));
        assert!(poll_once(&mut waiting, &bell).is_pending());
        drop(waiting);
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&bell), 1, "nobody holds a waker");
    });
}

#[test]
fn any_token_cancels_the_one_of_all() {
    model_of_three(|| {
        let tokens = [CancelToken::new(), CancelToken::new()];
        let threads = tokens.each_ref().map(cancels);
        let any = any_of(tokens.iter().cloned().map(Some)).unwrap();
        block_on(any.cancelled());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn token_of_all_may_go_while_one_is_cancelled() {
    model(|| {
        let tokens = [CancelToken::new(), CancelToken::new()];
        let any = any_of(tokens.iter().cloned().map(Some)).unwrap();
        let thread = cancels(&tokens[0]);
        drop(any);
        thread.join().unwrap();
        assert!(!tokens[1].is_cancelled());
    });
}
