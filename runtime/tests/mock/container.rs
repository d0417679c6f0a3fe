//! The mock container and its cursors.

use forwith::{AsyncEnter, AsyncExit, IntoStream, Outcome};
use forwith_runtime::mock::{Error, Latency, RemoteContainer};
use forwith_runtime::{Executor, block_on, now};
use futures::{Stream, StreamExt, TryStreamExt, stream};

use crate::common::{polled, secs};

fn animals() -> RemoteContainer<&'static str> {
    RemoteContainer::new(["cat", "dog", "eel"])
        .with_latency(Latency::None)
        .with_page_size(2)
}

/// The log without the times.
fn log<T>(container: &RemoteContainer<T>) -> Vec<String> {
    let line = |entry: forwith_runtime::mock::Entry| entry.event.to_string();
    container.log().into_iter().map(line).collect()
}

/// Loops over a container, a reference to one, or a stream.
async fn count(items: impl IntoStream) -> usize {
    items.into_stream().count().await
}

#[test]
fn containers_and_streams_are_looped_over() {
    let animals = animals();
    block_on(async {
        assert_eq!(count(&animals).await, 3);
        assert_eq!(count(animals.cursor().enter().await.unwrap()).await, 3);
        assert_eq!(count(&mut animals.cursor().enter().await.unwrap()).await, 3);
        assert_eq!(count(animals).await, 3);
        assert_eq!(count(stream::iter([1, 2])).await, 2);
    });
}

#[test]
fn pages_are_fetched_when_needed() {
    let animals = animals();
    block_on(async {
        let mut items = (&animals).into_stream();
        items.next().await;
        items.next().await;
        assert_eq!(
            log(&animals),
            ["cursor 1 opened", "cursor 1 fetched page 1"]
        );
        assert_eq!(items.try_collect::<Vec<_>>().await, Ok(vec!["eel"]));
    });
    assert_eq!(
        log(&animals)[2..],
        ["cursor 1 fetched page 2", "cursor 1 closed"]
    );
}

#[test]
fn every_round_trip_takes_time() {
    let animals = animals().with_latency(Latency::Time(secs(1)));
    Executor::with_virtual_clock().block_on(async {
        count(&animals).await;
        assert_eq!(now(), secs(4)); // open, two pages, close
    });
}

#[test]
fn empty_container_is_one_empty_page() {
    let nothing = RemoteContainer::<u8>::new([]).with_latency(Latency::None);
    assert_eq!(block_on(count(&nothing)), 0);
    assert_eq!(
        log(&nothing),
        [
            "cursor 1 opened",
            "cursor 1 fetched page 1",
            "cursor 1 closed"
        ]
    );
}

#[test]
fn stream_dropped_early_abandons_its_cursor() {
    let animals = animals();
    block_on(async { (&animals).into_stream().next().await });
    assert_eq!(log(&animals)[2..], ["cursor 1 abandoned"]);
    animals.audit().unwrap();
}

#[test]
fn entered_cursor_is_closed_after_any_page() {
    for taken in 0..4 {
        let animals = animals();
        block_on(async {
            let mut cursor = animals.cursor().enter().await.unwrap();
            (&mut cursor).take(taken).for_each(async |_| ()).await;
            cursor.exit(Outcome::Completed).await.unwrap();
        });
        assert_eq!(log(&animals).last().unwrap(), "cursor 1 closed");
        animals.audit().unwrap();
    }
}

#[test]
fn failing_page_ends_the_stream_and_its_cursor() {
    let animals = animals().failing_at_page(2);
    let items: Vec<_> = block_on((&animals).into_stream().collect());
    assert_eq!(items, [Ok("cat"), Ok("dog"), Err(Error::Page(2))]);
    assert_eq!(
        log(&animals)[2..],
        ["page 2 of cursor 1 failed", "cursor 1 closed"]
    );
}

/// Loops over a whole stream, then to the second item of a cursor.
async fn visit(animals: &RemoteContainer<&'static str>) {
    count(animals).await;
    let mut cursor = animals.cursor().enter().await.unwrap();
    cursor.next().await;
    cursor.next().await;
    cursor.exit(Outcome::Completed).await.unwrap();
}

#[test]
fn cursor_ends_once_after_a_drop_at_any_poll() {
    for polls in 0.. {
        let animals = animals().with_latency(Latency::Yields(2));
        let ended = polled(visit(&animals), polls).is_some();
        animals
            .audit()
            .unwrap_or_else(|audit| panic!("after {polls} polls: {audit}"));
        if ended {
            assert!(!log(&animals).join("").contains("abandoned"));
            assert!(polls > 10, "{polls} polls are too few to mean anything");
            return;
        }
    }
}

#[test]
fn cursors_and_streams_are_unpin_and_send() {
    fn check<S: Stream + Unpin + Send + Sync>(_: &S) {}
    let animals = animals();
    check(&(&animals).into_stream());
    check(&block_on(animals.cursor().enter()).unwrap());
}
