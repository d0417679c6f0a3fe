//! What the body gets, which functions may be spawned, and functions that the caller pins.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::pin::pin;
use std::rc::Rc;

use forwith::resource::{
    OwnedResourceFn, Place, ResourceFn, Stage, owned_resource_fn, resource_fn,
};
use forwith::{AsyncEnterExt, BoxExit, ExitStack, OwnedOutcome, async_with};
use futures::FutureExt;

use crate::common::{Failure, Held, Trace, hook, run, yield_once};

/// A pool and its connection, which borrows it.
#[derive(Debug)]
struct Pool(std::sync::Mutex<Vec<String>>);

#[derive(Debug)]
struct Conn<'p> {
    pool: &'p Pool,
    name: &'static str,
}

impl Pool {
    fn new() -> Self {
        Pool(std::sync::Mutex::default())
    }

    async fn get(&self) -> Result<Conn<'_>, Failure> {
        yield_once().await;
        Ok(Conn {
            pool: self,
            name: "conn",
        })
    }

    fn said(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

impl Conn<'_> {
    async fn execute(&mut self, statement: &str) -> Result<(), Failure> {
        yield_once().await;
        self.pool.0.lock().unwrap().push(statement.into());
        Ok(())
    }
}

async fn transaction<'p>(pool: &'p Pool, stage: Stage<'_, Conn<'p>>) -> Result<(), Failure> {
    let mut conn = pool.get().await?;
    let _number: i32 = "7".parse()?;
    conn.execute("BEGIN").await?;
    let (mut conn, ended) = stage.hand_out(conn).await;
    let last = if ended.is_completed() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    conn.execute(last).await
}

fn begin(pool: &Pool) -> ResourceFn<'_, Conn<'_>, Failure> {
    resource_fn(|stage| transaction(pool, stage))
}

struct Savepoint<'c, 'p>(&'c mut Conn<'p>);

impl<'p> Conn<'p> {
    fn savepoint<'c>(&'c mut self, name: &'c str) -> ResourceFn<'c, Savepoint<'c, 'p>, Failure> {
        resource_fn(async move |stage| {
            self.execute(&format!("SAVEPOINT {name}")).await?;
            let (savepoint, ended) = stage.hand_out(Savepoint(self)).await;
            let last = if ended.is_completed() {
                "RELEASE"
            } else {
                "ROLLBACK TO"
            };
            savepoint.0.execute(last).await
        })
    }
}

fn reads<T: Debug>(value: &T) -> bool {
    !format!("{value:?}").is_empty()
}

#[test]
fn function_over_borrowed_data_is_spawned() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).build().unwrap();
    let said = runtime.block_on(async {
        async fn stores(pool: &Pool) -> Result<bool, Failure> {
            async_with!(begin(pool) as conn, conn.savepoint("s") as savepoint, {
                savepoint.0.execute("INSERT").await?;
                yield_once().await;
                reads(&savepoint.0.name)
            })
        }
        async fn fails(pool: &Pool) -> Result<(), Failure> {
            async_with!(begin(pool) as conn, {
                assert!(reads(conn));
                yield_once().await;
                Err(Failure::from("no"))?
            })
        }
        let work = async {
            let pool = Pool::new();
            assert_eq!(stores(&pool).await, Ok(true));
            assert_eq!(fails(&pool).await, Err("no".into()));
            // Mapped, the body gets the value, too.
            let mapped = begin(&pool).map_error(|error: Failure| error.0);
            async_with!(mapped as conn, { conn.name.len() }).unwrap();
            pool.said()
        };
        tokio::spawn(work).await.unwrap()
    });
    assert_eq!(
        said,
        "BEGIN SAVEPOINT s INSERT RELEASE COMMIT BEGIN ROLLBACK BEGIN COMMIT"
    );
}

/// The value is bound as it is, without a dereference.
#[test]
fn body_gets_the_value_itself() {
    fn takes(value: &mut u8) {
        *value += 1;
    }
    let ended = run(async {
        let function: ResourceFn<'_, u8, Failure> = resource_fn(async |stage| {
            let (value, _) = stage.hand_out(1).await;
            assert_eq!(value, 3);
            Ok(())
        });
        async_with!(function as value, {
            takes(value);
            *value += 1;
        })
    });
    assert_eq!(ended, Ok(()));
}

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_sync<T: Sync>(value: T) -> T {
    value
}

