//! Streams that must be closed: a resource whose handle is looped over.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use forwith::resource::{closing, exit_with};
use forwith::{AsyncExit, CancelToken, Outcome, Source, async_for, async_with, report, scope};
use futures::channel::mpsc;
use futures::{Stream, stream};

use crate::common::{Failure, Trace, run, yield_once};

/// An asynchronous generator.
pub struct Generator<T> {
    body: Pin<Box<dyn Future<Output = ()>>>,
    given: Rc<RefCell<Option<T>>>,
}

struct Yielder<T>(Rc<RefCell<Option<T>>>);

impl<T> Yielder<T> {
    async fn give(&self, value: T) {
        *self.0.borrow_mut() = Some(value);
        poll_fn(|_| {
            if self.0.borrow().is_none() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

impl<T> Generator<T> {
    fn new<F: Future<Output = ()> + 'static>(body: impl FnOnce(Yielder<T>) -> F) -> Self {
        let given = Rc::new(RefCell::new(None));
        let body = Box::pin(body(Yielder(given.clone())));
        Generator { body, given }
    }
}

impl<T> Stream for Generator<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.body.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        match self.given.borrow_mut().take() {
            Some(value) => Poll::Ready(Some(value)),
            None => Poll::Pending,
        }
    }
}

/// A generator that counts inside of two resources.
pub fn counting(trace: &Trace) -> Generator<u32> {
    let trace = trace.clone();
    Generator::new(|yielder| async move {
        async_with!(trace.open("connection"), trace.open("cursor"), {
            for n in 0..3 {
                trace.note(format!("gives {n}"));
                yielder.give(n).await;
            }
        })
        .unwrap();
        trace.note("behind");
    })
}

const ENTERED: [&str; 4] = [
    "entering connection",
    "entered connection",
    "entering cursor",
    "entered cursor",
];

const CANCELLED: [&str; 4] = [
    "exiting cursor: Cancelled",
    "exited cursor",
    "exiting connection: Cancelled",
    "exited connection",
];

#[test]
fn break_awaits_the_exits_in_the_stream() {
    let trace = Trace::new();
    let found = run(async {
        let found: Result<_, Failure> = async_with!(closing(counting(&trace)) as items, {
            async_for!(for n in items {
                if n == 1 {
                    break n;
                }
            })
        });
        trace.note("found");
        found
    });
    assert_eq!(found, Ok(Some(1)));
    trace.expect(
        &[
            &ENTERED[..],
            &["gives 0", "gives 1"],
            &CANCELLED,
            &["found"],
        ]
        .concat(),
    );
}

#[test]
fn stream_that_has_ended_has_nothing_to_close() {
    let trace = Trace::new();
    let sum = run(async {
        async_with!(closing::<_, Failure>(counting(&trace)) as items, {
            let mut sum = 0;
            async_for!(for n in &mut *items {
                sum += n;
            });
            async_for!(for _ in items {
                unreachable!("it has ended");
            });
            sum
        })
    });
    assert_eq!(sum, Ok(3));
    assert_eq!(trace.lines().last().unwrap(), "behind");
    assert_eq!(
        trace.beginning_with("exiting"),
        ["exiting cursor: Completed", "exiting connection: Completed"]
    );
}

#[test]
fn stream_does_not_go_on_behind_its_last_item() {
    let trace = Trace::new();
    let inside = trace.clone();
    let items = Generator::new(|yielder| async move {
        async_with!(inside.open("first"), {}).unwrap();
        yielder.give(1).await;
        inside.note("behind");
    });
    let found: Result<_, Failure> = run(async {
        async_with!(closing(items) as items, {
            async_for!(for n in items {
                break n;
            })
        })
    });
    assert_eq!(found, Ok(Some(1)));
    assert_eq!(trace.lines().last().unwrap(), "exited first");
}

#[test]
fn stream_that_was_never_polled_does_not_begin() {
    let trace = Trace::new();
    let nothing = run(async { async_with!(closing::<_, Failure>(counting(&trace)), {}) });
    assert_eq!(nothing, Ok(()));
    trace.expect(&[]);
}

#[test]
fn stream_is_closed_before_the_resources_around_it() {
    async fn find(trace: &Trace) -> Result<u32, Failure> {
        async_with!(
            trace.open("outer"),
            closing::<_, Failure>(counting(trace)) as items,
            {
                async_for!(for n in items {
                    if n == 0 {
                        Err(Failure("no".into()))?;
                    }
                });
                0
            }
        )
    }
    let trace = Trace::new();
    assert_eq!(run(find(&trace)), Err(Failure("no".into())));
    let exits = ["exiting outer: Failed", "exited outer"];
    trace.expect(
        &[
            &["entering outer", "entered outer"],
            &ENTERED[..],
            &["gives 0"],
            &CANCELLED,
            &exits,
        ]
        .concat(),
    );
}

/// Without `closing` this scope would wait for the resources in the stream, which nobody polls.
#[test]
fn cancellation_closes_a_stream_that_nobody_polls() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(async {
        let work = async {
            async_with!(closing::<_, Failure>(counting(&trace)) as items, {
                async_for!(for n in items {
                    trace.note(format!("got {n}"));
                    stop.cancel();
                    pending::<()>().await;
                });
            })
        };
        scope(work, &stop).await
    });
    assert!(ended.is_err());
    trace.expect(&[&ENTERED[..], &["gives 0", "got 0"], &CANCELLED].concat());
}

