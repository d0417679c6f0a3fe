//! Executors that run one future, and no tasks.

use forwith_bench::runner::Runner;

pub struct Futures;

impl Runner for Futures {
    const NAME: &'static str = "futures block_on";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        futures::executor::block_on(future)
    }
}

pub struct FuturesLite;

impl Runner for FuturesLite {
    const NAME: &'static str = "futures-lite";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        futures_lite::future::block_on(future)
    }
}

pub struct Pollster;

impl Runner for Pollster {
    const NAME: &'static str = "pollster";

    fn run<F: Future + 'static>(future: F) -> F::Output {
        pollster::block_on(future)
    }
}
