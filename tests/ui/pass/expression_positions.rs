//! The macros in every position where an expression may stand.

use std::fmt::Display;

use forwith::{async_for, async_with};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use support::{connect, numbers};

async fn opaque() -> impl Display {
    let rows = async_with!(connect() as db, { db.rows.len() });
    format!("{rows:?}")
}

async fn option() -> Option<u32> {
    async_with!(connect() as db, {
        let last = db.rows.last()?;
        if *last == 3 {
            return None;
        }
    })
    .ok()?;
    Some(1)
}

async fn never(stop: u32) -> std::convert::Infallible {
    let mut rounds = 0;
    loop {
        rounds += 1;
        async_with!(connect() as _db, {
            assert!(rounds < stop, "enough");
        })
        .unwrap();
    }
}

async fn coerced(dynamic: bool) -> Result<Box<dyn Display>, Box<dyn std::error::Error>> {
    async_with!(connect() as db, {
        if dynamic {
            return Ok(Box::new(db.rows.len()));
        }
        let _: u32 = "1".parse()?;
    })?;
    Ok(Box::new("text"))
}

struct Service {
    name: String,
}

impl Service {
    async fn run(&mut self) -> Result<usize, String> {
        async_with!(connect() as db, {
            self.name.push('!');
            db.rows.len() + self.name.len()
        })
    }
}

trait Job {
    fn run(&self) -> impl Future<Output = Result<u32, String>> + Send;
}

impl Job for u32 {
    async fn run(&self) -> Result<u32, String> {
        async_with!(connect() as db, { db.rows[0] + self })
    }
}

async fn generic<'a, T: Clone, const N: usize>(values: &'a [T; N]) -> Result<[T; N], String> {
    async_with!(connect() as _db, { values.clone() })
}

fn recursive(depth: u32) -> futures::future::BoxFuture<'static, Result<u32, String>> {
    async move {
        if depth == 0 {
            return Ok(0);
        }
        async_with!(connect() as db, {
            db.rows[0] + recursive(depth - 1).await?
        })
    }
    .boxed()
}

fn is_send<F: Send>(future: F) -> F {
    future
}

#[test]
fn macros_work_as_expressions() {
    assert_eq!(block_on(opaque()).to_string(), "Ok(3)");
    assert_eq!(block_on(option()), None);
    assert!(std::panic::catch_unwind(|| block_on(never(3))).is_err());
    assert_eq!(block_on(coerced(true)).unwrap().to_string(), "3");
    assert_eq!(block_on(coerced(false)).unwrap().to_string(), "text");
    assert_eq!(block_on(Service { name: "x".into() }.run()), Ok(5));
    assert_eq!(block_on(is_send(4.run())), Ok(5));
    assert_eq!(block_on(is_send(generic(&["a", "b"]))), Ok(["a", "b"]));
    assert_eq!(block_on(is_send(recursive(3))), Ok(3));
    block_on(is_send(async {
        // As an argument, an operand, a condition, a scrutinee, a tail, in a closure, in a struct.
        assert_eq!(
            usize::min(async_with!(connect() as db, { db.rows.len() }).unwrap(), 9),
            3
        );
        assert!(async_with!(connect() as db, { db.rows[0] == 1 }) == Ok(true));
        if async_with!(connect() as db, { db.rows.is_empty() }).unwrap() {
            unreachable!();
        }
        match async_with!(connect(), {}) {
            Ok(()) => {}
            Err(error) => unreachable!("{error}"),
        }
        let later = async || async_with!(connect() as db, { db.rows.pop() });
        assert_eq!(later().await, Ok(Some(3)));
        let all =
            numbers().then(async |number| async_with!(connect() as db, { db.rows[1] * number }));
        let mut sum = 0;
        async_for!(for product in all.boxed() {
            sum += product.unwrap()
        });
        assert_eq!(sum, 90);
        let service = Service {
            name: async_with!(connect() as db, { format!("{:?}", db.rows) }).unwrap(),
        };
        assert_eq!(service.name, "[1, 2, 3]");
        assert_eq!(
            [async_for!(for n in numbers() {
                break n;
            }); 1],
            [Some(0)]
        );
    }));
}