/// A value that is `Send` and not `Sync` may be handed out, and the resource of a value that is
/// both is so, too.
#[test]
fn resources_may_move_between_threads() {
    async fn cells() -> Result<u8, Failure> {
        let function: ResourceFn<'_, Cell<u8>, Failure> = resource_fn(async |stage| {
            let (value, _) = stage.hand_out(Cell::new(1)).await;
            yield_once().await;
            assert_eq!(value.get(), 2);
            Ok(())
        });
        async_with!(function as value, {
            yield_once().await;
            value.set(2);
            value.get()
        })
    }
    assert_eq!(run(is_send(cells())), Ok(2));
    let pool = Pool::new();
    let entered = run(begin(&pool)).unwrap();
    let entered = is_send(is_sync(entered));
    assert_eq!(entered.name, "conn");
    let ended = run(forwith::AsyncExit::exit(entered, forwith::Outcome::Failed));
    assert_eq!(ended, Ok(()));
    assert_eq!(pool.said(), "BEGIN ROLLBACK");
}

#[test]
fn owned_functions_fit_into_boxes() {
    fn opening(name: &'static str) -> OwnedResourceFn<&'static str, Failure> {
        owned_resource_fn(async move |stage| {
            let (name, ended) = stage.hand_out(name).await;
            Err(Failure(format!("{name}: {ended:?}")))
        })
    }
    let work = async {
        async_with!(ExitStack::new() as stack, {
            for name in ["a", "b"] {
                stack.push(BoxExit::new(opening(name).await?));
            }
        })
    };
    let report: hook::Hook = |error| assert_eq!(hook::shown(error), r#"Failure("a: Failed")"#);
    let ended = hook::during(report, || run(work));
    assert_eq!(ended, Err("b: Completed".into()));
}

#[test]
fn caller_pins_the_function() {
    async fn work(pool: &Pool, fails: bool) -> Result<usize, Failure> {
        let mut place = Place::new();
        let (stage, resource) = place.split();
        let function = pin!(transaction(pool, stage));
        async_with!(resource.of(function) as conn, {
            conn.execute("INSERT").await?;
            if fails {
                return Err("no".into());
            }
            conn.name.len()
        })
    }
    let pool = Pool::new();
    assert_eq!(run(is_send(work(&pool, false))), Ok(4));
    assert_eq!(pool.said(), "BEGIN INSERT COMMIT");
    assert_eq!(run(work(&pool, true)), Err("no".into()));
    assert_eq!(pool.said(), "BEGIN INSERT ROLLBACK");
}

/// A pinned function need not be `Send`.
#[test]
fn pinned_function_stays_on_its_thread() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let work = async {
        let mut place = Place::default();
        for _ in 0..2 {
            let (stage, resource) = place.split();
            let function = pin!(async {
                let (line, ended) = stage.hand_out(Rc::new(String::from("hello"))).await;
                yield_once().await;
                log.borrow_mut().push((line, ended));
                Ok::<_, Failure>(())
            });
            async_with!(resource.of(function) as line, {
                Rc::make_mut(line).push('!');
            })?;
        }
        Ok::<_, Failure>(())
    };
    assert_eq!(run(work), Ok(()));
    let line = || (Rc::new(String::from("hello!")), OwnedOutcome::Completed);
    assert_eq!(*log.borrow(), [line(), line()]);
}

/// A place that is used again drops what a function before has left in it.
#[test]
fn place_is_used_again_behind_a_function_that_forgot() {
    let trace = Trace::new();
    let mut place = Place::new();
    {
        let (stage, resource) = place.split();
        let function = pin!(async {
            let mut hand_out = Box::pin(stage.hand_out(Held("first", trace.clone())));
            assert!(hand_out.as_mut().now_or_never().is_none());
            std::mem::forget(hand_out);
            yield_once().await;
            Ok::<_, Failure>(())
        });
        let ended = run(async { async_with!(resource.of(function), { trace.note("body") }) });
        assert_eq!(ended, Ok(()));
        trace.expect(&["body"]);
    }
    let (stage, resource) = place.split();
    trace.expect(&["dropped first"]);
    let function = pin!(async {
        let _ = stage.hand_out(Held("second", trace.clone())).await;
        Ok::<_, Failure>(())
    });
    let ended = run(async { async_with!(resource.of(function), { trace.note("body") }) });
    assert_eq!(ended, Ok(()));
    trace.expect(&["body", "dropped second"]);
}
