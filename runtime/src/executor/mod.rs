//! The executor: one thread, a queue and a clock.
//!
//! # Words
//!
//! - **Run**: one call of `block_on`, with tasks, timers and a clock of its own. Runs nest.
//! - **Main future**: the one that `block_on` was given. It lies on the stack, and is no task.
//! - **Task**: a spawned future, with the scope that cancels it and the sink for its result.
//! - **Block**: the memory of one task. It is used again when the task is over.
//! - **Header**: the front of a block, which is the same for every task.
//! - **Arena**: the blocks of a run, and what its wakers need: the ready queue and the inbox.
//! - **Ready queue**: the tasks that are to be polled, first come, first served.
//! - **Inbox**: the tasks that other threads have woken. The run moves them to the ready queue.
//! - **Turn**: taking a block out of the ready queue, and what follows: most often a poll.
//! - **Sink**: takes the result of a task. It may leave it in the block, for a handle.
//! - **Handle**: what `spawn` returns. The task is *held* as long as there is one.
//! - **Joiner**: the waker of whoever awaits the handle.
//! - **Plain** task: a poll is all there is to do. It was not told to stop, and nothing is
//!   recorded.
//! - **Fast** arena: that of the innermost run of the thread, if nothing is recorded of it.
//! - **Lane**: where a run is recorded in a [`Timeline`](crate::Timeline).
//!
//! # The life of a task
//!
//! ```text
//!          1. begin         2. its turn      4. ready, panicked,         5. result taken,
//!                                           cancelled or aborted           or not wanted
//!   free ──────────▶ queued ──────────▶ polled ──────▶ gone ─────▶ ended ─────────▶ free
//!                      ▲                  │ pending
//!                      │    3. wake       ▼
//!                      └─────────────  waiting
//! ```
//!
//! 1. [`spawn()`] takes a free block of the right size from the arena of the innermost run, and
//!    writes a header, the sink and the future into it (`cell::begin`). The block that was freed
//!    last is taken first; if none is free, memory is allocated for many at once.
//! 2. The [loop](run) takes the first block out of the ready queue (`transition_to_polled`), and
//!    calls the function in the header that knows the type of the future. This polls it inside the
//!    scope of the task, and catches panics. When the queue is empty, and after at most 64 turns,
//!    the loop looks at timers and at the inbox; if there is nothing to do, the thread parks. The
//!    longer polls take, and the nearer a timer is, the sooner it looks (`clocks::pace`).
//! 3. A waker is a pointer to the block. Where its arena is fast, a wake appends the block to the
//!    ready queue (`transition_to_queued`), and neither that nor a clone of the waker is a locked
//!    instruction. On other threads, a wake pushes the block into the inbox, and the first to come
//!    in unparks the run.
//! 4. The future is dropped where it is (`transition_to_gone`), and the result delivered to the
//!    sink (`transition_to_ended`).
//! 5. The block is free when the handle is gone too, and the ready queue does not hold it.
//!
//! When the main future is ready, the remaining tasks are cancelled, and their exits awaited: see
//! [`shutdown`].
//!
//! # Invariants
//!
//! The `unsafe` code in [`raw`] and [`task`] depends on these.
//!
//! 1. An arena lives as long as there is a reference to it: the run's own, one for each handle, and
//!    one for each waker that is not borrowed. A block and its header live as long as the arena,
//!    whatever became of the task.
//! 2. Everything in an arena belongs to the thread of its run, but for the counts of references,
//!    the inbox with its links, and what never changes. Other threads wake, retain and release.
//! 3. A run polls one task at a time, and only the loop takes turns. So a task that is live and not
//!    marked as polled is touched by nobody.
//! 4. The future is in its block while the task is live. It is dropped once, there, by whoever has
//!    made the task gone. The sink is there until it takes the result. The result is in the block
//!    while the header says so, and is read once.
//! 5. No task outlives its run: the end of the run drops what remains. Where a panic has kept a run
//!    from its end, its memory is never given back, for the futures in it are pinned.
//! 6. A block is in one list at most: the ready queue while it is queued, or that of the free
//!    blocks. The inbox has links of its own.
//!
//! A late waker wakes whatever is in its block by then. That is harmless: a task may be polled at
//! any time.

mod block_on;
mod join_handle;
#[expect(
    unsafe_code,
    reason = "memory that is used again, and wakers that are pointers into it"
)]
mod raw;
mod run;
mod shutdown;
mod spawn;
#[expect(
    unsafe_code,
    reason = "futures of any type, in blocks that do not know it"
)]
mod task;
#[cfg(test)]
mod tests;

pub use block_on::{Executor, block_on};
pub use join_handle::JoinHandle;
pub(crate) use spawn::{running, spawn_into};
pub use spawn::{spawn, spawn_named};
pub(crate) use task::{HeldTask, ResultSlot, Sink, TaskRef};
