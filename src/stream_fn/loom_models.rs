//! Models of items that another thread gives. `cancel/loom_models.rs` explains the helpers.

use core::future::poll_fn;
use core::task::Poll;
use std::boxed::Box;
use std::sync::Arc;

use loom::future::block_on;
use loom::thread;

use crate::cancel::loom_models::{Bell, model_of_three, poll_once};
use crate::util::slot::Slot;

/// Takes an item, as a stream does.
async fn take(slot: &Slot<u32>) -> u32 {
    poll_fn(|cx| {
        slot.ask(cx.waker());
        slot.poll_take(cx.waker())
    })
    .await
}

/// Asks for one more item, without waiting for it.
async fn ask(slot: &Slot<u32>) {
    poll_fn(|cx| {
        slot.ask(cx.waker());
        Poll::Ready(())
    })
    .await;
}

#[test]
fn item_of_another_thread_is_taken() {
    model_of_three(|| {
        let slot = Arc::new(Slot::new());
        let gives = thread::spawn({
            let slot = slot.clone();
            move || block_on(slot.give(1))
        });
        block_on(async {
            assert_eq!(take(&slot).await, 1);
            ask(&slot).await; // lets the giver end
        });
        gives.join().unwrap();
    });
}

#[test]
fn item_is_either_taken_or_taken_back() {
    model_of_three(|| {
        let bell = Arc::new(Bell::default());
        let slot = Arc::new(Slot::new());
        let gives = thread::spawn({
            let (slot, bell) = (slot.clone(), bell.clone());
            move || {
                let mut giving = Box::pin(slot.give(1));
                let _ = poll_once(&mut giving, &bell);
            }
        });
        let mut taking = Box::pin(take(&slot));
        let taken = poll_once(&mut taking, &bell);
        gives.join().unwrap();
        let later = poll_once(&mut Box::pin(take(&slot)), &bell);
        assert!(taken.is_pending() || later.is_pending(), "it is given once");
    });
}
