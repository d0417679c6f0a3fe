//! What must not be lost, nor kept too long.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::task::Poll;

use forwith::resource::resource_fn;
use forwith::source::stream_fn;
use futures::channel::oneshot;
use futures::{FutureExt, StreamExt};

#[test]
fn item_of_another_thread_at_the_end_of_the_function() {
    use std::task::Context;
    let mut kept = None;
    let (end, ends) = oneshot::channel::<()>();
    let mut stream = stream_fn(|out: forwith::source::Out<u32>| {
        kept = Some(out);
        async move {
            let _ = ends.await;
            Ok::<_, Infallible>(())
        }
    });
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(stream.poll_next_unpin(&mut cx).is_pending());
    let out = kept.unwrap();
    let mut give = pin!(out.give(7));
    assert!(give.as_mut().poll_unpin(&mut cx).is_pending());
    end.send(()).unwrap();
    assert_eq!(stream.poll_next_unpin(&mut cx), Poll::Ready(Some(Ok(7))));
}

#[test]
fn wakers_of_the_task_are_let_go_with_the_enter() {
    use std::future::Future;
    let woken = std::sync::Arc::new(crate::common::Woken::default());
    let waker = std::task::Waker::from(woken.clone());
    let mut kept = None;
    {
        let mut enter = pin!(resource_fn(|stage: forwith::resource::Stage<'_, u32>| {
            kept = Some(stage);
            pending::<Result<(), Infallible>>()
        }));
        assert!(
            enter
                .as_mut()
                .poll(&mut std::task::Context::from_waker(&waker))
                .is_pending()
        );
    }
    drop(waker);
    assert_eq!(std::sync::Arc::strong_count(&woken), 1);
}
