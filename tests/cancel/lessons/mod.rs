//! Lessons of other languages and libraries about cancellation and resources. Each names its
//! source.
//!
//! A comment says where this crate differs from the source.

mod anyio;
mod cats_effect;
mod csharp;
mod effect;
mod groups;
mod kotlin;
mod python;
mod rust;
mod test262;
mod trio;

use std::cell::RefCell;
use std::time::Duration;

use forwith::{AsyncExit, Handoff, Outcome, async_with};
use tokio::time::{Instant, sleep};

use crate::common::{Failure, Trace, hook};

/// Enters a resource and waits for ever.
async fn stays(trace: &Trace, name: &'static str) -> Result<(), Failure> {
    async_with!(trace.open(name), { std::future::pending().await })
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Collects the exit errors of this thread from here on.
fn listen() {
    hook::set(|told| {
        let line = format!("{:?}: {}", hook::Kind::of(told), hook::shown(told));
        TOLD.with_borrow_mut(|all| all.push(line));
    });
    TOLD.take();
}

/// Takes the collected exit errors.
fn told() -> Vec<String> {
    TOLD.take()
}

/// A trace with times.
#[derive(Clone)]
struct Log {
    trace: Trace,
    begun: Instant,
}

impl Log {
    fn new() -> Self {
        Log {
            trace: Trace::new(),
            begun: Instant::now(),
        }
    }

    fn note(&self, what: &str) {
        let now = self.begun.elapsed().as_secs();
        self.trace.note(format!("{now} s: {what}"));
    }

    /// Begins a transaction, which takes a second to begin and a second to end.
    async fn begin(&self) -> Result<Transaction, Failure> {
        sleep(seconds(1)).await;
        self.note("begun");
        Ok(Transaction(self.clone()))
    }

    /// Holds a transaction for ever.
    async fn stays(&self) -> Result<(), Failure> {
        async_with!(self.begin(), { std::future::pending().await })
    }
}

struct Transaction(Log);

impl AsyncExit for Transaction {
    type Error = Failure;

    async fn exit(self, outcome: Outcome<'_>) -> Result<(), Failure> {
        let committed = outcome.is_completed();
        sleep(seconds(1)).await;
        let what = if committed {
            "committed"
        } else {
            "rolled back"
        };
        self.0.note(what);
        Ok(())
    }

    fn abandon(self, handoff: Handoff<'_>) {
        if handoff.has_reaper() {
            self.0.note("handed over");
            handoff.run(self.exit(Outcome::Cancelled));
        } else {
            self.0.note("left open");
        }
    }
}
