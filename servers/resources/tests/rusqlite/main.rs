//! Transactions of rusqlite, in files.

#![cfg(feature = "rusqlite")]

mod alone;
mod cut;
mod sendable;
mod transaction;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, Result, Transaction};
use tempfile::TempDir;

use forwith_testing::until;

/// A database in a file, and a connection that looks at it from outside.
struct Site {
    folder: TempDir,
    conn: Arc<Mutex<Connection>>,
    other: Connection,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let conn = open(&folder);
        conn.execute_batch("CREATE TABLE rows (row INTEGER UNIQUE)")
            .unwrap();
        let other = open(&folder);
        Site {
            folder,
            conn: Arc::new(Mutex::new(conn)),
            other,
        }
    }

    fn another(&self) -> Arc<Mutex<Connection>> {
        Arc::new(Mutex::new(open(&self.folder)))
    }

    /// The rows that are committed.
    fn rows(&self) -> Vec<i64> {
        let mut rows = self
            .other
            .prepare("SELECT row FROM rows ORDER BY 1")
            .unwrap();
        let rows = rows.query_map((), |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Fails if the connection or the lock on the database is taken.
    fn look(&self) -> Result<(), String> {
        let conn = self.conn.try_lock().map_err(|error| error.to_string())?;
        if !conn.is_autocommit() {
            return Err("in a transaction".into());
        }
        let free = self.other.execute_batch("BEGIN EXCLUSIVE; COMMIT");
        free.map_err(|error| error.to_string())
    }

    async fn until_free(&self, what: &str) {
        until(&format!("the connection: {what}"), async || self.look()).await;
    }
}

fn open(folder: &TempDir) -> Connection {
    let conn = Connection::open(folder.path().join("file")).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF").unwrap();
    conn
}

fn insert(row: i64) -> impl FnOnce(&mut Transaction<'_>) -> Result<()> {
    move |tx| {
        tx.execute("INSERT INTO rows VALUES (?1)", [row])?;
        Ok(())
    }
}

/// A statement that has no end.
fn for_ever(tx: &mut Transaction<'_>) -> Result<i64> {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                   SELECT count(*) FROM n";
    tx.query_row(endless, (), |row| row.get(0))
}
