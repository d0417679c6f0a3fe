//! Smaller executors.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use async_executor::{LocalExecutor, StaticLocalExecutor};
use futures::executor::LocalSpawner;
use futures::task::LocalSpawnExt;

use forwith_bench::runner::{Peer, Runner, Timers, unwrapped};

use super::gather::join_all;

pub struct AsyncLocalExecutor;

impl Runner for AsyncLocalExecutor {
    const NAME: &'static str = "async-local-executor";

    fn run<F>(future: F) -> F::Output
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        async_local_executor::block_on(future)
    }
}

impl Peer for AsyncLocalExecutor {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        async_local_executor::spawn_local(future)
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

pub struct Nio;

impl Runner for Nio {
    const NAME: &'static str = "nio";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let runtime = nio::RuntimeBuilder::new().worker_threads(1).build();
        runtime.expect("nio starts").block_on(future)
    }
}

impl Peer for Nio {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        unwrapped(nio::spawn_local(future))
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

impl Timers for Nio {
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        nio::sleep(duration)
    }
}

thread_local! {
    static STATIC: &'static StaticLocalExecutor = LocalExecutor::new().leak();
    static SMOL: Rc<smol::LocalExecutor<'static>> = Rc::default();
    static POOL: RefCell<Option<LocalSpawner>> = const { RefCell::new(None) };
}

/// In its quickest form, which is never freed.
pub struct AsyncExecutor;

impl Runner for AsyncExecutor {
    const NAME: &'static str = "async-executor";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        futures_lite::future::block_on(STATIC.with(|executor| executor.run(future)))
    }
}

impl Peer for AsyncExecutor {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        STATIC.with(|executor| executor.spawn(future))
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

pub struct Smol;

impl Runner for Smol {
    const NAME: &'static str = "smol";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        SMOL.with(|executor| smol::block_on(executor.run(future)))
    }
}

impl Peer for Smol {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        SMOL.with(|executor| executor.spawn(future))
    }

    fn yield_now() -> impl Future<Output = ()> + 'static {
        smol::future::yield_now()
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

impl Timers for Smol {
    async fn sleep(duration: Duration) {
        smol::Timer::after(duration).await;
    }
}

pub struct LocalPool;

impl Runner for LocalPool {
    const NAME: &'static str = "futures LocalPool";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let mut pool = futures::executor::LocalPool::new();
        POOL.set(Some(pool.spawner()));
        let output = pool.run_until(future);
        POOL.set(None);
        output
    }
}

impl Peer for LocalPool {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        let task = POOL.with_borrow(|pool| {
            let pool = pool.as_ref().expect("it runs");
            pool.spawn_local_with_handle(future)
        });
        task.expect("it runs")
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}
