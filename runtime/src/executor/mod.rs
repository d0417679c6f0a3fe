//! The executor: one thread, a queue, and a clock.
//!
//! # The life of a task
//!
//! ```text
//!             spawn              its turn             ready, panicked,        the result is fetched,
//!                                                   cancelled or aborted       or nobody wants it
//!   free ───────────▶ ready ────────────▶ polled ───────────────────▶ over ────────────────────────▶ free
//!   block               ▲                   │ pending                                                block
//!                       │       wake        ▼
//!                       └───────────────  waits
//! ```
//!
//! - **Born.** [`spawn()`] takes a free block of the right size from the run's [arena], and writes into it a [header](task), the
//!   sink that the result is to go to, and the future. The next to be spawned takes the block that was freed last; only when none is
//!   free is memory asked for, and then for many at once.
//! - **Queued.** The ready queue is a list of blocks, each linked to the next by its header, first come, first served. A flag in the
//!   header says whether the task is in it, so it is in it once.
//! - **Polled.** The [loop](core) takes the first block from the queue, and polls what is in it by a function that the header points
//!   to: it alone knows the type of the future. It polls inside the task's cancellation scope, a word in the header, and catches
//!   panics. Every 64 polls, and when the queue is empty, it looks at timers and at other threads; if there is nothing to do, it parks.
//! - **Woken.** A waker is a pointer to the block. Where its run is the innermost of the thread, a wake appends the block to the queue,
//!   and neither that nor a clone of the waker is a locked instruction. On any other thread it goes into the arena's inbox, a list that
//!   needs no lock, and the first to come in unparks the executor.
//! - **Freed.** When the task is over its future is dropped where it is, and the result delivered. A [`JoinHandle`] finds it in the
//!   block, in the place of the future; then the block is free. Wakers do not keep it: one that comes late wakes whatever is in the
//!   block by then. That is harmless, for any task may be polled at any time.
//!
//! The memory of the blocks is given back when the run is over and the last waker gone.
//!
//! # At the end
//!
//! When the main future is ready, what is left is cancelled, and its exits are awaited: see [`end`].

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

pub use block_on::{Executor, block_on};
pub use join_handle::JoinHandle;
pub use spawn::{spawn, spawn_named};
pub(crate) use spawn::{spawn_held, spawn_into};
pub(crate) use task::{HeldTask, ResultSlot, Sink, TaskRef};
