//! Races whose types are inferred, and races in tasks that must be `Send`.

use std::future::{pending, ready};

use forwith::race;
use futures::FutureExt;
use futures::executor::block_on;
use tokio::task::yield_now;

fn send<F: Future + Send>(task: F) -> F::Output {
    block_on(task)
}

#[test]
fn output_is_inferred_from_another_future() {
    block_on(async {
        let number: u64 = race((ready("1".parse().unwrap()), ready(3))).await;
        assert_eq!(number, 1);
        let number = race((ready(3_u8), ready("1".parse().unwrap()))).await;
        assert_eq!(number, 3);
        let number = race((ready("4".parse().unwrap()), ready(3_u8))).await;
        assert_eq!(number, 4);
        let number: u8 = race([ready(1), pending().now_or_never().unwrap_or(ready(2))]).await;
        assert_eq!(number, 1);
        let items: Vec<u16> = race((pending(), async { vec![] })).await;
        assert!(items.is_empty());
        let found = race((async { None }, async { Some(3) })).await;
        assert_eq!(found, None);
        let ended: Result<u8, String> =
            race((async { Ok(1) }, async { Err("no".into()) }, async {
                panic!("it is not polled: {}", yield_now().await == ())
            }))
            .await;
        assert_eq!(ended, Ok(1));
        let count = race((
            async {
                loop {
                    yield_now().await
                }
            },
            async { 3_u8 },
        ))
        .await;
        assert_eq!(count, 3);
        let call: Box<dyn Fn() -> u8> = race((async { Box::new(|| 1_u8) as _ }, async {
            Box::new(|| 2_u8) as Box<dyn Fn() -> u8>
        }))
        .await;
        assert_eq!(call(), 1);
        assert_eq!(race(vec![ready(1)]).await, 1);
    });
}

async fn first<T>(this: impl Future<Output = T>, that: impl Future<Output = T>) -> T {
    race((this, that)).await
}

#[test]
fn output_is_generic() {
    assert_eq!(block_on(first(ready("this"), pending())), "this");
}

async fn tuple(words: Vec<String>) -> usize {
    let length = ready(&words).then(|words| async move { words.len() });
    race((
        length,
        async {
            yield_now().await;
            7
        },
        ready(&words).map(|words| words.len()),
    ))
    .await
}

async fn array(words: Vec<String>) -> usize {
    race([ready(&words).then(|words| async move { words.len() })]).await
}

async fn vector(words: Vec<String>) -> usize {
    let lengths = words.iter().map(|word| ready(word).map(|word| word.len()));
    race(lengths.collect::<Vec<_>>()).await
}

#[test]
fn race_with_a_closure_over_a_borrow_is_send() {
    let words = || vec!["cat".to_string(), "horse".to_string()];
    assert_eq!(send(tuple(words())), 2);
    assert_eq!(send(array(words())), 2);
    assert_eq!(send(vector(words())), 3);
}
