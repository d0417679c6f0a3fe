//! Sources in tasks that must be `Send`: what compiles by hand compiles in a loop, too. And
//! inference, which no source may change.

use std::collections::HashMap;
use std::pin::Pin;

use forwith::resource::closing;
use forwith::source::from_fn;
use forwith::{IntoStream, Source, async_for, async_with};
use futures::executor::block_on;
use futures::{Stream, StreamExt, stream};
use support::{begin, connect};
use tokio::task::yield_now;

fn send<F: Future + Send>(task: F) -> F::Output {
    block_on(task)
}

/// Rows of a query, in a connection: two lifetimes besides that of a row.
struct Rows<'c, 'q> {
    connection: &'c mut Vec<String>,
    query: &'q str,
    at: usize,
}

struct Row<'r, 'q> {
    text: &'r mut String,
    query: &'q str,
}

impl<'c, 'q> Source for Rows<'c, 'q> {
    type Item<'a>
        = Result<Row<'a, 'q>, String>
    where
        Self: 'a;

    async fn next(&mut self) -> Option<Result<Row<'_, 'q>, String>> {
        self.at += 1;
        let query = self.query;
        let row = self.connection.get_mut(self.at - 1);
        row.map(|text| Ok(Row { text, query }))
    }
}

fn rows<'c, 'q>(connection: &'c mut Vec<String>, query: &'q str) -> Rows<'c, 'q> {
    let at = 0;
    Rows {
        connection,
        query,
        at,
    }
}

/// Its future is boxed.
struct Boxed(Vec<u8>);

impl Source for Boxed {
    type Item<'a>
        = &'a [u8]
    where
        Self: 'a;

    fn next(&mut self) -> Pin<Box<dyn Future<Output = Option<&[u8]>> + Send + '_>> {
        Box::pin(async {
            self.0.pop()?;
            Some(&self.0[..])
        })
    }
}

/// Another one with something around it.
struct Counted<S>(S, usize);

impl<S: Source> Source for Counted<S> {
    type Item<'a>
        = (usize, S::Item<'a>)
    where
        Self: 'a;

    async fn next(&mut self) -> Option<Self::Item<'_>> {
        self.1 += 1;
        Some((self.1, self.0.next().await?))
    }
}

/// Lends what a closure of the user fills.
struct Filled<F>(F, HashMap<String, u8>);

impl<F: AsyncFnMut(&mut HashMap<String, u8>) -> bool> Source for Filled<F> {
    type Item<'a>
        = &'a mut HashMap<String, u8>
    where
        Self: 'a;

    async fn next(&mut self) -> Option<&mut HashMap<String, u8>> {
        (self.0)(&mut self.1).await.then_some(&mut self.1)
    }
}

