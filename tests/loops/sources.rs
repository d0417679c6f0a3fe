//! `async_for!` over sources: what is no stream, and items that borrow from what gives them.

use std::cell::Cell;
use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use forwith::source::from_fn;
use forwith::{IntoStream, Source, async_for, async_with};
use futures::channel::oneshot;
use futures::{FutureExt, Stream, stream};

use crate::common::{Failure, Trace, run, yield_once};

/// Counts down to 0, and yields before each number.
struct Countdown(u32);

impl Source for Countdown {
    type Item<'a> = u32;

    async fn next(&mut self) -> Option<u32> {
        yield_once().await;
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

/// Numbers that are there at once.
#[derive(Debug, Default)]
struct Ready {
    given: u32,
}

impl Source for Ready {
    type Item<'a> = u32;

    async fn next(&mut self) -> Option<u32> {
        self.given += 1;
        Some(self.given)
    }
}

/// Records of text, each read into the same buffer. One that is empty cannot be read.
struct Records<'t> {
    text: std::str::Split<'t, char>,
    buffer: String,
}

impl<'t> Records<'t> {
    fn of(text: &'t str) -> Self {
        Records {
            text: text.split(','),
            buffer: String::new(),
        }
    }
}

impl Source for Records<'_> {
    type Item<'a>
        = Result<&'a mut str, Failure>
    where
        Self: 'a;

    async fn next(&mut self) -> Option<Result<&mut str, Failure>> {
        let record = self.text.next()?;
        yield_once().await;
        if record.is_empty() {
            return Some(Err(Failure("empty".into())));
        }
        self.buffer.clear();
        self.buffer.push_str(record);
        Some(Ok(&mut self.buffer))
    }
}

#[test]
fn items_come_in_order() {
    let seen = run(async {
        let mut seen = Vec::new();
        async_for!(for n in Countdown(3) {
            yield_once().await;
            seen.push(n);
        });
        seen
    });
    assert_eq!(seen, [2, 1, 0]);
}

#[test]
fn item_borrows_from_its_source_while_the_body_awaits() {
    let seen = run(async {
        let mut seen = Vec::new();
        async_for!(for record in Records::of("cat,cow") {
            let record = record.unwrap();
            yield_once().await;
            record.make_ascii_uppercase();
            yield_once().await;
            seen.push(record.to_owned());
        });
        seen
    });
    assert_eq!(seen, ["CAT", "COW"]);
}

#[test]
fn fallible_source_fails_by_question_mark_and_goes_on_without() {
    async fn all(text: &str) -> Result<usize, Failure> {
        let mut bytes = 0;
        async_for!(for record in Records::of(text) {
            bytes += record?.len();
        });
        Ok(bytes)
    }
    async fn without_failures(text: &str) -> usize {
        let mut bytes = 0;
        async_for!(for record in Records::of(text) {
            let Ok(record) = record else { continue };
            bytes += record.len();
        });
        bytes
    }
    assert_eq!(run(all("cat,cow")), Ok(6));
    assert_eq!(run(all("cat,,cow")), Err(Failure("empty".into())));
    assert_eq!(run(without_failures("cat,,cow")), 6);
}

#[test]
fn break_gives_a_value_that_is_made_from_a_borrowed_item() {
    async fn find(text: &str, first: char) -> Result<Option<String>, Failure> {
        Ok(async_for!('records: for record in Records::of(text) {
            let record = record?;
            for letter in record.chars().take(1) {
                if letter == first {
                    break 'records record.to_owned();
                }
            }
        }))
    }
    assert_eq!(run(find("cat,dog", 'd')), Ok(Some("dog".into())));
    assert_eq!(run(find("cat,dog", 'e')), Ok(None));
    assert!(run(find("cat,,dog", 'd')).is_err());
}

#[test]
fn let_else_and_return_leave_the_loop() {
    async fn find(wanted: u32) -> Result<u32, String> {
        let Some(found) = async_for!(for n in Countdown(5) {
            if n == 1 {
                return Ok(100);
            }
            if n == wanted {
                break n;
            }
        }) else {
            return Err("no number".into());
        };
        Ok(found)
    }
    assert_eq!(run(find(3)), Ok(3));
    assert_eq!(run(find(0)), Ok(100));
    assert_eq!(
        run(async {
            async_for!(for n in Countdown(0) {
                break n;
            })
        }),
        None
    );
}

#[test]
fn jumps_cross_loops_over_sources_and_bodies() {
    let trace = Trace::new();
    run(async {
        async_for!('outer: for n in Countdown(4) {
            async_for!(for record in Records::of("cat,cow,dog") {
                async_with!(trace.open("db"), {
                    let record = record.unwrap();
                    trace.note(format!("{n} {record}"));
                    match (n, &*record) {
                        (3, _) => continue 'outer,
                        (2, "cow") => break 'outer,
                        _ => {}
                    }
                })
                .unwrap();
            });
        });
    });
    let noted = ["3 cat", "2 cat", "2 cow"];
    let mut lines = trace.lines();
    lines.retain(|line| noted.contains(&line.as_str()));
    assert_eq!(lines, noted);
    assert_eq!(trace.beginning_with("exit").len(), 6, "{:?}", trace.lines());
}

