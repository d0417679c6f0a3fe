//! The four executors, and how each one ends.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use forwith::reaper::Reaper;
use tokio::runtime::{Builder, Runtime};

use super::programs::{Program, Server};
use crate::common::{Failure, yield_once};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Executor {
    pub(super) name: &'static str,
    /// Runs a task to its end.
    pub(super) run: fn(Task),
    /// Runs a task, and then what its reaper was handed.
    pub(super) run_with_reaper: fn(Task),
    /// Ends the executor after the first poll of a program, and then lets the servers answer.
    pub(super) shut_down: fn(Program, &[Arc<Server>]),
    /// Whether exits in its reaper go on when it has ended.
    pub(super) outlives_its_end: bool,
}

pub(super) const EXECUTORS: [Executor; 4] = [
    Executor {
        name: "forwith-runtime",
        run: |task| forwith_runtime(None).block_on(task),
        // Each run is a reaper, and ends when the exits have.
        run_with_reaper: |task| forwith_runtime(None).block_on(task),
        shut_down: |program, servers| {
            forwith_runtime(Some(Duration::ZERO)).block_on(async {
                let (program, is_polled) = told_of_its_poll(program);
                drop(forwith_runtime::spawn(program));
                until(&is_polled).await;
            });
            answer(servers);
        },
        outlives_its_end: false,
    },
    Executor {
        name: "tokio, one thread",
        run: |task| one_thread().block_on(task),
        run_with_reaper: |task| one_thread().block_on(with_reaper(Reaper::tokio, task)),
        shut_down: |program, servers| shut_tokio_down(one_thread(), program, servers),
        outlives_its_end: false,
    },
    Executor {
        name: "tokio, several threads",
        run: |task| on_a_worker(task),
        run_with_reaper: |task| on_a_worker(Box::pin(with_reaper(Reaper::tokio, task))),
        shut_down: |program, servers| shut_tokio_down(several_threads(), program, servers),
        outlives_its_end: false,
    },
    Executor {
        name: "smol",
        run: |task| smol::block_on(task),
        run_with_reaper: |task| smol::block_on(with_reaper(Reaper::smol, task)),
        shut_down: |program, servers| {
            let executor = smol::LocalExecutor::new();
            let reaper = Reaper::smol();
            reaper.install();
            let (program, is_polled) = told_of_its_poll(program);
            executor.spawn(program).detach();
            smol::block_on(executor.run(until(&is_polled)));
            drop(executor);
            answer(servers);
            // The threads that run the exits do not end.
            smol::block_on(reaper.join());
            Reaper::uninstall();
        },
        outlives_its_end: true,
    },
];

fn forwith_runtime(grace: Option<Duration>) -> forwith_runtime::Executor {
    let executor = forwith_runtime::Executor::with_virtual_clock();
    match grace {
        Some(grace) => executor.grace(grace),
        None => executor,
    }
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn several_threads() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

fn on_a_worker(task: Task) {
    let runtime = several_threads();
    runtime.block_on(runtime.spawn(task)).unwrap();
}

async fn with_reaper(reaper: fn() -> Reaper, task: Task) {
    let reaper = reaper();
    reaper.install();
    task.await;
    reaper.join().await;
    Reaper::uninstall();
}

fn shut_tokio_down(runtime: Runtime, program: Program, servers: &[Arc<Server>]) {
    runtime.block_on(async {
        Reaper::tokio().install();
        let (program, is_polled) = told_of_its_poll(program);
        drop(tokio::spawn(program));
        until(&is_polled).await;
    });
    drop(runtime);
    Reaper::uninstall();
    answer(servers);
}

fn answer(servers: &[Arc<Server>]) {
    for server in servers {
        server.set_slow(false);
    }
}

/// A program that tells of its first poll.
fn told_of_its_poll(
    mut program: Program,
) -> (
    impl Future<Output = Result<(), Failure>> + Send,
    Arc<AtomicBool>,
) {
    let is_polled = Arc::new(AtomicBool::new(false));
    let told = is_polled.clone();
    let program = std::future::poll_fn(move |cx| {
        let polled: Poll<_> = program.as_mut().poll(cx);
        told.store(true, Ordering::SeqCst);
        polled
    });
    (program, is_polled)
}

async fn until(is_true: &AtomicBool) {
    while !is_true.load(Ordering::SeqCst) {
        yield_once().await;
    }
}
