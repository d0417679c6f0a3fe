//! Tasks that must be `Send`: each stream that compiles in one by hand compiles in a loop, too.

use std::cell::Cell;
use std::error::Error;
use std::future::{pending, ready};
use std::pin::pin;

use forwith::{
    AsyncEnter, AsyncEnterExt, AsyncExit, Outcome, async_for, async_with, scope, shield,
};
use futures::executor::block_on;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt, stream};
use support::{Db, begin, connect};
use tokio::task::yield_now;

fn send<F: Future + Send>(task: F) -> F::Output {
    block_on(task)
}

fn words() -> Vec<String> {
    ["cat".to_string(), "horse".to_string()].to_vec()
}

/// A loop over the stream by hand, and by the macro in each place where one may be.
macro_rules! shapes {
    ($($name:ident: |$words:ident $(, $local:ident)*| $stream:expr;)*) => {
        $(mod $name {
            use super::*;

            async fn by_hand($words: Vec<String>) -> usize {
                $(let $local = String::from("!");)*
                let mut count = 0;
                let mut items = pin!($stream);
                while let Some(item) = items.next().await {
                    yield_now().await;
                    drop(item);
                    count += 1;
                }
                count
            }

            async fn by_macro($words: Vec<String>) -> usize {
                $(let $local = String::from("!");)*
                let mut count = 0;
                async_for!(for item in $stream {
                    yield_now().await;
                    drop(item);
                    count += 1;
                });
                count
            }

            async fn until($words: Vec<String>) -> usize {
                $(let $local = String::from("!");)*
                let mut count = 0;
                let stop = pending::<&String>().map(|word| word.len());
                async_for!(#[until(stop)] for item in $stream {
                    yield_now().await;
                    drop(item);
                    count += 1;
                });
                count
            }

            async fn with_value($words: Vec<String>) -> usize {
                $(let $local = String::from("!");)*
                let mut count = 0;
                let found = async_for!(for item in $stream {
                    yield_now().await;
                    drop(item);
                    count += 1;
                    if count == 99 {
                        break count;
                    }
                });
                assert!(found.is_none());
                count
            }

            async fn in_a_body($words: Vec<String>) -> Result<usize, String> {
                $(let $local = String::from("!");)*
                async_with!(connect() as db, begin(db), {
                    let mut count = 0;
                    async_for!(for item in $stream {
                        yield_now().await;
                        drop(item);
                        count += 1;
                    });
                    count
                })
            }

            async fn around_a_body($words: Vec<String>) -> Result<usize, String> {
                $(let $local = String::from("!");)*
                let mut count = 0;
                async_for!(for item in $stream {
                    async_with!(connect() as db, {
                        yield_now().await;
                        drop(item);
                        count += 1;
                        if count + db.rows.len() == 99 {
                            break;
                        }
                    })?;
                });
                Ok(count)
            }

            #[test]
            fn $name() {
                let count = send(by_hand(words()));
                assert_eq!(send(by_macro(words())), count);
                assert_eq!(send(until(words())), count);
                assert_eq!(send(with_value(words())), count);
                assert_eq!(send(in_a_body(words())), Ok(count));
                assert_eq!(send(around_a_body(words())), Ok(count));
            }
        })*
    };
}

