//! Other threads, which wake, clone and drop wakers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::task::Waker;
use std::thread;

/// A job for another thread.
pub enum Job {
    Wake(Waker),
    WakeByRef(Waker),
    Clone(Waker),
    /// Sets the flag, and wakes.
    Tell(Arc<AtomicBool>, Waker),
}

impl Job {
    fn run(self) {
        match self {
            Job::Wake(waker) => waker.wake(),
            Job::WakeByRef(waker) => waker.wake_by_ref(),
            Job::Clone(waker) => {
                let clone = waker.clone();
                drop(waker);
                clone.wake();
            }
            Job::Tell(word, waker) => {
                word.store(true, Ordering::Relaxed);
                waker.wake();
            }
        }
    }
}

static JOBS: Mutex<Vec<Job>> = Mutex::new(Vec::new());
static COME: Condvar = Condvar::new();
/// The number of unfinished jobs.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Gives a job to another thread, which does it at any time.
pub fn elsewhere(job: Job) {
    static START: Once = Once::new();
    START.call_once(|| {
        for _ in 0..2 {
            thread::spawn(work);
        }
    });
    OPEN.fetch_add(1, Ordering::SeqCst);
    JOBS.lock().unwrap().push(job);
    COME.notify_one();
}

fn work() {
    loop {
        let jobs = JOBS.lock().unwrap();
        let job = COME.wait_while(jobs, |jobs| jobs.is_empty()).unwrap().pop();
        job.into_iter().for_each(Job::run);
        OPEN.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits until all jobs are done.
pub fn rest() {
    while OPEN.load(Ordering::SeqCst) > 0 {
        thread::yield_now();
    }
}