#[test]
fn borrowed_source_continues_after_break() {
    async fn rest(source: &mut Countdown) -> u32 {
        let mut sum = 0;
        async_for!(for n in source {
            sum += n;
        });
        sum
    }
    run(async {
        let mut source = Countdown(5);
        let found = async_for!(for n in &mut source {
            if n == 3 {
                break n;
            }
        });
        assert_eq!(found, Some(3));
        assert_eq!(source.next().await, Some(2));
        assert_eq!(rest(&mut source).await, 1);
    });
}

#[test]
fn loop_asks_no_more_behind_the_end() {
    let asked = Cell::new(0);
    run(async {
        async_for!(for () in from_fn(async || {
            asked.set(asked.get() + 1);
            (asked.get() < 3).then_some(())
        }) {});
    });
    assert_eq!(asked.get(), 3);
}

#[test]
fn closure_is_a_source_that_borrows_for_the_loop() {
    let mut words = vec!["world", "hello"];
    let seen = run(async {
        let mut seen = Vec::new();
        async_for!(for word in from_fn(async || {
            yield_once().await;
            words.pop()
        }) {
            seen.push(word);
        });
        seen
    });
    assert_eq!(seen, ["hello", "world"]);
    assert!(words.is_empty());
}

/// The number of polls that a future takes.
fn polls(mut looped: Pin<&mut impl Future>) -> usize {
    let mut cx = Context::from_waker(Waker::noop());
    let mut polls = 1;
    while looped.as_mut().poll(&mut cx).is_pending() {
        polls += 1;
    }
    polls
}

#[test]
fn source_that_is_always_ready_lets_others_run() {
    async fn items(number: u32) {
        async_for!(for n in Ready::default() {
            if n == number {
                break;
            }
        });
    }
    assert_eq!(polls(pin!(items(128))), 1);
    assert_eq!(polls(pin!(items(129))), 2);
    assert_eq!(polls(pin!(items(256))), 2);
    assert_eq!(polls(pin!(items(257))), 3);
}

#[test]
fn yield_every_sets_the_count_for_a_source() {
    async fn each(number: u32) {
        async_for!(
            #[yield_every(1)]
            for n in Ready::default() {
                if n == number {
                    break;
                }
            }
        );
    }
    async fn never(number: u32) {
        async_for!(
            #[yield_every(never)]
            for n in Ready::default() {
                if n == number {
                    break;
                }
            }
        );
    }
    assert_eq!(polls(pin!(each(1))), 1);
    assert_eq!(polls(pin!(each(4))), 4);
    assert_eq!(polls(pin!(never(1000))), 1);
}

/// Each way in which eight items are ready or waited for.
#[test]
fn source_yields_where_a_stream_does() {
    /// Whether the item is waited for, once.
    fn is_waited_for(pattern: u8, item: u32, has_waited: &mut bool) -> bool {
        let waits = pattern >> item & 1 == 1 && !*has_waited;
        *has_waited = waits;
        waits
    }
    async fn over_a_stream<const EVERY: u32>(pattern: u8) {
        let (mut item, mut has_waited) = (0, false);
        let items = stream::poll_fn(|cx| {
            if item == 8 {
                return Poll::Ready(None);
            }
            if is_waited_for(pattern, item, &mut has_waited) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            item += 1;
            Poll::Ready(Some(()))
        });
        async_for!(
            #[yield_every(EVERY)]
            for () in items {}
        );
    }
    async fn over_a_source<const EVERY: u32>(pattern: u8) {
        let (mut item, mut has_waited) = (0, false);
        let items = from_fn(async || {
            if item == 8 {
                return None;
            }
            if is_waited_for(pattern, item, &mut has_waited) {
                yield_once().await;
                has_waited = false;
            }
            item += 1;
            Some(())
        });
        async_for!(
            #[yield_every(EVERY)]
            for () in items {}
        );
    }
    fn compare<const EVERY: u32>(pattern: u8) {
        let stream = polls(pin!(over_a_stream::<EVERY>(pattern)));
        let source = polls(pin!(over_a_source::<EVERY>(pattern)));
        assert_eq!(source, stream, "{EVERY}, {pattern:#010b}");
    }
    for pattern in 0..=u8::MAX {
        compare::<1>(pattern);
        compare::<2>(pattern);
        compare::<3>(pattern);
        compare::<8>(pattern);
    }
}

#[test]
fn loop_dropped_at_its_yield_loses_no_item_of_a_source() {
    let mut source = Ready::default();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut looped = Box::pin(async {
            async_for!(
                #[yield_every(2)]
                for n in &mut source {
                    seen.push(n);
                }
            );
        });
        assert!(looped.as_mut().now_or_never().is_none());
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    assert_eq!(source.given, 6);
}

