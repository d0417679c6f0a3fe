//! The task that closes the books.

use forwith::{AsyncEnterExt, async_with};
use forwith_resources::redis::lock;
use forwith_resources::sqlx::transaction;
use tokio::time::interval;

use crate::bank::{Bank, CLOSING_LOCK, CLOSING_PERIOD, Error, add_closing};

/// Closes the books again and again, until the shutdown cancels it.
pub async fn close_books(bank: Bank) {
    let mut turns = interval(CLOSING_PERIOD);
    loop {
        turns.tick().await;
        if let Err(error) = close(&bank).await {
            tracing::warn!(%error, "the books are not closed");
        }
    }
}

/// Closes them once, unless another machine is at it.
async fn close(bank: &Bank) -> Result<(), Error> {
    let lock = lock(&bank.redis, CLOSING_LOCK).try_lock();
    async_with!(lock.error_into::<Error>() as lock, {
        if lock.is_none() {
            return Ok(());
        }
        let transaction = transaction(&bank.pool).unchecked_commit();
        async_with!(transaction.error_into::<Error>() as tx, {
            add_closing(tx.conn()).await?;
        })?;
    })
}
