//! The library by itself: what it does to make the resource necessary.

use super::{Site, insert};

/// Without this, `HeldTransaction::run` need not look whether there is a transaction.
#[test]
fn transaction_of_rusqlite_goes_on_without_one() {
    let site = Site::new();
    let mut conn = site.conn.lock().unwrap();
    let mut tx = conn.transaction().unwrap();
    insert(1)(&mut tx).unwrap();
    let failed = tx.execute_batch("INSERT OR ROLLBACK INTO rows VALUES (1)");
    assert!(failed.is_err());
    let written = insert(2)(&mut tx);
    drop(tx); // rolls back
    assert!(
        written.is_ok() && site.rows() == [2],
        "this release of rusqlite no longer writes through a transaction that SQLite has rolled \
         back (0.39.0 does): change the row in the README"
    );
}

/// Without this, an exit need not interrupt.
#[test]
fn transaction_of_rusqlite_holds_its_lock_while_a_statement_runs() {
    let site = Site::new();
    let mut conn = site.conn.lock().unwrap();
    let interrupt = conn.get_interrupt_handle();
    let tx = conn
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .unwrap();
    // Nothing runs, so this one is for nobody.
    interrupt.interrupt();
    tx.execute("INSERT INTO rows VALUES (1)", ()).unwrap();
    assert!(site.other.execute_batch("BEGIN IMMEDIATE").is_err());
    drop(tx);
    site.other
        .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        .unwrap();
}
