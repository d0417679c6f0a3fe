//! tokio on one thread: its two ways to run tasks without `Send`.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::{task, time};

use forwith_bench::runner::{Peer, Runner, Timers, unwrapped};

use super::gather::join_all;

pub struct LocalSet;

impl Runner for LocalSet {
    const NAME: &'static str = "tokio LocalSet";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("tokio starts");
        task::LocalSet::new().block_on(&runtime, future)
    }
}

pub struct LocalRuntime;

impl Runner for LocalRuntime {
    const NAME: &'static str = "tokio LocalRuntime";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default());
        runtime.expect("tokio starts").block_on(future)
    }
}

/// Tasks and timers, which are alike in both.
macro_rules! tasks {
    ($runtime:ident) => {
        impl Peer for $runtime {
            #[inline]
            fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                unwrapped(task::spawn_local(future))
            }

            fn yield_now() -> impl Future<Output = ()> + 'static {
                task::yield_now()
            }

            fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                join_all::<Self, F>(futures)
            }
        }

        impl Timers for $runtime {
            fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
                time::sleep(duration)
            }
        }
    };
}

tasks!(LocalSet);
tasks!(LocalRuntime);
