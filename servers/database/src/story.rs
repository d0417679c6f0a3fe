//! The story that the example tells, on any of the databases and of the executors.

use forwith::{async_for, async_with};
use forwith_example_database::{Error, Pair};

use crate::scheduler::Scheduler;
use crate::store::{Client, Session, Store, Transaction, items};

/// How many writers store at once.
const WRITERS: usize = 3;

/// Stores the pairs, sees a transaction fail, and reads everything back. Returns the lines of a
/// report.
pub async fn tell<S: Store>(
    store: S,
    scheduler: impl Scheduler,
    pairs: Vec<Pair>,
) -> Result<Vec<String>, Error> {
    async_with!(store.connect() as db, {
        let mut report = vec![format!(
            "Up to {WRITERS} writers store {} pairs.",
            pairs.len()
        )];
        write(db, scheduler, pairs).await?;
        if let Err(reason) = lie(db).await? {
            report.push(format!("A transaction is rolled back: {reason}."));
        }
        report.extend(read(db, scheduler).await?);
        report
    })
}

/// Starts the writers, each a task with a share of the pairs, and awaits them.
async fn write<S: Session>(
    db: &S,
    scheduler: impl Scheduler,
    pairs: Vec<Pair>,
) -> Result<(), Error> {
    let share = pairs.len().div_ceil(WRITERS).max(1);
    let shares = pairs.chunks(share).map(<[Pair]>::to_vec);
    let writers = (1..).zip(shares).map(|(n, share)| {
        let write = write_share(db.client(), scheduler, share);
        scheduler.spawn_writer(n, write)
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    Ok(())
}

async fn write_share(
    client: impl Client,
    scheduler: impl Scheduler,
    share: Vec<Pair>,
) -> Result<(), Error> {
    for (key, value) in share {
        client.set_key(&key, &value).await?;
        scheduler.note(format!("stored {key}"));
    }
    Ok(())
}

/// Fails in the middle of a transaction, which is rolled back.
async fn lie<S: Session>(db: &mut S) -> Result<Result<(), &'static str>, Error> {
    async_with!(db.begin() as tx, {
        tx.set_key("cow", "Quack!").await?;
        Err("a cow does not quack")
    })
}

/// Loops over the pairs; while a page is fetched, other tasks run.
async fn read<S: Session>(db: &S, scheduler: impl Scheduler) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    async_for!(for pair in items(db.client(), scheduler) {
        let (key, value) = pair?;
        lines.push(format!("  {key}: {value}"));
    });
    lines.insert(0, format!("{} pairs are read back:", lines.len()));
    Ok(lines)
}
