//! A transaction of `mysql_async` on a pool.

use forwith::{AsyncEnterExt, ExitWith, async_with};
use mysql_async::prelude::Queryable;
use mysql_async::{Pool, Result, TxOpts};

/// Moves an amount from one account to another, or does nothing.
///
/// # Errors
///
/// Those of the pool and of the statements.
///
/// # Cancel safety
///
/// A call that is dropped midway leaves its answer to be read, so nothing more is said on its
/// connection: dropping the transaction gives it back, and the pool puts it in order. That is why
/// only a body that has failed by itself rolls back in words.
pub async fn pay(pool: &Pool, from: u32, to: u32, cents: i64) -> Result<()> {
    let pool = pool.clone();
    let begin = async move { pool.start_transaction(TxOpts::default()).await }
        .exit_with(async |tx, outcome| match outcome {
            outcome if outcome.is_completed() => tx.commit().await,
            forwith::OwnedOutcome::Failed => tx.rollback().await,
            _ => {
                drop(tx);
                Ok(())
            }
        })
        .outliving();

    async_with!(begin as tx, {
        let pay = "UPDATE accounts SET cents = cents + ? WHERE id = ?";
        tx.exec_drop(pay, (-cents, from)).await?;
        tx.exec_drop(pay, (cents, to)).await?;
    })
}
