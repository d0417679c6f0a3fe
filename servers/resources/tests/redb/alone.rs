//! The library by itself: what it does to make the resource necessary.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use forwith::async_with;
use forwith_resources::redb::write;
use redb::{Database, Error, TransactionError};

use super::{insert, rows};
use forwith_testing::strike::caught;

/// Whether the database is repaired when it is opened.
fn is_repaired(path: &Path) -> bool {
    let is_repaired = Arc::new(AtomicBool::new(false));
    let told = is_repaired.clone();
    let mut builder = Database::builder();
    builder.set_repair_callback(move |_| told.store(true, Ordering::Relaxed));
    assert_eq!(rows(&builder.open(path).unwrap()), [1]);
    is_repaired.load(Ordering::Relaxed)
}

#[tokio::test]
async fn transaction_of_redb_that_a_panic_drops_needs_a_repair() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let db = Arc::new(Database::create(&path).unwrap());
    let tx = db.begin_write().unwrap();
    insert(1)(&tx).unwrap();
    tx.commit().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let tx = db.begin_write().unwrap();
        insert(2)(&tx).unwrap();
        panic!("with a transaction");
    }));
    assert!(panicked.is_err());
    drop(db);
    assert!(
        is_repaired(&path),
        "this release of redb rolls a transaction back that is dropped by a panic (4.6.0 does \
         not, and repairs the file when it is opened again): change the row in the README"
    );

    let db = Arc::new(Database::open(&path).unwrap());
    let work = async {
        async_with!(write(&db) as tx, {
            tx.run(insert(2)).await?;
            panic!("with a transaction");
            #[allow(unreachable_code)]
            Ok::<(), Error>(())
        })?
    };
    assert!(caught(async { drop(work.await) }).await.is_some());
    drop(db);
    assert!(!is_repaired(&path));
}

/// Without this, `write` need not have a thread.
#[test]
fn writer_of_redb_is_waited_for_on_the_thread() {
    let db = super::database();
    let tx = db.begin_write().unwrap();
    assert!(matches!(
        db.try_begin_write(),
        Err(TransactionError::WouldBlock)
    ));
    tx.abort().unwrap();
    assert!(super::is_free(&db));
}

/// Its documentation says that new transactions may begin. Nothing can be done about this from
/// outside.
#[test]
fn transaction_of_redb_with_a_table_that_was_leaked_is_never_over() {
    let db = super::database();
    let tx = db.begin_write().unwrap();
    std::mem::forget(tx.open_table(super::ROWS).unwrap());
    assert!(matches!(
        tx.commit(),
        Err(redb::CommitError::TransactionPoisoned)
    ));
    assert!(
        !super::is_free(&db),
        "this release of redb lets a writer begin behind one that has leaked a table (4.6.0 does \
         not): change the README"
    );
}