#[test]
fn cancellation_closes_a_stream_that_waits() {
    let trace = Trace::new();
    let stop = CancelToken::new();
    let ended = run(async {
        let (inside, stop_inside) = (trace.clone(), stop.clone());
        let items = Generator::<()>::new(|_| async move {
            async_with!(inside.open("connection"), {
                stop_inside.cancel();
                pending::<()>().await;
            })
            .unwrap();
        });
        let work = async {
            async_with!(closing::<_, Failure>(items) as items, {
                async_for!(for () in items {});
            })
        };
        scope(work, &stop).await
    });
    assert!(ended.is_err());
    trace.expect(&[
        "entering connection",
        "entered connection",
        "exiting connection: Cancelled",
        "exited connection",
    ]);
}

#[test]
fn future_that_is_dropped_abandons_what_is_in_the_stream() {
    let trace = Trace::new();
    let mut looped = Box::pin(async {
        async_with!(closing::<_, Failure>(counting(&trace)) as items, {
            async_for!(for _ in items {
                pending::<()>().await;
            });
        })
    });
    let mut cx = Context::from_waker(std::task::Waker::noop());
    while !trace.lines().contains(&"gives 0".to_owned()) {
        assert!(looped.as_mut().poll(&mut cx).is_pending());
    }
    drop(looped);
    trace.expect(
        &[
            &ENTERED[..],
            &["gives 0", "abandoned cursor", "abandoned connection"],
        ]
        .concat(),
    );
}

#[test]
fn errors_of_the_exits_in_the_stream_are_reported() {
    struct Broken;

    impl AsyncExit for Broken {
        type Error = Failure;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Failure> {
            yield_once().await;
            Err(Failure("not closed".into()))
        }
    }

    let items = Generator::new(|yielder| async move {
        let ended = async_with!(async { Ok(Broken) }, { yielder.give(1).await });
        unreachable!("nothing runs behind it: {ended:?}");
    });
    let (found, reports) = run(report::collect(async {
        async_with!(closing::<_, Failure>(items) as items, {
            async_for!(for n in items {
                break n;
            })
        })
    }));
    assert_eq!(found, Ok(Some(1)));
    let reports: Vec<_> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("not closed"), "{reports:?}");
}

#[test]
fn stream_need_not_be_unpin() {
    let numbers = stream::unfold(0, |n| async move {
        yield_once().await;
        (n < 3).then_some((n, n + 1))
    });
    let found: Result<_, Failure> = run(async {
        async_with!(closing(numbers) as numbers, {
            async_for!(for n in numbers {
                if n == 2 {
                    break n;
                }
            })
        })
    });
    assert_eq!(found, Ok(Some(2)));
}

/// What is closed by a method of its own is closed by `exit_with`.
#[test]
fn consumer_gives_back_what_it_has_read_ahead() {
    let given_back = Arc::new(Mutex::new(Vec::new()));
    let returned = given_back.clone();
    let (sender, receiver) = mpsc::unbounded();
    (0..5).for_each(|n| sender.unbounded_send(n).unwrap());
    let found: Result<_, Failure> = run(async {
        let consumer = exit_with(receiver, async move |mut receiver, outcome| {
            assert!(outcome.is_completed());
            receiver.close();
            async_for!(for n in receiver {
                returned.lock().unwrap().push(n);
            });
            Ok(())
        });
        async_with!(consumer as messages, {
            async_for!(for n in messages {
                if n == 2 {
                    break n;
                }
            })
        })
    });
    assert_eq!(found, Ok(Some(2)));
    assert!(sender.is_closed());
    assert_eq!(*given_back.lock().unwrap(), [3, 4]);
}

/// A stream of one's own that is a resource, too.
#[test]
fn handle_of_a_resource_is_looped_over() {
    struct Cursor<'t>(std::ops::Range<u32>, &'t Trace);

    impl Source for Cursor<'_> {
        type Item<'a>
            = &'a u32
        where
            Self: 'a;

        async fn next(&mut self) -> Option<&u32> {
            yield_once().await;
            self.0.next()?;
            Some(&self.0.start)
        }
    }

    impl AsyncExit for Cursor<'_> {
        type Error = Failure;

        async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
            self.1
                .note(format!("closed at {}: {outcome:?}", self.0.start));
            Ok(())
        }
    }

    let trace = Trace::new();
    let found = run(async {
        async_with!(async { Ok(Cursor(0..5, &trace)) } as cursor, {
            async_for!(for n in cursor {
                if *n == 2 {
                    break *n;
                }
            })
        })
    });
    assert_eq!(found, Ok(Some(2)));
    trace.expect(&["closed at 2: Completed"]);
}