/// A loop over the source by hand, and by the macro in each place where one may be.
macro_rules! shapes {
    ($($name:ident: |$words:ident $(, $local:ident)*| $source:expr;)*) => {
        $(mod $name {
            use super::*;

            async fn by_hand(mut $words: Vec<String>) -> usize {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                let mut source = $source;
                while let Some(item) = source.next().await {
                    yield_now().await;
                    drop(item);
                    count += 1;
                }
                count
            }

            async fn by_macro(mut $words: Vec<String>) -> usize {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                async_for!(for item in $source {
                    yield_now().await;
                    drop(item);
                    count += 1;
                });
                count
            }

            async fn by_reference(mut $words: Vec<String>) -> usize {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                let mut source = $source;
                async_for!(for item in &mut source {
                    yield_now().await;
                    drop(item);
                    count += 1;
                    break;
                });
                async_for!(for item in &mut source {
                    yield_now().await;
                    drop(item);
                    count += 1;
                });
                count
            }

            async fn until(mut $words: Vec<String>) -> usize {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                async_for!(
                    #[until(std::future::pending::<&String>())]
                    #[yield_every(1)]
                    for item in $source {
                        yield_now().await;
                        drop(item);
                        count += 1;
                    }
                );
                count
            }

            async fn with_value(mut $words: Vec<String>) -> usize {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                let found = async_for!(for item in $source {
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

            async fn in_a_body(mut $words: Vec<String>) -> Result<usize, String> {
                $(let mut $local = String::from("!");)*
                async_with!(connect() as db, begin(db), {
                    let mut count = 0;
                    async_for!(for item in $source {
                        yield_now().await;
                        drop(item);
                        count += 1;
                    });
                    count
                })
            }

            async fn around_a_body(mut $words: Vec<String>) -> Result<usize, String> {
                $(let mut $local = String::from("!");)*
                let mut count = 0;
                async_for!(for item in $source {
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
                let words = || vec!["cat".to_string(), "horse".to_string()];
                let count = send(by_hand(words()));
                assert!(count > 0);
                assert_eq!(send(by_macro(words())), count);
                assert_eq!(send(by_reference(words())), count);
                assert_eq!(send(until(words())), count);
                assert_eq!(send(with_value(words())), count);
                assert_eq!(send(in_a_body(words())), Ok(count));
                assert_eq!(send(around_a_body(words())), Ok(count));
            }
        })*
    };
}

shapes! {
    two_lifetimes: |words, query| rows(&mut words, &query);
    boxed: |words| Boxed(words.concat().into_bytes());
    adapted: |words| Counted(Counted(Boxed(words.concat().into_bytes()), 0), 0);
    closure_that_owns: |words| from_fn(async move || {
        yield_now().await;
        words.pop()
    });
    lent_by_a_closure: |words| Filled(async move |map: &mut HashMap<String, u8>| {
        yield_now().await;
        map.insert("cat".to_owned(), 1);
        words.pop().is_some()
    }, HashMap::new());
}

#[test]
fn stream_is_closed_in_a_task() {
    async fn first(words: &mut Vec<String>) -> Result<Option<String>, String> {
        let mark = String::from("!");
        let marked = stream::iter(words.iter()).then(async |word| {
            yield_now().await;
            word.clone() + &mark
        });
        async_with!(closing(marked) as marked, {
            async_for!(for word in marked {
                yield_now().await;
                break word;
            })
        })
    }
    let found = send(async { first(&mut vec!["cat".to_owned()]).await });
    assert_eq!(found, Ok(Some("cat!".to_owned())));
}

#[test]
fn error_and_value_leave_a_task() {
    async fn longest(words: &mut Vec<String>, query: &str) -> Result<Option<usize>, String> {
        Ok(async_for!(for row in rows(words, query) {
            let row = row?;
            yield_now().await;
            row.text.push_str(row.query);
            if row.text.len() > 4 {
                break row.text.len();
            }
        }))
    }
    let found = send(async {
        let (mut words, query) = (vec!["cat".to_owned(), "horse".to_owned()], "!".to_owned());
        longest(&mut words, &query).await
    });
    assert_eq!(found, Ok(Some(6)));
}

/// The type of a stream may be known later, or from the body alone.
#[test]
fn types_of_streams_are_inferred() {
    async fn boxed<T: Send>(items: Vec<T>) -> usize {
        let items: Box<dyn Stream<Item = T> + Unpin + Send> = Box::new(stream::iter(items));
        let mut count = 0;
        async_for!(for _item in items {
            count += 1;
        });
        count
    }
    async fn pinned(items: Pin<Box<dyn Stream<Item = u32> + '_>>) -> u32 {
        async_for!(for item in items {
            break item;
        })
        .unwrap()
    }
    async fn referenced(items: &mut (dyn Stream<Item = u32> + Unpin)) -> u32 {
        async_for!(for item in items {
            break item;
        })
        .unwrap()
    }
    async fn turned(items: impl IntoStream<Item = u32>) -> u32 {
        async_for!(for item in items {
            break item;
        })
        .unwrap()
    }
    send(async {
        assert_eq!(boxed(vec![1, 2]).await, 2);
        assert_eq!(turned(stream::iter([1, 2])).await, 1);
    });
    block_on(async {
        assert_eq!(pinned(stream::iter([1, 2]).boxed_local()).await, 1);
        assert_eq!(referenced(&mut stream::iter([1, 2])).await, 1);
        let mut none = None;
        async_for!(for word in stream::iter(none.take()) {
            let _: &str = word;
        });
        let _: Option<&str> = none;
        async_for!(for number in stream::once(async { "1".parse() }) {
            let _: Result<u8, _> = number;
        });
        async_for!(
            for word in stream::poll_fn(|_| std::task::Poll::Ready(None)) {
                let _: String = word;
            }
        );
        async_for!(for number in stream::iter(["cat", "horse"])
            .map(|word| word.len())
            .filter(|length| std::future::ready(*length > 3))
        {
            assert_eq!(number, 5);
        });
        async_for!(for _ in stream::iter(Vec::<u8>::default()) {});
    });
}

/// The type of an item of a source may be known from the body alone.
#[test]
fn types_of_items_are_inferred() {
    let mut numbers = vec!["1", "2"];
    let mut seen: Vec<u8> = Vec::new();
    block_on(async {
        async_for!(
            for number in from_fn(async || numbers.pop()?.parse().ok()) {
                seen.push(number);
            }
        );
    });
    assert_eq!(seen, [2, 1]);
    let mut words = vec!["horse", "cat"];
    let found = block_on(async {
        async_for!(for word in from_fn(async || words.pop()) {
            if word.len() > 3 {
                break word;
            }
        })
    });
    assert_eq!(found, Some("horse"));
}
