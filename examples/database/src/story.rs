//! The story that the example tells, on any of the databases.

use std::time::Duration;

use forwith::{async_for, async_with};
use forwith_runtime::{sleep, spawn_named, timeline};

use crate::backend::{Backend, Client, Connection};
use crate::error::Error;
use crate::pairs::Pair;

/// How many writers store at once.
const WRITERS: usize = 3;

/// Stores the pairs, sees a transaction fail, and reads everything back. Returns the lines of a
/// report.
pub async fn tell(backend: &Backend, pairs: Vec<Pair>) -> Result<Vec<String>, Error> {
    let ticker = spawn_named("ticker", tick(backend.tick()));
    let report = async_with!(backend.connect() as db, {
        let mut report = vec![format!(
            "Up to {WRITERS} writers store {} pairs.",
            pairs.len()
        )];
        write(db, pairs).await?;
        if let Err(reason) = lie(db).await? {
            report.push(format!("A transaction is rolled back: {reason}."));
        }
        report.extend(read(db).await?);
        report
    })?;
    ticker.abort();
    Ok(report)
}

/// Notes each period: the scheduler runs this task while others wait for the database.
async fn tick(period: Duration) {
    for n in 1.. {
        sleep(period).await;
        timeline::note(format!("tick {n}"));
    }
}

/// Starts the writers, each a task with a share of the pairs, and awaits them.
async fn write(db: &Connection, pairs: Vec<Pair>) -> Result<(), Error> {
    let share = pairs.len().div_ceil(WRITERS).max(1);
    let shares = pairs.chunks(share).map(<[Pair]>::to_vec);
    let writers = (1..)
        .zip(shares)
        .map(|(n, share)| spawn_named(format!("writer {n}"), write_share(db.client(), share)));
    for writer in writers.collect::<Vec<_>>() {
        writer.await.map_err(Error::new)??;
    }
    Ok(())
}

async fn write_share(client: Client, share: Vec<Pair>) -> Result<(), Error> {
    for (key, value) in share {
        client.set_key(&key, &value).await?;
    }
    Ok(())
}

/// Fails in the middle of a transaction, which is rolled back.
async fn lie(db: &mut Connection) -> Result<Result<(), &'static str>, Error> {
    async_with!(db.begin() as tx, {
        tx.set_key("cow", "Quack!").await?;
        Err("a cow does not quack")
    })
}

/// Loops over the pairs; while a page is fetched, other tasks run.
async fn read(db: &Connection) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    async_for!(for pair in db.items() {
        let (key, value) = pair?;
        lines.push(format!("  {key}: {value}"));
    });
    lines.insert(0, format!("{} pairs are read back:", lines.len()));
    Ok(lines)
}
