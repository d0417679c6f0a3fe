//! Loops in which much happens in one turn.

use std::cell::Cell;
use std::future::{poll_fn, ready};
use std::task::Poll;

use forwith::source::from_fn;
use forwith::{AsyncExit, Outcome, Source, async_for, async_with};
use futures::channel::oneshot;
use futures::stream;

use crate::common::{Failure, Trace, run, run_for, run_to_panic, run_woken, turns, yield_once};

#[test]
fn exits_in_other_rows_are_woken_behind_a_way_out() {
    let trace = Trace::new();
    let found = run_woken(async {
        async_for!(
            #[concurrent(20)]
            for n in stream::iter(0..9) {
                if n == 0 {
                    turns(3).await;
                    break n;
                }
                async_with!(trace.open("r"), {
                    turns(5).await;
                })
                .unwrap();
            }
        )
    });
    assert_eq!(found, Some(Some(0)));
}

#[test]
fn exits_in_other_rows_are_woken_behind_a_panic() {
    let trace = Trace::new();
    let panicked = run_to_panic(async {
        run_woken(async {
            async_for!(
                #[concurrent(20)]
                for n in stream::iter(0..9) {
                    if n == 0 {
                        turns(3).await;
                        panic!("{n}");
                    }
                    async_with!(trace.open("r"), {
                        turns(5).await;
                    })
                    .unwrap();
                }
            );
        });
    });
    assert_eq!(panicked, "0");
}

#[test]
fn panic_of_a_source_goes_before_a_later_way_out() {
    let (go_on, waits) = oneshot::channel::<()>();
    let (mut go_on, mut waits) = (Some(go_on), Some(waits));
    let mut asked = 0;
    let message = run_to_panic(async {
        let source = from_fn(async || {
            asked += 1;
            if asked == 2 {
                turns(2).await;
                go_on.take().unwrap().send(()).unwrap();
                panic!("the source");
            }
            waits.take()
        });
        async_for!(
            #[concurrent(2)]
            for waits in source {
                waits.await.unwrap();
                break;
            }
        );
    });
    assert_eq!(message, "the source");
}

/// Gives what one body waits for; then, when that body has been woken, gives `None`.
fn two_at_once() -> impl for<'a> Source<Item<'a> = Option<oneshot::Receiver<()>>> {
    let (go_on, waits) = oneshot::channel::<()>();
    let (mut go_on, mut waits) = (Some(go_on), Some(waits));
    from_fn(async move || {
        if waits.is_none() {
            turns(2).await;
            go_on.take().unwrap().send(()).unwrap();
        }
        Some(waits.take())
    })
}

#[test]
fn first_way_out_of_a_turn_decides() {
    let found = run(async {
        async_for!(
            #[concurrent(2)]
            for waits in two_at_once() {
                if let Some(waits) = waits {
                    waits.await.unwrap();
                    break 1;
                }
                break 2;
            }
        )
    });
    assert_eq!(found, Some(2));
}

#[test]
fn panic_of_a_new_body_goes_before_a_later_way_out() {
    let message = run_to_panic(async {
        async_for!(
            #[concurrent(2)]
            for waits in two_at_once() {
                if let Some(waits) = waits {
                    waits.await.unwrap();
                    break;
                }
                panic!("the new body");
            }
        );
    });
    assert_eq!(message, "the new body");
}

#[test]
fn body_that_wakes_itself_is_polled_once_in_a_poll() {
    let polls = Cell::new(0);
    let mut left = 50;
    let ended = run_for(1, async {
        let source = from_fn(async || {
            left -= 1;
            (left >= 0).then_some(left)
        });
        async_for!(
            #[concurrent(unlimited)]
            for n in source {
                if n == 49 {
                    poll_fn(|cx| {
                        polls.set(polls.get() + 1);
                        cx.waker().wake_by_ref();
                        Poll::<()>::Pending
                    })
                    .await;
                }
                yield_once().await;
            }
        );
    });
    assert_eq!((ended, polls.get()), (false, 1));
}

/// Its exit takes so many turns, and may fail.
struct Slow(u32, bool);

impl AsyncExit for Slow {
    type Error = Failure;

    async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
        turns(self.0).await;
        if self.1 {
            return Err(Failure("slow".to_owned()));
        }
        Ok(())
    }
}

#[test]
fn value_of_a_jump_is_that_of_the_body_that_left() {
    let found = run(async {
        async_for!(
            #[concurrent(2)]
            for n in stream::iter(0..2) {
                async_with!(ready(Ok(Slow(10 - n * 5, false))), {
                    break n;
                })
                .unwrap();
            }
        )
    });
    assert_eq!(found, Some(1));
}

#[test]
fn value_of_a_jump_that_failed_is_given_up() {
    let failed = Cell::new(0);
    let found = run(async {
        async_for!(
            #[concurrent(1)]
            for n in stream::iter(0..2) {
                let ended = async_with!(ready(Ok(Slow(1, n == 0))), {
                    break n;
                });
                if ended.is_err() {
                    failed.set(failed.get() + 1);
                }
            }
        )
    });
    assert_eq!((found, failed.get()), (Some(1), 1));
}

#[test]
fn nothing_is_polled_without_need() {
    // A body that waits for ever is polled once, whatever the others do.
    let polls = Cell::new(0);
    run(async {
        async_for!(
            #[concurrent(9)]
            for n in stream::iter(0..9) {
                if n == 3 {
                    let mut left = 1;
                    poll_fn(|_| {
                        polls.set(polls.get() + 1);
                        left -= 1;
                        if left < 0 {
                            Poll::Ready(())
                        } else {
                            Poll::Pending
                        }
                    })
                    .await;
                }
                if n == 8 {
                    turns(20).await;
                    break;
                }
                yield_once().await;
            }
        );
    });
    assert_eq!(polls.get(), 1);
}
