//! The task that closes the books.

use tokio::time::interval;

use super::lock::Lock;
use crate::bank::{Bank, CLOSING_LOCK, CLOSING_PERIOD, Error, add_closing};

/// Closes the books again and again.
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
    let Some(lock) = Lock::try_take(&bank.redis, CLOSING_LOCK).await? else {
        return Ok(());
    };
    let closed = under_lock(bank).await;
    lock.release().await?;
    closed
}

async fn under_lock(bank: &Bank) -> Result<(), Error> {
    let mut tx = bank.pool.begin().await?;
    add_closing(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}
