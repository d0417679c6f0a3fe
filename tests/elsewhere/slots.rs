//! Givers, hand-outs and wakers that are not where the stream or the resource is polled.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use forwith::resource::resource_fn;
use forwith::source::{merge, stream_fn, stream_fn_borrowing};
use forwith::{async_for, async_with};
use futures::channel::oneshot;
use futures::future::{join, select};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, Stream};

use crate::common::{run_woken, yield_once};

#[test]
fn another_branch_gives_when_the_first_takes_its_item_back() {
    let seen = run_woken(async {
        let stream = stream_fn_borrowing(|out| async move {
            let (send, recv) = oneshot::channel::<()>();
            let mut branches = FuturesUnordered::new();
            let out = &out;
            branches.push(
                async move {
                    let _ = select(recv, out.give(1)).await;
                }
                .boxed_local(),
            );
            branches.push(
                async move {
                    out.give(2).await;
                }
                .boxed_local(),
            );
            branches.push(
                async move {
                    send.send(()).unwrap();
                }
                .boxed_local(),
            );
            while branches.next().await.is_some() {}
            Ok::<_, Infallible>(())
        });
        let mut seen = Vec::new();
        async_for!(for n in stream {
            seen.push(n.unwrap());
        });
        seen
    });
    println!("{seen:?}");
    assert!(seen.is_some());
}

#[test]
fn out_in_a_sibling_behind_the_loop() {
    let seen = run_woken(async {
        let (send, recv) = oneshot::channel();
        let (done, wait) = oneshot::channel::<()>();
        let stream = stream_fn(|out| {
            let _ = send.send(out);
            async move {
                wait.await.unwrap();
                Ok::<_, Infallible>(())
            }
        });
        let mut seen = Vec::new();
        join(
            async {
                async_for!(for n in stream {
                    seen.push(n.unwrap());
                });
            },
            async {
                let out = recv.await.unwrap();
                yield_once().await;
                out.give(1).await;
                out.give(2).await;
                done.send(()).unwrap();
            },
        )
        .await;
        seen
    });
    assert_eq!(seen, Some(vec![1, 2]));
}

#[test]
fn out_in_a_sibling_before_the_loop() {
    let seen = run_woken(async {
        let (send, recv) = oneshot::channel();
        let (done, wait) = oneshot::channel::<()>();
        let stream = stream_fn(|out| {
            let _ = send.send(out);
            async move {
                wait.await.unwrap();
                Ok::<_, Infallible>(())
            }
        });
        let mut seen = Vec::new();
        join(
            async {
                let out = recv.await.unwrap();
                out.give(1).await;
                out.give(2).await;
                done.send(()).unwrap();
            },
            async {
                async_for!(for n in stream {
                    seen.push(n.unwrap());
                });
            },
        )
        .await;
        seen
    });
    assert_eq!(seen, Some(vec![1, 2]));
}

#[test]
fn stage_in_a_sibling_behind() {
    let seen = run_woken(async {
        let (send, recv) = oneshot::channel();
        let (done, wait) = oneshot::channel::<()>();
        let resource = resource_fn(|stage: forwith::resource::Stage<'_, Box<u32>>| {
            let _ = send.send(stage);
            async move {
                wait.await.unwrap();
                Ok::<_, Infallible>(())
            }
        });
        let (seen, ()) = join(
            async {
                async_with!(resource as value, {
                    let n: u32 = **value;
                    yield_once().await;
                    n
                })
                .unwrap()
            },
            async {
                let stage = recv.await.unwrap();
                yield_once().await;
                let (_, _) = stage.hand_out(Box::new(1u32)).await;
                done.send(()).unwrap();
            },
        )
        .await;
        seen
    });
    assert_eq!(seen, Some(1));
}

