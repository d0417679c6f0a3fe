//! Executors made for `io_uring`.

use std::time::Duration;

use glommio::{LocalExecutor, LocalExecutorBuilder};
use monoio::{FusionDriver, RuntimeBuilder};

use forwith_bench::runner::{Peer, Runner, Timers};

use super::gather::join_all;

/// Falls back to epoll where the kernel refuses `io_uring`.
pub struct Monoio;

impl Runner for Monoio {
    const NAME: &'static str = "monoio";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        let runtime = RuntimeBuilder::<FusionDriver>::new().enable_timer().build();
        runtime.expect("monoio starts").block_on(future)
    }

    fn refusal() -> Option<String> {
        let runtime = RuntimeBuilder::<FusionDriver>::new().enable_timer().build();
        runtime.err().map(|error| error.to_string())
    }
}

impl Peer for Monoio {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        monoio::spawn(future)
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

impl Timers for Monoio {
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        monoio::time::sleep(duration)
    }
}

pub struct Glommio;

impl Runner for Glommio {
    const NAME: &'static str = "glommio";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        glommio().expect("glommio starts").run(future)
    }

    fn refusal() -> Option<String> {
        glommio().err().map(|error| error.to_string())
    }
}

impl Peer for Glommio {
    #[inline]
    fn spawn<F>(future: F) -> impl Future<Output = F::Output> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        glommio::spawn_local(future)
    }

    async fn yield_now() {
        glommio::executor().yield_now().await;
    }

    fn gather<F>(futures: Vec<F>) -> impl Future<Output = Vec<F::Output>> + 'static
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        join_all::<Self, F>(futures)
    }
}

impl Timers for Glommio {
    async fn sleep(duration: Duration) {
        glommio::timer::sleep(duration).await;
    }
}

fn glommio() -> Result<LocalExecutor, glommio::GlommioError<()>> {
    LocalExecutorBuilder::default().make()
}