shapes! {
    iter: |words| stream::iter(&words);
    owned: |words| stream::iter(words);
    map: |words| stream::iter(&words).map(|word| word.len());
    map_of_iterator: |words| stream::iter(words.iter().map(|word| word.len()));
    captures: |words, mark| stream::iter(&words).map(|word| format!("{word}{mark}"));
    filter: |words| stream::iter(&words).filter(|word| ready(word.len() > 3));
    filter_map: |words| stream::iter(&words).filter_map(|word| ready(word.chars().next()));
    take_while: |words| stream::iter(&words).take_while(|word| ready(word.len() < 9));
    skip_while: |words| stream::iter(&words).skip_while(|word| ready(word.len() < 4));
    then: |words| stream::iter(&words).then(|word| async move { word.len() });
    inspect: |words| stream::iter(&words).inspect(|word| drop(word.len()));
    scan: |words| stream::iter(&words).scan(0, |sum, word| {
        *sum += word.len();
        ready(Some(*sum))
    });
    flat_map: |words| stream::iter(&words).flat_map(|word| stream::iter(word.bytes()));
    unfold: |words| stream::unfold(words.iter(), |mut rest| async move {
        let word = rest.next()?;
        Some((word.len(), rest))
    });
    zip: |words| stream::iter(&words).zip(stream::iter(&words));
    chain: |words| stream::iter(&words).map(|word| word.len()).chain(stream::iter([1]));
    enumerate: |words| stream::iter(&words).map(|word| word.len()).enumerate();
    peekable: |words| stream::iter(&words).peekable();
    fuse: |words| stream::iter(&words).map(|word| word.as_str()).fuse();
    try_streams: |words| stream::iter(&words).map(Ok::<_, String>).map_ok(|word| word.len());
    and_then: |words| stream::iter(&words)
        .map(Ok::<_, String>)
        .and_then(|word| async move { Ok(word.len()) });
    map_err: |words| stream::iter(&words).map(Err::<u8, _>).map_err(|word| word.len());
    buffered: |words| stream::iter(words).map(|word| async move { word.len() }).buffered(2);
    boxed: |words| stream::iter(&words).boxed();
    once: |words| stream::once(async { words.len() });
    poll_fn: |words| {
        let mut rest = words.iter();
        stream::poll_fn(move |_| std::task::Poll::Ready(rest.next().map(|word| word.len())))
    };
    repeat_with: |words| {
        let word = &words[0];
        stream::repeat_with(move || word.len()).take(5)
    };
    select: |words| stream::select(
        stream::iter(&words).map(|word| word.len()),
        stream::iter([1, 2]),
    );
    by_reference: |words| &mut stream::iter(&words).map(|word| word.len());
}

