//! Write transactions of redb, in files and in memory.

#![cfg(feature = "redb")]

mod alone;
mod sendable;
mod waits;
mod write;

use std::sync::Arc;

use redb::{Database, Error, ReadableDatabase, TableDefinition, TableError, WriteTransaction};

const ROWS: TableDefinition<u64, ()> = TableDefinition::new("rows");

/// A database in memory.
fn database() -> Arc<Database> {
    let backend = redb::backends::InMemoryBackend::new();
    Arc::new(Database::builder().create_with_backend(backend).unwrap())
}

fn insert(row: u64) -> impl FnOnce(&WriteTransaction) -> Result<(), Error> {
    move |tx| {
        tx.open_table(ROWS)?.insert(row, ())?;
        Ok(())
    }
}

/// The rows that are committed.
fn rows(db: &Database) -> Vec<u64> {
    match db.begin_read().unwrap().open_table(ROWS) {
        Ok(table) => {
            let rows = table.range::<u64>(..).unwrap();
            rows.map(|row| row.unwrap().0.value()).collect()
        }
        Err(TableError::TableDoesNotExist(_)) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

/// Whether nobody writes.
fn is_free(db: &Database) -> bool {
    db.try_begin_write().is_ok()
}

async fn until_free(db: &Database, what: &str) {
    forwith_testing::until(&format!("the writer: {what}"), async || {
        is_free(db).then_some(()).ok_or("taken")
    })
    .await;
}