#[test]
fn stage_in_a_sibling_before() {
    let seen = run_woken(async {
        let (send, recv) = oneshot::channel();
        let (done, wait) = oneshot::channel::<()>();
        let resource = resource_fn(|stage: forwith::resource::Stage<'_, Box<u32>>| {
            let _ = send.send(stage);
            async move {
                wait.await.unwrap();
                Ok::<_, Infallible>(())
            }
        });
        let ((), seen) = join(
            async {
                let stage = recv.await.unwrap();
                yield_once().await;
                let (_, _) = stage.hand_out(Box::new(1u32)).await;
                done.send(()).unwrap();
            },
            async {
                async_with!(resource as value, {
                    let n: u32 = **value;
                    yield_once().await;
                    n
                })
                .unwrap()
            },
        )
        .await;
        seen
    });
    assert_eq!(seen, Some(1));
}

#[test]
fn wakers_of_the_task_are_let_go_with_the_stream() {
    let woken = std::sync::Arc::new(crate::common::Woken::default());
    let waker = std::task::Waker::from(woken.clone());
    let mut kept = None;
    let mut stream = stream_fn(|out: forwith::source::Out<u32>| {
        kept = Some(out);
        pending::<Result<(), Infallible>>()
    });
    assert!(
        stream
            .poll_next_unpin(&mut std::task::Context::from_waker(&waker))
            .is_pending()
    );
    drop(stream);
    drop(waker);
    assert_eq!(std::sync::Arc::strong_count(&woken), 1);
}

#[test]
fn wakers_of_the_task_are_let_go_with_the_hand_out() {
    // the waker of the enter, when the stage is somewhere else, behind the resource's end
    let woken = std::sync::Arc::new(crate::common::Woken::default());
    let waker = std::task::Waker::from(woken.clone());
    {
        use std::future::Future;
        let mut task = Box::pin(async {
            let stream = stream_fn(async |out: forwith::source::Out<u32>| {
                out.give(1).await;
                yield_once().await;
                Ok::<_, Infallible>(())
            });
            async_for!(for n in stream {
                n.unwrap();
            });
        });
        while task
            .as_mut()
            .poll(&mut std::task::Context::from_waker(&waker))
            .is_pending()
        {}
    }
    drop(waker);
    assert_eq!(std::sync::Arc::strong_count(&woken), 1);
}

/// A waker whose clone wakes what it has been given.
mod hostile {
    use std::cell::RefCell;
    use std::task::{RawWaker, RawWakerVTable, Waker};
    thread_local!(pub static WAKES: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) });
    fn wake_them() {
        let wakers = WAKES.with(|wakers| std::mem::take(&mut *wakers.borrow_mut()));
        for waker in wakers {
            waker.wake();
        }
    }
    static HOSTILE: RawWakerVTable = RawWakerVTable::new(
        |data| {
            wake_them();
            RawWaker::new(data, &HOSTILE)
        },
        |_| wake_them(),
        |_| wake_them(),
        |_| wake_them(),
    );
    pub fn waker() -> Waker {
        // SAFETY: it has no data.
        unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &HOSTILE)) }
    }
}

/// Keeps the waker of each poll.
struct Part(Arc<Mutex<Vec<Waker>>>);

impl Stream for Part {
    type Item = ();

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.0.lock().unwrap().push(cx.waker().clone());
        Poll::Pending
    }
}

#[test]
fn user_code_of_a_waker_runs_outside_of_the_locks_of_many_streams() {
    let wakers = Arc::new(Mutex::new(Vec::new()));
    let parts: Vec<_> = (0..40).map(|_| Part(wakers.clone())).collect();
    let mut merged = merge(parts);
    let waker = hostile::waker();
    let mut cx = Context::from_waker(&waker);
    assert!(merged.poll_next_unpin(&mut cx).is_pending());
    let mut wakers = std::mem::take(&mut *wakers.lock().unwrap());
    let first = wakers.pop().unwrap();
    hostile::WAKES.with(|wakes| wakes.borrow_mut().append(&mut wakers));
    first.wake(); // would wait for its own lock
    hostile::WAKES.with(|wakes| assert!(wakes.borrow().is_empty()));
    drop(merged);
}