#[test]
fn loop_dropped_in_its_body_drops_that_item_only() {
    let mut source = Ready::default();
    let mut looped = Box::pin(async {
        async_for!(for _ in &mut source {
            pending::<()>().await;
        });
    });
    assert!(looped.as_mut().now_or_never().is_none());
    drop(looped);
    assert_eq!(source.given, 1);
}

#[test]
fn until_ends_a_loop_that_waits_for_its_source() {
    let (stop, stopped) = oneshot::channel::<()>();
    let seen = Rc::new(Cell::new(0));
    let mut looped = pin!(async {
        let mut source = Countdown(100);
        async_for!(
            #[until(stopped)]
            for n in from_fn(async || {
                let next = source.next().await;
                if next == Some(97) {
                    pending::<()>().await;
                }
                next
            }) {
                seen.set(n);
            }
        );
    });
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10 {
        assert!(looped.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(seen.get(), 98);
    stop.send(()).unwrap();
    assert!(looped.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn until_comes_before_an_item_that_is_ready() {
    let found = run(async {
        async_for!(
            #[until(ready(()))]
            for n in Ready::default() {
                break n;
            }
        )
    });
    assert_eq!(found, None);
}

#[test]
fn until_does_not_end_a_body() {
    let (stop, stopped) = oneshot::channel::<()>();
    let mut stop = Some(stop);
    let seen = run(async {
        let mut seen = Vec::new();
        async_for!(
            #[until(stopped)]
            for record in Records::of("cat,cow,dog") {
                let record = record.unwrap();
                if record == "cow" {
                    drop(stop.take());
                }
                yield_once().await;
                seen.push(record.to_owned());
            }
        );
        seen
    });
    assert_eq!(seen, ["cat", "cow"]);
}

#[test]
fn until_is_polled_once_in_each_poll() {
    let polled = Cell::new(0);
    let until = std::future::poll_fn(|_| {
        polled.set(polled.get() + 1);
        Poll::<()>::Pending
    });
    let mut looped = pin!(async {
        async_for!(
            #[until(until)]
            for () in from_fn(async || {
                yield_once().await;
                yield_once().await;
                Some(()).filter(|()| polled.get() < 5)
            }) {}
        );
    });
    // An item takes three polls. In the third, the loop also asks before the next item.
    assert_eq!(polls(looped.as_mut()), 5);
    assert_eq!(polled.get(), 6);
}

/// Both a stream and a source.
struct Both;

impl Stream for Both {
    type Item = &'static str;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<&'static str>> {
        Poll::Ready(Some("stream"))
    }
}

impl Source for Both {
    type Item<'a> = &'static str;

    async fn next(&mut self) -> Option<&'static str> {
        Some("source")
    }
}

/// A container with a `next` of its own.
struct Container;

impl IntoStream for Container {
    type Item = &'static str;
    type IntoStream = stream::Iter<std::iter::Once<&'static str>>;

    fn into_stream(self) -> Self::IntoStream {
        stream::iter(std::iter::once("container"))
    }
}

impl Source for Container {
    type Item<'a> = &'static str;

    async fn next(&mut self) -> Option<&'static str> {
        Some("source")
    }
}

#[test]
fn type_that_is_both_goes_as_a_stream() {
    let found = run(async {
        (
            async_for!(for what in Both {
                break what;
            }),
            async_for!(for what in Container {
                break what;
            }),
            async_for!(for what in &mut Container {
                break what;
            }),
        )
    });
    assert_eq!(
        found,
        (Some("stream"), Some("container"), Some("source")),
        "a `&mut` of a container is none"
    );
}

#[test]
fn generic_code_goes_by_its_bound() {
    async fn streamed(items: impl Stream<Item = &'static str>) -> Option<&'static str> {
        async_for!(for item in items {
            break item;
        })
    }
    async fn turned(items: impl IntoStream<Item = &'static str>) -> Option<&'static str> {
        async_for!(for item in items {
            break item;
        })
    }
    async fn sourced<S>(items: S) -> Option<&'static str>
    where
        S: for<'a> Source<Item<'a> = &'static str> + 'static,
    {
        async_for!(for item in items {
            break item;
        })
    }
    async fn counted(mut items: impl Source) -> usize {
        let mut count = 0;
        async_for!(for _item in &mut items {
            count += 1;
        });
        count
    }
    assert_eq!(run(streamed(Both)), Some("stream"));
    assert_eq!(run(turned(Both)), Some("stream"));
    assert_eq!(run(sourced(Both)), Some("source"));
    assert_eq!(run(counted(Records::of("cat,cow"))), 2);
}

#[test]
fn source_is_dropped_when_the_loop_ends() {
    struct Held(Rc<()>);

    impl Source for Held {
        type Item<'a> = usize;

        async fn next(&mut self) -> Option<usize> {
            Some(Rc::strong_count(&self.0))
        }
    }

    let held = Rc::new(());
    run(async {
        let count = async_for!(for count in Held(held.clone()) {
            break count;
        });
        assert_eq!(count, Some(2));
        assert_eq!(Rc::strong_count(&held), 1);
    });
}
