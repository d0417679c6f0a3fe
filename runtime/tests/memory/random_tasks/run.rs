//! Runs of executors, nested and in sequence.

use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use forwith_runtime::{Executor, Timeline, block_on, sleep, timeout, yield_now};

use super::pool;
use super::probe::{WORLD, act, bang, contain, told_elsewhere};
use super::world::{Seen, World};
use crate::counting::allocations;

/// Runs an executor inside the running ones.
pub fn run(world: &Rc<World>) {
    let number = world.seen.get().runs;
    world.count(|seen| seen.runs += 1);
    let mut executor = Executor::with_virtual_clock();
    if world.below(3) == 0 {
        executor = executor.grace(Duration::from_millis(2 * u64::from(world.below(2) == 0)));
    }
    if world.below(6) == 0 {
        executor = executor.record(&Timeline::new());
    }
    world.runs.borrow_mut().push(number);
    contain(|| executor.block_on(main(world, number)));
    world.runs.borrow_mut().pop();
}

/// The main future of a run: does random things for a bounded time.
async fn main(world: &Rc<World>, run: usize) {
    for _ in 0..world.below(20) {
        act(world);
        match world.below(12) {
            0 => sleep(Duration::from_millis(1)).await,
            1 => told_elsewhere().await,
            2 => {
                if let Some((id, handle)) = world.any(&world.handles) {
                    let joined = timeout(Duration::from_millis(3), handle).await;
                    if let Ok(Ok(gift)) = joined {
                        world.is_fetched(id, &gift);
                    }
                }
            }
            _ => {}
        }
        yield_now().await;
        world.tick(run);
    }
    if world.below(10) == 0 {
        bang();
    }
}

/// Checks the remaining handles after the runs.
fn look_at_results(world: &Rc<World>) {
    while let Some((id, mut handle)) = world.any(&world.handles) {
        world.expect(handle.is_finished(), || {
            format!("the task of {id} has not ended")
        });
        contain(|| match world.below(4) {
            0 => {
                if let Ok(gift) = block_on(handle) {
                    world.is_fetched(id, &gift);
                }
            }
            1 => {
                handle.abort();
                let polled = std::pin::Pin::new(&mut handle);
                let polled = polled.poll(&mut Context::from_waker(Waker::noop()));
                let is_ready = matches!(polled, Poll::Ready(_));
                world.expect(is_ready, || format!("{id} has no result"));
            }
            _ => drop(handle),
        });
    }
}

/// Runs a whole program on a thread of its own, with a stack for nested calls with large futures.
/// Gives all that went wrong.
pub fn case(seed: u64) -> (Seen, Vec<String>) {
    let before = allocations();
    let (counts, mut wrong) = thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || program(seed))
        .unwrap()
        .join()
        .unwrap();
    let after = allocations() - usize::from(wrong.capacity() > 0);
    if after > before && counts.forgotten == 0 {
        wrong.push(format!("{before} allocations were live, and then {after}"));
    }
    (counts, wrong)
}

fn program(seed: u64) -> (Seen, Vec<String>) {
    let world = Rc::new(World::new(seed));
    WORLD.set(Rc::downgrade(&world));
    for _ in 0..=world.below(2) {
        run(&world);
        // Some handles remain for the next run.
        if world.below(3) > 0 {
            look_at_results(&world);
        }
    }
    look_at_results(&world);
    while let Some((_, waker)) = world.any(&world.wakers) {
        match world.below(3) {
            0 => waker.wake(),
            1 => pool::elsewhere(pool::Job::Wake(waker)),
            _ => drop(waker),
        }
    }
    pool::rest();
    world.over();
    world.all_is_gone();
    let (counts, mut wrong) = (world.seen.get(), world.wrong.take());
    if Rc::strong_count(&world) > 1 && counts.forgotten == 0 {
        wrong.push("somebody holds the world".into());
    }
    (counts, wrong)
}
