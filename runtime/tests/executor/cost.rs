//! The allocations and bytes of a task, which are the same in every run.

use std::future::{pending, ready};
use std::hint::black_box;
use std::time::Duration;

use allocation_counter::measure;
use forwith_runtime::time::Sleep;
use forwith_runtime::{Executor, JoinHandle, block_on, gather, sleep, spawn, yield_now};

/// The number of allocations of a program that awaits `again` so many times.
fn allocations<F: Future<Output = ()>>(times: usize, again: impl Fn() -> F) -> u64 {
    let program = || {
        Executor::with_virtual_clock().block_on(async {
            for _ in 0..times {
                again().await;
            }
        });
    };
    program(); // What a thread allocates once, it has then.
    measure(program).count_total
}

#[test]
fn second_task_allocates_nothing() {
    let join = || async {
        let task = spawn(async {
            yield_now().await;
            black_box(1)
        });
        assert_eq!(task.await.unwrap(), 1);
    };
    assert_eq!(allocations(1, join), allocations(1_000, join));
}

#[test]
fn ended_tasks_blocks_are_used_again() {
    let end = || async {
        let tasks = [(); 3].map(|()| spawn(pending::<()>()));
        tasks[0].abort();
        tasks[1].cancel();
        yield_now().await;
        drop(tasks); // The third is cancelled at the end: its block is not free before.
    };
    let each = (allocations(2_000, end) - allocations(1_000, end)) / 1_000;
    assert_eq!(each, 0, "but for a slab now and then");
}

#[test]
fn gather_allocates_equally_for_any_number() {
    let few = allocations(1, || async { drop(gather((0..10).map(ready)).await) });
    let many = allocations(1, || async { drop(gather((0..1_000).map(ready)).await) });
    // More tasks take more slabs, which double in size.
    assert!(many <= few + 20, "{few} and {many}");
}

#[test]
fn second_timer_allocates_nothing() {
    let wait = || sleep(Duration::from_millis(1));
    assert_eq!(allocations(10, wait), allocations(1_000, wait));
}

#[test]
fn sleep_takes_at_most_64_bytes() {
    let bytes = size_of::<Sleep>();
    assert!(bytes <= 64, "{bytes}");
}

#[test]
fn task_takes_at_most_96_bytes_of_its_own() {
    const TASKS: usize = 100_000;
    let waits = |n: usize| async move {
        pending::<()>().await;
        black_box(n);
    };
    let known = size_of_val(&waits(0)) + size_of::<JoinHandle<()>>();
    let bytes = |tasks: usize| {
        let program = async {
            let handles: Vec<_> = (0..tasks).map(|n| spawn(waits(n))).collect();
            yield_now().await;
            handles.iter().for_each(JoinHandle::abort);
        };
        let measured = measure(|| block_on(program));
        usize::try_from(measured.bytes_max).expect("it is not that much")
    };
    let each = (bytes(TASKS) - bytes(0)) / TASKS;
    assert!(each <= known + 96, "{each} of which {known} are known");
}