/// A resource is entered by hand, and by the macro in each place where one may be.
macro_rules! enters {
    ($($name:ident: |$words:ident| $enter:expr;)*) => {
        $(mod $name {
            use super::*;

            async fn by_hand($words: Vec<String>) -> Result<usize, String> {
                let db = $enter.await.map_err(|error| error.to_string())?;
                yield_now().await;
                let count = db.rows.len();
                db.exit(Outcome::Completed).await?;
                Ok(count)
            }

            async fn by_macro($words: Vec<String>) -> Result<usize, String> {
                async_with!($enter as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn inside($words: Vec<String>) -> Result<usize, String> {
                async_with!(connect() as db, begin(db), $enter as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn mapped($words: Vec<String>) -> Result<usize, String> {
                async_with!($enter.map_error(|error| error + "!") as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn mapped_with_a_local($words: Vec<String>) -> Result<usize, String> {
                let word = $words[0].clone();
                async_with!($enter.map_error(|error| error + &word).shielded() as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn into($words: Vec<String>) -> Result<usize, Box<dyn Error + Send + Sync>> {
                async_with!($enter.error_into() as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn shielded($words: Vec<String>) -> Result<usize, String> {
                async_with!($enter.shielded() as db, {
                    yield_now().await;
                    db.rows.len()
                })
            }

            async fn in_a_scope($words: Vec<String>) -> Result<usize, String> {
                let stop = pending::<&String>().map(|word| word.len());
                let work = async {
                    async_with!($enter as db, {
                        yield_now().await;
                        db.rows.len()
                    })
                };
                scope(work, stop).await.unwrap()
            }

            #[test]
            fn $name() {
                assert_eq!(send(by_hand(words())), Ok(3));
                assert_eq!(send(by_macro(words())), Ok(3));
                assert_eq!(send(inside(words())), Ok(3));
                assert_eq!(send(mapped(words())), Ok(3));
                assert_eq!(send(mapped_with_a_local(words())), Ok(3));
                assert_eq!(send(into(words())).unwrap(), 3);
                assert_eq!(send(shielded(words())), Ok(3));
                assert_eq!(send(in_a_scope(words())), Ok(3));
            }
        })*
    };
}

enters! {
    plain_future: |words| connect();
    future_mapped: |words| connect().map(|db| db.map(|db| db));
    future_with_a_borrow: |words| connect_to(&words);
    future_of_a_closure: |words| {
        connect_to(&words).map(|entered| entered.map_err(|error| error.to_string()))
    };
    async_block: |words| async {
        let mut lengths = pin!(stream::iter(&words).map(|word| word.len()));
        assert!(lengths.next().await.is_some());
        connect_to(&words).await
    };
    boxed_future: |words| connect_to(&words).boxed();
    ready: |words| std::future::ready(Ok::<_, String>(Db { rows: vec![1, 2, words.len() as u32] }));
}

// Directly behind an adapter this one is "not general enough": `enter` hides its type.
async fn future_of_a_closure_over_a_borrow(words: Vec<String>) -> Result<usize, String> {
    async_with!(ready(&words).then(|words| connect_to(words)) as db, {
        yield_now().await;
        db.rows.len()
    })
}

async fn the_same_behind_an_adapter(words: Vec<String>) -> Result<usize, String> {
    let connecting = async { ready(&words).then(|words| connect_to(words)).await };
    async_with!(
        connecting.map_error(|error| error + "!").shielded() as db,
        {
            yield_now().await;
            db.rows.len()
        }
    )
}

async fn shielded_without_an_adapter(words: Vec<String>) -> Result<usize, String> {
    let connecting = ready(&words).then(|words| connect_to(words));
    async_with!(shield(connecting) as db, {
        yield_now().await;
        db.rows.len()
    })
}

#[test]
fn future_of_a_closure_over_a_borrow_is_send() {
    assert_eq!(send(shielded_without_an_adapter(words())), Ok(3));
    assert_eq!(send(the_same_behind_an_adapter(words())), Ok(3));
    assert_eq!(send(future_of_a_closure_over_a_borrow(words())), Ok(3));
}

async fn connect_to(words: &[String]) -> Result<Db, String> {
    assert_eq!(words.len(), 2);
    connect().await
}

/// A resource that is not `Sync`.
struct Counter(Cell<usize>);

impl AsyncExit for Counter {
    type Error = String;

    async fn exit(self, _: Outcome<'_>) -> Result<(), String> {
        Ok(())
    }
}

fn counter() -> std::future::Ready<Result<Counter, String>> {
    ready(Ok(Counter(Cell::new(2))))
}

async fn reads() -> Result<usize, String> {
    async_with!(counter() as counter, {
        yield_now().await;
        counter.0.get()
    })
}

async fn formats() -> Result<String, String> {
    async_with!(ready(Ok(Named("cat", Cell::new(1)))) as named, {
        yield_now().await;
        format!("{named}, {named:>5}")
    })
}

async fn reads_the_outer_one() -> Result<usize, String> {
    async_with!(counter() as outer, counter() as inner, {
        let outer = outer;
        yield_now().await;
        outer.0.get() + inner.0.get()
    })
}

async fn reads_in_a_jump() -> Result<usize, String> {
    'rounds: loop {
        async_with!(counter() as counter, {
            yield_now().await;
            if counter.0.get() == 2 {
                break 'rounds;
            }
        })?;
    }
    Ok(2)
}

/// A resource that is not `Sync`, and has a name.
struct Named(&'static str, Cell<usize>);

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.0)
    }
}

impl AsyncExit for Named {
    type Error = String;

    async fn exit(self, _: Outcome<'_>) -> Result<(), String> {
        assert_eq!(self.1.get(), 1);
        Ok(())
    }
}

#[test]
fn resource_need_not_be_sync() {
    assert_eq!(send(reads()), Ok(2));
    assert_eq!(send(formats()).unwrap(), "cat,   cat");
    assert_eq!(send(reads_the_outer_one()), Ok(4));
    assert_eq!(send(reads_in_a_jump()), Ok(2));
}
