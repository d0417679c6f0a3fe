//! Work on a thread of its own, for transactions that must wait where they are.
//!
//! A thread and not the blocking pool: those that wait for the one writer would fill the pool, and
//! the writer that they wait for could not commit.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How long an exit waits for the call in flight and for the undoing, unless it is told otherwise.
pub(crate) const UNDO_LIMIT: Duration = Duration::from_secs(5);

/// Where the end of a transaction is told.
pub(crate) type Ended<E> = oneshot::Sender<thread::Result<Result<(), E>>>;

/// What the thread of a transaction is asked to do: a call, or the end.
pub(crate) enum Job<C, E> {
    Call(C),
    /// Commits, or undoes everything, and says how that went.
    End {
        commits: bool,
        reply: Ended<E>,
    },
}

/// The thread of a transaction, as its handle sees it. When this is dropped, the thread undoes
/// everything once it has done its call.
pub(crate) struct OffThread<C, E> {
    jobs: Sender<Job<C, E>>,
    /// Whether calls that have not begun are skipped.
    is_undoing: Arc<AtomicBool>,
    has_end: bool,
}

/// The thread of a transaction, as it sees itself.
pub(crate) struct Jobs<C, E> {
    jobs: Receiver<Job<C, E>>,
    is_undoing: Arc<AtomicBool>,
}

pub(crate) fn off_thread<C, E>() -> (OffThread<C, E>, Jobs<C, E>) {
    let (sender, jobs) = std::sync::mpsc::channel();
    let is_undoing = Arc::new(AtomicBool::new(false));
    let thread = OffThread {
        jobs: sender,
        is_undoing: is_undoing.clone(),
        has_end: false,
    };
    (thread, Jobs { jobs, is_undoing })
}

impl<C, E> Jobs<C, E> {
    /// Does the calls in turn, and gives the end that is asked for, if it is.
    pub(crate) fn serve(&self, mut call: impl FnMut(C)) -> Option<(bool, Ended<E>)> {
        for job in &self.jobs {
            match job {
                Job::End { commits, reply } => return Some((commits, reply)),
                Job::Call(_) if self.is_undoing.load(Ordering::Acquire) => {}
                Job::Call(job) => call(job),
            }
        }
        None
    }
}

impl<C, E> OffThread<C, E> {
    /// Queues a call behind those before it.
    pub(crate) fn call(&self, call: C) {
        // The thread ends behind the handle. If it has panicked, the reply says so.
        let _ = self.jobs.send(Job::Call(call));
    }

    /// Asks for the end, behind the calls before it if it commits.
    pub(crate) fn end(mut self, commits: bool) -> Reply<Result<(), E>> {
        self.has_end = true;
        self.is_undoing.store(!commits, Ordering::Release);
        let (reply, receiver) = oneshot::channel();
        let _ = self.jobs.send(Job::End { commits, reply });
        Reply(receiver)
    }
}

impl<C, E> Drop for OffThread<C, E> {
    fn drop(&mut self) {
        if !self.has_end {
            self.is_undoing.store(true, Ordering::Release);
        }
    }
}

/// An answer that a thread gives.
pub(crate) struct Reply<T>(pub(crate) oneshot::Receiver<thread::Result<T>>);

impl<T> Reply<T> {
    /// Waits for it, and resumes the panic if there was one.
    pub(crate) async fn get(self) -> T {
        match self.0.await {
            Ok(Ok(value)) => value,
            Ok(Err(payload)) => resume_unwind(payload),
            Err(error) => panic!("the thread of the transaction has ended: {error}"),
        }
    }
}

/// Calls, and hands a panic on. The future that waits may be gone.
pub(crate) fn answer<T>(reply: oneshot::Sender<thread::Result<T>>, call: impl FnOnce() -> T) {
    let _ = reply.send(catch_unwind(AssertUnwindSafe(call)));
}

/// A place in the queue of those who want the same writer. Nobody waits on a thread while another
/// user of this crate has it.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _queue: Arc<Queue>,
}

struct Queue {
    turns: Arc<Semaphore>,
    address: usize,
}

/// The queues that are in use, by the address of what they wait for.
static QUEUES: Mutex<BTreeMap<usize, Weak<Queue>>> = Mutex::new(BTreeMap::new());

impl Queue {
    /// The queue of this allocation. It must be kept while the queue is used: then its address is
    /// that of nothing else.
    fn of<T: ?Sized>(writer: &Arc<T>) -> Arc<Queue> {
        let address = Arc::as_ptr(writer).cast::<()>().addr();
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&address).and_then(Weak::upgrade) {
            return queue;
        }
        let turns = Arc::new(Semaphore::new(1));
        let queue = Arc::new(Queue { turns, address });
        queues.insert(address, Arc::downgrade(&queue));
        queue
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        // Another one may have come in the meantime.
        if let Some(0) = queues.get(&self.address).map(Weak::strong_count) {
            queues.remove(&self.address);
        }
    }
}

/// Waits for the turn at a writer.
pub(crate) async fn turn<T: ?Sized>(writer: &Arc<T>) -> Turn {
    let queue = Queue::of(writer);
    let permit = queue.turns.clone().acquire_owned().await;
    Turn {
        _permit: permit.expect("nobody closes it"),
        _queue: queue,
    }
}

impl<C, E> fmt::Debug for OffThread<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffThread").finish_non_exhaustive()
    }
}
