//! The enter of a write transaction.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use forwith::AsyncEnter;
use forwith::resource::OwnedEnter;
use redb::{Database, Durability, Error, WriteTransaction};
use tokio::sync::oneshot;

use super::HeldWrite;
use super::transaction::CallIn;
use crate::off_thread::{Jobs, Reply, UNDO_LIMIT, off_thread, turn};

/// Begins a write transaction.
///
/// The body gets a [`HeldWrite`], which derefs to the [`WriteTransaction`].
///
/// There is one writer at a time. So a body that enters another write transaction of the same
/// database waits for itself, without end.
///
/// # Errors
///
/// Those of [`Database::begin_write`], and an [`Error::Io`] if there is no thread to be had.
///
/// # Cancel safety
///
/// It may be cancelled or dropped while it waits, and nothing is lost.
pub fn write(db: &Arc<Database>) -> BeginWrite {
    BeginWrite {
        db: db.clone(),
        settings: Settings {
            durability: Durability::Immediate,
            is_two_phase: false,
            is_quick_repair: false,
        },
        limit: UNDO_LIMIT,
    }
}

/// An enter of a write transaction, from [`write`](write()).
#[must_use = "nothing is done until `async_with!` enters it: `async_with!(… as name, { … })`"]
pub struct BeginWrite {
    db: Arc<Database>,
    settings: Settings,
    limit: Duration,
}

#[derive(Clone, Copy)]
struct Settings {
    durability: Durability,
    is_two_phase: bool,
    is_quick_repair: bool,
}

impl BeginWrite {
    /// Sets how durable the commit is, as [`WriteTransaction::set_durability`] does.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// Commits in two phases, as [`WriteTransaction::set_two_phase_commit`] does.
    pub fn two_phase_commit(mut self) -> Self {
        self.settings.is_two_phase = true;
        self
    }

    /// Commits so that a repair is quick, as [`WriteTransaction::set_quick_repair`] does.
    pub fn quick_repair(mut self) -> Self {
        self.settings.is_quick_repair = true;
        self
    }

    /// Bounds the wait for an abort; otherwise that is 5 seconds.
    ///
    /// An abort waits for the call that runs in the transaction. When the time is over, the exit
    /// fails with [`TimedOut`](std::io::ErrorKind::TimedOut), and the thread aborts when the call
    /// has ended. Until then nobody else can write.
    pub fn abort_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn begin(self) -> Result<HeldWrite, Error> {
        let BeginWrite {
            db,
            settings,
            limit,
        } = self;
        let turn = turn(&db).await;
        let (thread, jobs) = off_thread();
        let (reply, begun) = oneshot::channel();
        thread::Builder::new()
            .name("redb writer".into())
            .spawn(move || {
                let end = settings.serve(&db, &jobs, reply);
                drop((db, turn)); // the next one can begin when the block has ended
                if let Some((ended, reply)) = end {
                    let _ = reply.send(ended);
                }
            })?;
        let tx = Reply(begun).get().await?;
        Ok(HeldWrite::new(tx, thread, limit))
    }
}

type Begun = thread::Result<Result<Arc<WriteTransaction>, Error>>;
type Ended = thread::Result<Result<(), Error>>;

impl Settings {
    fn begin(self, db: &Database) -> Result<WriteTransaction, Error> {
        let mut tx = db.begin_write()?;
        tx.set_durability(self.durability)?;
        tx.set_two_phase_commit(self.is_two_phase);
        tx.set_quick_repair(self.is_quick_repair);
        Ok(tx)
    }

    /// The whole life of a transaction.
    fn serve(
        self,
        db: &Database,
        jobs: &Jobs<CallIn, Error>,
        reply: oneshot::Sender<Begun>,
    ) -> Option<(Ended, oneshot::Sender<Ended>)> {
        let begun = catch_unwind(AssertUnwindSafe(|| self.begin(db).map(Arc::new)));
        let tx = match &begun {
            Ok(Ok(tx)) => Some(tx.clone()),
            _ => None,
        };
        drop(reply.send(begun)); // if nobody waits any more, there are no jobs
        let tx = tx?;
        let end = jobs.serve(|call| call(&tx));
        // The handle gives its own up before it asks for the end, or closes the jobs.
        let tx = Arc::into_inner(tx)?;
        let commits = matches!(end, Some((true, _)));
        let ended = catch_unwind(AssertUnwindSafe(|| {
            if commits {
                Ok(tx.commit()?)
            } else {
                Ok(tx.abort()?)
            }
        }));
        end.map(|(_, reply)| (ended, reply))
    }
}

#[diagnostic::do_not_recommend]
impl AsyncEnter for BeginWrite {
    type Resource = HeldWrite;

    fn enter(self) -> impl Future<Output = Result<HeldWrite, Error>> {
        self.begin()
    }
}

#[diagnostic::do_not_recommend]
impl OwnedEnter for BeginWrite {
    fn enter_owned(self) -> impl Future<Output = Result<HeldWrite, Error>> + Send + 'static {
        self.begin()
    }
}

impl fmt::Debug for BeginWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginWrite").finish_non_exhaustive()
    }
}
